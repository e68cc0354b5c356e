/* How the world hears of presence without drowning in it: the first changes of a window one by one, the rest
 * in one digest at its end.
 *
 * A window opens with the first change and lasts a second at least. What it may deliver is its length times
 * presence_deliveries_per_s; each single event and the digest at its end cost one delivery for every socket
 * of the estate. So a single event goes out only while the digest still fits behind it, and in a large estate
 * the window lasts until the digest fits. A user whose state is again what was told last is forgotten:
 * nothing changed for the world. */
#include "chat/inside.h"

static uint64_t budget_per_s(const struct chat_estate *estate) {
    return estate->chat->config.presence_deliveries_per_s;
}

static void tell_alone(struct chat_user *user) {
    struct chat_estate *estate = user->estate;
    const struct chat_out *out = &estate->chat->out;
    int64_t at = sio_loop_wall_ms(estate->loop);
    struct chat_person person = chat_me(user);
    user->told_online = user->online;
    estate->presence.window_singles++;
    estate->presence.window_deliveries += estate->presence.connections;
    if (user->online)
        out->user_online(out->ctx, &estate->id, &person, at);
    else
        out->user_offline(out->ctx, &estate->id, &user->id, at);
}

static bool may_tell_alone(const struct chat_estate *estate) {
    const struct presence *p = &estate->presence;
    return p->window_singles < estate->chat->config.presence_events_per_s &&
           p->window_deliveries + 2 * (uint64_t)p->connections <= budget_per_s(estate);
}

/* ---- the window's end ---- */

/* Everybody in `untold` is told now; those above the limit are in the count only. */
static void digest_tell(struct chat_estate *estate) {
    struct presence *p = &estate->presence;
    const struct chat_out *out = &estate->chat->out;
    size_t max = estate->chat->config.presence_digest_max, online = 0, offline = 0;
    struct uuid *ids = mem_new_array(struct uuid, 2 * max + 1);
    list_each (&p->untold, node) {
        struct chat_user *user = container_of(node, struct chat_user, in_untold);
        user->told_online = user->online;
        if (user->online && online < max)
            ids[online++] = user->id;
        else if (!user->online && offline < max)
            ids[max + offline++] = user->id;
        list_remove(&user->in_untold);
        user_free_if_gone(user);
    }
    if (p->connections > 0)
        out->presence_digest(out->ctx, &estate->id, ids, online, ids + max, offline, p->online_count);
    free(ids);
}

/* How long the window must have lasted for a digest to fit. */
static uint64_t window_needs_ms(const struct chat_estate *estate) {
    uint64_t deliveries = estate->presence.window_deliveries + estate->presence.connections;
    uint64_t ms = (deliveries * 1000 + budget_per_s(estate) - 1) / budget_per_s(estate);
    return ms > SECOND_MS ? ms : SECOND_MS;
}

static void window_end(struct sio_timer *timer) {
    struct chat_estate *estate = container_of(timer, struct chat_estate, presence.window);
    if (list_empty(&estate->presence.untold)) return;
    uint64_t lasted = estate_now(estate) - estate->presence.window_start_ms, needed = window_needs_ms(estate);
    if (lasted < needed)
        sio_timer_start(estate->loop, timer, needed - lasted, window_end);
    else
        digest_tell(estate);
}

static void window_open(struct chat_estate *estate) {
    struct presence *p = &estate->presence;
    if (sio_timer_running(&p->window)) return;
    p->window_start_ms = estate_now(estate);
    p->window_singles = 0;
    p->window_deliveries = 0;
    sio_timer_start(estate->loop, &p->window, SECOND_MS, window_end);
}

/* ---- a change ---- */

void presence_changed(struct chat_user *user) {
    struct chat_estate *estate = user->estate;
    if (estate->key.alone) {
        user->told_online = user->online;
    } else if (user->told_online == user->online) {
        list_remove(&user->in_untold);
    } else {
        window_open(estate);
        if (may_tell_alone(estate))
            tell_alone(user);
        else
            list_insert(&estate->presence.untold, &user->in_untold);
    }
}
