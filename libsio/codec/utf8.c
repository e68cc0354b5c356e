/* UTF-8 (RFC 3629) checked over whole texts and over texts that come in pieces. */
#include "codec/utf8.h"

/* What may stand at the next byte. A state is left only for the one in its row, or for UTF8_BAD; the leads of
 * 0xE0, 0xED, 0xF0 and 0xF4 have rows of their own because their second byte is what shuts out overlong
 * forms, surrogates and code points above U+10FFFF. */
enum utf8_state {
    START,
    LAST_ONE,
    LAST_TWO,
    LAST_THREE,
    AFTER_E0,
    AFTER_ED,
    AFTER_F0,
    AFTER_F4,
    STATES_,
};

static const struct {
    unsigned char low, high; /* of the one byte accepted */
    unsigned char next;
} moves[STATES_] = {
    [LAST_ONE] = {0x80, 0xbf, START},      [LAST_TWO] = {0x80, 0xbf, LAST_ONE},
    [LAST_THREE] = {0x80, 0xbf, LAST_TWO}, [AFTER_E0] = {0xa0, 0xbf, LAST_ONE},
    [AFTER_ED] = {0x80, 0x9f, LAST_ONE},   [AFTER_F0] = {0x90, 0xbf, LAST_TWO},
    [AFTER_F4] = {0x80, 0x8f, LAST_TWO},
};

static uint32_t state_after_lead(unsigned char c) {
    if (c < 0x80) return START;
    if (c < 0xc2) return UTF8_BAD; /* a continuation byte, or the overlong leads 0xC0 and 0xC1 */
    if (c < 0xe0) return LAST_ONE;
    if (c == 0xe0) return AFTER_E0;
    if (c == 0xed) return AFTER_ED;
    if (c < 0xf0) return LAST_TWO;
    if (c == 0xf0) return AFTER_F0;
    if (c < 0xf4) return LAST_THREE;
    return c == 0xf4 ? AFTER_F4 : UTF8_BAD;
}

/* The first byte at or behind `p` that is not ASCII; `end` if there is none. */
static const unsigned char *skip_ascii(const unsigned char *p, const unsigned char *end) {
    const uint64_t high_bits = 0x8080808080808080u;
    while (end - p >= 16) {
        uint64_t a, b;
        memcpy(&a, p, 8);
        memcpy(&b, p + 8, 8);
        if ((a | b) & high_bits) break;
        p += 16;
    }
    while (p < end && *p < 0x80) p++;
    return p;
}

uint32_t utf8_feed(uint32_t state, struct sio_span piece) {
    if (state >= STATES_) return UTF8_BAD;
    if (piece.n == 0) return state;
    const unsigned char *p = (const unsigned char *)piece.p;
    const unsigned char *end = p + piece.n;
    for (;;) {
        if (state == START) {
            p = skip_ascii(p, end);
            if (p == end) return START;
            state = state_after_lead(*p++);
            if (state == UTF8_BAD) return UTF8_BAD;
        }
        if (p == end) return state;
        if (*p < moves[state].low || *p > moves[state].high) return UTF8_BAD;
        state = moves[state].next;
        p++;
    }
}

bool utf8_valid(struct sio_span text) { return utf8_feed(START, text) == START; }

/* A byte that cannot go on with what came before it ends that, and may begin something itself. */
void utf8_repair(struct sio_span text, struct sio_strbuf *out) {
    static const struct sio_span replacement = {"\xef\xbf\xbd", 3};
    uint32_t state = START;
    size_t from = 0; /* of the character under way */
    for (size_t i = 0; i < text.n;) {
        uint32_t next = utf8_feed(state, sio_span_of(text.p + i, 1));
        if (next != UTF8_BAD || state == START) i++;
        if (next == UTF8_BAD)
            sio_strbuf_span(out, replacement);
        else if (next == START)
            sio_strbuf_add(out, text.p + from, i - from);
        state = next == UTF8_BAD ? START : next;
        if (state == START) from = i;
    }
    if (state != START) sio_strbuf_span(out, replacement);
}
