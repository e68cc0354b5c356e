/* Moving the write-ahead log into the database, by the writer alone and only between two batches. */
#include <sqlite3.h>

#include "store/sqlite/writer.h"

/* Pages of 4 KiB. A passive checkpoint waits for nobody; when readers have kept the log from starting over
 * for long, and when the store has nothing else to do, it is emptied, waiting for readers a little. */
enum {
    PASSIVE_PAGES = 8192,   /* 32 MiB */
    TRUNCATE_PAGES = 65536, /* 256 MiB */
    READERS_WAIT_MS = 20,   /* writes wait meanwhile */
};

static int log_length_note(void *data, sqlite3 *handle, const char *database, int pages) {
    struct writer *w = data;
    if (pages < w->wal_pages) w->wal_pages_checkpoint = PASSIVE_PAGES; /* the log has started over */
    w->wal_pages = pages;
    return SQLITE_OK;
}

void checkpoint_init(struct writer *w) {
    w->wal_pages_checkpoint = PASSIVE_PAGES;
    sqlite3_wal_hook(w->db.handle, log_length_note, w);
}

bool checkpoint_is_due_when_idle(const struct writer *w) { return w->wal_pages > 0; }

void checkpoint_between(struct writer *w, bool idle) {
    bool truncate = w->wal_pages > 0 && (idle || w->wal_pages >= TRUNCATE_PAGES);
    if (!truncate && w->wal_pages < w->wal_pages_checkpoint) return;
    if (w->wal_pages == 0) return;
    sqlite3_busy_timeout(w->db.handle, READERS_WAIT_MS);
    int code = sqlite3_wal_checkpoint_v2(
        w->db.handle, NULL, truncate ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    sqlite3_busy_timeout(w->db.handle, DB_BUSY_MS);
    if (truncate && code == SQLITE_OK) {
        w->wal_pages = 0;
        w->wal_pages_checkpoint = PASSIVE_PAGES;
        return;
    }
    /* Not all of it, or busy: everything is safe in the log. Next time when it has grown by as much again. */
    w->wal_pages_checkpoint = w->wal_pages + PASSIVE_PAGES;
    if (idle) w->wal_pages = 0; /* until something is written, trying again gains nothing */
    if (code != SQLITE_OK && code != SQLITE_BUSY)
        sio_log_warn(w->db.log, "store: checkpoint failed code=%d text=%s", code,
                     sqlite3_errmsg(w->db.handle));
}
