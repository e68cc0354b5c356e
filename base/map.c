/* The hash map: linear probing in one array. A removal moves the entries behind it back into the gap, so
 * there are no graves and a look-up ends at the first empty slot. */
#include "base/map.h"

#include <pthread.h>
#include <sys/random.h>

#include "base/mem.h"
#include "base/must.h"

enum {
    MAP_FIRST = 4,          /* slots of the smallest map */
    MAP_FULL_QUARTERS = 3,  /* grows when more than 3/4 are in use */
    MAP_SPARSE_EIGHTHS = 1, /* shrinks when less than 1/8 are */
};
#define MAP_LARGEST (UINT32_C(1) << 31) /* slots */

struct map_slot {
    uint64_t hash;
    struct sio_span key;
    void *value; /* NULL: the slot is empty */
};

static uint64_t process_seed[2];

static void make_process_seed(void) {
    must(getrandom(process_seed, sizeof process_seed, 0) == (ssize_t)sizeof process_seed);
}

void map_init(struct map *m, const uint64_t seed[2]) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (!seed) {
        pthread_once(&once, make_process_seed);
        seed = process_seed;
    }
    *m = (struct map){.seed = {seed[0], seed[1]}};
}

void map_fini(struct map *m) {
    free(m->slots);
    m->slots = NULL;
    m->capacity = m->count = 0;
}

/* The slot of the key, or the empty slot where it belongs. The map has slots, and one of them is empty. */
static uint32_t find(const struct map *m, uint64_t hash, struct sio_span key) {
    uint32_t mask = m->capacity - 1, at = (uint32_t)hash & mask;
    for (;; at = (at + 1) & mask) {
        const struct map_slot *slot = &m->slots[at];
        if (!slot->value || (slot->hash == hash && sio_span_eq(slot->key, key))) return at;
    }
}

/* Moves all entries into a new array; reads no key, because keys may be gone while their entry is removed. */
static void resize(struct map *m, uint32_t capacity) {
    struct map_slot *slots = mem_new_array(struct map_slot, capacity);
    for (uint32_t i = 0; i < m->capacity; i++) {
        if (!m->slots[i].value) continue;
        uint32_t at = (uint32_t)m->slots[i].hash & (capacity - 1);
        while (slots[at].value) at = (at + 1) & (capacity - 1);
        slots[at] = m->slots[i];
    }
    free(m->slots);
    m->slots = slots;
    m->capacity = capacity;
}

static void make_room(struct map *m) {
    if (m->capacity == 0) {
        resize(m, MAP_FIRST);
    } else if (m->count + 1 > m->capacity / 4 * MAP_FULL_QUARTERS) {
        must(m->capacity < MAP_LARGEST);
        resize(m, m->capacity * 2);
    }
}

static void give_room_back(struct map *m) {
    if (m->count == 0)
        map_fini(m);
    else if (m->capacity > MAP_FIRST && m->count < m->capacity / 8 * MAP_SPARSE_EIGHTHS)
        resize(m, m->capacity / 2);
}

void *map_get(const struct map *m, struct sio_span key) {
    if (m->count == 0) return NULL;
    return m->slots[find(m, hash_bytes(m->seed, key), key)].value;
}

void *map_put(struct map *m, struct sio_span key, void *value) {
    must(value);
    make_room(m);
    uint64_t hash = hash_bytes(m->seed, key);
    struct map_slot *slot = &m->slots[find(m, hash, key)];
    void *old = slot->value;
    *slot = (struct map_slot){hash, key, value}; /* the new key too: the old one may die with its value */
    if (!old) m->count++;
    return old;
}

/* Closes the gap at `gap`: an entry further on moves into it unless it would leave its probe path. */
static void close_gap(struct map *m, uint32_t gap) {
    uint32_t mask = m->capacity - 1;
    for (uint32_t at = (gap + 1) & mask; m->slots[at].value; at = (at + 1) & mask) {
        uint32_t from_home = (at - (uint32_t)m->slots[at].hash) & mask;
        if (from_home < ((at - gap) & mask)) continue;
        m->slots[gap] = m->slots[at];
        gap = at;
    }
    m->slots[gap] = (struct map_slot){0};
}

void *map_del(struct map *m, struct sio_span key) {
    if (m->count == 0) return NULL;
    uint32_t at = find(m, hash_bytes(m->seed, key), key);
    void *value = m->slots[at].value;
    if (!value) return NULL;
    close_gap(m, at);
    m->count--;
    give_room_back(m);
    return value;
}

void *map_next(const struct map *m, uint32_t *cursor) {
    while (*cursor < m->capacity) {
        void *value = m->slots[(*cursor)++].value;
        if (value) return value;
    }
    return NULL;
}
