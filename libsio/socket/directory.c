/* Which loops have receivers for a room, so that a message wakes only those: a striped table under mutexes,
 * held for tens of nanoseconds. With one loop there is nothing to know. */
#include "base/mem.h"
#include "base/must.h"
#include "socket/internal.h"

struct hold { /* announced joins; a few at a time */
    struct hold *next;
    unsigned loop, count;
};

struct directory_entry {
    uint64_t present; /* a bit for each loop */
    struct hold *holds;
    uint32_t name_n;
    char name[];
};

void directory_init(struct directory *d, unsigned loops, unsigned stripes) {
    d->loops = loops;
    d->stripe_count = loops == 1 ? 0 : stripes;
    d->stripes = mem_new_array(struct directory_stripe, d->stripe_count);
    for (unsigned i = 0; i < d->stripe_count; i++) {
        pthread_mutex_init(&d->stripes[i].mutex, NULL);
        map_init(&d->stripes[i].rooms, NULL);
    }
}

void directory_fini(struct directory *d) {
    for (unsigned i = 0; i < d->stripe_count; i++) {
        struct directory_entry *e;
        for (uint32_t c = 0; (e = map_next(&d->stripes[i].rooms, &c)) != NULL;) {
            for (struct hold *h = e->holds, *next; h; h = next) {
                next = h->next;
                free(h);
            }
            free(e);
        }
        map_fini(&d->stripes[i].rooms);
        pthread_mutex_destroy(&d->stripes[i].mutex);
    }
    free(d->stripes);
}

/* Room names end in what tells them apart, so the last bytes choose the stripe well enough. */
static struct directory_stripe *stripe_of(struct directory *d, struct sio_span room) {
    uint32_t h = (uint32_t)room.n;
    for (size_t i = room.n > 8 ? room.n - 8 : 0; i < room.n; i++) h = h * 31 + (unsigned char)room.p[i];
    return &d->stripes[h % d->stripe_count];
}

static struct directory_entry *entry_get(struct directory_stripe *s, struct sio_span room) {
    struct directory_entry *e = map_get(&s->rooms, room);
    if (e) return e;
    e = mem_zalloc(sizeof(*e) + room.n);
    e->name_n = (uint32_t)room.n;
    if (room.n) memcpy(e->name, room.p, room.n);
    map_put(&s->rooms, sio_span_of(e->name, e->name_n), e);
    return e;
}

static void entry_drop_if_empty(struct directory_stripe *s, struct directory_entry *e) {
    if (e->present || e->holds) return;
    map_del(&s->rooms, sio_span_of(e->name, e->name_n));
    free(e);
}

void directory_set(struct directory *d, struct sio_span room, unsigned loop, bool present) {
    if (d->loops == 1) return;
    struct directory_stripe *s = stripe_of(d, room);
    pthread_mutex_lock(&s->mutex);
    struct directory_entry *e = entry_get(s, room);
    if (present)
        e->present |= 1ULL << loop;
    else
        e->present &= ~(1ULL << loop);
    entry_drop_if_empty(s, e);
    pthread_mutex_unlock(&s->mutex);
}

void directory_hold(struct directory *d, struct sio_span room, unsigned loop) {
    if (d->loops == 1) return;
    struct directory_stripe *s = stripe_of(d, room);
    pthread_mutex_lock(&s->mutex);
    struct directory_entry *e = entry_get(s, room);
    struct hold *h = e->holds;
    while (h && h->loop != loop) h = h->next;
    if (!h) {
        h = mem_new(struct hold);
        h->loop = loop;
        h->next = e->holds;
        e->holds = h;
    }
    h->count++;
    pthread_mutex_unlock(&s->mutex);
}

void directory_release(struct directory *d, struct sio_span room, unsigned loop) {
    if (d->loops == 1) return;
    struct directory_stripe *s = stripe_of(d, room);
    pthread_mutex_lock(&s->mutex);
    struct directory_entry *e = map_get(&s->rooms, room);
    must(e);
    struct hold **at = &e->holds;
    while (*at && (*at)->loop != loop) at = &(*at)->next;
    must(*at);
    if (--(*at)->count == 0) {
        struct hold *h = *at;
        *at = h->next;
        free(h);
    }
    entry_drop_if_empty(s, e);
    pthread_mutex_unlock(&s->mutex);
}

uint64_t directory_loops(struct directory *d, struct sio_span room) {
    if (d->loops == 1) return 1;
    struct directory_stripe *s = stripe_of(d, room);
    uint64_t loops = 0;
    pthread_mutex_lock(&s->mutex);
    struct directory_entry *e = map_get(&s->rooms, room);
    if (e) {
        loops = e->present;
        for (struct hold *h = e->holds; h; h = h->next) loops |= 1ULL << h->loop;
    }
    pthread_mutex_unlock(&s->mutex);
    return loops;
}
