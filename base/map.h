/* A hash map from byte strings to pointers: open addressing, seeded SipHash, grows and shrinks. One thread at
 * a time. The map does not copy keys: a key's bytes live as long as its entry, best inside the value. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

struct map_slot;

struct map {
    struct map_slot *slots; /* NULL while empty */
    uint32_t capacity;      /* slots, a power of two */
    uint32_t count;         /* entries */
    uint64_t seed[2];       /* keeps a client from choosing keys that collide */
};

/* `seed` may be NULL: then one seed a process, random at its first use. */
void map_init(struct map *m, const uint64_t seed[2]);
void map_fini(struct map *m); /* frees the slots, not the values */

void *map_get(const struct map *m, struct sio_span key); /* NULL when absent */

/* Adds or replaces; returns the value replaced, or NULL. `value` is not NULL. */
void *map_put(struct map *m, struct sio_span key, void *value);

void *map_del(struct map *m, struct sio_span key); /* the value removed, or NULL */

/* Walks all entries in no order: start with *cursor = 0; NULL at the end. The map may not change meanwhile.
 */
void *map_next(const struct map *m, uint32_t *cursor);

/* SipHash-1-3 of the bytes. */
uint64_t hash_bytes(const uint64_t seed[2], struct sio_span bytes);
