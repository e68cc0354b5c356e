/* A growing byte buffer for building text and wire bytes. */
#pragma once
#include <stdarg.h>
#include <stdint.h>

#include "sio_api.h"
#include "sio_span.h"

SIO_BEGIN

struct sio_strbuf {
    char *p;         /* NULL until the first byte; then NUL-terminated one past `n` */
    size_t n;        /* bytes in use */
    size_t capacity; /* bytes allocated, the NUL included */
};

void sio_strbuf_init(struct sio_strbuf *b);
void sio_strbuf_fini(struct sio_strbuf *b);  /* frees, and leaves it initialised */
void sio_strbuf_clear(struct sio_strbuf *b); /* keeps the memory */

/* Room for `more` further bytes; the pointer returned is where they go, then add to b->n what was written. */
char *sio_strbuf_reserve(struct sio_strbuf *b, size_t more);

void sio_strbuf_add(struct sio_strbuf *b, const void *p, size_t n);
void sio_strbuf_span(struct sio_strbuf *b, struct sio_span s);
void sio_strbuf_char(struct sio_strbuf *b, char c);
void sio_strbuf_u64(struct sio_strbuf *b, uint64_t v);
void sio_strbuf_i64(struct sio_strbuf *b, int64_t v);
void sio_strbuf_printf(struct sio_strbuf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A literal, without a strlen. */
#define sio_strbuf_lit(b, literal) sio_strbuf_add((b), ("" literal), sizeof("" literal) - 1)

static inline struct sio_span sio_strbuf_as_span(const struct sio_strbuf *b) {
    return sio_span_of(b->p, b->n);
}

/* The bytes, NUL-terminated, now the caller's to free(); the buffer is empty again. Never NULL. */
char *sio_strbuf_take(struct sio_strbuf *b);

SIO_END
