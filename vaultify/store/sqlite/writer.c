/* The writer thread: batches, the caches it answers from, and what happens when a write fails. */
#include "store/sqlite/writer.h"

#include "base/mem.h"
#include "base/must.h"
#include "store/backend.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/push_cancel.h"
#include "store/sqlite/push_delivered.h"
#include "store/sqlite/push_fanout.h"
#include "store/sqlite/push_jobs.h"
#include "store/sqlite/schema.h"

enum {
    IDLE_MS = 1000,                 /* without work, before the log is emptied */
    CONVERSATIONS_CACHED = 1 << 16, /* some 150 bytes each */
    USERS_CACHED = 1 << 16,         /* some 250 bytes each */
    DELIVERIES_CACHED = 1 << 17, /* some 100 bytes each; while a broadcast is worked off, all who have it */
};

/* `alone`: nothing has to be taken back on a refusal: all checks come before the first statement that writes, and what a
 * push operation of many rows has written, it may write again. The others run inside a savepoint, and see the
 * conversations' rows with their counters written. A savepoint is dear where triggers are: inside one, SQLite copies
 * every page that such a statement touches, statement by statement. */
static const struct {
    write_fn *run;
    bool alone;
} writes[STORE_OP_COUNT_] = {
    [STORE_MESSAGE_ADD] = {write_message_add, true},
    [STORE_READ_ADVANCE] = {write_read_advance, true},
    [STORE_DELIVERED_ADVANCE] = {write_delivered_advance, true},
    [STORE_CONVERSATION_CREATE] = {write_conversation_create, false},
    [STORE_ESTATE_GROUP] = {write_estate_group, false},
    [STORE_PARTICIPANT_ADD] = {write_participant_add, false},
    [STORE_PARTICIPANT_LEAVE] = {write_participant_leave, false},
    [STORE_REACTION_ADD] = {write_reaction_add, true},
    [STORE_REACTION_REMOVE] = {write_reaction_remove, true},
    [STORE_IMPORT] = {write_import, false},
    [STORE_DEVICE_PUT] = {write_device_put, false},
    [STORE_DEVICE_REMOVE] = {write_device_remove, false},
    [STORE_PREFERENCES_SET] = {write_preferences_set, true},
    [STORE_MUTE_SET] = {write_mute_set, true},
    [STORE_PUSH_USER_GONE] = {write_push_user_gone, true},
    [STORE_PUSH_DECIDE] = {write_push_decide, true},
    [STORE_PUSH_CLAIM] = {write_push_claim, true},
    [STORE_PUSH_SETTLE] = {write_push_settle, true},
    [STORE_PUSH_RECEIPTS_SETTLE] = {write_push_receipts_settle, true},
    [STORE_PUSH_DEAD_RETRY] = {write_push_dead_retry, true},
    [STORE_PUSH_TIDY] = {write_push_tidy, true},
};

/* ---- caches ---- */

static void entry_drop(struct cache_entry *entry, void *data) { free(entry); }

static void counters_write(struct writer *w) {
    while (w->dirty) {
        struct conversation_entry *entry = w->dirty;
        w->dirty = entry->dirty_next;
        entry->dirty = false;
        push_fanout_write(w, entry);
        struct query q = query_begin(&w->db, "UPDATE conversations SET last_seq = ?, last_activity_at = ?"
                                             " WHERE conversation_key = ?");
        query_put_i64(&q, (int64_t)entry->last_seq);
        query_put_i64(&q, entry->last_activity_at);
        query_put_i64(&q, entry->key);
        query_run(&q);
    }
}

/* After a rollback: what the caches know may not have happened. */
static void caches_forget(struct writer *w) {
    w->dirty = NULL;
    w->push_fanouts = false;
    w->push_pending = true;
    cache_clear(&w->conversations);
    cache_clear(&w->users);
}

void writer_audience_changed(struct writer *w) { w->audience++; }

void writer_forget_users(struct writer *w) { cache_clear(&w->users); }

struct conversation_entry *writer_conversation(struct writer *w, const struct uuid *id) {
    struct cache_entry *known = cache_get(&w->conversations, id);
    if (known) return container_of(known, struct conversation_entry, entry);

