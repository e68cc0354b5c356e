/* JSON: what the checker takes and refuses, truncation at every byte, depth, walking, strings, numbers. */
#include "base/exact_bytes.h"
#include "sio_json.h"

/* Checks a copy that ends where its block ends. */
static bool checks(struct sio_span text) {
    struct sio_span copy = exact_bytes(text), value;
    bool ok = sio_json_check(copy, &value);
    if (ok) {
        assert_true(value.n > 0 && value.p >= copy.p && value.p + value.n <= copy.p + copy.n);
        assert_int_not_equal(sio_json_kind(value), SIO_JSON_NONE);
    }
    exact_bytes_free(copy);
    return ok;
}

static void all_check(const struct sio_span *rows, size_t count, bool expected) {
    for (size_t i = 0; i < count; i++)
        if (checks(rows[i]) != expected)
            fail_msg("%s: %.*s", expected ? "refused" : "taken", (int)rows[i].n, rows[i].p);
}
#define ALL_CHECK(rows, expected) all_check((rows), sizeof(rows) / sizeof(rows)[0], (expected))

static void valid_texts(void **state) {
    static const struct sio_span rows[] = {
        SIO_SPAN("null"),
        SIO_SPAN("true"),
        SIO_SPAN("false"),
        SIO_SPAN("0"),
        SIO_SPAN("-0"),
        SIO_SPAN("10"),
        SIO_SPAN("-1.5"),
        SIO_SPAN("0.0"),
        SIO_SPAN("1e5"),
        SIO_SPAN("1E+5"),
        SIO_SPAN("0e-5"),
        SIO_SPAN("1.25e-400"),
        SIO_SPAN("123456789012345678901234567890"),
        SIO_SPAN("\"\""),
        SIO_SPAN("\"plain\""),
        SIO_SPAN("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""),
        SIO_SPAN("\"\\u0000\\uABCD\\uabcd\\ud800\""),
        SIO_SPAN("\"\x7f\""),
        SIO_SPAN("\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\""),
        SIO_SPAN("[]"),
        SIO_SPAN("{}"),
        SIO_SPAN("[ ]"),
        SIO_SPAN("{ }"),
        SIO_SPAN(" \t\r\n[ 1 , 2 ] \t\r\n"),
        SIO_SPAN("[[],[[]],{},[{}]]"),
        SIO_SPAN("{\"a\":1}"),
        SIO_SPAN(" { \"a\" : 1 , \"a\" : { \"\" : [ ] } } "),
        SIO_SPAN("[1,\"2\",3.0,null,true,false,{\"a\":[{\"b\":{}}]}]"),
        SIO_SPAN("\"a string longer than one step of eight bytes, with an end\""),
    };
    ALL_CHECK(rows, true);
}

static void invalid_words_and_numbers(void **state) {
    static const struct sio_span rows[] = {
        SIO_SPAN(""),
        SIO_SPAN(" "),
        SIO_SPAN("nul"),
        SIO_SPAN("nulL"),
        SIO_SPAN("NULL"),
        SIO_SPAN("nullx"),
        SIO_SPAN("tru"),
        SIO_SPAN("fals"),
        SIO_SPAN("NaN"),
        SIO_SPAN("Infinity"),
        SIO_SPAN("-Infinity"),
        SIO_SPAN("undefined"),
        SIO_SPAN("01"),
        SIO_SPAN("-"),
        SIO_SPAN("-01"),
        SIO_SPAN("+1"),
        SIO_SPAN("1."),
        SIO_SPAN(".5"),
        SIO_SPAN("-.5"),
        SIO_SPAN("1.e5"),
        SIO_SPAN("1e"),
        SIO_SPAN("1e+"),
        SIO_SPAN("1e5.5"),
        SIO_SPAN("0x10"),
        SIO_SPAN("1_000"),
        SIO_SPAN("--1"),
        SIO_SPAN("1 2"),
        SIO_SPAN("00"),
        SIO_SPAN("1\0"),
        SIO_SPAN("\0"),
        SIO_SPAN("[1\0]"),
        SIO_SPAN("// x\n1"),
        SIO_SPAN("/**/1"),
        SIO_SPAN("\xef\xbb\xbf"
                 "1"),
        SIO_SPAN("\x0b"
                 "1"),
        SIO_SPAN("\xc2\xa0"
                 "1"),
    };
    ALL_CHECK(rows, false);
}

static void invalid_strings(void **state) {
    static const struct sio_span rows[] = {
        SIO_SPAN("\""),
        SIO_SPAN("\"\\\""),
        SIO_SPAN("'a'"),
        SIO_SPAN("\"\\x41\""),
        SIO_SPAN("\"\\'\""),
        SIO_SPAN("\"\\a\""),
        SIO_SPAN("\"\\U0041\""),
        SIO_SPAN("\"\\u\""),
        SIO_SPAN("\"\\u12\""),
        SIO_SPAN("\"\\u123\""),
        SIO_SPAN("\"\\u12g4\""),
        SIO_SPAN("\"\\u+123\""),
        SIO_SPAN("\"\\u 123\""),
        SIO_SPAN("\"\\u123"),
        SIO_SPAN("\"\\u1234"),
        SIO_SPAN("\"\\\n\""),
        SIO_SPAN("\"\x80\""),
        SIO_SPAN("\"\xc3\""),
        SIO_SPAN("\"\xc0\xaf\""),
        SIO_SPAN("\"\xe0\x80\xaf\""),
        SIO_SPAN("\"\xed\xa0\x80\""),
        SIO_SPAN("\"\xf4\x90\x80\x80\""),
        SIO_SPAN("\"\xf8\x88\x80\x80\x80\""),
        SIO_SPAN("\"\xff\""),
        SIO_SPAN("{\"\xff\":1}"),
    };
    ALL_CHECK(rows, false);
}

static void invalid_containers(void **state) {
    static const struct sio_span rows[] = {
        SIO_SPAN("["),          SIO_SPAN("]"),          SIO_SPAN("{"),          SIO_SPAN("}"),
        SIO_SPAN("[1"),         SIO_SPAN("[1,]"),       SIO_SPAN("[,1]"),       SIO_SPAN("[,]"),
        SIO_SPAN("[1,,2]"),     SIO_SPAN("[1 2]"),      SIO_SPAN("[1}"),        SIO_SPAN("{\"a\":1]"),
        SIO_SPAN("[]]"),        SIO_SPAN("{}}"),        SIO_SPAN("[][]"),       SIO_SPAN("{}{}"),
        SIO_SPAN("{\"a\"}"),    SIO_SPAN("{\"a\":}"),   SIO_SPAN("{\"a\":1,}"), SIO_SPAN("{,\"a\":1}"),
        SIO_SPAN("{\"a\" 1}"),  SIO_SPAN("{\"a\"::1}"), SIO_SPAN("{a:1}"),      SIO_SPAN("{1:1}"),
        SIO_SPAN("{null:1}"),   SIO_SPAN("{\"a\",1}"),  SIO_SPAN("[\"a\":1]"),  SIO_SPAN("{\"a\":1 \"b\":2}"),
        SIO_SPAN("{[]:1}"),     SIO_SPAN("[1;2]"),      SIO_SPAN("{'a':1}"),    SIO_SPAN("[[1],{]}"),
        SIO_SPAN("{\"a\":[}]"), SIO_SPAN(","),          SIO_SPAN(":"),
    };
    ALL_CHECK(rows, false);
}

/* Every byte from 0 to 255 in the places where only some may stand. */
static void each_byte_in_each_place(void **state) {
    for (int i = 0; i < 256; i++) {
        char c = (char)i;
        bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r', digit = c >= '0' && c <= '9';
        assert_int_equal(checks(sio_span_of((char[]){c, '7'}, 2)), blank || c == '-' || (digit && c != '0'));
        assert_int_equal(checks(sio_span_of((char[]){'7', c}, 2)), blank || digit);
        assert_int_equal(checks(sio_span_of((char[]){'[', c, ']'}, 3)), blank || digit);
        assert_int_equal(checks(sio_span_of((char[]){'"', c, '"'}, 3)),
                         i >= 0x20 && i < 0x80 && c != '"' && c != '\\');
        assert_int_equal(checks(sio_span_of((char[]){'"', '\\', c, '"'}, 4)), c && strchr("\"\\/bfnrt", c));
        char hex[] = {'"', '\\', 'u', '0', '0', c, '0', '"'};
        assert_int_equal(checks(sio_span_of(hex, sizeof hex)), c && strchr("0123456789abcdefABCDEF", c));
        for (size_t at = 1; at < 20; at++) { /* in every lane of the eight-byte step */
            char text[21];
            memset(text, 'x', sizeof text);
            text[0] = text[20] = '"';
            text[at] = c;
            assert_int_equal(checks(sio_span_of(text, sizeof text)),
                             i >= 0x20 && i < 0x80 && c != '"' && c != '\\');
        }
    }
}

static void truncated_anywhere_is_refused(void **state) {
    static const struct sio_span rows[] = {
        SIO_SPAN("[\"send_message\",{\"conversationId\":\"0190b5c2-7a3f-7def-8123-456789abcdef\","
                 "\"content\":\"na\xc3\xafve \\ud83d\\ude00 "
                 "\xf0\x9f\x98\x80\",\"n\":[-12.50e+3,true,false,null,{}]}]"),
        SIO_SPAN("\"text \\u00e9\\n \xe2\x82\xac\""),
        SIO_SPAN(" {\"a\" : [ 1 , 2 ] }"),
        SIO_SPAN("true"),
        SIO_SPAN("false"),
        SIO_SPAN("null"),
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_true(checks(rows[i]));
        for (size_t n = 0; n < rows[i].n; n++) assert_false(checks(sio_span_head(rows[i], n)));
    }
}

/* depth times `open`, then depth times `close`. */
static bool nested(size_t depth, const char *open, const char *inner, char close) {
    struct sio_strbuf b;
    sio_strbuf_init(&b);
    for (size_t i = 0; i < depth; i++) sio_strbuf_span(&b, sio_span_cstr(open));
    sio_strbuf_span(&b, sio_span_cstr(inner));
    for (size_t i = 0; i < depth; i++) sio_strbuf_char(&b, close);
    bool ok = checks(sio_strbuf_as_span(&b));
    sio_strbuf_fini(&b);
    return ok;
}

static void depth_has_a_limit(void **state) {
    assert_true(nested(SIO_JSON_MAX_DEPTH, "[", "", ']'));
    assert_true(nested(SIO_JSON_MAX_DEPTH, "[", "1", ']'));
    assert_false(nested(SIO_JSON_MAX_DEPTH + 1, "[", "", ']'));
    assert_true(nested(SIO_JSON_MAX_DEPTH, "{\"a\":", "1", '}'));
    assert_false(nested(SIO_JSON_MAX_DEPTH, "{\"a\":", "[]", '}'));
    assert_false(nested(1000000, "[", "", ']'));
    assert_false(nested(100, "{\"a\":", "1", ']'));
}

/* Objects and arrays mixed in a pattern longer than one word of the checker's bits, closed right and wrong.
 */
static void kinds_are_remembered_at_every_depth(void **state) {
    enum { DEPTH = 300 };
    struct sio_strbuf b;
    sio_strbuf_init(&b);
    for (int i = 0; i < DEPTH; i++)
        sio_strbuf_span(&b, i % 7 < 3 ? SIO_SPAN("[[],{},") : SIO_SPAN("{\"k\":[{}],\"a\":"));
    sio_strbuf_char(&b, '0');
    size_t closing = b.n;
    for (int i = DEPTH; i-- > 0;) sio_strbuf_char(&b, i % 7 < 3 ? ']' : '}');
    assert_true(checks(sio_strbuf_as_span(&b)));
    for (size_t i = closing; i < b.n; i++) {
        b.p[i] = b.p[i] == ']' ? '}' : ']';
        assert_false(checks(sio_strbuf_as_span(&b)));
        b.p[i] = b.p[i] == ']' ? '}' : ']';
    }
    sio_strbuf_fini(&b);
}

static struct sio_span value_of(struct sio_span text) {
    struct sio_span value;
    assert_true(sio_json_check(text, &value));
    return value;
}
#define VALUE(literal) value_of(SIO_SPAN(literal))

static void kinds(void **state) {
    assert_int_equal(sio_json_kind(sio_span_of(NULL, 0)), SIO_JSON_NONE);
    assert_int_equal(sio_json_kind(VALUE(" null ")), SIO_JSON_NULL);
    assert_int_equal(sio_json_kind(VALUE("false")), SIO_JSON_FALSE);
    assert_int_equal(sio_json_kind(VALUE("true")), SIO_JSON_TRUE);
    assert_int_equal(sio_json_kind(VALUE("-1")), SIO_JSON_NUMBER);
    assert_int_equal(sio_json_kind(VALUE("\"\"")), SIO_JSON_STRING);
    assert_int_equal(sio_json_kind(VALUE("[]")), SIO_JSON_ARRAY);
    assert_int_equal(sio_json_kind(VALUE("\n{}")), SIO_JSON_OBJECT);
    assert_span_is(VALUE(" [ 1 ] \n"), "[ 1 ]");
}

static void walking_an_array(void **state) {
    static const char *const want[] = {"1", "\"]\\\"\"", "[2,[3]]", "{\"a\":\"}\"}", "null", "-1.5e3"};
    struct sio_span array = VALUE("[ 1,\"]\\\"\" ,[2,[3]], {\"a\":\"}\"} ,null,-1.5e3 ]"), item;
    size_t cursor = 0;
    for (size_t i = 0; i < 6; i++) {
        assert_true(sio_json_next_item(array, &cursor, &item));
        assert_true(sio_span_is(item, want[i]));
    }
    assert_false(sio_json_next_item(array, &cursor, &item));
    assert_false(sio_json_next_item(array, &cursor, &item));
    cursor = 0;
    assert_false(sio_json_next_item(VALUE("[ ]"), &cursor, &item));
    assert_false(sio_json_next_item(VALUE("{\"a\":1}"), &cursor, &item));
    assert_false(sio_json_next_item(sio_span_of(NULL, 0), &cursor, &item));
}

static void walking_an_object(void **state) {
    struct sio_span object = VALUE("{ \"a\" : 1 ,\"b\":[ {\"c\":2} ],\"\\u0061\":\"last\" }"), key, value;
    size_t cursor = 0;
    assert_true(sio_json_next_member(object, &cursor, &key, &value));
    assert_span_is(key, "\"a\"");
    assert_span_is(value, "1");
    assert_true(sio_json_next_member(object, &cursor, &key, &value));
    assert_span_is(value, "[ {\"c\":2} ]");
    assert_true(sio_json_next_member(object, &cursor, &key, &value));
    assert_span_is(key, "\"\\u0061\"");
    assert_false(sio_json_next_member(object, &cursor, &key, &value));
    cursor = 0;
    assert_false(sio_json_next_member(VALUE("{}"), &cursor, &key, &value));
    assert_false(sio_json_next_member(VALUE("[1]"), &cursor, &key, &value));
}

static void members_by_name(void **state) {
    struct sio_span object =
        VALUE("{\"a\":1,\"b\":2,\"\\u0061\":3,\"\":4,\"c\":{\"d\":5},\"\\ud83d\\ude00\":6}");
    assert_span_is(sio_json_member(object, SIO_SPAN("a")), "3");
    assert_span_is(sio_json_member(object, SIO_SPAN("b")), "2");
    assert_span_is(sio_json_member(object, SIO_SPAN("")), "4");
    assert_span_is(sio_json_member(object, SIO_SPAN("\xf0\x9f\x98\x80")), "6");
    assert_int_equal(sio_json_member(object, SIO_SPAN("d")).n, 0);
    assert_int_equal(sio_json_member(object, SIO_SPAN("\\u0061")).n, 0);
    assert_int_equal(sio_json_member(VALUE("[1]"), SIO_SPAN("a")).n, 0);
    assert_int_equal(sio_json_member(sio_span_of(NULL, 0), SIO_SPAN("a")).n, 0);
}

static void decoding(void **state) {
    static const struct {
        struct sio_span text, want;
    } rows[] = {
        {SIO_SPAN("\"\""), SIO_SPAN("")},
        {SIO_SPAN("\"plain\""), SIO_SPAN("plain")},
        {SIO_SPAN("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), SIO_SPAN("\"\\/\b\f\n\r\t")},
        {SIO_SPAN("\"a\\u0000b\""), SIO_SPAN("a\0b")},
        {SIO_SPAN("\"\\u007f\\u0080\\u07ff\\u0800\\uFFFF\""),
         SIO_SPAN("\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf")},
        {SIO_SPAN("\"\\ud83d\\ude00\""), SIO_SPAN("\xf0\x9f\x98\x80")},
        {SIO_SPAN("\"\\uD800\\uDC00\\uDBFF\\uDFFF\""), SIO_SPAN("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf")},
        {SIO_SPAN("\"\\ud83d\""), SIO_SPAN("\xef\xbf\xbd")},
        {SIO_SPAN("\"\\ude00x\""), SIO_SPAN("\xef\xbf\xbdx")},
        {SIO_SPAN("\"\\ud83d\\ud83d\\ude00\""), SIO_SPAN("\xef\xbf\xbd\xf0\x9f\x98\x80")},
        {SIO_SPAN("\"\\ud83dude00\""), SIO_SPAN("\xef\xbf\xbdude00")},
        {SIO_SPAN("\"\\ud83d\\n\""), SIO_SPAN("\xef\xbf\xbd\n")},
        {SIO_SPAN("\"\\ude00\\ud83d\""), SIO_SPAN("\xef\xbf\xbd\xef\xbf\xbd")},
        {SIO_SPAN("\"\xe2\x82\xac \\u20ac\""), SIO_SPAN("\xe2\x82\xac \xe2\x82\xac")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sio_span value = exact_bytes(rows[i].text);
        char *out = malloc(value.n);
        size_t n = sio_json_string_decode(value_of(value), out);
        assert_int_equal(n, rows[i].want.n);
        assert_memory_equal(out, rows[i].want.p, n);
        assert_true(sio_json_string_is(value, rows[i].want));
        assert_false(sio_json_string_is(value, SIO_SPAN("something else")));
        if (n) assert_false(sio_json_string_is(value, sio_span_head(rows[i].want, n - 1)));
        free(out);
        exact_bytes_free(value);
    }
    assert_false(sio_json_string_is(VALUE("\"ab\""), SIO_SPAN("abc")));
    assert_false(sio_json_string_is(VALUE("12"), SIO_SPAN("12")));
    assert_false(sio_json_string_is(sio_span_of(NULL, 0), SIO_SPAN("")));
}

static void integers(void **state) {
    int64_t v = 7;
    assert_true(sio_json_to_i64(VALUE("0"), &v) && v == 0);
    assert_true(sio_json_to_i64(VALUE("-0"), &v) && v == 0);
    assert_true(sio_json_to_i64(VALUE("-12"), &v) && v == -12);
    assert_true(sio_json_to_i64(VALUE("9223372036854775807"), &v) && v == INT64_MAX);
    assert_true(sio_json_to_i64(VALUE("-9223372036854775808"), &v) && v == INT64_MIN);
    v = 7;
    assert_false(sio_json_to_i64(VALUE("9223372036854775808"), &v));
    assert_false(sio_json_to_i64(VALUE("-9223372036854775809"), &v));
    assert_false(sio_json_to_i64(VALUE("1.0"), &v));
    assert_false(sio_json_to_i64(VALUE("1e2"), &v));
    assert_false(sio_json_to_i64(VALUE("\"1\""), &v));
    assert_false(sio_json_to_i64(VALUE("null"), &v));
    assert_false(sio_json_to_i64(sio_span_of(NULL, 0), &v));
    assert_true(v == 7);
}

static void doubles_as_strtod_reads_them(void **state) {
    static const char *const rows[] = {
        "0",
        "-0",
        "0.0e5",
        "1",
        "-1",
        "0.1",
        "12.5e3",
        "1e-5",
        "123456789.123456789",
        "5e-324",
        "2e-324",
        "1.7976931348623157e308",
        "2.2250738585072014e-308",
        "0.000000000000000000000000000001e30",
        "9007199254740993",
        "9007199254740992.9999999999999999999999999999999",
        "1e-99999999999999999999",
        "0e99999999999999999999",
        "100000000000000000000000e-23",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double want = strtod(rows[i], NULL), v;
        assert_true(sio_json_to_double(value_of(sio_span_cstr(rows[i])), &v));
        assert_memory_equal(&v, &want, sizeof v);
    }
    double v;
    assert_false(sio_json_to_double(VALUE("1e309"), &v));
    assert_false(sio_json_to_double(VALUE("-1e99999999999999999999"), &v));
    assert_false(sio_json_to_double(VALUE("true"), &v));
}

/* More digits than are kept: halfway between two doubles, and then one digit far behind that decides. */
static void long_numbers_are_rounded_right(void **state) {
    struct sio_strbuf b;
    double low, high, v;
    sio_strbuf_init(&b);
    sio_strbuf_lit(&b, "9007199254740993.");
    for (int i = 0; i < 2000; i++) sio_strbuf_char(&b, '0');
    assert_true(sio_json_to_double(value_of(sio_strbuf_as_span(&b)), &low));
    sio_strbuf_char(&b, '1');
    assert_true(sio_json_to_double(value_of(sio_strbuf_as_span(&b)), &high));
    assert_true(low == 9007199254740992.0 && high == 9007199254740994.0);
    sio_strbuf_clear(&b);
    sio_strbuf_lit(&b, "0.");
    for (int i = 0; i < 2000; i++) sio_strbuf_char(&b, '0');
    sio_strbuf_lit(&b, "25e2000");
    assert_true(sio_json_to_double(value_of(sio_strbuf_as_span(&b)), &v) && v == 0.25);
    sio_strbuf_clear(&b);
    sio_strbuf_lit(&b, "25");
    for (int i = 0; i < 2000; i++) sio_strbuf_char(&b, '0');
    sio_strbuf_lit(&b, "e-2002");
    assert_true(sio_json_to_double(value_of(sio_strbuf_as_span(&b)), &v) && v == 0.25);
    sio_strbuf_fini(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(valid_texts),
        cmocka_unit_test(invalid_words_and_numbers),
        cmocka_unit_test(invalid_strings),
        cmocka_unit_test(invalid_containers),
        cmocka_unit_test(each_byte_in_each_place),
        cmocka_unit_test(truncated_anywhere_is_refused),
        cmocka_unit_test(depth_has_a_limit),
        cmocka_unit_test(kinds_are_remembered_at_every_depth),
        cmocka_unit_test(kinds),
        cmocka_unit_test(walking_an_array),
        cmocka_unit_test(walking_an_object),
        cmocka_unit_test(members_by_name),
        cmocka_unit_test(decoding),
        cmocka_unit_test(integers),
        cmocka_unit_test(doubles_as_strtod_reads_them),
        cmocka_unit_test(long_numbers_are_rounded_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
