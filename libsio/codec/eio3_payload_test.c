/* Engine.IO 3: packets, text and binary bodies, written and read again, cut at every place. */
#include "codec/eio3_payload.h"

#include "base/exact_bytes.h"
#include "codec/utf8.h"

typedef enum eio3_next (*next_fn)(struct sio_span *rest, struct eio_packet *packet);

/* The packets of a body as "<type><data>|", bytes in brackets; "!" at the end of a bad one. */
static void describe(next_fn next, struct sio_span body, struct sio_strbuf *seen) {
    struct sio_span whole = exact_bytes(body), rest = whole;
    struct eio_packet packet;
    enum eio3_next result;
    sio_strbuf_clear(seen);
    while ((result = next(&rest, &packet)) == EIO3_PACKET) {
        sio_strbuf_u64(seen, packet.type);
        if (packet.binary) sio_strbuf_char(seen, packet.base64 ? '<' : '[');
        sio_strbuf_span(seen, packet.data);
        if (packet.binary) sio_strbuf_char(seen, packet.base64 ? '>' : ']');
        sio_strbuf_char(seen, '|');
    }
    if (result == EIO3_BAD) sio_strbuf_char(seen, '!');
    exact_bytes_free(whole);
}

static void assert_body(next_fn next, struct sio_span body, const char *expected) {
    struct sio_strbuf seen;
    sio_strbuf_init(&seen);
    describe(next, body, &seen);
    assert_string_equal(seen.n ? seen.p : "", expected);
    sio_strbuf_fini(&seen);
}

static void text_bodies_are_read(void **unused) {
    assert_body(eio3_text_next, SIO_SPAN("6:4hello"), "4hello|");
    assert_body(eio3_text_next, SIO_SPAN("1:26:2probe2:4a"), "2|2probe|4a|");
    assert_body(eio3_text_next, SIO_SPAN("1:4"), "4|");
    assert_body(eio3_text_next, SIO_SPAN("6:b4AQID"), "4<AQID>|");
    assert_body(eio3_text_next, SIO_SPAN("0:1:6"), "6|"); /* nothing, then something */
    assert_body(eio3_text_next, SIO_SPAN("001:6"), "6|");
}

static void lengths_count_as_javascript_does(void **unused) {
    assert_body(eio3_text_next,
                SIO_SPAN("2:4\xc3\xa9"
                         "1:6"),
                "4\xc3\xa9|6|");
    assert_body(eio3_text_next,
                SIO_SPAN("3:4\xf0\x9f\x99\x82"
                         "1:6"),
                "4\xf0\x9f\x99\x82|6|");
    assert_body(eio3_text_next, SIO_SPAN("2:4\xf0\x9f\x99\x82"), "!"); /* ends inside a character */
}

static void bad_text_bodies_are_told(void **unused) {
    static const char *const bad[] = {"x",    ":4",     "4",    "1",   "-1:4",      "1:7",  "2:4",
                                      "1:x",  "9:4abc", "2:bx", "1:b", "6:4hello1", "1 :4", "99999999999:4",
                                      "1:4:", "2:b7"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        struct sio_strbuf seen;
        sio_strbuf_init(&seen);
        describe(eio3_text_next, sio_span_cstr(bad[i]), &seen);
        assert_true(seen.n > 0 && seen.p[seen.n - 1] == '!');
        sio_strbuf_fini(&seen);
    }
}

static void binary_bodies_are_read(void **unused) {
    assert_body(eio3_binary_next,
                sio_span_of("\0\6\xff"
                            "4hello"
                            "\1\3\xff\4ab",
                            15),
                "4hello|4[ab]|");
    assert_body(eio3_binary_next,
                sio_span_of("\0\1\2\xff"
                            "4hello worldX",
                            17),
                "4hello world|!");
    assert_body(eio3_binary_next, sio_span_of("\1\1\xff\4", 4), "4[]|");
    assert_body(eio3_binary_next,
                sio_span_of("\0\0\xff\0\1\xff"
                            "6",
                            7),
                "6|");
}

static void bad_binary_bodies_are_told(void **unused) {
    assert_body(eio3_binary_next,
                sio_span_of("\2\1\xff"
                            "4",
                            4),
                "!"); /* neither text nor bytes */
    assert_body(eio3_binary_next, sio_span_of("\0\xff", 2), "!");
    assert_body(eio3_binary_next, sio_span_of("\0\x0a\xff", 3), "!");
    assert_body(eio3_binary_next,
                sio_span_of("\0\5\xff"
                            "4abc",
                            7),
                "!");
    assert_body(eio3_binary_next, sio_span_of("\1\1\xff\7", 4), "!");
    assert_body(eio3_binary_next,
                sio_span_of("\0\1\xff"
                            "7",
                            4),
                "!");
}

/* What is written is read again; cut anywhere, it yields whole packets of the front and then nothing wrong. */
static void assert_round(next_fn next, struct sio_span body, const char *expected) {
    struct sio_strbuf seen;
    sio_strbuf_init(&seen);
    assert_body(next, body, expected);
    for (size_t n = 1; n < body.n; n++) {
        if (next == eio3_text_next && !utf8_valid(sio_span_head(body, n))) continue; /* no text */
        describe(next, sio_span_head(body, n), &seen);
        size_t good = seen.n && seen.p[seen.n - 1] == '!' ? seen.n - 1 : seen.n;
        assert_true(good < strlen(expected) && memcmp(seen.p, expected, good) == 0);
    }
    sio_strbuf_fini(&seen);
}

static void text_bodies_are_written(void **unused) {
    struct sio_strbuf body;
    sio_strbuf_init(&body);
    eio3_text_add(&body, SIO_SPAN("4h\xc3\xa9\xf0\x9f\x99\x82"));
    eio3_text_add_bytes(&body, sio_span_of("\1\2\3", 3));
    eio3_text_add_bytes(&body, sio_span_of("", 0));
    eio3_text_add(&body, SIO_SPAN("2"));
    assert_string_equal(body.p, "5:4h\xc3\xa9\xf0\x9f\x99\x82"
                                "6:b4AQID2:b41:2");
    assert_round(eio3_text_next, sio_strbuf_as_span(&body), "4h\xc3\xa9\xf0\x9f\x99\x82|4<AQID>|4<>|2|");
    sio_strbuf_fini(&body);
}

static void binary_bodies_are_written(void **unused) {
    struct sio_strbuf body;
    sio_strbuf_init(&body);
    eio3_binary_add(&body, SIO_SPAN("4h\xc3\xa9llo wor"));
    eio3_binary_add_bytes(&body, SIO_SPAN("ab"));
    eio3_binary_add(&body, SIO_SPAN("2"));
    static const char expected[] = "\0\1\1\xff"
                                   "4h\xc3\xa9llo wor"
                                   "\1\3\xff\4ab\0\1\xff"
                                   "2";
    assert_int_equal(body.n, sizeof(expected) - 1);
    assert_memory_equal(body.p, expected, body.n);
    assert_round(eio3_binary_next, sio_strbuf_as_span(&body), "4h\xc3\xa9llo wor|4[ab]|2|");
    sio_strbuf_fini(&body);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_bodies_are_read),       cmocka_unit_test(lengths_count_as_javascript_does),
        cmocka_unit_test(bad_text_bodies_are_told),   cmocka_unit_test(binary_bodies_are_read),
        cmocka_unit_test(bad_binary_bodies_are_told), cmocka_unit_test(text_bodies_are_written),
        cmocka_unit_test(binary_bodies_are_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
