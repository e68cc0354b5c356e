/* Socket.IO packets: what a client may send, what closes it, and that what is begun is read again. */
#include "base/exact_bytes.h"
#include "codec/packets.h"
#include "codec/sio_placeholder.h"
#include "sio_json.h"

enum { NO_ID = -1 };

struct example {
    const char *text;
    enum sio_type type;
    uint32_t attachments;
    const char *ns;
    int64_t id;
    const char *json;
};

static const struct example good[] = {
    {"0", SIO_CONNECT, 0, "/", NO_ID, ""},
    {"0{}", SIO_CONNECT, 0, "/", NO_ID, "{}"},
    {"0{\"token\":\"t\"}", SIO_CONNECT, 0, "/", NO_ID, "{\"token\":\"t\"}"},
    {"0/,", SIO_CONNECT, 0, "/", NO_ID, ""},
    {"0/admin", SIO_CONNECT, 0, "/admin", NO_ID, ""},
    {"0/admin,", SIO_CONNECT, 0, "/admin", NO_ID, ""},
    {"0/admin?a=b,{}", SIO_CONNECT, 0, "/admin?a=b", NO_ID, "{}"},
    {"0/admin/deeper,{\"a\":[1,2]}", SIO_CONNECT, 0, "/admin/deeper", NO_ID, "{\"a\":[1,2]}"},
    {"01", SIO_CONNECT, 0, "/", NO_ID, ""},
    {"07{}", SIO_CONNECT, 0, "/", NO_ID, "{}"},
    {"1", SIO_DISCONNECT, 0, "/", NO_ID, ""},
    {"1/ns,", SIO_DISCONNECT, 0, "/ns", NO_ID, ""},
    {"1/ns", SIO_DISCONNECT, 0, "/ns", NO_ID, ""},
    {"2", SIO_EVENT, 0, "/", NO_ID, ""},
    {"2[\"e\"]", SIO_EVENT, 0, "/", NO_ID, "[\"e\"]"},
    {"2[\"\"]", SIO_EVENT, 0, "/", NO_ID, "[\"\"]"},
    {"2[\"error\"]", SIO_EVENT, 0, "/", NO_ID, "[\"error\"]"},
    {"2[\"Connect\"]", SIO_EVENT, 0, "/", NO_ID, "[\"Connect\"]"},
    {"2[1]", SIO_EVENT, 0, "/", NO_ID, "[1]"},
    {"2[-1.5e3,{}]", SIO_EVENT, 0, "/", NO_ID, "[-1.5e3,{}]"},
    {"2[ \"e\" , null ]", SIO_EVENT, 0, "/", NO_ID, "[ \"e\" , null ]"},
    {"2[\"e\"]\n", SIO_EVENT, 0, "/", NO_ID, "[\"e\"]"},
    {"2[\"e\",{\"_placeholder\":true,\"num\":7}]", SIO_EVENT, 0, "/", NO_ID,
     "[\"e\",{\"_placeholder\":true,\"num\":7}]"},
    {"20[\"e\"]", SIO_EVENT, 0, "/", 0, "[\"e\"]"},
    {"2456[\"e\"]", SIO_EVENT, 0, "/", 456, "[\"e\"]"},
    {"2007[\"e\"]", SIO_EVENT, 0, "/", 7, "[\"e\"]"},
    {"2000000000000000000000000000000012[\"e\"]", SIO_EVENT, 0, "/", 12, "[\"e\"]"},
    {"2 [\"e\"]", SIO_EVENT, 0, "/", 0, "[\"e\"]"},
    {"2 5 [\"e\"]", SIO_EVENT, 0, "/", 5, "[\"e\"]"},
    {"29007199254740992[\"e\"]", SIO_EVENT, 0, "/", 9007199254740992, "[\"e\"]"},
    {"2/admin,456[\"e\",{}]", SIO_EVENT, 0, "/admin", 456, "[\"e\",{}]"},
    {"2/admin", SIO_EVENT, 0, "/admin", NO_ID, ""},
    {"3", SIO_ACK, 0, "/", NO_ID, ""},
    {"312", SIO_ACK, 0, "/", 12, ""},
    {"3[]", SIO_ACK, 0, "/", NO_ID, ""},
    {"312[]", SIO_ACK, 0, "/", 12, "[]"},
    {"3/admin,13[{},1]", SIO_ACK, 0, "/admin", 13, "[{},1]"},
    {"51-[\"e\",{\"_placeholder\":true,\"num\":0}]", SIO_BINARY_EVENT, 1, "/", NO_ID,
     "[\"e\",{\"_placeholder\":true,\"num\":0}]"},
    {"510-/a,9[\"e\"]", SIO_BINARY_EVENT, 10, "/a", 9, "[\"e\"]"},
    {"5255-/a,9[\"e\"]", SIO_BINARY_EVENT, 255, "/a", 9, "[\"e\"]"},
    {"52-[\"e\",{\"_placeholder\":true,\"num\":1},{\"num\":1,\"_placeholder\":true}]", SIO_BINARY_EVENT, 2,
     "/", NO_ID, "[\"e\",{\"_placeholder\":true,\"num\":1},{\"num\":1,\"_placeholder\":true}]"},
    {"62-/admin,789[{\"_placeholder\":true,\"num\":0}]", SIO_BINARY_ACK, 2, "/admin", 789,
     "[{\"_placeholder\":true,\"num\":0}]"},
    {"61-[]", SIO_BINARY_ACK, 1, "/", NO_ID, ""},
};

