/* Fuzz target: Socket.IO packets. What is accepted keeps every promise, and is the same when written again.
 */
#include "fuzz.h"

#include "base/must.h"
#include "codec/packets.h"
#include "sio_json.h"

static void check(const struct sio_wire *wire) {
    bool binary = wire->type == SIO_BINARY_EVENT || wire->type == SIO_BINARY_ACK;
    must(wire->type <= SIO_BINARY_ACK && wire->type != SIO_CONNECT_ERROR);
    must(binary ? wire->attachments >= 1 && wire->attachments <= SIO_MAX_ATTACHMENTS
                : wire->attachments == 0);
    must(wire->ns.n >= 1 && wire->ns.p[0] == '/' && !memchr(wire->ns.p, ',', wire->ns.n));
    must(wire->id <= (uint64_t)1 << 53 && (wire->has_id || wire->id == 0));
    if (binary) must((wire->json.n > 0) == (wire->has_id || wire->type == SIO_BINARY_EVENT));
    struct sio_span value;
    if (wire->json.n) must(sio_json_check(wire->json, &value) && sio_span_eq(value, wire->json));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sio_wire wire, again;
    if (!sio_wire_parse(sio_span_of(data, size), &wire)) return 0;
    check(&wire);
    if (wire.attachments && !wire.json.n) return 0; /* an ack to be ignored, not one to be written */

    struct sio_strbuf out;
    sio_strbuf_init(&out);
    sio_wire_begin(&out, wire.type, wire.attachments, wire.ns, wire.has_id, wire.id);
    sio_strbuf_span(&out, wire.json);
    must(sio_wire_parse(sio_strbuf_as_span(&out), &again));
    must(again.type == wire.type && again.attachments == wire.attachments && sio_span_eq(again.ns, wire.ns));
    must(again.has_id == wire.has_id && again.id == wire.id && sio_span_eq(again.json, wire.json));
    sio_strbuf_fini(&out);
    return 0;
}
