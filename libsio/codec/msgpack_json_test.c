/* msgpack as JSON and back: what each value becomes, how deep, how large, and who only looks like binary. */
#include "base/exact_bytes.h"
#include "codec/msgpack.h"
#include "codec/msgpack_json.h"
#include "codec/packets.h"
#include "sio_json.h"

#define BYTES(literal)                                                                                       \
    { literal, sizeof(literal) - 1 }
#define PLACEHOLDER(n) "{\"_placeholder\":true,\"num\":" #n "}"

/* Reads `bytes`, from a block of exactly their size; true if they are one whole value. */
static bool to_json(struct sio_span bytes, struct sio_strbuf *json, uint32_t *count) {
    struct sio_span attachments[SIO_MAX_ATTACHMENTS], exact = exact_bytes(bytes), rest = exact;
    bool fine = msgpack_to_json(&rest, json, attachments, count) && rest.n == 0;
    exact_bytes_free(exact);
    return fine;
}

static const struct {
    struct sio_span bytes;
    const char *json;
    uint32_t attachments;
} examples[] = {
    {BYTES("\xc0"), "null", 0},
    {BYTES("\xc3"), "true", 0},
    {BYTES("\x93\xc2\x01\xff"), "[false,1,-1]", 0},
    {BYTES("\x82\xa1"
           "a\x01\xa1"
           "b\x90"),
     "{\"a\":1,\"b\":[]}", 0},
    {BYTES("\x81\xa1"
           "a\x81\xa0\x80"),
     "{\"a\":{\"\":{}}}", 0},
    {BYTES("\xcf\xff\xff\xff\xff\xff\xff\xff\xff"), "18446744073709551615", 0},
    {BYTES("\xd3\x80\x00\x00\x00\x00\x00\x00\x00"), "-9223372036854775808", 0},
    {BYTES("\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"), "null", 0},
    {BYTES("\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00"), "null", 0},
    {BYTES("\xcb\x80\x00\x00\x00\x00\x00\x00\x00"), "0", 0},
    {BYTES("\xca\x3d\xcc\xcc\xcd"), "0.10000000149011612", 0},
    {BYTES("\xa4\xf0\x9f\x98\x80"), "\"\xf0\x9f\x98\x80\"", 0},
    {BYTES("\xa3\"\\\x01"), "\"\\\"\\\\\\u0001\"", 0},
    /* undefined */
    {BYTES("\xd4\x00\x00"), "null", 0},
    {BYTES("\x92\xd4\x00\x00\x01"), "[null,1]", 0},
    {BYTES("\x82\xa1"
           "a\xd4\x00\x00\xa1"
           "b\x01"),
     "{\"b\":1}", 0},
    {BYTES("\x81\xa1"
           "a\xd4\x00\x00"),
     "{}", 0},
    /* dates */
    {BYTES("\xd7\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "\"1970-01-01T00:00:00.000Z\"", 0},
    {BYTES("\xd7\x00\xff\xff\xff\xff\xff\xff\xff\xff"), "\"1969-12-31T23:59:59.999Z\"", 0},
    {BYTES("\xd7\x00\x00\x1e\xb2\x08\xc2\xdc\x00\x00"), "\"+275760-09-13T00:00:00.000Z\"", 0},
    {BYTES("\xd7\x00\xff\xe1\x4d\xf7\x3d\x24\x00\x00"), "\"-271821-04-20T00:00:00.000Z\"", 0},
    {BYTES("\xd7\x00\x00\x1e\xb2\x08\xc2\xdc\x00\x01"), "null", 0},
    {BYTES("\xd7\x00\x80\x00\x00\x00\x00\x00\x00\x00"), "null", 0},
    /* binary */
    {BYTES("\xc4\x01\xff"), PLACEHOLDER(0), 1},
    {BYTES("\x92\xc4\x00\x81\xa1"
           "a\xc7\x01\x00\xee"),
     "[" PLACEHOLDER(0) ",{\"a\":" PLACEHOLDER(1) "}]", 2},
    {BYTES("\xd4\x05\xaa"), "[5," PLACEHOLDER(0) "]", 1},
    {BYTES("\xd6\xff\x01\x02\x03\x04"), "[-1," PLACEHOLDER(0) "]", 1},
    {BYTES("\xd5\x00\x01\x02"), "[0," PLACEHOLDER(0) "]", 1},
    {BYTES("\xc7\x01\x09\xaa"), "[9," PLACEHOLDER(0) "]", 1},
    /* keys */
    {BYTES("\x82\x05\x01\xff\x02"), "{\"5\":1,\"-1\":2}", 0},
    {BYTES("\x82\xa1"
           "a\x01\xa1"
           "a\x02"),
     "{\"a\":1,\"a\":2}", 0},
    {BYTES("\x81\xa1\"\x01"), "{\"\\\"\":1}", 0},
    /* who only looks like binary */
    {BYTES("\x82\xac_placeholder\xc3\xa3num\x00"), PLACEHOLDER(0), 0},
    {BYTES("\x92\xc4\x00\x82\xac_placeholder\xc2\xa3num\x00"),
     "[" PLACEHOLDER(0) ",{\"_placeholder\":false,\"num\":0}]", 1},
    {BYTES("\x92\xc4\x00\xac_placeholder"), "[" PLACEHOLDER(0) ",\"_placeholder\"]", 1},
};

static void values_become_json(void **unused) {
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct sio_strbuf json;
        struct sio_span value;
        uint32_t count;
        sio_strbuf_init(&json);
        assert_true(to_json(examples[i].bytes, &json, &count));
        assert_true(sio_span_is(sio_strbuf_as_span(&json), examples[i].json));
        assert_true(sio_json_check(sio_strbuf_as_span(&json), &value));
        assert_int_equal(count, examples[i].attachments);
        sio_strbuf_fini(&json);
    }
}

