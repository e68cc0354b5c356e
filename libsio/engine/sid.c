/* Ids: byte 0 the loop, bytes 1-4 the slot, both under the server's key; bytes 5-14 random. */
#include "engine/sid.h"

#include "base/base64.h"

enum { SID_BYTES = 15, SID_OWNER_BYTES = 5 };

void sid_make(const struct sid_key *key, struct sio_loop *loop, uint32_t slot, char out[SID_TEXT]) {
    uint8_t raw[SID_BYTES];
    sio_loop_random(loop, raw + SID_OWNER_BYTES, SID_BYTES - SID_OWNER_BYTES);
    raw[0] = (uint8_t)sio_loop_index(loop);
    for (int i = 0; i < 4; i++) raw[1 + i] = (uint8_t)(slot >> (8 * i));
    /* The key alone would show consecutive slots as consecutive ids: random bytes of the same id are mixed in
     * as well. */
    for (int i = 0; i < SID_OWNER_BYTES; i++) raw[i] ^= (uint8_t)(key->bytes[i] ^ raw[SID_OWNER_BYTES + i]);
    base64url_encode(out, raw, SID_BYTES);
}

bool sid_parse(const struct sid_key *key, struct sio_span text, unsigned *loop, uint32_t *slot) {
    char raw[SID_BYTES + 3];
    size_t n = 0;
    if (text.n != SID_TEXT || !base64url_decode_strict(raw, text, &n) || n != SID_BYTES) return false;
    uint8_t owner[SID_OWNER_BYTES];
    for (int i = 0; i < SID_OWNER_BYTES; i++)
        owner[i] = (uint8_t)((uint8_t)raw[i] ^ key->bytes[i] ^ (uint8_t)raw[SID_OWNER_BYTES + i]);
    *loop = owner[0];
    *slot = 0;
    for (int i = 0; i < 4; i++) *slot |= (uint32_t)owner[1 + i] << (8 * i);
    return true;
}

bool sid_eq(const char sid[SID_TEXT], struct sio_span text) {
    if (text.n != SID_TEXT) return false;
    uint8_t difference = 0;
    for (int i = 0; i < SID_TEXT; i++) difference |= (uint8_t)(sid[i] ^ text.p[i]);
    return difference == 0;
}
