/* Reference-counted immutable bytes: the one thing that threads share. */
#pragma once
#include <stdatomic.h>
#include <stdint.h>

#include "base/span.h"

struct rcbuf {
    atomic_uint refs;
    uint32_t n; /* bytes */
    char p[];   /* written by its maker only, before anybody else sees it */
};

/* One reference, `n` bytes not yet written. Any thread. */
struct rcbuf *rcbuf_new(size_t n);
struct rcbuf *rcbuf_copy(struct span bytes);

static inline struct rcbuf *rcbuf_ref(struct rcbuf *b) {
    atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
    return b;
}
void rcbuf_unref(struct rcbuf *b); /* NULL is fine */

static inline struct span rcbuf_span(const struct rcbuf *b) { return (struct span){b->p, b->n}; }
