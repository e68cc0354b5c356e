/* Rooms of one loop: each an array of its members; each socket knows its place in every array, so that
 * joining and leaving cost the same in a room of two and of 50,000. */
#include "base/mem.h"
#include "socket/internal.h"

enum { ROOM_HEAP_FIRST = 8, SOCKET_ROOMS_FIRST = 4 };

static struct namespace_loop *loop_of(const struct sio_socket *s) { return &s->ns->loops[s->loop]; }

struct room *rooms_find(struct namespace_loop *nl, struct sio_span name) {
    return map_get(&nl->rooms, name);
}

static struct room *room_new(struct sio_namespace *ns, unsigned loop, struct sio_span name) {
    struct room *r = mem_zalloc(sizeof(*r) + name.n);
    r->members = r->one;
    r->capacity = 1;
    r->name_n = (uint32_t)name.n;
    if (name.n) memcpy(r->name, name.p, name.n);
    map_put(&ns->loops[loop].rooms, sio_span_of(r->name, r->name_n), r);
    directory_set(&ns->directory, name, loop, true);
    return r;
}

static void room_free(struct sio_namespace *ns, unsigned loop, struct room *r) {
    struct sio_span name = sio_span_of(r->name, r->name_n);
    directory_set(&ns->directory, name, loop, false);
    map_del(&ns->loops[loop].rooms, name);
    if (r->members != r->one) free(r->members);
    free(r);
}

static void room_grow(struct room *r) {
    uint32_t capacity = r->capacity == 1 ? ROOM_HEAP_FIRST : r->capacity * 2;
    struct sio_socket **old = r->members == r->one ? NULL : r->members;
    r->members = mem_realloc(old, capacity * sizeof(struct sio_socket *));
    if (!old) r->members[0] = r->one[0];
    r->capacity = capacity;
}

static struct membership *membership_of(const struct sio_socket *s, const struct room *r) {
    for (uint32_t i = 0; i < s->room_count; i++)
        if (s->rooms[i].room == r) return &s->rooms[i];
    return NULL;
}

void rooms_join(struct sio_socket *s, struct sio_span name) {
    struct room *r = rooms_find(loop_of(s), name);
    if (r && membership_of(s, r)) return;
    if (!r) r = room_new(s->ns, s->loop, name);
    if (r->count == r->capacity) room_grow(r);
    if (s->room_count == s->room_capacity) {
        s->room_capacity = s->room_capacity ? s->room_capacity * 2 : SOCKET_ROOMS_FIRST;
        s->rooms = mem_realloc(s->rooms, s->room_capacity * sizeof(*s->rooms));
    }
    s->rooms[s->room_count++] = (struct membership){.room = r, .index = r->count};
    r->members[r->count++] = s;
}

/* The last member takes the place of the one that goes. */
static void leave(struct sio_socket *s, struct membership *m) {
    struct room *r = m->room;
    struct sio_socket *last = r->members[--r->count];
    if (last != s) {
        r->members[m->index] = last;
        membership_of(last, r)->index = m->index;
    }
    *m = s->rooms[--s->room_count];
    if (r->count == 0) room_free(s->ns, s->loop, r);
}

void rooms_leave(struct sio_socket *s, struct sio_span name) {
    struct room *r = rooms_find(loop_of(s), name);
    struct membership *m = r ? membership_of(s, r) : NULL;
    if (m) leave(s, m);
}

void rooms_leave_all(struct sio_socket *s) {
    while (s->room_count) leave(s, &s->rooms[s->room_count - 1]);
    free(s->rooms);
    s->rooms = NULL;
    s->room_capacity = 0;
}
