/* Reference-counted immutable bytes: the one thing that threads share. */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

#include "base/span.h"

struct rcbuf {
    atomic_uint refs;
    uint32_t n; /* bytes */
    _Atomic(struct rcbuf *) twin;
    char p[]; /* written by its maker only, before anybody else sees it */
};

/* One reference, `n` bytes not yet written. Any thread. */
struct rcbuf *rcbuf_new(size_t n);
struct rcbuf *rcbuf_copy(struct sio_span bytes);

static inline struct rcbuf *rcbuf_ref(struct rcbuf *b) {
    atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
    return b;
}
void rcbuf_unref(struct rcbuf *b); /* NULL is fine */

/* Another form of the same bytes, which lives as long as they do: made by the first who asks, kept for all others.
 * `make` returns a reference, or NULL when there is no such form worth having. NULL: there is none, or another
 * thread is just making it. Any thread. */
struct rcbuf *rcbuf_twin(struct rcbuf *b, struct rcbuf *(*make)(struct rcbuf *b, void *data), void *data);

static inline struct sio_span rcbuf_span(const struct rcbuf *b) { return (struct sio_span){b->p, b->n}; }
