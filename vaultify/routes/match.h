/* Path patterns: `/messaging/conversations/:id/messages`. A part `:name` is any text but nothing, to be read
 * as a UUID; `*name` is any text but nothing; every other part is itself. One slash more at the end of a path
 * is overlooked. Any thread. */
#pragma once
#include <stdbool.h>

#include "base/span.h"

enum { ROUTE_PARAMS_MAX = 4 };

struct route_params {
    struct sio_span name[ROUTE_PARAMS_MAX];  /* as the pattern calls them */
    struct sio_span value[ROUTE_PARAMS_MAX]; /* as they came, still percent-encoded */
    bool is_text[ROUTE_PARAMS_MAX];
    size_t count;
};

bool route_match(const char *pattern, struct sio_span path, struct route_params *params);

/* Is there a path that both patterns match? */
bool route_patterns_clash(const char *a, const char *b);

/* Does it begin with a slash, have no empty part and at most ROUTE_PARAMS_MAX parameters? */
bool route_pattern_valid(const char *pattern);
