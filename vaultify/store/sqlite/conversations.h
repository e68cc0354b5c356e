/* Loading conversations and their participants. */
#pragma once
#include "store/rows.h"
#include "store/sqlite/query.h"

struct conversation_ref {
    int64_t key, estate_key; /* key 0: there is none */
    enum conversation_type type;
    uint64_t last_seq;
};
struct conversation_ref conversation_find(struct db *db, const struct uuid *id);

/* The row with all participants, in the order of joining, left ones too; false when there is none. */
bool conversation_load(struct db *db, struct arena *arena, int64_t key, struct conversation_row *out);

/* The user's unread messages in all conversations: newer than the read position, by others, not deleted. */
uint64_t conversations_unread(struct db *db, int64_t user_key);

/* Not left. */
bool participant_is_in(struct db *db, int64_t conversation_key, int64_t user_key);

/* One participant, left or not; false when there is no such row. */
bool participant_load(struct db *db, struct arena *arena, int64_t conversation_key, int64_t user_key,
                      struct participant_row *out);
