/* A bounded queue of operations: two lists under a mutex, taken in batches. */
#include "store/sqlite/queue.h"

#include <time.h>

#include "base/must.h"
#include "store/backend.h"

void queue_init(struct queue *q, size_t bytes_max) {
    *q = (struct queue){.bytes_max = bytes_max};
    for (int i = 0; i < QUEUE_LANES; i++) q->lines[i].end = &q->lines[i].head;
    q->refused_end = &q->refused;
    pthread_condattr_t attr;
    must(pthread_condattr_init(&attr) == 0);
    must(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC) == 0);
    must(pthread_mutex_init(&q->mutex, NULL) == 0);
    must(pthread_cond_init(&q->ready, &attr) == 0);
    pthread_condattr_destroy(&attr);
}

static bool is_empty(const struct queue *q) {
    for (int i = 0; i < QUEUE_LANES; i++)
        if (q->lines[i].head) return false;
    return true;
}

void queue_fini(struct queue *q) {
    must(is_empty(q) && q->refused == NULL);
    pthread_cond_destroy(&q->ready);
    pthread_mutex_destroy(&q->mutex);
}

static void list_append(struct store_op ***end, struct store_op *op) {
    op->next = NULL;
    **end = op;
    *end = &op->next;
}

void queue_put(struct queue *q, enum queue_lane lane, struct store_op *op) {
    size_t bytes = store_op_bytes(op);
    pthread_mutex_lock(&q->mutex);
    must(!q->closed);
    bool fits = q->bytes == 0 || (q->bytes <= q->bytes_max && bytes <= q->bytes_max - q->bytes);
    if (fits) {
        list_append(&q->lines[lane].end, op);
        q->bytes += bytes;
        q->lines[lane].count++;
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
    while (is_empty(q) && !q->refused && !q->closed) {
        if (timeout_ms < 0)
            pthread_cond_wait(&q->ready, &q->mutex);
        else if (pthread_cond_timedwait(&q->ready, &q->mutex, &until) != 0)
            return;
    }
}

static void line_take(struct queue_line *line, unsigned max, unsigned share, struct store_op ***end,
                      size_t *bytes) {
    unsigned n = (line->count + share - 1) / share;
    if (n > max) n = max;
    for (unsigned i = 0; i < n; i++) {
        struct store_op *op = line->head;
        line->head = op->next;
        *bytes += store_op_bytes(op);
        list_append(end, op);
    }
    if (!line->head) line->end = &line->head;
    line->count -= n;
}

struct queue_batch queue_take(struct queue *q, const unsigned max[static QUEUE_LANES], unsigned share,
                              int timeout_ms) {
    struct queue_batch batch = {0};
    pthread_mutex_lock(&q->mutex);
    wait_ready(q, timeout_ms);
    batch.refused = q->refused;
    q->refused = NULL;
    q->refused_end = &q->refused;

    struct store_op **end = &batch.ops;
    for (int i = 0; i < QUEUE_LANES; i++) line_take(&q->lines[i], max[i], share, &end, &batch.bytes);
    if (!is_empty(q)) pthread_cond_signal(&q->ready); /* for the next thread */
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
