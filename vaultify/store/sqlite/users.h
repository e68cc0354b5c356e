/* Looking estates and users up by their ids. */
#pragma once
#include "store/rows.h"
#include "store/sqlite/query.h"

int64_t estate_key_find(struct db *db, const struct uuid *id); /* its key, or 0 */
int64_t user_find(struct db *db, const struct uuid *id);       /* its key, or 0 */

/* The key of a user who is active in this estate, or 0. */
int64_t user_find_active(struct db *db, const struct uuid *id, int64_t estate_key);
