/* Claiming jobs: the next ones of a service, whatever else waits. */
#include "store/sqlite/ops.h"
#include "store/sqlite/push_jobs.h"

struct claim {
    struct store_push_claim *op;
    int64_t *jobs;
    uint32_t limit;
};

static void due_read(struct writer *w, struct claim *claim, bool emergency) {
    struct query q =
        query_begin(&w->db, "SELECT job_key FROM push_jobs INDEXED BY push_jobs_due"
                            " WHERE service = ? AND emergency = ? AND claimed = 0 AND due_at <= ?"
                            " ORDER BY due_at LIMIT ?");
    query_put_i64(&q, claim->op->service);
    query_put_i64(&q, emergency);
    query_put_i64(&q, claim->op->now);
    query_put_i64(&q, (int64_t)(claim->limit - claim->op->count));
    while (query_step(&q)) claim->jobs[claim->op->count++] = query_get_i64(&q);
}

static void claims_write(struct writer *w, const struct claim *claim) {
    for (size_t i = 0; i < claim->op->count; i++) {
        struct query q = query_begin(&w->db, "UPDATE push_jobs SET claimed = 1 WHERE job_key = ?");
        query_put_i64(&q, claim->jobs[i]);
        query_run(&q);
    }
}

static int64_t next_due(struct writer *w, const struct store_push_claim *op, bool emergency) {
    struct query q = query_begin(&w->db, "SELECT due_at FROM push_jobs INDEXED BY push_jobs_due"
                                         " WHERE service = ? AND emergency = ? AND claimed = 0 AND due_at > ?"
                                         " ORDER BY due_at LIMIT 1");
    query_put_i64(&q, op->service);
    query_put_i64(&q, emergency);
    query_put_i64(&q, op->now);
    int64_t at = query_step(&q) ? query_get_i64(&q) : 0;
    query_end(&q);
    return at;
}

enum fault write_push_claim(struct writer *w, struct store_op *base) {
    struct store_push_claim *op = (struct store_push_claim *)base;
    struct claim claim = {.op = op, .limit = push_limit(op->limit)};
    op->count = 0;
    op->jobs = claim.jobs = arena_array(&op->op.arena, int64_t, claim.limit);
    due_read(w, &claim, true);
    due_read(w, &claim, false);
    claims_write(w, &claim);
    int64_t emergency = next_due(w, op, true), normal = next_due(w, op, false);
    op->next_due = !emergency || (normal && normal < emergency) ? normal : emergency;
    return FAULT_NONE;
}

void push_claims_take_back(struct writer *w) {
    db_do(&w->db, "UPDATE push_jobs SET claimed = 0 WHERE claimed = 1");
}
