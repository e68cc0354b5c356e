/* Base64 with the URL's alphabet and without padding (RFC 4648 §5), as tokens use it. Strict: one text for
 * one value. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "sio_strbuf.h"

/* The most bytes that a text of `n` characters can hold, and the characters that `n` bytes need. */
static inline size_t auth_base64url_decoded_max(size_t n) { return n / 4 * 3 + 2; }
static inline size_t auth_base64url_encoded_size(size_t n) { return n / 3 * 4 + (n % 3 ? n % 3 + 1 : 0); }

/* `out` has room for auth_base64url_decoded_max(text.n) bytes. False, `*out_n` untouched: a character outside
 * the alphabet (padding and blanks included), an impossible length, or bits left over that are not zero. */
bool auth_base64url_decode(struct sio_span text, uint8_t *out, size_t *out_n);

void auth_base64url_encode(struct sio_strbuf *out, struct sio_span bytes);
