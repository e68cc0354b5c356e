/* Finding and loading messages. */
#pragma once
#include "store/rows.h"
#include "store/sqlite/query.h"

struct message_ref {
    int64_t key, conversation_key, sender_key; /* key 0: there is none */
    uint64_t seq;
};
struct message_ref message_find(struct db *db, const struct uuid *id);

/* The newest message with its sender, or NULL. */
const struct message_row *message_load_newest(struct db *db, struct arena *arena,
                                              const struct uuid *conversation, int64_t conversation_key);

/* The message of this id with its sender; false when there is none. */
bool message_load(struct db *db, struct arena *arena, const struct uuid *conversation, const struct uuid *id,
                  struct message_row *out);
