/* Fuzz target: Engine.IO 3 polling bodies of both kinds, and JSONP forms. */
#include "fuzz.h"

#include "base/must.h"
#include "codec/eio3_payload.h"
#include "codec/jsonp.h"

typedef enum eio3_next (*next_fn)(struct span *rest, struct eio_packet *packet);

static void write_again(struct strbuf *out, const struct eio_packet *packet, bool binary) {
    struct strbuf text = {0};
    strbuf_char(&text, (char)('0' + (int)packet->type));
    strbuf_span(&text, packet->data);
    if (binary && packet->binary)
        eio3_binary_add_bytes(out, packet->data);
    else if (binary)
        eio3_binary_add(out, strbuf_as_span(&text));
    else if (packet->binary)
        eio3_text_add_bytes(out, packet->data);
    else
        eio3_text_add(out, strbuf_as_span(&text));
    strbuf_fini(&text);
}

/* What is read can be written and read again. */
static void fuzz_body(struct span body, next_fn next, bool binary) {
    struct span rest = body;
    struct eio_packet packet, again;
    while (next(&rest, &packet) == EIO3_PACKET) {
        must(packet.type <= EIO_NOOP && packet.data.n < body.n);
        struct strbuf out = {0};
        if (packet.base64) continue;
        write_again(&out, &packet, binary);
        struct span written = strbuf_as_span(&out);
        must(next(&written, &again) == EIO3_PACKET && written.n == 0);
        must(again.binary == packet.binary && (packet.binary || again.type == packet.type));
        must(span_eq(again.data, packet.data));
        strbuf_fini(&out);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct span body = span_of(data, size);
    struct strbuf text = {0};
    fuzz_body(body, eio3_text_next, false);
    fuzz_body(body, eio3_binary_next, true);
    if (jsonp_unwrap(&text, body)) must(text.n <= size);
    strbuf_fini(&text);
    return 0;
}