static const char *const bad[] = {
    "", "7", "9", "a", "abc", "-1", " 0",
    /* CONNECT: an object or nothing */
    "0[]", "0\"s\"", "0null", "0true", "0{", "0{}x", "0/a,[]", "0/a,{}{}", "0,",
    /* DISCONNECT: nothing */
    "1{}", "1,", "1null", "1/ns,{}",
    /* EVENT: an array that begins with a name */
    "2{}", "2[]", "2\"e\"", "2null", "2[null]", "2[true]", "2[{}]", "2[[]]", "2abc", "2abc[\"e\"]", "2[\"e\"",
    "2[\"e\"]]", "2[\"e\",]", "2[\"e\",NaN]", "2[\"e\",01]", "2[\"e\",\"\x01\"]", "2[\"e\"]x", "2[\"e\xff\"]",
    "2[\"connect\"]", "2[\"connect_error\"]", "2[\"disconnect\"]", "2[\"disconnecting\"]",
    "2[\"newListener\"]", "2[\"removeListener\"]", "2[\"\\u0063onnect\"]", "2/a,[\"disconnect\",1]",
    /* ids */
    "2-1[\"e\"]", "21.5[\"e\"]", "21e3[\"e\"]", "2+1[\"e\"]", "21 2[\"e\"]", "29007199254740993[\"e\"]",
    "218446744073709551617[\"e\"]", "299999999999999999999999999999999[\"e\"]", "20x1[\"e\"]",
    /* ACK: an array */
    "31{}", "31null", "3\"x\"", "31[", "3/a,1{}",
    /* CONNECT_ERROR is the server's alone */
    "4", "4{}", "4/a,{\"message\":\"m\"}",
    /* binary types: 1 to 10 attachments, a payload, placeholders that name one of them */
    "5", "5-", "5[\"e\"]", "50-[\"e\"]", "5-1-[\"e\"]", "5256-[\"e\"]", "51000-[\"e\"]", "51[\"e\"]", "51",
    "51-", "501-[\"e\"]", "51.0-[\"e\"]", "51e0-[\"e\"]", "5 1-[\"e\"]", "51-{}", "51-[]", "51-[\"connect\"]",
    "6[]", "60-[]", "61-", "61-{}", "54294967297-[\"e\"]", "51-[\"e\",{\"_placeholder\":true,\"num\":1}]",
    "51-[\"e\",{\"_placeholder\":true,\"num\":-1}]", "51-[\"e\",{\"_placeholder\":true,\"num\":1.0}]",
    "51-[\"e\",{\"_placeholder\":true}]", "51-[\"e\",{\"_placeholder\":true,\"num\":\"0\"}]",
    "61-1[{\"_placeholder\":true,\"num\":1}]", "0/\xff,{}", /* a namespace in no encoding */
};

static bool parse_exact(struct sio_span text, struct sio_wire *wire, struct sio_span *exact) {
    *exact = exact_bytes(text);
    return sio_wire_parse(*exact, wire);
}

static void good_packets_are_read(void **unused) {
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const struct example *e = &good[i];
        struct sio_wire wire;
        struct sio_span exact;
        if (!parse_exact(sio_span_cstr(e->text), &wire, &exact)) fail_msg("refused: %s", e->text);
        assert_int_equal(wire.type, e->type);
        assert_int_equal(wire.attachments, e->attachments);
        assert_true(sio_span_is(wire.ns, e->ns));
        assert_int_equal(wire.has_id, e->id != NO_ID);
        assert_int_equal(wire.id, e->id == NO_ID ? 0 : e->id);
        assert_true(sio_span_is(wire.json, e->json));
        exact_bytes_free(exact);
    }
}

