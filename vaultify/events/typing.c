/* typing {conversationId, isTyping}: the other participants see it. */
#include "events/table.h"

struct payload {
    struct uuid conversation;
    bool is_typing;
};
static const struct wire_field fields[] = {
    {"conversationId", WIRE_UUID, true, 0, 0, offsetof(struct payload, conversation), .doc = "Where"},
    {"isTyping", WIRE_BOOL, true, 0, 0, offsetof(struct payload, is_typing), .doc = "False: no more"},
};
const struct wire_schema typing_payload = WIRE_SCHEMA(struct payload, fields);

void typing_handle(struct event_call *call, struct chat_user *me) {
    const struct payload *in = call->payload;
    chat_typing(me, &in->conversation, in->is_typing, event_chat_done, call);
}
