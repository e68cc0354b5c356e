/* The public vocabulary under the name that it has in this repository, and what is done with spans here alone. */
#pragma once
#include "sio_span.h"

/* Several texts in one allocation: copies `s` to *at, which moves behind it. The copy. */
static inline struct span span_put(char **at, struct span s) {
    struct span copy = span_of(*at, s.n);
    if (s.n) memcpy(*at, s.p, s.n);
    *at += s.n;
    return copy;
}
