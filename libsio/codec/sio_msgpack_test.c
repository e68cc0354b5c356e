/* Socket.IO packets in msgpack: what a client may send, what closes it, and that what is written is read again. */
#include "base/exact_bytes.h"
#include "codec/packets.h"

enum { NO_ID = -1 };

#define BYTES(literal)                                                                                       \
    { literal, sizeof(literal) - 1 }
#define TYPE(n) "\xa4type" n
#define NSP     "\xa3nsp\xa1/"
#define ID      "\xa2id"
#define DATA                                                                                                 \
    "\xa4"                                                                                                   \
    "data"
#define UNDEF "\xd4\x00\x00"
#define EVENT_E                                                                                              \
    "\x91\xa1"                                                                                               \
    "e"
#define OPTIONS                                                                                              \
    "\xa7options\x81\xa8"                                                                                    \
    "compress\xc3"

static const struct {
    struct sio_span bytes;
    enum sio_type type;
    const char *ns;
    int64_t id;
    const char *json;
    uint32_t attachments;
} good[] = {
    {BYTES("\x82" TYPE("\x00") NSP), SIO_CONNECT, "/", NO_ID, "", 0},
    {BYTES("\x83" TYPE("\x00") NSP DATA UNDEF), SIO_CONNECT, "/", NO_ID, "", 0},
    {BYTES("\x83" TYPE("\x00") DATA "\x81\xa1t\x01" NSP), SIO_CONNECT, "/", NO_ID, "{\"t\":1}", 0},
    {BYTES("\x83" TYPE("\x00") NSP ID "\x07"), SIO_CONNECT, "/", NO_ID, "", 0},
    {BYTES("\x82" TYPE("\x01") "\xa3nsp\xa2/a"), SIO_DISCONNECT, "/a", NO_ID, "", 0},
    {BYTES("\x83" TYPE("\x02") DATA EVENT_E NSP), SIO_EVENT, "/", NO_ID, "[\"e\"]", 0},
    {BYTES("\x83" DATA EVENT_E NSP TYPE("\xcc\x02")), SIO_EVENT, "/", NO_ID, "[\"e\"]", 0},
    {BYTES("\x83" DATA EVENT_E NSP TYPE("\xcb\x40\x00\x00\x00\x00\x00\x00\x00")), SIO_EVENT, "/", NO_ID,
     "[\"e\"]", 0},
    {BYTES("\x84" TYPE("\x02") DATA EVENT_E OPTIONS NSP), SIO_EVENT, "/", NO_ID, "[\"e\"]", 0},
    {BYTES("\x84" TYPE("\x02") DATA EVENT_E NSP ID UNDEF), SIO_EVENT, "/", NO_ID, "[\"e\"]", 0},
    {BYTES("\x84" TYPE("\x02") ID "\x05" DATA EVENT_E NSP), SIO_EVENT, "/", 5, "[\"e\"]", 0},
    {BYTES("\x84" TYPE("\x02") ID "\xcf\x00\x20\x00\x00\x00\x00\x00\x00" DATA EVENT_E NSP), SIO_EVENT, "/",
     INT64_C(1) << 53, "[\"e\"]", 0},
    {BYTES("\x83" TYPE("\x02") DATA "\x91\x07" NSP), SIO_EVENT, "/", NO_ID, "[7]", 0},
    {BYTES("\x83" TYPE("\x02") DATA "\x92\xa1"
                                    "e\xc4\x01\xff" NSP),
     SIO_BINARY_EVENT, "/", NO_ID, "[\"e\",{\"_placeholder\":true,\"num\":0}]", 1},
    {BYTES("\x84" TYPE("\x03") ID "\x05" DATA "\x90" NSP), SIO_ACK, "/", 5, "[]", 0},
    {BYTES("\x84" TYPE("\x03") ID "\x05" DATA "\x91\xc4\x00" NSP), SIO_BINARY_ACK, "/", 5,
     "[{\"_placeholder\":true,\"num\":0}]", 1},
    {BYTES("\x83" TYPE("\x03") DATA "\x90" NSP), SIO_ACK, "/", NO_ID, "", 0},
    /* of two members with one name the last counts */
    {BYTES("\x87" TYPE("\x09") NSP DATA "\x91\xc4\x00" ID "\x01" TYPE("\x02") DATA EVENT_E ID UNDEF),
     SIO_EVENT, "/", NO_ID, "[\"e\"]", 0},
};

