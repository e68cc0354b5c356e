/* Making room: what waited too long, died long ago, or was not seen for months. */
#include "store/sqlite/devices.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/push_cancel.h"
#include "store/sqlite/push_jobs.h"

struct found {
    int64_t key, user_key;
};

/* Rows of a query for a key and a user's key. */
static size_t found_read(struct query *q, struct found out[static STORE_PUSH_BATCH_MAX]) {
    size_t count = 0;
    while (count < STORE_PUSH_BATCH_MAX && query_step(q)) {
        out[count].key = query_get_i64(q);
        out[count++].user_key = query_get_i64(q);
    }
    query_end(q);
    return count;
}

/* What is being sent now is left alone. */
static size_t jobs_expire(struct writer *w, int64_t before) {
    struct found found[STORE_PUSH_BATCH_MAX];
    struct query q = query_begin(
        &w->db,
        "SELECT j.job_key, j.user_key FROM push_counts n CROSS JOIN push_jobs j INDEXED BY push_jobs_age"
        " WHERE n.waiting > 0 AND j.service = n.service AND j.created_at < ? AND j.claimed = 0");
    query_put_i64(&q, before);
    size_t count = found_read(&q, found);
    for (size_t i = 0; i < count; i++) push_job_die(w, found[i].key, 0, SIO_SPAN("expired"));
    return count;
}

static size_t devices_forget(struct writer *w, int64_t before) {
    struct found found[STORE_PUSH_BATCH_MAX];
    struct query q = query_begin(&w->db, "SELECT device_key, user_key FROM devices INDEXED BY devices_by_seen"
                                         " WHERE last_seen_at < ? ORDER BY last_seen_at");
    query_put_i64(&q, before);
    size_t count = found_read(&q, found);
    for (size_t i = 0; i < count; i++) device_drop(w, found[i].user_key, found[i].key);
    return count;
}

static int delete_oldest(struct writer *w, const char *sql, int64_t before) {
    struct query q = query_begin(&w->db, sql);
    query_put_i64(&q, before);
    query_put_i64(&q, STORE_PUSH_BATCH_MAX);
    return query_run(&q) ? db_changes(&w->db) : 0;
}

static int surplus_delete(struct writer *w, uint32_t max) {
    struct query q = query_begin(&w->db, "DELETE FROM push_dead WHERE dead_key IN"
                                         " (SELECT dead_key FROM push_dead ORDER BY dead_key"
                                         "  LIMIT min(?2, max(0, (SELECT count(*) FROM push_dead) - ?1)))");
    query_put_i64(&q, max);
    query_put_i64(&q, STORE_PUSH_BATCH_MAX);
    return query_run(&q) ? db_changes(&w->db) : 0;
}

/* Letters and receipts have keys in the order of time: the oldest are the first, and the rest need not be looked at. */
enum fault write_push_tidy(struct writer *w, struct store_op *base) {
    struct store_push_tidy *op = (struct store_push_tidy *)base;
    op->jobs = (uint32_t)jobs_expire(w, op->jobs_before);
    op->devices = (uint32_t)devices_forget(w, op->devices_before);
    int old = delete_oldest(w,
                            "DELETE FROM push_dead WHERE died_at < ?1 AND dead_key IN"
                            " (SELECT dead_key FROM push_dead ORDER BY dead_key LIMIT ?2)",
                            op->dead_before);
    int surplus = surplus_delete(w, op->dead_max);
    int receipts = delete_oldest(w,
                                 "DELETE FROM push_receipts WHERE sent_at < ?1 AND receipt_key IN"
                                 " (SELECT receipt_key FROM push_receipts ORDER BY receipt_key LIMIT ?2)",
                                 op->receipts_before);
    op->more = op->jobs == STORE_PUSH_BATCH_MAX || op->devices == STORE_PUSH_BATCH_MAX ||
               old == STORE_PUSH_BATCH_MAX || surplus == STORE_PUSH_BATCH_MAX ||
               receipts == STORE_PUSH_BATCH_MAX;
    push_pending_look(w);
    return FAULT_NONE;
}
