/* estate_broadcast {message, type?}: stored in the estate group, then told to everyone in the estate. */
#include "events/table.h"
#include "wire/payloads.h"

struct payload {
    struct sio_span message;
    enum broadcast_type type;
};
static const struct wire_field fields[] = {
    {"message", WIRE_STRING, true, 1, WIRE_MAX_CONTENT, offsetof(struct payload, message), .doc = "The text"},
    {"type", WIRE_WORD, false, 0, 0, offsetof(struct payload, type), &wire_broadcast_types,
     .doc = "What it is about; announcement when it is left out"},
};
const struct wire_schema estate_broadcast_payload = WIRE_SCHEMA(struct payload, fields);

static void stored(enum fault fault, const struct message_row *message, bool duplicate, void *data) {
    struct event_call *call = data;
    if (fault != FAULT_NONE)
        event_refuse(call, fault);
    else
        event_ok_message(call, message, duplicate);
}

void estate_broadcast_handle(struct event_call *call, struct chat_user *me) {
    const struct payload *in = call->payload;
    struct sio_strbuf metadata;
    sio_strbuf_init(&metadata);
    wire_broadcast_metadata(&metadata, sio_span_of("", 0), in->type);
    struct chat_announce announce = {.type = in->type,
                                     .content = in->message,
                                     .metadata = arena_span(&call->arena, sio_strbuf_as_span(&metadata))};
    sio_strbuf_fini(&metadata);
    chat_broadcast(me, &announce, stored, call);
}
