/* How attempts ended: jobs go, wait again or die; receipts are kept until the service can tell more. */
#include "store/sqlite/devices.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/push_cancel.h"
#include "store/sqlite/push_jobs.h"

/* How long a job rests whose token is called dead by its service, but was registered anew since. */
enum { PUSH_TOKEN_DOUBT_MS = 60 * 1000 };

/* ---- jobs ---- */

/* The job may have been cancelled meanwhile; its device is known by its id all the same. */
static int64_t job_device(struct writer *w, const struct push_settled *s) {
    struct query q = query_begin(&w->db, "SELECT device_key FROM push_jobs WHERE job_key = ?1 UNION ALL"
                                         " SELECT device_key FROM devices WHERE id = ?2 LIMIT 1");
    query_put_i64(&q, s->job);
    query_put_uuid(&q, &s->device);
    int64_t device_key = query_step(&q) ? query_get_i64(&q) : 0;
    query_end(&q);
    return device_key;
}

static void receipt_keep(struct writer *w, const struct push_settled *s) {
    struct query q =
        query_begin(&w->db, "INSERT INTO push_receipts (device_key, service, receipt, sent_at, due_at)"
                            " SELECT device_key, service, ?2, ?3, ?4 FROM push_jobs"
                            " WHERE job_key = ?1");
    query_put_i64(&q, s->job);
    query_put_text(&q, s->receipt);
    query_put_i64(&q, w->now);
    query_put_i64(&q, s->receipt_due_at);
    query_run(&q);
}

static void job_delete(struct writer *w, int64_t job_key) {
    struct query q = query_begin(&w->db, "DELETE FROM push_jobs WHERE job_key = ?");
    query_put_i64(&q, job_key);
    query_run(&q);
}

static void job_wait(struct writer *w, const struct push_settled *s, int64_t due_at, int attempts) {
    struct query q =
        query_begin(&w->db, "UPDATE push_jobs SET claimed = 0, due_at = ?2, attempts = attempts + ?3,"
                            " error = CASE WHEN ?4 = '' THEN error ELSE ?4 END WHERE job_key = ?1");
    query_put_i64(&q, s->job);
    query_put_i64(&q, due_at);
    query_put_i64(&q, attempts);
    query_put_text(&q, s->error);
    query_run(&q);
}

void push_job_die(struct writer *w, int64_t job_key, int attempts, struct sio_span error) {
    struct query q = query_begin(
        &w->db,
        "INSERT INTO push_dead (user_key, conversation_key, device_key, emergency, service, seq, attempts,"
        " error, created_at, died_at) SELECT user_key, conversation_key, device_key, emergency, service, seq,"
        " attempts + ?4, ?2, created_at, ?3 FROM push_jobs WHERE job_key = ?1");
    query_put_i64(&q, job_key);
    query_put_text(&q, error);
    query_put_i64(&q, w->now);
    query_put_i64(&q, attempts);
    query_run(&q);
    job_delete(w, job_key);
}

/* A newer message has come while this one was being sent: it is the one that waits now, and knows no attempt yet. */
static bool job_is_renewed(struct writer *w, const struct push_settled *s) {
    struct query q = query_begin(&w->db, "SELECT seq > ? FROM push_jobs WHERE job_key = ?");
    query_put_i64(&q, (int64_t)s->seq);
    query_put_i64(&q, s->job);
    bool renewed = query_step(&q) && query_get_bool(&q);
    query_end(&q);
    return renewed;
}

static void job_settle_renewed(struct writer *w, const struct push_settled *s) {
    bool pause = s->settle == PUSH_SETTLE_RETRY || s->settle == PUSH_SETTLE_PUT_BACK;
    const struct push_settled newer = {.job = s->job};
    job_wait(w, &newer, pause ? s->due_at : w->now, 0);
}

/* Registered again after the service lost sight of it: it may be alive, and is tried once more later. */
static void token_dead(struct writer *w, struct store_push_settle *op, const struct push_settled *s) {
    if (device_drop_dead(w, job_device(w, s), s->dead_since))
        op->devices_dropped++;
    else
        job_wait(w, s, w->now + PUSH_TOKEN_DOUBT_MS, 1);
}

