/* The one conversation of everybody in an estate. */
#pragma once
#include "store/sqlite/writer.h"

int64_t estate_group_find(struct db *db, int64_t estate_key); /* its conversation's key, or 0 */

/* All active users of the estate who have no row in it, not those who left it; how many. */
int64_t estate_group_fill(struct writer *w, int64_t estate_key, int64_t conversation_key);
