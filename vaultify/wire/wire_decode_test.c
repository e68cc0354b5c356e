/* Field tables: spellings, kinds, limits, refusals that name the field; query strings and percent escapes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/rows.h"
#include "wire/fields.h"
#include "wire/query.h"
#include "wire/rooms.h"

struct everything {
    struct uuid id;
    struct sio_span text, content, metadata, items;
    bool flag;
    uint64_t number;
    enum message_type type;
    struct wire_uuids users;
    int64_t at;
    int32_t minute;
};
#define AT(member) offsetof(struct everything, member)
static const struct wire_field fields[] = {
    {"conversationId", WIRE_UUID, true, 0, 0, AT(id)},
    {"clientMessageId", WIRE_STRING, false, 2, 8, AT(text)},
    {"content", WIRE_STRING, false, 0, WIRE_MAX_CONTENT, AT(content)},
    {"metadata", WIRE_OBJECT, false, 0, WIRE_MAX_METADATA, AT(metadata)},
    {"isTyping", WIRE_BOOL, false, 0, 0, AT(flag)},
    {"limit", WIRE_U64, false, 1, 100, AT(number)},
    {"type", WIRE_WORD, false, 0, 0, AT(type), &wire_message_types},
    {"participantUserIds", WIRE_UUIDS, false, 1, 3, AT(users)},
    {"createdAt", WIRE_TIME, false, 0, 0, AT(at)},
    {"rows", WIRE_ARRAY, false, 0, 2, AT(items)},
    {"quietFrom", WIRE_MINUTE, false, 0, 0, AT(minute)},
};
static const struct wire_schema schema = WIRE_SCHEMA(struct everything, fields);
static const struct wire_limits limits = {16, 20};

#define ID  "00000000-0000-7000-8000-0000000000aa"
#define ID2 "00000000-0000-7000-8000-0000000000bb"

static struct arena arena;
static struct everything got;
static struct wire_refusal refusal;
static uint32_t seen;

static bool decode(const char *json) {
    struct sio_span value;
    refusal = (struct wire_refusal){0};
    assert_true(sio_json_check(sio_span_cstr(json), &value));
    return wire_decode(value, &schema, &limits, &arena, &got, &seen, &refusal);
}

static void refused(const char *json, enum fault fault, const char *field) {
    assert_false(decode(json));
    assert_int_equal(refusal.fault, fault);
    if (!strstr(refusal.text, field)) fail_msg("\"%s\" does not name %s", refusal.text, field);
}

static bool query(const char *text) {
    refusal = (struct wire_refusal){0};
    return wire_decode_query(sio_span_cstr(text), &schema, &limits, &arena, &got, &seen, &refusal);
}

static void the_table_is_checked(void **state) {
    assert_int_equal(wire_schema_check(&schema), SIO_ERR_OK);
    static const struct wire_field wrong[][2] = {
        {{NULL, WIRE_BOOL}, {"b", WIRE_BOOL}},
        {{"a", WIRE_STRING}, {"b", WIRE_BOOL}},                /* no limit */
        {{"a", WIRE_WORD}, {"b", WIRE_BOOL}},                  /* no words */
        {{"a", WIRE_BOOL}, {"a", WIRE_BOOL}},                  /* twice */
        {{"a", WIRE_U64, false, 9, 8}, {"b", WIRE_BOOL}},      /* least above most */
        {{"a", WIRE_BOOL, false, 0, 0, 99}, {"b", WIRE_BOOL}}, /* outside the struct */
        {{"aNameThatIsLongerThanAnyFieldsNameMayBe", WIRE_BOOL}, {"b", WIRE_BOOL}},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct wire_schema s = {wrong[i], 2, 16};
        assert_int_equal(wire_schema_check(&s), SIO_ERR_INVALID);
    }
}

