/* Taking back what waits for users, by what they did or lost. */
#include "store/sqlite/push_cancel.h"

static void delete_up_to(struct writer *w, const char *sql, int64_t user_key, int64_t conversation_key,
                         uint64_t seq) {
    struct query q = query_begin(&w->db, sql);
    query_put_i64(&q, user_key);
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, (int64_t)seq);
    query_run(&q);
}

/* A job that is being sent goes too: it is not repeated should this attempt fail. */
void push_cancel(struct writer *w, int64_t user_key, int64_t conversation_key, uint64_t seq) {
    if (!w->push_pending) return;
    delete_up_to(w, "DELETE FROM push_watches WHERE user_key = ? AND conversation_key = ? AND seq <= ?",
                 user_key, conversation_key, seq);
    delete_up_to(w, "DELETE FROM push_jobs WHERE user_key = ? AND conversation_key = ? AND seq <= ?",
                 user_key, conversation_key, seq);
}

void push_cancel_all(struct writer *w, int64_t user_key, int64_t conversation_key) {
    push_cancel(w, user_key, conversation_key, INT64_MAX);
}

void push_cancel_normal(struct writer *w, int64_t user_key, int64_t conversation_key) {
    if (!w->push_pending) return;
    struct query q =
        query_begin(&w->db, "DELETE FROM push_watches WHERE user_key = ? AND conversation_key = ?"
                            " AND emergency = 0");
    query_put_i64(&q, user_key);
    query_put_i64(&q, conversation_key);
    query_run(&q);
    q = query_begin(&w->db,
                    "DELETE FROM push_jobs WHERE user_key = ? AND conversation_key = ? AND emergency = 0");
    query_put_i64(&q, user_key);
    query_put_i64(&q, conversation_key);
    query_run(&q);
}

void push_cancel_user(struct writer *w, int64_t user_key) {
    if (!w->push_pending) return;
    struct query q = query_begin(&w->db, "DELETE FROM push_watches WHERE user_key = ?");
    query_put_i64(&q, user_key);
    query_run(&q);
    q = query_begin(&w->db, "DELETE FROM push_jobs WHERE user_key = ?");
    query_put_i64(&q, user_key);
    query_run(&q);
}

void push_cancel_device(struct writer *w, int64_t user_key, int64_t device_key) {
    struct query q = query_begin(&w->db, "DELETE FROM push_jobs WHERE user_key = ? AND device_key = ?");
    query_put_i64(&q, user_key);
    query_put_i64(&q, device_key);
    query_run(&q);
    q = query_begin(&w->db, "DELETE FROM push_dead WHERE device_key = ?");
    query_put_i64(&q, device_key);
    query_run(&q);
}

void push_pending_look(struct writer *w) {
    struct query q = query_begin(&w->db, "SELECT EXISTS (SELECT 1 FROM push_watches) OR"
                                         " EXISTS (SELECT 1 FROM push_jobs)");
    w->push_pending = !query_step(&q) || query_get_bool(&q);
    query_end(&q);
}
