/* The set of a conversation's participants: linear probing at most three quarters full, no tombstones. */
#include "chat/participant_set.h"

#include "base/map.h"
#include "base/mem.h"

enum { SMALLEST = 4 };

void participant_set_init(struct participant_set *set, const uint64_t seed[2]) {
    *set = (struct participant_set){.seed = {seed[0], seed[1]}};
}

void participant_set_fini(struct participant_set *set) {
    free(set->slots);
    participant_set_init(set, set->seed);
}

static uint32_t home_of(const struct participant_set *set, const struct uuid *user) {
    return (uint32_t)hash_bytes(set->seed, uuid_span(user)) & (set->capacity - 1);
}

/* The slot of the user, or the free one in which it belongs. There is always a free one. */
static struct participant *slot_of(const struct participant_set *set, const struct uuid *user) {
    uint32_t i = home_of(set, user);
    while (set->slots[i].used && !uuid_eq(&set->slots[i].user, user)) i = (i + 1) & (set->capacity - 1);
    return &set->slots[i];
}

static void resize(struct participant_set *set, uint32_t capacity) {
    struct participant *old = set->slots;
    uint32_t old_capacity = set->capacity;
    set->slots = mem_new_array(struct participant, capacity);
    set->capacity = capacity;
    for (uint32_t i = 0; i < old_capacity; i++)
        if (old[i].used) *slot_of(set, &old[i].user) = old[i];
    free(old);
}

void participant_set_reserve(struct participant_set *set, uint32_t count) {
    uint32_t capacity = set->capacity ? set->capacity : SMALLEST;
    while (capacity - capacity / 4 < count) capacity *= 2;
    if (capacity != set->capacity) resize(set, capacity);
}

struct participant *participant_get(const struct participant_set *set, const struct uuid *user) {
    if (set->count == 0) return NULL;
    struct participant *slot = slot_of(set, user);
    return slot->used ? slot : NULL;
}

void participant_add(struct participant_set *set, const struct uuid *user, bool admin) {
    struct participant *there = participant_get(set, user);
    if (there) {
        there->admin = admin;
        return;
    }
    participant_set_reserve(set, set->count + 1);
    *slot_of(set, user) = (struct participant){.user = *user, .used = true, .admin = admin};
    set->count++;
}

/* Closes the gap: whoever was pushed past it by probing moves back. */
void participant_remove(struct participant_set *set, const struct uuid *user) {
    struct participant *gap = participant_get(set, user);
    if (!gap) return;
    uint32_t mask = set->capacity - 1, hole = (uint32_t)(gap - set->slots);
    for (uint32_t i = (hole + 1) & mask; set->slots[i].used; i = (i + 1) & mask) {
        uint32_t home = home_of(set, &set->slots[i].user);
        if (((i - home) & mask) < ((i - hole) & mask)) continue; /* at home behind the hole */
        set->slots[hole] = set->slots[i];
        hole = i;
    }
    set->slots[hole] = (struct participant){0};
    set->count--;
}