static void both_spellings_are_understood(void **state) {
    assert_true(wire_name_is("replyToMessageId", SIO_SPAN("replyToMessageId")));
    assert_true(wire_name_is("replyToMessageId", SIO_SPAN("reply_to_message_id")));
    assert_false(wire_name_is("replyToMessageId", SIO_SPAN("reply_to_messageId")));
    assert_false(wire_name_is("replyToMessageId", SIO_SPAN("reply_to_message_i")));
    assert_false(wire_name_is("replyToMessageId", SIO_SPAN("reply_to_message_id_")));
    assert_false(wire_name_is("type", SIO_SPAN("Type")));
    assert_true(decode("{\"conversation_id\":\"" ID "\",\"client_message_id\":\"abc\",\"is_typing\":true}"));
    assert_true(sio_span_is(got.text, "abc"));
    assert_true(got.flag);
    assert_int_equal(got.id.b[15], 0xaa);
    assert_int_equal(seen, 1u << 0 | 1u << 1 | 1u << 4);
}

static void the_later_of_two_wins(void **state) {
    assert_true(decode("{\"conversationId\":\"" ID "\",\"conversationId\":\"" ID2 "\"}"));
    assert_int_equal(got.id.b[15], 0xbb);
}

static void two_spellings_say_one_thing(void **state) {
    assert_true(decode("{\"conversationId\":\"" ID "\",\"conversation_id\":\"" ID "\"}"));
    assert_int_equal(got.id.b[15], 0xaa);
    assert_true(decode("{\"conversationId\":\"" ID "\",\"conversation_id\":null}"));
    assert_int_equal(got.id.b[15], 0xaa);
    assert_true(decode("{\"conversation_id\":\"" ID2 "\",\"conversationId\":null}"));
    assert_int_equal(got.id.b[15], 0xbb);
    refused("{\"conversationId\":\"" ID "\",\"conversation_id\":\"" ID2 "\"}", FAULT_INVALID_PAYLOAD,
            "conversationId is there twice, with different values");
    refused("{\"conversation_id\":\"" ID "\",\"conversationId\":7}", FAULT_INVALID_PAYLOAD, "conversationId");
}

static void escaped_names_and_values_are_decoded(void **state) {
    assert_true(decode("{\"conv\\u0065rsationId\":\"\\u0030"
                       "0000000-0000-7000-8000-0000000000aa\","
                       "\"content\":\"a\\n\\u00e9\",\"type\":\"v\\u006fice\"}"));
    assert_true(sio_span_is(got.content, "a\n\xc3\xa9"));
    assert_int_equal(got.type, MESSAGE_VOICE);
}

static void absent_null_and_unknown_are_zero(void **state) {
    assert_true(decode("{\"conversationId\":\"" ID "\",\"content\":null,\"else\":[1,{\"a\":2}],\"\":0}"));
    assert_int_equal(seen, 1);
    assert_int_equal(got.content.n, 0);
    assert_int_equal(got.type, MESSAGE_TEXT);
    assert_int_equal(got.users.count, 0);
    refused("{}", FAULT_INVALID_PAYLOAD, "conversationId is required");
    refused("{\"conversationId\":null}", FAULT_INVALID_PAYLOAD, "conversationId is required");
}

static void every_kind_is_read(void **state) {
    assert_true(decode("{\"conversationId\":\"" ID "\",\"metadata\":{ \"a\" : [1, 2] },\"limit\":7,"
                       "\"type\":\"image\",\"participantUserIds\":[\"" ID "\",\"" ID2 "\"],"
                       "\"createdAt\":\"2026-01-01T12:00:00.250Z\",\"rows\":[1,\"x\"]}"));
    assert_true(sio_span_is(got.metadata, "{\"a\":[1,2]}"));
    assert_int_equal(got.number, 7);
    assert_int_equal(got.type, MESSAGE_IMAGE);
    assert_int_equal(got.users.count, 2);
    assert_int_equal(got.users.items[1].b[15], 0xbb);
    assert_int_equal(got.at, 1767268800250);
    assert_true(sio_span_is(got.items, "[1,\"x\"]"));
}

#define WITH(rest) "{\"conversationId\":\"" ID "\"," rest "}"