/* From a block of exactly that size; `json` is the caller's to free. */
static bool parse(struct sio_span bytes, struct sio_strbuf *json, struct sio_wire *wire,
                  struct sio_span *exact) {
    struct sio_span attachments[SIO_MAX_ATTACHMENTS];
    sio_strbuf_init(json);
    *exact = exact_bytes(bytes);
    return sio_msgpack_parse(*exact, json, attachments, wire);
}

static void good_packets_are_read(void **unused) {
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct sio_strbuf json;
        struct sio_wire wire;
        struct sio_span exact;
        assert_true(parse(good[i].bytes, &json, &wire, &exact));
        assert_int_equal(wire.type, good[i].type);
        assert_true(sio_span_is(wire.ns, good[i].ns));
        assert_int_equal(wire.has_id, good[i].id != NO_ID);
        assert_int_equal(wire.id, good[i].id == NO_ID ? 0 : good[i].id);
        assert_true(sio_span_is(wire.json, good[i].json));
        assert_int_equal(wire.attachments, good[i].attachments);
        sio_strbuf_fini(&json);
        exact_bytes_free(exact);
    }
}

static void cut_anywhere_they_are_refused(void **unused) {
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        for (size_t n = 0; n < good[i].bytes.n; n++) {
            struct sio_strbuf json;
            struct sio_wire wire;
            struct sio_span exact;
            assert_false(parse(sio_span_head(good[i].bytes, n), &json, &wire, &exact));
            sio_strbuf_fini(&json);
            exact_bytes_free(exact);
        }
}

static const struct sio_span bad[] = {
    BYTES(""),
    BYTES("2[\"e\"]"),
    BYTES("\xc0"),
    BYTES("\x90"),
    BYTES("\x80"),
    BYTES("\x83" TYPE("\x02") DATA EVENT_E NSP "\x00"), /* something behind it */
    /* the type */
    BYTES("\x82" NSP DATA EVENT_E),
    BYTES("\x82" TYPE("\xff") NSP),
    BYTES("\x83" TYPE("\x04") NSP DATA "\x80"),
    BYTES("\x83" TYPE("\x05") NSP DATA EVENT_E),
    BYTES("\x83" TYPE("\xa1"
                      "2") NSP DATA EVENT_E),
    BYTES("\x83" TYPE("\xc0") NSP DATA EVENT_E),
    BYTES("\x83" TYPE("\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00") NSP DATA EVENT_E),
    BYTES("\x83" TYPE("\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00") NSP DATA EVENT_E),
    BYTES("\x83" TYPE("\xcf\xff\xff\xff\xff\xff\xff\xff\xff") NSP DATA EVENT_E),
    /* the namespace */
    BYTES("\x82" TYPE("\x02") DATA EVENT_E),
    BYTES("\x83" TYPE("\x02") DATA EVENT_E "\xa3nsp\xa0"),
    BYTES("\x83" TYPE("\x02") DATA EVENT_E "\xa3nsp\xa1"
                                           "a"),
    BYTES("\x83" TYPE("\x02") DATA EVENT_E "\xa3nsp\xc0"),
    BYTES("\x83" TYPE("\x02") DATA EVENT_E "\xa3nsp\xc4\x01/"),
    BYTES("\x83" TYPE("\x02") DATA EVENT_E "\xa3nsp\xa2/\xff"),
    /* the id */
    BYTES("\x84" TYPE("\x02") DATA EVENT_E NSP ID "\xc0"),
    BYTES("\x84" TYPE("\x02") DATA EVENT_E NSP ID "\xa1"
                                                  "1"),
    BYTES("\x84" TYPE("\x02") DATA EVENT_E NSP ID "\xff"),
    BYTES("\x84" TYPE("\x02") DATA EVENT_E NSP ID "\xcf\x00\x20\x00\x00\x00\x00\x00\x01"),
    BYTES("\x84" TYPE("\x02") DATA EVENT_E NSP ID "\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00"),
    /* the data */
    BYTES("\x83" TYPE("\x00") NSP DATA "\xc0"),
    BYTES("\x83" TYPE("\x00") NSP DATA "\x90"),
    BYTES("\x83" TYPE("\x00") NSP DATA "\x81\xa1t\xc4\x00"),
    BYTES("\x83" TYPE("\x01") NSP DATA "\xc0"),
    BYTES("\x83" TYPE("\x01") NSP DATA "\x80"),
    BYTES("\x82" TYPE("\x02") NSP),
    BYTES("\x83" TYPE("\x02") NSP DATA UNDEF),
    BYTES("\x83" TYPE("\x02") NSP DATA "\x80"),
    BYTES("\x83" TYPE("\x02") NSP DATA "\x90"),
    BYTES("\x83" TYPE("\x02") NSP DATA "\x91\xc0"),
    BYTES("\x83" TYPE("\x02") NSP DATA "\x91\xc4\x00"),
    BYTES("\x83" TYPE("\x02") NSP DATA "\x91\xaa"
                                       "disconnect"),
    BYTES("\x83" TYPE("\x03") NSP ID "\x01"),
    BYTES("\x84" TYPE("\x03") NSP ID "\x01" DATA "\x80"),
    /* members */
    BYTES("\x84" TYPE("\x02") NSP DATA EVENT_E "\x01\x02"),
    BYTES("\x84" TYPE("\x02") NSP DATA EVENT_E "\xa1x\xc1"),
    BYTES("\x84" TYPE("\x02") NSP DATA EVENT_E),
    BYTES("\xdf\xff\xff\xff\xff" TYPE("\x02") NSP DATA EVENT_E),
};