static void cut_anywhere_they_are_refused(void **unused) {
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        for (size_t n = 0; n < examples[i].bytes.n; n++) {
            struct sio_strbuf json;
            uint32_t count;
            sio_strbuf_init(&json);
            assert_false(to_json(sio_span_head(examples[i].bytes, n), &json, &count));
            sio_strbuf_fini(&json);
        }
}

static void what_has_no_json_is_refused(void **unused) {
    static const struct sio_span bad[] = {
        BYTES(""),
        BYTES("\xc1"),
        BYTES("\x91\xc1"),
        BYTES("\x81\xc0\x01"), /* keys: nil, */
        BYTES("\x81\xc3\x01"), /* true, */
        BYTES("\x81\xc4\x01"
              "a\x01"),        /* binary, */
        BYTES("\x81\x90\x01"), /* an array, */
        BYTES("\x81\xca\x3f\x00\x00\x00\x01"),
        BYTES("\x81\xa1\xff\x01"),
        BYTES("\x81\xd4\x00\x00\x01"),
        BYTES("\x81\xc0\xd4\x00\x00\x01"), /* also where the member would be left out */
        /* an imitation beside binary, before and behind it */
        BYTES("\x92\xc4\x00\x82\xac_placeholder\xc3\xa3num\x00"),
        BYTES("\x92\x82\xac_placeholder\xc3\xa3num\x09\xc4\x00"),
        BYTES("\x81\xac_placeholder\xc3\xc4\x00"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct sio_strbuf json;
        uint32_t count;
        sio_strbuf_init(&json);
        assert_false(to_json(bad[i], &json, &count));
        sio_strbuf_fini(&json);
    }
}

static void only_so_many_attachments(void **unused) {
    struct sio_strbuf bytes, json;
    uint32_t count;
    sio_strbuf_init(&bytes);
    sio_strbuf_init(&json);
    sio_strbuf_add(&bytes, (char[]){(char)0xdc, 0, (char)SIO_MAX_ATTACHMENTS},
                   3); /* an array with a 16-bit count */
    for (int i = 0; i < SIO_MAX_ATTACHMENTS; i++) msgpack_write_bin(&bytes, SIO_SPAN("x"));
    assert_true(to_json(sio_strbuf_as_span(&bytes), &json, &count));
    assert_int_equal(count, SIO_MAX_ATTACHMENTS);
    bytes.p[1] = 1;
    bytes.p[2] = 0;
    msgpack_write_bin(&bytes, SIO_SPAN("x"));
    assert_false(to_json(sio_strbuf_as_span(&bytes), &json, &count));
    sio_strbuf_fini(&bytes);
    sio_strbuf_fini(&json);
}

static bool nested_is_read(char head, size_t depth, struct sio_span inside) {
    struct sio_strbuf bytes, json;
    uint32_t count;
    struct sio_span value;
    sio_strbuf_init(&bytes);
    sio_strbuf_init(&json);
    for (size_t i = 0; i < depth; i++) {
        sio_strbuf_char(&bytes, head);
        if (head == (char)0x81) sio_strbuf_char(&bytes, 0);
    }
    sio_strbuf_span(&bytes, inside);
    bool fine = to_json(sio_strbuf_as_span(&bytes), &json, &count);
    if (fine) assert_true(sio_json_check(sio_strbuf_as_span(&json), &value));
    sio_strbuf_fini(&bytes);
    sio_strbuf_fini(&json);
    return fine;
}

static void depth_is_that_of_json(void **unused) {
    enum { MOST = SIO_JSON_MAX_DEPTH };
    assert_true(nested_is_read((char)0x91, MOST, SIO_SPAN("\xc0")));
    assert_true(nested_is_read((char)0x81, MOST, SIO_SPAN("\xc0")));
    assert_false(nested_is_read((char)0x91, MOST, SIO_SPAN("\x90")));
    assert_false(nested_is_read((char)0x91, MOST, SIO_SPAN("\x80")));
    assert_false(nested_is_read((char)0x91, 100000, SIO_SPAN("\xc0")));
    assert_true(
        nested_is_read((char)0x91, MOST - 1, SIO_SPAN("\xc4\x00"))); /* the placeholder is an object */
    assert_false(nested_is_read((char)0x91, MOST, SIO_SPAN("\xc4\x00")));
    assert_true(nested_is_read((char)0x91, MOST - 2, SIO_SPAN("\xd4\x05\x00")));
    assert_false(nested_is_read((char)0x91, MOST - 1, SIO_SPAN("\xd4\x05\x00")));
}

/* A count or a length is believed only as far as there are bytes. */
static void sizes_that_lie_take_no_memory(void **unused) {
    static const struct sio_span lies[] = {
        BYTES("\xdd\xff\xff\xff\xff"),     BYTES("\xdf\xff\xff\xff\xff\x00\x00\x00"),
        BYTES("\x91\xdd\x00\x00\x00\x02"), BYTES("\xdb\x7f\xff\xff\xff"),
        BYTES("\xc6\xff\xff\xff\xff\x00"), BYTES("\xc9\xff\xff\xff\xff\x00\x00"),
        BYTES("\xdc\xff\xff\x00"),         BYTES("\x91\x9f\x9f\x9f\x9f"),
    };
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++) {
        struct sio_strbuf json;
        uint32_t count;
        sio_strbuf_init(&json);
        assert_false(to_json(lies[i], &json, &count));
        assert_true(json.capacity <= 64);
        sio_strbuf_fini(&json);
    }
}

