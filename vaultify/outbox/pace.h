/* Pushes a second of one service: a token bucket that never lets more through in any second. Pure. */
#pragma once
#include <stdint.h>

struct pace {
    uint32_t burst;       /* at once; 0: no limit at all */
    uint32_t refill;      /* a second */
    uint64_t thousandths; /* of tokens that are there */
    uint64_t at_ms;       /* when they were counted */
};

void pace_init(struct pace *p, uint32_t per_second, uint64_t now_ms); /* 0: no limit */
/* How many may go now; UINT32_MAX: any number. */
uint32_t pace_allows(struct pace *p, uint64_t now_ms);
void pace_take(struct pace *p, uint32_t count); /* no more than were allowed */
/* When so many may go at once, as far as that is ever allowed; the past or now: they may. */
uint64_t pace_next_ms(const struct pace *p, uint32_t count);