static void bad_packets_are_refused(void **unused) {
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sio_strbuf json;
        struct sio_wire wire;
        struct sio_span exact;
        if (parse(bad[i], &json, &wire, &exact)) fail_msg("case %zu was accepted", i);
        sio_strbuf_fini(&json);
        exact_bytes_free(exact);
    }
}

static void attachments_stand_in_the_message(void **unused) {
    static const struct sio_span bytes = BYTES("\x84" OPTIONS TYPE("\x02") DATA "\x93\xa1"
                                                                                "e\xc4\x02"
                                                                                "ab\x91\xc7\x01\x00"
                                                                                "c" NSP);
    struct sio_span attachments[SIO_MAX_ATTACHMENTS];
    struct sio_strbuf json;
    struct sio_wire wire;
    sio_strbuf_init(&json);
    assert_true(sio_msgpack_parse(bytes, &json, attachments, &wire));
    assert_int_equal(wire.attachments, 2);
    assert_span_is(attachments[0], "ab");
    assert_span_is(attachments[1], "c");
    assert_true(attachments[0].p > bytes.p && attachments[0].p < bytes.p + bytes.n);
    sio_strbuf_fini(&json);
}

static void members_passed_over_leave_nothing(void **unused) {
    struct sio_strbuf bytes, json;
    struct sio_wire wire;
    struct sio_span attachments[SIO_MAX_ATTACHMENTS];
    sio_strbuf_init(&bytes);
    sio_strbuf_init(&json);
    sio_strbuf_span(&bytes, (struct sio_span)BYTES("\x84" TYPE("\x02") DATA EVENT_E "\xa1x\xda\x10\x00"));
    for (int i = 0; i < 4096; i++) sio_strbuf_char(&bytes, 'x'); /* the JSON of the data has to move for it */
    sio_strbuf_span(&bytes, (struct sio_span)BYTES(NSP));
    assert_true(sio_msgpack_parse(sio_strbuf_as_span(&bytes), &json, attachments, &wire));
    assert_span_is(wire.json, "[\"e\"]");
    sio_strbuf_fini(&bytes);
    sio_strbuf_fini(&json);
}

