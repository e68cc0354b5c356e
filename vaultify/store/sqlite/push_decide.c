/* Writing down what was decided: watches and jobs, and how far each fan-out has got. */
#include "store/sqlite/ops.h"
#include "store/sqlite/push_cancel.h"
#include "store/sqlite/push_delivered.h"

/* Between the candidates and the decision the message may have been read or have arrived, or its reader gone, or be active
 * no more. */
static bool is_owed(struct writer *w, const struct push_decided *d) {
    if (push_delivered_seq(w, d->user_key, d->conversation_key) >= d->seq) return false;
    struct query q = query_begin(&w->db, "SELECT p.last_read_seq < ? FROM participants p CROSS JOIN users u"
                                         " USING (user_key) WHERE p.conversation_key = ? AND p.user_key = ?"
                                         " AND p.left_at = 0 AND u.status = 'active'");
    query_put_i64(&q, (int64_t)d->seq);
    query_put_i64(&q, d->conversation_key);
    query_put_i64(&q, d->user_key);
    bool owed = query_step(&q) && query_get_bool(&q);
    query_end(&q);
    return owed;
}

/* ---- watches ---- */

static void watch_delete(struct writer *w, const struct push_decided *d) {
    struct query q =
        query_begin(&w->db, "DELETE FROM push_watches WHERE user_key = ? AND conversation_key = ?"
                            " AND emergency = ? AND seq <= ?");
    query_put_i64(&q, d->user_key);
    query_put_i64(&q, d->conversation_key);
    query_put_i64(&q, d->emergency);
    query_put_i64(&q, (int64_t)d->seq);
    query_run(&q);
}

static void watch_put(struct writer *w, const struct push_decided *d, enum push_wait wait) {
    struct query q = query_begin(
        &w->db, "INSERT INTO push_watches (user_key, conversation_key, emergency, seq, wait, due_at)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (user_key, conversation_key, emergency) DO UPDATE"
                " SET seq = max(seq, excluded.seq), wait = excluded.wait,"
                " due_at = CASE WHEN wait = excluded.wait THEN due_at ELSE max(due_at, excluded.due_at) END");
    query_put_i64(&q, d->user_key);
    query_put_i64(&q, d->conversation_key);
    query_put_i64(&q, d->emergency);
    query_put_i64(&q, (int64_t)d->seq);
    query_put_i64(&q, wait);
    query_put_i64(&q, d->due_at);
    query_run(&q);
}

/* ---- jobs ---- */

struct target {
    int64_t device_key;
    uint8_t service;
};

static size_t targets_find(struct writer *w, int64_t user_key,
                           struct target out[static STORE_DEVICES_A_USER]) {
    size_t count = 0;
    struct query q = query_begin(&w->db, "SELECT device_key, service FROM devices INDEXED BY devices_by_user"
                                         " WHERE user_key = ? AND ? >> service & 1 LIMIT ?");
    query_put_i64(&q, user_key);
    query_put_i64(&q, w->db.push_services);
    query_put_i64(&q, STORE_DEVICES_A_USER);
    while (query_step(&q)) {
        out[count].device_key = query_get_i64(&q);
        out[count++].service = (uint8_t)query_get_i64(&q);
    }
    return count;
}

/* One that waits is for the newer message from now on, but not sooner: its service may have asked for a pause. One that is
 * being sent keeps its claim. False: it is for this message, or a newer one, already. */
static bool job_put(struct writer *w, const struct push_decided *d, const struct target *target) {
    struct uuid id = ids_next(&w->ids, w->now);
    struct query q = query_begin(
        &w->db,
        "INSERT INTO push_jobs (id, user_key, conversation_key, device_key, emergency, service, seq, due_at,"
        " created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)"
        " ON CONFLICT (user_key, conversation_key, device_key, emergency) DO UPDATE SET id = excluded.id,"
        " seq = excluded.seq, attempts = 0, error = '', created_at = excluded.created_at"
        " WHERE seq < excluded.seq");
    query_put_uuid(&q, &id);
    query_put_i64(&q, d->user_key);
    query_put_i64(&q, d->conversation_key);
    query_put_i64(&q, target->device_key);
    query_put_i64(&q, d->emergency);
    query_put_i64(&q, target->service);
    query_put_i64(&q, (int64_t)d->seq);
    query_put_i64(&q, w->now);
    return query_run(&q) && db_changes(&w->db) == 1;
}

static void jobs_put(struct writer *w, struct store_push_decide *op, const struct push_decided *d) {
    struct target targets[STORE_DEVICES_A_USER];
    size_t count = targets_find(w, d->user_key, targets);
    for (size_t i = 0; i < count; i++) {
        if (!job_put(w, d, &targets[i])) continue;
        op->services |= UINT32_C(1) << targets[i].service;
        op->jobs++;
    }
}

/* ---- the operation ---- */

static void decided_write(struct writer *w, struct store_push_decide *op, const struct push_decided *d) {
    bool owed = d->decision != PUSH_NO && is_owed(w, d);
    if (owed && d->decision == PUSH_WAIT_ACK)
        watch_put(w, d, PUSH_AWAITS_ACK);
    else if (owed && d->decision == PUSH_WAIT_PING)
        watch_put(w, d, PUSH_AWAITS_PING);
    else
        watch_delete(w, d);
    if (owed && d->decision == PUSH_SEND) jobs_put(w, op, d);
}

static void mark_write(struct writer *w, const struct push_mark *mark) {
    struct query q = mark->done
                         ? query_begin(&w->db, "DELETE FROM push_fanouts WHERE fanout_key = ?")
                         : query_begin(&w->db, "UPDATE push_fanouts SET after_user_key = ?2, to_seq = ?3"
                                               " WHERE fanout_key = ?1");
    query_put_i64(&q, mark->fanout_key);
    if (!mark->done) {
        query_put_i64(&q, mark->after_user_key);
        query_put_i64(&q, (int64_t)mark->to_seq);
    }
    query_run(&q);
}

enum fault write_push_decide(struct writer *w, struct store_op *base) {
    struct store_push_decide *op = (struct store_push_decide *)base;
    op->services = op->jobs = 0;
    for (size_t i = 0; i < op->decided_count; i++) decided_write(w, op, &op->decided[i]);
    for (size_t i = 0; i < op->mark_count; i++) mark_write(w, &op->marks[i]);
    push_pending_look(w);
    return FAULT_NONE;
}
