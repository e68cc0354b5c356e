/* A simulated client's WebSocket frames: masked and fragmented out, whole and unmasked in. */
#include "frames.h"

#include "base/must.h"

enum { FRAGMENTED_PER_MILLE = 150, PING_PER_MILLE = 50 };

static void send_frame(struct wire *wire, enum ws_opcode opcode, bool fin, struct sio_span payload) {
    char head[WS_HEAD_MAX_BYTES];
    uint8_t mask[4];
    struct sio_strbuf frame = {0};
    size_t n = ws_head_write(head, opcode, fin, false, payload.n);
    head[1] = (char)(head[1] | 0x80);
    for (int i = 0; i < 4; i++) mask[i] = (uint8_t)sim_random(wire->sim, 256);
    sio_strbuf_add(&frame, head, n);
    sio_strbuf_add(&frame, mask, sizeof(mask));
    sio_strbuf_span(&frame, payload);
    if (payload.n > 0) ws_mask(frame.p + frame.n - payload.n, payload.n, mask, 0);
    wire_send(wire, sio_strbuf_as_span(&frame));
    sio_strbuf_fini(&frame);
}

void frames_send(struct wire *wire, bool binary, struct sio_span message) {
    enum ws_opcode opcode = binary ? WS_BINARY : WS_TEXT;
    while (message.n > 1 && sim_chance(wire->sim, FRAGMENTED_PER_MILLE)) {
        size_t n = sim_random(wire->sim, message.n); /* an empty fragment is one too */
        send_frame(wire, opcode, false, sio_span_head(message, n));
        message = sio_span_skip(message, n);
        opcode = WS_CONTINUATION;
        if (sim_chance(wire->sim, PING_PER_MILLE))
            send_frame(wire, WS_PING, true, SIO_SPAN("are you there?"));
    }
    send_frame(wire, opcode, true, message);
}

void frames_close(struct wire *wire) { send_frame(wire, WS_CLOSE, true, SIO_SPAN("\x03\xe8")); }

bool frames_take(struct wire *wire,
                 void (*message)(struct wire *wire, enum ws_opcode opcode, struct sio_span payload)) {
    struct ws_head head;
    struct sio_span in = sio_strbuf_as_span(&wire->in);
    enum parse_result result = ws_head_parse(in, false, false, &head);
    must(result != PARSE_BAD && (result == PARSE_NEED_MORE || head.fin));
    if (result == PARSE_NEED_MORE || in.n - head.size < head.length) return false;
    struct sio_strbuf payload = {0};
    sio_strbuf_add(&payload, in.p + head.size, head.length);
    wire_take(wire, head.size + head.length);
    message(wire, head.opcode, sio_strbuf_as_span(&payload));
    sio_strbuf_fini(&payload);
    return true;
}
