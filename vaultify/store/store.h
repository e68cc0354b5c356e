/* The storage port: everything that is kept, as operations that end later. Two back-ends implement it; one
 * contract suite (store_contract_test.c) is passed by each.
 *
 * An operation is a structure that begins with `struct store_op`. The caller fills in its inputs (spans stay
 * the caller's until `done`) and submits it; the store fills in the outputs (allocated in op.arena) and posts
 * `done` to op.loop. Then the operation is the caller's again, to be freed with store_op_free. Writes that
 * one thread submits happen in that order. A write's `done` comes after its commit is on disk, never before;
 * writes that wait together are committed together. Reads see every write whose `done` has been posted.
 *
 * Results (op.fault): FAULT_NONE, or the operation's own faults as noted; FAULT_BUSY when a queue is full
 * (nothing happened); FAULT_INTERNAL when the back-end failed before the commit (nothing happened). If a
 * commit itself fails, its outcome is unknown: the store calls config.on_fatal on its own thread, which must
 * not return. */
#pragma once
#include "base/arena.h"
#include "fault/fault.h"
#include "metrics/metrics.h"
#include "sio_err.h"
#include "sio_log.h"
#include "sio_loop.h"
#include "store/rows.h"
#include "store/store_ops.h"

enum {
    STORE_PAGE_BYTES = 2 << 20,
    STORE_PAGE_ROWS = 100, /* of a list by page, at most */
    STORE_SEARCH_BYTES = 200,
    STORE_SHOWN_REACTIONS = 200, /* of one message */
    STORE_OWN_REACTIONS = 10,    /* different ones of one user on one message */
};

enum store_op_kind {
#define STORE_OP_ENUM(name, write, structure) STORE_##name,
    STORE_OP_TABLE(STORE_OP_ENUM)
#undef STORE_OP_ENUM
        STORE_OP_COUNT_
};

struct store_op {
    enum store_op_kind kind;
    struct sio_loop *loop; /* where `done` runs; NULL: on the store's own thread (tools and tests) */
    void (*done)(struct store_op *op);
    void *data;       /* the caller's */
    enum fault fault; /* the result */
    struct arena arena;
    struct sio_task task; /* the port's own, as are the rest */
    struct store_op *next;
};

/* A new zeroed operation: `struct store_user_get *op = store_op_new(STORE_USER_GET, loop, done, data)`. */
void *store_op_new(enum store_op_kind kind, struct sio_loop *loop, void (*done)(struct store_op *op),
                   void *data);
void store_op_free(struct store_op *op);
bool store_op_writes(enum store_op_kind kind);

/* ---- reads ---- */

struct store_user_get { /* FAULT_USER_UNKNOWN */
    struct store_op op;
    struct uuid user;            /* in */
    struct user_row row;         /* out */
    struct sio_span estate_name; /* out; empty: without an estate */
};

struct store_estate_load { /* an estate that does not exist: FAULT_FORBIDDEN */
    struct store_op op;
    struct uuid estate;           /* in */
    struct estate_row row;        /* out */
    const struct user_row *users; /* out: all of the estate, whatever their status */
    size_t user_count;
    struct uuid group; /* out: its group conversation, or nil */
};

struct
    store_resident_page { /* active users of the estate, by first name, last name, id, as casefold.h compares them */
    struct store_op op;
    struct uuid estate;          /* in; one that does not exist has none */
    struct sio_span search;      /* in: part of the first, the last, or the full name ("First Last"), at most
                                    STORE_SEARCH_BYTES; empty: everybody */
    uint32_t page, limit;        /* in: page from 1; limit 1…100 */
    const struct user_row *rows; /* out */
    size_t count;
    uint64_t total;
};

struct store_user_conversations { /* those the user has not left; an unknown user has none */
    struct store_op op;
    struct uuid user;                 /* in */
    const struct uuid *conversations; /* out */
    size_t count;
};

/* `participant_limit` of both: at most so many participants of those who are in it now, the first ones to join; `user`
 * is always among them, and the last one if he joined later than the others. */
struct store_conversation_load { /* FAULT_CONVERSATION_NOT_FOUND */
    struct store_op op;
    struct uuid conversation;    /* in */
    bool with_details;           /* in: the last message, and unread_count of `user` */
    struct uuid user;            /* in */
    uint32_t participant_limit;  /* in: 0: all of them, those who left too (left_at) */
    struct conversation_row row; /* out: participants in the order of joining */
};