static void bad_packets_are_refused(void **unused) {
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sio_wire wire;
        struct sio_span exact;
        if (parse_exact(sio_span_cstr(bad[i]), &wire, &exact)) fail_msg("accepted: %s", bad[i]);
        exact_bytes_free(exact);
    }
    struct sio_wire wire;
    assert_false(sio_wire_parse(SIO_SPAN("2[\"e\"]\0"), &wire));
    assert_false(sio_wire_parse(SIO_SPAN("2\0[\"e\"]"), &wire));
    assert_false(sio_wire_parse((struct sio_span){0}, &wire));
}

/* A packet has an end of its own, so a piece of one is another packet or none: never more than was there. */
static void a_packet_cut_anywhere_is_refused_or_smaller(void **unused) {
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        for (size_t n = 0; n < strlen(good[i].text); n++) {
            struct sio_wire wire;
            struct sio_span exact;
            bool ok = parse_exact(sio_span_of(good[i].text, n), &wire, &exact);
            bool json_whole = ok && wire.json.n > 0;
            /* With its JSON cut a packet is never read, unless the cut took blanks alone. */
            if (json_whole) assert_true(sio_span_is(wire.json, good[i].json));
            exact_bytes_free(exact);
        }
}

static void what_is_begun_is_read_again(void **unused) {
    static const struct {
        enum sio_type type;
        uint32_t attachments;
        const char *ns;
        bool has_id;
        uint64_t id;
        const char *expected;
    } cases[] = {
        {SIO_CONNECT, 0, "/", false, 0, "0"},        {SIO_CONNECT, 0, "/admin", false, 0, "0/admin,"},
        {SIO_DISCONNECT, 0, "/", false, 0, "1"},     {SIO_EVENT, 0, "/", false, 0, "2"},
        {SIO_EVENT, 0, "/", true, 0, "20"},          {SIO_EVENT, 0, "/a", true, 12, "2/a,12"},
        {SIO_ACK, 0, "/", true, 456, "3456"},        {SIO_CONNECT_ERROR, 0, "/random", false, 0, "4/random,"},
        {SIO_BINARY_EVENT, 2, "/", false, 0, "52-"}, {SIO_BINARY_ACK, 10, "/a", true, 789, "610-/a,789"},
    };
    struct sio_strbuf out;
    sio_strbuf_init(&out);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sio_strbuf_clear(&out);
        sio_wire_begin(&out, cases[i].type, cases[i].attachments, sio_span_cstr(cases[i].ns), cases[i].has_id,
                       cases[i].id);
        assert_true(sio_span_is(sio_strbuf_as_span(&out), cases[i].expected));
    }
    sio_strbuf_lit(&out, "[\"x\"]"); /* behind the binary ack */
    struct sio_wire wire;
    assert_true(sio_wire_parse(sio_strbuf_as_span(&out), &wire));
    assert_int_equal(wire.id, 789);
    sio_strbuf_fini(&out);
}

static void packets_are_written_whole(void **unused) {
    static const uint64_t id = 7;
    static const struct {
        struct sio_outgoing says;
        const char *expected;
    } cases[] = {
        {{.type = SIO_CONNECT, .ns = {"/", 1}, .json = {"{\"sid\":1}", 9}}, "0{\"sid\":1}"},
        {{.type = SIO_DISCONNECT, .ns = {"/a", 2}}, "1/a,"},
        {{.type = SIO_EVENT, .ns = {"/", 1}, .name = {"e\"", 2}, .json = {"[]", 2}}, "2[\"e\\\"\"]"},
        {{.type = SIO_EVENT, .ns = {"/", 1}, .name = {"e", 1}, .json = {"[ \t]", 4}}, "2[\"e\"]"},
        {{.type = SIO_EVENT, .ns = {"/a", 2}, .id = &id, .name = {"e", 1}, .json = {"[1,2]", 5}},
         "2/a,7[\"e\",1,2]"},
        {{.type = SIO_EVENT, .ns = {"/", 1}, .name = {"e", 1}, .json = {"[1]", 3}, .attachment_count = 2},
         "52-[\"e\",1]"},
        {{.type = SIO_ACK, .ns = {"/", 1}, .id = &id, .json = {"[]", 2}}, "37[]"},
        {{.type = SIO_ACK, .ns = {"/", 1}, .id = &id, .json = {"[1]", 3}, .attachment_count = 1}, "61-7[1]"},
        {{.type = SIO_CONNECT_ERROR, .ns = {"/a", 2}, .json = {"{}", 2}}, "4/a,{}"},
    };
    struct sio_strbuf out;
    sio_strbuf_init(&out);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        sio_strbuf_clear(&out);
        sio_wire_write(&out, &cases[i].says);
        assert_true(sio_span_is(sio_strbuf_as_span(&out), cases[i].expected));
    }
    sio_strbuf_fini(&out);
}

