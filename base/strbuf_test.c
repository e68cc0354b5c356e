/* The byte buffer: growing, numbers, formats, taking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sio_strbuf.h"

static void assert_text(const struct sio_strbuf *b, const char *text) {
    assert_int_equal(b->n, strlen(text));
    assert_string_equal(b->p, text);
}

static void begins_empty_and_is_terminated(void **state) {
    struct sio_strbuf b;
    sio_strbuf_init(&b);
    assert_null(b.p);
    sio_strbuf_clear(&b);
    sio_strbuf_char(&b, 'x');
    sio_strbuf_lit(&b, "yz");
    sio_strbuf_span(&b, sio_span_of(NULL, 0));
    assert_text(&b, "xyz");
    sio_strbuf_clear(&b);
    assert_text(&b, "");
    sio_strbuf_fini(&b);
    assert_null(b.p);
}

static void grows_byte_by_byte(void **state) {
    struct sio_strbuf b;
    sio_strbuf_init(&b);
    for (size_t i = 0; i < 100000; i++) {
        sio_strbuf_char(&b, (char)i);
        assert_int_equal(b.p[b.n], '\0');
        assert_true(b.capacity > b.n);
    }
    assert_int_equal(b.n, 100000);
    for (size_t i = 0; i < b.n; i++) assert_int_equal(b.p[i], (char)i);
    sio_strbuf_fini(&b);
}

static void numbers(void **state) {
    struct sio_strbuf b;
    sio_strbuf_init(&b);
    sio_strbuf_u64(&b, 0);
    sio_strbuf_char(&b, ' ');
    sio_strbuf_u64(&b, UINT64_MAX);
    sio_strbuf_char(&b, ' ');
    sio_strbuf_i64(&b, INT64_MIN);
    sio_strbuf_char(&b, ' ');
    sio_strbuf_i64(&b, INT64_MAX);
    sio_strbuf_char(&b, ' ');
    sio_strbuf_i64(&b, -7);
    assert_text(&b, "0 18446744073709551615 -9223372036854775808 9223372036854775807 -7");
    sio_strbuf_fini(&b);
}

static void formats_of_every_length(void **state) {
    char want[600];
    for (int width = 0; width < 500; width++) {
        struct sio_strbuf b;
        sio_strbuf_init(&b);
        sio_strbuf_lit(&b, "start ");
        sio_strbuf_printf(&b, "%*d|%s", width, 5, "end");
        snprintf(want, sizeof want, "start %*d|end", width, 5);
        assert_text(&b, want);
        sio_strbuf_fini(&b);
    }
}

static void reserved_room_may_be_written(void **state) {
    struct sio_strbuf b;
    sio_strbuf_init(&b);
    sio_strbuf_lit(&b, "ab");
    memset(sio_strbuf_reserve(&b, 1000), 'c', 1000);
    b.n += 1000;
    sio_strbuf_char(&b, 'd');
    assert_int_equal(b.n, 1003);
    assert_int_equal(b.p[1001], 'c');
    assert_int_equal(b.p[1002], 'd');
    sio_strbuf_fini(&b);
}

static void taking_leaves_it_empty(void **state) {
    struct sio_strbuf b;
    sio_strbuf_init(&b);
    char *nothing = sio_strbuf_take(&b);
    assert_string_equal(nothing, "");
    free(nothing);
    sio_strbuf_lit(&b, "mine");
    char *mine = sio_strbuf_take(&b);
    assert_string_equal(mine, "mine");
    assert_null(b.p);
    assert_int_equal(b.n, 0);
    free(mine);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_empty_and_is_terminated),
        cmocka_unit_test(grows_byte_by_byte),
        cmocka_unit_test(numbers),
        cmocka_unit_test(formats_of_every_length),
        cmocka_unit_test(reserved_room_may_be_written),
        cmocka_unit_test(taking_leaves_it_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
