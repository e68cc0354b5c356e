/* A chunked HTTP/1.1 body (RFC 9112 §7.1), decoded in place whichever way it was cut.
 *
 *   SIZE ─"1a"─▶ SIZE_MORE ─CR─▶ SIZE_LF ─LF─▶ DATA ─all─▶ DATA_CR ─▶ DATA_LF ─▶ SIZE
 *                    └─";"─▶ EXTENSION ─CR─┘    └─ size 0 ─▶ TRAILER ─CR─▶ END_LF ─▶ DONE
 *                                                             │   ▲
 *                                                    TRAILER_NAME │
 *                                                             ▼   │
 *                                                   TRAILER_VALUE ─CR─▶ TRAILER_LF
 *
 * Extensions and trailers are read over, and limited over the whole body: they cost a sender nothing. */
#include "codec/http1.h"

enum {
    EXTRA_MAX_BYTES = 4096, /* extensions and trailers of one body together */
    SIZE_MAX_DIGITS = 16,
};

enum chunked_state {
    SIZE,
    SIZE_MORE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER,
    TRAILER_NAME,
    TRAILER_VALUE,
    TRAILER_LF,
    END_LF,
    DONE,
    FAILED,
};

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Nothing in an extension or a trailer's value may be a control character, the tab excepted. */
static bool text_character(unsigned char c) { return (c >= ' ' && c != 0x7f) || c == '\t'; }

/* RFC 9110 §5.6.2; what shuts out folded lines and blanks before the colon here too. */
static bool name_character(unsigned char c) {
    return c > ' ' && c < 0x7f && !strchr("\"(),/:;<=>?@[\\]{}", c);
}

static enum chunked_state add_size_digit(struct http1_chunked *c, int digit) {
    if (c->digits == SIZE_MAX_DIGITS || c->left > (uint64_t)INT64_MAX >> 4) return FAILED;
    c->digits++;
    c->left = c->left << 4 | (unsigned)digit;
    return SIZE_MORE;
}

static enum chunked_state extra(struct http1_chunked *c, enum chunked_state next) {
    if (c->line == EXTRA_MAX_BYTES) return FAILED;
    c->line++;
    return next;
}

/* The state behind one byte that is not data. */
static enum chunked_state step(struct http1_chunked *c, char byte) {
    unsigned char u = (unsigned char)byte;
    switch ((enum chunked_state)c->state) {
    case SIZE: return hex_digit(byte) < 0 ? FAILED : add_size_digit(c, hex_digit(byte));
    case SIZE_MORE:
        if (hex_digit(byte) >= 0) return add_size_digit(c, hex_digit(byte));
        if (byte == ';') return extra(c, EXTENSION);
        return byte == '\r' ? SIZE_LF : FAILED;
    case EXTENSION:
        if (byte == '\r') return SIZE_LF;
        return text_character(u) ? extra(c, EXTENSION) : FAILED;
    case SIZE_LF:
        c->digits = 0;
        if (byte != '\n') return FAILED;
        return c->left > 0 ? DATA : TRAILER;
    case DATA_CR: return byte == '\r' ? DATA_LF : FAILED;
    case DATA_LF: return byte == '\n' ? SIZE : FAILED;
    case TRAILER:
        if (byte == '\r') return END_LF;
        return name_character(u) ? extra(c, TRAILER_NAME) : FAILED;
    case TRAILER_NAME:
        if (byte == ':') return extra(c, TRAILER_VALUE);
        return name_character(u) ? extra(c, TRAILER_NAME) : FAILED;
    case TRAILER_VALUE:
        if (byte == '\r') return TRAILER_LF;
        return text_character(u) ? extra(c, TRAILER_VALUE) : FAILED;
    case TRAILER_LF: return byte == '\n' ? TRAILER : FAILED;
    case END_LF: return byte == '\n' ? DONE : FAILED;
    case DATA:
    case DONE:
    case FAILED: break;
    }
    return FAILED;
}

enum parse_result http1_chunked_decode(struct http1_chunked *c, char *p, size_t n, size_t *data_n,
                                       size_t *taken) {
    size_t in = 0, out = 0;
    while (in < n && c->state != DONE && c->state != FAILED) {
        if (c->state != DATA) {
            c->state = (uint8_t)step(c, p[in]);
            in++;
            continue;
        }
        size_t piece = n - in < c->left ? n - in : (size_t)c->left;
        if (out != in) memmove(p + out, p + in, piece);
        in += piece;
        out += piece;
        c->left -= piece;
        if (c->left == 0) c->state = DATA_CR;
    }
    *data_n = out;
    *taken = in;
    if (c->state == FAILED) return PARSE_BAD;
    return c->state == DONE ? PARSE_OK : PARSE_NEED_MORE;
}
