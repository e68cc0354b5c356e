/* permessage-deflate: offers and their answers, messages there and back, bombs, broken and cut payloads. */
#include "codec/deflate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>

static struct deflate *deflate_;

static int begin(void **state) {
    (void)state;
    deflate_ = deflate_new(6, 8);
    return 0;
}

static int end(void **state) {
    (void)state;
    deflate_free(deflate_);
    return 0;
}

/* ---- offers ---- */

#define BARE "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

static const struct {
    const char *line, *answer; /* NULL: refused; "": nothing is agreed */
} offers[] = {
    {"permessage-deflate", BARE},
    {"permessage-deflate; client_max_window_bits", BARE},
    {" permessage-deflate ; client_max_window_bits = 10 ", BARE "; client_max_window_bits=10"},
    {"permessage-deflate;server_max_window_bits=\"12\"", BARE "; server_max_window_bits=12"},
    {"permessage-deflate; server_max_window_bits=8; client_max_window_bits=15",
     BARE "; server_max_window_bits=8; client_max_window_bits=15"},
    {"permessage-deflate; server_no_context_takeover; client_no_context_takeover", BARE},
    {"x-other; a=b; c=\"d\", permessage-deflate", BARE},
    {"permessage-deflate; server_max_window_bits=10, permessage-deflate", BARE "; server_max_window_bits=10"},
    {"x-other", ""},
    {"Permessage-Deflate", ""},
    {"permessage-deflate; unknown", NULL},
    {"permessage-deflate, permessage-deflate; unknown", NULL},
    {"permessage-deflate; server_max_window_bits", NULL},
    {"permessage-deflate; server_max_window_bits=7", NULL},
    {"permessage-deflate; server_max_window_bits=16", NULL},
    {"permessage-deflate; server_max_window_bits=08", NULL},
    {"permessage-deflate; server_max_window_bits=99999999999999999999", NULL},
    {"permessage-deflate; client_max_window_bits=\"1", NULL},
    {"permessage-deflate; client_max_window_bits=", NULL},
    {"permessage-deflate; server_no_context_takeover=1", NULL},
    {"permessage-deflate; client_no_context_takeover; client_no_context_takeover", NULL},
    {"permessage-deflate; client_max_window_bits; client_max_window_bits=9", NULL},
    {"permessage-deflate;", NULL},
    {"permessage-deflate; =", NULL},
    {"permessage-deflate permessage-deflate", NULL},
    {"permessage-deflate,", NULL},
    {", permessage-deflate", NULL},
    {"", NULL},
};

static void test_offers(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof(offers) / sizeof(offers[0]); i++) {
        struct deflate_terms terms = {0};
        struct sio_strbuf answer = {0};
        bool fine = deflate_read_offers(sio_span_cstr(offers[i].line), &terms);
        if (fine && terms.agreed) deflate_write_answer(&terms, &answer);
        struct sio_strbuf wanted = {0};
        if (offers[i].answer != NULL && *offers[i].answer != '\0')
            sio_strbuf_printf(&wanted, "Sec-WebSocket-Extensions: %s\r\n", offers[i].answer);
        if (fine != (offers[i].answer != NULL) ||
            !sio_span_eq(sio_strbuf_as_span(&answer), sio_strbuf_as_span(&wanted)))
            fail_msg("%s: %s", offers[i].line, answer.n > 0 ? answer.p : fine ? "left alone" : "refused");
        sio_strbuf_fini(&answer);
        sio_strbuf_fini(&wanted);
    }
}

static void test_windows(void **state) {
    (void)state;
    assert_true(deflate_fits(1 << 20, 15));
    assert_true(deflate_fits(1024, 10));
    assert_false(deflate_fits(1025, 10));
}

/* ---- messages ---- */

static void check_round_trip(struct sio_span message) {
    struct sio_strbuf payload = {0}, again = {0};
    deflate_message(deflate_, message, &payload);
    assert_int_equal(inflate_message(deflate_, sio_strbuf_as_span(&payload), message.n, &again), INFLATE_OK);
    assert_true(sio_span_eq(sio_strbuf_as_span(&again), message));
    sio_strbuf_fini(&again);
    if (message.n > 0)
        assert_int_equal(inflate_message(deflate_, sio_strbuf_as_span(&payload), message.n - 1, &again),
                         INFLATE_TOO_BIG);
    sio_strbuf_fini(&payload);
    sio_strbuf_fini(&again);
}

