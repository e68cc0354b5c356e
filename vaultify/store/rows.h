/* What is stored, as values: users, conversations, participants, messages. Pure data; spans live in some
 * arena. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/uuid.h"

/* Times are ms since 1970 UTC; 0 means never. An absent id is the nil UUID. */

/*   name        stored and shown as */
#define ROLE_TABLE(X)                                                                                        \
    X(RESIDENCE, "Residence")                                                                                \
    X(SECURITY, "Security Personnel")                                                                        \
    X(ADMIN, "Admin")                                                                                        \
    X(SUPER_ADMIN, "Super Admin")

#define USER_STATUS_TABLE(X)                                                                                 \
    X(PENDING, "pending")                                                                                    \
    X(ACTIVE, "active")                                                                                      \
    X(SUSPENDED, "suspended")

#define CONVERSATION_TYPE_TABLE(X)                                                                           \
    X(DIRECT, "direct")                                                                                      \
    X(GROUP, "group")

#define MESSAGE_TYPE_TABLE(X)                                                                                \
    X(TEXT, "text")                                                                                          \
    X(IMAGE, "image")                                                                                        \
    X(FILE, "file")                                                                                          \
    X(VOICE, "voice")                                                                                        \
    X(LINK_PREVIEW, "link_preview")                                                                          \
    X(SYSTEM, "system")

#define MESSAGE_STATUS_TABLE(X)                                                                              \
    X(QUEUED, "queued")                                                                                      \
    X(SENT, "sent")                                                                                          \
    X(DELIVERED, "delivered")                                                                                \
    X(READ, "read")

#define BROADCAST_TYPE_TABLE(X)                                                                              \
    X(ANNOUNCEMENT, "announcement")                                                                          \
    X(MAINTENANCE, "maintenance")                                                                            \
    X(SECURITY, "security")                                                                                  \
    X(EMERGENCY, "emergency")                                                                                \
    X(UTILITY, "utility")                                                                                    \
    X(GENERAL, "general")

#define DEVICE_PLATFORM_TABLE(X)                                                                             \
    X(ANDROID, "android")                                                                                    \
    X(IOS, "ios")                                                                                            \
    X(WEB, "web")                                                                                            \
    X(EXPO, "expo")

/* For each table: enum KIND { KIND_NAME… , KIND_COUNT_ }, its text, and back (false when it is none of them).
 */
#define DECLARE_WORDS(kind, PREFIX, TABLE)                                                                   \
    enum kind { TABLE(PREFIX##_ENUM_) PREFIX##_COUNT_ };                                                     \
    struct sio_span kind##_text(enum kind v);                                                                \
    bool kind##_parse(struct sio_span text, enum kind *out);

#define ROLE_ENUM_(n, t)         ROLE_##n,
#define USER_ENUM_(n, t)         USER_##n,
#define CONVERSATION_ENUM_(n, t) CONVERSATION_##n,
#define MESSAGE_ENUM_(n, t)      MESSAGE_##n,
#define STATUS_ENUM_(n, t)       STATUS_##n,
#define BROADCAST_ENUM_(n, t)    BROADCAST_##n,
#define DEVICE_ENUM_(n, t)       DEVICE_##n,
DECLARE_WORDS(role, ROLE, ROLE_TABLE)
DECLARE_WORDS(user_status, USER, USER_STATUS_TABLE)
DECLARE_WORDS(conversation_type, CONVERSATION, CONVERSATION_TYPE_TABLE)
DECLARE_WORDS(message_type, MESSAGE, MESSAGE_TYPE_TABLE)
DECLARE_WORDS(message_status, STATUS, MESSAGE_STATUS_TABLE)
DECLARE_WORDS(broadcast_type, BROADCAST, BROADCAST_TYPE_TABLE)
DECLARE_WORDS(device_platform, DEVICE, DEVICE_PLATFORM_TABLE)

struct estate_row {
    struct uuid id;
    struct sio_span name, email, address;
    int64_t created_at, updated_at;
};

struct preferences_row {
    struct sio_span locale, time_zone; /* empty: none */
    int32_t quiet_from, quiet_to;      /* minutes after midnight in time_zone; -1: no quiet hours */
};

struct user_row {
    struct uuid id;
    struct uuid estate; /* nil: none */
    enum role role;
    enum user_status status;
    struct sio_span email, first_name, last_name, picture_url; /* picture_url empty: null outside */
    int64_t created_at, updated_at;
    struct preferences_row
        preferences; /* in an import: an empty text is not given, nor are quiet hours from = to */
};

struct participant_row {
    struct uuid user;
    bool is_admin, is_muted, is_pinned, is_archived, notifications_enabled;
    int64_t muted_until;         /* of is_muted; 0: until further notice */
    int64_t joined_at, left_at;  /* left_at != 0: no participant any more */
    uint64_t last_read_seq;      /* 0: nothing read */
    uint64_t last_delivered_seq; /* has arrived at a device, or was read; never smaller than last_read_seq */
    struct uuid last_read_message;
    enum role role;
    struct sio_span first_name, last_name, picture_url;
};

struct reaction_row {
    struct uuid id, message, user;
    struct sio_span emoji;
    int64_t created_at;
    struct sio_span first_name, last_name;
};

struct message_row {
    struct uuid id, conversation, sender;
    uint64_t seq; /* 1, 2, 3 … in each conversation */
    enum message_type type;
    enum message_status status;
    struct sio_span content;           /* empty: null outside */
    struct sio_span metadata;          /* a JSON object or empty (null) */
    struct sio_span client_message_id; /* empty: none */
    struct uuid reply_to;              /* nil: none */
    const struct message_row *reply;   /* the message replied to, where the operation says so; else NULL */
    int64_t created_at, updated_at, edited_at, deleted_at;
    struct sio_span sender_first_name, sender_last_name, sender_picture_url;
    const struct reaction_row *reactions;
    size_t reaction_count;
};

/* How many bytes the row takes as JSON, with its reply and reactions, guessed from above: names of the members
 * included, a control character counted as the longest escape. */
uint64_t message_row_json_bytes(const struct message_row *row);

struct conversation_row {
    struct uuid id, estate, created_by;
    enum conversation_type type;
    bool estate_group;                          /* the one group of everybody in the estate */
    struct sio_span title, photo_url, metadata; /* empty: null outside */
    int64_t created_at, updated_at, last_activity_at;
    uint64_t last_seq; /* of its newest message; 0: none */
    const struct participant_row *participants;
    size_t participant_count;               /* in the array */
    size_t participant_total;               /* altogether, those who left not counted */
    const struct message_row *last_message; /* or NULL */
    uint64_t unread_count; /* for the user who asks: newer than the read position, by others, not deleted */
};

/* Where a push can be sent to. */
struct device_row {
    struct uuid id, user;
    enum device_platform platform;
    uint8_t service;           /* 0 … 31 */
    struct sio_span token;     /* one row a token, in the whole store */
    struct sio_span keys;      /* bytes, or empty */
    struct sio_span device_id; /* the app's own name for the device; empty: none */
    int64_t created_at, last_seen_at;
};