static void wrong_types_name_the_field(void **state) {
    static const char *const names[] = {"clientMessageId",    "content",   "metadata",
                                        "isTyping",           "limit",     "type",
                                        "participantUserIds", "createdAt", "rows"};
    static const char *const values[] = {"{}", "[]", "\"x\"", "1.5", "true", "-1"};
    static const unsigned right[] = {0, 1u << 2, 1u << 0, 1u << 4, 0, 0, 0, 0, 1u << 1};
    for (size_t n = 0; n < sizeof names / sizeof names[0]; n++)
        for (size_t v = 0; v < sizeof values / sizeof values[0]; v++) {
            char json[200];
            if (right[n] & 1u << v) continue;
            snprintf(json, sizeof json, WITH("\"%s\":%s"), names[n], values[v]);
            refused(json, FAULT_INVALID_PAYLOAD, names[n]);
        }
    refused("{\"conversationId\":7}", FAULT_INVALID_PAYLOAD, "conversationId must be a UUID");
    refused("{\"conversationId\":\"" ID "0\"}", FAULT_INVALID_PAYLOAD, "conversationId");
    refused(WITH("\"participantUserIds\":[\"" ID "\",5]"), FAULT_INVALID_PAYLOAD, "participantUserIds");
    refused(WITH("\"type\":\"poem\""), FAULT_INVALID_PAYLOAD,
            "text, image, file, voice, link_preview, system");
}

static void limits_hold_to_the_byte(void **state) {
    assert_true(decode(WITH("\"content\":\"1234567890123456\"")));
    refused(WITH("\"content\":\"12345678901234567\""), FAULT_CONTENT_TOO_LARGE, "content");
    assert_true(decode(WITH("\"content\":\"\\u0031234567890123456\""))); /* counted as decoded */
    assert_true(decode(WITH("\"metadata\":{\"a\":   \"123456789012\"}")));
    refused(WITH("\"metadata\":{\"a\":\"1234567890123\"}"), FAULT_CONTENT_TOO_LARGE, "metadata");
    refused(WITH("\"clientMessageId\":\"123456789\""), FAULT_INVALID_PAYLOAD, "clientMessageId");
    refused(WITH("\"clientMessageId\":\"1\""), FAULT_INVALID_PAYLOAD, "clientMessageId");
    refused(WITH("\"limit\":0"), FAULT_INVALID_PAYLOAD, "limit");
    refused(WITH("\"limit\":101"), FAULT_INVALID_PAYLOAD, "limit");
    refused(WITH("\"limit\":99999999999999999999"), FAULT_INVALID_PAYLOAD, "limit");
    refused(WITH("\"participantUserIds\":[]"), FAULT_INVALID_PAYLOAD, "participantUserIds");
    refused(WITH("\"rows\":[1,2,3]"), FAULT_INVALID_PAYLOAD, "rows");
    refused(WITH("\"content\":\"a\\u0000b\""), FAULT_INVALID_PAYLOAD, "NUL");
}

static void queries_are_read(void **state) {
    assert_true(query("conversation_id=" ID "&limit=20&type=voice&isTyping=true&content=a%20b+c&other=1&&x"));
    assert_int_equal(got.number, 20);
    assert_int_equal(got.type, MESSAGE_VOICE);
    assert_true(got.flag);
    assert_true(sio_span_is(got.content, "a b c"));
    assert_false(query(""));
    assert_non_null(strstr(refusal.text, "conversationId is required"));
    static const char *const wrong[] = {"0", "101", "-1", "1x", "", "+1", "18446744073709551616", "1.0"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char text[100];
        snprintf(text, sizeof text, "conversationId=" ID "&limit=%s", wrong[i]);
        assert_false(query(text));
        assert_int_equal(refusal.fault, FAULT_INVALID_PAYLOAD);
        assert_non_null(strstr(refusal.text, "limit"));
    }
    assert_false(query("conversationId=" ID "&content=%ff"));
    assert_false(query("conversationId=" ID "&isTyping=1"));
}

static void percent_escapes(void **state) {
    char out[64];
    struct sio_span in = SIO_SPAN("%F0%9f%91%8D+%zz%4");
    assert_true(sio_span_is(sio_span_of(out, wire_percent_decode(in, false, out)), "\xf0\x9f\x91\x8d+%zz%4"));
    assert_true(sio_span_is(sio_span_of(out, wire_percent_decode(in, true, out)), "\xf0\x9f\x91\x8d %zz%4"));
}

