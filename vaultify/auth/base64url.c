/* Base64 with the URL's alphabet: four characters of six bits for three bytes. */
#include "auth/base64url.h"

static const char alphabet[64] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* -1: not of the alphabet. */
static int value_of(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '-') return 62;
    if (c == '_') return 63;
    return -1;
}

bool auth_base64url_decode(struct sio_span text, uint8_t *out, size_t *out_n) {
    if (text.n % 4 == 1) return false;
    uint32_t bits = 0;
    unsigned bit_count = 0;
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        int value = value_of(text.p[i]);
        if (value < 0) return false;
        bits = (bits << 6 | (uint32_t)value) & 0xffff;
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            out[n++] = (uint8_t)(bits >> bit_count);
        }
    }
    if (bits & ((1u << bit_count) - 1)) return false;
    *out_n = n;
    return true;
}

void auth_base64url_encode(struct sio_strbuf *out, struct sio_span bytes) {
    char *to = sio_strbuf_reserve(out, auth_base64url_encoded_size(bytes.n));
    uint32_t bits = 0;
    unsigned bit_count = 0;
    for (size_t i = 0; i < bytes.n; i++) {
        bits = (bits << 8 | (uint8_t)bytes.p[i]) & 0xffff;
        for (bit_count += 8; bit_count >= 6; bit_count -= 6) *to++ = alphabet[bits >> (bit_count - 6) & 63];
    }
    if (bit_count) *to++ = alphabet[bits << (6 - bit_count) & 63];
    out->n += auth_base64url_encoded_size(bytes.n);
    out->p[out->n] = 0;
}
