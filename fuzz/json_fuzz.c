/* Any bytes as JSON: what the checker takes can be walked, decoded, written and compacted, and is JSON again.
 */
#include "fuzz.h"

#include "base/mem.h"
#include "base/must.h"
#include "codec/utf8.h"
#include "sio_json.h"

/* The one value in the buffer, which has no blanks around it. */
static struct sio_span checked(const struct sio_strbuf *b) {
    struct sio_span value;
    must(sio_json_check(sio_strbuf_as_span(b), &value));
    must(sio_span_eq(value, sio_strbuf_as_span(b)));
    return value;
}

/* Decoded, written and decoded again, a string stays the same. */
static void try_string(struct sio_span value) {
    char *text = mem_alloc(value.n), *again;
    struct sio_span decoded = sio_span_of(text, sio_json_string_decode(value, text)), rewritten;
    struct sio_strbuf out;
    struct sio_json_writer w;
    must(decoded.n <= value.n - 2 && utf8_valid(decoded) && sio_json_string_is(value, decoded));
    sio_strbuf_init(&out);
    sio_json_begin(&w, &out);
    sio_json_string(&w, decoded);
    rewritten = checked(&out);
    again = mem_alloc(rewritten.n);
    must(sio_span_eq(sio_span_of(again, sio_json_string_decode(rewritten, again)), decoded));
    free(again);
    free(text);
    sio_strbuf_fini(&out);
}

static void try_number(struct sio_span value) {
    int64_t integer;
    double real = 0;
    bool finite = sio_json_to_double(value, &real);
    if (sio_json_to_i64(value, &integer)) must(finite && real == (double)integer);
}

static void try_value(struct sio_span value);

static void try_members(struct sio_span object) {
    struct sio_span key, value, found;
    size_t cursor = 0;
    for (int i = 0; sio_json_next_member(object, &cursor, &key, &value); i++) {
        must(sio_json_kind(key) == SIO_JSON_STRING);
        try_string(key);
        try_value(value);
        if (i >= 8) continue; /* finding is linear: enough is enough */
        char *name = mem_alloc(key.n);
        found = sio_json_member(object, sio_span_of(name, sio_json_string_decode(key, name)));
        must(found.p >= value.p && found.n > 0);
        free(name);
    }
}

/* Recursive, as deep as the checker allows. */
static void try_value(struct sio_span value) {
    struct sio_span item;
    size_t cursor = 0;
    must(sio_json_check(value, &item) && sio_span_eq(item, value));
    switch (sio_json_kind(value)) {
    case SIO_JSON_NONE: must(!"a checked value is never absent");
    case SIO_JSON_STRING: try_string(value); break;
    case SIO_JSON_NUMBER: try_number(value); break;
    case SIO_JSON_ARRAY:
        while (sio_json_next_item(value, &cursor, &item)) try_value(item);
        must(cursor < value.n);
        break;
    case SIO_JSON_OBJECT: try_members(value); break;
    default: break;
    }
}

static void try_compact(struct sio_span value) {
    struct sio_strbuf once, twice;
    sio_strbuf_init(&once);
    sio_strbuf_init(&twice);
    sio_json_compact(&once, value);
    must(once.n <= value.n);
    sio_json_compact(&twice, checked(&once));
    must(sio_span_eq(sio_strbuf_as_span(&once), sio_strbuf_as_span(&twice)));
    sio_strbuf_fini(&once);
    sio_strbuf_fini(&twice);
}

/* Bytes that need not be UTF-8 become a string that is. */
static void try_write(struct sio_span bytes) {
    struct sio_strbuf out;
    struct sio_json_writer w;
    sio_strbuf_init(&out);
    sio_json_begin(&w, &out);
    sio_json_string(&w, bytes);
    must(utf8_valid(bytes) == sio_json_string_is(checked(&out), bytes));
    sio_strbuf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sio_span text = sio_span_of(data, size), value;
    try_write(text);
    if (!sio_json_check(text, &value)) return 0;
    must(value.n > 0 && value.p >= text.p && value.p + value.n <= text.p + text.n);
    try_value(value);
    try_compact(value);
    return 0;
}
