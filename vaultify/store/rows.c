/* The words of rows.h: each enum's text, and back. */
#include "store/rows.h"

#define WORD_TEXT(name, text) SPAN(text),

/* Some six words each: a linear search costs less than anything cleverer. */
#define DEFINE_WORDS(kind, PREFIX, TABLE)                                                                    \
    static const struct span kind##_words[] = {TABLE(WORD_TEXT)};                                            \
    struct span kind##_text(enum kind v) {                                                                   \
        return (unsigned)v < PREFIX##_COUNT_ ? kind##_words[v] : (struct span){NULL, 0};                     \
    }                                                                                                        \
    bool kind##_parse(struct span text, enum kind *out) {                                                    \
        for (unsigned i = 0; i < PREFIX##_COUNT_; i++)                                                       \
            if (span_eq(kind##_words[i], text)) {                                                            \
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
