/* A span: bytes that somebody else owns, with their length. The one way lengths travel in this program. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "sio_api.h"

SIO_BEGIN

struct span {
    const char *p; /* may be NULL when n is 0; not NUL-terminated */
    size_t n;      /* bytes */
};

/* A string literal as a span. */
#ifdef __cplusplus
#define SPAN(literal) (span{("" literal), sizeof("" literal) - 1})
#else
#define SPAN(literal) ((struct span){("" literal), sizeof("" literal) - 1})
#endif

static inline struct span span_of(const void *p, size_t n) {
    struct span s = {(const char *)p, n};
    return s;
}

/* `s` may be NULL: then the span is empty. */
static inline struct span span_cstr(const char *s) { return span_of(s, s ? strlen(s) : 0); }

static inline bool span_eq(struct span a, struct span b) {
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool span_is(struct span a, const char *s) { return span_eq(a, span_cstr(s)); }

static inline bool span_starts(struct span a, struct span prefix) {
    return a.n >= prefix.n && (prefix.n == 0 || memcmp(a.p, prefix.p, prefix.n) == 0);
}

/* What is left after the first `n` bytes; `n` <= a.n. */
static inline struct span span_skip(struct span a, size_t n) { return span_of(a.p + n, a.n - n); }

/* The first `n` bytes; `n` <= a.n. */
static inline struct span span_head(struct span a, size_t n) { return span_of(a.p, n); }

/* Order: bytewise, then by length. */
int span_compare(struct span a, struct span b);

/* ASCII letters compared without case. */
bool span_eq_nocase(struct span a, struct span b);

/* Spaces and tabs cut from both ends. */
struct span span_trim(struct span a);

/* Cuts `*rest` at the first `sep`: returns what stood before it and leaves in `*rest` what stands behind
 * (p == NULL once nothing is left). Without a `sep` the whole is returned. */
struct span span_cut(struct span *rest, char sep);

/* Decimal digits alone, no sign, no overflow; false otherwise and `*out` untouched. */
bool span_to_u64(struct span a, unsigned long long *out);

SIO_END
