/* Failures of a service or a host, and how long it is left alone for them; how a job's next attempt is put off.
 * Pure: time and chance are the caller's. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum {
    BACKOFF_FIRST_MS = 1000,
    BACKOFF_MAX_MS = 15 * 60 * 1000,
};

/* The pause after so many failures (from 1): doubles from the first to the longest, of which up to half is left
 * off by chance, so that what failed together does not come back together. */
uint32_t backoff_ms(uint32_t failures, uint32_t random);

struct trouble {
    uint32_t failures; /* rests in a row; 0: all is well */
    uint32_t epoch;    /* rests ever: who asked before a rest cannot say what is after it */
    uint64_t until_ms; /* it rests until then */
};

/* One more rest; `asked_ms` is the other side's own wish, 0: it has none. */
void trouble_add(struct trouble *t, uint64_t now_ms, uint32_t asked_ms, uint32_t random);
void trouble_end(struct trouble *t);
static inline bool trouble_rests(const struct trouble *t, uint64_t now_ms) { return now_ms < t->until_ms; }
/* The rest is over, but it has not been seen well: one request at a time tries. */
static inline bool trouble_probes(const struct trouble *t, uint64_t now_ms) {
    return t->failures > 0 && !trouble_rests(t, now_ms);
}
