/* The timing wheel: placing, finding the next, spreading and firing. */
#include "loop/timer_wheel.h"

#include <stddef.h>

enum { WHEEL_FIRING = WHEEL_LEVELS * WHEEL_SLOTS };
#define WHEEL_LAST_TICK ((UINT64_C(1) << (WHEEL_LEVELS * WHEEL_BITS)) - 1) /* 1,394 years */

void timer_wheel_init(struct timer_wheel *wheel, uint64_t now_ms) {
    wheel->base_ms = now_ms;
    wheel->tick = 0;
    for (int i = 0; i < WHEEL_LEVELS; i++) wheel->used[i] = 0;
    for (int i = 0; i <= WHEEL_FIRING; i++) wheel->slots[i].prev = wheel->slots[i].next = &wheel->slots[i];
}

static uint64_t tick_reached(const struct timer_wheel *wheel, uint64_t now_ms) {
    return now_ms <= wheel->base_ms ? 0 : (now_ms - wheel->base_ms) / WHEEL_TICK_MS;
}

/* The first tick that is not before `due_ms`. */
static uint64_t tick_of_due(const struct timer_wheel *wheel, uint64_t due_ms) {
    if (due_ms <= wheel->base_ms) return 0;
    uint64_t ms = due_ms - wheel->base_ms;
    uint64_t tick = ms / WHEEL_TICK_MS + (ms % WHEEL_TICK_MS != 0);
    return tick < WHEEL_LAST_TICK ? tick : WHEEL_LAST_TICK;
}

static unsigned slot_at(uint64_t tick, unsigned level) {
    return (unsigned)(tick >> (level * WHEEL_BITS)) & (WHEEL_SLOTS - 1);
}

static void place(struct timer_wheel *wheel, struct sio_timer *timer, uint64_t tick) {
    uint64_t differs = tick ^ wheel->tick;
    unsigned level = differs == 0 ? 0 : (unsigned)(63 - __builtin_clzll(differs)) / WHEEL_BITS;
    unsigned slot = slot_at(tick, level);
    struct sio_timer *head = &wheel->slots[level * WHEEL_SLOTS + slot];
    timer->next = head;
    timer->prev = head->prev;
    head->prev->next = timer;
    head->prev = timer;
    wheel->used[level] |= UINT64_C(1) << slot;
}

void timer_wheel_start(struct timer_wheel *wheel, struct sio_timer *timer, uint64_t due_ms) {
    timer_wheel_stop(wheel, timer);
    timer->due_ms = due_ms;
    uint64_t tick = tick_of_due(wheel, due_ms);
    place(wheel, timer, tick > wheel->tick ? tick : wheel->tick + 1);
}

void timer_wheel_stop(struct timer_wheel *wheel, struct sio_timer *timer) {
    if (timer->next == NULL) return;
    timer->prev->next = timer->next;
    timer->next->prev = timer->prev;
    if (timer->prev == timer->next) { /* only the head is left */
        size_t at = (size_t)(timer->next - wheel->slots);
        if (at != WHEEL_FIRING) wheel->used[at / WHEEL_SLOTS] &= ~(UINT64_C(1) << (at % WHEEL_SLOTS));
    }
    timer->prev = timer->next = NULL;
}

/* The next tick at which a slot is to be fired or spread; false when the wheel is empty. */
static bool next_tick(const struct timer_wheel *wheel, uint64_t *tick) {
    for (unsigned level = 0; level < WHEEL_LEVELS; level++) {
        unsigned present = slot_at(wheel->tick, level);
        uint64_t later = present == WHEEL_SLOTS - 1 ? 0 : wheel->used[level] >> (present + 1);
        if (later == 0) continue;
        uint64_t slot = present + 1 + (unsigned)__builtin_ctzll(later);
        unsigned shift = level * WHEEL_BITS;
        *tick = wheel->tick >> (shift + WHEEL_BITS) << (shift + WHEEL_BITS) | slot << shift;
        return true;
    }
    return false;
}

uint64_t timer_wheel_next_ms(const struct timer_wheel *wheel) {
    uint64_t tick;
    return next_tick(wheel, &tick) ? wheel->base_ms + tick * WHEEL_TICK_MS : UINT64_MAX;
}

static struct sio_timer *take_first(struct sio_timer *head) {
    struct sio_timer *timer = head->next;
    if (timer == head) return NULL;
    head->next = timer->next;
    timer->next->prev = head;
    timer->prev = timer->next = NULL;
    return timer;
}

static void spread(struct timer_wheel *wheel, unsigned level) {
    unsigned slot = slot_at(wheel->tick, level);
    struct sio_timer *head = &wheel->slots[level * WHEEL_SLOTS + slot];
    wheel->used[level] &= ~(UINT64_C(1) << slot);
    for (struct sio_timer *timer; (timer = take_first(head)) != NULL;) {
        uint64_t tick = tick_of_due(wheel, timer->due_ms);
        place(wheel, timer, tick > wheel->tick ? tick : wheel->tick);
    }
}

/* The slot's timers move to a list of their own first: those that are started meanwhile wait for later ticks,
 * and those that are stopped meanwhile are not fired. */
static void fire(struct timer_wheel *wheel) {
    unsigned slot = slot_at(wheel->tick, 0);
    struct sio_timer *head = &wheel->slots[slot], *firing = &wheel->slots[WHEEL_FIRING];
    if (head->next == head) return;
    wheel->used[0] &= ~(UINT64_C(1) << slot);
    *firing = *head;
    firing->next->prev = firing->prev->next = firing;
    head->prev = head->next = head;
    for (struct sio_timer *timer; (timer = take_first(firing)) != NULL;) timer->fire(timer);
}

void timer_wheel_advance(struct timer_wheel *wheel, uint64_t now_ms) {
    uint64_t to = tick_reached(wheel, now_ms), tick;
    while (wheel->tick < to) {
        if (!next_tick(wheel, &tick) || tick > to) {
            wheel->tick = to;
            return;
        }
        wheel->tick = tick;
        for (unsigned level = WHEEL_LEVELS - 1; level > 0; level--) {
            uint64_t within = wheel->tick & ((UINT64_C(1) << (level * WHEEL_BITS)) - 1);
            if (within == 0) spread(wheel, level);
        }
        fire(wheel);
    }
}
