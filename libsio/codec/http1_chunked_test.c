/* Chunked bodies: decoded in place however cut, and everything that is no chunked body. */
#include "base/exact_bytes.h"
#include "codec/http1.h"

/* The body decoded from pieces of at most `piece` bytes after a first one of `first` (each in a block of its
 * exact size); `*end` is where in `text` it ended. */
static enum parse_result decode(struct sio_span text, size_t first, size_t piece, char *out, size_t *out_n,
                                size_t *end) {
    struct http1_chunked chunked = {0};
    enum parse_result r = PARSE_NEED_MORE;
    *out_n = *end = 0;
    for (size_t size = first; r == PARSE_NEED_MORE && *end < text.n; size = piece) {
        if (size > text.n - *end) size = text.n - *end;
        struct sio_span exact = exact_bytes(sio_span_of(text.p + *end, size));
        size_t data_n, taken;
        r = http1_chunked_decode(&chunked, (char *)(uintptr_t)exact.p, size, &data_n, &taken);
        assert_true(taken <= size && data_n <= taken);
        if (r == PARSE_NEED_MORE) assert_int_equal(taken, size);
        memcpy(out + *out_n, exact.p, data_n);
        *out_n += data_n;
        *end += taken;
        exact_bytes_free(exact);
    }
    return r;
}

struct example {
    struct sio_span text;
    const char *body;
};
#define BYTES(literal)                                                                                       \
    { literal, sizeof(literal) - 1 }

static const struct example good[] = {
    {BYTES("0\r\n\r\n"), ""},
    {BYTES("000\r\n\r\n"), ""},
    {BYTES("5\r\nhello\r\n0\r\n\r\n"), "hello"},
    {BYTES("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"), "hello world"},
    {BYTES("c\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n0\r\n\r\n"), "\r\n0\r\n\r\n\r\n0\r\n"},
    {BYTES("1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n"), "abcdefghijklmnopqrstuvwxyz"},
    {BYTES("0000000000000001\r\nx\r\n0\r\n\r\n"), "x"},
    {BYTES("1;a=b;c=\"d\"\r\nx\r\n0;last\r\n\r\n"), "x"},
    {BYTES("1\r\nx\r\n0\r\nExpires: never\r\nX-Sum:\r\n\r\n"), "x"},
};

static void bodies_are_decoded_however_cut(void **unused) {
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        for (size_t first = 1; first <= good[i].text.n; first++)
            for (size_t piece = 1; piece <= good[i].text.n; piece++) {
                char out[128];
                size_t n, end;
                assert_int_equal(decode(good[i].text, first, piece, out, &n, &end), PARSE_OK);
                assert_int_equal(end, good[i].text.n);
                assert_true(sio_span_is(sio_span_of(out, n), good[i].body));
            }
}

static void a_body_that_has_not_ended_needs_more(void **unused) {
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        for (size_t n = 0; n < good[i].text.n; n++) {
            char out[128];
            size_t out_n, end;
            assert_int_equal(decode(sio_span_head(good[i].text, n), 1, 7, out, &out_n, &end),
                             PARSE_NEED_MORE);
            assert_int_equal(end, n);
        }
}

static void what_follows_a_body_is_left_alone(void **unused) {
    struct sio_span text = SIO_SPAN("1\r\nx\r\n0\r\n\r\nGET / HTTP/1.1\r\n");
    char out[128];
    size_t n, end;
    assert_int_equal(decode(text, text.n, 1, out, &n, &end), PARSE_OK);
    assert_int_equal(end, 11);
    assert_int_equal(n, 1);
}

