/* One SQLite connection with its prepared statements, and the few words in which queries are written.
 *
 * Errors are sticky: after the first failure of a connection `db->error` holds SQLite's code and every query
 * does nothing and yields no row, until db_error_clear. So an operation is written straight down and looks at
 * db->error once. One thread at a time. */
#pragma once
#include <sqlite3.h>

#include "base/arena.h"
#include "base/uuid.h"
#include "sio_log.h"

enum { DB_STATEMENTS = 256 /* slots for prepared statements, a power of two; the code has some 140 */ };

enum { DB_BUSY_MS = 5000 /* a reader meeting a checkpoint that starts the log over */ };

struct db {
    sqlite3 *handle;
    const struct sio_log *log;
    uint32_t push_services; /* bits; of store_push_listen: what queries about devices look at */
    int error;              /* SQLITE_OK, or the extended code of the first failure */
    unsigned statement_count;
    struct {
        const char *sql; /* the literal's address is the key */
        sqlite3_stmt *stmt;
    } statements[DB_STATEMENTS];
};

/* Logs what SQLite says, once for each time that `error` gets set. */
void db_fail(struct db *db, int code);
void db_error_clear(struct db *db);

/* Unprepared SQL, several statements at will; false when it failed (now or before). */
bool db_exec(struct db *db, const char *sql);

/* One statement without parameters, a literal, kept prepared like every query. */
bool db_do(struct db *db, const char *sql);

/* Finalizes the statements and closes; harmless on a zeroed one. */
void db_close(struct db *db);

/* ---- a query: begin, put parameters in order, step, get columns in order, end ---- */

struct query {
    struct db *db;
    sqlite3_stmt *stmt; /* NULL while db->error is set */
    int parameter, column;
};

/* `sql` is a string literal: prepared at its first use and kept. The statement must not be in use. */
struct query query_begin(struct db *db, const char *sql);

/* What is put must live until query_end. */
void query_put_i64(struct query *q, int64_t v);
void query_put_uuid(struct query *q, const struct uuid *v);
void query_put_text(struct query *q, struct sio_span v);
void query_put_bytes(struct query *q, struct sio_span v);
void query_put_null(struct query *q);
void query_put_text_or_null(struct query *q, struct sio_span v);    /* empty: NULL */
void query_put_uuid_or_null(struct query *q, const struct uuid *v); /* nil: NULL */
void query_put_key_or_null(struct query *q, int64_t key);           /* 0: NULL */

/* True: there is a row. False: none any more (or an error); the query has ended by itself. */
bool query_step(struct query *q);

int64_t query_get_i64(struct query *q); /* NULL: 0 */
static inline bool query_get_bool(struct query *q) { return query_get_i64(q) != 0; }
struct uuid query_get_uuid(struct query *q);                           /* NULL: nil */
struct sio_span query_get_text(struct query *q, struct arena *arena);  /* a copy; NULL: empty */
struct sio_span query_get_bytes(struct query *q, struct arena *arena); /* the same of a BLOB */
struct sio_span query_peek_text(struct query *q);                      /* lives until the next step */

void query_end(struct query *q); /* also when it has ended by itself */

/* Steps to the end and ends; false on an error. */
bool query_run(struct query *q);

/* An array in the arena with room for one row more: `rows` itself, or a larger copy. Starts with NULL, 0. */
void *query_room(struct arena *arena, void *rows, size_t count, size_t *capacity, size_t row_bytes);

/* Rows changed by the last INSERT, UPDATE or DELETE. */
static inline int db_changes(const struct db *db) { return sqlite3_changes(db->handle); }
