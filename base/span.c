/* Spans: the operations too long for the header. */
#include "base/span.h"

int sio_span_compare(struct sio_span a, struct sio_span b) {
    size_t n = a.n < b.n ? a.n : b.n;
    int order = n ? memcmp(a.p, b.p, n) : 0;
    return order ? order : (a.n > b.n) - (a.n < b.n);
}

static unsigned char lower(char c) {
    unsigned char u = (unsigned char)c;
    return u >= 'A' && u <= 'Z' ? (unsigned char)(u | 0x20) : u;
}

bool sio_span_eq_nocase(struct sio_span a, struct sio_span b) {
    if (a.n != b.n) return false;
    for (size_t i = 0; i < a.n; i++)
        if (lower(a.p[i]) != lower(b.p[i])) return false;
    return true;
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

struct sio_span sio_span_trim(struct sio_span a) {
    while (a.n && is_blank(a.p[0])) a = sio_span_skip(a, 1);
    while (a.n && is_blank(a.p[a.n - 1])) a.n--;
    return a;
}

struct sio_span sio_span_cut(struct sio_span *rest, char sep) {
    struct sio_span whole = *rest;
    const char *at = whole.n ? memchr(whole.p, sep, whole.n) : NULL;
    if (!at) {
        *rest = (struct sio_span){NULL, 0};
        return whole;
    }
    size_t before = (size_t)(at - whole.p);
    *rest = sio_span_skip(whole, before + 1);
    return sio_span_head(whole, before);
}

bool sio_span_to_u64(struct sio_span a, unsigned long long *out) {
    unsigned long long v = 0;
    if (a.n == 0) return false;
    for (size_t i = 0; i < a.n; i++) {
        if (a.p[i] < '0' || a.p[i] > '9') return false;
        if (__builtin_mul_overflow(v, 10ULL, &v)) return false;
        if (__builtin_add_overflow(v, (unsigned long long)(a.p[i] - '0'), &v)) return false;
    }
    *out = v;
    return true;
}
