/* The shapes: all of them are right, and their check finds what a careless one leaves out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/shapes.h"

static void all_shapes_are_right(void **state) {
    for (size_t i = 0; wire_shapes[i]; i++)
        if (wire_shape_check(wire_shapes[i])) fail_msg("%s", wire_shapes[i]->name);
}

static void each_name_stands_for_one_type(void **state) {
    for (size_t i = 0; wire_shapes[i]; i++) {
        for (size_t j = 0; j < i; j++) assert_string_not_equal(wire_shapes[i]->name, wire_shapes[j]->name);
        for (size_t j = 0; wire_word_lists[j]; j++)
            assert_string_not_equal(wire_shapes[i]->name, wire_word_lists[j]->name);
    }
}

static void a_base_stands_before_what_it_is_the_base_of(void **state) {
    for (size_t i = 0; wire_shapes[i]; i++) {
        size_t j = 0;
        if (!wire_shapes[i]->base) continue;
        while (wire_shapes[j] != wire_shapes[i]->base) j++;
        assert_true(j < i);
    }
}

static void shapes_that_nobody_lists_are_refused(void **state) {
    struct wire_shape stranger = wire_person_shape;
    struct wire_answer answer = {ANSWER_ONE, &stranger};
    assert_int_equal(wire_shape_check(&stranger), SIO_ERR_INVALID);
    assert_int_equal(wire_answer_check(&answer), SIO_ERR_INVALID);
    assert_int_equal(wire_shape_check(NULL), SIO_ERR_INVALID);
}

static void answers_say_what_they_are(void **state) {
    static const struct {
        struct wire_answer answer;
        enum sio_err error;
    } cases[] = {
        {{ANSWER_ONE, &wire_done_shape}, SIO_ERR_OK},
        {{ANSWER_LIST, &wire_device_shape}, SIO_ERR_OK},
        {{ANSWER_TEXT, NULL}, SIO_ERR_OK},
        {{ANSWER_TEXT, &wire_done_shape}, SIO_ERR_INVALID},
        {{ANSWER_PAGE, NULL}, SIO_ERR_INVALID},
        {{ANSWER_UNSAID, &wire_done_shape}, SIO_ERR_INVALID},
        {{ANSWER_FORM_COUNT_, NULL}, SIO_ERR_INVALID},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(wire_answer_check(&cases[i].answer), cases[i].error);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_shapes_are_right),
        cmocka_unit_test(each_name_stands_for_one_type),
        cmocka_unit_test(a_base_stands_before_what_it_is_the_base_of),
        cmocka_unit_test(shapes_that_nobody_lists_are_refused),
        cmocka_unit_test(answers_say_what_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
