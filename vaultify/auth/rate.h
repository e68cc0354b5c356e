/* A token bucket: how often somebody may do something. A value; the owner's thread only. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct rate_limit {
    uint32_t per_second; /* refilled continuously; 0: no limit at all */
    uint32_t burst;      /* at most so many at once */
};

struct rate_bucket { /* zeroed: full at its first use */
    uint64_t updated_ms;
    uint64_t used_milli; /* thousandths of one event, spent and not yet refilled */
};

/* Takes one; false when empty: then *retry_after_ms is when one will be there. */
bool rate_take(struct rate_bucket *bucket, const struct rate_limit *limit, uint64_t now_ms,
               uint32_t *retry_after_ms);

/* The same for `amount` at once, as of bytes. More than the burst waits for a full bucket and empties it. */
bool rate_take_many(struct rate_bucket *bucket, const struct rate_limit *limit, uint32_t amount,
                    uint64_t now_ms, uint32_t *retry_after_ms);
