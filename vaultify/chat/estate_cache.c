/* The estates of a loop: loaded at their first use, dropped when nobody has used them for a while. */
#include "chat/inside.h"

static void idle_fire(struct sio_timer *timer);

static struct sio_span key_span(const struct estate_key *key) { return sio_span_of(key, sizeof(*key)); }

/* ---- create ---- */

static struct chat_estate *estate_new(struct estate_loop *home, const struct estate_key *key) {
    struct chat_estate *estate = mem_new(struct chat_estate);
    estate->chat = home->chat;
    estate->home = home;
    estate->loop = home->loop;
    estate->key = *key;
    if (!key->alone) estate->id = key->id;
    estate->state = ESTATE_LOADING;
    map_init(&estate->users, NULL);
    map_init(&estate->conversations, NULL);
    list_init(&estate->idle_conversations);
    presence_init(&estate->presence);
    estate->used_ms = estate_now(estate);
    sio_timer_start(estate->loop, &estate->idle, home->chat->config.estate_idle_ms, idle_fire);
    return estate;
}

struct chat_estate *estate_cached(struct estate_loop *home, const struct estate_key *key) {
    return map_get(&home->estates, key_span(key));
}

struct chat_estate *estate_get(struct estate_loop *home, const struct estate_key *key) {
    struct chat_estate *estate = estate_cached(home, key);
    if (estate) return estate;
    estate = estate_new(home, key);
    map_put(&home->estates, key_span(&estate->key), estate);
    estate_load(estate);
    return estate;
}

struct chat_user *estate_user(const struct chat_estate *estate, const struct uuid *id) {
    return map_get(&estate->users, uuid_span(id));
}

struct chat_user *estate_active_user(const struct chat_estate *estate, const struct uuid *id) {
    struct chat_user *user = estate_user(estate, id);
    return user && user->status == USER_ACTIVE ? user : NULL;
}

/* ---- load ---- */

static void retry_fire(struct sio_timer *timer) {
    estate_load(container_of(timer, struct chat_estate, retry));
}

/* At the first load everybody who waits is told; later the users that are known stay, and it is tried again.
 */
static void load_failed(struct chat_estate *estate, enum fault fault) {
    sio_log_warn(estate->chat->config.log, "chat: an estate could not be loaded fault=%s", fault_code(fault));
    if (estate->state == ESTATE_RELOADING) {
        sio_timer_start(estate->loop, &estate->retry, RETRY_MS, retry_fire);
        return;
    }
    estate->state = ESTATE_FAILED;
    estate->failure = fault == FAULT_FORBIDDEN ? FAULT_INTERNAL : fault;
    estate_reloaded(estate);
    estate_serve_waiting(estate);
}

static void load_done(struct chat_estate *estate, const struct user_row *rows, size_t count,
                      const struct uuid *group) {
    bool reloading = estate->state == ESTATE_RELOADING;
    estate->state = ESTATE_READY;
    users_apply(estate, rows, count);
    /* A group is never unmade: a load that did not see it yet is older than what is known. */
    if (!uuid_is_nil(group)) estate->group = *group;
    estate->group_settled = false;
    if (reloading) conversations_outdated(estate);
    estate_reloaded(estate);
    estate_serve_waiting(estate);
}

static void load_end(struct chat_estate *estate, enum fault fault, const struct user_row *rows, size_t count,
                     const struct uuid *group) {
    bool vanished = fault == FAULT_FORBIDDEN || fault == FAULT_USER_UNKNOWN;
    if (estate->load_again)
        estate_load(estate);
    else if (fault == FAULT_NONE)
        load_done(estate, rows, count, group);
    else if (vanished && estate->state == ESTATE_RELOADING)
        load_done(estate, NULL, 0, &(struct uuid){0});
    else
        load_failed(estate, fault);
}

static void estate_loaded(struct store_op *op) {
    struct store_estate_load *load = container_of(op, struct store_estate_load, op);
    load_end(op->data, op->fault, load->users, load->user_count, &load->group);
    store_op_free(op);
}

/* Who has moved into an estate meanwhile is no user of this place any more. */
static void alone_loaded(struct store_op *op) {
    struct store_user_get *get = container_of(op, struct store_user_get, op);
    bool here = op->fault == FAULT_NONE && uuid_is_nil(&get->row.estate);
    load_end(op->data, op->fault, &get->row, here ? 1 : 0, &(struct uuid){0});
    store_op_free(op);
}

void estate_load(struct chat_estate *estate) {
    estate->load_again = false;
    if (estate->key.alone) {
        struct store_user_get *get = store_op_new(STORE_USER_GET, estate->loop, alone_loaded, estate);
        get->user = estate->key.id;
        store_submit(estate->chat->store, &get->op);
    } else {
        struct store_estate_load *load = store_op_new(STORE_ESTATE_LOAD, estate->loop, estate_loaded, estate);
        load->estate = estate->id;
        store_submit(estate->chat->store, &load->op);
    }
}

/* ---- the end ---- */

static bool estate_in_use(const struct chat_estate *estate) {
    return estate->state != ESTATE_READY || estate->waiting || estate->serving || estate->use_cases > 0 ||
           estate->live > 0 || estate->presence.connections > 0 || estate->presence.online_count > 0 ||
           !list_empty(&estate->presence.untold);
}

static void idle_fire(struct sio_timer *timer) {
    struct chat_estate *estate = container_of(timer, struct chat_estate, idle);
    uint64_t idle_ms = estate->chat->config.estate_idle_ms, age_ms = estate_now(estate) - estate->used_ms;
    if (age_ms < idle_ms)
        sio_timer_start(estate->loop, timer, idle_ms - age_ms, idle_fire);
    else if (estate_in_use(estate))
        sio_timer_start(estate->loop, timer, idle_ms, idle_fire);
    else
        estate_drop(estate);
}

void estate_drop(struct chat_estate *estate) {
    sio_timer_stop(estate->loop, &estate->idle);
    sio_timer_stop(estate->loop, &estate->retry);
    sio_timer_stop(estate->loop, &estate->presence.window);
    map_del(&estate->home->estates, key_span(&estate->key));
    estate_free(estate);
}

void estate_free(struct chat_estate *estate) {
    uint32_t cursor = 0;
    for (struct chat_user *user; (user = map_next(&estate->users, &cursor));) typing_free_all(user);
    conversations_free(estate);
    cursor = 0;
    for (struct chat_user *user; (user = map_next(&estate->users, &cursor));) user_free(user);
    map_fini(&estate->users);
    free(estate);
}
