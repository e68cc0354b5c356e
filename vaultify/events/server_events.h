/* The table of the events that the server sends: name, delivery and payload of each stand here once. */
#pragma once
#include "sio.h"
#include "sio_log.h"
#include "wire/shapes.h"

/* clang-format off */
/*    event                name                   delivery      its shape            summary: to whom, when */
#define SERVER_EVENT_TABLE(X)                                                                                        \
    X(NEW_MESSAGE,         "new_message",         SIO_MUST,     new_message,         "To all sockets of all participants, the sender's too: a message is stored") \
    X(MESSAGE_SENT,        "message_sent",        SIO_MUST,     message_sent,        "To the socket that said send_message: its message is stored") \
    X(MESSAGE_READ,        "message_read",        SIO_MUST,     message_read,        "To the other participants, and to the reader's other sockets: a read position moved; in large conversations to the message's sender and the reader alone") \
    X(MESSAGE_DELIVERED,   "message_delivered",   SIO_MAY_DROP, message_delivered,   "To who sent a message: it has arrived at a device of somebody else; to all other participants when it stands for messages of several. Not in large conversations") \
    X(USER_TYPING,         "user_typing",         SIO_MAY_DROP, user_typing,         "To the other participants: somebody types, or has stopped") \
    X(ESTATE_BROADCAST,    "estate_broadcast",    SIO_MUST,     estate_broadcast,    "To everyone in the estate's live room: an announcement") \
    X(USER_ONLINE,         "user_online",         SIO_MAY_DROP, user_online,         "To the others in the estate's live room: somebody's first device came") \
    X(USER_OFFLINE,        "user_offline",        SIO_MAY_DROP, user_offline,        "To the others in the estate's live room: somebody's last device has been gone for the grace period") \
    X(PRESENCE_DIGEST,     "presence_digest",     SIO_MAY_DROP, presence_digest,     "To everyone in the estate's live room, instead of single presence events when there are too many of them") \
    X(CONVERSATION_JOINED, "conversation_joined", SIO_MUST,     conversation_joined, "To all sockets of a user who is in a conversation from now on: begun or added by anybody, before its first new_message; not for those in which a socket is from its connect on") \
    X(CONVERSATION_LEFT,   "conversation_left",   SIO_MUST,     conversation_left,   "To all sockets of a user who is in it no more, behind the last they hear of it: left on any device, or taken out") \
    X(ERROR,               "error",               SIO_MUST,     error,               "To the socket whose event was refused, exactly one for each; and before the server ends a connection, with the reason")
/* clang-format on */

enum server_event {
#define SERVER_EVENT_ENUM(event, name, delivery, shape, summary) SERVER_##event,
    SERVER_EVENT_TABLE(SERVER_EVENT_ENUM)
#undef SERVER_EVENT_ENUM
        SERVER_EVENT_COUNT_
};

struct server_event_row {
    const char *name;
    enum sio_delivery delivery; /* what becomes of it when its receiver is slow */
    const struct wire_shape *payload;
    const char *summary; /* one sentence, without a full stop */
};

extern const struct server_event_row server_event_rows[SERVER_EVENT_COUNT_];

/* Are the rows complete, each with a name of its own? A line in the log says which one is not. */
enum sio_err server_event_rows_check(const struct server_event_row *rows, size_t count,
                                     const struct sio_log *log) SIO_MUST_CHECK;