/* ---- from JSON ---- */

static const struct sio_span two[] = {BYTES("A"), BYTES("BB")};

static const struct {
    const char *json;
    size_t attachments; /* of `two` */
    struct sio_span bytes;
} written[] = {
    {"null", 0, BYTES("\xc0")},
    {" [ true , false ] ", 0, BYTES("\x92\xc3\xc2")},
    {"{\"a\":1,\"b\":[-1,\"x\"]}", 0,
     BYTES("\x82\xa1"
           "a\x01\xa1"
           "b\x92\xff\xa1x")},
    {"[]", 0, BYTES("\x90")},
    {"{}", 0, BYTES("\x80")},
    {"[[],{}]", 0, BYTES("\x92\x90\x80")},
    {"18446744073709551615", 0, BYTES("\xcf\xff\xff\xff\xff\xff\xff\xff\xff")},
    {"18446744073709551616", 0, BYTES("\xcb\x43\xf0\x00\x00\x00\x00\x00\x00")},
    {"-9223372036854775808", 0, BYTES("\xd3\x80\x00\x00\x00\x00\x00\x00\x00")},
    {"1.0", 0, BYTES("\x01")},
    {"1e3", 0, BYTES("\xcd\x03\xe8")},
    {"-0", 0, BYTES("\x00")},
    {"-0.0", 0, BYTES("\x00")},
    {"0.5", 0, BYTES("\xcb\x3f\xe0\x00\x00\x00\x00\x00\x00")},
    {"1e400", 0, BYTES("\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00")},
    {"-1e400", 0, BYTES("\xcb\xff\xf0\x00\x00\x00\x00\x00\x00")},
    {"\"\\ud83d\\ude00\\n\"", 0, BYTES("\xa5\xf0\x9f\x98\x80\n")},
    {"\"\\ud83d\"", 0, BYTES("\xa3\xef\xbf\xbd")},
    {"[" PLACEHOLDER(1) "," PLACEHOLDER(0) "]", 2,
     BYTES("\x92\xc4\x02"
           "BB\xc4\x01"
           "A")},
    {"{\"x\":{ \"num\" : 0 , \"_placeholder\" : true } }", 1,
     BYTES("\x81\xa1x\xc4\x01"
           "A")},
    /* who only looks like a placeholder */
    {PLACEHOLDER(0), 0, BYTES("\x82\xac_placeholder\xc3\xa3num\x00")},
    {PLACEHOLDER(1), 1, BYTES("\x82\xac_placeholder\xc3\xa3num\x01")},
    {"{\"_placeholder\":true}", 1, BYTES("\x81\xac_placeholder\xc3")},
    {"{\"_placeholder\":1,\"num\":0}", 1, BYTES("\x82\xac_placeholder\x01\xa3num\x00")},
    {"{\"num\":0,\"num\":0}", 1, BYTES("\x82\xa3num\x00\xa3num\x00")},
    {"{\"_placeholder\":true,\"num\":0,\"x\":1}", 1, BYTES("\x83\xac_placeholder\xc3\xa3num\x00\xa1x\x01")},
    {"{\"_placeholder\":true,\"num\":0.5}", 1,
     BYTES("\x82\xac_placeholder\xc3\xa3num\xcb\x3f\xe0\x00\x00\x00\x00\x00\x00")},
};

