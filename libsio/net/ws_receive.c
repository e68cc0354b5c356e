/* WebSocket frames as they come in: whole messages go straight from the read buffer to their owner; of what
 * is cut, head and payload are put aside until the rest comes. */
#include "base/mem.h"
#include "base/must.h"
#include "codec/utf8.h"
#include "net/conn_state.h"

static struct ws_cut *cut_of(struct net_conn *conn) {
    if (conn->cut == NULL) conn->cut = mem_new(struct ws_cut);
    return conn->cut;
}

void ws_cut_free(struct ws_cut *cut) {
    if (cut == NULL) return;
    sio_strbuf_fini(&cut->message);
    free(cut);
}

/* Between two messages nothing is kept. */
static void cut_done(struct net_conn *conn) {
    struct ws_cut *cut = conn->cut;
    if (cut == NULL || cut->in_frame || cut->head_n > 0 || cut->opcode != WS_CONTINUATION) return;
    conn->cut = NULL;
    ws_cut_free(cut);
}

static bool is_control(enum ws_opcode opcode) { return opcode >= WS_CLOSE; }

/* ---- heads ---- */

/* A head in one piece is read where it lies; the pieces of a cut one are brought together first. */
static enum parse_result read_head(struct net_conn *conn, struct bytes *in, struct ws_head *head) {
    struct ws_cut *cut = conn->cut;
    if (cut == NULL || cut->head_n == 0) {
        enum parse_result result =
            ws_head_parse(sio_span_of(in->p, in->n), true, conn->deflate_bits != 0, head);
        if (result == PARSE_OK) bytes_skip(in, head->size);
        if (result != PARSE_NEED_MORE) return result;
        cut = cut_of(conn);
    }
    size_t before = cut->head_n, room = WS_HEAD_MAX_BYTES - before;
    size_t n = in->n < room ? in->n : room;
    memcpy(cut->head_text + before, in->p, n);
    cut->head_n = (uint8_t)(before + n);
    enum parse_result result =
        ws_head_parse(sio_span_of(cut->head_text, cut->head_n), true, conn->deflate_bits != 0, head);
    if (result == PARSE_NEED_MORE) {
        bytes_skip(in, n);
        return cut->head_n < WS_HEAD_MAX_BYTES ? PARSE_NEED_MORE : PARSE_BAD;
    }
    if (result == PARSE_OK) bytes_skip(in, head->size - before);
    cut->head_n = 0;
    return result;
}

/* May this frame come now, and be so long? 0, or the close code. */
static uint16_t check_head(const struct net_conn *conn, const struct ws_head *head) {
    if (is_control(head->opcode)) return 0;
    bool inside = conn->cut != NULL && conn->cut->opcode != WS_CONTINUATION;
    if (inside != (head->opcode == WS_CONTINUATION)) return CLOSE_PROTOCOL_ERROR;
    size_t before = inside ? conn->cut->message.n : 0, limit = conn->message_limit;
    return before > limit || head->length > limit - before ? CLOSE_TOO_BIG : 0;
}

/* ---- whole frames ---- */

/* The reason's text is the one part of a close frame that can be bad UTF-8. */
static uint16_t close_fault(struct sio_span payload) {
    bool text_bad = payload.n > 2 && !utf8_valid(sio_span_skip(payload, 2));
    return text_bad ? CLOSE_INVALID_DATA : CLOSE_PROTOCOL_ERROR;
}

static void take_close(struct net_conn *conn, struct sio_span payload) {
    uint16_t code;
    struct sio_span reason;
    if (conn->state == NET_ENDING) { /* the answer to ours */
        conn_flush_and_end(conn, false, conn->reason);
    } else if (!ws_close_parse(payload, &code, &reason)) {
        ws_fail(conn, close_fault(payload));
    } else {
        ws_push_close(conn, sio_span_head(payload, code != 0 ? 2 : 0));
        conn_flush_and_end(conn, false, SIO_TRANSPORT_CLOSE);
    }
}

static void take_control(struct net_conn *conn, enum ws_opcode opcode, struct sio_span payload) {
    if (opcode == WS_CLOSE)
        take_close(conn, payload);
    else if (opcode == WS_PING && conn->state == NET_WEBSOCKET)
        ws_pong(conn, payload);
}

