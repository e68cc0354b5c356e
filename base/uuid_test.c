/* UUIDs: both forms, every wrong character, version 7. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/uuid.h"

#define TEXT "0190b5c2-7a3f-7def-8123-456789abcdef"

static void there_and_back(void **state) {
    struct uuid u;
    char out[UUID_TEXT + 1];
    assert_true(uuid_parse(SIO_SPAN(TEXT), &u));
    assert_int_equal(u.b[0], 0x01);
    assert_int_equal(u.b[4], 0x7a);
    assert_int_equal(u.b[15], 0xef);
    uuid_format(&u, out);
    assert_string_equal(out, TEXT);
}

static void upper_case_becomes_lower(void **state) {
    struct uuid u;
    char out[UUID_TEXT + 1];
    assert_true(uuid_parse(SIO_SPAN("0190B5C2-7A3F-7DEF-8123-456789ABCDEF"), &u));
    uuid_format(&u, out);
    assert_string_equal(out, TEXT);
}

static void a_wrong_character_anywhere_is_refused(void **state) {
    static const char wrong[] = {'g', '-', '0', ' ', '\0', '/', ':', '@', '`', 'G', (char)0xff};
    for (size_t at = 0; at < UUID_TEXT; at++) {
        bool hyphen = TEXT[at] == '-';
        for (size_t w = 0; w < sizeof wrong; w++) {
            char text[UUID_TEXT + 1] = TEXT;
            struct uuid u;
            if (wrong[w] == '-' ? hyphen : wrong[w] == '0' && !hyphen) continue;
            text[at] = wrong[w];
            assert_false(uuid_parse(sio_span_of(text, UUID_TEXT), &u));
        }
    }
}

static void other_lengths_and_forms_are_refused(void **state) {
    struct uuid u;
    for (size_t n = 0; n < UUID_TEXT; n++) assert_false(uuid_parse(sio_span_of(TEXT, n), &u));
    assert_false(uuid_parse(SIO_SPAN(TEXT "0"), &u));
    assert_false(uuid_parse(SIO_SPAN("{0190b5c2-7a3f-7def-8123-456789abcd}"), &u));
    assert_false(uuid_parse(SIO_SPAN("0190b5c27a3f7def8123456789abcdef0000"), &u));
    assert_false(uuid_parse(sio_span_of(NULL, 0), &u));
}

static void version_7_carries_the_time_and_sorts_by_it(void **state) {
    static const uint8_t ones[10] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255}, zeros[10];
    char out[UUID_TEXT + 1];
    struct uuid earlier = uuid_v7(0x0190b5c27a3f, ones), later = uuid_v7(0x0190b5c27a40, zeros);
    uuid_format(&earlier, out);
    assert_string_equal(out, "0190b5c2-7a3f-7fff-bfff-ffffffffffff");
    uuid_format(&later, out);
    assert_string_equal(out, "0190b5c2-7a40-7000-8000-000000000000");
    assert_true(uuid_compare(&earlier, &later) < 0);
    assert_false(uuid_eq(&earlier, &later));
    assert_false(uuid_is_nil(&later));
    assert_true(uuid_is_nil(&(struct uuid){0}));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(upper_case_becomes_lower),
        cmocka_unit_test(a_wrong_character_anywhere_is_refused),
        cmocka_unit_test(other_lengths_and_forms_are_refused),
        cmocka_unit_test(version_7_carries_the_time_and_sorts_by_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
