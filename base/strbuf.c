/* The growing byte buffer: doubles, and always keeps room for the closing NUL. */
#include "base/strbuf.h"

#include "base/mem.h"
#include "base/must.h"

enum { STRBUF_FIRST = 64 /* bytes of the first allocation */ };

void strbuf_init(struct strbuf *b) { *b = (struct strbuf){0}; }

void strbuf_fini(struct strbuf *b) {
    free(b->p);
    strbuf_init(b);
}

void strbuf_clear(struct strbuf *b) {
    b->n = 0;
    if (b->p) b->p[0] = '\0';
}

static void grow(struct strbuf *b, size_t need) {
    size_t capacity = b->capacity ? b->capacity : STRBUF_FIRST;
    while (capacity < need) {
        must(capacity <= SIZE_MAX / 2);
        capacity *= 2;
    }
    b->p = mem_realloc(b->p, capacity);
    b->capacity = capacity;
}

char *strbuf_reserve(struct strbuf *b, size_t more) {
    must(more < SIZE_MAX - b->n);
    size_t need = b->n + more + 1;
    if (b->capacity < need) grow(b, need);
    return b->p + b->n;
}

void strbuf_add(struct strbuf *b, const void *p, size_t n) {
    char *to = strbuf_reserve(b, n);
    if (n) memcpy(to, p, n);
    to[n] = '\0';
    b->n += n;
}

void strbuf_span(struct strbuf *b, struct span s) { strbuf_add(b, s.p, s.n); }

void strbuf_char(struct strbuf *b, char c) {
    char *to = strbuf_reserve(b, 1);
    to[0] = c;
    to[1] = '\0';
    b->n++;
}

void strbuf_u64(struct strbuf *b, uint64_t v) {
    char digits[20]; /* of UINT64_MAX */
    size_t at = sizeof digits;
    do digits[--at] = (char)('0' + v % 10);
    while (v /= 10);
    strbuf_add(b, digits + at, sizeof digits - at);
}

void strbuf_i64(struct strbuf *b, int64_t v) {
    if (v < 0) strbuf_char(b, '-');
    strbuf_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void strbuf_printf(struct strbuf *b, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    char *to = strbuf_reserve(b, STRBUF_FIRST);
    int n = vsnprintf(to, b->capacity - b->n, format, args);
    must(n >= 0);
    if ((size_t)n >= b->capacity - b->n) {
        to = strbuf_reserve(b, (size_t)n);
        vsnprintf(to, (size_t)n + 1, format, again);
    }
    b->n += (size_t)n;
    va_end(again);
    va_end(args);
}

char *strbuf_take(struct strbuf *b) {
    strbuf_reserve(b, 0)[0] = '\0';
    char *p = b->p;
    strbuf_init(b);
    return p;
}
