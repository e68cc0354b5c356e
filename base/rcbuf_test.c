/* Shared bytes: counted right on one thread and on many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "base/rcbuf.h"

enum { THREADS = 4, ROUNDS = 20000 };

static void one_thread(void **state) {
    struct rcbuf *b = rcbuf_copy(SPAN("shared"));
    assert_ptr_equal(rcbuf_ref(b), b);
    rcbuf_unref(b);
    assert_true(span_is(rcbuf_span(b), "shared"));
    rcbuf_unref(b);
    rcbuf_unref(NULL);
    b = rcbuf_copy(span_of(NULL, 0));
    assert_int_equal(rcbuf_span(b).n, 0);
    rcbuf_unref(b);
}

/* Holds one reference of the buffer it is given, and lets go of it at last. */
static void *reader(void *arg) {
    struct rcbuf *b = arg;
    size_t wrong = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct rcbuf *mine = rcbuf_ref(b);
        wrong += !span_is(rcbuf_span(mine), "read by many");
        rcbuf_unref(mine);
    }
    rcbuf_unref(b);
    return (void *)wrong;
}

static void many_threads(void **state) {
    pthread_t threads[THREADS];
    struct rcbuf *b = rcbuf_copy(SPAN("read by many"));
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, reader, rcbuf_ref(b)), 0);
    rcbuf_unref(b); /* whoever ends last frees it; the sanitizers see a leak or a use after it */
    for (int i = 0; i < THREADS; i++) {
        void *wrong;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_thread), cmocka_unit_test(many_threads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
