/* UUIDs (RFC 9562): 16 bytes inside, lower-case text with hyphens outside. New ones are version 7. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum { UUID_TEXT = 36 /* characters, without a NUL */ };

struct uuid {
    uint8_t b[16];
};

/* Takes upper and lower case, exactly the 8-4-4-4-12 form; false otherwise. */
bool uuid_parse(struct sio_span text, struct uuid *out);

/* Writes UUID_TEXT characters and a NUL. */
void uuid_format(const struct uuid *u, char out[UUID_TEXT + 1]);

/* Version 7 from a time in ms since 1970 and 10 random bytes. */
struct uuid uuid_v7(int64_t unix_ms, const uint8_t random[10]);

static inline bool uuid_eq(const struct uuid *a, const struct uuid *b) { return memcmp(a->b, b->b, 16) == 0; }
static inline int uuid_compare(const struct uuid *a, const struct uuid *b) { return memcmp(a->b, b->b, 16); }
static inline bool uuid_is_nil(const struct uuid *a) {
    static const struct uuid nil;
    return uuid_eq(a, &nil);
}
static inline struct sio_span uuid_span(const struct uuid *u) { return sio_span_of(u->b, 16); }