static void packets_are_written_whole(void **unused) {
    static const uint64_t id = 300;
    static const struct sio_span one[] = {BYTES("A")};
    static const struct {
        struct sio_outgoing says;
        struct sio_span bytes;
    } cases[] = {
        {{.type = SIO_CONNECT, .ns = BYTES("/"), .json = BYTES("{\"sid\":1}")},
         BYTES("\x83" TYPE("\x00") NSP DATA "\x81\xa3sid\x01")},
        {{.type = SIO_DISCONNECT, .ns = BYTES("/")}, BYTES("\x82" TYPE("\x01") NSP)},
        {{.type = SIO_EVENT, .ns = BYTES("/"), .name = BYTES("e"), .json = BYTES("[]")},
         BYTES("\x83" TYPE("\x02") NSP DATA EVENT_E)},
        {{.type = SIO_EVENT,
          .ns = BYTES("/a"),
          .id = &id,
          .name = BYTES("e"),
          .json = BYTES("[{\"_placeholder\":true,\"num\":0}]"),
          .attachments = one,
          .attachment_count = 1},
         BYTES("\x84" TYPE("\x02") "\xa3nsp\xa2/a" DATA "\x92\xa1"
                                   "e\xc4\x01"
                                   "A" ID "\xcd\x01\x2c")},
        {{.type = SIO_ACK, .ns = BYTES("/"), .id = &id, .json = BYTES("[1]")},
         BYTES("\x84" TYPE("\x03") NSP DATA "\x91\x01" ID "\xcd\x01\x2c")},
        {{.type = SIO_CONNECT_ERROR, .ns = BYTES("/"), .json = BYTES("{\"message\":\"no\"}")},
         BYTES("\x83" TYPE("\x04") NSP DATA "\x81\xa7message\xa2no")},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sio_strbuf out;
        sio_strbuf_init(&out);
        sio_msgpack_write(&out, &cases[i].says);
        assert_true(sio_span_eq(sio_strbuf_as_span(&out), cases[i].bytes));
        sio_strbuf_fini(&out);
    }
}

static void an_event_gets_one_more_argument(void **unused) {
    for (int args = 0; args < 70000; args = args * 2 + 1) { /* heads of every size */
        struct sio_strbuf json, event, longer;
        sio_strbuf_init(&json), sio_strbuf_init(&event), sio_strbuf_init(&longer);
        sio_strbuf_char(&json, '[');
        for (int i = 0; i < args; i++) sio_strbuf_printf(&json, i ? ",%d" : "%d", i % 10);
        sio_strbuf_char(&json, ']');
        struct sio_outgoing says = {.type = SIO_EVENT,
                                    .ns = SIO_SPAN("/ns"),
                                    .name = SIO_SPAN("e"),
                                    .json = sio_strbuf_as_span(&json)};
        sio_msgpack_write(&event, &says);
        sio_msgpack_write_longer(&longer, sio_strbuf_as_span(&event), SIO_SPAN("x9"));
        json.n--;
        sio_strbuf_printf(&json, args ? ",\"x9\"]" : "\"x9\"]");
        says.json = sio_strbuf_as_span(&json);
        sio_strbuf_clear(&event);
        sio_msgpack_write(&event, &says);
        assert_true(sio_span_eq(sio_strbuf_as_span(&event), sio_strbuf_as_span(&longer)));
        sio_strbuf_fini(&json), sio_strbuf_fini(&event), sio_strbuf_fini(&longer);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_packets_are_read),
        cmocka_unit_test(cut_anywhere_they_are_refused),
        cmocka_unit_test(bad_packets_are_refused),
        cmocka_unit_test(attachments_stand_in_the_message),
        cmocka_unit_test(members_passed_over_leave_nothing),
        cmocka_unit_test(packets_are_written_whole),
        cmocka_unit_test(an_event_gets_one_more_argument),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
