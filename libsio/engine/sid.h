/* Ids of sessions and sockets: 20 characters of base64url over 15 bytes, of which 80 bits are random; the
 * rest says which loop owns it and in which slot, so that any loop finds the owner without a table. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "sio_loop.h"

enum { SID_TEXT = 20 /* characters, without a NUL */ };

struct sid_key { /* random, one a server: hides how many slots are in use */
    uint8_t bytes[5];
};

void sid_make(const struct sid_key *key, struct sio_loop *loop, uint32_t slot, char out[SID_TEXT]);

/* false: not the form of an id. What it names may still not exist: compare the whole text with the owner's.
 */
bool sid_parse(const struct sid_key *key, struct sio_span text, unsigned *loop, uint32_t *slot);

/* Compares without telling by its duration where the difference is. */
bool sid_eq(const char sid[SID_TEXT], struct sio_span text);
