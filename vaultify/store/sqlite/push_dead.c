/* For the operator: dead letters, and how much waits. */
#include "store/sqlite/ops.h"
#include "store/sqlite/push_cancel.h"

/* ---- listing ---- */

static uint64_t count_get(struct db *db, const char *sql) {
    struct query q = query_begin(db, sql);
    uint64_t count = query_step(&q) ? (uint64_t)query_get_i64(&q) : 0;
    query_end(&q);
    return count;
}

enum fault read_push_dead_list(struct db *db, struct store_op *base) {
    struct store_push_dead_list *op = (struct store_push_dead_list *)base;
    struct arena *arena = &op->op.arena;
    uint32_t limit = push_limit(op->limit);
    struct push_dead_row *rows = arena_array(arena, struct push_dead_row, limit);
    struct query q = query_begin(
        db, "SELECT x.dead_key, u.id, c.id, d.id, x.service, x.attempts, x.error, x.created_at, x.died_at"
            " FROM push_dead x CROSS JOIN users u USING (user_key) CROSS JOIN conversations c USING "
            "(conversation_key)"
            " CROSS JOIN devices d USING (device_key) WHERE x.dead_key > ? ORDER BY x.dead_key LIMIT ?");
    query_put_i64(&q, op->after_key);
    query_put_i64(&q, limit);
    op->count = 0;
    while (query_step(&q)) {
        struct push_dead_row *row = &rows[op->count++];
        row->key = query_get_i64(&q);
        row->user = query_get_uuid(&q);
        row->conversation = query_get_uuid(&q);
        row->device = query_get_uuid(&q);
        row->service = (uint8_t)query_get_i64(&q);
        row->attempts = (uint32_t)query_get_i64(&q);
        row->error = query_get_text(&q, arena);
        row->created_at = query_get_i64(&q);
        row->died_at = query_get_i64(&q);
    }
    op->rows = rows;
    op->total = count_get(db, "SELECT count(*) FROM push_dead");
    return FAULT_NONE;
}

/* ---- retrying ---- */

/* A letter whose message was read meanwhile, or whose reader left or is active no more, only goes; so does one whose place was taken by a
 * newer message that waits. False: there is no such letter. */
static bool retry(struct writer *w, int64_t dead_key, uint32_t *services) {
    struct uuid id = ids_next(&w->ids, w->now);
    struct query q = query_begin(
        &w->db,
        "INSERT INTO push_jobs (id, user_key, conversation_key, device_key, emergency, service, seq, due_at,"
        " created_at) SELECT ?2, x.user_key, x.conversation_key, x.device_key, x.emergency, d.service, x.seq,"
        " ?3, ?3 FROM push_dead x CROSS JOIN devices d USING (device_key)"
        " CROSS JOIN participants p ON p.conversation_key = x.conversation_key AND p.user_key = x.user_key"
        " CROSS JOIN users u ON u.user_key = x.user_key"
        " WHERE x.dead_key = ?1 AND p.left_at = 0 AND p.last_read_seq < x.seq AND u.status = 'active'"
        " ON CONFLICT (user_key, conversation_key, device_key, emergency) DO NOTHING RETURNING service");
    query_put_i64(&q, dead_key);
    query_put_uuid(&q, &id);
    query_put_i64(&q, w->now);
    if (query_step(&q)) *services |= UINT32_C(1) << query_get_i64(&q);
    query_run(&q);
    q = query_begin(&w->db, "DELETE FROM push_dead WHERE dead_key = ?");
    query_put_i64(&q, dead_key);
    return query_run(&q) && db_changes(&w->db) == 1;
}

static size_t oldest_find(struct writer *w, int64_t keys[static STORE_PUSH_BATCH_MAX]) {
    size_t count = 0;
    struct query q = query_begin(&w->db, "SELECT dead_key FROM push_dead ORDER BY dead_key LIMIT ?");
    query_put_i64(&q, STORE_PUSH_BATCH_MAX);
    while (query_step(&q)) keys[count++] = query_get_i64(&q);
    return count;
}

enum fault write_push_dead_retry(struct writer *w, struct store_op *base) {
    struct store_push_dead_retry *op = (struct store_push_dead_retry *)base;
    int64_t keys[STORE_PUSH_BATCH_MAX] = {op->key};
    size_t count = op->key ? 1 : oldest_find(w, keys);
    op->count = op->services = 0;
    for (size_t i = 0; i < count; i++) op->count += retry(w, keys[i], &op->services);
    push_pending_look(w);
    return op->key && op->count == 0 ? FAULT_PUSH_NOT_FOUND : FAULT_NONE;
}

/* ---- statistics ---- */

enum fault read_push_stats(struct db *db, struct store_op *base) {
    struct store_push_stats *op = (struct store_push_stats *)base;
    struct query q = query_begin(
        db, "SELECT service, waiting, dead, (SELECT j.created_at FROM push_jobs j INDEXED BY push_jobs_age"
            "  WHERE j.service = n.service ORDER BY j.created_at LIMIT 1) FROM push_counts n");
    while (query_step(&q)) {
        size_t service = (size_t)query_get_i64(&q);
        if (service >= sizeof op->services / sizeof *op->services) continue;
        op->services[service].waiting = (uint64_t)query_get_i64(&q);
        op->services[service].dead = (uint64_t)query_get_i64(&q);
        op->services[service].oldest_at = query_get_i64(&q);
    }
    op->fanouts = count_get(db, "SELECT count(*) FROM push_fanouts");
    op->watches = count_get(db, "SELECT count(*) FROM push_watches");
    op->devices = count_get(db, "SELECT count(*) FROM devices");
    op->receipts = count_get(db, "SELECT count(*) FROM push_receipts");
    return FAULT_NONE;
}
