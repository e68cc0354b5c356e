/* The writer: the one thread that changes the database, and its only checkpointer. It takes all that waits,
 * runs it in one transaction, and answers everybody after the commit. */
#pragma once
#include "sio_err.h"
#include "store/rows.h"
#include "store/sqlite/cache.h"
#include "store/sqlite/ids.h"
#include "store/sqlite/query.h"
#include "store/sqlite/queue.h"

/* A conversation's counters: counted here, written to its row once a batch. */
struct conversation_entry {
    struct cache_entry entry;
    int64_t key;
    uint64_t last_seq;
    int64_t last_activity_at;
    struct conversation_entry *dirty_next;
    bool dirty;             /* last_seq and last_activity_at are newer than the row's */
    bool push_wanted;       /* somebody in it has a device, or had */
    unsigned push_audience; /* writer.audience when somebody was last looked for; 0: never */
    uint64_t push_from_seq; /* messages from here on are in no fan-out yet; 0: all are */
};

/* Who sends: the key, and the names for the answers. */
struct user_entry {
    struct cache_entry entry;
    int64_t key;
    struct sio_span first_name, last_name, picture_url; /* in one piece of memory behind the structure */
    char text[];
};

struct writer {
    struct db db;
    struct queue *queue;
    unsigned batch_max;
    int64_t (*wall_ms)(void);
    void (*on_fatal)(const char *message, void *data);
    void *on_fatal_data;
    struct metrics *metrics;

    void (*push_waits)(void *data); /* of store_push_listen; NULL: nobody listens */
    void *push_waits_data;

    int64_t now; /* ms since 1970, one for the batch */
    struct ids ids;
    uint64_t client_hash_seed[2]; /* the database's own */
    struct cache conversations, users, deliveries;
    struct conversation_entry *dirty;
    unsigned audience; /* changes whenever somebody gets a device or joins a conversation */
    bool push_fanouts; /* this batch has written some */
    bool push_pending; /* false: there is no watch and no job */
    bool batch_failed; /* the transaction is lost: nothing of this batch happened */

    int wal_pages;            /* in the write-ahead log now */
    int wal_pages_checkpoint; /* when to checkpoint next; 0: all of it is in the database */
};

/* Zeroed before; then the owner fills in the upper fields and opens `db`, and writer_prepare reads what must
 * be known before the first write. */
void writer_init(struct writer *w);
enum sio_err writer_prepare(struct writer *w) SIO_MUST_CHECK;
void writer_fini(struct writer *w); /* closes the database too */

/* The thread's body: returns when the queue is closed and empty. */
void writer_run(struct writer *w);

/* From the cache or the database; NULL when there is none. They live until the next call of either. */
struct conversation_entry *writer_conversation(struct writer *w, const struct uuid *id);
struct user_entry *writer_user(struct writer *w, const struct uuid *id);

/* The entry's counters are to be written. */
void writer_conversation_touch(struct writer *w, struct conversation_entry *entry);

/* Somebody has got a device, or is in a conversation: who was out of reach of pushes may not be so any more. */
void writer_audience_changed(struct writer *w);

/* Users changed: their names and keys are read anew. */
void writer_forget_users(struct writer *w);

/* ---- checkpoint.c ---- */

/* Notes how long the log is after each commit, in place of SQLite's own automatic checkpoints. */
void checkpoint_init(struct writer *w);
/* Between two batches; `idle`: nothing has waited for a while. */
void checkpoint_between(struct writer *w, bool idle);
bool checkpoint_is_due_when_idle(const struct writer *w);
