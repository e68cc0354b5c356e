/* permessage-deflate (RFC 7692): what the two sides agree on, and messages compressed and inflated one by one. No
 * history is kept between messages, in either direction. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "sio_strbuf.h"

/* ---- what is agreed (§7.1) ---- */

enum { DEFLATE_BITS_MIN = 8, DEFLATE_BITS_MAX = 15 }; /* of a window: 2^bits bytes */

struct deflate_terms {
    bool agreed;         /* an acceptable offer was found */
    uint8_t server_bits; /* the window that our messages may use; 0: nothing was said, so the largest */
    uint8_t client_bits; /* … the client's; 0: nothing was said */
};

/* Reads one Sec-WebSocket-Extensions line of a client; `terms`, zeroed before the first line, is the first offer that
 * can be accepted. Other extensions are passed over. false: an offer of permessage-deflate has an unknown, doubled
 * or impossible parameter, or the line is none. */
bool deflate_read_offers(struct sio_span line, struct deflate_terms *terms) SIO_MUST_CHECK;

/* Appends the header line of the answer, CRLF included. */
void deflate_write_answer(const struct deflate_terms *terms, struct sio_strbuf *out);

/* Does what was compressed with the largest window fit into this one? Nothing refers farther back than to the
 * message's beginning. */
static inline bool deflate_fits(size_t message_n, uint8_t bits) {
    return bits == DEFLATE_BITS_MAX || message_n <= (size_t)1 << bits;
}

/* ---- messages (§7.2) ---- */

/* The memory to compress and to inflate with: one thread at a time, some 300 KiB. Never NULL. */
struct deflate;
/* `level`: 1 (fast) to 9 (small); `memory`: 1 to 9, zlib's memLevel. */
struct deflate *deflate_new(int level, int memory);
void deflate_free(struct deflate *deflate); /* NULL is fine */

/* Appends the message's payload. */
void deflate_message(struct deflate *deflate, struct sio_span message, struct sio_strbuf *out);

enum inflate_result { INFLATE_OK, INFLATE_BAD, INFLATE_TOO_BIG };
/* Appends the message that the payload is; stops as soon as it has more than `limit` bytes. What `out` gets of a
 * bad payload is of no meaning. */
enum inflate_result inflate_message(struct deflate *deflate, struct sio_span payload, size_t limit,
                                    struct sio_strbuf *out) SIO_MUST_CHECK;
