/* Engine.IO 3 as bytes: its packets, and its polling bodies, in which each packet has its length before it. Read in
 * place, no memory of its own.
 *
 *   text:    <length>:<packet>…          the length in UTF-16 units, as JavaScript counts; bytes as "b4" and base64
 *   binary:  <0|1><digits><0xff><packet>…  0 text, 1 bytes; the length in bytes, each decimal digit a byte of its own */
#pragma once
#include "codec/packets.h"

/* One packet of text ("4hello", "b4" and base64). false: empty or of no known type. */
bool eio3_packet_parse(struct sio_span text, struct eio_packet *out);
/* One packet of bytes: its type as a number, then its data. */
bool eio3_packet_parse_binary(struct sio_span bytes, struct eio_packet *out);

enum eio3_next { EIO3_PACKET, EIO3_END, EIO3_BAD };

/* Walks a body from *rest = body, which may not be empty; a text one is UTF-8. Packets of length 0 are passed over, as the reference
 * does. EIO3_BAD: a length that is none or too long, or a packet that is none. */
enum eio3_next eio3_text_next(struct sio_span *rest, struct eio_packet *packet);
enum eio3_next eio3_binary_next(struct sio_span *rest, struct eio_packet *packet);

/* Appends one packet to a text body; `packet` is its text, "4hello". */
void eio3_text_add(struct sio_strbuf *out, struct sio_span packet);
/* … and a binary message. */
void eio3_text_add_bytes(struct sio_strbuf *out, struct sio_span message);

/* The same for a binary body. */
void eio3_binary_add(struct sio_strbuf *out, struct sio_span packet);
void eio3_binary_add_bytes(struct sio_strbuf *out, struct sio_span message);
