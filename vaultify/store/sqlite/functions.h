/* What SQL of ours calls that SQLite does not bring along. For statements only, never for the schema, so that the file
 * stays one that any SQLite reads. */
#pragma once
#include "store/sqlite/query.h"

/* casefold(text), as casefold.h says; NULL for what is no text.
 * name_has(first, last, search): is `search` part of "first last"? */
void functions_add(struct db *db);
