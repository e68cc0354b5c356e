/* The storage port's operations for devices, notification settings and the push outbox (store.h says what an
 * operation is). What carries a push is to the store a number (`service`), what a token means as well.
 *
 * How a push comes about, each step one transaction:
 *
 *   message_add ──> fan-out ──decide──> watch ──decide──> job ──claim/settle──> gone, or a dead letter
 *                      └──────────decide───────────────────^
 *
 *   fan-out  written by the very commit of the messages: a range of seq of one conversation whose participants have
 *            not been looked at yet. One row a conversation and commit; one of its own for each emergency. None when
 *            no participant has a device on a service that is on (store_push_listen).
 *   watch    one for a user and conversation (and whether it is an emergency): has a socket, may not have got it. Due
 *            when somebody has to decide again.
 *   job      one for a user, conversation, device (and whether it is an emergency): a newer message replaces the one
 *            that waits.
 * Reading (READ_ADVANCE) and DELIVERED_ADVANCE up to a seq delete the watches and waiting jobs of the user and conversation
 * up to that seq; leaving a conversation deletes them all. Nothing is lost by a crash between two steps, and nothing
 * is repeated but what was sent and not yet settled.
 *
 * An operation that failed may be submitted again as it is: its answer begins anew, and memory of the first one stays in
 * its arena. */
#pragma once
#include "store/store.h"

enum { STORE_DEVICES_A_USER = 20, STORE_PUSH_BATCH_MAX = 1000 };

/* ---- devices and settings ---- */

struct store_device_list { /* an unknown user has none */
    struct store_op op;
    struct uuid user;              /* in */
    const struct device_row *rows; /* out: the latest seen first */
    size_t count;
};

struct
    store_device_put { /* FAULT_USER_UNKNOWN. The token leaves whoever had it; another row of this user with the same
                             device_id goes; beyond STORE_DEVICES_A_USER the one seen longest ago goes. Their waiting jobs go too */
    struct store_op op;
    struct device_row
        row;      /* in: user, platform, service, token, keys, device_id; out: id, created_at, last_seen_at */
    bool created; /* out: false: this user had this token already */
};

struct store_device_remove { /* FAULT_DEVICE_NOT_FOUND: the user has no such one */
    struct store_op op;
    struct uuid user;
    struct sio_span token, spelling; /* in: either of them; or else */
    struct uuid id;                  /* in: nil: by token */
};

struct store_preferences_get { /* FAULT_USER_UNKNOWN */
    struct store_op op;
    struct uuid user;
    struct preferences_row row; /* out */
};

struct store_preferences_set { /* FAULT_USER_UNKNOWN */
    struct store_op op;
    struct uuid user;
    bool set_locale, set_time_zone, set_quiet; /* in: which members count */
    struct preferences_row row;                /* in and out */
};

/* FAULT_CONVERSATION_NOT_FOUND: is not in it. What waits goes when it is to be quiet now, but for emergencies. */
struct store_mute_set {
    struct store_op op;
    struct uuid conversation, user;
    bool set_muted, set_notifications; /* in: which of the following count */
    bool is_muted;                     /* in and out, as are the next two */
    int64_t muted_until;               /* 0: until further notice */
    bool notifications_enabled;
};

/* ---- from messages to jobs ---- */

enum push_wait {
    PUSH_FRESH,      /* not looked at yet */
    PUSH_AWAITS_ACK, /* all sockets say message_delivered; none has for this */
    PUSH_AWAITS_PING /* a socket of an older client: what is alive at the end has got it */
};

/* Somebody who may be owed a push: a participant who has a device and has not read it. */
struct push_candidate {
    int64_t user_key, conversation_key; /* the store's own, to be handed back */
    struct uuid user, conversation, estate;
    uint64_t seq; /* the newest message in question, by somebody else */
    bool emergency;
    enum push_wait wait;
    bool active; /* the user is */
    bool muted;  /* now */
    bool notifications_enabled;
    struct preferences_row preferences;
};

