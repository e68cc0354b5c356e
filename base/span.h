/* What is done with spans inside this repository alone. */
#pragma once
#include "sio_span.h"

/* Several texts in one allocation: copies `s` to *at, which moves behind it. The copy. */
static inline struct sio_span span_put(char **at, struct sio_span s) {
    struct sio_span copy = sio_span_of(*at, s.n);
    if (s.n) memcpy(*at, s.p, s.n);
    *at += s.n;
    return copy;
}
