/* The import file: one JSON object a line, `{"estate":{…}}`, `{"user":{…}}` or
 * `{"conversation":{…,"participants":[…]}}`, its fields named as the platform's tables name them (camelCase
 * works too). Any thread. */
#pragma once
#include "base/arena.h"
#include "store/store.h"

enum { IMPORT_PARTICIPANTS_MAX = 1000000 /* of one conversation */ };

/* Blank lines are skipped. On success `*out` has `*count` records, all in the arena or in `json_lines`.
 * False:
 * `*error` is one English sentence in the arena, without a full stop, about line `*error_line` (from 1). */
bool wire_import_parse(struct sio_span json_lines, struct arena *arena, struct store_import_record **out,
                       size_t *count, struct sio_span *error, uint32_t *error_line)
    __attribute__((warn_unused_result));
