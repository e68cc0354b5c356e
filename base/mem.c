/* Allocation that ends the process when memory is out. */
#include "base/mem.h"

#include <stdint.h>
#include <unistd.h>

#include "base/must.h"

/* No formatting and no allocation: there is no memory for either. */
__attribute__((noreturn, cold)) static void out_of_memory(void) {
    static const char text[] = "out of memory\n";
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0) abort();
    abort();
}

/* malloc(0) may answer NULL, so nothing is asked for less than one byte. */
static size_t at_least_one(size_t size_bytes) { return size_bytes ? size_bytes : 1; }

void *mem_alloc(size_t size_bytes) {
    void *p = malloc(at_least_one(size_bytes));
    if (!p) out_of_memory();
    return p;
}

void *mem_zalloc(size_t size_bytes) { return mem_array(1, size_bytes); }

void *mem_realloc(void *p, size_t size_bytes) {
    void *moved = realloc(p, at_least_one(size_bytes));
    if (!moved) out_of_memory();
    return moved;
}

void *mem_dup(const void *p, size_t size_bytes) {
    void *copy = mem_alloc(size_bytes);
    if (size_bytes) memcpy(copy, p, size_bytes);
    return copy;
}

void *mem_array(size_t count, size_t size_bytes) {
    size_t total;
    must(!__builtin_mul_overflow(count, size_bytes, &total));
    void *p = calloc(1, at_least_one(total));
    if (!p) out_of_memory();
    return p;
}

char *mem_str(const char *p, size_t n) {
    must(n < SIZE_MAX);
    char *copy = mem_alloc(n + 1);
    if (n) memcpy(copy, p, n);
    copy[n] = '\0';
    return copy;
}
