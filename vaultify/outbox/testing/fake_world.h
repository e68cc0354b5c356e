/* A world for the worker in which time is the test's: it passes only while the store and chat owe no answer, so a test of
 * an hour takes a moment and runs the same way each time. Services are fakes whose answers the test decides; the store is
 * the real one. One thread, the test's. */
#pragma once
#include "outbox/inside.h"

struct fake_world;

/* How a service answers a request, and when. */
struct fake_answer {
    enum push_transport transport; /* PUSH_ANSWERED is 0 */
    int status; /* 200: taken; 410: token dead; 400: refused; 401: our key; else as all services judge */
    uint32_t retry_after_ms;
    uint32_t latency_ms; /* 0: some */
    bool about_all;      /* of a 429: the whole service is meant */
};

struct fake_service {
    struct push_provider provider; /* first */
    struct push_provider_ops ops;
    struct fake_world *world;
    struct fake_answer (*answer)(struct fake_service *service, const struct push_note *notes, size_t count);
    int64_t dead_since; /* of a 410; 0: not said */
    bool gives_receipts;
    enum push_result (*receipt)(struct fake_service *service, struct sio_span id);
    unsigned requests, receipt_requests, notes_in_flight, notes_in_flight_most;
};

/* A note that a service has taken. */
struct fake_push {
    enum push_service service;
    char token[64];
    char body[128];
    struct uuid conversation, message;
    uint64_t seq, badge;
    enum push_kind kind;
    int64_t at_ms; /* wall clock */
};

enum { FAKE_RUNAWAY_TURNS = 2000000 /* without time passing: the worker runs in circles */ };

struct fake_world {
    int64_t *wall_ms; /* the test's and its store's clock: this is time */
    uint64_t random;
    struct outbox *outbox;
    enum chat_reach (*reach)(const struct uuid *user); /* NULL: all are offline */
    struct fake_service services[PUSH_SERVICE_COUNT_];
    int64_t until_ms; /* time stops there */
    unsigned idle_turns;
    struct list requests; /* under way */
    pthread_mutex_t lock;
    pthread_cond_t waker;
    bool woken;
    struct fake_push *taken;
    size_t taken_count;
    size_t taken_limit; /* fake_run ends when so many are taken */
};

void fake_world_init(struct fake_world *world, int64_t *wall_ms, uint64_t seed);
void fake_world_fini(struct fake_world *world);

/* This service is on. Before fake_open; `answer` may be changed at any time. */
struct fake_service *fake_service_on(struct fake_world *world, enum push_service service, unsigned batch_max,
                                     uint32_t in_flight_max, uint32_t per_second);

/* A worker with the services that are on, at work on the store. */
void fake_open(struct fake_world *world, const struct outbox_config *config, struct store *store);
void fake_stop(struct fake_world *world, uint32_t drain_ms); /* then the store is closed, then */
void fake_free(struct fake_world *world);                    /* services stay */

void fake_run(struct fake_world *world, int64_t ms); /* for so long at most, or until taken_limit */
bool fake_run_until_taken(struct fake_world *world, size_t count, int64_t at_most_ms);

uint32_t fake_random(struct fake_world *world);
