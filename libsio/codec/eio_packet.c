/* Engine.IO 4 packets: the text form, and the polling body that joins several. */
#include "codec/packets.h"

enum { SEPARATOR = 0x1e };

bool eio_packet_parse(struct sio_span text, struct eio_packet *out) {
    if (text.n == 0) return false;
    char type = text.p[0];
    bool binary = type == 'b';
    if (!binary && (type < '0' || type > '6')) return false;
    *out = (struct eio_packet){.type = binary ? EIO_MESSAGE : (enum eio_type)(type - '0'),
                               .binary = binary,
                               .base64 = binary,
                               .data = sio_span_skip(text, 1)};
    return true;
}

bool eio_payload_next(struct sio_span *rest, bool *first, struct sio_span *packet) {
    if (!*first && !rest->p) return false;
    *first = false;
    const char *end = rest->n ? memchr(rest->p, SEPARATOR, rest->n) : NULL;
    *packet = end ? sio_span_head(*rest, (size_t)(end - rest->p)) : *rest;
    *rest = end ? sio_span_skip(*rest, packet->n + 1) : (struct sio_span){NULL, 0};
    return true;
}
