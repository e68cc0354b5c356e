/* Failures and the pauses after them. */
#include "outbox/trouble.h"

enum { DOUBLINGS_MAX = 10 };

uint32_t backoff_ms(uint32_t failures, uint32_t random) {
    uint32_t doublings = failures > 0 ? failures - 1 : 0;
    if (doublings > DOUBLINGS_MAX) doublings = DOUBLINGS_MAX;
    uint32_t full = (uint32_t)BACKOFF_FIRST_MS << doublings;
    if (full > BACKOFF_MAX_MS) full = BACKOFF_MAX_MS;
    return full - random % (full / 2 + 1);
}

void trouble_add(struct trouble *t, uint64_t now_ms, uint32_t asked_ms, uint32_t random) {
    t->failures++;
    t->epoch++;
    t->until_ms = now_ms + (asked_ms ? asked_ms : backoff_ms(t->failures, random));
}

void trouble_end(struct trouble *t) {
    t->failures = 0;
    t->until_ms = 0;
}
