/* How the embedded back-end answers the outbox's questions: by an index, however many rows wait. The statements are
 * those that the operations themselves prepare, looked at with EXPLAIN QUERY PLAN. */
#include "store/contract_push.h"
#include "store/sqlite/functions.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/push_cancel.h"
#include "store/sqlite/schema.h"

/* One of everything, so that every operation comes to its last statement. */
static const char rows[] =
    "INSERT INTO estates VALUES (1, x'00', 'Palm', '', '', 0, 0);"
    "INSERT INTO users (user_key, id, estate_key, role, status, email, first_name, last_name,"
    " picture_url, created_at, updated_at)"
    " VALUES (1, zeroblob(16), 1, 'Residence', 'active', '', '', '', '', 0, 0);"
    "INSERT INTO conversations (conversation_key, id, estate_key, type, created_at, updated_at,"
    " last_activity_at, last_seq) VALUES (1, zeroblob(16), 1, 'group', 0, 0, 0, 9);"
    "INSERT INTO participants (conversation_key, user_key, joined_at) VALUES (1, 1, 0);"
    "INSERT INTO devices VALUES (1, x'01', 1, 'ios', 3, 't', x'', '', 0, 0);"
    "INSERT INTO push_fanouts VALUES (1, 1, 1, 9, 1, 0), (2, 1, 1, 9, 0, 0);";

static void setup_writer(struct writer *w) {
    *w = (struct writer){.now = 1800000000000};
    writer_init(w);
    assert_int_equal(sqlite3_open(":memory:", &w->db.handle), SQLITE_OK);
    functions_add(&w->db);
    assert_int_equal(schema_migrate(&w->db), SIO_ERR_OK);
    assert_int_equal(writer_prepare(w), SIO_ERR_OK);
    assert_true(db_exec(&w->db, rows));
    w->db.push_services = ~UINT32_C(0);
    w->push_pending = true;
}

/* ---- running everything once ---- */

static void run_read(struct writer *w, enum store_op_kind kind, read_fn *read) {
    struct store_op *op = store_op_new(kind, NULL, NULL, NULL);
    read(&w->db, op);
    store_op_free(op);
}

static void run_write(struct writer *w, enum store_op_kind kind, write_fn *write) {
    struct store_op *op = store_op_new(kind, NULL, NULL, NULL);
    write(w, op);
    store_op_free(op);
}

static void run_decide(struct writer *w) {
    struct push_decided decided[] = {{.decision = PUSH_NO},
                                     {.decision = PUSH_WAIT_ACK},
                                     {.decision = PUSH_WAIT_PING},
                                     {.decision = PUSH_SEND}};
    static const struct push_mark marks[] = {{.fanout_key = 7}, {.fanout_key = 7, .done = true}};
    for (size_t i = 0; i < 4; i++) decided[i].user_key = decided[i].conversation_key = 1, decided[i].seq = 9;
    struct store_push_decide *op = store_op_new(STORE_PUSH_DECIDE, NULL, NULL, NULL);
    op->decided = decided;
    op->decided_count = 4;
    op->marks = marks;
    op->mark_count = 2;
    write_push_decide(w, &op->op);
    assert_int_equal(op->jobs, 1);
    store_op_free(&op->op);
}

static void run_settle(struct writer *w) {
    struct push_settled settled[] = {
        {.settle = PUSH_SETTLE_RETRY},
        {.settle = PUSH_SETTLE_SENT, .receipt = SIO_SPAN("r")},
        {.settle = PUSH_SETTLE_DEAD_LETTER},
        {.settle = PUSH_SETTLE_TOKEN_DEAD},
    };
    for (size_t i = 0; i < 4; i++) settled[i].job = 1;
    struct store_push_settle *op = store_op_new(STORE_PUSH_SETTLE, NULL, NULL, NULL);
    op->settled = settled;
    op->count = 4;
    write_push_settle(w, &op->op);
    store_op_free(&op->op);
}

static void run_receipts_settle(struct writer *w) {
    static const struct push_receipt_settled settled[] = {{1, PUSH_RECEIPT_LATER, 0},
                                                          {1, PUSH_RECEIPT_TOKEN_DEAD, 0}};
    struct store_push_receipts_settle *op = store_op_new(STORE_PUSH_RECEIPTS_SETTLE, NULL, NULL, NULL);
    op->settled = settled;
    op->count = 2;
    write_push_receipts_settle(w, &op->op);
    store_op_free(&op->op);
}

