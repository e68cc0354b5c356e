/* What the embedded back-end promises beyond store.h: its files, its schema, its log, and what happens when
 * the disk is full or fails. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/map.h"
#include "sio_strbuf.h"
#include "store/contract.h"

static char *path_of(const struct fixture *f, const char *name) {
    struct sio_strbuf path;
    sio_strbuf_init(&path);
    sio_strbuf_printf(&path, "%s/%s", f->directory, name);
    return sio_strbuf_take(&path);
}

/* Runs SQL on the closed store's file; returns the first column of the last row. */
static int64_t sql_run(struct fixture *f, const char *sql) {
    char *path = path_of(f, "vaultify.db");
    sqlite3 *handle;
    int64_t value = 0;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    for (const char *rest = sql; *rest;) {
        sqlite3_stmt *stmt;
        assert_int_equal(sqlite3_prepare_v2(handle, rest, -1, &stmt, &rest), SQLITE_OK);
        int code;
        while ((code = sqlite3_step(stmt)) == SQLITE_ROW) value = sqlite3_column_int64(stmt, 0);
        assert_int_equal(code, SQLITE_DONE);
        sqlite3_finalize(stmt);
    }
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
    free(path);
    return value;
}

static int64_t size_of(struct fixture *f, const char *name) {
    char *path = path_of(f, name);
    struct stat st;
    int64_t size = stat(path, &st) == 0 ? (int64_t)st.st_size : -1;
    free(path);
    return size;
}

/* ---- files ---- */

