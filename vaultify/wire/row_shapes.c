/* The shapes of rows.c: rows as REST answers carry them, in snake_case. */
#include "wire/shapes.h"

enum { ALWAYS = MEMBER_ALWAYS, NULLABLE = MEMBER_NULLABLE, OPTIONAL = MEMBER_OPTIONAL, LIST = MEMBER_LIST };

/* ---- people ---- */

static const struct wire_member person[] = {
    {"user_id", MEMBER_UUID, ALWAYS, "Whose it is"},
    {"first_name", MEMBER_TEXT, ALWAYS, "May be empty"},
    {"last_name", MEMBER_TEXT, ALWAYS, "May be empty"},
};
WIRE_SHAPE(person, "Person", "Who somebody is, in short", NULL, person);

static const struct wire_member sender[] = {
    {"profile_picture_url", MEMBER_TEXT, NULLABLE, "Where their picture is"},
};
WIRE_SHAPE(sender, "Sender", "Who wrote a message", &wire_person_shape, sender);

static const struct wire_member resident[] = {
    {"role", MEMBER_WORD, ALWAYS, "What they are in their estate", &wire_roles},
    {"profile_picture_url", MEMBER_TEXT, NULLABLE, "Where their picture is"},
};
WIRE_SHAPE(resident, "Resident", "Somebody of an estate", &wire_person_shape, resident);

static const struct wire_member online[] = {
    {"online_since", MEMBER_TIME, ALWAYS, "When their first device came"},
};
WIRE_SHAPE(online, "OnlineUser", "Somebody who is online now", &wire_resident_shape, online);

static const struct wire_member me[] = {
    {"email", MEMBER_TEXT, NULLABLE, "As the estate's office knows it"},
    {"role", MEMBER_WORD, ALWAYS, "What they are in their estate", &wire_roles},
    {"status", MEMBER_WORD, ALWAYS, "Only active ones are let in", &wire_user_statuses},
    {"estate_id", MEMBER_UUID, NULLABLE, "The estate that they belong to"},
    {"estate_name", MEMBER_TEXT, NULLABLE, "Its name"},
    {"profile_picture_url", MEMBER_TEXT, NULLABLE, "Where their picture is"},
};
WIRE_SHAPE(me, "Me", "The token's user", &wire_person_shape, me);

static const struct wire_member demo_user[] = {
    {"role", MEMBER_WORD, ALWAYS, "What they are in their estate", &wire_roles},
    {"estate_id", MEMBER_UUID, NULLABLE, "The estate that they belong to"},
    {"estate_name", MEMBER_TEXT, NULLABLE, "Its name"},
    {"token", MEMBER_TEXT, ALWAYS, "An access token that is theirs"},
};
WIRE_SHAPE(demo_user, "DemoUser", "Somebody to try the demo as", &wire_person_shape, demo_user);

static const struct wire_member demo_users[] = {
    {"data", MEMBER_SHAPE, LIST, "All of them", .shape = &wire_demo_user_shape},
};
WIRE_SHAPE(demo_users, "DemoUsers", "Whom one can try the demo as", NULL, demo_users);

/* ---- messages ---- */

static const struct wire_member reaction[] = {
    {"reaction_id", MEMBER_UUID, ALWAYS, "The reaction's own id"},
    {"message_id", MEMBER_UUID, ALWAYS, "The message reacted to"},
    {"user_id", MEMBER_UUID, ALWAYS, "Who reacted"},
    {"emoji", MEMBER_TEXT, ALWAYS, "With what"},
    {"created_at", MEMBER_TIME, ALWAYS, "When"},
    {"user", MEMBER_SHAPE, ALWAYS, "Who reacted, by name", .shape = &wire_person_shape},
};
WIRE_SHAPE(reaction, "Reaction", "One user's emoji on a message", NULL, reaction);

static const struct wire_member message[] = {
    {"message_id", MEMBER_UUID, ALWAYS, "A UUIDv7, but for imported ones"},
    {"conversation_id", MEMBER_UUID, ALWAYS, "Where it was said"},
    {"sender_user_id", MEMBER_UUID, NULLABLE, "Who said it; null: nobody who is known any more"},
    {"type", MEMBER_WORD, ALWAYS, "What content and metadata are", &wire_message_types},
    {"content", MEMBER_TEXT, NULLABLE, "The text"},
    {"metadata", MEMBER_OBJECT, NULLABLE, "What the app attached; of a broadcast broadcast_type, too"},
    {"reply_to_message_id", MEMBER_UUID, NULLABLE, "The message that it answers"},
    {"status", MEMBER_WORD, ALWAYS, "As it was stored", &wire_message_statuses},
    {"edited_at", MEMBER_TIME, NULLABLE, "When it was changed last"},
    {"deleted_at", MEMBER_TIME, NULLABLE, "When it was taken back"},
    {"created_at", MEMBER_TIME, ALWAYS, "When it was stored"},
    {"updated_at", MEMBER_TIME, ALWAYS, "When the row changed last"},
    {"seq", MEMBER_NUMBER, ALWAYS, "Its number in the conversation: 1, 2, 3 … without gap"},
    {"client_message_id", MEMBER_TEXT, NULLABLE, "What the sender's app called it"},
    {"sender", MEMBER_SHAPE, NULLABLE, "Who said it, by name", .shape = &wire_sender_shape},
};
WIRE_SHAPE(message, "Message", "A message as it is stored", NULL, message);

static const struct wire_member sent_message[] = {
    {"duplicate", MEMBER_TRUE, OPTIONAL, "It had been stored before, under the same client_message_id"},
};
WIRE_SHAPE(sent_message, "SentMessage", "The message that was sent", &wire_message_shape, sent_message);

