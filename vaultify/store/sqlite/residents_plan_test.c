/* How the embedded back-end looks through an estate's people: in the index alone, and without sorting anybody. */
#include "store/contract.h"
#include "store/sqlite/functions.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/schema.h"

static void run_page(struct db *db, const char *search) {
    struct store_resident_page *op = store_op_new(STORE_RESIDENT_PAGE, NULL, NULL, NULL);
    op->search = sio_span_cstr(search);
    op->page = op->limit = 1;
    assert_int_equal(read_resident_page(db, &op->op), FAULT_NONE);
    assert_int_equal(op->total, 1);
    store_op_free(&op->op);
}

static void plan_check(struct db *db, const char *sql) {
    sqlite3_stmt *stmt;
    char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
    assert_int_equal(sqlite3_prepare_v2(db->handle, explain, -1, &stmt, NULL), SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *line = (const char *)sqlite3_column_text(stmt, 3);
        assert_string_equal(line,
                            "SEARCH users USING COVERING INDEX users_by_name (estate_key=? AND status=?)");
    }
    sqlite3_finalize(stmt);
    sqlite3_free(explain);
}

static void test_plans(void **state) {
    struct db db = {0};
    unsigned looked_at = 0;
    assert_int_equal(sqlite3_open(":memory:", &db.handle), SQLITE_OK);
    functions_add(&db);
    assert_int_equal(schema_migrate(&db), SIO_ERR_OK);
    assert_true(db_exec(&db,
                        "INSERT INTO estates VALUES (1, zeroblob(16), 'Palm', '', '', 0, 0);"
                        "INSERT INTO users (user_key, id, estate_key, role, status, email, first_name,"
                        " last_name, picture_url, created_at, updated_at, first_name_folded)"
                        " VALUES (1, x'01', 1, 'Residence', 'active', '', 'Ada', '', '', 0, 0, 'ada');"));
    run_page(&db, "");
    run_page(&db, "AD");
    for (unsigned i = 0; i < DB_STATEMENTS; i++) {
        const char *sql = db.statements[i].sql;
        if (!sql || !strstr(sql, "users_by_name")) continue;
        looked_at++;
        plan_check(&db, sql);
    }
    assert_int_equal(looked_at, 3); /* counted, a page of all, what a search finds */
    db_close(&db);
}

int main(void) {
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_plans)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
