/* The log of a namespace: what its clients may miss, numbered without a gap, bounded in bytes and in time. */
#include "base/mem.h"
#include "base/must.h"
#include "base/span.h"
#include "socket/internal.h"

enum { LOG_CAPACITY_FIRST = 64 };

/* ---- entries ---- */

static size_t names_bytes(const struct sio_span *names, size_t count) {
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) bytes += names[i].n;
    return bytes;
}

struct logged *logged_new(enum logged_action action, struct sio_packet *packet, size_t size_bytes,
                          struct sio_span room, const struct sio_target *t, struct sio_span single) {
    char ref[RECOVERY_REF_NAME];
    struct sio_span except_socket =
        t->except_socket.generation ? recovery_ref_name(t->except_socket, ref) : (struct sio_span){0};
    const struct sio_span *rooms = single.n ? &single : t->rooms;
    size_t room_count = single.n ? 1 : t->room_count, except_count = t->except_count + (except_socket.n > 0);
    size_t bytes = names_bytes(rooms, room_count) + names_bytes(t->except, t->except_count) + except_socket.n;
    struct logged *l =
        mem_alloc(sizeof(*l) + (room_count + except_count) * sizeof(struct sio_span) + bytes + room.n);
    *l = (struct logged){.action = action,
                         .packet = packet ? packet_ref(packet) : NULL,
                         .names = (struct sio_span *)(l + 1),
                         .room_count = (uint32_t)room_count,
                         .except_count = (uint32_t)except_count};
    atomic_init(&l->refs, 1);
    l->size_bytes =
        size_bytes + sizeof(*l) + (room_count + except_count) * sizeof(struct sio_span) + bytes + room.n;
    struct sio_span *name = l->names;
    char *at = (char *)(name + room_count + except_count);
    for (size_t i = 0; i < room_count; i++) *name++ = span_put(&at, rooms[i]);
    for (size_t i = 0; i < t->except_count; i++) *name++ = span_put(&at, t->except[i]);
    if (except_socket.n) *name = span_put(&at, except_socket);
    l->room = span_put(&at, room);
    return l;
}

void logged_unref(struct logged *l) {
    if (atomic_fetch_sub_explicit(&l->refs, 1, memory_order_acq_rel) != 1) return;
    sio_packet_unref(l->packet);
    free(l);
}

/* ---- the ring ---- */

void recovery_log_init(struct recovery_log *log, struct recovery_budget *budget) {
    *log = (struct recovery_log){.first = 1, .budget = budget};
}

static struct logged **place(const struct recovery_log *log, uint64_t seq) {
    return &log->ring[seq & (log->capacity - 1)];
}

static void drop_first(struct recovery_log *log) {
    struct logged *l = *place(log, log->first);
    recovery_budget_sub(log->budget, &log->bytes, l->size_bytes);
    log->first++;
    log->count--;
    logged_unref(l);
}

void recovery_log_fini(struct recovery_log *log) {
    while (log->count) drop_first(log);
    free(log->ring);
    log->ring = NULL;
}

/* Numbers keep their places modulo the capacity, so entries are put in anew. */
static void grow(struct recovery_log *log) {
    struct recovery_log old = *log;
    log->capacity = old.capacity ? old.capacity * 2 : LOG_CAPACITY_FIRST;
    log->ring = mem_new_array(struct logged *, log->capacity);
    for (uint32_t i = 0; i < log->count; i++) *place(log, log->first + i) = *place(&old, log->first + i);
    free(old.ring);
}

static void make_room(struct recovery_log *log) {
    while (recovery_budget_exceeded(log->budget, log->bytes)) drop_first(log);
}

uint64_t recovery_log_add(struct recovery_log *log, struct logged *l) {
    if (log->count == log->capacity) grow(log);
    l->seq = log->first + log->count;
    l->age = log->age;
    atomic_fetch_add_explicit(&l->refs, 1, memory_order_relaxed);
    *place(log, l->seq) = l;
    log->count++;
    recovery_budget_add(log->budget, &log->bytes, l->size_bytes);
    uint64_t seq = l->seq;
    make_room(log);
    return seq;
}

void recovery_log_age(struct recovery_log *log, uint32_t steps) {
    log->age++;
    while (log->count && log->age - (*place(log, log->first))->age > steps) drop_first(log);
    make_room(log);
    if (log->count) return;
    free(log->ring); /* what a burst has needed is given back */
    log->ring = NULL;
    log->capacity = 0;
}

struct logged *recovery_log_at(const struct recovery_log *log, uint64_t seq) {
    return seq >= log->first && seq - log->first < log->count ? *place(log, seq) : NULL;
}

/* ---- offsets ---- */

size_t recovery_offset_write(const char tag[RECOVERY_TAG], uint64_t seq, char out[RECOVERY_OFFSET_MAX]) {
    int n = snprintf(out, RECOVERY_OFFSET_MAX, "%.*s%llu", RECOVERY_TAG, tag, (unsigned long long)seq);
    must(n > RECOVERY_TAG && n < RECOVERY_OFFSET_MAX);
    return (size_t)n;
}

/* There is one spelling of each: what is read must be what would be written. */
bool recovery_offset_parse(const char tag[RECOVERY_TAG], struct sio_span text, uint64_t *seq) {
    unsigned long long n;
    char again[RECOVERY_OFFSET_MAX];
    if (text.n <= RECOVERY_TAG || !sio_span_to_u64(sio_span_skip(text, RECOVERY_TAG), &n)) return false;
    *seq = n;
    return sio_span_eq(text, sio_span_of(again, recovery_offset_write(tag, n, again)));
}