static const struct wire_member history_message[] = {
    {"reply_to_message", MEMBER_SHAPE, NULLABLE, "The message that it answers", .shape = &wire_message_shape},
    {"reactions", MEMBER_SHAPE, LIST, "The oldest first", .shape = &wire_reaction_shape},
};
WIRE_SHAPE(history_message, "HistoryMessage", "A message with what belongs to it", &wire_message_shape,
           history_message);

/* ---- conversations ---- */

static const struct wire_member participant[] = {
    {"conversation_id", MEMBER_UUID, ALWAYS, "Where they take part"},
    {"user_id", MEMBER_UUID, ALWAYS, "Who does"},
    {"is_admin", MEMBER_BOOL, ALWAYS, "May add others"},
    {"is_muted", MEMBER_BOOL, ALWAYS, "The caller's own; of others false"},
    {"is_pinned", MEMBER_BOOL, ALWAYS, "The caller's own; of others false"},
    {"is_archived", MEMBER_BOOL, ALWAYS, "The caller's own; of others false"},
    {"notifications_enabled", MEMBER_BOOL, ALWAYS, "The caller's own; of others true"},
    {"last_read_message_id", MEMBER_UUID, NULLABLE, "The newest message that they have read"},
    {"last_read_seq", MEMBER_NUMBER, ALWAYS, "Its seq; 0: none"},
    {"last_delivered_seq", MEMBER_NUMBER, ALWAYS,
     "seq of the newest message that a device of theirs has got, or that they have read; 0: none"},
    {"joined_at", MEMBER_TIME, ALWAYS, "Since when they take part"},
    {"left_at", MEMBER_TIME, NULLABLE, "Since when no more"},
    {"user", MEMBER_SHAPE, ALWAYS, "Who they are", .shape = &wire_resident_shape},
};
WIRE_SHAPE(participant, "Participant", "Somebody in a conversation", NULL, participant);

static const struct wire_member conversation[] = {
    {"conversation_id", MEMBER_UUID, ALWAYS, "The conversation's own id"},
    {"estate_id", MEMBER_UUID, ALWAYS, "The estate that it belongs to"},
    {"created_by_user_id", MEMBER_UUID, NULLABLE, "Who began it"},
    {"type", MEMBER_WORD, ALWAYS, "Between two, or more", &wire_conversation_types},
    {"title", MEMBER_TEXT, NULLABLE, "Of a group"},
    {"photo_url", MEMBER_TEXT, NULLABLE, "Where its picture is"},
    {"metadata", MEMBER_OBJECT, NULLABLE, "What was imported with it"},
    {"created_at", MEMBER_TIME, ALWAYS, "When it began"},
    {"updated_at", MEMBER_TIME, ALWAYS, "When the row changed last"},
    {"is_estate_group", MEMBER_BOOL, ALWAYS, "The one that all of the estate are in"},
    {"last_activity_at", MEMBER_TIME, ALWAYS, "When something was said last, or it began"},
    {"last_seq", MEMBER_NUMBER, ALWAYS, "seq of the newest message; 0: none yet"},
    {"participant_count", MEMBER_NUMBER, ALWAYS, "How many are in it now"},
    {"unread_count", MEMBER_NUMBER, ALWAYS, "Messages of others that the caller has not read"},
    {"last_message", MEMBER_SHAPE, NULLABLE, "The newest message", .shape = &wire_message_shape},
    {"participants", MEMBER_SHAPE, LIST,
     "Those in it now; in lists at most a hundred: the first to join, and the caller",
     .shape = &wire_participant_shape},
};
WIRE_SHAPE(conversation, "Conversation", "A conversation as the caller sees it", NULL, conversation);

/* ---- pushes ---- */

static const struct wire_member device[] = {
    {"device_token_id", MEMBER_UUID, ALWAYS, "The registration's own id"},
    {"platform", MEMBER_WORD, ALWAYS, "What the device runs", &wire_device_platforms},
    {"token", MEMBER_TEXT, ALWAYS, "Where its pushes go; of Web Push the endpoint"},
    {"device_id", MEMBER_TEXT, NULLABLE, "What the app calls the device"},
    {"created_at", MEMBER_TIME, ALWAYS, "When it was registered first"},
    {"last_seen", MEMBER_TIME, ALWAYS, "When it was registered last"},
};
WIRE_SHAPE(device, "Device", "Where a user's pushes go", NULL, device);

static const struct wire_member quiet_hours[] = {
    {"from", MEMBER_MINUTE, ALWAYS, "Begin of the quiet"},
    {"to", MEMBER_MINUTE, ALWAYS, "Its end; may be of the next day"},
};
WIRE_SHAPE(quiet_hours, "QuietHours", "When nothing is pushed, in the user's time zone", NULL, quiet_hours);

static const struct wire_member preferences[] = {
    {"locale", MEMBER_TEXT, NULLABLE, "Language of pushes, such as fr or en-GB"},
    {"timeZone", MEMBER_TEXT, NULLABLE, "Such as Africa/Lagos; null: UTC"},
    {"quietHours", MEMBER_SHAPE, NULLABLE, "Null: none", .shape = &wire_quiet_hours_shape},
};
WIRE_SHAPE(preferences, "Preferences", "How a user wants to be pushed", NULL, preferences);

static const struct wire_member mute[] = {
    {"conversation_id", MEMBER_UUID, ALWAYS, "Which conversation"},
    {"is_muted", MEMBER_BOOL, ALWAYS, "It pushes nothing but emergencies"},
    {"muted_until", MEMBER_TIME, NULLABLE, "Until then; null: until further notice"},
    {"notifications_enabled", MEMBER_BOOL, ALWAYS, "Off: the same, for good"},
};
WIRE_SHAPE(mute, "ConversationNotifications", "What a conversation may push to the caller", NULL, mute);