    struct query q = query_begin(
        &w->db, "SELECT conversation_key, last_seq, last_activity_at FROM conversations WHERE id = ?");
    query_put_uuid(&q, id);
    struct conversation_entry *entry = NULL;
    if (query_step(&q)) {
        entry = mem_new(struct conversation_entry);
        entry->entry.id = *id;
        entry->key = query_get_i64(&q);
        entry->last_seq = (uint64_t)query_get_i64(&q);
        entry->last_activity_at = query_get_i64(&q);
    }
    query_end(&q);
    if (!entry) return NULL;
    if (w->conversations.map.count >= w->conversations.limit) counters_write(w); /* one may have to go */
    cache_put(&w->conversations, &entry->entry);
    return entry;
}

static struct user_entry *user_entry_new(const struct uuid *id, int64_t key, const struct sio_span texts[3]) {
    struct user_entry *entry = mem_alloc(sizeof *entry + texts[0].n + texts[1].n + texts[2].n);
    struct sio_span *fields[] = {&entry->first_name, &entry->last_name, &entry->picture_url};
    entry->entry.id = *id;
    entry->key = key;
    char *p = entry->text;
    for (int i = 0; i < 3; i++) {
        if (texts[i].n) memcpy(p, texts[i].p, texts[i].n);
        *fields[i] = sio_span_of(p, texts[i].n);
        p += texts[i].n;
    }
    return entry;
}

struct user_entry *writer_user(struct writer *w, const struct uuid *id) {
    struct cache_entry *known = cache_get(&w->users, id);
    if (known) return container_of(known, struct user_entry, entry);

    struct query q =
        query_begin(&w->db, "SELECT user_key, first_name, last_name, picture_url FROM users WHERE id = ?");
    query_put_uuid(&q, id);
    struct user_entry *entry = NULL;
    if (query_step(&q)) {
        int64_t key = query_get_i64(&q);
        struct sio_span texts[3];
        for (int i = 0; i < 3; i++) texts[i] = query_peek_text(&q);
        entry = user_entry_new(id, key, texts);
    }
    query_end(&q);
    if (entry) cache_put(&w->users, &entry->entry);
    return entry;
}

void writer_conversation_touch(struct writer *w, struct conversation_entry *entry) {
    if (entry->dirty) return;
    entry->dirty = true;
    entry->dirty_next = w->dirty;
    w->dirty = entry;
}

/* ---- one operation ---- */

/* An error of this one statement, after which the transaction goes on; every other one is the disk's, the
 * memory's or the file's and loses the batch. */
static bool error_is_local(const struct db *db) {
    switch (db->error & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE: return !sqlite3_get_autocommit(db->handle);
    default: return false;
    }
}

static void op_run(struct writer *w, struct store_op *op) {
    struct db *db = &w->db;
    bool alone = writes[op->kind].alone;
    if (!alone) {
        counters_write(w);
        db_do(db, "SAVEPOINT op");
    }
    op->fault = writes[op->kind].run(w, op);
    if (db->error != SQLITE_OK) {
        op->fault = FAULT_INTERNAL;
        if (!error_is_local(db)) {
            w->batch_failed = true;
            return;
        }
        db_error_clear(db);
    }
    if (!alone) {
        if (op->fault != FAULT_NONE) db_do(db, "ROLLBACK TO op");
        db_do(db, "RELEASE op");
        if (db->error != SQLITE_OK) w->batch_failed = true;
    }
}

/* ---- a batch ---- */

static void fatal(struct writer *w, const char *message) {
    sio_log_error(w->db.log, "store: %s", message);
    if (w->on_fatal) w->on_fatal(message, w->on_fatal_data);
    abort();
}

static void batch_take_back(struct writer *w, struct store_op *ops) {
    if (!sqlite3_get_autocommit(w->db.handle) &&
        sqlite3_exec(w->db.handle, "ROLLBACK", NULL, NULL, NULL) != SQLITE_OK)
        fatal(w, "a failed batch of writes could not be rolled back");
    caches_forget(w);
    db_error_clear(&w->db);
    unsigned count = 0;
    for (struct store_op *op = ops; op; op = op->next, count++) op->fault = FAULT_INTERNAL;
    sio_log_error(w->db.log, "store: a batch of writes was rolled back operations=%u", count);
}

