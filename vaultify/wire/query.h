/* The query part of a URL and percent-decoding (RFC 3986 §2.1); and the check that such text needs. Any
 * thread. */
#pragma once
#include <stdbool.h>

#include "base/span.h"

/* `out` has room for in.n bytes; returns how many. With `form` a '+' is a blank. An escape that is none stays
 * as it is. */
size_t wire_percent_decode(struct sio_span in, bool form, char *out);

/* Walks `a=1&b=2`: start with *rest = the query; false at the end. Name and value are still encoded. */
bool wire_query_next(struct sio_span *rest, struct sio_span *name, struct sio_span *value);

/* Is this valid UTF-8 (RFC 3629), without a NUL? What comes by URL or header is not checked by anybody else.
 */
bool wire_text_valid(struct sio_span text);
