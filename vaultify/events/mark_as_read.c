/* mark_as_read {conversationId, messageId}: the user's read position moves forward, never back. */
#include "events/table.h"

struct payload {
    struct uuid conversation, message;
};
static const struct wire_field fields[] = {
    {"conversationId", WIRE_UUID, true, 0, 0, offsetof(struct payload, conversation), .doc = "Where"},
    {"messageId", WIRE_UUID, true, 0, 0, offsetof(struct payload, message),
     .doc = "The newest message that was read; all before it count as read"},
};
const struct wire_schema mark_as_read_payload = WIRE_SCHEMA(struct payload, fields);

static void moved(enum fault fault, uint64_t seq, int64_t read_at, bool moved, void *data) {
    event_done(data, fault);
}

void mark_as_read_handle(struct event_call *call, struct chat_user *me) {
    const struct payload *in = call->payload;
    chat_mark_read(me, &in->conversation, &in->message, call->socket, moved, call);
}
