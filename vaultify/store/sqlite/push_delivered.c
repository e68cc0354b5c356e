/* What has arrived, remembered; and users whose last socket has gone, whose watches need no second look, or one at once. */
#include "store/sqlite/push_delivered.h"

#include "base/mem.h"
#include "store/sqlite/ops.h"

/* ---- what has arrived ---- */

/* In memory alone: the worst that forgetting does is a push for a message that is there already. */
struct delivery {
    struct cache_entry entry; /* its id: both keys */
    uint64_t seq;
};

static struct uuid delivery_id(int64_t user_key, int64_t conversation_key) {
    struct uuid id;
    memcpy(id.b, &user_key, sizeof user_key);
    memcpy(id.b + sizeof user_key, &conversation_key, sizeof conversation_key);
    return id;
}

uint64_t push_delivered_seq(struct writer *w, int64_t user_key, int64_t conversation_key) {
    struct uuid id = delivery_id(user_key, conversation_key);
    struct cache_entry *known = cache_get(&w->deliveries, &id);
    return known ? container_of(known, struct delivery, entry)->seq : 0;
}

void push_delivered_note(struct writer *w, int64_t user_key, int64_t conversation_key, uint64_t seq) {
    if (!w->db.push_services) return;
    struct uuid id = delivery_id(user_key, conversation_key);
    struct cache_entry *known = cache_get(&w->deliveries, &id);
    if (!known) {
        struct delivery *new = mem_new(struct delivery);
        new->entry.id = id;
        known = &new->entry;
        cache_put(&w->deliveries, known);
    }
    struct delivery *delivery = container_of(known, struct delivery, entry);
    if (delivery->seq < seq) delivery->seq = seq;
}

/* ---- who has gone ---- */

static int watches_hurry(struct writer *w, int64_t user_key, bool lost) {
    struct query q = query_begin(&w->db, "UPDATE push_watches SET due_at = ?2"
                                         " WHERE user_key = ?1 AND due_at > ?2 AND (wait = ?3 OR ?4)");
    query_put_i64(&q, user_key);
    query_put_i64(&q, w->now);
    query_put_i64(&q, PUSH_AWAITS_ACK);
    query_put_i64(&q, lost);
    return query_run(&q) ? db_changes(&w->db) : 0;
}

/* Whose socket was closed in good order has got what was sent before. */
static void pings_forget(struct writer *w, int64_t user_key) {
    struct query q = query_begin(&w->db, "DELETE FROM push_watches WHERE user_key = ? AND wait = ?");
    query_put_i64(&q, user_key);
    query_put_i64(&q, PUSH_AWAITS_PING);
    query_run(&q);
}

enum fault write_push_user_gone(struct writer *w, struct store_op *base) {
    struct store_push_user_gone *op = (struct store_push_user_gone *)base;
    if (!w->push_pending) return FAULT_NONE;
    struct user_entry *user = writer_user(w, &op->user);
    if (!user) return FAULT_NONE;
    op->any = watches_hurry(w, user->key, op->lost) > 0;
    if (!op->lost) pings_forget(w, user->key);
    return FAULT_NONE;
}
