/* UTF-8 (RFC 3629), checked and repaired. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "sio_strbuf.h"

/* Is it valid UTF-8: no overlong form, no surrogate, nothing above U+10FFFF? */
bool utf8_valid(struct sio_span text);

/* Appends the text with U+FFFD in the place of each part that is not UTF-8, as the web's decoders put it. */
void utf8_repair(struct sio_span text, struct sio_strbuf *out);

/* The same check over pieces: state 0 to begin; returns the new state, UTF8_BAD for good; complete exactly when 0.
 */
enum { UTF8_BAD = 0xff };
uint32_t utf8_feed(uint32_t state, struct sio_span piece);
