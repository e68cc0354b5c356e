/* A bounded queue of operations between many threads that submit and the store's threads that work. Never
 * blocks the submitter: what does not fit is refused. */
#pragma once
#include <pthread.h>

#include "store/store.h"

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t ready;
    struct store_op *head, **end;
    struct store_op *refused, **refused_end; /* of callers without a loop: a store thread has to tell them */
    unsigned count;                          /* waiting */
    size_t bytes, bytes_max;                 /* waiting and being worked on */
    bool closed;
};

void queue_init(struct queue *q, size_t bytes_max);
void queue_fini(struct queue *q);

/* Any thread. When it is full the operation ends with FAULT_BUSY; an empty queue takes one of any size. */
void queue_put(struct queue *q, struct store_op *op);

struct queue_batch {
    struct store_op *ops;     /* in order; NULL: none */
    struct store_op *refused; /* to be told FAULT_BUSY */
    size_t bytes;             /* to be given back with queue_release */
    bool closed;              /* and nothing is left */
};

/* Waits until there is something, the queue is closed, or `timeout_ms` is over (< 0: never). Takes at most
 * `max` operations, and no more than the `share`th part of them, rounded up. */
struct queue_batch queue_take(struct queue *q, unsigned max, unsigned share, int timeout_ms);

/* So many bytes of operations are done, and make room for others. */
void queue_release(struct queue *q, size_t bytes);

/* What waits is still taken. */
void queue_close(struct queue *q);