/* False: nothing of the batch happened. SQLITE_FULL is the one failure of a commit whose outcome is known:
 * some frame of the log could not be written whole, and the frame that makes the commit is the last one, so
 * it is not there; SQLite has rolled back. Any other failure may come after that frame reached the disk. */
static bool batch_commit(struct writer *w) {
    uint64_t begun_us = metrics_now_us();
    if (db_do(&w->db, "COMMIT")) {
        metrics_observe_us(w->metrics, METRIC_COMMIT_SECONDS, "", metrics_now_us() - begun_us);
        return true;
    }
    if ((w->db.error & 0xff) == SQLITE_FULL && sqlite3_get_autocommit(w->db.handle)) return false;
    fatal(w, "a commit failed and its outcome is unknown");
    return false;
}

static void batch_run(struct writer *w, struct store_op *ops, size_t bytes) {
    w->now = w->wall_ms();
    w->batch_failed = !db_do(&w->db, "BEGIN IMMEDIATE");
    for (struct store_op *op = ops; op && !w->batch_failed; op = op->next) op_run(w, op);
    if (!w->batch_failed) {
        counters_write(w);
        w->batch_failed = w->db.error != SQLITE_OK;
    }
    if (w->batch_failed || !batch_commit(w)) batch_take_back(w, ops);
    queue_release(w->queue, bytes); /* first: who is answered finds room for the next one */
    push_fanout_tell(w);            /* before the answers: who is answered may rely on it */
    store_results_post(ops);
}

static void refuse(struct store_op *ops) {
    for (struct store_op *op = ops; op; op = op->next) op->fault = FAULT_BUSY;
    store_results_post(ops);
}

void writer_run(struct writer *w) {
    for (;;) {
        int timeout_ms = checkpoint_is_due_when_idle(w) ? IDLE_MS : -1;
        const unsigned max[QUEUE_LANES] = {[QUEUE_SHORT] = w->batch_max}; /* writes have one order */
        struct queue_batch batch = queue_take(w->queue, max, 1, timeout_ms);
        if (batch.refused) refuse(batch.refused);
        if (batch.closed) return;
        if (batch.ops) batch_run(w, batch.ops, batch.bytes);
        checkpoint_between(w, !batch.ops && !batch.refused);
    }
}

/* ---- life ---- */

static struct uuid last_message_id(struct db *db) {
    struct query q = query_begin(db, "SELECT id FROM messages ORDER BY message_key DESC LIMIT 1");
    struct uuid id = query_step(&q) ? query_get_uuid(&q) : (struct uuid){{0}};
    query_end(&q);
    return id;
}

void writer_init(struct writer *w) {
    cache_init(&w->conversations, CONVERSATIONS_CACHED, entry_drop, NULL);
    cache_init(&w->users, USERS_CACHED, entry_drop, NULL);
    cache_init(&w->deliveries, DELIVERIES_CACHED, entry_drop, NULL);
    w->audience = 1;
}

static uint64_t setting_get(struct db *db, struct sio_span name) {
    struct query q = query_begin(db, "SELECT value FROM settings WHERE name = ?");
    query_put_text(&q, name);
    uint64_t value = query_step(&q) ? (uint64_t)query_get_i64(&q) : 0;
    query_end(&q);
    return value;
}

enum sio_err writer_prepare(struct writer *w) {
    struct uuid last = last_message_id(&w->db);
    ids_init(&w->ids, &last);
    w->client_hash_seed[0] = setting_get(&w->db, SIO_SPAN("client_hash_seed_0"));
    w->client_hash_seed[1] = setting_get(&w->db, SIO_SPAN("client_hash_seed_1"));
    push_claims_take_back(w);
    push_pending_look(w);
    checkpoint_init(w);
    return schema_err(w->db.error);
}

void writer_fini(struct writer *w) {
    cache_fini(&w->conversations);
    cache_fini(&w->users);
    cache_fini(&w->deliveries);
    db_close(&w->db);
}