static const struct sio_span bad[] = {
    BYTES("\r\n"), /* a size has digits */
    BYTES(";a\r\n"),
    BYTES(" 1\r\nx"),
    BYTES("1 \r\nx"),
    BYTES("1 ;a\r\nx"),
    BYTES("+1\r\nx"),
    BYTES("-1\r\nx"),
    BYTES("0x1\r\nx"),
    BYTES("g\r\n"),
    BYTES("1\nx"), /* a bare LF ends no line */
    BYTES("1\rx"),
    BYTES("1\r\nx\n"),
    BYTES("1\r\nx\r0"),
    BYTES("1\r\nxy"), /* more data than announced */
    BYTES("1\r\nx0"),
    BYTES("1;a\nx"), /* an LF in an extension: where the line ends is in doubt */
    BYTES("1;a\0\r\n"),
    BYTES("1;\x7f\r\n"),
    BYTES("1;a\rb\r\n"),
    BYTES("8000000000000000\r\n"), /* above 2^63-1 */
    BYTES("ffffffffffffffff\r\n"),
    BYTES("10000000000000000\r\n"),
    BYTES("00000000000000001\r\n"), /* 17 digits */
    BYTES("0\r\n\n"),
    BYTES("0\r\nA: b\n"),
    BYTES("0\r\n A: b\r\n"), /* a folded trailer */
    BYTES("0\r\nA : b\r\n"),
    BYTES("0\r\n: b\r\n"),
    BYTES("0\r\nno colon\r\n"),
    BYTES("0\r\nA\r\n"),
    BYTES("0\r\nA: \0\r\n"),
    BYTES("0\r\n\rX"),
};

static void bad_bodies_are_refused_however_cut(void **unused) {
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (size_t piece = 1; piece <= bad[i].n; piece++) {
            char out[128];
            size_t n, end;
            if (decode(bad[i], piece, piece, out, &n, &end) != PARSE_BAD) fail_msg("accepted: %s", bad[i].p);
        }
}

static void bad_stays_bad(void **unused) {
    struct http1_chunked chunked = {0};
    char text[] = "x";
    size_t n, taken;
    assert_int_equal(http1_chunked_decode(&chunked, text, 1, &n, &taken), PARSE_BAD);
    char more[] = "0\r\n\r\n";
    assert_int_equal(http1_chunked_decode(&chunked, more, 5, &n, &taken), PARSE_BAD);
    assert_int_equal(taken, 0);
    assert_int_equal(n, 0);
}

static void the_largest_size_is_read(void **unused) {
    struct http1_chunked chunked = {0};
    char text[] = "7fffffffffffffff\r\nabc";
    size_t n, taken;
    assert_int_equal(http1_chunked_decode(&chunked, text, sizeof text - 1, &n, &taken), PARSE_NEED_MORE);
    assert_int_equal(n, 3);
    assert_int_equal(chunked.left, (uint64_t)INT64_MAX - 3);
}

/* The result of `head`, then `times` times `unit`. */
static enum parse_result repeated(const char *head, const char *unit, size_t times) {
    struct http1_chunked chunked = {0};
    enum parse_result r = PARSE_NEED_MORE;
    for (size_t i = 0; i <= times && r == PARSE_NEED_MORE; i++) {
        char piece[64];
        const char *text = i ? unit : head;
        size_t n = strlen(text), data_n, taken;
        memcpy(piece, text, n);
        r = http1_chunked_decode(&chunked, piece, n, &data_n, &taken);
    }
    return r;
}

static void extensions_and_trailers_are_limited_over_the_whole_body(void **unused) {
    assert_int_equal(repeated("1;", "a", 4000), PARSE_NEED_MORE);
    assert_int_equal(repeated("1;", "a", 5000), PARSE_BAD);
    assert_int_equal(repeated("", "1;0123456789\r\nx\r\n", 300), PARSE_NEED_MORE);
    assert_int_equal(repeated("", "1;0123456789\r\nx\r\n", 400), PARSE_BAD);
    assert_int_equal(repeated("0\r\n", "A: 0123456789\r\n", 300), PARSE_NEED_MORE);
    assert_int_equal(repeated("0\r\n", "A: 0123456789\r\n", 400), PARSE_BAD);
    assert_int_equal(repeated("", "1\r\nx\r\n", 100000), PARSE_NEED_MORE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bodies_are_decoded_however_cut),
        cmocka_unit_test(a_body_that_has_not_ended_needs_more),
        cmocka_unit_test(what_follows_a_body_is_left_alone),
        cmocka_unit_test(bad_bodies_are_refused_however_cut),
        cmocka_unit_test(bad_stays_bad),
        cmocka_unit_test(the_largest_size_is_read),
        cmocka_unit_test(extensions_and_trailers_are_limited_over_the_whole_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