static void test_files_are_private(void **state) {
    struct fixture *f = *state;
    static const char *const names[] = {"vaultify.db", "vaultify.db-wal", "vaultify.db-shm", "lock"};
    struct stat st;
    for (int i = 0; i < 4; i++) {
        char *path = path_of(f, names[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
        free(path);
    }
    char *inner = path_of(f, "made");
    struct store_config config = f->config;
    struct store *store;
    config.directory = inner;
    mode_t before = umask(0);
    assert_int_equal(store_sqlite_open(&config, &store), SIO_ERR_OK);
    umask(before);
    assert_int_equal(stat(inner, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    store_close(store);
    free(inner);
}

static void test_one_process(void **state) {
    struct fixture *f = *state;
    struct store *second;
    assert_int_equal(store_sqlite_open(&f->config, &second), SIO_ERR_IN_USE);
    assert_null(second);
    message_add(f, f->talk, f->users[0], "the first one goes on");
}

static void test_unusable_directory(void **state) {
    struct fixture *f = *state;
    struct store *store;
    struct store_config config = f->config;
    char *deep = path_of(f, "no/such");
    config.directory = deep;
    assert_int_equal(store_sqlite_open(&config, &store), SIO_ERR_IO);
    free(deep);
}

/* ---- schema ---- */

static void test_newer_schema(void **state) {
    struct fixture *f = *state;
    store_stop(f);
    sql_run(f, "PRAGMA user_version = 9999");
    assert_int_equal(store_sqlite_open(&f->config, &f->store), SIO_ERR_INVALID);
    assert_null(f->store);
    assert_int_equal(sql_run(f, "PRAGMA user_version"), 9999); /* untouched */
}

/* As the first release left it, with its messages: they are there, and nobody is owed a push for them. */
static void test_older_schema(void **state) {
    struct fixture *f = *state;
    message_add(f, f->talk, f->users[0], "old");
    store_stop(f);
    static const char *const undo[] = {
        "ALTER TABLE participants DROP COLUMN last_delivered_seq",
        "DROP INDEX users_by_name",
        "ALTER TABLE users DROP COLUMN first_name_folded",
        "ALTER TABLE users DROP COLUMN last_name_folded",
        "DROP INDEX reactions_by_message",
        "DROP TABLE push_fanouts",
        "DROP TABLE push_watches",
        "DROP TABLE push_jobs",
        "DROP TABLE push_dead",
        "DROP TABLE push_receipts",
        "DROP TABLE push_counts",
        "DROP TABLE devices",
        "ALTER TABLE users DROP COLUMN locale",
        "ALTER TABLE users DROP COLUMN time_zone",
        "ALTER TABLE users DROP COLUMN quiet_from",
        "ALTER TABLE users DROP COLUMN quiet_to",
        "ALTER TABLE participants DROP COLUMN muted_until",
        "PRAGMA user_version = 1",
    };
    for (size_t i = 0; i < sizeof undo / sizeof *undo; i++) sql_run(f, undo[i]);
    store_start(f);
    assert_int_equal(sql_run(f, "PRAGMA user_version"), 6);
    assert_int_equal(sql_run(f, "SELECT count(*) FROM sqlite_schema WHERE name = 'reactions_by_message'"), 1);
    assert_int_equal(sql_run(f, "SELECT count(*) FROM push_fanouts"), 0);
    assert_int_equal(sql_run(f, "SELECT count(*) FROM users WHERE last_name_folded = 'last'"),
                     USERS + FOREIGNERS);
    assert_int_equal(message_add(f, f->talk, f->users[0], "new").seq, 2);
}

static void test_foreign_database(void **state) {
    struct fixture *f = *state;
    store_stop(f);
    sql_run(f, "PRAGMA application_id = 5");
    assert_int_equal(store_sqlite_open(&f->config, &f->store), SIO_ERR_INVALID);
}

static void test_damaged_file(void **state) {
    struct fixture *f = *state;
    store_stop(f);
    char *path = path_of(f, "vaultify.db");
    int fd = open(path, O_WRONLY | O_TRUNC);
    assert_int_equal(write(fd, "This is not a database at all.", 30), 30);
    close(fd);
    free(path);
    assert_int_equal(store_sqlite_open(&f->config, &f->store), SIO_ERR_CORRUPT);
}

/* Every query that a page or a look-up needs goes by an index. */
static void test_no_table_is_scanned(void **state) {
    struct fixture *f = *state;
    store_stop(f);
    static const char *const queries[] = {
        "SELECT count(*) FROM participants p JOIN conversations c USING (conversation_key)"
        " WHERE p.user_key = 1 AND p.left_at = 0",
        "SELECT * FROM messages WHERE conversation_key = 1 AND seq > 5 AND seq < 9 ORDER BY seq LIMIT 3",
        "SELECT * FROM messages WHERE conversation_key = 1 ORDER BY seq DESC LIMIT 1",
        "SELECT * FROM participants WHERE conversation_key = 1 AND left_at = 0 ORDER BY joined_at, user_key "
        "LIMIT 2",
        "SELECT * FROM users WHERE estate_key = 1",
        "SELECT * FROM reactions WHERE message_key = 1 ORDER BY reaction_key LIMIT 200",
    };
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        char *path = path_of(f, "vaultify.db");
        struct sio_strbuf sql;
        sqlite3 *handle;
        sqlite3_stmt *stmt;
        sio_strbuf_init(&sql);
        sio_strbuf_printf(&sql, "EXPLAIN QUERY PLAN %s", queries[i]);
        assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
        assert_int_equal(sqlite3_prepare_v2(handle, sql.p, -1, &stmt, NULL), SQLITE_OK);
        while (sqlite3_step(stmt) == SQLITE_ROW) {
            const char *detail = (const char *)sqlite3_column_text(stmt, 3);
            assert_null(strstr(detail, "SCAN"));
            assert_null(strstr(detail, "TEMP B-TREE"));
        }
        sqlite3_finalize(stmt);
        sqlite3_close(handle);
        sio_strbuf_fini(&sql);
        free(path);
    }
}

/* ---- client message ids ---- */

/* Two ids with one hash in one conversation: both are stored, both stay known. */
static void test_hash_collision(void **state) {
    struct fixture *f = *state;
    struct store_message_add *a = message_new(f->talk, f->users[0], "a", "id-a");
    assert_int_equal(store_call(f->store, &a->op), FAULT_NONE);
    struct store_conversation_create *other = create_call(f, CONVERSATION_GROUP, f->users[0], NULL, 0);
    struct store_message_add *b = message_new(other->row.id, f->users[0], "b", "id-b");
    assert_int_equal(store_call(f->store, &b->op), FAULT_NONE);
    store_stop(f);
    sql_run(f, "UPDATE messages SET client_hash ="
               " (SELECT client_hash FROM messages WHERE client_message_id = 'id-b')"
               " WHERE client_message_id = 'id-a'");
    store_start(f);
    struct uuid first = nil;
    for (int i = 0; i < 2; i++) {
        struct store_message_add *again = message_new(f->talk, f->users[0], "b", "id-b");
        assert_int_equal(store_call(f->store, &again->op), FAULT_NONE);
        assert_int_equal(again->row.seq, 2);
        assert_int_equal(again->duplicate, i == 1);
        if (i == 1) assert_true(uuid_eq(&first, &again->row.id));
        first = again->row.id;
        store_op_free(&again->op);
    }
    store_op_free(&a->op);
    store_op_free(&b->op);
    store_op_free(&other->op);
}

/* The hash is part of the file format: were it another one, old ids would no longer be known. */
static void test_hash_is_fixed(void **state) {
    const uint64_t seed[2] = {1, 2};
    assert_true(hash_bytes(seed, SIO_SPAN("client-message-id")) == UINT64_C(0xb57b129ef514973b));
}

/* ---- the log ---- */

static void test_log_is_emptied(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 20; i++) message_add(f, f->talk, f->users[0], "x");
    assert_true(size_of(f, "vaultify.db-wal") > 0);
    for (int i = 0; i < 100 && size_of(f, "vaultify.db-wal") > 0; i++) usleep(50000);
    assert_int_equal(size_of(f, "vaultify.db-wal"), 0); /* when there is nothing to do */
    message_add(f, f->talk, f->users[0], "y");
    store_stop(f);
    assert_int_equal(size_of(f, "vaultify.db-wal"), -1); /* and gone after a proper end */
    assert_int_equal(sql_run(f, "SELECT count(*) FROM messages"), 21);
}

/* ---- a disk that is full or fails ---- */

static sqlite3_io_methods faulty_methods;
static const sqlite3_io_methods *real_methods;
static sqlite3_vfs faulty_vfs, *real_vfs;
static atomic_int log_write_error, log_sync_error; /* what the log's file answers; 0: it works */

static int faulty_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 offset) {
    int error = atomic_load(&log_write_error);
    return error ? error : real_methods->xWrite(file, p, n, offset);
}

static int faulty_sync(sqlite3_file *file, int flags) {
    int error = atomic_load(&log_sync_error);
    return error ? error : real_methods->xSync(file, flags);
}

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags) {
    int code = real_vfs->xOpen(real_vfs, name, file, flags, out_flags);
    if (code == SQLITE_OK && (flags & SQLITE_OPEN_WAL)) {
        real_methods = file->pMethods;
        faulty_methods = *real_methods;
        faulty_methods.xWrite = faulty_write;
        faulty_methods.xSync = faulty_sync;
        file->pMethods = &faulty_methods;
    }
    return code;
}

