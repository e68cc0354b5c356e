/* What the files of outbox/ share: the worker and its two kinds of parts, slices (from messages to jobs) and couriers
 * (from jobs to a service).
 *
 *   store ──candidates──> slice ──who is there?──> chat ──> slice ──decisions──> store
 *   store ──claim, load──> courier ──requests──> service ──verdicts──> courier ──settle──> store
 *
 * All of it belongs to the worker's thread; other threads' answers come by the mailbox. A turn (outbox_turn) does
 * what is due and then waits for the network, for letters, or for the next thing to become due. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "base/list.h"
#include "outbox/hosts.h"
#include "outbox/mailbox.h"
#include "outbox/outbox.h"
#include "outbox/pace.h"
#include "outbox/trouble.h"
#include "outbox/world.h"

enum { UNANSWERED_MAX = 3 /* requests in a row, and the service counts as failing */ };

/* ---- slices ---- */

enum slice_source { SLICE_FANOUTS, SLICE_WATCHES };

struct slice {
    struct outbox *outbox;
    enum slice_source source;
    bool wanted;            /* something may be there */
    int64_t due_at;         /* of the next watch; 0: none. Wall clock */
    uint64_t not_before_ms; /* the next look: what comes one by one is looked at together */

    /* Of the one that is under way: */
    struct store_op *op; /* NULL: none is. The store's answer, which owns the rows */
    const struct push_candidate *candidates;
    size_t count;
    const struct push_mark *marks;
    size_t mark_count;
    enum chat_reach *reach; /* of each candidate; in op's arena */
    unsigned unanswered;    /* questions to chat */
};

void slice_init(struct slice *s, struct outbox *outbox, enum slice_source source);
void slice_fini(struct slice *s);
void slice_turn(struct slice *s);

/* ---- couriers ---- */

/* What was loaded together is freed together. */
struct load {
    unsigned refs;
    struct store_op *op; /* the store's answer, whose rows the items point to */
    struct item *items;
};
void load_unref(struct load *load);

/* A push that is on its way: one of a job, or one of a test. */
struct item {
    struct list node; /* in a queue of the courier */
    struct load *load;
    const struct push_job_row *job; /* NULL: a test */
    struct test_run *test;          /* NULL: a job */
    size_t test_index;
    struct host *host; /* of Web Push; NULL: not looked after */
    struct push_note note;
};

/* In this order they are sent. */
enum courier_queue { QUEUE_TESTS, QUEUE_EMERGENCIES, QUEUE_OTHERS, QUEUE_COUNT_ };

enum { COURIER_LABEL_TEXT = 32 };

struct courier {
    struct outbox *outbox;
    struct push_provider *provider; /* NULL: the service is off */
    const char *name;
    char labels[PUSH_RESULT_COUNT_][COURIER_LABEL_TEXT]; /* of METRIC_PUSH_RESULTS */

    bool claiming;
    bool wanted;    /* jobs may be due */
    int64_t due_at; /* of the next one; 0: none. Wall clock */
    struct list queues[QUEUE_COUNT_];
    unsigned queued;       /* jobs in them; tests do not count */
    unsigned held;         /* jobs claimed and not yet settled, queued ones among them */
    atomic_uint in_flight; /* notes in requests; written here alone, read by /metrics */
    struct list sendings;  /* the requests */
    struct pace pace;
    struct hosts *hosts; /* of a service that is many servers; NULL: it is one */

    bool asking;         /* for a token of ours */
    unsigned unanswered; /* requests in a row */
    struct trouble trouble;
    atomic_bool resting;     /* for /metrics */
    uint64_t complain_at_ms; /* no line about single pushes before */
    unsigned unsaid;         /* lines left out since the last one */

    struct store_push_settle *settling; /* gathered; NULL: nothing */
    struct push_settled *gathered;      /* its rows */
    uint64_t settle_at_ms;
    bool receipts_under_way;
    int64_t receipts_due_at; /* 0: none. Wall clock */
};

void courier_init(struct courier *courier, struct outbox *outbox, struct push_provider *provider);
void courier_fini(struct courier *courier);
void courier_turn(struct courier *courier);
void courier_claim(struct courier *courier);
void courier_queue(struct courier *courier, struct item *item);
void courier_put_back_queue(struct courier *courier, int64_t due_at, const char *why);

