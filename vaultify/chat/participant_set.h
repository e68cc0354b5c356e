/* A set of participants by user id: open addressing, one flat array, O(1) whatever its size. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/uuid.h"

struct participant {
    struct uuid user;
    bool used;
    bool admin;
    bool leaving; /* the store has been asked to take this one out */
};

struct participant_set {
    struct participant *slots; /* NULL while empty */
    uint32_t capacity;         /* a power of two */
    uint32_t count;
    uint64_t seed[2];
};

void participant_set_init(struct participant_set *set, const uint64_t seed[2]);
void participant_set_fini(struct participant_set *set);
void participant_set_reserve(struct participant_set *set, uint32_t count);

/* Valid until the set changes; NULL when absent. */
struct participant *participant_get(const struct participant_set *set, const struct uuid *user);

/* Adds, or renews the flag of who is there. */
void participant_add(struct participant_set *set, const struct uuid *user, bool admin);
void participant_remove(struct participant_set *set, const struct uuid *user);