static void job_settle(struct writer *w, struct store_push_settle *op, const struct push_settled *s) {
    bool renewed = job_is_renewed(w, s);
    if (s->settle == PUSH_SETTLE_SENT && s->receipt.n) receipt_keep(w, s);
    if (renewed && s->settle != PUSH_SETTLE_TOKEN_DEAD) {
        job_settle_renewed(w, s);
        return;
    }
    switch (s->settle) {
    case PUSH_SETTLE_SENT: job_delete(w, s->job); break;
    case PUSH_SETTLE_RETRY: job_wait(w, s, s->due_at, 1); break;
    case PUSH_SETTLE_PUT_BACK: job_wait(w, s, s->due_at, 0); break;
    case PUSH_SETTLE_DEAD_LETTER: push_job_die(w, s->job, 1, s->error); break;
    case PUSH_SETTLE_TOKEN_DEAD: token_dead(w, op, s); break;
    }
}

enum fault write_push_settle(struct writer *w, struct store_op *base) {
    struct store_push_settle *op = (struct store_push_settle *)base;
    op->devices_dropped = 0;
    for (size_t i = 0; i < op->count; i++) job_settle(w, op, &op->settled[i]);
    push_pending_look(w);
    return FAULT_NONE;
}

/* ---- receipts ---- */

enum fault read_push_receipts(struct db *db, struct store_op *base) {
    struct store_push_receipts *op = (struct store_push_receipts *)base;
    struct arena *arena = &op->op.arena;
    uint32_t limit = push_limit(op->limit);
    struct push_receipt_row *rows = arena_array(arena, struct push_receipt_row, limit);
    struct query q = query_begin(db, "SELECT receipt_key, receipt, sent_at FROM push_receipts"
                                     " INDEXED BY push_receipts_due WHERE service = ? AND due_at <= ?"
                                     " ORDER BY due_at LIMIT ?");
    query_put_i64(&q, op->service);
    query_put_i64(&q, op->now);
    query_put_i64(&q, limit);
    op->count = 0;
    while (query_step(&q)) {
        struct push_receipt_row *row = &rows[op->count++];
        row->key = query_get_i64(&q);
        row->receipt = query_get_text(&q, arena);
        row->sent_at = query_get_i64(&q);
    }
    op->rows = rows;
    q = query_begin(db, "SELECT min(due_at) FROM push_receipts INDEXED BY push_receipts_due"
                        " WHERE service = ? AND due_at > ?");
    query_put_i64(&q, op->service);
    query_put_i64(&q, op->now);
    if (query_step(&q)) op->next_due = query_get_i64(&q);
    query_end(&q);
    return FAULT_NONE;
}

static void receipt_later(struct writer *w, const struct push_receipt_settled *s) {
    struct query q = query_begin(&w->db, "UPDATE push_receipts SET due_at = ? WHERE receipt_key = ?");
    query_put_i64(&q, s->due_at);
    query_put_i64(&q, s->key);
    query_run(&q);
}

/* The token was dead when this was sent; registered since, it lives. */
static bool receipt_token_dead(struct writer *w, int64_t receipt_key) {
    struct query q =
        query_begin(&w->db, "SELECT device_key, sent_at FROM push_receipts WHERE receipt_key = ?");
    query_put_i64(&q, receipt_key);
    bool found = query_step(&q);
    int64_t device_key = found ? query_get_i64(&q) : 0, sent_at = found ? query_get_i64(&q) : 0;
    query_end(&q);
    return found && device_drop_dead(w, device_key, sent_at);
}

static void receipt_settle(struct writer *w, struct store_push_receipts_settle *op,
                           const struct push_receipt_settled *s) {
    if (s->settle == PUSH_RECEIPT_LATER) {
        receipt_later(w, s);
        return;
    }
    if (s->settle == PUSH_RECEIPT_TOKEN_DEAD) op->devices_dropped += receipt_token_dead(w, s->key);
    struct query q = query_begin(&w->db, "DELETE FROM push_receipts WHERE receipt_key = ?");
    query_put_i64(&q, s->key);
    query_run(&q);
}

enum fault write_push_receipts_settle(struct writer *w, struct store_op *base) {
    struct store_push_receipts_settle *op = (struct store_push_receipts_settle *)base;
    op->devices_dropped = 0;
    for (size_t i = 0; i < op->count; i++) receipt_settle(w, op, &op->settled[i]);
    push_pending_look(w);
    return FAULT_NONE;
}
