/* A reader: a thread with its own read-only connection, working off the queue of reads. */
#pragma once
#include "store/sqlite/query.h"
#include "store/sqlite/queue.h"

struct reader {
    struct db db;
    struct queue *queue;
    unsigned share; /* readers altogether */
    pthread_t thread;
};

/* In which lane of the queue a read waits. */
enum queue_lane reader_lane(const struct store_op *op);

/* The thread's body: returns when the queue is closed and empty. */
void reader_run(struct reader *r);
