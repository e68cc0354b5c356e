/* Walks a query string and decodes percent escapes. */
#include "wire/query.h"

#include <stdint.h>

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

size_t wire_percent_decode(struct sio_span in, bool form, char *out) {
    size_t n = 0;
    for (size_t i = 0; i < in.n; i++) {
        char c = in.p[i];
        if (c == '%' && in.n - i > 2) {
            int high = hex_digit(in.p[i + 1]), low = hex_digit(in.p[i + 2]);
            if (high >= 0 && low >= 0) {
                c = (char)(high << 4 | low);
                i += 2;
            }
        } else if (c == '+' && form) {
            c = ' ';
        }
        out[n++] = c;
    }
    return n;
}

bool wire_query_next(struct sio_span *rest, struct sio_span *name, struct sio_span *value) {
    while (rest->p && rest->n > 0) {
        struct sio_span pair = sio_span_cut(rest, '&');
        if (pair.n == 0) continue;
        *name = sio_span_cut(&pair, '=');
        *value = pair.p ? pair : sio_span_of("", 0);
        return true;
    }
    return false;
}

/* How many bytes follow a lead byte, and the least code point that so many are for; -1: no lead byte. */
static int utf8_follow(unsigned char c, uint32_t *point, uint32_t *least) {
    if (c < 0x80) return *point = c, *least = 1, 0;
    if (c >= 0xC2 && c <= 0xDF) return *point = c & 0x1F, *least = 0x80, 1;
    if (c >= 0xE0 && c <= 0xEF) return *point = c & 0x0F, *least = 0x800, 2;
    if (c >= 0xF0 && c <= 0xF4) return *point = c & 0x07, *least = 0x10000, 3;
    return -1;
}

bool wire_text_valid(struct sio_span text) {
    for (size_t i = 0; i < text.n;) {
        uint32_t point = 0, least = 0;
        int follow = utf8_follow((unsigned char)text.p[i++], &point, &least);
        if (follow < 0 || text.n - i < (size_t)follow) return false;
        for (; follow > 0; follow--, i++) {
            if (((unsigned char)text.p[i] & 0xC0) != 0x80) return false;
            point = point << 6 | ((unsigned char)text.p[i] & 0x3F);
        }
        if (point < least || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return false;
    }
    return true;
}
