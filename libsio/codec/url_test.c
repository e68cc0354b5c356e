/* URLs: percent-decoding, and query strings as the web's form encoding has them. */
#include "base/exact_bytes.h"
#include "codec/http1.h"

static void assert_decoded(const char *text, bool form, const char *expected) {
    struct sio_span exact = exact_bytes(sio_span_cstr(text));
    char *out = malloc(exact.n);
    size_t n = url_decode(exact, form, out);
    if (!sio_span_is(sio_span_of(out, n), expected)) fail_msg("%s: %.*s", text, (int)n, out);
    free(out);
    exact_bytes_free(exact);
}

static void escapes_are_decoded(void **unused) {
    assert_decoded("", false, "");
    assert_decoded("plain", false, "plain");
    assert_decoded("a%20b%2Fc%2fd", false, "a b/c/d");
    assert_decoded("%c3%A9", false, "\xc3\xa9");
    assert_decoded("a+b", false, "a+b");
    assert_decoded("a+b%2B", true, "a b+");
}

static void broken_escapes_stay(void **unused) {
    assert_decoded("%", false, "%");
    assert_decoded("%2", false, "%2");
    assert_decoded("a%", false, "a%");
    assert_decoded("%zz%2g%g2", false, "%zz%2g%g2");
    assert_decoded("%%41", false, "%A");
    assert_decoded("%25%34%31", false, "%41"); /* once, not twice */
}

static void a_zero_byte_is_a_byte(void **unused) {
    char out[8];
    size_t n = url_decode(SIO_SPAN("a%00b"), false, out);
    assert_int_equal(n, 3);
    assert_memory_equal(out, "a\0b", 3);
}

/* NULL: absent. */
static void assert_query(const char *query, const char *name, const char *expected) {
    struct sio_span exact = exact_bytes(sio_span_cstr(query));
    char *out = malloc(exact.n);
    size_t n = 0;
    bool found = url_query(exact, sio_span_cstr(name), out, &n);
    assert_int_equal(found, expected != NULL);
    if (found && !sio_span_is(sio_span_of(out, n), expected)) fail_msg("%s: %.*s", query, (int)n, out);
    free(out);
    exact_bytes_free(exact);
}

static void parameters_are_found(void **unused) {
    assert_query("EIO=4&transport=polling&t=abc", "EIO", "4");
    assert_query("EIO=4&transport=polling&t=abc", "transport", "polling");
    assert_query("EIO=4&transport=polling&t=abc", "t", "abc");
    assert_query("EIO=4", "eio", NULL);
    assert_query("EIO=4", "EI", NULL);
    assert_query("EIO=4", "EIOO", NULL);
    assert_query("", "a", NULL);
    assert_query("a", "a", "");
    assert_query("a=", "a", "");
    assert_query("a=b=c", "a", "b=c");
    assert_query("&&a=1&&", "a", "1");
    assert_query("&&a=1&&", "", NULL);
    assert_query("=1", "", "1");
}

static void the_last_of_a_name_counts(void **unused) {
    assert_query("a=1&a=2", "a", "2");
    assert_query("a=1&a", "a", "");
    assert_query("a=1&b=2&%61=3", "a", "3");
}

static void names_and_values_are_decoded(void **unused) {
    assert_query("%73id=x", "sid", "x");
    assert_query("a+b=c+d%2Be", "a b", "c d+e");
    assert_query("a=1%262", "a", "1&2");
    assert_query("a%3Db=1", "a=b", "1");
    assert_query("%zz=1", "%zz", "1");
    assert_query("a=%", "a", "%");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_are_decoded),       cmocka_unit_test(broken_escapes_stay),
        cmocka_unit_test(a_zero_byte_is_a_byte),     cmocka_unit_test(parameters_are_found),
        cmocka_unit_test(the_last_of_a_name_counts), cmocka_unit_test(names_and_values_are_decoded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