static char noise(void) {
    static uint32_t state = 1;
    state = state * 1664525 + 1013904223;
    return (char)(state >> 24);
}

static void test_there_and_back(void **state) {
    (void)state;
    static const size_t sizes[] = {0, 1, 2, 125, 126, 4095, 4096, 4097, 65535, 65536, 1000000};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *bytes = malloc(sizes[i] + 1);
        for (size_t k = 0; k < sizes[i]; k++) bytes[k] = (char)(k % 7 + k / 1000);
        check_round_trip(sio_span_of(bytes, sizes[i]));
        for (size_t k = 0; k < sizes[i]; k++) bytes[k] = noise();
        check_round_trip(sio_span_of(bytes, sizes[i]));
        free(bytes);
    }
}

/* RFC 7692 §7.2.3: the examples, a stored block and a stream that ends inside its message among them. */
static void test_payloads_of_the_rfc(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        size_t n;
    } payloads[] = {
        {"\xf2\x48\xcd\xc9\xc9\x07\x00", 7},
        {"\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11},
        {"\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8},
        {"\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00", 13},
    };
    for (size_t i = 0; i < 4; i++) {
        struct sio_strbuf message = {0};
        struct sio_span payload = sio_span_of(payloads[i].bytes, payloads[i].n);
        assert_int_equal(inflate_message(deflate_, payload, 5, &message), INFLATE_OK);
        assert_true(sio_span_is(sio_strbuf_as_span(&message), "Hello"));
        sio_strbuf_clear(&message);
        assert_int_equal(inflate_message(deflate_, payload, 4, &message), INFLATE_TOO_BIG);
        for (size_t cut = 1; cut < payload.n - 1; cut++) {
            sio_strbuf_clear(&message);
            (void)!inflate_message(deflate_, sio_span_head(payload, cut), 5, &message);
            assert_true(message.n <= 6);
        }
        sio_strbuf_fini(&message);
    }
}

static void test_empty_messages(void **state) {
    (void)state;
    struct sio_strbuf message = {0};
    assert_int_equal(inflate_message(deflate_, SIO_SPAN("\0"), 0, &message), INFLATE_OK);
    assert_int_equal(inflate_message(deflate_, SIO_SPAN(""), 0, &message), INFLATE_OK);
    assert_int_equal(message.n, 0);
    sio_strbuf_fini(&message);
}

/* 2 MB of zeros in 2 KB: no more than the limit is ever made of it. */
static void test_a_bomb(void **state) {
    (void)state;
    struct sio_strbuf payload = {0}, message = {0};
    char *zeros = calloc(1, 2000000);
    deflate_message(deflate_, sio_span_of(zeros, 2000000), &payload);
    assert_true(payload.n < 2100);
    assert_int_equal(inflate_message(deflate_, sio_strbuf_as_span(&payload), 10000, &message),
                     INFLATE_TOO_BIG);
    assert_true(message.n <= 10001 && message.capacity < 40000);
    free(zeros);
    sio_strbuf_fini(&payload);
    sio_strbuf_fini(&message);
}

static void test_bad_payloads(void **state) {
    (void)state;
    struct sio_strbuf message = {0};
    assert_int_equal(inflate_message(deflate_, SIO_SPAN("\xff\xff\xff"), 100, &message), INFLATE_BAD);
    assert_int_equal(inflate_message(deflate_, SIO_SPAN("\x06"), 100, &message),
                     INFLATE_BAD); /* block type 3 */
    assert_int_equal(inflate_message(deflate_, SIO_SPAN("\xf2\x48\xcd"), 100, &message),
                     INFLATE_BAD); /* cut */
    assert_int_equal(inflate_message(deflate_, SIO_SPAN("\xf2\x48\xcd\xc9\xc9\x07\x00"), 100, &message),
                     INFLATE_OK);
    sio_strbuf_fini(&message); /* … and what was bad has left nothing behind */
}

int main(void) {
#define DEFLATE_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        DEFLATE_TEST(test_offers),         DEFLATE_TEST(test_windows),
        DEFLATE_TEST(test_there_and_back), DEFLATE_TEST(test_payloads_of_the_rfc),
        DEFLATE_TEST(test_empty_messages), DEFLATE_TEST(test_a_bomb),
        DEFLATE_TEST(test_bad_payloads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
