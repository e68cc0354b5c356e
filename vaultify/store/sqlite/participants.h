/* Changing who is in a conversation; keeps conversations.participant_total right. */
#pragma once
#include "store/sqlite/writer.h"

struct participant_state {
    bool exists, left;
};
struct participant_state participant_find(struct db *db, int64_t conversation_key, int64_t user_key);

/* No row yet: a new one. */
void participant_insert(struct writer *w, int64_t conversation_key, int64_t user_key, bool is_admin);
/* Had left: is in again, from now on. */
void participant_return(struct writer *w, int64_t conversation_key, int64_t user_key);
/* Whichever of the two is needed; false: was in it already. */
bool participant_put(struct writer *w, int64_t conversation_key, int64_t user_key, bool is_admin);
/* False: is not in it. */
bool participant_leave(struct writer *w, int64_t conversation_key, int64_t user_key);

void participant_total_add(struct writer *w, int64_t conversation_key, int64_t change);
