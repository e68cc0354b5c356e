/* Engine.IO 3 packets and polling bodies, read and written. */
#include "codec/eio3_payload.h"

#include "base/base64.h"

enum {
    BINARY_TEXT = 0, /* the first byte of a packet in a binary body */
    BINARY_BYTES = 1,
    BINARY_LENGTH_END = 0xff,
    LENGTH_DIGITS = 10, /* no body is longer than they can say */
    MESSAGE_BYTE = 4,   /* a message's type in a packet of bytes */
};

/* ---- packets ---- */

bool eio3_packet_parse(struct sio_span text, struct eio_packet *out) {
    bool base64 = text.n > 0 && text.p[0] == 'b';
    if (base64) text = sio_span_skip(text, 1);
    if (text.n == 0 || text.p[0] < '0' || text.p[0] > '6') return false;
    *out = (struct eio_packet){.type = (enum eio_type)(text.p[0] - '0'),
                               .binary = base64,
                               .base64 = base64,
                               .data = sio_span_skip(text, 1)};
    return true;
}

bool eio3_packet_parse_binary(struct sio_span bytes, struct eio_packet *out) {
    if (bytes.n == 0 || (unsigned char)bytes.p[0] > EIO_NOOP) return false;
    *out = (struct eio_packet){
        .type = (enum eio_type)bytes.p[0], .binary = true, .data = sio_span_skip(bytes, 1)};
    return true;
}

/* ---- lengths ---- */

/* Decimal digits up to `end`, each with `zero` taken off; the end is taken too. */
static bool read_length(struct sio_span *rest, unsigned zero, unsigned end, uint64_t *length) {
    *length = 0;
    for (size_t i = 0; i < rest->n && i <= LENGTH_DIGITS; i++) {
        unsigned c = (unsigned char)rest->p[i];
        if (c == end && i > 0) {
            *rest = sio_span_skip(*rest, i + 1);
            return true;
        }
        if (c < zero || c > zero + 9) return false;
        *length = *length * 10 + (c - zero);
    }
    return false;
}

static bool is_continuation(unsigned char c) { return (c & 0xc0) == 0x80; }

/* How many UTF-16 units a character takes whose first byte is this one. */
static unsigned units_of(unsigned char lead) { return lead >= 0xf0 ? 2 : 1; }

/* The bytes of the first `units` UTF-16 units; false: there are fewer, or they end inside a character. */
static bool units_to_bytes(struct sio_span text, uint64_t units, size_t *bytes) {
    size_t i = 0;
    while (units > 0 && i < text.n) {
        unsigned wide = units_of((unsigned char)text.p[i]);
        if (wide > units) return false;
        units -= wide;
        do i++;
        while (i < text.n && is_continuation((unsigned char)text.p[i]));
    }
    *bytes = i;
    return units == 0;
}

static uint64_t count_units(struct sio_span text) {
    uint64_t units = 0;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (!is_continuation(c)) units += units_of(c);
    }
    return units;
}

/* ---- bodies, read ---- */

enum eio3_next eio3_text_next(struct sio_span *rest, struct eio_packet *packet) {
    uint64_t units = 0;
    size_t n = 0;
    while (rest->n > 0) {
        if (!read_length(rest, '0', ':', &units) || !units_to_bytes(*rest, units, &n)) return EIO3_BAD;
        struct sio_span text = sio_span_head(*rest, n);
        *rest = sio_span_skip(*rest, n);
        if (n > 0) return eio3_packet_parse(text, packet) ? EIO3_PACKET : EIO3_BAD;
    }
    return EIO3_END;
}

enum eio3_next eio3_binary_next(struct sio_span *rest, struct eio_packet *packet) {
    while (rest->n > 0) {
        uint64_t n = 0;
        unsigned char kind = (unsigned char)rest->p[0];
        *rest = sio_span_skip(*rest, 1);
        if (kind > BINARY_BYTES || !read_length(rest, 0, BINARY_LENGTH_END, &n) || n > rest->n)
            return EIO3_BAD;
        struct sio_span bytes = sio_span_head(*rest, (size_t)n);
        *rest = sio_span_skip(*rest, (size_t)n);
        if (n == 0) continue;
        bool fine =
            kind == BINARY_BYTES ? eio3_packet_parse_binary(bytes, packet) : eio3_packet_parse(bytes, packet);
        return fine ? EIO3_PACKET : EIO3_BAD;
    }
    return EIO3_END;
}

/* ---- bodies, written ---- */

void eio3_text_add(struct sio_strbuf *out, struct sio_span packet) {
    sio_strbuf_u64(out, count_units(packet));
    sio_strbuf_char(out, ':');
    sio_strbuf_span(out, packet);
}

void eio3_text_add_bytes(struct sio_strbuf *out, struct sio_span message) {
    size_t n = BASE64_SIZE(message.n);
    sio_strbuf_u64(out, 2 + n);
    sio_strbuf_lit(out, ":b4");
    char *at = sio_strbuf_reserve(out, n);
    out->n += base64_encode(at, message.p, message.n);
}

static void binary_head(struct sio_strbuf *out, char kind, size_t n) {
    char digits[24];
    int count = snprintf(digits, sizeof(digits), "%zu", n);
    sio_strbuf_char(out, kind);
    for (int i = 0; i < count; i++) sio_strbuf_char(out, (char)(digits[i] - '0'));
    sio_strbuf_char(out, (char)BINARY_LENGTH_END);
}

void eio3_binary_add(struct sio_strbuf *out, struct sio_span packet) {
    binary_head(out, BINARY_TEXT, packet.n);
    sio_strbuf_span(out, packet);
}

void eio3_binary_add_bytes(struct sio_strbuf *out, struct sio_span message) {
    binary_head(out, BINARY_BYTES, 1 + message.n);
    sio_strbuf_char(out, MESSAGE_BYTE);
    sio_strbuf_span(out, message);
}
