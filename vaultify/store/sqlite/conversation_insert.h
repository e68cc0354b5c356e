/* A new row of conversations, for all that makes one. */
#pragma once
#include "store/sqlite/writer.h"

struct conversation_insert {
    const struct conversation_row *row; /* its own columns; not those that refer to other rows */
    int64_t estate_key;
    int64_t creator_key; /* 0: nobody */
    int64_t pair[2];     /* of a direct one; else 0 */
};
int64_t conversation_insert(struct writer *w, const struct conversation_insert *in); /* its key */

/* The direct conversation between two users, or 0. */
int64_t conversation_find_pair(struct db *db, int64_t estate_key, int64_t user_a, int64_t user_b);
