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
    struct rcbuf *b = rcbuf_copy(SIO_SPAN("shared"));
    assert_ptr_equal(rcbuf_ref(b), b);
    rcbuf_unref(b);
    assert_true(sio_span_is(rcbuf_span(b), "shared"));
    rcbuf_unref(b);
    rcbuf_unref(NULL);
    b = rcbuf_copy(sio_span_of(NULL, 0));
    assert_int_equal(rcbuf_span(b).n, 0);
    rcbuf_unref(b);
}

/* Holds one reference of the buffer it is given, and lets go of it at last. */
static void *reader(void *arg) {
    struct rcbuf *b = arg;
    size_t wrong = 0;
    for (int i = 0; i < ROUNDS; i++) {
        struct rcbuf *mine = rcbuf_ref(b);
        wrong += !sio_span_is(rcbuf_span(mine), "read by many");
        rcbuf_unref(mine);
    }
    rcbuf_unref(b);
    return (void *)wrong;
}

static void many_threads(void **state) {
    pthread_t threads[THREADS];
    struct rcbuf *b = rcbuf_copy(SIO_SPAN("read by many"));
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, reader, rcbuf_ref(b)), 0);
    rcbuf_unref(b); /* whoever ends last frees it; the sanitizers see a leak or a use after it */
    for (int i = 0; i < THREADS; i++) {
        void *wrong;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
}

/* ---- twins ---- */

static atomic_uint made;

static struct rcbuf *make_none(struct rcbuf *b, void *data) {
    atomic_fetch_add(&made, 1);
    return NULL;
}

static struct rcbuf *make_twin(struct rcbuf *b, void *data) {
    atomic_fetch_add(&made, 1);
    assert_null(rcbuf_twin(b, make_none, NULL)); /* it is just being made: nobody makes another */
    return rcbuf_copy(SIO_SPAN("a twin"));
}

static void a_twin_is_made_once(void **state) {
    atomic_store(&made, 0);
    struct rcbuf *b = rcbuf_copy(SIO_SPAN("with a twin"));
    struct rcbuf *twin = rcbuf_twin(b, make_twin, NULL);
    assert_true(sio_span_is(rcbuf_span(twin), "a twin"));
    assert_ptr_equal(rcbuf_twin(b, make_none, NULL), twin);
    assert_int_equal(atomic_load(&made), 1);
    rcbuf_unref(b);
    b = rcbuf_copy(SIO_SPAN("without"));
    assert_null(rcbuf_twin(b, make_none, NULL));
    assert_null(rcbuf_twin(b, make_twin, NULL));
    assert_int_equal(atomic_load(&made), 2);
    rcbuf_unref(b);
}

static struct rcbuf *make_slowly(struct rcbuf *b, void *data) {
    struct rcbuf *twin = rcbuf_new(100000);
    atomic_fetch_add(&made, 1);
    memset(twin->p, 't', twin->n);
    return twin;
}

static void *twin_reader(void *arg) {
    struct rcbuf *b = arg;
    long wrong = 0;
    for (int i = 0; i < 1000; i++) {
        struct rcbuf *twin = rcbuf_twin(b, make_slowly, NULL);
        if (twin) wrong += twin->n != 100000 || twin->p[0] != 't' || twin->p[99999] != 't';
    }
    rcbuf_unref(b);
    return (void *)wrong;
}

static void many_threads_ask_for_a_twin(void **state) {
    pthread_t threads[THREADS];
    struct rcbuf *b = rcbuf_copy(SIO_SPAN("asked by many"));
    atomic_store(&made, 0);
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, twin_reader, rcbuf_ref(b)), 0);
    rcbuf_unref(b);
    for (int i = 0; i < THREADS; i++) {
        void *wrong;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    assert_int_equal(atomic_load(&made), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_thread), cmocka_unit_test(many_threads),
                                       cmocka_unit_test(a_twin_is_made_once),
                                       cmocka_unit_test(many_threads_ask_for_a_twin)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
