/* send_message {conversationId, content?, type?, metadata?, replyToMessageId?, clientMessageId?}: stored,
 * then the sender is answered, then everybody is told. */
#include "events/table.h"
#include "wire/payloads.h"

enum { CLIENT_MESSAGE_ID_MAX = 128 };

struct payload {
    struct uuid conversation, reply_to;
    enum message_type type;
    struct sio_span content, metadata, client_message_id;
};
static const struct wire_field fields[] = {
    {"conversationId", WIRE_UUID, true, 0, 0, offsetof(struct payload, conversation), .doc = "Where"},
    {"content", WIRE_STRING, false, 0, WIRE_MAX_CONTENT, offsetof(struct payload, content),
     .doc = "The text; type text needs it, the others need it or metadata"},
    {"type", WIRE_WORD, false, 0, 0, offsetof(struct payload, type), &wire_message_types,
     .doc = "text when it is left out; system is the server's alone"},
    {"metadata", WIRE_OBJECT, false, 0, WIRE_MAX_METADATA, offsetof(struct payload, metadata),
     .doc = "What the app wants to attach"},
    {"replyToMessageId", WIRE_UUID, false, 0, 0, offsetof(struct payload, reply_to),
     .doc = "A message of the same conversation"},
    {"clientMessageId", WIRE_STRING, false, 1, CLIENT_MESSAGE_ID_MAX,
     offsetof(struct payload, client_message_id),
     .doc = "The app's own id for it: the same one again is stored once"},
};
const struct wire_schema send_message_payload = WIRE_SCHEMA(struct payload, fields);

static void stored(enum fault fault, const struct message_row *message, bool duplicate, void *data) {
    struct event_call *call = data;
    if (fault != FAULT_NONE) {
        event_refuse(call, fault);
        return;
    }
    event_emit_message_sent(call, message);
    event_ok_message(call, message, duplicate);
}

void send_message_handle(struct event_call *call, struct chat_user *me) {
    const struct payload *in = call->payload;
    struct chat_send send = {.conversation = in->conversation,
                             .type = in->type,
                             .content = in->content,
                             .metadata = in->metadata,
                             .client_message_id = in->client_message_id,
                             .reply_to = in->reply_to};
    chat_send_message(me, &send, stored, call);
}
