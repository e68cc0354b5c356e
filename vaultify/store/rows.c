/* The words of rows.h, each enum's text, and back; and how large a row is as JSON. */
#include "store/rows.h"

#define WORD_TEXT(name, text) SIO_SPAN(text),

/* Some six words each: a linear search costs less than anything cleverer. */
#define DEFINE_WORDS(kind, PREFIX, TABLE)                                                                    \
    static const struct sio_span kind##_words[] = {TABLE(WORD_TEXT)};                                        \
    struct sio_span kind##_text(enum kind v) {                                                               \
        return (unsigned)v < PREFIX##_COUNT_ ? kind##_words[v] : (struct sio_span){NULL, 0};                 \
    }                                                                                                        \
    bool kind##_parse(struct sio_span text, enum kind *out) {                                                \
        for (unsigned i = 0; i < PREFIX##_COUNT_; i++)                                                       \
            if (sio_span_eq(kind##_words[i], text)) {                                                        \
                *out = (enum kind)i;                                                                         \
                return true;                                                                                 \
            }                                                                                                \
        return false;                                                                                        \
    }

DEFINE_WORDS(role, ROLE, ROLE_TABLE)
DEFINE_WORDS(user_status, USER, USER_STATUS_TABLE)
DEFINE_WORDS(conversation_type, CONVERSATION, CONVERSATION_TYPE_TABLE)
DEFINE_WORDS(message_type, MESSAGE, MESSAGE_TYPE_TABLE)
DEFINE_WORDS(message_status, STATUS, MESSAGE_STATUS_TABLE)
DEFINE_WORDS(broadcast_type, BROADCAST, BROADCAST_TYPE_TABLE)
DEFINE_WORDS(device_platform, DEVICE, DEVICE_PLATFORM_TABLE)

/* ---- sizes ---- */

enum {
    CONTROL_BYTES = 6,        /* \u0001 */
    QUOTED_BYTES = 2,         /* \" */
    MESSAGE_JSON_BYTES = 768, /* its members' names, ids and times */
    REACTION_JSON_BYTES = 320,
};

static uint64_t text_json_bytes(struct sio_span text) {
    uint64_t bytes = text.n;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < 0x20)
            bytes += CONTROL_BYTES - 1;
        else if (c == '"' || c == '\\')
            bytes += QUOTED_BYTES - 1;
    }
    return bytes;
}

uint64_t message_row_json_bytes(const struct message_row *row) {
    uint64_t bytes = MESSAGE_JSON_BYTES + text_json_bytes(row->content) + row->metadata.n +
                     text_json_bytes(row->client_message_id) + text_json_bytes(row->sender_first_name) +
                     text_json_bytes(row->sender_last_name) + text_json_bytes(row->sender_picture_url);
    for (size_t i = 0; i < row->reaction_count; i++) {
        const struct reaction_row *r = &row->reactions[i];
        bytes += REACTION_JSON_BYTES + text_json_bytes(r->emoji) + text_json_bytes(r->first_name) +
                 text_json_bytes(r->last_name);
    }
    return bytes + (row->reply ? message_row_json_bytes(row->reply) : 0);
}
