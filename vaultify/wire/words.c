/* The words of the row tables, for fields that take one of them. */
#include "store/rows.h"
#include "wire/fields.h"

#define WORD_TEXT(name, text) text,
#define WORDS(list, TABLE)                                                                                   \
    static const char *const list##_text[] = {TABLE(WORD_TEXT)};                                             \
    const struct wire_words wire_##list = {list##_text, sizeof list##_text / sizeof list##_text[0]};

WORDS(roles, ROLE_TABLE)
WORDS(user_statuses, USER_STATUS_TABLE)
WORDS(conversation_types, CONVERSATION_TYPE_TABLE)
WORDS(message_types, MESSAGE_TYPE_TABLE)
WORDS(broadcast_types, BROADCAST_TYPE_TABLE)
WORDS(device_platforms, DEVICE_PLATFORM_TABLE)
