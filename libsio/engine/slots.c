/* The slot table: an array that doubles, its free entries chained. */
#include "engine/slots.h"

#include "base/mem.h"
#include "base/must.h"

enum { SLOTS_FIRST = 16 };

void slots_fini(struct slots *t) {
    free(t->slots);
    *t = (struct slots){0};
}

static void slots_grow(struct slots *t) {
    uint32_t old = t->capacity;
    must(old < UINT32_MAX / 2);
    t->capacity = old ? old * 2 : SLOTS_FIRST;
    t->slots = mem_realloc(t->slots, (size_t)t->capacity * sizeof(*t->slots));
    for (uint32_t i = old; i < t->capacity; i++)
        t->slots[i] = (struct slot){.generation = 1, .next_free = i + 1};
    t->free = old;
}

uint32_t slots_add(struct slots *t, void *item) {
    must(item);
    if (t->free == t->capacity) slots_grow(t);
    uint32_t i = t->free;
    t->free = t->slots[i].next_free;
    t->slots[i].item = item;
    t->count++;
    return i;
}

void slots_remove(struct slots *t, uint32_t slot) {
    must(slot < t->capacity && t->slots[slot].item);
    struct slot *s = &t->slots[slot];
    s->item = NULL;
    if (++s->generation == 0) s->generation = 1;
    s->next_free = t->free;
    t->free = slot;
    t->count--;
}
