/* UUIDs to text and back. */
#include "base/uuid.h"

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* A hyphen stands before these bytes. */
static bool hyphen_before(int byte) { return byte == 4 || byte == 6 || byte == 8 || byte == 10; }

bool uuid_parse(struct sio_span text, struct uuid *out) {
    struct uuid u;
    if (text.n != UUID_TEXT) return false;
    const char *p = text.p;
    for (int i = 0; i < 16; i++, p += 2) {
        if (hyphen_before(i) && *p++ != '-') return false;
        int high = hex_value(p[0]), low = hex_value(p[1]);
        if (high < 0 || low < 0) return false;
        u.b[i] = (uint8_t)(high << 4 | low);
    }
    *out = u;
    return true;
}

void uuid_format(const struct uuid *u, char out[UUID_TEXT + 1]) {
    static const char digits[] = "0123456789abcdef";
    for (int i = 0; i < 16; i++) {
        if (hyphen_before(i)) *out++ = '-';
        *out++ = digits[u->b[i] >> 4];
        *out++ = digits[u->b[i] & 15];
    }
    *out = '\0';
}

struct uuid uuid_v7(int64_t unix_ms, const uint8_t random[10]) {
    struct uuid u;
    for (int i = 0; i < 6; i++) u.b[i] = (uint8_t)((uint64_t)unix_ms >> (40 - 8 * i));
    memcpy(u.b + 6, random, 10);
    u.b[6] = (uint8_t)(0x70 | (u.b[6] & 0x0f)); /* version 7 */
    u.b[8] = (uint8_t)(0x80 | (u.b[8] & 0x3f)); /* the RFC's variant */
    return u;
}
