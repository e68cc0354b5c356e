/* The embedded back-end's life: locking the directory, opening the database, starting and ending threads. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "sio_strbuf.h"
#include "store/sqlite/functions.h"
#include "store/sqlite/reader.h"
#include "store/sqlite/schema.h"
#include "store/sqlite/writer.h"

enum {
    DIRECTORY_MODE = 0700,
    OTHERS = 0077,
    FILE_MODE = 0600,
    READER_CACHE_KIB = 16 << 10,  /* each */
    QUICK_CHECK_BYTES = 64 << 20, /* larger databases are not read through at start */
    READERS_MAX = 64,
};

struct sqlite_store {
    struct store store;
    const struct sio_log *log;
    char *path; /* of the database */
    int lock_fd;
    struct queue writes, reads;
    struct writer writer;
    pthread_t writer_thread;
    bool writer_started;
    struct reader *readers;
    unsigned reader_count, readers_started;
};

static const struct store_backend sqlite_backend;

/* ---- the directory ---- */

static enum sio_err errno_err(int code) {
    switch (code) {
    case EACCES:
    case EPERM:
    case EROFS: return SIO_ERR_DENIED;
    case EWOULDBLOCK: return SIO_ERR_IN_USE;
    default: return SIO_ERR_IO;
    }
}

static char *path_join(const char *directory, const char *name) {
    struct sio_strbuf path;
    sio_strbuf_init(&path);
    sio_strbuf_printf(&path, "%s/%s", directory, name);
    return sio_strbuf_take(&path);
}

/* What is in it is for its owner alone; a folder made by others may be open to more. */
static void directory_look(const struct sqlite_store *s, const char *directory) {
    struct stat st;
    if (stat(directory, &st) == 0 && (st.st_mode & OTHERS) != 0)
        sio_log_warn(s->log, "store: the directory may be entered by others, 0700 is safe path=%s mode=%04o",
                     directory, (unsigned)st.st_mode & 07777);
}

/* Two processes with one write-ahead log would be two checkpointers. The lock ends with the process. */
static enum sio_err directory_lock(struct sqlite_store *s, const char *directory) {
    if (mkdir(directory, DIRECTORY_MODE) != 0 && errno != EEXIST) {
        sio_log_error(s->log, "store: the directory cannot be made path=%s error=%s", directory,
                      strerror(errno));
        return errno_err(errno);
    }
    directory_look(s, directory);
    char *path = path_join(directory, "lock");
    s->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    enum sio_err e = SIO_ERR_OK;
    if (s->lock_fd < 0 || flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        e = errno_err(errno);
        sio_log_error(s->log,
                      e == SIO_ERR_IN_USE ? "store: another process uses this directory path=%s error=%s"
                                          : "store: the directory cannot be locked path=%s error=%s",
                      path, strerror(errno));
    }
    free(path);
    return e;
}

/* Makes the file before SQLite does, so that nobody else may read it; the log's files inherit its mode. */
static enum sio_err database_file_make(struct sqlite_store *s, const char *directory) {
    int fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    int directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fchmod(fd, FILE_MODE) == 0 && directory_fd >= 0 && fsync(directory_fd) == 0;
    enum sio_err e = ok ? SIO_ERR_OK : errno_err(errno);
    if (!ok)
        sio_log_error(s->log, "store: the database file cannot be made path=%s error=%s", s->path,
                      strerror(errno));
    if (fd >= 0) close(fd);
    if (directory_fd >= 0) close(directory_fd);
    return e;
}

/* ---- connections ---- */

/* SQLite counts its memory under one lock for all threads, which nobody reads here. Only before its first
 * use in a process; afterwards it refuses and goes on counting, which is harmless. */
