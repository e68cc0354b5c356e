/* Memory: allocation that cannot fail in small sizes, and checked allocation where a client chooses the size.
 */
#pragma once
#include <stddef.h>

/* These end the process when memory is out: a server that cannot get 100 bytes can keep no promise.
 * Any thread. Freed with free(). */
void *mem_alloc(size_t size_bytes);
void *mem_zalloc(size_t size_bytes);
void *mem_realloc(void *p, size_t size_bytes);
void *mem_dup(const void *p, size_t size_bytes);

/* A new object of a type, zeroed. */
#define mem_new(type) ((type *)mem_zalloc(sizeof(type)))
/* `count` zeroed objects of a type; count * size must not overflow (checked). */
#define mem_new_array(type, count) ((type *)mem_array((count), sizeof(type)))
void *mem_array(size_t count, size_t size_bytes);

/* A NUL-terminated copy. */
char *mem_str(const char *p, size_t n);

/* The structure that holds `member`, from a pointer to the member. */
#define container_of(pointer, type, member) ((type *)((char *)(pointer)-offsetof(type, member)))