static void an_event_gets_one_more_argument(void **unused) {
    static const char *const cases[][2] = {
        {"42[\"e\"]", "42[\"e\",\"x9\"]"},
        {"42/a,[\"e\",[1],{}] \n", "42/a,[\"e\",[1],{},\"x9\"]"},
        {"451-[\"e\",{\"_placeholder\":true,\"num\":0}]",
         "451-[\"e\",{\"_placeholder\":true,\"num\":0},\"x9\"]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sio_strbuf out;
        sio_strbuf_init(&out);
        sio_wire_write_longer(&out, sio_span_cstr(cases[i][0]), SIO_SPAN("x9"));
        assert_true(sio_span_is(sio_strbuf_as_span(&out), cases[i][1]));
        sio_strbuf_fini(&out);
    }
}

static bool placeholders_valid(const char *text, uint32_t attachments) {
    struct sio_span exact = exact_bytes(sio_span_cstr(text)), value;
    assert_true(sio_json_check(exact, &value));
    bool valid = sio_placeholders_valid(value, attachments);
    exact_bytes_free(exact);
    return valid;
}

static void placeholders_are_found_wherever_they_are(void **unused) {
    assert_true(placeholders_valid("[{\"a\":[{\"_placeholder\" : true , \"num\" : 1 }]}]", 2));
    assert_false(placeholders_valid("[{\"a\":[{\"_placeholder\" : true , \"num\" : 2 }]}]", 2));
    assert_false(placeholders_valid("[{\"\\u005fplaceholder\":true,\"num\":2}]", 2));
    assert_false(placeholders_valid("{\"num\":9,\"_placeholder\":true}", 2));
    assert_true(
        placeholders_valid("[{\"_placeholder\":true,\"num\":0.5},{\"_placeholder\":true,\"num\":1e0}]", 2));
    assert_false(placeholders_valid("[{\"_placeholder\":true,\"num\":-0.5}]", 2));
    assert_false(placeholders_valid("[{\"_placeholder\":true,\"num\":1e400}]", 2));
    assert_false(placeholders_valid("[{\"_placeholder\":true,\"n\":{\"num\":0}}]", 1));
    assert_false(placeholders_valid("[{\"a\":{\"_placeholder\":true},\"num\":0}]", 1));
    /* the last of two members counts */
    assert_true(placeholders_valid("[{\"_placeholder\":true,\"num\":9,\"num\":0}]", 1));
    assert_false(placeholders_valid("[{\"_placeholder\":true,\"num\":0,\"num\":[]}]", 1));
    assert_true(placeholders_valid("[{\"_placeholder\":true,\"num\":9,\"_placeholder\":{}}]", 1));
}

static void what_only_looks_like_a_placeholder_is_left_alone(void **unused) {
    assert_true(placeholders_valid("[\"_placeholder\",true,{\"_placeholder\":false,\"num\":9}]", 1));
    assert_true(placeholders_valid("[{\"_placeholder\":\"true\",\"num\":9},{\"_placeholder\":1}]", 1));
    assert_true(
        placeholders_valid("[{\"x\":\"_placeholder\",\"y\":true},\"{\\\"_placeholder\\\":true}\"]", 1));
    assert_true(placeholders_valid("[{\"_placeholder\":[true]},{\"_placeholder\":null}]", 1));
    assert_true(placeholders_valid("true", 1));
    assert_true(placeholders_valid("\"_placeholder\"", 1));
}

static void nesting_costs_one_pass(void **unused) {
    enum { DEPTH = SIO_JSON_MAX_DEPTH, FILL = 200000 };
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    sio_strbuf_lit(&text, "51-");
    sio_strbuf_lit(&text, "[\"e\"");
    for (int i = 0; i < DEPTH - 1; i++) sio_strbuf_lit(&text, ",[1");
    for (int i = 0; i < FILL; i++) sio_strbuf_lit(&text, ",1");
    for (int i = 0; i < DEPTH; i++) sio_strbuf_char(&text, ']');
    struct sio_wire wire;
    assert_true(sio_wire_parse(sio_strbuf_as_span(&text), &wire));
    sio_strbuf_fini(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_packets_are_read),
        cmocka_unit_test(bad_packets_are_refused),
        cmocka_unit_test(a_packet_cut_anywhere_is_refused_or_smaller),
        cmocka_unit_test(what_is_begun_is_read_again),
        cmocka_unit_test(packets_are_written_whole),
        cmocka_unit_test(an_event_gets_one_more_argument),
        cmocka_unit_test(placeholders_are_found_wherever_they_are),
        cmocka_unit_test(what_only_looks_like_a_placeholder_is_left_alone),
        cmocka_unit_test(nesting_costs_one_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
