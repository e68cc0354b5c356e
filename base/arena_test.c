/* The arena: alignment, pieces that do not overlap, large pieces, copies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdalign.h>

#include "base/arena.h"

static void pieces_are_aligned_and_their_own(void **state) {
    enum { COUNT = 3000 };
    struct arena a;
    unsigned char *pieces[COUNT];
    arena_init(&a);
    for (int i = 0; i < COUNT; i++) {
        size_t size = (size_t)i * 7 % 5000;
        pieces[i] = arena_alloc(&a, size);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        memset(pieces[i], i, size);
    }
    for (int i = 0; i < COUNT; i++)
        for (size_t k = 0; k < (size_t)i * 7 % 5000; k++) assert_int_equal(pieces[i][k], (unsigned char)i);
    arena_fini(&a);
    assert_null(a.head);
}

static void a_large_piece_comes_first(void **state) {
    struct arena a;
    arena_init(&a);
    memset(arena_alloc(&a, 1 << 20), 1, 1 << 20);
    memset(arena_alloc(&a, 10), 2, 10);
    memset(arena_alloc(&a, 1 << 20), 3, 1 << 20);
    char *after = arena_alloc(&a, 10);
    memset(after, 4, 10);
    arena_fini(&a);
    arena_fini(&a); /* harmless */
}

static void zeroed_pieces_are_zero(void **state) {
    struct arena a;
    arena_init(&a);
    for (int round = 0; round < 100; round++) {
        uint64_t *p = arena_array(&a, uint64_t, 50);
        for (int i = 0; i < 50; i++) assert_true(p[i] == 0);
        memset(p, 0xff, 50 * sizeof *p);
    }
    arena_fini(&a);
}

static void copies_are_terminated(void **state) {
    struct arena a;
    arena_init(&a);
    struct sio_span s = arena_span(&a, SIO_SPAN("text"));
    assert_int_equal(s.n, 4);
    assert_string_equal(s.p, "text");
    assert_string_equal(arena_span(&a, sio_span_of(NULL, 0)).p, "");
    arena_fini(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_and_their_own),
        cmocka_unit_test(a_large_piece_comes_first),
        cmocka_unit_test(zeroed_pieces_are_zero),
        cmocka_unit_test(copies_are_terminated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