static void text_is_checked(void **state) {
    static const char *const good[] = {
        "", "a", "\xc2\x80", "\xe2\x82\xac", "\xf0\x9f\x91\x8d", "\xf4\x8f\xbf\xbf"};
    static const char *const bad[] = {"\x80",         "\xc0\x80",         "\xc2",
                                      "\xe0\x80\x80", "\xed\xa0\x80",     "\xf4\x90\x80\x80",
                                      "\xf0\x9f\x91", "\xf5\x80\x80\x80", "a\xffz"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(wire_text_valid(sio_span_cstr(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(wire_text_valid(sio_span_cstr(bad[i])));
    assert_false(wire_text_valid(sio_span_of("\0", 1)));
}

static void rooms_have_their_names(void **state) {
    struct uuid id;
    assert_true(uuid_parse(SIO_SPAN(ID), &id));
    struct wire_room user = wire_room_user(&id), estate = wire_room_estate(&id),
                     conversation = wire_room_conversation(&id);
    assert_true(sio_span_is(wire_room_span(&user), "user:" ID));
    assert_true(sio_span_is(wire_room_span(&estate), "estate:" ID));
    assert_true(sio_span_is(wire_room_span(&conversation), "conversation:" ID));
}

static int each_begin(void **state) {
    arena_init(&arena);
    return 0;
}
static int each_end(void **state) {
    arena_fini(&arena);
    return 0;
}

#define QUIET(value) "{\"conversationId\":\"" ID "\",\"quietFrom\":" value "}"

static void times_of_day_are_read(void **state) {
    static const char *const bad[] = {QUIET("\"24:00\""), QUIET("\"23:60\""), QUIET("\"7:00\""),
                                      QUIET("\"07:0\""),  QUIET("\"07-00\""), QUIET("\"0a:00\""),
                                      QUIET("\"-1:00\""), QUIET("\"\""),      QUIET("\"07:00:00\""),
                                      QUIET("420"),       QUIET("{}")};
    assert_true(decode(QUIET("\"00:00\"")));
    assert_int_equal(got.minute, 0);
    assert_true(decode(QUIET("\"07:05\"")));
    assert_int_equal(got.minute, 425);
    assert_true(decode(QUIET("\"23:59\"")));
    assert_int_equal(got.minute, 1439);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        refused(bad[i], FAULT_INVALID_PAYLOAD, "quietFrom");
}

static void null_can_be_told_from_nothing(void **state) {
    const struct wire_field *field = &fields[10];
    assert_true(wire_says_null(SIO_SPAN("{\"quietFrom\":null}"), field));
    assert_true(wire_says_null(SIO_SPAN("{\"a\":1,\"quiet_from\":null}"), field));
    assert_false(wire_says_null(SIO_SPAN("{}"), field));
    assert_false(wire_says_null(SIO_SPAN("{\"quietFrom\":\"null\"}"), field));
    assert_false(wire_says_null(SIO_SPAN("{\"quietTo\":null,\"x\":{\"quietFrom\":null}}"), field));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_table_is_checked, each_begin, each_end),
        cmocka_unit_test_setup_teardown(both_spellings_are_understood, each_begin, each_end),
        cmocka_unit_test_setup_teardown(the_later_of_two_wins, each_begin, each_end),
        cmocka_unit_test_setup_teardown(two_spellings_say_one_thing, each_begin, each_end),
        cmocka_unit_test_setup_teardown(escaped_names_and_values_are_decoded, each_begin, each_end),
        cmocka_unit_test_setup_teardown(absent_null_and_unknown_are_zero, each_begin, each_end),
        cmocka_unit_test_setup_teardown(every_kind_is_read, each_begin, each_end),
        cmocka_unit_test_setup_teardown(wrong_types_name_the_field, each_begin, each_end),
        cmocka_unit_test_setup_teardown(limits_hold_to_the_byte, each_begin, each_end),
        cmocka_unit_test_setup_teardown(queries_are_read, each_begin, each_end),
        cmocka_unit_test_setup_teardown(times_of_day_are_read, each_begin, each_end),
        cmocka_unit_test(null_can_be_told_from_nothing),
        cmocka_unit_test(percent_escapes),
        cmocka_unit_test(text_is_checked),
        cmocka_unit_test(rooms_have_their_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
