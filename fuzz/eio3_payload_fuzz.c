/* Fuzz target: Engine.IO 3 polling bodies of both kinds, and JSONP forms. */
#include "fuzz.h"

#include "base/must.h"
#include "codec/eio3_payload.h"
#include "codec/jsonp.h"

typedef enum eio3_next (*next_fn)(struct sio_span *rest, struct eio_packet *packet);

static void write_again(struct sio_strbuf *out, const struct eio_packet *packet, bool binary) {
    struct sio_strbuf text = {0};
    sio_strbuf_char(&text, (char)('0' + (int)packet->type));
    sio_strbuf_span(&text, packet->data);
    if (binary && packet->binary)
        eio3_binary_add_bytes(out, packet->data);
    else if (binary)
        eio3_binary_add(out, sio_strbuf_as_span(&text));
    else if (packet->binary)
        eio3_text_add_bytes(out, packet->data);
    else
        eio3_text_add(out, sio_strbuf_as_span(&text));
    sio_strbuf_fini(&text);
}

/* What is read can be written and read again. */
static void fuzz_body(struct sio_span body, next_fn next, bool binary) {
    struct sio_span rest = body;
    struct eio_packet packet, again;
    while (next(&rest, &packet) == EIO3_PACKET) {
        must(packet.type <= EIO_NOOP && packet.data.n < body.n);
        struct sio_strbuf out = {0};
        if (packet.base64) continue;
        write_again(&out, &packet, binary);
        struct sio_span written = sio_strbuf_as_span(&out);
        must(next(&written, &again) == EIO3_PACKET && written.n == 0);
        must(again.binary == packet.binary && (packet.binary || again.type == packet.type));
        must(sio_span_eq(again.data, packet.data));
        sio_strbuf_fini(&out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sio_span body = sio_span_of(data, size);
    struct sio_strbuf text = {0};
    fuzz_body(body, eio3_text_next, false);
    fuzz_body(body, eio3_binary_next, true);
    if (jsonp_unwrap(&text, body)) must(text.n <= size);
    sio_strbuf_fini(&text);
    return 0;
}
