/* WebSocket frames that go out: the owner's, pongs, and close frames. */
#include "base/must.h"
#include "net/conn_state.h"

/* A queue with nothing in it takes a frame of any size. */
static bool has_room(const struct net_conn *conn, size_t n) {
    size_t limit = conn->options->limits.out_queue_bytes, bytes = conn->out.bytes;
    return bytes == 0 || (bytes < limit && (conn->keeps_pace || n <= limit - bytes));
}

/* Before a queue counts as full it is written: a burst within one turn says nothing about the receiver. */
enum sio_err net_send_all(struct net_conn *conn, struct rcbuf *const *frames, uint32_t count) {
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) bytes += frames[i]->n;
    if (conn->state != NET_WEBSOCKET || conn->failed) return SIO_ERR_CLOSED;
    if (!has_room(conn, bytes) && !conn->blocked) conn_write(conn);
    if (conn->failed) return SIO_ERR_CLOSED;
    if (!has_room(conn, bytes)) return SIO_ERR_LIMIT;
    for (uint32_t i = 0; i < count; i++)
        conn_push(conn, rcbuf_ref(conn->deflate_bits == 0 ? frames[i] : ws_deflated(conn, frames[i])));
    return SIO_ERR_OK;
}

enum sio_err net_send(struct net_conn *conn, struct rcbuf *frame) { return net_send_all(conn, &frame, 1); }

struct rcbuf *net_frame_new(enum ws_opcode opcode, struct sio_span payload) {
    char head[WS_HEAD_MAX_BYTES];
    size_t head_n = ws_head_write(head, opcode, true, false, payload.n);
    struct rcbuf *frame = rcbuf_new(head_n + payload.n);
    memcpy(frame->p, head, head_n);
    if (payload.n > 0) memcpy(frame->p + head_n, payload.p, payload.n);
    return frame;
}

/* A flood of pings is answered as far as the peer reads; beyond that the newest counts (RFC 6455 §5.5.3). */
void ws_pong(struct net_conn *conn, struct sio_span payload) {
    struct rcbuf *frame = net_frame_new(WS_PONG, payload);
    if (conn->pongs < NET_PONGS_QUEUED) {
        conn->pongs++;
        conn_push(conn, frame);
    } else {
        rcbuf_unref(conn->pong);
        conn->pong = frame;
    }
}

void ws_push_close(struct net_conn *conn, struct sio_span payload) {
    if (conn->pong != NULL) conn_push(conn, conn->pong);
    conn->pong = NULL;
    conn_push(conn, net_frame_new(WS_CLOSE, payload));
}

/* The peer has broken the protocol: it is told why, and then nothing more is heard. */
void ws_fail(struct net_conn *conn, uint16_t code) {
    char payload[2] = {(char)(code >> 8), (char)code};
    enum sio_reason reason = conn->state == NET_ENDING ? conn->reason : SIO_TRANSPORT_ERROR;
    if (conn->state == NET_WEBSOCKET) ws_push_close(conn, sio_span_of(payload, sizeof(payload)));
    conn_flush_and_end(conn, true, reason);
}
