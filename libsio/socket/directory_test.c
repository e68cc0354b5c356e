/* Tests of the directory: which loops are woken for a room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "socket/internal.h"

enum { LOOPS = 8, ROUNDS = 20000 };

static void one_loop_knows_itself(void **state) {
    struct directory d;
    directory_init(&d, 1, DIRECTORY_STRIPES);
    assert_int_equal(directory_loops(&d, SIO_SPAN("anything")), 1);
    directory_hold(&d, SIO_SPAN("a"), 0);
    directory_release(&d, SIO_SPAN("a"), 0);
    directory_fini(&d);
}

static void loops_come_and_go(void **state) {
    struct directory d;
    directory_init(&d, 64, DIRECTORY_STRIPES);
    assert_int_equal(directory_loops(&d, SIO_SPAN("a")), 0);
    directory_set(&d, SIO_SPAN("a"), 3, true);
    directory_set(&d, SIO_SPAN("a"), 63, true);
    directory_set(&d, SIO_SPAN(""), 5, true);
    assert_true(directory_loops(&d, SIO_SPAN("a")) == (1ULL << 3 | 1ULL << 63));
    assert_true(directory_loops(&d, SIO_SPAN("")) == 1ULL << 5);
    assert_true(directory_loops(&d, SIO_SPAN("a ")) == 0);
    directory_set(&d, SIO_SPAN("a"), 3, false);
    directory_set(&d, SIO_SPAN("a"), 63, false);
    assert_true(directory_loops(&d, SIO_SPAN("a")) == 0);
    directory_set(&d, SIO_SPAN("a"), 4, false); /* was not there */
    directory_fini(&d);
}

static void a_hold_counts_as_present_until_released(void **state) {
    struct directory d;
    struct sio_span a = SIO_SPAN("a");
    directory_init(&d, LOOPS, DIRECTORY_STRIPES);
    directory_hold(&d, a, 1);
    directory_hold(&d, a, 1);
    directory_hold(&d, a, 2);
    assert_int_equal(directory_loops(&d, a), 6);
    directory_release(&d, a, 1);
    assert_int_equal(directory_loops(&d, a), 6);
    directory_set(&d, a, 1, true);
    directory_release(&d, a, 1);
    directory_release(&d, a, 2);
    assert_int_equal(directory_loops(&d, a), 2);
    directory_set(&d, a, 1, false);
    assert_int_equal(directory_loops(&d, a), 0);
    directory_fini(&d);
}

static void what_is_left_is_freed(void **state) {
    struct directory d;
    directory_init(&d, LOOPS, DIRECTORY_STRIPES);
    directory_set(&d, SIO_SPAN("a"), 1, true);
    directory_hold(&d, SIO_SPAN("a"), 2);
    directory_hold(&d, SIO_SPAN("b"), 3);
    directory_fini(&d);
}

/* ---- threads: each is a loop that joins and leaves; what one sees of itself is never wrong ---- */

struct worker {
    struct directory *directory;
    unsigned loop;
    atomic_ulong *wrong;
};

static void *work(void *data) {
    struct worker *w = data;
    uint64_t own = 1ULL << w->loop;
    for (int i = 0; i < ROUNDS; i++) {
        char name[16];
        struct sio_span room = sio_span_of(name, (size_t)snprintf(name, sizeof(name), "room %d", i % 5));
        directory_hold(w->directory, room, w->loop);
        if (!(directory_loops(w->directory, room) & own)) count_one(w->wrong);
        directory_set(w->directory, room, w->loop, true);
        directory_release(w->directory, room, w->loop);
        if (!(directory_loops(w->directory, room) & own)) count_one(w->wrong);
        directory_set(w->directory, room, w->loop, false);
        if (directory_loops(w->directory, room) & own) count_one(w->wrong);
        if (!(directory_loops(w->directory, SIO_SPAN("always")) & 1)) count_one(w->wrong);
    }
    return NULL;
}

static void many_threads_see_themselves(void **state) {
    struct directory d;
    atomic_ulong wrong;
    pthread_t threads[LOOPS];
    struct worker workers[LOOPS];
    atomic_init(&wrong, 0);
    directory_init(&d, LOOPS, DIRECTORY_STRIPES);
    directory_set(&d, SIO_SPAN("always"), 0, true);
    for (unsigned i = 0; i < LOOPS; i++) {
        workers[i] = (struct worker){.directory = &d, .loop = i, .wrong = &wrong};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < LOOPS; i++) pthread_join(threads[i], NULL);
    assert_int_equal(atomic_load(&wrong), 0);
    for (int i = 0; i < 5; i++) {
        char name[16];
        assert_int_equal(
            directory_loops(&d, sio_span_of(name, (size_t)snprintf(name, sizeof(name), "room %d", i))), 0);
    }
    directory_fini(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_loop_knows_itself),
        cmocka_unit_test(loops_come_and_go),
        cmocka_unit_test(a_hold_counts_as_present_until_released),
        cmocka_unit_test(what_is_left_is_freed),
        cmocka_unit_test(many_threads_see_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
