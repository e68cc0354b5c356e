/* UTF-8: what is valid, what is not, and the same answer for pieces. */
#include "base/exact_bytes.h"
#include "codec/utf8.h"

#define BYTES(literal)                                                                                       \
    { literal, sizeof(literal) - 1 }

static const struct sio_span valid[] = {
    BYTES(""),
    BYTES("a"),
    BYTES("\0"),
    BYTES("plain text that is longer than one stride of sixteen bytes"),
    BYTES("\xc2\x80"),
    BYTES("\xdf\xbf"),
    BYTES("\xe0\xa0\x80"),
    BYTES("\xed\x9f\xbf"),
    BYTES("\xee\x80\x80"),
    BYTES("\xef\xbf\xbf"),
    BYTES("\xf0\x90\x80\x80"),
    BYTES("\xf3\xa0\x80\x81"),
    BYTES("\xf4\x8f\xbf\xbf"),
    BYTES("0123456789abcde\xf0\x9f\x98\x80 and more behind it \xc3\xa9"),
};

static const struct sio_span invalid[] = {
    BYTES("\x80"),
    BYTES("\xbf"),
    BYTES("\xc0\x80"), /* overlong NUL */
    BYTES("\xc1\xbf"), /* overlong */
    BYTES("\xc2\x7f"), /* not a continuation */
    BYTES("\xc2\xc0"),
    BYTES("\xe0\x9f\xbf"), /* overlong */
    BYTES("\xed\xa0\x80"), /* surrogates */
    BYTES("\xed\xbf\xbf"),
    BYTES("\xf0\x8f\xbf\xbf"), /* overlong */
    BYTES("\xf4\x90\x80\x80"), /* above U+10FFFF */
    BYTES("\xf5\x80\x80\x80"),
    BYTES("\xff"),
    BYTES("\xfe"),
    BYTES("\xc3"), /* cut */
    BYTES("\xe2\x82"),
    BYTES("\xf0\x9f\x98"),
    BYTES("0123456789abcdef0123456789abcde\x80"),
    BYTES("0123456789abcdef\xff gone"),
};

static uint32_t feed_in_two(struct sio_span text, size_t cut) {
    struct sio_span first = exact_bytes(sio_span_head(text, cut)),
                    second = exact_bytes(sio_span_skip(text, cut));
    uint32_t state = utf8_feed(0, first);
    state = utf8_feed(state, second);
    exact_bytes_free(first);
    exact_bytes_free(second);
    return state;
}

static void valid_texts_are_valid_however_cut(void **unused) {
    for (size_t i = 0; i < sizeof valid / sizeof *valid; i++) {
        struct sio_span text = exact_bytes(valid[i]);
        assert_true(utf8_valid(text));
        for (size_t cut = 0; cut <= text.n; cut++) assert_int_equal(feed_in_two(text, cut), 0);
        exact_bytes_free(text);
    }
}

static void invalid_texts_are_invalid_however_cut(void **unused) {
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        struct sio_span text = exact_bytes(invalid[i]);
        assert_false(utf8_valid(text));
        for (size_t cut = 0; cut <= text.n; cut++) assert_int_not_equal(feed_in_two(text, cut), 0);
        exact_bytes_free(text);
    }
}

static void bad_stays_bad(void **unused) {
    uint32_t state = utf8_feed(0, SIO_SPAN("\xff"));
    assert_int_equal(state, UTF8_BAD);
    assert_int_equal(utf8_feed(state, SIO_SPAN("good")), UTF8_BAD);
}

static size_t encode(uint32_t c, char out[4]) {
    if (c < 0x80) return out[0] = (char)c, 1;
    if (c < 0x800) return out[0] = (char)(0xc0 | c >> 6), out[1] = (char)(0x80 | (c & 63)), 2;
    size_t n = c < 0x10000 ? 3 : 4;
    out[0] = (char)(n == 3 ? 0xe0 | c >> 12 : 0xf0 | c >> 18);
    for (size_t i = 1; i < n; i++) out[i] = (char)(0x80 | (c >> 6 * (n - 1 - i) & 63));
    return n;
}

static void every_code_point_but_the_surrogates_is_valid(void **unused) {
    for (uint32_t c = 0; c < 0x1fffff; c++) {
        char text[4];
        bool expected = c <= 0x10ffff && (c < 0xd800 || c > 0xdfff);
        if (utf8_valid(sio_span_of(text, encode(c, text))) != expected) fail_msg("U+%X", c);
    }
}

/* The stride must not step over a bad byte at any distance from the start or the end. */
static void a_bad_byte_is_found_at_every_place(void **unused) {
    char text[67];
    for (size_t at = 0; at < sizeof text; at++) {
        memset(text, 'x', sizeof text);
        text[at] = (char)0xc0;
        for (size_t n = at + 1; n <= sizeof text; n++) assert_false(utf8_valid(sio_span_of(text, n)));
        assert_true(utf8_valid(sio_span_of(text, at)));
    }
}

/* The examples of the Encoding standard and of Unicode's chapter 3.9: the longest part that could have begun a character
 * counts as one. */
static void what_is_bad_is_replaced(void **unused) {
    static const char *const rows[][2] = {
        {"", ""},
        {"a\xc3\xa9\xf0\x9f\x99\x82", "a\xc3\xa9\xf0\x9f\x99\x82"},
        {"a\xff"
         "b",
         "a\xef\xbf\xbd"
         "b"},
        {"a\xff\xc3"
         "b",
         "a\xef\xbf\xbd\xef\xbf\xbd"
         "b"},
        {"\xc3", "\xef\xbf\xbd"},
        {"\xf0\x9f\x99", "\xef\xbf\xbd"},
        {"\xf0\x9f\x99x", "\xef\xbf\xbdx"},
        {"\xf0\x9f\xc3\xa9", "\xef\xbf\xbd\xc3\xa9"},
        {"\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
        {"\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct sio_strbuf out = {0};
        struct sio_span exact = exact_bytes(sio_span_cstr(rows[i][0]));
        utf8_repair(exact, &out);
        assert_true(sio_span_is(sio_strbuf_as_span(&out), rows[i][1]));
        assert_true(utf8_valid(sio_strbuf_as_span(&out)));
        sio_strbuf_fini(&out);
        exact_bytes_free(exact);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_texts_are_valid_however_cut),
        cmocka_unit_test(invalid_texts_are_invalid_however_cut),
        cmocka_unit_test(bad_stays_bad),
        cmocka_unit_test(every_code_point_but_the_surrogates_is_valid),
        cmocka_unit_test(a_bad_byte_is_found_at_every_place),
        cmocka_unit_test(what_is_bad_is_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
