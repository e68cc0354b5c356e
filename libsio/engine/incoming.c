/* What comes in, as packets: a WebSocket message is one; a POST's body holds some, in the form that the session's protocol,
 * the content type and JSONP give it. */
#include "base/base64.h"
#include "base/mem.h"
#include "codec/eio3_payload.h"
#include "codec/http1.h"
#include "codec/jsonp.h"
#include "codec/utf8.h"
#include "engine/internal.h"

/* false: the session has ended. */
static bool receive(struct engine_session *s, struct eio_packet *packet) {
    char *decoded = NULL;
    if (packet->base64) {
        decoded = mem_alloc(packet->data.n * 3 / 4 + 3);
        packet->data = sio_span_of(decoded, base64_decode_lenient(decoded, packet->data));
    }
    bool open = session_receive(s, packet);
    free(decoded);
    return open && !s->doomed;
}

void incoming_message(struct engine_session *s, bool binary, struct sio_span message) {
    struct eio_packet packet = {.type = EIO_MESSAGE, .binary = true, .data = message};
    bool fine = true;
    if (s->protocol == 3)
        fine = binary ? eio3_packet_parse_binary(message, &packet) : eio3_packet_parse(message, &packet);
    else if (!binary)
        fine = eio_packet_parse(message, &packet);
    if (fine)
        (void)receive(s, &packet);
    else
        session_end(s, SIO_PARSE_ERROR, false);
}

/* ---- bodies ---- */

typedef enum eio3_next (*next_fn)(struct sio_span *rest, struct eio_packet *packet);

static enum eio3_next next_4(struct sio_span *rest, struct eio_packet *packet) {
    struct sio_span text;
    bool first = false;
    if (!eio_payload_next(rest, &first, &text)) return EIO3_END;
    return eio_packet_parse(text, packet) ? EIO3_PACKET : EIO3_BAD;
}

bool incoming_is_bytes(const struct net_request *request) {
    return sio_span_is(http1_header(request->headers, SIO_SPAN("content-type")), "application/octet-stream");
}

/* A text among bytes is mended as one that came as text. */
static bool receive_mended(struct engine_session *s, struct eio_packet *packet) {
    struct sio_strbuf mended;
    if (packet->binary || utf8_valid(packet->data)) return receive(s, packet);
    sio_strbuf_init(&mended);
    utf8_repair(packet->data, &mended);
    packet->data = sio_strbuf_as_span(&mended);
    bool open = receive(s, packet);
    sio_strbuf_fini(&mended);
    return open;
}

static void receive_all(struct engine_session *s, struct sio_span body, next_fn next) {
    struct eio_packet packet;
    struct sio_span rest = body.n ? body : SIO_SPAN("");
    enum eio3_next result = s->protocol == 3 && body.n == 0 ? EIO3_BAD : EIO3_PACKET;
    while (result == EIO3_PACKET && (result = next(&rest, &packet)) == EIO3_PACKET)
        if (!receive_mended(s, &packet)) return;
    if (result == EIO3_BAD) session_end(s, SIO_PARSE_ERROR, false);
}

/* Text that is none is mended as the web does it. */
static void receive_text(struct engine_session *s, struct sio_span text) {
    next_fn next = s->protocol == 3 ? eio3_text_next : next_4;
    struct sio_strbuf mended;
    sio_strbuf_init(&mended);
    if (!utf8_valid(text)) {
        utf8_repair(text, &mended);
        text = sio_strbuf_as_span(&mended);
    }
    receive_all(s, text, next);
    sio_strbuf_fini(&mended);
}

void incoming_post(struct engine_session *s, const struct net_request *request) {
    struct sio_strbuf form;
    if (s->state != SESSION_OPEN || s->doomed) return;
    sio_strbuf_init(&form);
    if (s->polling->jsonp) {
        if (jsonp_unwrap(&form, request->body)) receive_text(s, sio_strbuf_as_span(&form));
    } else if (s->protocol == 3 && incoming_is_bytes(request)) {
        receive_all(s, request->body, eio3_binary_next);
    } else {
        receive_text(s, request->body);
    }
    sio_strbuf_fini(&form);
}
