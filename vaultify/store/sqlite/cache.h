/* A bounded cache by UUID that forgets what was not used for longest. One thread at a time. */
#pragma once
#include "base/list.h"
#include "base/map.h"
#include "base/uuid.h"

/* The beginning of every entry. */
struct cache_entry {
    struct list link; /* the order of use */
    struct uuid id;
};

struct cache {
    struct map map;
    struct list used;                                    /* the latest first */
    uint32_t limit;                                      /* entries */
    void (*drop)(struct cache_entry *entry, void *data); /* an entry leaves: free it */
    void *data;
};

void cache_init(struct cache *c, uint32_t limit, void (*drop)(struct cache_entry *entry, void *data),
                void *data);
void cache_fini(struct cache *c);
void cache_clear(struct cache *c); /* drops all */

struct cache_entry *cache_get(struct cache *c, const struct uuid *id); /* and marks it as used; or NULL */

/* Its id is set and not in the cache yet. Drops the least used one beyond the limit, never this one. */
void cache_put(struct cache *c, struct cache_entry *entry);
