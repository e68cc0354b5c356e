/* Fuzz target: msgpack, as values and as Socket.IO packets. What is accepted is valid JSON, is written again, and is
 * read from there as the same. */
#include "fuzz.h"

#include "base/must.h"
#include "codec/msgpack_json.h"
#include "codec/packets.h"
#include "codec/sio_placeholder.h"
#include "sio_json.h"

enum { LONGEST_A_BYTE = 6, LONGEST_AN_ATTACHMENT = 32 };

static void check_json(struct span json, size_t bytes, uint32_t attachments) {
    struct span value;
    must(sio_json_check(json, &value) && span_eq(value, json));
    must(json.n <= bytes * LONGEST_A_BYTE + attachments * LONGEST_AN_ATTACHMENT);
    if (attachments) must(sio_placeholders_valid(json, attachments));
}

static void check_value(struct span bytes) {
    struct span attachments[SIO_MAX_ATTACHMENTS], again_attachments[SIO_MAX_ATTACHMENTS], rest = bytes;
    struct strbuf json, again, out;
    uint32_t count, again_count;
    strbuf_init(&json);
    strbuf_init(&again);
    strbuf_init(&out);
    if (msgpack_to_json(&rest, &json, attachments, &count)) {
        check_json(strbuf_as_span(&json), bytes.n - rest.n, count);
        msgpack_from_json(&out, NULL, strbuf_as_span(&json), attachments, count);
        rest = strbuf_as_span(&out);
        must(msgpack_to_json(&rest, &again, again_attachments, &again_count) && rest.n == 0);
        must(span_eq(strbuf_as_span(&json), strbuf_as_span(&again)) && count == again_count);
        for (uint32_t i = 0; i < count; i++) must(span_eq(attachments[i], again_attachments[i]));
    }
    strbuf_fini(&json);
    strbuf_fini(&again);
    strbuf_fini(&out);
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
static void write_again(struct strbuf *out, const struct sio_wire *wire, const struct span *attachments) {
    sio_msgpack_write(out, &(struct sio_outgoing){.type = SIO_ACK, /* an event without a name of its own */
                                                  .ns = wire->ns,
                                                  .id = wire->has_id ? &wire->id : NULL,
                                                  .json = wire->json,
                                                  .attachments = attachments,
                                                  .attachment_count = wire->attachments});
}

static void check_packet(struct span bytes) {
    struct span attachments[SIO_MAX_ATTACHMENTS], again_attachments[SIO_MAX_ATTACHMENTS];
    struct strbuf json, again_json, out;
    struct sio_wire wire, again;
    strbuf_init(&json);
    strbuf_init(&again_json);
    strbuf_init(&out);
    if (sio_msgpack_parse(bytes, &json, attachments, &wire)) {
        check_wire(&wire, bytes.n);
        if (wire.has_id) { /* the others say nothing when they are written as an ack */
            write_again(&out, &wire, attachments);
            must(sio_msgpack_parse(strbuf_as_span(&out), &again_json, again_attachments, &again));
            must(again.attachments == wire.attachments && again.id == wire.id && span_eq(again.ns, wire.ns));
            must(span_eq(again.json, wire.json));
        }
    }
    strbuf_fini(&json);
    strbuf_fini(&again_json);
    strbuf_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    check_value(span_of(data, size));
    check_packet(span_of(data, size));
    return 0;
}
