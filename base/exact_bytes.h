/* For tests: bytes in a heap block of exactly their size, so that AddressSanitizer sees a read past their
 * end. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/span.h"

static inline struct sio_span exact_bytes(struct sio_span s) {
    char *p = malloc(s.n);
    if (s.n > 0) {
        assert_non_null(p);
        memcpy(p, s.p, s.n);
    }
    return sio_span_of(p, s.n);
}

static inline void exact_bytes_free(struct sio_span s) { free((void *)(uintptr_t)s.p); }

#define assert_span_is(s, literal)                                                                           \
    do {                                                                                                     \
        struct sio_span assert_span_ = (s);                                                                  \
        assert_int_equal(assert_span_.n, sizeof(literal) - 1);                                               \
        if (assert_span_.n) assert_memory_equal(assert_span_.p, literal, sizeof(literal) - 1);               \
    } while (0)
