/* The users of an estate as the cache keeps them: made and renewed from the store's rows, ended with their
 * sockets. */
#include "chat/inside.h"

static struct sio_span text_part(const struct chat_user *user, size_t from, size_t bytes) {
    return sio_span_of(user->text + from, bytes);
}

struct chat_person chat_me(const struct chat_user *me) {
    return (struct chat_person){
        .id = me->id,
        .estate = me->estate->id,
        .role = me->role,
        .first_name = text_part(me, 0, me->first_name_bytes),
        .last_name = text_part(me, me->first_name_bytes, me->last_name_bytes),
        .picture_url = text_part(me, (size_t)me->first_name_bytes + me->last_name_bytes, me->picture_bytes),
    };
}

enum fault user_fault(const struct chat_user *user) {
    if (user->gone) return FAULT_ESTATE_CHANGED;
    return user->status == USER_ACTIVE ? FAULT_NONE : FAULT_USER_INACTIVE;
}

static bool text_is(const struct chat_user *user, const struct user_row *row) {
    struct chat_person now = chat_me(user);
    return user->text && sio_span_eq(now.first_name, row->first_name) &&
           sio_span_eq(now.last_name, row->last_name) && sio_span_eq(now.picture_url, row->picture_url);
}

static void user_set(struct chat_user *user, const struct user_row *row) {
    user->role = row->role;
    user->status = row->status;
    if (text_is(user, row)) return;
    free(user->text);
    user->first_name_bytes = (uint32_t)row->first_name.n;
    user->last_name_bytes = (uint32_t)row->last_name.n;
    user->picture_bytes = (uint32_t)row->picture_url.n;
    char *at = user->text = mem_alloc(row->first_name.n + row->last_name.n + row->picture_url.n + 1);
    const struct sio_span parts[] = {row->first_name, row->last_name, row->picture_url};
    for (size_t i = 0; i < 3; i++) {
        if (parts[i].n > 0) memcpy(at, parts[i].p, parts[i].n);
        at += parts[i].n;
    }
}

static struct chat_user *user_new(struct chat_estate *estate, const struct user_row *row) {
    struct chat_user *user = mem_new(struct chat_user);
    user->estate = estate;
    user->id = row->id;
    user->epoch =
        (uint32_t)sio_loop_now_ms(estate->loop); /* another one than before the estate left the cache */
    list_init(&user->in_online);
    list_init(&user->in_untold);
    list_init(&user->in_readers);
    list_init(&user->typing);
    map_put(&estate->users, uuid_span(&user->id), user);
    return user;
}

/* The user may do nothing any more: sockets, typing and presence end. */
static void user_end(struct chat_user *user, enum fault why) {
    struct chat_estate *estate = user->estate;
    if (user->connections > 0) estate->chat->out.user_revoked(estate->chat->out.ctx, &user->id, why);
    typing_end_all(user);
    presence_end(user);
    list_drop(user);
}

static void users_end_missing(struct chat_estate *estate, size_t missing) {
    struct chat_user **gone = mem_new_array(struct chat_user *, missing ? missing : 1);
    size_t n = 0;
    uint32_t cursor = 0;
    for (struct chat_user *user; (user = map_next(&estate->users, &cursor));)
        if (user->seen != estate->load_number) {
            must(n < missing);
            gone[n++] = user;
        }
    for (size_t i = 0; i < n; i++) {
        gone[i]->status = USER_SUSPENDED;
        user_end(gone[i], FAULT_ESTATE_CHANGED);
        map_del(&estate->users, uuid_span(&gone[i]->id));
        gone[i]->gone = true;
        user_free_if_gone(gone[i]);
    }
    free(gone);
}

void users_apply(struct chat_estate *estate, const struct user_row *rows, size_t count) {
    estate->load_number++;
    size_t seen = 0;
    for (size_t i = 0; i < count; i++) {
        struct chat_user *user = estate_user(estate, &rows[i].id);
        bool was_active = user && user->status == USER_ACTIVE;
        if (!user) user = user_new(estate, &rows[i]);
        if (user->seen != estate->load_number) seen++;
        user->seen = estate->load_number;
        user_set(user, &rows[i]);
        if (was_active && user->status != USER_ACTIVE) user_end(user, FAULT_USER_INACTIVE);
    }
    users_end_missing(estate, estate->users.count - seen);
}

bool chat_user_may(struct chat_user *me, unsigned bucket, const struct rate_limit *limit, uint32_t amount,
                   uint32_t *retry_after_ms) {
    must(bucket < CHAT_BUCKETS);
    uint32_t i = 0;
    while (i < me->bucket_count && me->buckets[i].number != bucket) i++;
    if (i == me->bucket_count) {
        me->buckets = mem_realloc(me->buckets, (i + 1) * sizeof(*me->buckets));
        me->buckets[me->bucket_count++] = (struct user_bucket){.number = bucket};
    }
    return rate_take_many(&me->buckets[i].bucket, limit, amount, estate_now(me->estate), retry_after_ms);
}

/* ---- the end ---- */

void user_free_if_gone(struct chat_user *user) {
    if (user->gone && user->in_flight == 0 && user->typing_count == 0 && list_empty(&user->in_untold))
        user_free(user);
}

void user_free(struct chat_user *user) {
    list_remove(&user->in_online);
    list_remove(&user->in_untold);
    list_free(user);
    free(user->buckets);
    free(user->text);
    free(user);
}
