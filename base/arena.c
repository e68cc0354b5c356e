/* The arena: a chain of blocks, the newest one in front with free room at its end. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>

#include "base/mem.h"
#include "base/must.h"

enum {
    ARENA_ALIGN = alignof(max_align_t),
    ARENA_BLOCK = 4000, /* bytes of room in a block: with the headers, a page */
};

struct arena_block {
    struct arena_block *next;
    size_t used, size; /* bytes of `room` */
    alignas(max_align_t) char room[];
};

void arena_init(struct arena *a) { a->head = NULL; }

void arena_fini(struct arena *a) {
    struct arena_block *b = a->head;
    while (b) {
        struct arena_block *next = b->next;
        free(b);
        b = next;
    }
    arena_init(a);
}

static struct arena_block *block_new(size_t size) {
    struct arena_block *b = mem_alloc(sizeof *b + size);
    *b = (struct arena_block){.size = size};
    return b;
}

/* A large piece gets a block of its own behind the head, whose room stays in use. */
static void *alloc_alone(struct arena *a, size_t size) {
    struct arena_block *b = block_new(size);
    b->used = size;
    if (a->head) {
        b->next = a->head->next;
        a->head->next = b;
    } else {
        a->head = b;
    }
    return b->room;
}

void *arena_alloc(struct arena *a, size_t size_bytes) {
    must(size_bytes <= PTRDIFF_MAX / 2);
    size_t size = (size_bytes + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    if (size > ARENA_BLOCK / 2) return alloc_alone(a, size);
    if (!a->head || a->head->size - a->head->used < size) {
        struct arena_block *b = block_new(ARENA_BLOCK);
        b->next = a->head;
        a->head = b;
    }
    void *p = a->head->room + a->head->used;
    a->head->used += size;
    return p;
}

void *arena_zalloc(struct arena *a, size_t size_bytes) {
    return memset(arena_alloc(a, size_bytes), 0, size_bytes);
}

void *arena_zarray(struct arena *a, size_t count, size_t size_bytes) {
    size_t total;
    must(!__builtin_mul_overflow(count, size_bytes, &total));
    return arena_zalloc(a, total);
}

struct sio_span arena_span(struct arena *a, struct sio_span s) {
    must(s.n < SIZE_MAX);
    char *copy = arena_alloc(a, s.n + 1);
    if (s.n) memcpy(copy, s.p, s.n);
    copy[s.n] = '\0';
    return (struct sio_span){copy, s.n};
}
