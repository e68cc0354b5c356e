/* WebSocket frames (RFC 6455 §5): heads read and written, payloads masked, the handshake's key answered. */
#include "codec/ws_frame.h"

#include <openssl/evp.h>

#include "base/base64.h"
#include "base/must.h"
#include "codec/utf8.h"

enum {
    FIN_BIT = 0x80,
    RSV1_BIT = 0x40,
    RSV23_BITS = 0x30,
    MASK_BIT = 0x80,
    CONTROL_BIT = 0x08, /* of the opcode */
    LENGTH_16 = 126,    /* the seven length bits when two bytes of length follow */
    LENGTH_64 = 127,    /* … or eight */
    CONTROL_MAX_BYTES = 125,
    KEY_CHARACTERS = 24,
    KEY_SIGNIFICANT = 22, /* characters before the padding */
    SHA1_BYTES = 20,
};

/* ---- heads ---- */

/*   byte 0: FIN RSV1 RSV2 RSV3 opcode(4)     byte 1: MASK length(7)
 *   then, by the length: nothing (0–125), 2 bytes (126) or 8 bytes (127); then 4 bytes of mask if MASK */

static bool first_byte_valid(unsigned char b, bool deflate) {
    unsigned opcode = b & 0x0f;
    bool data_start = opcode == WS_TEXT || opcode == WS_BINARY;
    bool control = opcode == WS_CLOSE || opcode == WS_PING || opcode == WS_PONG;
    if (!data_start && !control && opcode != WS_CONTINUATION) return false;
    if (b & RSV23_BITS) return false;
    if ((b & RSV1_BIT) && !(deflate && data_start)) return false; /* RFC 7692 §6: a message's first frame */
    return !control || (b & FIN_BIT);
}

static bool second_byte_valid(unsigned char b, bool control, bool from_client) {
    if (!!(b & MASK_BIT) != from_client) return false;
    return !control || (b & 0x7f) <= CONTROL_MAX_BYTES;
}

static uint64_t big_endian(const unsigned char *p, size_t n) {
    uint64_t v = 0;
    for (size_t i = 0; i < n; i++) v = v << 8 | p[i];
    return v;
}

/* Only the shortest form, so that a length is written in one way. */
static bool length_valid(uint64_t length, size_t extra) {
    if (extra == 2) return length >= LENGTH_16;
    if (extra == 8) return length > UINT16_MAX && length <= INT64_MAX;
    return true;
}

enum parse_result ws_head_parse(struct sio_span in, bool from_client, bool deflate, struct ws_head *out) {
    const unsigned char *p = (const unsigned char *)in.p;
    if (in.n < 1) return PARSE_NEED_MORE;
    if (!first_byte_valid(p[0], deflate)) return PARSE_BAD;
    if (in.n < 2) return PARSE_NEED_MORE;
    if (!second_byte_valid(p[1], p[0] & CONTROL_BIT, from_client)) return PARSE_BAD;

    unsigned short_length = p[1] & 0x7fu;
    size_t extra = short_length == LENGTH_64 ? 8 : short_length == LENGTH_16 ? 2 : 0;
    if (in.n < 2 + extra) return PARSE_NEED_MORE;
    uint64_t length = extra ? big_endian(p + 2, extra) : short_length;
    if (!length_valid(length, extra)) return PARSE_BAD;

    size_t size = 2 + extra + (from_client ? 4 : 0);
    if (in.n < size) return PARSE_NEED_MORE;
    *out = (struct ws_head){.opcode = (enum ws_opcode)(p[0] & 0x0f),
                            .fin = p[0] & FIN_BIT,
                            .rsv1 = p[0] & RSV1_BIT,
                            .masked = from_client,
                            .length = length,
                            .size = (uint8_t)size};
    if (from_client) memcpy(out->mask, p + 2 + extra, 4);
    return PARSE_OK;
}

size_t ws_head_write(char out[WS_HEAD_MAX_BYTES], enum ws_opcode opcode, bool fin, bool rsv1,
                     uint64_t length) {
    must(length <= INT64_MAX);
    size_t extra = length < LENGTH_16 ? 0 : length <= UINT16_MAX ? 2 : 8;
    unsigned char *o = (unsigned char *)out;
    o[0] = (unsigned char)((fin ? FIN_BIT : 0) | (rsv1 ? RSV1_BIT : 0) | opcode);
    o[1] = (unsigned char)(extra == 0 ? length : extra == 2 ? LENGTH_16 : LENGTH_64);
    for (size_t i = 0; i < extra; i++) o[2 + i] = (unsigned char)(length >> 8 * (extra - 1 - i));
    return 2 + extra;
}

enum ws_opcode ws_frame_read(struct sio_span frame, struct sio_span *payload) {
    unsigned length = (unsigned char)frame.p[1];
    *payload = sio_span_skip(frame, length < LENGTH_16 ? 2 : length == LENGTH_16 ? 4 : 10);
    return (enum ws_opcode)(frame.p[0] & 0x0f);
}

/* ---- payloads ---- */

void ws_mask(char *p, size_t n, const uint8_t mask[4], uint64_t offset) {
    uint8_t turned[8]; /* the mask as it stands at `p`, twice */
    for (unsigned i = 0; i < 8; i++) turned[i] = mask[(offset + i) & 3];
    uint64_t key;
    memcpy(&key, turned, 8);
    size_t i = 0;
    for (; n - i >= 8; i += 8) {
        uint64_t word;
        memcpy(&word, p + i, 8);
        word ^= key;
        memcpy(p + i, &word, 8);
    }
    for (; i < n; i++) p[i] = (char)(p[i] ^ turned[i & 7]);
}

/* 1004 is reserved; 1005, 1006 and 1015 are never sent; 3000–4999 are the libraries' and programs' own. */
bool ws_close_code_valid(unsigned code) {
    if (code >= 3000) return code <= 4999;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

bool ws_close_parse(struct sio_span payload, uint16_t *code, struct sio_span *reason) {
    *code = 0;
    *reason = (struct sio_span){0};
    if (payload.n == 0) return true;
    if (payload.n < 2 || payload.n > CONTROL_MAX_BYTES) return false;
    unsigned given = (unsigned)big_endian((const unsigned char *)payload.p, 2);
    if (!ws_close_code_valid(given) || !utf8_valid(sio_span_skip(payload, 2))) return false;
    *code = (uint16_t)given;
    *reason = sio_span_skip(payload, 2);
    return true;
}

/* ---- the handshake ---- */

/* The last character's spare bits are not looked at: the RFC's own example key has some set. */
bool ws_key_valid(struct sio_span key) {
    if (key.n != KEY_CHARACTERS || key.p[22] != '=' || key.p[23] != '=') return false;
    for (size_t i = 0; i < KEY_SIGNIFICANT; i++) {
        char c = key.p[i];
        bool letter_or_digit = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter_or_digit && c != '+' && c != '/') return false;
    }
    return true;
}

void ws_accept(struct sio_span key, char out[28]) {
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* RFC 6455 §1.3 */
    char text[KEY_CHARACTERS + sizeof guid - 1];
    unsigned char digest[SHA1_BYTES];
    must(key.n == KEY_CHARACTERS);
    memcpy(text, key.p, KEY_CHARACTERS);
    memcpy(text + KEY_CHARACTERS, guid, sizeof guid - 1);
    must(EVP_Digest(text, sizeof text, digest, NULL, EVP_sha1(), NULL) == 1);
    must(base64_encode(out, digest, sizeof digest) == 28);
}
