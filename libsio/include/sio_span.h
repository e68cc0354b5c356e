/* A span: bytes that somebody else owns, with their length. The one way lengths travel in this program. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "sio_api.h"

SIO_BEGIN

struct sio_span {
    const char *p; /* may be NULL when n is 0; not NUL-terminated */
    size_t n;      /* bytes */
};

/* A string literal as a span. */
#ifdef __cplusplus
#define SIO_SPAN(literal) (sio_span{("" literal), sizeof("" literal) - 1})
#else
#define SIO_SPAN(literal) ((struct sio_span){("" literal), sizeof("" literal) - 1})
#endif

static inline struct sio_span sio_span_of(const void *p, size_t n) {
    struct sio_span s = {(const char *)p, n};
    return s;
}

/* `s` may be NULL: then the span is empty. */
static inline struct sio_span sio_span_cstr(const char *s) { return sio_span_of(s, s ? strlen(s) : 0); }

static inline bool sio_span_eq(struct sio_span a, struct sio_span b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool sio_span_is(struct sio_span a, const char *s) { return sio_span_eq(a, sio_span_cstr(s)); }

static inline bool sio_span_starts(struct sio_span a, struct sio_span prefix) {
    return a.n >= prefix.n && (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}

/* What is left after the first `n` bytes; `n` <= a.n. */
static inline struct sio_span sio_span_skip(struct sio_span a, size_t n) {
    return sio_span_of(a.p + n, a.n - n);
}

/* The first `n` bytes; `n` <= a.n. */
static inline struct sio_span sio_span_head(struct sio_span a, size_t n) { return sio_span_of(a.p, n); }

/* Order: bytewise, then by length. */
int sio_span_compare(struct sio_span a, struct sio_span b);

/* ASCII letters compared without case. */
bool sio_span_eq_nocase(struct sio_span a, struct sio_span b);

/* Spaces and tabs cut from both ends. */
struct sio_span sio_span_trim(struct sio_span a);

/* Cuts `*rest` at the first `sep`: returns what stood before it and leaves in `*rest` what stands behind
 * (p == NULL once nothing is left). Without a `sep` the whole is returned. */
struct sio_span sio_span_cut(struct sio_span *rest, char sep);

/* Decimal digits alone, no sign, no overflow; false otherwise and `*out` untouched. */
bool sio_span_to_u64(struct sio_span a, unsigned long long *out);

SIO_END