/* The service as a whole rests: what is queued goes back, due when the rest ends. Once in the log. */
void courier_rest(struct courier *courier, const struct push_verdict *verdict);
void courier_is_well(struct courier *courier);
int64_t courier_rest_ends_at(const struct courier *courier); /* wall clock; now when it does not rest */
/* A line about one push; at most one a minute, with the number of those left out. */
void courier_complain(struct courier *courier, const char *what, const char *reason);

/* sending.c: requests */
void courier_send(struct courier *courier);
void courier_abandon(
    struct courier *courier); /* what is in flight goes back now; its answers come too late */

/* verdicts.c: what follows from an answer. An item that was judged or put back is gone. */
void item_judged(struct courier *courier, struct item *item, const struct push_verdict *verdict);
void courier_learn(struct courier *courier, const struct item *item, uint32_t epoch,
                   const struct push_response *response, const struct push_verdict *verdicts, size_t count);
void item_put_back(struct courier *courier, struct item *item, int64_t due_at, const char *why);

/* settle.c: gathered for some milliseconds, then written in one commit */
void courier_settle(struct courier *courier, const struct push_settled *settled);
void courier_settle_turn(struct courier *courier);
void courier_settle_flush(struct courier *courier);

/* receipts.c */
void courier_receipts_turn(struct courier *courier);

/* test_push.c */
void test_run_judged(struct test_run *run, size_t index, const struct push_verdict *verdict);

/* ---- the worker ---- */

enum { WAKE_FANOUTS = 1, WAKE_ALL = 3 };
enum outbox_phase { OUTBOX_WORKS, OUTBOX_STOPS };

struct outbox {
    struct outbox_config config;
    struct outbox_world world;
    struct push_texts *texts;
    struct time_zones *zones;
    struct store *store;
    struct chat *chat; /* NULL: everybody is offline */

    struct mailbox *mailbox;
    atomic_uint wakes; /* WAKE_… */
    atomic_uint phase; /* enum outbox_phase: written by outbox_stop */
    pthread_t thread;
    bool has_thread;
    uint32_t drain_ms;
    bool draining; /* nothing new begins */
    uint64_t drain_until_ms;

    /* Of this turn: */
    uint64_t now_ms; /* monotonic */
    int64_t wall_ms;
    uint64_t next_ms; /* when the next turn is due at the latest; monotonic */

    struct list again; /* store operations to be tried again */
    unsigned asked;    /* store operations not answered yet, these among them */
    unsigned failing;  /* of these: failed before */
    struct slice fanouts, watches;
    struct courier couriers[PUSH_SERVICE_COUNT_];
    uint64_t tidy_at_ms;
    bool tidying;
};

/* Makes it of given parts; on failure `world` is closed and the providers are, as by outbox_free. */
enum sio_err outbox_make(const struct outbox_config *config, const struct outbox_world *world,
                         struct push_provider *const providers[PUSH_SERVICE_COUNT_], struct outbox **out);
/* outbox_start without the thread: the caller calls outbox_turn. */
void outbox_begin(struct outbox *outbox, struct store *store, struct chat *chat);
void outbox_turn(struct outbox *outbox);
void outbox_drain(struct outbox *outbox);

void outbox_read_clock(struct outbox *outbox);
void outbox_next_at(struct outbox *outbox, uint64_t monotonic_ms); /* a turn is due by then */
void outbox_next_at_wall(struct outbox *outbox, int64_t wall_ms);  /* 0: never */
/* The earlier of two times of the wall clock, of which 0 is none. */
int64_t earlier(int64_t a, int64_t b);

void outbox_tidy_turn(struct outbox *outbox);

/* ask.c: an operation of the store and what is to be done with its answer, on the worker's thread. An operation that
 * failed with nothing done (FAULT_BUSY, FAULT_INTERNAL) is tried again until the worker stops: only then does `done`
 * see such a fault. */
typedef void outbox_answered(struct outbox *outbox, struct store_op *op, void *data);
void outbox_ask(struct outbox *outbox, struct store_op *op, outbox_answered *done, void *data);
void outbox_ask_again(struct outbox *outbox);
