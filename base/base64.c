/* Base64 (RFC 4648): both alphabets written, read leniently for payloads and strictly for tokens. */
#include "base/base64.h"

static const char standard_alphabet[64] = {'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M',
                                           'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
                                           'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm',
                                           'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
                                           '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '/'};
static const char url_alphabet[64] = {'A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M',
                                      'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z',
                                      'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm',
                                      'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w', 'x', 'y', 'z',
                                      '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-', '_'};

/* Value of each character of either alphabet, plus one, so that what is not named is 0: in no alphabet. */
enum { BLANK = 0x80 };
static const unsigned char values[256] = {
    ['A'] = 1,  ['B'] = 2,  ['C'] = 3,  ['D'] = 4,     ['E'] = 5,      ['F'] = 6,      ['G'] = 7,
    ['H'] = 8,  ['I'] = 9,  ['J'] = 10, ['K'] = 11,    ['L'] = 12,     ['M'] = 13,     ['N'] = 14,
    ['O'] = 15, ['P'] = 16, ['Q'] = 17, ['R'] = 18,    ['S'] = 19,     ['T'] = 20,     ['U'] = 21,
    ['V'] = 22, ['W'] = 23, ['X'] = 24, ['Y'] = 25,    ['Z'] = 26,     ['a'] = 27,     ['b'] = 28,
    ['c'] = 29, ['d'] = 30, ['e'] = 31, ['f'] = 32,    ['g'] = 33,     ['h'] = 34,     ['i'] = 35,
    ['j'] = 36, ['k'] = 37, ['l'] = 38, ['m'] = 39,    ['n'] = 40,     ['o'] = 41,     ['p'] = 42,
    ['q'] = 43, ['r'] = 44, ['s'] = 45, ['t'] = 46,    ['u'] = 47,     ['v'] = 48,     ['w'] = 49,
    ['x'] = 50, ['y'] = 51, ['z'] = 52, ['0'] = 53,    ['1'] = 54,     ['2'] = 55,     ['3'] = 56,
    ['4'] = 57, ['5'] = 58, ['6'] = 59, ['7'] = 60,    ['8'] = 61,     ['9'] = 62,     ['+'] = 63,
    ['-'] = 63, ['/'] = 64, ['_'] = 64, [' '] = BLANK, ['\t'] = BLANK, ['\n'] = BLANK, ['\r'] = BLANK,
};

/* ---- writing ---- */

static size_t encode(char *out, const void *bytes, size_t n, const char alphabet[64], bool padded) {
    const unsigned char *p = bytes;
    char *o = out;
    for (; n >= 3; n -= 3, p += 3) {
        uint32_t three = (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
        *o++ = alphabet[three >> 18];
        *o++ = alphabet[three >> 12 & 63];
        *o++ = alphabet[three >> 6 & 63];
        *o++ = alphabet[three & 63];
    }
    if (n > 0) {
        uint32_t rest = (uint32_t)p[0] << 16 | (n == 2 ? (uint32_t)p[1] << 8 : 0);
        *o++ = alphabet[rest >> 18];
        *o++ = alphabet[rest >> 12 & 63];
        if (n == 2) *o++ = alphabet[rest >> 6 & 63];
        if (padded) {
            if (n == 1) *o++ = '=';
            *o++ = '=';
        }
    }
    return (size_t)(o - out);
}

size_t base64_encode(char *out, const void *p, size_t n) {
    return encode(out, p, n, standard_alphabet, true);
}

size_t base64url_encode(char *out, const void *p, size_t n) { return encode(out, p, n, url_alphabet, false); }

void base64url_add(struct sio_strbuf *out, struct sio_span bytes) {
    char *to = sio_strbuf_reserve(out, BASE64_SIZE(bytes.n));
    out->n += base64url_encode(to, bytes.p, bytes.n);
    out->p[out->n] = 0;
}

/* ---- reading ---- */

/* Bytes go out as soon as eight bits are there: never ahead of the characters read, so in place is safe. */
size_t base64_decode_lenient(char *out, struct sio_span in) {
    uint32_t bits = 0;
    unsigned held = 0; /* bits in `bits` that are not out yet: 0, 2, 4 or 6 */
    char *o = out;
    for (size_t i = 0; i < in.n; i++) {
        unsigned char v = values[(unsigned char)in.p[i]];
        if (v == BLANK) continue;
        if (v == 0) break;
        bits = (bits << 6 | (v - 1u)) & 0xfff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            *o++ = (char)(bits >> held & 0xff);
        }
    }
    return (size_t)(o - out);
}

bool base64url_decode_strict(char *out, struct sio_span in, size_t *n) {
    uint32_t bits = 0;
    unsigned held = 0;
    char *o = out;
    if (in.n % 4 == 1) return false; /* six bits make no byte */
    for (size_t i = 0; i < in.n; i++) {
        unsigned char c = (unsigned char)in.p[i];
        unsigned char v = values[c];
        if (v == 0 || v == BLANK || c == '+' || c == '/') return false;
        bits = (bits << 6 | (v - 1u)) & 0xfff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            *o++ = (char)(bits >> held & 0xff);
        }
    }
    /* Stray bits would let two texts stand for the same bytes: a signature could be written twice. */
    if (bits & ((1u << held) - 1)) return false;
    *n = (size_t)(o - out);
    return true;
}
