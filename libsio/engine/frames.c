/* Frames on their way to a peer: they are made once for everybody, and changed here for the few who want bytes in another
 * form: Engine.IO 3 with a type before them, clients without bytes as base64 in a text. */
#include "base/base64.h"
#include "base/mem.h"
#include "codec/ws_frame.h"
#include "engine/internal.h"

enum { EIO3_MESSAGE_BYTE = 4 };

struct sio_span frame_payload(const struct rcbuf *frame, bool *binary) {
    unsigned length = (unsigned char)frame->p[1] & 0x7f;
    *binary = ((unsigned char)frame->p[0] & 0x0f) == WS_BINARY;
    return sio_span_skip(rcbuf_span(frame), length < 126 ? 2 : length == 126 ? 4 : 10);
}

static struct rcbuf *base64_frame(const struct engine_session *s, struct sio_span bytes) {
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    sio_strbuf_span(&text, s->protocol == 3 ? SIO_SPAN("b4") : SIO_SPAN("b"));
    char *at = sio_strbuf_reserve(&text, BASE64_SIZE(bytes.n));
    text.n += base64_encode(at, bytes.p, bytes.n);
    struct rcbuf *frame = net_frame_new(WS_TEXT, sio_strbuf_as_span(&text));
    sio_strbuf_fini(&text);
    return frame;
}

static struct rcbuf *typed_frame(struct sio_span bytes) {
    struct sio_strbuf message;
    sio_strbuf_init(&message);
    sio_strbuf_char(&message, EIO3_MESSAGE_BYTE);
    sio_strbuf_span(&message, bytes);
    struct rcbuf *frame = net_frame_new(WS_BINARY, sio_strbuf_as_span(&message));
    sio_strbuf_fini(&message);
    return frame;
}

/* The frame that the peer understands; the reference is the caller's. */
static struct rcbuf *frame_for(const struct engine_session *s, struct rcbuf *frame) {
    bool binary;
    struct sio_span payload = frame_payload(frame, &binary);
    if (!binary) return rcbuf_ref(frame);
    return s->base64 ? base64_frame(s, payload) : typed_frame(payload);
}

enum sio_err session_send_frames(struct engine_session *s, struct rcbuf *const *frames, uint32_t count) {
    if (s->protocol != 3 && !s->base64) return net_send_all(s->conn, frames, count);
    struct rcbuf **changed = mem_new_array(struct rcbuf *, count);
    for (uint32_t i = 0; i < count; i++) changed[i] = frame_for(s, frames[i]);
    enum sio_err e = net_send_all(s->conn, changed, count);
    for (uint32_t i = 0; i < count; i++) rcbuf_unref(changed[i]);
    free(changed);
    return e;
}
