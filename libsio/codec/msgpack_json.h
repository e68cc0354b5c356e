/* msgpack values as JSON with attachments, and back: what a JavaScript program would see through JSON.stringify.
 *
 *   msgpack                              JSON                            back again
 *   nil, booleans, strings               the same                        the same
 *   integers                             all their digits, also beyond   integers; beyond 64 bits floating
 *                                        2^53
 *   floating-point numbers               as JavaScript writes them       an integer if it is one up to 2^53,
 *                                                                        else 64 bits
 *   NaN, infinities                      null                            nil
 *   -0                                   0                               0
 *   bin, ext of type 0 with a length     {"_placeholder":true,"num":N}   bin
 *   (JavaScript's ArrayBuffer)           and the Nth attachment
 *   fixext 1 of type 0 (undefined)       null; in a map no member        nil
 *   fixext 8 of type 0 (Date, ms)        "2026-01-01T12:00:00.000Z";     a string
 *                                        null beyond 8.64e15 ms
 *   any other ext                        [type, attachment]              an array
 *   map keys: strings, integers          strings                         strings
 *   map keys: anything else              refused
 *   two members of one name              both; the last one counts       both
 *   strings that are not UTF-8           refused
 *   (nothing)                            an escaped lone surrogate       U+FFFD
 *
 * What looks like a placeholder without being one: where there are attachments, a map of the sender's own in
 * which "_placeholder" is true is refused, because no reader of the JSON could tell it from a real one; where
 * there are none, nothing is a placeholder, in either direction, and the map passes unchanged. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "sio_strbuf.h"

/* Reads one value from the front of `*rest` and appends its JSON, at most SIO_JSON_MAX_DEPTH deep and six times
 * as long (and 32 bytes for each attachment). `attachments` has room for SIO_MAX_ATTACHMENTS; more are refused.
 * false: refused; then `json` holds a piece and `*rest` is undefined. No recursion, no other memory. */
bool msgpack_to_json(struct sio_span *rest, struct sio_strbuf *json, struct sio_span *attachments,
                     uint32_t *count);

/* Is the next value undefined? Then it is taken. */
bool msgpack_take_undefined(struct sio_span *rest);

/* Appends one JSON value. `first`, when not NULL, is a plain string that becomes the first item of the array
 * that `json` is. A placeholder is an object of the two members alone, whose number names one of `attachments`.
 * `json` is valid JSON, of any depth; memory is taken for what is deeper than 32. */
void msgpack_from_json(struct sio_strbuf *out, const struct sio_span *first, struct sio_span json,
                       const struct sio_span *attachments, size_t count);