static void faulty_disk_install(void) {
    real_vfs = sqlite3_vfs_find(NULL);
    faulty_vfs = *real_vfs;
    faulty_vfs.zName = "faulty";
    faulty_vfs.xOpen = faulty_open;
    assert_int_equal(sqlite3_vfs_register(&faulty_vfs, 1), SQLITE_OK);
}

static void test_disk_full(void **state) {
    struct fixture *f = *state;
    message_add(f, f->talk, f->users[0], "before");
    atomic_store(&log_write_error, SQLITE_FULL);
    for (int i = 0; i < 3; i++) {
        struct store_message_add *op = message_new(f->talk, f->users[0], "full", "id");
        assert_int_equal(store_call(f->store, &op->op), FAULT_INTERNAL);
        store_op_free(&op->op);
    }
    struct store_message_page *page = page_call(f, f->talk, STORE_BY_PAGE, 1, 10, 0, 0);
    assert_true(page->op.fault == FAULT_NONE && page->total == 1); /* reading goes on */
    store_op_free(&page->op);

    atomic_store(&log_write_error, 0);
    struct store_message_add *op = message_new(f->talk, f->users[0], "room again", "id");
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_true(!op->duplicate && op->row.seq == 2);
    store_op_free(&op->op);
    store_stop(f);
    assert_int_equal(sql_run(f, "SELECT count(*) FROM messages"), 2);
}

enum { EXIT_FATAL = 42, EXIT_ANSWERED = 43 };

static void fatal_exit(const char *message, void *data) { _exit(EXIT_FATAL); }

/* In a child, since on_fatal may not return. */
static void commit_fails(struct fixture *f, atomic_int *what, int error) {
    store_stop(f);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        f->config.on_fatal = fatal_exit;
        f->config.log = NULL;
        if (store_sqlite_open(&f->config, &f->store) != SIO_ERR_OK) _exit(1);
        atomic_store(what, error);
        store_call(f->store, &message_new(f->talk, f->users[0], "unknown", NULL)->op);
        _exit(EXIT_ANSWERED);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_FATAL);
    store_start(f);
}

static void test_commit_fails(void **state) {
    struct fixture *f = *state;
    message_add(f, f->talk, f->users[0], "before");
    commit_fails(f, &log_sync_error, SQLITE_IOERR_FSYNC);
    commit_fails(f, &log_write_error, SQLITE_IOERR_WRITE);
    struct message_row after = message_add(f, f->talk, f->users[0], "after");
    assert_true(after.seq >= 2 && after.seq <= 4); /* the unknown ones may be there */
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        CONTRACT_CASE(files_are_private),  CONTRACT_CASE(one_process),
        CONTRACT_CASE(unusable_directory), CONTRACT_CASE(newer_schema),
        CONTRACT_CASE(older_schema),       CONTRACT_CASE(foreign_database),
        CONTRACT_CASE(damaged_file),       CONTRACT_CASE(no_table_is_scanned),
        CONTRACT_CASE(hash_collision),     CONTRACT_CASE(hash_is_fixed),
        CONTRACT_CASE(log_is_emptied),     CONTRACT_CASE(disk_full),
        CONTRACT_CASE(commit_fails),
    };
    backend = &backends[0];
    faulty_disk_install();
    return cmocka_run_group_tests_name("sqlite", tests, NULL, NULL);
}
