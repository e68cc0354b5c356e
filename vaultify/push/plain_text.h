/* A user's text as a notification may show it: one line, no way to turn what stands around it, and cut where a reader sees
 * the end of a character. Pure. */
#pragma once
#include <stdbool.h>

#include "base/span.h"
#include "sio_strbuf.h"

bool plain_text_is_utf8(struct sio_span text);

/* Appends the text: control characters, line breaks and runs of blanks become one blank, at the ends none; directional
 * embeddings, overrides and isolates (U+202A to 202E, U+2066 to 2069) go; what is not UTF-8 is U+FFFD. Stops when more than
 * `enough` bytes are there. */
void plain_text_add(struct sio_strbuf *out, struct sio_span text, size_t enough);

/* UTF-8 cut to `max` bytes, an ellipsis included, when it is longer: not within a character nor between one and what
 * combines with it (accents, emoji joined to one); the ellipsis is appended in `b`, whose bytes the text is. */
void plain_text_cut(struct sio_strbuf *b, size_t max);
