/* A growing byte buffer for building text and wire bytes. */
#pragma once
#include <stdarg.h>
#include <stdint.h>

#include "sio_api.h"
#include "sio_span.h"

SIO_BEGIN

struct strbuf {
    char *p;         /* NULL until the first byte; then NUL-terminated one past `n` */
    size_t n;        /* bytes in use */
    size_t capacity; /* bytes allocated, the NUL included */
};

void strbuf_init(struct strbuf *b);
void strbuf_fini(struct strbuf *b);  /* frees, and leaves it initialised */
void strbuf_clear(struct strbuf *b); /* keeps the memory */

/* Room for `more` further bytes; the pointer returned is where they go, then add to b->n what was written. */
char *strbuf_reserve(struct strbuf *b, size_t more);

void strbuf_add(struct strbuf *b, const void *p, size_t n);
void strbuf_span(struct strbuf *b, struct span s);
void strbuf_char(struct strbuf *b, char c);
void strbuf_u64(struct strbuf *b, uint64_t v);
void strbuf_i64(struct strbuf *b, int64_t v);
void strbuf_printf(struct strbuf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A literal, without a strlen. */
#define strbuf_lit(b, literal) strbuf_add((b), ("" literal), sizeof("" literal) - 1)

static inline struct span strbuf_as_span(const struct strbuf *b) { return span_of(b->p, b->n); }

/* The bytes, NUL-terminated, now the caller's to free(); the buffer is empty again. Never NULL. */
char *strbuf_take(struct strbuf *b);

SIO_END
