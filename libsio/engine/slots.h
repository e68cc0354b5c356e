/* A table of things by small numbers that are used again, with a generation so that an old number finds
 * nothing. One thread at a time. */
#pragma once
#include <stdint.h>

struct slot {
    void *item;          /* NULL while free */
    uint32_t generation; /* of the item, or of the next one; never 0 */
    uint32_t next_free;
};

struct slots {
    struct slot *slots;
    uint32_t capacity, count;
    uint32_t free; /* first free slot, capacity when none */
};

void slots_fini(struct slots *t);

/* Takes a free slot for `item`. */
uint32_t slots_add(struct slots *t, void *item);
void slots_remove(struct slots *t, uint32_t slot);

static inline void *slots_get(const struct slots *t, uint32_t slot) {
    return slot < t->capacity ? t->slots[slot].item : 0;
}
static inline uint32_t slots_generation(const struct slots *t, uint32_t slot) {
    return t->slots[slot].generation;
}