static void json_becomes_msgpack(void **unused) {
    for (size_t i = 0; i < sizeof written / sizeof *written; i++) {
        struct sio_span exact = exact_bytes(sio_span_cstr(written[i].json));
        struct sio_strbuf out;
        sio_strbuf_init(&out);
        msgpack_from_json(&out, NULL, exact, two, written[i].attachments);
        assert_true(sio_span_eq(sio_strbuf_as_span(&out), written[i].bytes));
        sio_strbuf_fini(&out);
        exact_bytes_free(exact);
    }
}

static void a_first_item_goes_before_the_others(void **unused) {
    struct sio_strbuf out;
    struct sio_span first = SIO_SPAN("e");
    sio_strbuf_init(&out);
    msgpack_from_json(&out, &first, SIO_SPAN("[]"), NULL, 0);
    msgpack_from_json(&out, &first, SIO_SPAN(" [[],1]"), NULL, 0);
    assert_span_is(sio_strbuf_as_span(&out), "\x91\xa1"
                                             "e\x93\xa1"
                                             "e\x90\x01");
    sio_strbuf_fini(&out);
}

/* Builds `depth` arrays, each with `items` items beside the next one. */
static void nest(struct sio_strbuf *json, size_t depth, size_t items) {
    for (size_t i = 0; i < depth; i++) {
        sio_strbuf_char(json, '[');
        for (size_t k = 0; k < items; k++) sio_strbuf_lit(json, "1,");
    }
    sio_strbuf_lit(json, "2");
    for (size_t i = 0; i < depth; i++) sio_strbuf_char(json, ']');
}

