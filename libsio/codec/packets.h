/* Engine.IO 4 and Socket.IO 5 packets as bytes: read in place, no memory of their own. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "sio_strbuf.h"

/* ---- Engine.IO 4 ---- */

enum eio_type { EIO_OPEN, EIO_CLOSE, EIO_PING, EIO_PONG, EIO_MESSAGE, EIO_UPGRADE, EIO_NOOP };

struct eio_packet {
    enum eio_type type;
    bool binary;
    bool base64;          /* `data` is the base64 of the bytes, not yet decoded */
    struct sio_span data; /* behind the type */
};

/* One text packet ("4hello", "b…" base64). false: empty or of no known type. */
bool eio_packet_parse(struct sio_span text, struct eio_packet *out);

/* Walks a polling body: packets with 0x1e between them. Start with *rest = body, *first = true. false at the
 * end; an empty packet (an empty body, a separator at the end) is returned as an empty span, which
 * eio_packet_parse refuses. */
bool eio_payload_next(struct sio_span *rest, bool *first, struct sio_span *packet);

/* ---- Socket.IO 5 ---- */

enum sio_type {
    SIO_CONNECT,
    SIO_DISCONNECT,
    SIO_EVENT,
    SIO_ACK,
    SIO_CONNECT_ERROR,
    SIO_BINARY_EVENT,
    SIO_BINARY_ACK
};
enum { SIO_MAX_ATTACHMENTS = 255 /* that can be read at all; what a server takes is less */ };
#define SIO_ID_MAX (UINT64_C(1) << 53) /* a JavaScript client cannot count further without losing ids */

struct sio_wire {
    enum sio_type type;
    uint32_t attachments;
    struct sio_span ns; /* "/" when none is written */
    bool has_id;        /* never for CONNECT and DISCONNECT */
    uint64_t id;
    struct sio_span json; /* exactly one checked JSON value, or empty */
};

/* Reads the text of one packet and checks what the reference server checks: CONNECT wants an object or
 * nothing, DISCONNECT nothing, EVENT an array whose first item is a number or a string that is not reserved,
 * ACK an array; CONNECT_ERROR is the server's alone; attachments 1…255 for binary types, whose placeholders
 * name one of them each (any number from 0 to below the count: the reference lets 0.5 pass, which names none). An id is up to 2^53; leading zeros fall away, and blanks alone are 0. false:
 * malformed.
 *
 * To be ignored, but not malformed, are EVENT and ACK with an empty json: no payload was there, or the ACK
 * has no id. */
bool sio_wire_parse(struct sio_span text, struct sio_wire *out);

/* May an event's payload look like this: an array whose first item is a number or a string that is not reserved?
 */
bool sio_event_valid(struct sio_span json);

/* What a packet to a client says, whatever its form on the wire. */
struct sio_outgoing {
    enum sio_type type; /* never a binary one: `attachment_count` says it */
    struct sio_span ns;
    const uint64_t *id;   /* NULL: none */
    struct sio_span name; /* of an event, plain UTF-8 */
    struct sio_span json; /* of an event the arguments behind its name; of it and of an ack an array */
    const struct sio_span *attachments; /* named by placeholders in `json` */
    size_t attachment_count;
};

/* Appends the text of the packet, without its attachments, which follow as binary messages. */
void sio_wire_write(struct sio_strbuf *out, const struct sio_outgoing *packet);

/* Appends a written event with one more argument, a text that needs no escapes. */
void sio_wire_write_longer(struct sio_strbuf *out, struct sio_span event, struct sio_span text);

/* Appends `<type>[n-][/ns,][id]`; "/" is not written. The JSON follows by the caller. */
void sio_wire_begin(struct sio_strbuf *out, enum sio_type type, uint32_t attachments, struct sio_span ns,
                    bool has_id, uint64_t id);

/* ---- the same packets in msgpack (socket.io-msgpack-parser): one binary message each ---- */

/* Reads a whole message, a map with "type", "nsp", "data" and "id" in any order; other members are passed over,
 * of two with one name the last counts. It is checked like a text packet, except that EVENT and ACK must have
 * data, a namespace must be there, and CONNECT may hold nothing binary. What was accepted looks like a text
 * packet: `out->json` is in `*json`, which is initialised and the caller's to free; binary stands in
 * `attachments`, which point into the message. msgpack_json.h says what becomes what. */
bool sio_msgpack_parse(struct sio_span message, struct sio_strbuf *json,
                       struct sio_span attachments[SIO_MAX_ATTACHMENTS], struct sio_wire *out);

/* Appends the whole packet. */
void sio_msgpack_write(struct sio_strbuf *out, const struct sio_outgoing *packet);

/* Appends a written event without an id with one more argument. */
void sio_msgpack_write_longer(struct sio_strbuf *out, struct sio_span event, struct sio_span text);
