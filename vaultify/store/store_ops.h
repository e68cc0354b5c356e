/* The storage port's operations: name, whether it writes, structure. The structures are in store.h and push.h. */
#pragma once

#define STORE_CHAT_OP_TABLE(X)                                                                               \
    X(USER_GET, false, store_user_get)                                                                       \
    X(ESTATE_LOAD, false, store_estate_load)                                                                 \
    X(RESIDENT_PAGE, false, store_resident_page)                                                             \
    X(USER_CONVERSATIONS, false, store_user_conversations)                                                   \
    X(CONVERSATION_LOAD, false, store_conversation_load)                                                     \
    X(CONVERSATION_PAGE, false, store_conversation_page)                                                     \
    X(MESSAGE_PAGE, false, store_message_page)                                                               \
    X(USER_LIST, false, store_user_list)                                                                     \
    X(MESSAGE_ADD, true, store_message_add)                                                                  \
    X(READ_ADVANCE, true, store_read_advance)                                                                \
    X(DELIVERED_ADVANCE, true, store_delivered_advance)                                                      \
    X(CONVERSATION_CREATE, true, store_conversation_create)                                                  \
    X(ESTATE_GROUP, true, store_estate_group)                                                                \
    X(PARTICIPANT_ADD, true, store_participant_add)                                                          \
    X(PARTICIPANT_LEAVE, true, store_participant_leave)                                                      \
    X(REACTION_ADD, true, store_reaction_add)                                                                \
    X(REACTION_REMOVE, true, store_reaction_remove)                                                          \
    X(IMPORT, true, store_import)

#define STORE_PUSH_OP_TABLE(X)                                                                               \
    X(DEVICE_LIST, false, store_device_list)                                                                 \
    X(PREFERENCES_GET, false, store_preferences_get)                                                         \
    X(PUSH_CANDIDATES, false, store_push_candidates)                                                         \
    X(PUSH_WATCHES, false, store_push_watches)                                                               \
    X(PUSH_LOAD, false, store_push_load)                                                                     \
    X(PUSH_RECEIPTS, false, store_push_receipts)                                                             \
    X(PUSH_DEAD_LIST, false, store_push_dead_list)                                                           \
    X(PUSH_STATS, false, store_push_stats)                                                                   \
    X(DEVICE_PUT, true, store_device_put)                                                                    \
    X(DEVICE_REMOVE, true, store_device_remove)                                                              \
    X(PREFERENCES_SET, true, store_preferences_set)                                                          \
    X(MUTE_SET, true, store_mute_set)                                                                        \
    X(PUSH_USER_GONE, true, store_push_user_gone)                                                            \
    X(PUSH_DECIDE, true, store_push_decide)                                                                  \
    X(PUSH_CLAIM, true, store_push_claim)                                                                    \
    X(PUSH_SETTLE, true, store_push_settle)                                                                  \
    X(PUSH_RECEIPTS_SETTLE, true, store_push_receipts_settle)                                                \
    X(PUSH_DEAD_RETRY, true, store_push_dead_retry)                                                          \
    X(PUSH_TIDY, true, store_push_tidy)

#define STORE_OP_TABLE(X)                                                                                    \
    STORE_CHAT_OP_TABLE(X)                                                                                   \
    STORE_PUSH_OP_TABLE(X)
