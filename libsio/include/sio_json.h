/* JSON over the bytes in place (RFC 8259, strict): check a text once, then walk it without copying; and a
 * writer.
 *
 * A `struct sio_span` that this header calls `value` is the exact text of one JSON value, without blanks around
 * it, inside a text that sio_json_check accepted. The walkers may be given such values only. No function here
 * allocates, but for the strbuf that the writer fills. Any thread. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "sio_api.h"
#include "sio_span.h"
#include "sio_strbuf.h"

SIO_BEGIN

enum sio_json_kind {
    SIO_JSON_NONE, /* an empty span: the value is absent */
    SIO_JSON_NULL,
    SIO_JSON_FALSE,
    SIO_JSON_TRUE,
    SIO_JSON_NUMBER,
    SIO_JSON_STRING,
    SIO_JSON_ARRAY,
    SIO_JSON_OBJECT,
};

enum { SIO_JSON_MAX_DEPTH = 4096 /* nested arrays and objects; deeper is refused, without recursion */ };

/* Checks that `text` is one JSON value with nothing but blanks around it, all strings valid UTF-8. On success
 * `*value` is that value's span. A NUL byte, a raw control character in a string, a trailing comma, NaN, 01:
 * refused. */
bool sio_json_check(struct sio_span text, struct sio_span *value);

enum sio_json_kind sio_json_kind(struct sio_span value);

/* Walks an array: start with `*cursor = 0`; false at the end (or when `array` is no array). */
bool sio_json_next_item(struct sio_span array, size_t *cursor, struct sio_span *item);

/* Walks an object in its order. `*key` is a string value, quotes included. */
bool sio_json_next_member(struct sio_span object, size_t *cursor, struct sio_span *key,
                          struct sio_span *value);

/* The last member of that name (duplicates: the last wins, as in JavaScript), or an empty span. `name` is
 * plain UTF-8; escapes in the text's keys are understood. */
struct sio_span sio_json_member(struct sio_span object, struct sio_span name);

/* Is this string value equal to the plain UTF-8 `text`? */
bool sio_json_string_is(struct sio_span value, struct sio_span text);

/* The decoded bytes of a string value into `out`, which has room for value.n bytes; returns how many. An
 * escaped lone surrogate becomes U+FFFD. `\u0000` becomes a NUL byte. */
size_t sio_json_string_decode(struct sio_span value, char *out);

/* An integer without fraction or exponent that fits; false otherwise. */
bool sio_json_to_i64(struct sio_span value, int64_t *out);
/* Any number; false also when it is too large for a double. */
bool sio_json_to_double(struct sio_span value, double *out);

/* The value again without any blank between its parts. Numbers and escapes stay as they came, also -0 and 1e400, of which
 * JavaScript makes 0 and null when it writes them. */
void sio_json_compact(struct sio_strbuf *out, struct sio_span value);

/* ---- writing: each appends to `out`; commas and brackets of containers are kept by the writer ---- */

struct sio_json_writer {
    struct sio_strbuf *out;
    bool comma; /* the next item needs one before it */
};

void sio_json_begin(struct sio_json_writer *w, struct sio_strbuf *out);
void sio_json_object_open(struct sio_json_writer *w);
void sio_json_object_close(struct sio_json_writer *w);
void sio_json_array_open(struct sio_json_writer *w);
void sio_json_array_close(struct sio_json_writer *w);
/* A member's name; one value follows. `name` needs no escaping (a literal of the program). */
void sio_json_key(struct sio_json_writer *w, struct sio_span name);
void sio_json_key_text(struct sio_json_writer *w,
                       struct sio_span name); /* any text, as sio_json_string writes it */
/* Text as a JSON string: escaped; bytes that are not UTF-8 become U+FFFD. */
void sio_json_string(struct sio_json_writer *w, struct sio_span text);
void sio_json_i64(struct sio_json_writer *w, int64_t v);
void sio_json_u64(struct sio_json_writer *w, uint64_t v);
/* The number as JavaScript writes it, so that it reads back as the same; NaN and the infinities are null, -0 is
 * 0. */
void sio_json_double(struct sio_json_writer *w, double v);
void sio_json_bool(struct sio_json_writer *w, bool v);
void sio_json_null(struct sio_json_writer *w);
/* A value that is JSON already; an empty span writes null. */
void sio_json_raw(struct sio_json_writer *w, struct sio_span value);

SIO_END
