/* A bounded queue of operations: a list under a mutex, taken in batches. */
#include "store/sqlite/queue.h"

#include <time.h>

#include "base/must.h"
#include "store/backend.h"

void queue_init(struct queue *q, size_t bytes_max) {
    *q = (struct queue){.bytes_max = bytes_max};
    q->end = &q->head;
    q->refused_end = &q->refused;
    pthread_condattr_t attr;
    must(pthread_condattr_init(&attr) == 0);
    must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
    must(pthread_mutex_init(&q->mutex, NULL) == 0);
    must(pthread_cond_init(&q->ready, &attr) == 0);
    pthread_condattr_destroy(&attr);
}

void queue_fini(struct queue *q) {
    must(q->head == NULL && q->refused == NULL);
    pthread_cond_destroy(&q->ready);
    pthread_mutex_destroy(&q->mutex);
}

static void list_append(struct store_op ***end, struct store_op *op) {
    op->next = NULL;
    **end = op;
    *end = &op->next;
}

void queue_put(struct queue *q, struct store_op *op) {
    size_t bytes = store_op_bytes(op);
    pthread_mutex_lock(&q->mutex);
    must(!q->closed);
    bool fits = q->bytes == 0 || (q->bytes <= q->bytes_max && bytes <= q->bytes_max - q->bytes);
    if (fits) {
        list_append(&q->end, op);
        q->bytes += bytes;
        q->count++;
    } else if (!op->loop) {
        list_append(&q->refused_end, op);
    }
    if (fits || !op->loop) pthread_cond_signal(&q->ready);
    /* `op` may be gone already, unless it was refused and has a loop. */
    bool tell = !fits && op->loop;
    pthread_mutex_unlock(&q->mutex);
    if (tell) store_result_post(op, FAULT_BUSY);
}

static void wait_ready(struct queue *q, int timeout_ms) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    while (!q->head && !q->refused && !q->closed) {
        if (timeout_ms < 0)
            pthread_cond_wait(&q->ready, &q->mutex);
        else if (pthread_cond_timedwait(&q->ready, &q->mutex, &until) != 0)
            return;
    }
}

struct queue_batch queue_take(struct queue *q, unsigned max, unsigned share, int timeout_ms) {
    struct queue_batch batch = {0};
    pthread_mutex_lock(&q->mutex);
    wait_ready(q, timeout_ms);
    batch.refused = q->refused;
    q->refused = NULL;
    q->refused_end = &q->refused;

    unsigned n = (q->count + share - 1) / share;
    if (n > max) n = max;
    struct store_op **end = &batch.ops;
    for (unsigned i = 0; i < n; i++) {
        struct store_op *op = q->head;
        q->head = op->next;
        batch.bytes += store_op_bytes(op);
        list_append(&end, op);
    }
    if (!q->head) q->end = &q->head;
    q->count -= n;
    if (q->head) pthread_cond_signal(&q->ready); /* for the next thread */
    batch.closed = q->closed && !batch.ops;
    pthread_mutex_unlock(&q->mutex);
    return batch;
}

void queue_release(struct queue *q, size_t bytes) {
    pthread_mutex_lock(&q->mutex);
    q->bytes -= bytes;
    pthread_mutex_unlock(&q->mutex);
}

void queue_close(struct queue *q) {
    pthread_mutex_lock(&q->mutex);
    q->closed = true;
    pthread_cond_broadcast(&q->ready);
    pthread_mutex_unlock(&q->mutex);
}
