/* Base64 (RFC 4648), and UTF-8 (RFC 3629) checked. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "sio_strbuf.h"

/* Characters for n bytes, with padding. */
#define BASE64_SIZE(n) (((n) + 2) / 3 * 4)

/* Standard alphabet with padding; returns characters written, no NUL. */
size_t base64_encode(char *out, const void *p, size_t n);
/* URL alphabet without padding; returns characters written, no NUL. */
size_t base64url_encode(char *out, const void *p, size_t n);

/* Either alphabet, padding optional, blanks skipped, as browsers' decoders are lenient; stops at the first
 * other character. `out` has room for in.n * 3 / 4 + 3 bytes; may be in.p itself. Returns bytes written. */
size_t base64_decode_lenient(char *out, struct sio_span in);
/* URL alphabet, no padding, no stray bits, nothing else; false otherwise (JWT). */
bool base64url_decode_strict(char *out, struct sio_span in, size_t *n);

/* Is it valid UTF-8: no overlong form, no surrogate, nothing above U+10FFFF? */
bool utf8_valid(struct sio_span text);

/* Appends the text with U+FFFD in the place of each part that is not UTF-8, as the web's decoders put it. */
void utf8_repair(struct sio_span text, struct sio_strbuf *out);

/* The same check over pieces: state 0 to begin; returns the new state, UTF8_BAD for good; complete exactly when 0.
 */
enum { UTF8_BAD = 0xff };
uint32_t utf8_feed(uint32_t state, struct sio_span piece);
