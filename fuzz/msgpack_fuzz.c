/* Fuzz target: msgpack, as values and as Socket.IO packets. What is accepted is valid JSON, is written again, and is
 * read from there as the same. */
#include "fuzz.h"

#include "base/must.h"
#include "codec/msgpack_json.h"
#include "codec/packets.h"
#include "codec/sio_placeholder.h"
#include "sio_json.h"

enum { LONGEST_A_BYTE = 6, LONGEST_AN_ATTACHMENT = 32 };

static void check_json(struct sio_span json, size_t bytes, uint32_t attachments) {
    struct sio_span value;
    must(sio_json_check(json, &value) && sio_span_eq(value, json));
    must(json.n <= bytes * LONGEST_A_BYTE + attachments * LONGEST_AN_ATTACHMENT);
    if (attachments) must(sio_placeholders_valid(json, attachments));
}

static void check_value(struct sio_span bytes) {
    struct sio_span attachments[SIO_MAX_ATTACHMENTS], again_attachments[SIO_MAX_ATTACHMENTS], rest = bytes;
    struct sio_strbuf json, again, out;
    uint32_t count, again_count;
    sio_strbuf_init(&json);
    sio_strbuf_init(&again);
    sio_strbuf_init(&out);
    if (msgpack_to_json(&rest, &json, attachments, &count)) {
        check_json(sio_strbuf_as_span(&json), bytes.n - rest.n, count);
        msgpack_from_json(&out, NULL, sio_strbuf_as_span(&json), attachments, count);
        rest = sio_strbuf_as_span(&out);
        must(msgpack_to_json(&rest, &again, again_attachments, &again_count) && rest.n == 0);
        must(sio_span_eq(sio_strbuf_as_span(&json), sio_strbuf_as_span(&again)) && count == again_count);
        for (uint32_t i = 0; i < count; i++) must(sio_span_eq(attachments[i], again_attachments[i]));
    }
    sio_strbuf_fini(&json);
    sio_strbuf_fini(&again);
    sio_strbuf_fini(&out);
}

static void check_wire(const struct sio_wire *wire, size_t bytes) {
    bool binary = wire->type == SIO_BINARY_EVENT || wire->type == SIO_BINARY_ACK;
    must(wire->type <= SIO_BINARY_ACK && wire->type != SIO_CONNECT_ERROR);
    must(binary == (wire->attachments > 0) && wire->attachments <= SIO_MAX_ATTACHMENTS);
    must(wire->ns.n >= 1 && wire->ns.p[0] == '/');
    must(wire->id <= SIO_ID_MAX && (wire->has_id || wire->id == 0));
    if (wire->type == SIO_EVENT || wire->type == SIO_BINARY_EVENT) must(sio_event_valid(wire->json));
    if (wire->json.n) check_json(wire->json, bytes, wire->attachments);
}

/* The name of an event is one of its array's items here, which is what reading gives. */
static void write_again(struct sio_strbuf *out, const struct sio_wire *wire,
                        const struct sio_span *attachments) {
    sio_msgpack_write(out, &(struct sio_outgoing){.type = SIO_ACK, /* an event without a name of its own */
                                                  .ns = wire->ns,
                                                  .id = wire->has_id ? &wire->id : NULL,
                                                  .json = wire->json,
                                                  .attachments = attachments,
                                                  .attachment_count = wire->attachments});
}

static void check_packet(struct sio_span bytes) {
    struct sio_span attachments[SIO_MAX_ATTACHMENTS], again_attachments[SIO_MAX_ATTACHMENTS];
    struct sio_strbuf json, again_json, out;
    struct sio_wire wire, again;
    sio_strbuf_init(&json);
    sio_strbuf_init(&again_json);
    sio_strbuf_init(&out);
    if (sio_msgpack_parse(bytes, &json, attachments, &wire)) {
        check_wire(&wire, bytes.n);
        if (wire.has_id) { /* the others say nothing when they are written as an ack */
            write_again(&out, &wire, attachments);
            must(sio_msgpack_parse(sio_strbuf_as_span(&out), &again_json, again_attachments, &again));
            must(again.attachments == wire.attachments && again.id == wire.id &&
                 sio_span_eq(again.ns, wire.ns));
            must(sio_span_eq(again.json, wire.json));
        }
    }
    sio_strbuf_fini(&json);
    sio_strbuf_fini(&again_json);
    sio_strbuf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_value(sio_span_of(data, size));
    check_packet(sio_span_of(data, size));
    return 0;
}