static void sqlite_configure(void) { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

static enum sio_err connection_open(struct db *db, const char *path, int flags) {
    if (sqlite3_open_v2(path, &db->handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, NULL) !=
        SQLITE_OK) {
        db_fail(db, db->handle ? sqlite3_extended_errcode(db->handle) : SQLITE_NOMEM);
        return schema_err(db->error);
    }
    sqlite3_extended_result_codes(db->handle, 1);
    sqlite3_busy_timeout(db->handle, DB_BUSY_MS);
    functions_add(db);
    db_exec(db, "PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY;");
    return schema_err(db->error);
}

static void cache_size_set(struct db *db, size_t kib) {
    struct sio_strbuf sql;
    sio_strbuf_init(&sql);
    sio_strbuf_printf(&sql, "PRAGMA cache_size = -%zu", kib);
    db_exec(db, sql.p);
    sio_strbuf_fini(&sql);
}

/* A log left behind means that the process died. SQLite recovers from that by itself; damage would come from
 * a disk that lied, and reading a small database through is cheap enough to look for it. */
static enum sio_err database_check(struct db *db, bool unclean, int64_t size_bytes) {
    if (!unclean) return SIO_ERR_OK;
    if (size_bytes > QUICK_CHECK_BYTES) {
        sio_log_warn(db->log,
                     "store: the last process did not close the database; its check is left out, the file is"
                     " large bytes=%lld",
                     (long long)size_bytes);
        return SIO_ERR_OK;
    }
    struct arena arena;
    arena_init(&arena);
    struct query q = query_begin(db, "PRAGMA quick_check(1)");
    struct sio_span result = query_step(&q) ? query_get_text(&q, &arena) : (struct sio_span){NULL, 0};
    query_end(&q);
    enum sio_err e = schema_err(db->error);
    if (e == SIO_ERR_OK && !sio_span_is(result, "ok")) {
        sio_log_error(db->log, "store: the database is damaged: %.*s", (int)result.n, result.p);
        e = SIO_ERR_CORRUPT;
    }
    if (e == SIO_ERR_OK)
        sio_log_info(db->log,
                     "store: the last process did not close the database; it was checked and is sound");
    arena_fini(&arena);
    return e;
}

static int64_t file_size(const char *path, const char *suffix) {
    struct sio_strbuf whole;
    struct stat st;
    sio_strbuf_init(&whole);
    sio_strbuf_printf(&whole, "%s%s", path, suffix);
    int64_t size = stat(whole.p, &st) == 0 ? (int64_t)st.st_size : 0;
    sio_strbuf_fini(&whole);
    return size;
}

static bool journal_is_wal(struct db *db) {
    struct query q = query_begin(db, "PRAGMA journal_mode = WAL");
    bool wal = query_step(&q) && sio_span_is(query_peek_text(&q), "wal");
    query_end(&q);
    return wal;
}

static enum sio_err writer_open(struct sqlite_store *s, const struct store_config *config) {
    bool unclean = file_size(s->path, "-wal") > 0;
    int64_t size_bytes = file_size(s->path, "");
    struct db *db = &s->writer.db;
    enum sio_err e = connection_open(db, s->path, SQLITE_OPEN_READWRITE);
    if (e != SIO_ERR_OK) return e;
    cache_size_set(db, config->cache_bytes / 1024);
    if (db->error == SQLITE_OK && !journal_is_wal(db)) {
        sio_log_error(s->log, "store: the database cannot use a write-ahead log here path=%s", s->path);
        return db->error == SQLITE_OK ? SIO_ERR_IO : schema_err(db->error);
    }
    db_exec(db, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;");
    e = database_check(db, unclean, size_bytes);
    if (e == SIO_ERR_OK) e = schema_migrate(db);
    if (e == SIO_ERR_OK) e = schema_err(db->error);
    return e;
}

/* Only the writer may checkpoint, so the last reader to close must not. */
static enum sio_err reader_open(struct sqlite_store *s, struct reader *r) {
    r->db.log = s->log;
    r->queue = &s->reads;
    r->share = s->reader_count;
    enum sio_err e = connection_open(&r->db, s->path, SQLITE_OPEN_READONLY);
    if (e != SIO_ERR_OK) return e;
    int was = 0;
    if (sqlite3_db_config(r->db.handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, &was) != SQLITE_OK)
        return SIO_ERR_IO;
    cache_size_set(&r->db, READER_CACHE_KIB);
    return schema_err(r->db.error);
}

/* ---- threads ---- */

static void *writer_thread(void *s) {
    writer_run(&((struct sqlite_store *)s)->writer);
    return NULL;
}

static void *reader_thread(void *r) {
    reader_run(r);
    return NULL;
}

/* Signals are for the threads that wait for them. */
static enum sio_err threads_start(struct sqlite_store *s) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    s->writer_started = pthread_create(&s->writer_thread, NULL, writer_thread, s) == 0;
    while (s->writer_started && s->readers_started < s->reader_count) {
        struct reader *r = &s->readers[s->readers_started];
        if (pthread_create(&r->thread, NULL, reader_thread, r) != 0) break;
        s->readers_started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return s->readers_started == s->reader_count ? SIO_ERR_OK : SIO_ERR_LIMIT;
}

/* ---- opening and closing ---- */

static void store_free(struct sqlite_store *s) {
    queue_close(&s->reads);
    queue_close(&s->writes);
    for (unsigned i = 0; i < s->readers_started; i++) pthread_join(s->readers[i].thread, NULL);
    if (s->writer_started) pthread_join(s->writer_thread, NULL);
    for (unsigned i = 0; i < s->reader_count; i++) db_close(&s->readers[i].db);
    writer_fini(&s->writer); /* the last connection: empties and removes the log */
    queue_fini(&s->reads);
    queue_fini(&s->writes);
    if (s->lock_fd >= 0) close(s->lock_fd);
    free(s->readers);
    free(s->path);
    free(s);
}

static int64_t system_wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct sqlite_store *store_make(const struct store_config *config) {
    struct sqlite_store *s = mem_new(struct sqlite_store);
    s->store.backend = &sqlite_backend;
    s->log = config->log;
    s->lock_fd = -1;
    s->path = path_join(config->directory, "vaultify.db");
    queue_init(&s->writes, config->queue_bytes);
    queue_init(&s->reads, config->queue_bytes);
    s->reader_count = config->readers < 1 ? 1 : config->readers > READERS_MAX ? READERS_MAX : config->readers;
    s->readers = mem_new_array(struct reader, s->reader_count);
    writer_init(&s->writer);
    s->writer.db.log = config->log;
    s->writer.queue = &s->writes;
    s->writer.batch_max = config->batch_max ? config->batch_max : 1;
    s->writer.wall_ms = config->wall_ms ? config->wall_ms : system_wall_ms;
    s->writer.on_fatal = config->on_fatal;
    s->writer.on_fatal_data = config->on_fatal_data;
    s->writer.metrics = config->metrics;
    return s;
}

enum sio_err store_sqlite_open(const struct store_config *config, struct store **out) {
    static pthread_once_t configured = PTHREAD_ONCE_INIT;
    must(config->directory != NULL);
    pthread_once(&configured, sqlite_configure);
    *out = NULL;

    struct sqlite_store *s = store_make(config);
    enum sio_err e = directory_lock(s, config->directory);
    if (e == SIO_ERR_OK) e = database_file_make(s, config->directory);
    if (e == SIO_ERR_OK) e = writer_open(s, config);
    if (e == SIO_ERR_OK) e = writer_prepare(&s->writer);
    for (unsigned i = 0; e == SIO_ERR_OK && i < s->reader_count; i++) e = reader_open(s, &s->readers[i]);
    if (e == SIO_ERR_OK) e = threads_start(s);
    if (e != SIO_ERR_OK) {
        store_free(s);
        return e;
    }
    *out = &s->store;
    return SIO_ERR_OK;
}

static void sqlite_submit(struct store *store, struct store_op *op) {
    struct sqlite_store *s = container_of(store, struct sqlite_store, store);
    if (store_op_writes(op->kind))
        queue_put(&s->writes, QUEUE_SHORT, op);
    else
        queue_put(&s->reads, reader_lane(op), op);
}

static void sqlite_close(struct store *store) { store_free(container_of(store, struct sqlite_store, store)); }

static void sqlite_push_listen(struct store *store, uint32_t services, void (*waits)(void *data),
                               void *data) {
    struct sqlite_store *s = container_of(store, struct sqlite_store, store);
    s->writer.push_waits = waits;
    s->writer.push_waits_data = data;
    s->writer.db.push_services = services;
    for (unsigned i = 0; i < s->reader_count; i++) s->readers[i].db.push_services = services;
}

static const struct store_backend sqlite_backend = {
    .name = "sqlite",
    .submit = sqlite_submit,
    .push_listen = sqlite_push_listen,
    .close = sqlite_close,
};
