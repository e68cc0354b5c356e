/* The queue of what waits to be sent. */
#include "net/out_queue.h"

#include "base/mem.h"
#include "base/must.h"

static uint32_t slots(const struct out_queue *queue) {
    return queue->capacity != 0 ? queue->capacity : OUT_QUEUE_FEW;
}

static struct rcbuf **slot(const struct out_queue *queue, uint32_t i) {
    uint32_t at = queue->first + i;
    if (at >= slots(queue)) at -= slots(queue);
    return queue->capacity != 0 ? &queue->ring[at] : (struct rcbuf **)&queue->few[at];
}

static void grow(struct out_queue *queue) {
    uint32_t capacity = queue->capacity != 0 ? queue->capacity * 2 : 8;
    must(capacity > queue->count);
    struct rcbuf **ring = mem_new_array(struct rcbuf *, capacity);
    for (uint32_t i = 0; i < queue->count; i++) ring[i] = *slot(queue, i);
    if (queue->capacity != 0) free(queue->ring);
    queue->ring = ring;
    queue->capacity = capacity;
    queue->first = 0;
}

void out_queue_push(struct out_queue *queue, struct rcbuf *buffer) {
    if (buffer->n == 0) {
        rcbuf_unref(buffer);
        return;
    }
    if (queue->count == slots(queue)) grow(queue);
    *slot(queue, queue->count++) = buffer;
    queue->bytes += buffer->n;
}

int out_queue_fill(const struct out_queue *queue, struct iovec *iov, int max) {
    int n = queue->count < (uint32_t)max ? (int)queue->count : max;
    size_t skip = queue->sent;
    for (int i = 0; i < n; i++, skip = 0) {
        struct rcbuf *buffer = *slot(queue, (uint32_t)i);
        iov[i] = (struct iovec){.iov_base = buffer->p + skip, .iov_len = buffer->n - skip};
    }
    return n;
}

static void forget_ring(struct out_queue *queue) {
    if (queue->capacity != 0) free(queue->ring);
    *queue = (struct out_queue){0};
}

void out_queue_weigh(struct out_queue *queue) {
    for (; queue->weighed < queue->count; queue->weighed++) {
        struct rcbuf *buffer = *slot(queue, queue->weighed);
        queue->weight += buffer->n / atomic_load_explicit(&buffer->refs, memory_order_relaxed);
    }
}

/* A buffer is held, and weighs, whole until all of it is sent. */
static void lighten(struct out_queue *queue, size_t freed, size_t held) {
    queue->weight -= (size_t)((double)queue->weight * (double)freed / (double)held);
}

void out_queue_sent(struct out_queue *queue, size_t n) {
    must(n <= queue->bytes);
    size_t held = queue->bytes + queue->sent, freed = 0;
    queue->bytes -= n;
    while (queue->count > 0) {
        struct rcbuf *buffer = *slot(queue, 0);
        size_t left = buffer->n - queue->sent;
        if (n < left) {
            queue->sent += (uint32_t)n;
            if (freed > 0) lighten(queue, freed, held);
            return;
        }
        n -= left;
        freed += buffer->n;
        queue->sent = 0;
        if (++queue->first == slots(queue)) queue->first = 0;
        queue->count--;
        if (queue->weighed > 0) queue->weighed--;
        rcbuf_unref(buffer);
    }
    forget_ring(queue);
}

void out_queue_clear(struct out_queue *queue) {
    for (uint32_t i = 0; i < queue->count; i++) rcbuf_unref(*slot(queue, i));
    forget_ring(queue);
}