/* How far a fan-out has got, and up to which message it goes by now: later ones of its conversation may have joined it. */
struct push_mark {
    int64_t fanout_key, after_user_key;
    uint64_t to_seq;
    bool done;
};

/* Emergencies first, then in order; several fan-outs in one go, the last one perhaps in part. Those of one
 * conversation and kind that follow each other, and were not begun, are gone through as one. */
struct store_push_candidates {
    struct store_op op;
    uint32_t limit; /* in: candidates, and fan-outs; at most STORE_PUSH_BATCH_MAX */
    int64_t now;
    const struct push_candidate *candidates; /* out */
    size_t candidate_count;
    const struct push_mark *marks; /* out: for PUSH_DECIDE; none: nothing waits */
    size_t mark_count;
};

struct store_push_watches {
    struct store_op op;
    uint32_t limit;                          /* in */
    int64_t now;                             /* in: due until then */
    const struct push_candidate *candidates; /* out: in the order of becoming due */
    size_t candidate_count;
    int64_t next_due; /* out: of the first one that is not due yet; 0: none */
};

enum push_decision {
    PUSH_NO,       /* nothing (more) is owed: a watch up to this seq goes */
    PUSH_WAIT_ACK, /* a watch, due at due_at; one that is there keeps its time while it waits for the same */
    PUSH_WAIT_PING,
    PUSH_SEND /* jobs, one a device on a service that is on, due now; the watch goes. Who has read it meanwhile gets none */
};

struct push_decided {
    int64_t user_key, conversation_key;
    uint64_t seq;
    bool emergency;
    enum push_decision decision;
    int64_t due_at;
};

struct store_push_decide {
    struct store_op op;
    const struct push_decided *decided; /* in */
    size_t decided_count;
    const struct push_mark *marks; /* in */
    size_t mark_count;
    uint32_t services; /* out: bits of those that got jobs */
    uint32_t jobs;     /* out: made or renewed */
};

struct
    store_push_user_gone { /* the user's last socket has gone: watches for an ack are due now; those for a ping too when `lost`, else they go */
    struct store_op op;
    struct uuid user;
    bool lost; /* it did not answer pings any more */
    bool any;  /* out: something became due */
};

/* ---- jobs ---- */

struct
    store_push_claim { /* due jobs of the service, emergencies first, then by due time; they are nobody else's until they are
                             settled, or until the store is opened anew */
    struct store_op op;
    uint8_t service;     /* in */
    uint32_t limit;      /* in */
    int64_t now;         /* in */
    const int64_t *jobs; /* out: keys */
    size_t count;
    int64_t next_due; /* out: of the first one that is not due yet; 0: none */
};

struct push_job_row {
    int64_t key;
    struct uuid id; /* of this push, the same in every attempt at this message */
    struct device_row device;
    struct uuid conversation;
    enum conversation_type conversation_type;
    bool emergency, is_broadcast;
    enum broadcast_type broadcast; /* of a broadcast */
    struct sio_span title;         /* of the conversation */
    struct uuid message;
    uint64_t seq;
    enum message_type type;
    struct sio_span content; /* 2,000 characters at most: no service carries more */
    struct sio_span sender_first_name, sender_last_name;
    struct sio_span locale; /* the user's */
    uint64_t badge;         /* unread messages of the user in all conversations; exact up to 10,000 in each */
    uint32_t attempts;      /* so far */
    int64_t created_at;     /* of the job */
};

struct store_push_load {
    struct store_op op;
    const int64_t *jobs; /* in */
    size_t job_count;
    const struct push_job_row *rows; /* out: those still there */
    size_t count;
};

enum push_settle {
    PUSH_SETTLE_SENT,     /* done: the job goes; with a receipt, that is kept for PUSH_RECEIPTS */
    PUSH_SETTLE_RETRY,    /* waits until due_at, with one attempt more */
    PUSH_SETTLE_PUT_BACK, /* the same without counting an attempt */
    PUSH_SETTLE_DEAD_LETTER,
    PUSH_SETTLE_TOKEN_DEAD, /* the device goes, with all its jobs and dead letters, unless it was registered after dead_since (not 0):
                               then the job waits for a minute, with one attempt more */
};

