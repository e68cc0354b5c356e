/* New UUIDs that only grow: version 7, a time and a counter, also when the clock stands still or goes back.
 */
#pragma once
#include "base/uuid.h"

enum { IDS_POOL_BYTES = 4096 };

struct ids {
    int64_t ms; /* of the last id; ahead of the clock when the counter ran over or the clock went back */
    unsigned counter; /* 12 bits */
    size_t pool_left; /* random bytes not used yet */
    uint8_t pool[IDS_POOL_BYTES];
};

/* `last` may be nil: every new id is larger than it. */
void ids_init(struct ids *ids, const struct uuid *last);
struct uuid ids_next(struct ids *ids, int64_t now_ms);
