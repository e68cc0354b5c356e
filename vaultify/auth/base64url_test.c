/* base64url: RFC 4648's vectors, every length, and one text only for each value. */
#include "auth/base64url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static bool decodes(const char *text, const char *bytes, size_t n) {
    uint8_t out[64];
    size_t out_n;
    return auth_base64url_decode(sio_span_cstr(text), out, &out_n) && out_n == n &&
           memcmp(out, bytes, n) == 0;
}

static void vectors(void **state) {
    assert_true(decodes("", "", 0));
    assert_true(decodes("Zg", "f", 1));
    assert_true(decodes("Zm8", "fo", 2));
    assert_true(decodes("Zm9v", "foo", 3));
    assert_true(decodes("Zm9vYmFy", "foobar", 6));
    assert_true(decodes("-_-_", "\xfb\xff\xbf", 3));
}

static void every_length_comes_back(void **state) {
    uint8_t bytes[67], back[80];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 151 + 13);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        struct sio_strbuf text;
        size_t back_n = 99;
        sio_strbuf_init(&text);
        auth_base64url_encode(&text, sio_span_of(bytes, n));
        assert_int_equal(text.n, auth_base64url_encoded_size(n));
        assert_true(auth_base64url_decode(sio_strbuf_as_span(&text), back, &back_n));
        assert_int_equal(back_n, n);
        assert_true(back_n <= auth_base64url_decoded_max(text.n));
        assert_memory_equal(back, bytes, n);
        sio_strbuf_fini(&text);
    }
}

static void refusals(void **state) {
    uint8_t out[64];
    size_t n = 99;
    const char *bad[] = {"A",    "AAAAA",  "Zg==", "Zm8=", "Zm9v=", "Zh",   "Zm9",
                         "Zm 8", "Zm\n8A", "+/+/", " Zg",  "Zg ",   "Zg.A", "\xc3\xa4ZZ"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_false(auth_base64url_decode(sio_span_cstr(bad[i]), out, &n));
        assert_int_equal(n, 99);
    }
    assert_false(auth_base64url_decode(sio_span_of("Zg\0A", 4), out, &n));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(every_length_comes_back),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
