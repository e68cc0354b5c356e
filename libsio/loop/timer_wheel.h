/* A hierarchical timing wheel in virtual time: reads no clock, allocates nothing. One thread at a time.
 *
 *   level 0   64 slots of 1 tick      each slot: the timers of one tick, fired when it comes
 *   level 1   64 slots of 64 ticks    each slot: spread over level 0 when its first tick comes
 *   level 2   64 slots of 4096 ticks  spread over level 1 …
 *
 * A timer stands on the level of the highest group of six bits in which its tick differs from the present
 * one. So the lowest level in use holds what comes first, and one look at a bitmap a level finds it: a wheel
 * full of far timers need not be turned tick by tick. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "sio_loop.h"

enum { WHEEL_TICK_MS = 10, WHEEL_LEVELS = 7, WHEEL_BITS = 6, WHEEL_SLOTS = 1 << WHEEL_BITS };

struct timer_wheel {
    uint64_t base_ms;                                       /* the time of tick 0 */
    uint64_t tick;                                          /* what is due at or before it has been fired */
    uint64_t used[WHEEL_LEVELS];                            /* one bit a slot: somebody is in it */
    struct sio_timer slots[WHEEL_LEVELS * WHEEL_SLOTS + 1]; /* list heads; the last one: being fired */
};

void timer_wheel_init(struct timer_wheel *wheel, uint64_t now_ms);

/* Fires once `due_ms` is reached, never before, and at most one tick after it. Restarts a running timer. */
void timer_wheel_start(struct timer_wheel *wheel, struct sio_timer *timer, uint64_t due_ms);
void timer_wheel_stop(struct timer_wheel *wheel, struct sio_timer *timer);

/* When timer_wheel_advance has something to do next; UINT64_MAX when no timer runs. */
uint64_t timer_wheel_next_ms(const struct timer_wheel *wheel);

/* Fires what is due, tick by tick. Timers may be started and stopped meanwhile. */
void timer_wheel_advance(struct timer_wheel *wheel, uint64_t now_ms);
