/* Reference-counted bytes: the last one to let go frees them. */
#include "base/rcbuf.h"

#include "base/mem.h"
#include "base/must.h"

struct rcbuf *rcbuf_new(size_t n) {
    must(n <= UINT32_MAX);
    struct rcbuf *b = mem_alloc(sizeof *b + n);
    atomic_init(&b->refs, 1);
    b->n = (uint32_t)n;
    return b;
}

struct rcbuf *rcbuf_copy(struct span bytes) {
    struct rcbuf *b = rcbuf_new(bytes.n);
    if (bytes.n) memcpy(b->p, bytes.p, bytes.n);
    return b;
}

void rcbuf_unref(struct rcbuf *b) {
    if (!b) return;
    /* Release our reads before others free, acquire theirs before we do. */
    if (atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1) free(b);
}