static void run_load(struct writer *w) {
    static const int64_t job = 1;
    struct store_push_load *op = store_op_new(STORE_PUSH_LOAD, NULL, NULL, NULL);
    op->jobs = &job;
    op->job_count = 1;
    read_push_load(&w->db, &op->op);
    store_op_free(&op->op);
}

static void run_everything(struct writer *w) {
    run_read(w, STORE_DEVICE_LIST, read_device_list);
    run_read(w, STORE_PUSH_CANDIDATES, read_push_candidates);
    run_read(w, STORE_PUSH_WATCHES, read_push_watches);
    run_decide(w);
    run_write(w, STORE_PUSH_CLAIM, write_push_claim);
    run_load(w);
    run_settle(w);
    run_receipts_settle(w);
    push_cancel(w, 1, 1, 9);
    push_cancel_device(w, 1, 1);
    push_cancel_user(w, 1);
    push_cancel_normal(w, 1, 1);
    run_write(w, STORE_PUSH_USER_GONE, write_push_user_gone);
    run_read(w, STORE_PUSH_RECEIPTS, read_push_receipts);
    run_read(w, STORE_PUSH_DEAD_LIST, read_push_dead_list);
    run_read(w, STORE_PUSH_STATS, read_push_stats);
    run_write(w, STORE_PUSH_DEAD_RETRY, write_push_dead_retry);
    run_write(w, STORE_PUSH_TIDY, write_push_tidy);
    run_write(w, STORE_DEVICE_PUT, write_device_put);
    run_write(w, STORE_DEVICE_REMOVE, write_device_remove);
}

/* ---- looking at the plans ---- */

/* What may be read through, and why that stays cheap. */
static const struct {
    const char *line, *why;
} allowed[] = {
    {"SCAN CONSTANT ROW", "no table"},
    {"SCAN n", "push_counts: 32 rows"},
    {"SCAN f", "normal fan-outs by key, as many as are asked for"},
    {"SCAN push_dead", "the first ones by key"},
    {"SCAN push_receipts", "the first ones by key"},
    {"SCAN push_watches USING COVERING INDEX push_watches_due", "whether there is one; counted page by page"},
    {"SCAN push_jobs USING COVERING INDEX push_jobs_age", "whether there is one"},
    {"SCAN push_fanouts", "counted page by page"},
    {"SCAN push_dead USING COVERING INDEX push_dead_by_device", "counted page by page"},
    {"SCAN push_receipts USING COVERING INDEX push_receipts_due", "counted page by page"},
    {"SCAN devices USING COVERING INDEX devices_by_seen", "counted page by page"},
    {"USE TEMP B-TREE FOR ORDER BY", "the devices of one user"},
};

static bool is_cheap(const char *sql, const char *line) {
    if (strncmp(line, "SCAN", 4) != 0 && strncmp(line, "USE TEMP", 8) != 0) return true;
    bool sorts = line[0] == 'U';
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        if (strcmp(line, allowed[i].line) == 0) return !sorts || strstr(sql, "FROM devices");
    return false;
}

static unsigned plan_check(struct db *db, const char *sql) {
    unsigned dear = 0;
    sqlite3_stmt *stmt;
    char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
    assert_int_equal(sqlite3_prepare_v2(db->handle, explain, -1, &stmt, NULL), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *line = (const char *)sqlite3_column_text(stmt, 3);
        if (is_cheap(sql, line)) continue;
        print_error("%s\n  %s\n", sql, line);
        dear++;
    }
    sqlite3_finalize(stmt);
    sqlite3_free(explain);
    return dear;
}

static void test_plans(void **state) {
    struct writer w;
    unsigned looked_at = 0, dear = 0;
    setup_writer(&w);
    run_everything(&w);
    assert_int_equal(w.db.error, SQLITE_OK);
    for (unsigned i = 0; i < DB_STATEMENTS; i++) {
        const char *sql = w.db.statements[i].sql;
        if (!sql || (!strstr(sql, "push_") && !strstr(sql, "devices"))) continue;
        looked_at++;
        dear += plan_check(&w.db, sql);
    }
    assert_int_equal(dear, 0);
    assert_true(looked_at > 40);
    writer_fini(&w);
}

int main(void) {
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_plans)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
