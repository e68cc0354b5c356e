/* permessage-deflate on connections: agreed in the handshake; a frame for many is compressed once, and all who want it
 * so share that; what comes in is inflated up to the message limit. */
#include "base/mem.h"
#include "codec/deflate.h"
#include "codec/utf8.h"
#include "net/conn_state.h"

struct net_deflate {
    struct sio_deflate settings;
    unsigned count;
    struct deflate *loops[]; /* each made when its loop needs it first */
};

struct net_deflate *net_deflate_new(unsigned loops, const struct sio_deflate *settings) {
    struct net_deflate *d = mem_zalloc(sizeof(*d) + loops * sizeof(struct deflate *));
    d->settings = *settings;
    d->count = loops;
    return d;
}

void net_deflate_free(struct net_deflate *d) {
    if (d == NULL) return;
    for (unsigned i = 0; i < d->count; i++) deflate_free(d->loops[i]);
    free(d);
}

static struct deflate *deflate_here(const struct net_conn *conn) {
    struct net_deflate *d = conn->options->deflate;
    struct deflate **here = &d->loops[sio_loop_index(conn->loop)];
    if (*here == NULL) *here = deflate_new((int)d->settings.level, (int)d->settings.memory);
    return *here;
}

/* ---- the handshake ---- */

bool ws_deflate_agree(struct net_conn *conn, struct sio_span headers, struct sio_strbuf *answer) {
    struct deflate_terms terms = {0};
    struct sio_span name, value;
    if (conn->options->deflate == NULL) return true;
    while (http1_next_header(&headers, &name, &value))
        if (sio_span_eq_nocase(name, SIO_SPAN("Sec-WebSocket-Extensions")) &&
            !deflate_read_offers(value, &terms))
            return false;
    if (!terms.agreed) return true;
    deflate_write_answer(&terms, answer);
    conn->deflate_bits = terms.server_bits != 0 ? terms.server_bits : DEFLATE_BITS_MAX;
    return true;
}

/* ---- sending ---- */

/* NULL when it would not become smaller. */
static struct rcbuf *compress_frame(struct rcbuf *frame, void *data) {
    struct net_conn *conn = data;
    struct sio_strbuf payload = {0};
    struct rcbuf *twin = NULL;
    struct sio_span message;
    enum ws_opcode opcode = ws_frame_read(rcbuf_span(frame), &message);
    deflate_message(deflate_here(conn), message, &payload);
    if (payload.n < message.n) {
        char head[WS_HEAD_MAX_BYTES];
        size_t head_n = ws_head_write(head, opcode, true, true, payload.n);
        twin = rcbuf_new(head_n + payload.n);
        memcpy(twin->p, head, head_n);
        memcpy(twin->p + head_n, payload.p, payload.n);
    }
    sio_strbuf_fini(&payload);
    return twin;
}

struct rcbuf *ws_deflated(struct net_conn *conn, struct rcbuf *frame) {
    const struct sio_deflate *settings = &conn->options->deflate->settings;
    struct sio_span message;
    enum ws_opcode opcode = ws_frame_read(rcbuf_span(frame), &message);
    if (opcode >= WS_CLOSE || message.n < settings->threshold_bytes || message.n > settings->max_bytes ||
        !deflate_fits(message.n, conn->deflate_bits))
        return frame;
    struct rcbuf *twin = rcbuf_twin(frame, compress_frame, conn);
    return twin != NULL ? twin : frame;
}

/* ---- receiving ---- */

uint16_t ws_inflate(struct net_conn *conn, struct sio_span payload, bool text, struct sio_strbuf *message) {
    switch (inflate_message(deflate_here(conn), payload, conn->message_limit, message)) {
    case INFLATE_TOO_BIG: return CLOSE_TOO_BIG;
    case INFLATE_BAD: return CLOSE_INVALID_DATA;
    case INFLATE_OK: break;
    }
    return text && !utf8_valid(sio_strbuf_as_span(message)) ? CLOSE_INVALID_DATA : 0;
}
