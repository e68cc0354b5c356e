/* WebSocket frames (RFC 6455 §5): one frame's head read and written, masking. No memory of its own. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "codec/parse.h"

enum ws_opcode { WS_CONTINUATION = 0, WS_TEXT = 1, WS_BINARY = 2, WS_CLOSE = 8, WS_PING = 9, WS_PONG = 10 };

enum { WS_HEAD_MAX_BYTES = 14 };

struct ws_head {
    enum ws_opcode opcode;
    bool fin;
    bool rsv1; /* permessage-deflate */
    bool masked;
    uint8_t mask[4];
    uint64_t length; /* of the payload */
    uint8_t size;    /* of the head itself, bytes */
};

/* Reads a head from the front of `in`. `from_client`: a frame without mask is bad (§5.1), and so the other
 * way round. Bad: reserved bits (rsv1 unless `deflate`, and then on a message's first frame alone), unknown
 * opcode, fragmented or long control frame, a length not in its shortest form, a 64-bit length with its top
 * bit set. */
enum parse_result ws_head_parse(struct sio_span in, bool from_client, bool deflate, struct ws_head *out);

/* Masks or unmasks in place; `offset` is how many payload bytes came before these. */
void ws_mask(char *p, size_t n, const uint8_t mask[4], uint64_t offset);

/* Writes an unmasked head; returns its size. */
size_t ws_head_write(char out[WS_HEAD_MAX_BYTES], enum ws_opcode opcode, bool fin, bool rsv1,
                     uint64_t length);

/* A whole unmasked frame that we have made: its opcode, and where its payload lies. */
enum ws_opcode ws_frame_read(struct sio_span frame, struct sio_span *payload);

/* A close frame's payload: empty, or a valid code and UTF-8 (§7.4). 0 as *code: none given. false: bad. */
bool ws_close_parse(struct sio_span payload, uint16_t *code, struct sio_span *reason);

/* May a close frame carry this code? */
bool ws_close_code_valid(unsigned code);

/* Is this 16 bytes in base64: 22 characters and two of padding? */
bool ws_key_valid(struct sio_span key);
/* The 28 characters of Sec-WebSocket-Accept (§4.2.2) for a key that ws_key_valid found good. */
void ws_accept(struct sio_span key, char out[28]);
