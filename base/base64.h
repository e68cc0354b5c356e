/* Base64 (RFC 4648), in both alphabets. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "sio_strbuf.h"

/* Characters for n bytes, with padding. */
#define BASE64_SIZE(n) (((n) + 2) / 3 * 4)
/* The most bytes that n characters can hold: the room that readers need. */
#define BASE64_ROOM(n) ((n)*3 / 4 + 3)

/* Standard alphabet with padding; returns characters written, no NUL. */
size_t base64_encode(char *out, const void *p, size_t n);
/* URL alphabet without padding; returns characters written, no NUL. */
size_t base64url_encode(char *out, const void *p, size_t n);
/* The same, appended. */
void base64url_add(struct sio_strbuf *out, struct sio_span bytes);

/* Either alphabet, padding optional, blanks skipped, as browsers' decoders are lenient; stops at the first
 * other character. `out` has room for BASE64_ROOM(in.n) bytes; may be in.p itself. Returns bytes written. */
size_t base64_decode_lenient(char *out, struct sio_span in);
/* URL alphabet, no padding, no stray bits, nothing else; false otherwise, *n untouched (JWT). */
bool base64url_decode_strict(char *out, struct sio_span in, size_t *n);
