/* The shapes of payloads.c: what the events that the server sends carry, and its acknowledgements, in
 * camelCase. */
#include "wire/shapes.h"

enum { ALWAYS = MEMBER_ALWAYS, OPTIONAL = MEMBER_OPTIONAL, LIST = MEMBER_LIST };

/* ---- messages ---- */

static const struct wire_member new_message[] = {
    {"conversationId", MEMBER_UUID, ALWAYS, "Where it was said"},
    {"message", MEMBER_SHAPE, ALWAYS, "As it is stored", .shape = &wire_message_shape},
};
WIRE_SHAPE(new_message, "NewMessageEvent", "A message is stored", NULL, new_message);

static const struct wire_member message_sent[] = {
    {"messageId", MEMBER_UUID, ALWAYS, "The message's id from now on"},
    {"conversationId", MEMBER_UUID, ALWAYS, "Where it was said"},
    {"clientMessageId", MEMBER_TEXT, OPTIONAL, "What the app called it"},
    {"seq", MEMBER_NUMBER, ALWAYS, "Its number in the conversation"},
    {"createdAt", MEMBER_TIME, ALWAYS, "When it was stored"},
};
WIRE_SHAPE(message_sent, "MessageSentEvent", "The socket's own message is stored", NULL, message_sent);

static const struct wire_member message_stored[] = {
    {"duplicate", MEMBER_TRUE, OPTIONAL, "It had been stored before, under the same clientMessageId"},
};
WIRE_SHAPE(message_stored, "MessageStored", "What a message has become", &wire_message_sent_shape,
           message_stored);

static const struct wire_member message_read[] = {
    {"conversationId", MEMBER_UUID, ALWAYS, "Where"},
    {"messageId", MEMBER_UUID, ALWAYS, "The newest message that was read"},
    {"readBy", MEMBER_UUID, ALWAYS, "Who read"},
    {"readAt", MEMBER_TIME, ALWAYS, "When"},
    {"seq", MEMBER_NUMBER, ALWAYS, "The message's number: all up to it are read"},
};
WIRE_SHAPE(message_read, "MessageReadEvent", "Somebody's read position moved", NULL, message_read);

static const struct wire_member message_delivered[] = {
    {"conversationId", MEMBER_UUID, ALWAYS, "Where"},
    {"messageId", MEMBER_UUID, ALWAYS, "The newest message that has arrived"},
    {"deliveredTo", MEMBER_UUID, ALWAYS, "At whose device"},
    {"deliveredAt", MEMBER_TIME, ALWAYS, "When"},
    {"seq", MEMBER_NUMBER, ALWAYS, "The message's number: all up to it have arrived"},
};
WIRE_SHAPE(message_delivered, "MessageDeliveredEvent", "Messages have arrived at somebody's device", NULL,
           message_delivered);

/* ---- people ---- */

static const struct wire_member user_typing[] = {
    {"conversationId", MEMBER_UUID, ALWAYS, "Where"},    {"userId", MEMBER_UUID, ALWAYS, "Who"},
    {"firstName", MEMBER_TEXT, ALWAYS, "May be empty"},  {"lastName", MEMBER_TEXT, ALWAYS, "May be empty"},
    {"isTyping", MEMBER_BOOL, ALWAYS, "False: no more"},
};
WIRE_SHAPE(user_typing, "UserTypingEvent", "Somebody else types, or has stopped", NULL, user_typing);

static const struct wire_member announcer[] = {
    {"userId", MEMBER_UUID, ALWAYS, "Who"},
    {"firstName", MEMBER_TEXT, ALWAYS, "May be empty"},
    {"lastName", MEMBER_TEXT, ALWAYS, "May be empty"},
    {"role", MEMBER_WORD, ALWAYS, "As what", &wire_roles},
};
WIRE_SHAPE(announcer, "Announcer", "Who speaks to the estate", NULL, announcer);

static const struct wire_member estate_broadcast[] = {
    {"message", MEMBER_TEXT, ALWAYS, "The text"},
    {"type", MEMBER_WORD, ALWAYS, "What it is about", &wire_broadcast_types},
    {"from", MEMBER_SHAPE, ALWAYS, "Who speaks", .shape = &wire_announcer_shape},
    {"timestamp", MEMBER_TIME, ALWAYS, "When it was stored"},
    {"estateId", MEMBER_UUID, ALWAYS, "To which estate"},
    {"messageId", MEMBER_UUID, ALWAYS, "Its message in the estate's group"},
    {"conversationId", MEMBER_UUID, ALWAYS, "The estate's group"},
    {"seq", MEMBER_NUMBER, ALWAYS, "Its number there"},
};
WIRE_SHAPE(estate_broadcast, "EstateBroadcastEvent", "An announcement to the estate", NULL, estate_broadcast);

static const struct wire_member user_online[] = {
    {"userId", MEMBER_UUID, ALWAYS, "Who"},
    {"firstName", MEMBER_TEXT, ALWAYS, "May be empty"},
    {"lastName", MEMBER_TEXT, ALWAYS, "May be empty"},
    {"timestamp", MEMBER_TIME, ALWAYS, "Since when"},
};
WIRE_SHAPE(user_online, "UserOnlineEvent", "Somebody's first device came", NULL, user_online);

static const struct wire_member user_offline[] = {
    {"userId", MEMBER_UUID, ALWAYS, "Who"},
    {"timestamp", MEMBER_TIME, ALWAYS, "Since when"},
};
WIRE_SHAPE(user_offline, "UserOfflineEvent", "Somebody's last device has been gone for the grace period",
           NULL, user_offline);

static const struct wire_member presence_digest[] = {
    {"estateId", MEMBER_UUID, ALWAYS, "Where"},
    {"online", MEMBER_UUID, LIST, "Some who came since the last one"},
    {"offline", MEMBER_UUID, LIST, "Some who went since the last one"},
    {"count", MEMBER_NUMBER, ALWAYS, "How many are online now"},
};
WIRE_SHAPE(presence_digest, "PresenceDigestEvent",
           "Many came and went at once: stands for their user_online and user_offline", NULL,
           presence_digest);

/* ---- membership ---- */

static const struct wire_member conversation_joined[] = {
    {"conversationId", MEMBER_UUID, ALWAYS, "Which conversation"},
};
WIRE_SHAPE(conversation_joined, "ConversationJoinedEvent", "The user is in a conversation from now on", NULL,
           conversation_joined);

static const struct wire_member conversation_left[] = {
    {"conversationId", MEMBER_UUID, ALWAYS, "Which conversation"},
};
WIRE_SHAPE(conversation_left, "ConversationLeftEvent", "The user is in it no more", NULL, conversation_left);

/* ---- refusals ---- */

static const struct wire_member error[] = {
    {"message", MEMBER_TEXT, ALWAYS, "Why, for people, in English"},
    {"code", MEMBER_WORD, ALWAYS, "Why, for programs", &wire_error_codes},
    {"event", MEMBER_TEXT, OPTIONAL, "The refused event's name; none: it is the connection that ends"},
};
WIRE_SHAPE(error, "ErrorEvent", "An event was refused, or the connection is about to end", NULL, error);

static const struct wire_member ack_error[] = {
    {"code", MEMBER_WORD, ALWAYS, "Why, for programs", &wire_error_codes},
    {"message", MEMBER_TEXT, ALWAYS, "Why, for people, in English"},
    {"retryAfterMs", MEMBER_NUMBER, OPTIONAL, "When it is worth another try"},
};
WIRE_SHAPE(ack_error, "AckError", "Why an event was refused", NULL, ack_error);
