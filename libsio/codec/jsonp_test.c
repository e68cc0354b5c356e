/* JSONP: scripts that any JavaScript reads, and forms as browsers send them. */
#include "codec/jsonp.h"

#include "base/exact_bytes.h"

static void assert_wrapped(struct sio_span text, const char *expected) {
    struct sio_strbuf out;
    sio_strbuf_init(&out);
    jsonp_wrap(&out, SIO_SPAN("7"), text);
    assert_string_equal(out.p, expected);
    sio_strbuf_fini(&out);
}

static void an_answer_is_a_call(void **unused) {
    assert_wrapped(SIO_SPAN("0{\"sid\":\"a\"}"), "___eio[7](\"0{\\\"sid\\\":\\\"a\\\"}\");");
    assert_wrapped(SIO_SPAN(""), "___eio[7](\"\");");
    assert_wrapped(SIO_SPAN("4a\x1e"
                            "4\n\\"),
                   "___eio[7](\"4a\\u001e4\\n\\\\\");");
}

static void line_ends_of_old_javascript_are_escaped(void **unused) {
    assert_wrapped(SIO_SPAN("4\xe2\x80\xa8x\xe2\x80\xa9\xe2\x80\xa8"),
                   "___eio[7](\"4\\u2028x\\u2029\\u2028\");");
    assert_wrapped(SIO_SPAN("4\xe2\x80\xa7\xe2\x80\xaa\xe2\x81\xa8"),
                   "___eio[7](\"4\xe2\x80\xa7\xe2\x80\xaa\xe2\x81\xa8\");");
}

static void assert_unwrapped(struct sio_span form, const char *expected) {
    struct sio_strbuf out;
    struct sio_span exact = exact_bytes(form);
    sio_strbuf_init(&out);
    assert_true(jsonp_unwrap(&out, exact));
    assert_string_equal(out.n ? out.p : "", expected);
    assert_int_equal(out.n, strlen(expected));
    sio_strbuf_fini(&out);
    exact_bytes_free(exact);
}

static void a_form_holds_packets(void **unused) {
    assert_unwrapped(SIO_SPAN("d=40"), "40");
    assert_unwrapped(SIO_SPAN("x=1&d=4%22a+b%22&y"), "4\"a b\"");
    assert_unwrapped(SIO_SPAN("d="), "");
    assert_unwrapped(SIO_SPAN("d=4a%5Cnb"), "4a\nb");     /* a line end */
    assert_unwrapped(SIO_SPAN("d=4a%5C%5Cnb"), "4a\\nb"); /* a backslash and an n */
    assert_unwrapped(SIO_SPAN("d=4a%5C%5C%5Cnb"), "4a\\\\nb");
    assert_unwrapped(SIO_SPAN("d=%5C%5C"), "\\\\");
    assert_unwrapped(SIO_SPAN("d=%5C"), "\\");
}

static void a_form_without_d_holds_nothing(void **unused) {
    struct sio_strbuf out;
    sio_strbuf_init(&out);
    assert_false(jsonp_unwrap(&out, SIO_SPAN("e=40")));
    assert_false(jsonp_unwrap(&out, (struct sio_span){0}));
    sio_strbuf_fini(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_a_call),
        cmocka_unit_test(line_ends_of_old_javascript_are_escaped),
        cmocka_unit_test(a_form_holds_packets),
        cmocka_unit_test(a_form_without_d_holds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
