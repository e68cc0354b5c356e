/* Reference-counted bytes: the last one to let go frees them. */
#include "base/rcbuf.h"

#include "base/mem.h"
#include "base/must.h"

struct rcbuf *rcbuf_new(size_t n) {
    must(n <= UINT32_MAX);
    struct rcbuf *b = mem_alloc(sizeof *b + n);
    atomic_init(&b->refs, 1);
    atomic_init(&b->twin, NULL);
    b->n = (uint32_t)n;
    return b;
}

struct rcbuf *rcbuf_copy(struct sio_span bytes) {
    struct rcbuf *b = rcbuf_new(bytes.n);
    if (bytes.n) memcpy(b->p, bytes.p, bytes.n);
    return b;
}

/* A buffer that is its own twin has none, or not yet. */
static struct rcbuf *other(const struct rcbuf *b, struct rcbuf *twin) { return twin != b ? twin : NULL; }

void rcbuf_unref(struct rcbuf *b) {
    if (!b) return;
    /* Release our reads before others free, acquire theirs before we do. */
    if (atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) != 1) return;
    rcbuf_unref(other(b, atomic_load_explicit(&b->twin, memory_order_relaxed)));
    free(b);
}

struct rcbuf *rcbuf_twin(struct rcbuf *b, struct rcbuf *(*make)(struct rcbuf *b, void *data), void *data) {
    struct rcbuf *twin = atomic_load_explicit(&b->twin, memory_order_acquire);
    if (!twin && atomic_compare_exchange_strong_explicit(&b->twin, &twin, b, memory_order_acquire,
                                                         memory_order_acquire)) {
        twin = make(b, data);
        if (twin) atomic_store_explicit(&b->twin, twin, memory_order_release);
        return twin;
    }
    return other(b, twin);
}
