/* The words of the row tables, for fields that take one of them. */
#include "store/rows.h"
#include "wire/fields.h"

#define WORD_TEXT(name, text) text,
#define WORDS(list, TABLE, type)                                                                             \
    static const char *const list##_text[] = {TABLE(WORD_TEXT)};                                             \
    const struct wire_words wire_##list = {list##_text, sizeof list##_text / sizeof list##_text[0], type};

WORDS(roles, ROLE_TABLE, "Role")
WORDS(user_statuses, USER_STATUS_TABLE, "UserStatus")
WORDS(conversation_types, CONVERSATION_TYPE_TABLE, "ConversationType")
WORDS(message_types, MESSAGE_TYPE_TABLE, "MessageType")
WORDS(message_statuses, MESSAGE_STATUS_TABLE, "MessageStatus")
WORDS(broadcast_types, BROADCAST_TYPE_TABLE, "BroadcastType")
WORDS(device_platforms, DEVICE_PLATFORM_TABLE, "DevicePlatform")

#define FAULT_CODE(name, code, status, message) code,
static const char *const codes_text[] = {FAULT_TABLE(FAULT_CODE)};
const struct wire_words wire_error_codes = {codes_text + 1, FAULT_COUNT_ - 1, "ErrorCode"};
