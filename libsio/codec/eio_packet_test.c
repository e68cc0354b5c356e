/* Engine.IO packets: every type, everything that is none, and polling bodies cut into their packets. */
#include "base/exact_bytes.h"
#include "codec/packets.h"

static void every_type_is_read(void **unused) {
    for (char type = '0'; type <= '6'; type++) {
        char text[] = {type, 'h', 'i'};
        struct sio_span exact = exact_bytes(sio_span_of(text, sizeof text));
        struct eio_packet packet;
        assert_true(eio_packet_parse(exact, &packet));
        assert_int_equal(packet.type, type - '0');
        assert_false(packet.binary);
        assert_span_is(packet.data, "hi");
        exact_bytes_free(exact);
    }
    struct eio_packet packet;
    assert_true(eio_packet_parse(SIO_SPAN("2probe"), &packet));
    assert_int_equal(packet.type, EIO_PING);
    assert_span_is(packet.data, "probe");
    assert_true(eio_packet_parse(SIO_SPAN("4"), &packet));
    assert_int_equal(packet.data.n, 0);
}

static void a_b_is_a_binary_message(void **unused) {
    struct eio_packet packet;
    assert_true(eio_packet_parse(SIO_SPAN("bAQID"), &packet));
    assert_int_equal(packet.type, EIO_MESSAGE);
    assert_true(packet.binary);
    assert_span_is(packet.data, "AQID");
    assert_true(eio_packet_parse(SIO_SPAN("b"), &packet));
    assert_int_equal(packet.data.n, 0);
}

static void all_else_is_no_packet(void **unused) {
    struct eio_packet packet;
    assert_false(eio_packet_parse(SIO_SPAN(""), &packet));
    assert_false(eio_packet_parse((struct sio_span){0}, &packet));
    for (unsigned c = 0; c < 256; c++) {
        char text[] = {(char)c, 'x'};
        bool known = (c >= '0' && c <= '6') || c == 'b';
        assert_int_equal(eio_packet_parse(sio_span_of(text, 2), &packet), known);
    }
}

/* The packets of a body, each followed by "|". */
static void assert_packets(struct sio_span body, const char *expected) {
    struct sio_span rest = exact_bytes(body), whole = rest, packet;
    struct sio_strbuf seen;
    bool first = true;
    sio_strbuf_init(&seen);
    while (eio_payload_next(&rest, &first, &packet)) {
        sio_strbuf_span(&seen, packet);
        sio_strbuf_char(&seen, '|');
    }
    assert_false(eio_payload_next(&rest, &first, &packet));
    assert_true(sio_span_is(sio_strbuf_as_span(&seen), expected));
    sio_strbuf_fini(&seen);
    exact_bytes_free(whole);
}

static void bodies_are_cut_into_packets(void **unused) {
    assert_packets(SIO_SPAN("4a"), "4a|");
    assert_packets(SIO_SPAN("4a\x1e"
                            "4b\x1e"
                            "bAQID"),
                   "4a|4b|bAQID|");
    assert_packets(SIO_SPAN("3\x1e"
                            "1"),
                   "3|1|");
}

static void empty_packets_are_seen(void **unused) {
    assert_packets(SIO_SPAN(""), "|");
    assert_packets((struct sio_span){0}, "|");
    assert_packets(SIO_SPAN("4a\x1e"), "4a||");
    assert_packets(SIO_SPAN("\x1e"
                            "4a"),
                   "|4a|");
    assert_packets(SIO_SPAN("\x1e"), "||");
    assert_packets(SIO_SPAN("4a\x1e\x1e"
                            "4b"),
                   "4a||4b|");
}

/* Cut anywhere, a body still falls into its packets: no more and no fewer than there are separators. */
static void a_body_cut_anywhere_loses_nothing(void **unused) {
    const struct sio_span body = SIO_SPAN("4hello\x1e"
                                          "2\x1e"
                                          "bAQIDBA==\x1e"
                                          "4\xc3\xa9");
    for (size_t n = 0; n <= body.n; n++) {
        struct sio_span rest = exact_bytes(sio_span_head(body, n)), whole = rest, packet;
        size_t bytes = 0, packets = 0;
        bool first = true;
        for (; eio_payload_next(&rest, &first, &packet); packets++) bytes += packet.n;
        assert_int_equal(bytes + packets - 1, n);
        exact_bytes_free(whole);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_read),     cmocka_unit_test(a_b_is_a_binary_message),
        cmocka_unit_test(all_else_is_no_packet),  cmocka_unit_test(bodies_are_cut_into_packets),
        cmocka_unit_test(empty_packets_are_seen), cmocka_unit_test(a_body_cut_anywhere_loses_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
