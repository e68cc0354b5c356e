/* The keys of what a push says, and one locale's file of texts: lines of `key = text with {placeholders}`. Pure. */
#pragma once
#include <stdbool.h>

#include "base/span.h"

/*    name                    key                            may say who and what: {sender} {conversation} {content} */
#define TEXT_KEY_TABLE(X)                                                                                    \
    X(DIRECT_TITLE, "message.direct.title", true)                                                            \
    X(DIRECT_BODY, "message.direct.body", true)                                                              \
    X(GROUP_TITLE, "message.group.title", true)                                                              \
    X(GROUP_BODY, "message.group.body", true)                                                                \
    X(IMAGE, "message.image", false)                                                                         \
    X(FILE, "message.file", false)                                                                           \
    X(VOICE, "message.voice", false)                                                                         \
    X(LINK_PREVIEW, "message.link_preview", false)                                                           \
    X(OTHER, "message.other", false)                                                                         \
    X(SENDER_UNKNOWN, "sender.unknown", false)                                                               \
    X(UNTITLED, "conversation.untitled", false)                                                              \
    X(ANNOUNCEMENT, "broadcast.announcement.title", true)                                                    \
    X(MAINTENANCE, "broadcast.maintenance.title", true)                                                      \
    X(SECURITY, "broadcast.security.title", true)                                                            \
    X(EMERGENCY, "broadcast.emergency.title", true)                                                          \
    X(UTILITY, "broadcast.utility.title", true)                                                              \
    X(GENERAL, "broadcast.general.title", true)                                                              \
    X(BROADCAST_BODY, "broadcast.body", true)                                                                \
    X(HIDDEN_MESSAGE_TITLE, "hidden.message.title", false)                                                   \
    X(HIDDEN_MESSAGE_BODY, "hidden.message.body", false)                                                     \
    X(HIDDEN_BROADCAST_TITLE, "hidden.broadcast.title", false)                                               \
    X(HIDDEN_BROADCAST_BODY, "hidden.broadcast.body", false)                                                 \
    X(HIDDEN_EMERGENCY_TITLE, "hidden.emergency.title", false)                                               \
    X(HIDDEN_EMERGENCY_BODY, "hidden.emergency.body", false)                                                 \
    X(TEST_TITLE, "test.title", false)                                                                       \
    X(TEST_BODY, "test.body", false)

enum text_key {
#define TEXT_KEY_ENUM(name, key, says) TEXT_##name,
    TEXT_KEY_TABLE(TEXT_KEY_ENUM)
#undef TEXT_KEY_ENUM
        TEXT_KEY_COUNT_
};

enum text_placeholder {
    TEXT_SENDER,
    TEXT_CONVERSATION,
    TEXT_CONTENT,
    TEXT_PLACEHOLDER_COUNT_,
    TEXT_PLAIN = TEXT_PLACEHOLDER_COUNT_ /* a piece of the text itself */
};

/* Sets texts[key], spans of `file`, for each key that has a line; the others stay as they are. False: one line is wrong,
 * *line_number (from 1) and *error say which and why. A byte order mark and \r\n are understood. */
bool text_file_parse(struct sio_span file, struct sio_span texts[TEXT_KEY_COUNT_], unsigned *line_number,
                     const char **error);

/* Walks the pieces of a text: takes the next off the front of `rest`, and says what it is. False at the end. An unknown
 * placeholder, or one without an end, is TEXT_PLAIN with `*piece` empty. */
bool text_next_piece(struct sio_span *rest, enum text_placeholder *kind, struct sio_span *piece);

/* The files that are built in (push/texts/), NUL-terminated; a NULL locale ends the table. */
struct text_source {
    const char *locale, *text;
};
extern const struct text_source text_sources[];