struct store_conversation_page { /* the user's own (not left), latest activity first */
    struct store_op op;
    struct uuid user;                    /* in */
    struct uuid estate;                  /* in: only in this estate; nil: in every one */
    bool unread_only;                    /* in: only those not read to the end, be it his own message */
    uint32_t page, limit;                /* in: page from 1; limit 1…100 */
    uint32_t participant_limit;          /* in: 1… */
    const struct conversation_row *rows; /* out: with last message and unread count */
    size_t count;
    uint64_t total;
};

enum store_page_by {
    STORE_BY_PAGE,       /* newest page first as page 1; inside a page by seq, ascending */
    STORE_BY_AFTER_SEQ,  /* the `limit` messages with seq > after_seq, ascending */
    STORE_BY_BEFORE_SEQ, /* the `limit` newest with seq < before_seq, ascending */
};

struct store_message_page { /* the caller has checked that the conversation may be read */
    struct store_op op;
    struct uuid conversation;       /* in */
    enum store_page_by by;          /* in */
    uint32_t page, limit;           /* in */
    uint64_t after_seq, before_seq; /* in; with both, after < seq < before, ascending, from `after` on */
    uint64_t bytes_max; /* in: of the rows together as JSON (message_row_json_bytes); the default is
                           STORE_PAGE_BYTES. What is beyond is left out, but never the first row: the later
                           ones of those from `after` on, else the older ones */
    const struct message_row
        *rows; /* out: with sender, reply (one level) and reactions, of which no more than
                                       the first STORE_SHOWN_REACTIONS */
    size_t count;
    bool truncated; /* out: rows were left out for bytes_max */
    uint64_t total; /* messages of the conversation */
};

struct store_user_list { /* for tools: every user, by estate and e-mail */
    struct store_op op;
    const struct user_row *users; /* out */
    size_t user_count;
};

/* ---- writes ---- */

struct store_message_add { /* FAULT_CONVERSATION_NOT_FOUND, FAULT_MESSAGE_NOT_FOUND (the reply's target is not
                              in it) */
    struct store_op op;
    struct uuid conversation, sender;                     /* in */
    enum message_type type;                               /* in */
    struct sio_span content, metadata, client_message_id; /* in; empty: none */
    struct uuid reply_to;                                 /* in; nil: none */
    bool emergency;                                       /* in: its pushes overtake all others (push.h) */
    struct message_row row;                               /* out: the whole row; spans are the inputs' */
    bool duplicate; /* out: client_message_id was known; row has the first one's id, seq, created_at */
};

struct store_read_advance { /* FAULT_MESSAGE_NOT_FOUND: not in this conversation; FAULT_CONVERSATION_NOT_FOUND
                             */
    struct store_op op;
    struct uuid conversation, user, message; /* in */
    uint64_t seq;                            /* out: of that message */
    struct uuid sender;                      /* out: of that message */
    bool moved;                              /* out: false when the position was there or further */
    int64_t read_at;                         /* out */
};

struct
    store_delivered_advance { /* has arrived at a device, and all before it; the faults of store_read_advance */
    struct store_op op;
    struct uuid conversation, user, message; /* in */
    bool keep;    /* in: the position is kept and shown; else no push is owed any more, and that is all */
    uint64_t seq; /* out: of that message */
    bool moved;   /* out: the position moved over messages of others; never when it is not kept */
    struct uuid
        only_sender; /* out, of moved: who sent all of those; nil: several did, or too many were passed */
    int64_t delivered_at; /* out */
};

struct store_conversation_create { /* FAULT_USER_NOT_FOUND: somebody is not an active user of the estate */
    struct store_op op;
    struct uuid estate, creator; /* in */
    enum conversation_type type; /* in */
    struct sio_span title;       /* in; empty: none */
    const struct uuid
        *users; /* in: participants, the creator added if missing; direct: exactly two together */
    size_t user_count;
    bool created;                /* out: false: this direct conversation existed (who had left is in again) */
    struct conversation_row row; /* out, with participants */
};

struct store_estate_group { /* makes it if missing, adds active residents who have no row in it;
                               FAULT_FORBIDDEN */
    struct store_op op;
    struct uuid estate;          /* in */
    struct uuid creator;         /* in; nil: nobody (the first admin, else the first resident, is noted) */
    struct sio_span title;       /* in; empty: "<estate name> Estate Group", "Estate" once */
    bool created;                /* out */
    struct conversation_row row; /* out, with participants */
};

