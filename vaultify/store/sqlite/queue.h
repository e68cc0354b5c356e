/* A bounded queue of operations between many threads that submit and the store's threads that work. Never
 * blocks the submitter: what does not fit is refused. */
#pragma once
#include <pthread.h>

#include "store/store.h"

/* One order of waiting for each: what somebody waits for to come in or to be heard, and what may cost a
 * thousand times as much and is asked for page by page. */
enum queue_lane { QUEUE_SHORT, QUEUE_LONG, QUEUE_LANES };

struct queue_line {
    struct store_op *head, **end;
    unsigned count; /* waiting */
};

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t ready;
    struct queue_line lines[QUEUE_LANES];
    struct store_op *refused, **refused_end; /* of callers without a loop: a store thread has to tell them */
    size_t bytes, bytes_max;                 /* waiting and being worked on */
    bool closed;
};

void queue_init(struct queue *q, size_t bytes_max);
void queue_fini(struct queue *q);

/* Any thread. When it is full the operation ends with FAULT_BUSY; an empty queue takes one of any size. */
void queue_put(struct queue *q, enum queue_lane lane, struct store_op *op);

struct queue_batch {
    struct store_op *ops;     /* in order, those of the short lane first; NULL: none */
    struct store_op *refused; /* to be told FAULT_BUSY */
    size_t bytes;             /* to be given back with queue_release */
    bool closed;              /* and nothing is left */
};

/* Waits until there is something, the queue is closed, or `timeout_ms` is over (< 0: never). Takes at most
 * `max[lane]` operations of each lane, and no more than the `share`th part of what waits there, rounded up: so
 * each lane moves on with every batch, and whoever comes into the short one waits for no more than a batch. */
struct queue_batch queue_take(struct queue *q, const unsigned max[static QUEUE_LANES], unsigned share,
                              int timeout_ms);

/* So many bytes of operations are done, and make room for others. */
void queue_release(struct queue *q, size_t bytes);

/* What waits is still taken. */
void queue_close(struct queue *q);