static void there_and_back(size_t depth, size_t items) {
    struct sio_strbuf json, bytes, again;
    uint32_t count;
    sio_strbuf_init(&json);
    sio_strbuf_init(&bytes);
    sio_strbuf_init(&again);
    nest(&json, depth, items);
    msgpack_from_json(&bytes, NULL, sio_strbuf_as_span(&json), NULL, 0);
    assert_true(to_json(sio_strbuf_as_span(&bytes), &again, &count));
    assert_true(sio_span_eq(sio_strbuf_as_span(&json), sio_strbuf_as_span(&again)));
    sio_strbuf_fini(&json);
    sio_strbuf_fini(&bytes);
    sio_strbuf_fini(&again);
}

static void containers_of_every_size_and_depth(void **unused) {
    static const size_t depths[] = {1, 2, 31, 32, 33, 34, 64, 65, 200, SIO_JSON_MAX_DEPTH};
    static const size_t items[] = {0, 13, 14, 15, 16, 300};
    for (size_t d = 0; d < sizeof depths / sizeof *depths; d++)
        for (size_t i = 0; i < sizeof items / sizeof *items; i++) there_and_back(depths[d], items[i]);
    there_and_back(1, 65534);
    there_and_back(1, 65535);
    there_and_back(3, 70000);
}

/* An owner may wrap what a client sent in something of its own. */
static void deeper_than_anything_that_is_read(void **unused) {
    struct sio_strbuf json, out;
    sio_strbuf_init(&json);
    sio_strbuf_init(&out);
    nest(&json, SIO_JSON_MAX_DEPTH * 3, 0);
    msgpack_from_json(&out, NULL, sio_strbuf_as_span(&json), NULL, 0);
    assert_true(out.n > SIO_JSON_MAX_DEPTH * 3);
    sio_strbuf_fini(&json);
    sio_strbuf_fini(&out);
}

/* Looking for placeholders does not read the inner values again at each level, nor do heads that grow move them. */
static void nesting_costs_one_pass(void **unused) {
    struct sio_strbuf json, out;
    sio_strbuf_init(&json);
    sio_strbuf_init(&out);
    for (size_t i = 0; i < SIO_JSON_MAX_DEPTH; i++) sio_strbuf_lit(&json, "{\"num\":");
    sio_strbuf_char(&json, '"');
    for (size_t i = 0; i < 4000000; i++) sio_strbuf_char(&json, 'x');
    sio_strbuf_char(&json, '"');
    for (size_t i = 0; i < SIO_JSON_MAX_DEPTH; i++) sio_strbuf_char(&json, '}');
    msgpack_from_json(&out, NULL, sio_strbuf_as_span(&json), two, 2);
    assert_true(out.n > 4000000);
    sio_strbuf_clear(&json);
    sio_strbuf_clear(&out);
    for (size_t i = 0; i < SIO_JSON_MAX_DEPTH; i++)
        sio_strbuf_lit(&json, "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,");
    sio_strbuf_char(&json, '"');
    for (size_t i = 0; i < 4000000; i++) sio_strbuf_char(&json, 'x');
    sio_strbuf_char(&json, '"');
    for (size_t i = 0; i < SIO_JSON_MAX_DEPTH; i++) sio_strbuf_char(&json, ']');
    msgpack_from_json(&out, NULL, sio_strbuf_as_span(&json), two, 2);
    assert_true(out.n > 4000000);
    sio_strbuf_fini(&json);
    sio_strbuf_fini(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_become_json),
        cmocka_unit_test(cut_anywhere_they_are_refused),
        cmocka_unit_test(what_has_no_json_is_refused),
        cmocka_unit_test(only_so_many_attachments),
        cmocka_unit_test(depth_is_that_of_json),
        cmocka_unit_test(sizes_that_lie_take_no_memory),
        cmocka_unit_test(json_becomes_msgpack),
        cmocka_unit_test(a_first_item_goes_before_the_others),
        cmocka_unit_test(containers_of_every_size_and_depth),
        cmocka_unit_test(deeper_than_anything_that_is_read),
        cmocka_unit_test(nesting_costs_one_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
