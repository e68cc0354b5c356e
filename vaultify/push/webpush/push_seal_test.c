/* Sealing: the vector of RFC 8291's appendix A byte for byte, sizes, and that nothing serves twice. */
#include "push/webpush/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/base64.h"
#include "sio_strbuf.h"

static const char OUR_PRIVATE[] = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
static const char THEIR_POINT[] =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
static const char SALT[] = "DGv6ra1nlYgDCS1FRnbzlw";
static const char AUTH[] = "BTBZMqHH6r4Tts7J_aSIgg";
static const char TEXT[] = "When I grow up, I want to be a watermelon";
static const char SEALED[] = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
                             "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
                             "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";

static size_t bytes_of(const char *text, char *out) {
    size_t n;
    assert_true(base64url_decode_strict(out, sio_span_cstr(text), &n));
    return n;
}

static struct sio_span browser_keys(char out[128]) {
    size_t n = bytes_of(THEIR_POINT, out);
    n += bytes_of(AUTH, out + n);
    return sio_span_of(out, n);
}

static void the_vector(void **state) {
    char key[64], salt[32], keys[128];
    uint8_t out[256];
    struct sio_strbuf text;
    struct webpush_seal *seal = webpush_seal_new();
    bytes_of(OUR_PRIVATE, key);
    bytes_of(SALT, salt);
    assert_true(webpush_seal_text_with(seal, (uint8_t *)key, (uint8_t *)salt, browser_keys(keys),
                                       sio_span_cstr(TEXT), out));
    sio_strbuf_init(&text);
    base64url_add(&text, sio_span_of(out, sizeof TEXT - 1 + WEBPUSH_SEALED_MORE_BYTES));
    assert_string_equal(text.p, SEALED);
    sio_strbuf_fini(&text);
    webpush_seal_free(seal);
}

static void no_private_key_no_message(void **state) {
    static const uint8_t salt[WEBPUSH_SALT_BYTES];
    uint8_t key[WEBPUSH_SCALAR_BYTES] = {0}, out[256];
    char keys[128];
    struct webpush_seal *seal = webpush_seal_new();
    struct sio_span to = browser_keys(keys);
    assert_false(webpush_seal_text_with(seal, key, salt, to, SIO_SPAN("x"), out));
    memset(key, 0xff, sizeof key);
    assert_false(webpush_seal_text_with(seal, key, salt, to, SIO_SPAN("x"), out));
    key[0] = 1;
    assert_true(webpush_seal_text_with(seal, key, salt, to, SIO_SPAN("x"), out));
    webpush_seal_free(seal);
}

/* The longest and the empty text have the size that was promised, and no two messages share anything. */
static void sizes_and_freshness(void **state) {
    static char text[WEBPUSH_TEXT_MAX_BYTES];
    char keys[128];
    uint8_t a[WEBPUSH_SEALED_MAX_BYTES + 1], b[WEBPUSH_SEALED_MAX_BYTES + 1];
    struct webpush_seal *seal = webpush_seal_new();
    struct sio_span to = browser_keys(keys);
    a[WEBPUSH_SEALED_MAX_BYTES] = a[WEBPUSH_SEALED_MORE_BYTES] = 0xa5;
    assert_true(webpush_seal_text(seal, to, sio_span_of(text, 0), a));
    assert_int_equal(a[WEBPUSH_SEALED_MORE_BYTES], 0xa5);
    assert_true(webpush_seal_text(seal, to, sio_span_of(text, sizeof text), a));
    assert_true(webpush_seal_text(seal, to, sio_span_of(text, sizeof text), b));
    assert_int_equal(a[WEBPUSH_SEALED_MAX_BYTES], 0xa5);
    assert_memory_not_equal(a, b, WEBPUSH_SALT_BYTES);
    assert_memory_not_equal(a + 21, b + 21, 65);
    assert_memory_not_equal(a + 86, b + 86, 64);
    webpush_seal_free(seal);
}

static void no_point_no_message(void **state) {
    char keys[128];
    uint8_t out[256];
    struct webpush_seal *seal = webpush_seal_new();
    struct sio_span to = browser_keys(keys);
    keys[64] ^= 1;
    assert_false(webpush_seal_text(seal, to, SIO_SPAN("x"), out));
    webpush_seal_free(seal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_vector),
        cmocka_unit_test(sizes_and_freshness),
        cmocka_unit_test(no_point_no_message),
        cmocka_unit_test(no_private_key_no_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
