/* Percent-decoding and query strings (RFC 3986, and the form encoding of the web). */
#include "codec/http1.h"

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* One decoded byte from the front of `in`; in.n > 0. Returns how many bytes it was written with. */
static size_t decode_one(struct sio_span in, bool form, char *byte) {
    *byte = in.p[0];
    if (in.p[0] == '+' && form) *byte = ' ';
    if (in.p[0] != '%' || in.n < 3) return 1;
    int high = hex_digit(in.p[1]), low = hex_digit(in.p[2]);
    if (high < 0 || low < 0) return 1;
    *byte = (char)(high << 4 | low);
    return 3;
}

size_t url_decode(struct sio_span in, bool form, char *out) {
    size_t n = 0;
    while (in.n > 0) {
        char byte;
        in = sio_span_skip(in, decode_one(in, form, &byte));
        out[n++] = byte;
    }
    return n;
}

/* Does `encoded` decode to exactly `plain`? */
static bool decodes_to(struct sio_span encoded, struct sio_span plain) {
    while (encoded.n > 0) {
        char byte;
        encoded = sio_span_skip(encoded, decode_one(encoded, true, &byte));
        if (plain.n == 0 || plain.p[0] != byte) return false;
        plain = sio_span_skip(plain, 1);
    }
    return plain.n == 0;
}

bool url_query(struct sio_span query, struct sio_span name, char *out, size_t *n) {
    struct sio_span rest = query, last = {0};
    bool found = false;
    while (rest.n > 0) {
        const char *end = memchr(rest.p, '&', rest.n);
        struct sio_span value = sio_span_head(rest, end ? (size_t)(end - rest.p) : rest.n);
        rest = sio_span_skip(rest, end ? value.n + 1 : value.n);
        if (value.n == 0) continue; /* "&&" holds no parameter, not one without a name */
        const char *equals = memchr(value.p, '=', value.n);
        size_t name_n = equals ? (size_t)(equals - value.p) : value.n;
        if (!decodes_to(sio_span_head(value, name_n), name)) continue;
        last = sio_span_skip(value, equals ? name_n + 1 : name_n);
        found = true;
    }
    if (found) *n = url_decode(last, true, out);
    return found;
}
