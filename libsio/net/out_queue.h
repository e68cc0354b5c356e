/* What waits to be sent on one connection: references to shared buffers, in order. Three fit in place; a ring
 * on the heap takes over beyond, and goes when the queue is empty. One thread at a time. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/rcbuf.h"

enum { OUT_QUEUE_FEW = 3 };

struct out_queue {
    union {
        struct rcbuf *few[OUT_QUEUE_FEW];
        struct rcbuf **ring;
    };
    uint32_t capacity; /* of the ring; 0: in place */
    uint32_t first, count;
    uint32_t sent;    /* bytes of the first buffer that have left */
    size_t bytes;     /* that wait */
    size_t weight;    /* in memory, of those that are weighed: what others wait for too counts in part */
    uint32_t weighed; /* so many of the first buffers */
};

/* Zeroed to begin. Takes the caller's reference. */
void out_queue_push(struct out_queue *queue, struct rcbuf *buffer);

/* The first buffers as an I/O vector; returns how many. */
int out_queue_fill(const struct out_queue *queue, struct iovec *iov, int max);

/* So many bytes have left: lets go of what is through. */
void out_queue_sent(struct out_queue *queue, size_t n);

/* Adds the weight of what is new. It is an estimate: who else has a buffer changes with time. */
void out_queue_weigh(struct out_queue *queue);

void out_queue_clear(struct out_queue *queue);

static inline bool out_queue_empty(const struct out_queue *queue) { return queue->count == 0; }
