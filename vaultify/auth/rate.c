/* A token bucket that leaks: what was spent flows off at `per_second`, a thousandth of an event a ms for
 * each. */
#include "auth/rate.h"

enum { EVENT_MILLI = 1000 };

bool rate_take_many(struct rate_bucket *bucket, const struct rate_limit *limit, uint32_t amount,
                    uint64_t now_ms, uint32_t *retry_after_ms) {
    if (!limit->per_second) return true;
    uint64_t burst = limit->burst ? limit->burst : 1;
    uint64_t room = burst * EVENT_MILLI, wanted = (amount < burst ? amount : burst) * EVENT_MILLI;
    uint64_t passed_ms = now_ms > bucket->updated_ms ? now_ms - bucket->updated_ms : 0;
    /* After this long any bucket is full; it keeps the product below within 64 bits. */
    uint64_t leaked = (passed_ms < UINT32_MAX ? passed_ms : UINT32_MAX) * limit->per_second;
    uint64_t used = bucket->used_milli > leaked ? bucket->used_milli - leaked : 0;
    bool taken = used + wanted <= room;
    if (!taken) {
        uint64_t wait_ms = (used + wanted - room + limit->per_second - 1) / limit->per_second;
        *retry_after_ms = wait_ms < UINT32_MAX ? (uint32_t)wait_ms : UINT32_MAX;
    }
    bucket->used_milli = taken ? used + wanted : used;
    if (passed_ms) bucket->updated_ms = now_ms;
    return taken;
}

bool rate_take(struct rate_bucket *bucket, const struct rate_limit *limit, uint64_t now_ms,
               uint32_t *retry_after_ms) {
    return rate_take_many(bucket, limit, 1, now_ms, retry_after_ms);
}
