/* An arena: memory for one request, given back all at once. One thread at a time. */
#pragma once
#include <stddef.h>

#include "base/span.h"

struct arena_block;

struct arena {
    struct arena_block *head; /* the newest block; NULL while nothing was asked for */
};

void arena_init(struct arena *a);
void arena_fini(struct arena *a); /* frees everything, and leaves it initialised */

/* Aligned for any type; not zeroed / zeroed. Never NULL. */
void *arena_alloc(struct arena *a, size_t size_bytes);
void *arena_zalloc(struct arena *a, size_t size_bytes);

/* A copy inside the arena; NUL-terminated behind its end. */
struct sio_span arena_span(struct arena *a, struct sio_span s);

#define arena_new(a, type)          ((type *)arena_zalloc((a), sizeof(type)))
#define arena_array(a, type, count) ((type *)arena_zarray((a), (count), sizeof(type)))
void *arena_zarray(struct arena *a, size_t count, size_t size_bytes);
