/* The operations' implementations: reads on any connection inside a read transaction, writes on the writer's
 * inside the batch's transaction. Each returns the operation's fault; a failure of the database is found in
 * db->error afterwards and is stronger than the fault. */
#pragma once
#include "store/push.h"
#include "store/sqlite/query.h"
#include "store/sqlite/writer.h"

/* How many rows a push operation gives that was asked for so many. */
static inline uint32_t push_limit(uint32_t asked) {
    return asked < 1 ? 1 : asked > STORE_PUSH_BATCH_MAX ? STORE_PUSH_BATCH_MAX : asked;
}

typedef enum fault read_fn(struct db *db, struct store_op *op);
typedef enum fault write_fn(struct writer *w, struct store_op *op);

read_fn read_user_get, read_estate_load, read_user_list;                         /* users.c */
read_fn read_resident_page;                                                      /* residents.c */
read_fn read_user_conversations, read_conversation_load, read_conversation_page; /* conversations.c */
read_fn read_device_list;                                                        /* devices.c */
read_fn read_push_candidates, read_push_watches;                                 /* push_candidates.c */
read_fn read_push_load;                                                          /* push_load.c */
read_fn read_push_receipts;                                                      /* push_settle.c */
read_fn read_push_dead_list, read_push_stats;                                    /* push_dead.c */
read_fn read_preferences_get;                                                    /* preferences.c */
read_fn read_message_page;                                                       /* messages.c */

write_fn write_message_add;                              /* message_add.c */
write_fn write_read_advance;                             /* read_advance.c */
write_fn write_delivered_advance;                        /* delivered_advance.c */
write_fn write_conversation_create;                      /* conversation_create.c */
write_fn write_estate_group;                             /* estate_group.c */
write_fn write_participant_add, write_participant_leave; /* participants.c */
write_fn write_reaction_add, write_reaction_remove;      /* reactions.c */
write_fn write_device_put, write_device_remove;          /* devices.c */
write_fn write_preferences_set, write_mute_set;          /* preferences.c */
write_fn write_push_user_gone;                           /* push_delivered.c */
write_fn write_push_decide;                              /* push_decide.c */
write_fn write_push_claim;                               /* push_claim.c */
write_fn write_push_settle, write_push_receipts_settle;  /* push_settle.c */
write_fn write_push_dead_retry;                          /* push_dead.c */
write_fn write_push_tidy;                                /* push_tidy.c */
write_fn write_import;                                   /* import.c */
