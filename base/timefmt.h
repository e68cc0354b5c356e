/* Times as text: ISO 8601 UTC with milliseconds, and durations as operators write them. Pure; reads no clock.
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

enum { TIME_TEXT = 24 /* characters of 2026-01-01T12:00:00.000Z */ };

/* ms since 1970, years 0000-9999; a time outside is held at the nearer end. Writes TIME_TEXT characters and a
 * NUL. */
void time_format(int64_t unix_ms, char out[TIME_TEXT + 1]);

/* The same form back, also with none or up to nine digits of a second (cut to ms), also with a blank for the
 * T and without the Z (then UTC). */
bool time_parse(struct sio_span text, int64_t *out_unix_ms);

/* "15m", "7d", "500ms", "30s", "2h", or bare seconds "900"; false when it is none of these or overflows. */
bool duration_parse(struct sio_span text, int64_t *out_ms);