struct store_participant_add { /* who had left comes back; FAULT_CONVERSATION_NOT_FOUND, FAULT_USER_NOT_FOUND
                                */
    struct store_op op;
    struct uuid conversation, user; /* in; the user must be active in the conversation's estate */
    bool added;                     /* out: false: was in it already */
    struct participant_row row;     /* out */
};

struct store_participant_leave { /* FAULT_CONVERSATION_NOT_FOUND: is not in it */
    struct store_op op;
    struct uuid conversation, user; /* in */
};

struct store_reaction_add { /* FAULT_MESSAGE_NOT_FOUND unless `user` is in the message's conversation;
                               FAULT_TOO_MANY_REACTIONS beyond STORE_OWN_REACTIONS of one user */
    struct store_op op;
    struct uuid message, user; /* in */
    struct sio_span emoji;     /* in */
    struct reaction_row row;   /* out: the old one if the user had reacted so already */
};

struct store_reaction_remove { /* FAULT_MESSAGE_NOT_FOUND, FAULT_REACTION_NOT_FOUND */
    struct store_op op;
    struct uuid message, user; /* in */
    struct sio_span emoji;     /* in */
};

/* One record of an import; all of them happen or none. Existing rows are updated by id; repeating changes
 * nothing. */
struct store_import_record {
    enum { IMPORT_ESTATE, IMPORT_USER, IMPORT_CONVERSATION } kind;
    uint32_t line; /* in the file, from 1; for messages */
    union {
        struct estate_row estate;
        struct user_row user; /* its estate must exist by then, in the store or in an earlier record */
        struct conversation_row conversation; /* with participants; existing ones are kept, new ones added */
    };
};

struct store_import { /* FAULT_INVALID_PAYLOAD with `error` and `error_line` */
    struct store_op op;
    const struct store_import_record *records; /* in */
    size_t record_count;
    struct sio_span error; /* out: one English sentence */
    uint32_t error_line;
    const struct uuid
        *estates; /* out: estates whose users or conversations changed, before or after, once each */
    size_t estate_count;
    uint64_t estates_written, users_written, conversations_written; /* out: new or changed */
    /* A user who is active and has an estate is put into that estate's group by the same commit, if the group
     * exists. */
};

/* ---- the store itself ---- */

struct store_config {
    const char *directory;    /* of the embedded back-end; made if missing (mode 0700) */
    unsigned readers;         /* reader threads; default 2 */
    size_t queue_bytes;       /* operations waiting, by estimated size, reads and writes each; default 64 MiB;
                                 then FAULT_BUSY */
    size_t cache_bytes;       /* page cache of the writer; default 256 MiB */
    unsigned batch_max;       /* writes in one commit; default 1000 */
    int64_t (*wall_ms)(void); /* the clock; NULL: the system's */
    void (*on_fatal)(const char *message, void *data); /* NULL: abort */
    void *on_fatal_data;
    struct metrics *metrics; /* for how long commits take; NULL: not counted */
    const struct sio_log *log;
};
void store_config_init(struct store_config *config);

struct store {
    const struct store_backend *backend; /* every back-end's structure begins with this */
};

struct store_backend {
    const char *name;
    void (*submit)(struct store *store, struct store_op *op);
    void (*push_listen)(struct store *store, uint32_t services, void (*waits)(void *data), void *data);
    void (*close)(struct store *store);
};

/* The embedded back-end: opens or makes the database, brings it to the newest schema. SIO_ERR_IN_USE: another
 * process has this directory; SIO_ERR_INVALID: the database is newer than this program, or another program's;
 * SIO_ERR_CORRUPT; SIO_ERR_IO; SIO_ERR_DENIED; a line in the log says more. */
enum sio_err store_sqlite_open(const struct store_config *config, struct store **out) SIO_MUST_CHECK;

/* Any thread; never blocks. */
void store_submit(struct store *store, struct store_op *op);

/* Waits for all that was submitted, then closes and frees. Not on a loop. */
void store_close(struct store *store);

/* Submits and waits: for tools and tests, never on a loop. Returns op->fault. */
enum fault store_call(struct store *store, struct store_op *op);
