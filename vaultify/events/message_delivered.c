/* message_delivered {conversationId, messageId}: the app has got this message and all before it. */
#include "events/table.h"

struct payload {
    struct uuid conversation, message;
};
static const struct wire_field fields[] = {
    {"conversationId", WIRE_UUID, true, 0, 0, offsetof(struct payload, conversation), .doc = "Where"},
    {"messageId", WIRE_UUID, true, 0, 0, offsetof(struct payload, message),
     .doc = "The newest message that has arrived"},
};
const struct wire_schema message_delivered_payload = WIRE_SCHEMA(struct payload, fields);

void message_delivered_handle(struct event_call *call, struct chat_user *me) {
    const struct payload *in = call->payload;
    chat_message_delivered(me, &in->conversation, &in->message, event_chat_done, call);
}
