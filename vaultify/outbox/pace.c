/* A token bucket. A tenth of a second's number may go at once, and the refill is smaller by as much: what goes in any
 * second is at most what one second may see. */
#include "outbox/pace.h"

#include "base/must.h"

enum { BURSTS_A_SECOND = 10, TOKEN = 1000 /* thousandths */ };

void pace_init(struct pace *p, uint32_t per_second, uint64_t now_ms) {
    *p = (struct pace){.at_ms = now_ms};
    if (per_second == 0) return;
    p->burst = per_second < BURSTS_A_SECOND ? 1 : per_second / BURSTS_A_SECOND;
    p->refill = per_second - p->burst + 1;
    p->thousandths = (uint64_t)p->burst * TOKEN;
}

uint32_t pace_allows(struct pace *p, uint64_t now_ms) {
    if (p->burst == 0) return UINT32_MAX;
    uint64_t full = (uint64_t)p->burst * TOKEN, passed = now_ms - p->at_ms;
    p->at_ms = now_ms;
    p->thousandths += passed > TOKEN ? full : passed * p->refill;
    if (p->thousandths > full) p->thousandths = full;
    return (uint32_t)(p->thousandths / TOKEN);
}

void pace_take(struct pace *p, uint32_t count) {
    if (p->burst == 0) return;
    must(p->thousandths >= (uint64_t)count * TOKEN);
    p->thousandths -= (uint64_t)count * TOKEN;
}

uint64_t pace_next_ms(const struct pace *p, uint32_t count) {
    uint64_t wanted = (uint64_t)(count < p->burst ? count : p->burst) * TOKEN;
    if (p->thousandths >= wanted) return p->at_ms;
    return p->at_ms + (wanted - p->thousandths + p->refill - 1) / p->refill;
}
