/* A bounded cache by UUID: a map for finding, a list for forgetting. */
#include "store/sqlite/cache.h"

#include "base/mem.h"

void cache_init(struct cache *c, uint32_t limit, void (*drop)(struct cache_entry *entry, void *data),
                void *data) {
    map_init(&c->map, NULL);
    list_init(&c->used);
    c->limit = limit;
    c->drop = drop;
    c->data = data;
}

static void cache_remove(struct cache *c, struct cache_entry *entry) {
    map_del(&c->map, uuid_span(&entry->id));
    list_remove(&entry->link);
    c->drop(entry, c->data);
}

void cache_clear(struct cache *c) {
    list_each (&c->used, link) cache_remove(c, container_of(link, struct cache_entry, link));
}

void cache_fini(struct cache *c) {
    cache_clear(c);
    map_fini(&c->map);
}

struct cache_entry *cache_get(struct cache *c, const struct uuid *id) {
    struct cache_entry *entry = map_get(&c->map, uuid_span(id));
    if (!entry) return NULL;
    list_remove(&entry->link);
    list_insert(c->used.next, &entry->link);
    return entry;
}

void cache_put(struct cache *c, struct cache_entry *entry) {
    if (c->map.count >= c->limit && !list_empty(&c->used))
        cache_remove(c, container_of(c->used.prev, struct cache_entry, link));
    map_put(&c->map, uuid_span(&entry->id), entry);
    list_insert(c->used.next, &entry->link);
}
