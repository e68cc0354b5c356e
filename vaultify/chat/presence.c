/* Who is online: a user with at least one socket, or whose last one has gone less than the grace period ago.
 *
 *            first socket                 last socket gone
 *  OFFLINE ---------------> ONLINE  <--------------------------> ONLINE, grace runs
 *     ^      user_online                  another socket                |
 *     '-----------------------------------------------------------------'  grace over: user_offline
 */
#include <stdatomic.h>

#include "chat/inside.h"

void presence_init(struct presence *presence) {
    list_init(&presence->online);
    list_init(&presence->untold);
}

void presence_connected(struct chat_user *user) {
    if (user->online) return;
    struct presence *presence = &user->estate->presence;
    user->online = true;
    user->online_since = sio_loop_wall_ms(user->estate->loop);
    list_insert(&presence->online, &user->in_online);
    presence->online_count++;
    atomic_fetch_add_explicit(&user->estate->chat->online_count, 1, memory_order_relaxed);
    presence_changed(user);
}

static void offline(struct chat_user *user) {
    if (!user->online) return;
    user->online = false;
    list_remove(&user->in_online);
    user->estate->presence.online_count--;
    atomic_fetch_sub_explicit(&user->estate->chat->online_count, 1, memory_order_relaxed);
    typing_end_all(user);
    presence_changed(user);
    list_drop(user);
}

static void grace_over(struct sio_timer *timer) { offline(container_of(timer, struct chat_user, grace)); }

uint32_t chat_connection_epoch(const struct chat_user *me) { return me->epoch; }

void chat_confirms(struct chat_user *me, uint32_t epoch) {
    if (epoch == me->epoch && me->confirms < me->connections) me->confirms++;
}

void chat_disconnect(struct chat_user *me, uint32_t epoch, bool confirms, bool lost) {
    if (me->connections == 0 || epoch != me->epoch) return; /* ended with all others before (presence_end) */
    struct chat_estate *estate = me->estate;
    me->connections--;
    estate->presence.connections--;
    if (confirms && me->confirms > 0) me->confirms--;
    if (me->connections > 0) return;
    sio_timer_start(estate->loop, &me->grace, estate->chat->config.presence_grace_ms, grace_over);
    push_user_gone(me, lost);
}

void presence_end(struct chat_user *user) {
    struct chat_estate *estate = user->estate;
    sio_timer_stop(estate->loop, &user->grace);
    estate->presence.connections -= user->connections;
    if (user->connections > 0) push_user_gone(user, false);
    user->connections = user->confirms = 0;
    user->epoch++;
    offline(user);
}

uint64_t chat_online_count(const struct chat *chat) {
    return atomic_load_explicit(&chat->online_count, memory_order_relaxed);
}

void chat_online_users(struct chat_user *me, const struct uuid *estate, chat_online_done done, void *data) {
    enum fault fault = chat_check_estate(me, estate);
    if (fault == FAULT_NONE && !use_case_may_read(me)) fault = FAULT_BUSY;
    if (fault != FAULT_NONE) {
        done(fault, NULL, 0, data);
        return;
    }
    struct presence *presence = &me->estate->presence;
    struct chat_online *users = mem_new_array(struct chat_online, presence->online_count + (size_t)1);
    size_t n = 0;
    list_each (&presence->online, node) {
        struct chat_user *user = container_of(node, struct chat_user, in_online);
        users[n++] = (struct chat_online){.person = chat_me(user), .online_since = user->online_since};
    }
    done(FAULT_NONE, users, n, data);
    free(users);
}
