/* The scans that the JSON files share: blanks, runs of plain string bytes, the end of a string or a value.
 * All stay within the span they are given, also in a text that was never checked. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

static inline bool json_is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

static inline bool json_is_digit(char c) { return (unsigned char)(c - '0') < 10; }

static inline const char *json_skip_blanks(const char *p, const char *end) {
    while (p < end && json_is_blank(*p)) p++;
    return p;
}

/* The eight bytes at p, the first one lowest. */
static inline uint64_t json_load8(const char *p) {
    uint64_t word;
    memcpy(&word, p, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap64(word);
#endif
    return word;
}

/* The first byte from p on that a JSON string cannot hold as it is: a quote, a backslash, a control
 * character; `end` if there is none. Eight bytes a step: subtracting sets a byte's top bit where the byte was
 * too small, and a borrow can only blur the bytes behind the first hit. */
static inline const char *json_skip_plain(const char *p, const char *end) {
    const uint64_t ones = 0x0101010101010101u, tops = 0x8080808080808080u;
    for (; end - p >= 8; p += 8) {
        uint64_t word = json_load8(p);
        uint64_t quote = word ^ (ones * '"'), slash = word ^ (ones * '\\');
        uint64_t hits =
            ((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((word - ones * 0x20) & ~word);
        hits &= tops;
        if (hits) return p + __builtin_ctzll(hits) / 8;
    }
    while (p < end && *p != '"' && *p != '\\' && (unsigned char)*p >= 0x20) p++;
    return p;
}

/* From an opening quote to behind the closing one. */
const char *json_skip_string(const char *p, const char *end);

/* From the first byte of a value to behind its last one. */
const char *json_skip_value(const char *p, const char *end);
