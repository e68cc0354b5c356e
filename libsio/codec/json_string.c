/* JSON strings: decoded, and compared while decoding. */
#include "codec/json_scan.h"
#include "sio_json.h"

enum { REPLACEMENT = 0xfffd };

static unsigned hex4(const char *p) {
    unsigned v = 0;
    for (int i = 0; i < 4; i++) {
        char c = p[i];
        v = v << 4 | (unsigned)(json_is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return v & 0xffff;
}

static size_t put_utf8(unsigned code, char out[4]) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* At the `u` of an escape: its code point, with the second half of a surrogate pair where there is one. */
static unsigned take_code(const char **p, const char *end) {
    if (end - *p < 5) {
        *p = end;
        return REPLACEMENT;
    }
    unsigned code = hex4(*p + 1);
    *p += 5;
    if (code < 0xd800 || code > 0xdfff) return code;
    if (code > 0xdbff || end - *p < 6 || (*p)[0] != '\\' || (*p)[1] != 'u') return REPLACEMENT;
    unsigned low = hex4(*p + 2);
    if (low < 0xdc00 || low > 0xdfff) return REPLACEMENT;
    *p += 6;
    return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

/* Behind a backslash: what the escape stands for. */
static size_t take_escape(const char **p, const char *end, char out[4]) {
    if (*p == end) return 0;
    switch (**p) {
    case 'u': return put_utf8(take_code(p, end), out);
    case 'b': out[0] = '\b'; break;
    case 'f': out[0] = '\f'; break;
    case 'n': out[0] = '\n'; break;
    case 'r': out[0] = '\r'; break;
    case 't': out[0] = '\t'; break;
    default: out[0] = **p;
    }
    (*p)++;
    return 1;
}

/* A string value's bytes between its quotes. */
static struct sio_span inside(struct sio_span value) {
    if (sio_json_kind(value) != SIO_JSON_STRING || value.n < 2) return SIO_SPAN("");
    return sio_span_of(value.p + 1, value.n - 2);
}

/* Up to the next backslash. */
static const char *skip_literal(const char *p, const char *end) {
    const char *slash = p < end ? memchr(p, '\\', (size_t)(end - p)) : NULL;
    return slash ? slash : end;
}

size_t sio_json_string_decode(struct sio_span value, char *out) {
    struct sio_span s = inside(value);
    const char *p = s.p, *end = s.p + s.n;
    char *to = out;
    while (p < end) {
        const char *stop = skip_literal(p, end);
        memcpy(to, p, (size_t)(stop - p));
        to += stop - p;
        p = stop;
        if (p == end) break;
        char bytes[4];
        p++;
        size_t n = take_escape(&p, end, bytes);
        memcpy(to, bytes, n);
        to += n;
    }
    return (size_t)(to - out);
}

bool sio_json_string_is(struct sio_span value, struct sio_span text) {
    if (sio_json_kind(value) != SIO_JSON_STRING) return false;
    struct sio_span s = inside(value);
    if (s.n < text.n) return false; /* decoding makes nothing longer */
    const char *p = s.p, *end = s.p + s.n;
    while (p < end) {
        const char *stop = skip_literal(p, end);
        struct sio_span piece = sio_span_of(p, (size_t)(stop - p));
        char bytes[4];
        p = stop;
        if (piece.n == 0) {
            p++;
            piece = sio_span_of(bytes, take_escape(&p, end, bytes));
        }
        if (!sio_span_starts(text, piece)) return false;
        text = sio_span_skip(text, piece.n);
    }
    return text.n == 0;
}