/* A whole message: as it is, or compressed. After our own close frame nobody wants it. */
static void take_message(struct net_conn *conn, enum ws_opcode opcode, bool deflated,
                         struct sio_span payload) {
    struct sio_strbuf message = {0};
    if (conn->state != NET_WEBSOCKET) return;
    uint16_t wrong = deflated ? ws_inflate(conn, payload, opcode == WS_TEXT, &message) : 0;
    if (wrong != 0)
        ws_fail(conn, wrong);
    else
        conn->options->handlers.on_message(conn, opcode == WS_BINARY,
                                           deflated ? sio_strbuf_as_span(&message) : payload);
    sio_strbuf_fini(&message);
}

/* The usual case: all of it is here. */
static void take_whole(struct net_conn *conn, const struct ws_head *head, struct bytes *in) {
    struct sio_span payload = sio_span_of(in->p, (size_t)head->length);
    ws_mask(in->p, payload.n, head->mask, 0);
    bytes_skip(in, payload.n);
    if (is_control(head->opcode))
        take_control(conn, head->opcode, payload);
    else if (head->opcode == WS_TEXT && !head->rsv1 && !utf8_valid(payload))
        ws_fail(conn, CLOSE_INVALID_DATA);
    else
        take_message(conn, head->opcode, head->rsv1, payload);
}

/* ---- cut frames and messages ---- */

static void begin_frame(struct net_conn *conn, const struct ws_head *head) {
    struct ws_cut *cut = cut_of(conn);
    cut->in_frame = true;
    cut->head = *head;
    cut->taken = 0;
    if (is_control(head->opcode) || head->opcode == WS_CONTINUATION) return;
    cut->opcode = head->opcode;
    cut->deflated = head->rsv1;
}

static void end_message(struct net_conn *conn, struct ws_cut *cut) {
    enum ws_opcode opcode = cut->opcode;
    if (opcode == WS_TEXT && cut->utf8 != 0 && conn->state == NET_WEBSOCKET) {
        ws_fail(conn, CLOSE_INVALID_DATA);
        return;
    }
    struct sio_strbuf message = cut->message;
    sio_strbuf_init(&cut->message);
    cut->opcode = WS_CONTINUATION;
    cut->utf8 = 0;
    take_message(conn, opcode, cut->deflated, sio_strbuf_as_span(&message));
    sio_strbuf_fini(&message);
}

static void end_frame(struct net_conn *conn, struct ws_cut *cut) {
    cut->in_frame = false;
    if (is_control(cut->head.opcode))
        take_control(conn, cut->head.opcode, sio_span_of(cut->control, (size_t)cut->head.length));
    else if (cut->head.fin)
        end_message(conn, cut);
}

/* A piece of a payload. Text is checked as it comes: what is bad is refused before it is whole. */
static void take_piece(struct net_conn *conn, struct ws_cut *cut, struct bytes *in) {
    uint64_t left = cut->head.length - cut->taken;
    size_t n = in->n < left ? in->n : (size_t)left;
    ws_mask(in->p, n, cut->head.mask, cut->taken);
    struct sio_span piece = sio_span_of(in->p, n);
    if (is_control(cut->head.opcode)) {
        memcpy(cut->control + cut->taken, piece.p, n);
    } else if (conn->state == NET_WEBSOCKET) {
        if (cut->opcode == WS_TEXT && !cut->deflated) cut->utf8 = utf8_feed(cut->utf8, piece);
        if (cut->utf8 == UTF8_BAD) {
            ws_fail(conn, CLOSE_INVALID_DATA);
            return;
        }
        sio_strbuf_span(&cut->message, piece);
    }
    bytes_skip(in, n);
    cut->taken += n;
    if (cut->taken == cut->head.length) end_frame(conn, cut);
}

/* ---- */

/* After our own close frame messages are passed over unread, whatever they hold. */
void ws_take(struct net_conn *conn, struct bytes *in) {
    if (conn->cut == NULL || !conn->cut->in_frame) {
        struct ws_head head;
        enum parse_result result = read_head(conn, in, &head);
        if (result == PARSE_NEED_MORE) return;
        uint16_t wrong = result == PARSE_BAD ? CLOSE_PROTOCOL_ERROR : check_head(conn, &head);
        if (wrong != 0 && (result == PARSE_BAD || conn->state == NET_WEBSOCKET)) {
            ws_fail(conn, wrong);
            return;
        }
        bool inside = conn->cut != NULL && conn->cut->opcode != WS_CONTINUATION;
        bool whole = head.length <= in->n && (is_control(head.opcode) || (head.fin && !inside));
        if (whole) {
            cut_done(conn);
            take_whole(conn, &head, in);
            return;
        }
        begin_frame(conn, &head);
    }
    if (in->n > 0 || conn->cut->taken == conn->cut->head.length) take_piece(conn, conn->cut, in);
    if (conn->state != NET_CLOSED) cut_done(conn);
}
