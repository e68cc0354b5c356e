/* Prepared statements and sticky errors of one SQLite connection. */
#include "store/sqlite/query.h"

#include "base/must.h"

void db_fail(struct db *db, int code) {
    if (db->error != SQLITE_OK) return;
    db->error = code;
    sio_log_error(db->log, "store: database error code=%d text=%s", code,
                  db->handle && sqlite3_extended_errcode(db->handle) == code ? sqlite3_errmsg(db->handle)
                                                                             : sqlite3_errstr(code));
}

void db_error_clear(struct db *db) { db->error = SQLITE_OK; }

bool db_exec(struct db *db, const char *sql) {
    if (db->error != SQLITE_OK) return false;
    if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
        db_fail(db, sqlite3_extended_errcode(db->handle));
    return db->error == SQLITE_OK;
}

void db_close(struct db *db) {
    for (unsigned i = 0; i < DB_STATEMENTS; i++) {
        sqlite3_finalize(db->statements[i].stmt);
        db->statements[i].stmt = NULL;
        db->statements[i].sql = NULL;
    }
    db->statement_count = 0;
    if (db->handle && sqlite3_close(db->handle) != SQLITE_OK)
        sio_log_error(db->log, "store: closing the database failed text=%s", sqlite3_errmsg(db->handle));
    db->handle = NULL;
}

static unsigned statement_slot(const struct db *db, const char *sql) {
    uint64_t hash = (uint64_t)(uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15);
    unsigned i = (unsigned)(hash >> 32) & (DB_STATEMENTS - 1);
    while (db->statements[i].sql && db->statements[i].sql != sql) i = (i + 1) & (DB_STATEMENTS - 1);
    return i;
}

struct query query_begin(struct db *db, const char *sql) {
    struct query q = {.db = db};
    if (db->error != SQLITE_OK) return q;
    unsigned i = statement_slot(db, sql);
    if (!db->statements[i].sql) {
        must(db->statement_count < DB_STATEMENTS - 1);
        sqlite3_stmt *stmt = NULL;
        if (sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK) {
            db_fail(db, sqlite3_extended_errcode(db->handle));
            return q;
        }
        db->statements[i].sql = sql;
        db->statements[i].stmt = stmt;
        db->statement_count++;
    }
    q.stmt = db->statements[i].stmt;
    must(!sqlite3_stmt_busy(q.stmt));
    return q;
}

static void put_result(struct query *q, int code) {
    if (code == SQLITE_OK) return;
    db_fail(q->db, code);
    query_end(q);
    q->stmt = NULL;
}

void query_put_i64(struct query *q, int64_t v) {
    if (q->stmt) put_result(q, sqlite3_bind_int64(q->stmt, ++q->parameter, v));
}

void query_put_null(struct query *q) {
    if (q->stmt) put_result(q, sqlite3_bind_null(q->stmt, ++q->parameter));
}

void query_put_uuid(struct query *q, const struct uuid *v) {
    if (q->stmt) put_result(q, sqlite3_bind_blob(q->stmt, ++q->parameter, v->b, sizeof v->b, SQLITE_STATIC));
}

void query_put_text(struct query *q, struct sio_span v) {
    if (q->stmt)
        put_result(
            q, sqlite3_bind_text64(q->stmt, ++q->parameter, v.n ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8));
}

void query_put_bytes(struct query *q, struct sio_span v) {
    if (q->stmt)
        put_result(q, sqlite3_bind_blob64(q->stmt, ++q->parameter, v.n ? v.p : "", v.n, SQLITE_STATIC));
}

void query_put_text_or_null(struct query *q, struct sio_span v) {
    if (v.n)
        query_put_text(q, v);
    else
        query_put_null(q);
}

void query_put_uuid_or_null(struct query *q, const struct uuid *v) {
    if (uuid_is_nil(v))
        query_put_null(q);
    else
        query_put_uuid(q, v);
}

void query_put_key_or_null(struct query *q, int64_t key) {
    if (key)
        query_put_i64(q, key);
    else
        query_put_null(q);
}

bool query_step(struct query *q) {
    if (!q->stmt) return false;
    q->column = 0;
    int code = sqlite3_step(q->stmt);
    if (code == SQLITE_ROW) return true;
    if (code != SQLITE_DONE) db_fail(q->db, sqlite3_extended_errcode(q->db->handle));
    query_end(q);
    q->stmt = NULL;
    return false;
}

int64_t query_get_i64(struct query *q) { return sqlite3_column_int64(q->stmt, q->column++); }

struct uuid query_get_uuid(struct query *q) {
    struct uuid id = {{0}};
    int column = q->column++;
    const void *p = sqlite3_column_blob(q->stmt, column);
    if (p && sqlite3_column_bytes(q->stmt, column) == (int)sizeof id.b) memcpy(id.b, p, sizeof id.b);
    return id;
}

struct sio_span query_peek_text(struct query *q) {
    int column = q->column++;
    const void *p = sqlite3_column_text(q->stmt, column);
    return p ? sio_span_of(p, (size_t)sqlite3_column_bytes(q->stmt, column)) : (struct sio_span){NULL, 0};
}

struct sio_span query_get_text(struct query *q, struct arena *arena) {
    struct sio_span text = query_peek_text(q);
    return text.n ? arena_span(arena, text) : (struct sio_span){NULL, 0};
}

struct sio_span query_get_bytes(struct query *q, struct arena *arena) {
    int column = q->column++;
    const void *p = sqlite3_column_blob(q->stmt, column); /* NULL when it has no byte */
    return p ? arena_span(arena, sio_span_of(p, (size_t)sqlite3_column_bytes(q->stmt, column)))
             : (struct sio_span){NULL, 0};
}

void query_end(struct query *q) {
    if (q->stmt) sqlite3_reset(q->stmt); /* repeats the error of the step, which is known already */
}

bool query_run(struct query *q) {
    while (query_step(q)) { /* rows of a write are of no interest */
    }
    return q->db->error == SQLITE_OK;
}

bool db_do(struct db *db, const char *sql) {
    struct query q = query_begin(db, sql);
    return query_run(&q);
}

void *query_room(struct arena *arena, void *rows, size_t count, size_t *capacity, size_t row_bytes) {
    enum { FIRST_CAPACITY = 16 };
    if (count < *capacity) return rows;
    *capacity = *capacity ? *capacity * 2 : FIRST_CAPACITY;
    void *larger = arena_zarray(arena, *capacity, row_bytes);
    if (count) memcpy(larger, rows, count * row_bytes);
    return larger;
}
