/* The growing byte buffer: doubles, and always keeps room for the closing NUL. */
#include "sio_strbuf.h"

#include "base/mem.h"
#include "base/must.h"

enum { STRBUF_FIRST = 64 /* bytes of the first allocation */ };

void sio_strbuf_init(struct sio_strbuf *b) { *b = (struct sio_strbuf){0}; }

void sio_strbuf_fini(struct sio_strbuf *b) {
    free(b->p);
    sio_strbuf_init(b);
}

void sio_strbuf_clear(struct sio_strbuf *b) {
    b->n = 0;
    if (b->p) b->p[0] = '\0';
}

static void grow(struct sio_strbuf *b, size_t need) {
    size_t capacity = b->capacity ? b->capacity : STRBUF_FIRST;
    while (capacity < need) {
        must(capacity <= SIZE_MAX / 2);
        capacity *= 2;
    }
    b->p = mem_realloc(b->p, capacity);
    b->capacity = capacity;
}

char *sio_strbuf_reserve(struct sio_strbuf *b, size_t more) {
    must(more < SIZE_MAX - b->n);
    size_t need = b->n + more + 1;
    if (b->capacity < need) grow(b, need);
    return b->p + b->n;
}

void sio_strbuf_add(struct sio_strbuf *b, const void *p, size_t n) {
    char *to = sio_strbuf_reserve(b, n);
    if (n) memcpy(to, p, n);
    to[n] = '\0';
    b->n += n;
}

void sio_strbuf_span(struct sio_strbuf *b, struct sio_span s) { sio_strbuf_add(b, s.p, s.n); }

void sio_strbuf_char(struct sio_strbuf *b, char c) {
    char *to = sio_strbuf_reserve(b, 1);
    to[0] = c;
    to[1] = '\0';
    b->n++;
}

void sio_strbuf_u64(struct sio_strbuf *b, uint64_t v) {
    char digits[20]; /* of UINT64_MAX */
    size_t at = sizeof digits;
    do digits[--at] = (char)('0' + v % 10);
    while (v /= 10);
    sio_strbuf_add(b, digits + at, sizeof digits - at);
}

void sio_strbuf_i64(struct sio_strbuf *b, int64_t v) {
    if (v < 0) sio_strbuf_char(b, '-');
    sio_strbuf_u64(b, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void sio_strbuf_printf(struct sio_strbuf *b, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    char *to = sio_strbuf_reserve(b, STRBUF_FIRST);
    int n = vsnprintf(to, b->capacity - b->n, format, args);
    must(n >= 0);
    if ((size_t)n >= b->capacity - b->n) {
        to = sio_strbuf_reserve(b, (size_t)n);
        vsnprintf(to, (size_t)n + 1, format, again);
    }
    b->n += (size_t)n;
    va_end(again);
    va_end(args);
}

char *sio_strbuf_take(struct sio_strbuf *b) {
    sio_strbuf_reserve(b, 0)[0] = '\0';
    char *p = b->p;
    sio_strbuf_init(b);
    return p;
}