struct push_settled {
    int64_t job;
    uint64_t
        seq; /* as it was sent: when a newer message has come meanwhile, the job goes on waiting for that */
    enum push_settle settle;
    int64_t due_at;          /* of RETRY, PUT_BACK */
    struct uuid device;      /* of TOKEN_DEAD: the job's, which may have been cancelled meanwhile */
    int64_t dead_since;      /* of TOKEN_DEAD */
    struct sio_span error;   /* of RETRY, DEAD_LETTER: one line */
    struct sio_span receipt; /* of SENT */
    int64_t receipt_due_at;
};

struct store_push_settle {
    struct store_op op;
    const struct push_settled *settled; /* in */
    size_t count;
    uint32_t devices_dropped; /* out */
};

struct push_receipt_row {
    int64_t key;
    struct sio_span receipt;
    int64_t sent_at;
};
struct store_push_receipts { /* due ones of the service */
    struct store_op op;
    uint8_t service;
    uint32_t limit;
    int64_t now;
    const struct push_receipt_row *rows; /* out */
    size_t count;
    int64_t next_due; /* out: of the first one not due yet; 0: none */
};

struct push_receipt_settled {
    int64_t key;
    enum { PUSH_RECEIPT_DONE, PUSH_RECEIPT_LATER, PUSH_RECEIPT_TOKEN_DEAD } settle;
    int64_t due_at; /* of LATER */
};
struct store_push_receipts_settle {
    struct store_op op;
    const struct push_receipt_settled *settled; /* in */
    size_t count;
    uint32_t devices_dropped; /* out */
};

/* ---- for the operator ---- */

struct push_dead_row {
    int64_t key;
    struct uuid user, conversation, device;
    uint8_t service;
    uint32_t attempts;
    struct sio_span error;
    int64_t created_at, died_at;
};
struct store_push_dead_list { /* the oldest first */
    struct store_op op;
    int64_t after_key; /* in; 0: from the first */
    uint32_t limit;
    const struct push_dead_row *rows; /* out */
    size_t count;
    uint64_t total; /* out */
};

struct store_push_dead_retry { /* FAULT_PUSH_NOT_FOUND: there is no such one */
    struct store_op op;
    int64_t key;    /* in; 0: all of them, STORE_PUSH_BATCH_MAX at a time */
    uint32_t count; /* out: of those that are no dead letters any more; what was read meanwhile is not sent */
    uint32_t services; /* out: bits */
};

struct store_push_stats {
    struct store_op op;
    struct {
        uint64_t waiting, dead; /* jobs */
        int64_t oldest_at;      /* of the waiting ones; 0: none */
    } services[32];             /* out */
    uint64_t fanouts, watches, devices, receipts;
};

struct store_push_tidy { /* at most STORE_PUSH_BATCH_MAX of each; to be repeated while `more` */
    struct store_op op;
    int64_t jobs_before;    /* in: jobs made earlier become dead letters ("expired"), emergencies too */
    int64_t devices_before; /* in: devices not seen since go */
    int64_t dead_before;    /* in: dead letters older go */
    uint32_t dead_max;      /* in: more go, the oldest first */
    int64_t receipts_before;
    uint32_t jobs, devices; /* out */
    bool more;              /* out */
};

/* ---- for whoever works the outbox off ---- */

/* Pushes are wanted for devices on these services (bits): from now on commits write fan-outs. `waits` (may be NULL) is called on a
 * store's thread, after a commit that wrote some; it must not block. Before that no fan-outs are written and nothing waits in
 * vain. Once, while no operation is under way. */
void store_push_listen(struct store *store, uint32_t services, void (*waits)(void *data), void *data);
