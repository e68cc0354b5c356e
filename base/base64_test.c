/* Base64: the RFC's examples, both alphabets, the lenient reader and the strict one. */
#include "base/base64.h"
#include "base/exact_bytes.h"

static const struct {
    struct sio_span bytes;
    const char *text;
} examples[] = {
    {{"", 0}, ""},
    {{"f", 1}, "Zg=="},
    {{"fo", 2}, "Zm8="},
    {{"foo", 3}, "Zm9v"},
    {{"foob", 4}, "Zm9vYg=="},
    {{"fooba", 5}, "Zm9vYmE="},
    {{"foobar", 6}, "Zm9vYmFy"},
    {{"\xff\xef\xbe\xfb", 4},
     "/+++"
     "+w=="},
    {{"\0\0\0", 3}, "AAAA"},
};

static struct sio_span decode_exact(const char *text, char *room, size_t room_n) {
    struct sio_span in = exact_bytes(sio_span_cstr(text));
    assert_true(in.n * 3 / 4 + 3 <= room_n);
    char *out = malloc(in.n * 3 / 4 + 3);
    size_t n = base64_decode_lenient(out, in);
    memcpy(room, out, n);
    free(out);
    exact_bytes_free(in);
    return sio_span_of(room, n);
}

static void the_examples_go_both_ways(void **unused) {
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        char text[32], bytes[32];
        size_t n = base64_encode(text, examples[i].bytes.p, examples[i].bytes.n);
        assert_int_equal(n, BASE64_SIZE(examples[i].bytes.n));
        assert_true(sio_span_is(sio_span_of(text, n), examples[i].text));
        assert_true(sio_span_eq(decode_exact(examples[i].text, bytes, sizeof bytes), examples[i].bytes));
    }
}

static void every_length_goes_both_ways_in_both_alphabets(void **unused) {
    unsigned char bytes[200];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * 89 + 7);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        char *text = malloc(BASE64_SIZE(n) + 1), back[256];
        size_t written = base64_encode(text, bytes, n);
        assert_int_equal(written, BASE64_SIZE(n));
        text[written] = 0;
        assert_true(sio_span_eq(decode_exact(text, back, sizeof back), sio_span_of(bytes, n)));

        written = base64url_encode(text, bytes, n);
        assert_int_equal(written, (n * 4 + 2) / 3);
        text[written] = 0;
        assert_null(strpbrk(text, "+/="));
        assert_true(sio_span_eq(decode_exact(text, back, sizeof back), sio_span_of(bytes, n)));
        size_t back_n = 0;
        assert_true(base64url_decode_strict(back, sio_span_of(text, written), &back_n));
        assert_true(sio_span_eq(sio_span_of(back, back_n), sio_span_of(bytes, n)));
        free(text);
    }
}

static void it_appends(void **unused) {
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    base64url_add(&text, SIO_SPAN(""));
    assert_int_equal(text.n, 0);
    sio_strbuf_lit(&text, "t=");
    base64url_add(&text, SIO_SPAN("\xff\xef\xbe\xfb"));
    assert_string_equal(text.p, "t=_---"
                                "-w");
    sio_strbuf_fini(&text);
}

static void the_lenient_reader_forgives(void **unused) {
    static const struct {
        const char *text, *bytes;
    } cases[] = {
        {"Zm9vYg", "foob"},            /* no padding */
        {"Zm9vYg=", "foob"},           /* half of it */
        {" Zm\r\n9v\tYg = =", "foob"}, /* blanks */
        {"Zm9v*Zm9v", "foo"},          /* stops at what is no base64 */
        {"*", ""},
        {"Z", ""}, /* six bits make no byte */
        {"Zm9vY", "foo"},
        {"Zg==Zg==", "f"}, /* nothing behind the padding */
        {"\xc3\xa9", ""},
        {"====", ""},
    };
    char room[64];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_true(sio_span_is(decode_exact(cases[i].text, room, sizeof room), cases[i].bytes));
    assert_true(sio_span_is(decode_exact("-_-_", room, sizeof room), "\xfb\xff\xbf"));
    assert_true(sio_span_is(decode_exact("+/+/", room, sizeof room), "\xfb\xff\xbf"));
}

static void it_decodes_in_place(void **unused) {
    char text[] = " Zm9v YmFy";
    size_t n = base64_decode_lenient(text, sio_span_of(text, sizeof text - 1));
    assert_span_is(sio_span_of(text, n), "foobar");
}

static void the_strict_reader_refuses(void **unused) {
    static const char *const bad[] = {"Zg==",
                                      "Zm8=",
                                      "Z",
                                      "Zm9vY",
                                      "Zm9 v",
                                      "Zm9v\n",
                                      "+///",
                                      "Zm9v*",
                                      "Zh" /* stray bits */,
                                      "Zm9" /* stray bits */,
                                      "\xc3\xa9\xc3\xa9",
                                      "AA/A"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sio_span in = exact_bytes(sio_span_cstr(bad[i]));
        char out[16];
        size_t n = 99;
        assert_false(base64url_decode_strict(out, in, &n));
        assert_int_equal(n, 99);
        exact_bytes_free(in);
    }
    char nul[16];
    size_t n;
    assert_false(base64url_decode_strict(nul, SIO_SPAN("AA\0A"), &n));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_go_both_ways),
        cmocka_unit_test(every_length_goes_both_ways_in_both_alphabets),
        cmocka_unit_test(it_appends),
        cmocka_unit_test(the_lenient_reader_forgives),
        cmocka_unit_test(it_decodes_in_place),
        cmocka_unit_test(the_strict_reader_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
