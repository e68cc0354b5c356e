/* Notes: words that come back, keys that collapse what they should, members in both forms. */
#include "push/note.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "push/config.h"
#include "sio_json.h"

static struct uuid id_of(uint8_t last) {
    struct uuid id = {{0x01, 0x90, 0, 0, 0, 0, 0x70, 0, 0x80}};
    id.b[15] = last;
    return id;
}

static void keys_collapse_conversations_but_no_emergencies(void **state) {
    struct push_note a = {.kind = PUSH_MESSAGE, .conversation = id_of(1), .message = id_of(10)}, b = a;
    char key_a[PUSH_COLLAPSE_TEXT + 1], key_b[PUSH_COLLAPSE_TEXT + 1];
    b.message = id_of(11);
    push_collapse_key(&a, key_a);
    push_collapse_key(&b, key_b);
    assert_string_equal(key_a, "cAZAAAAAAcACAAAAAAAAAAQ");
    assert_string_equal(key_a, key_b);
    b.conversation = id_of(2);
    push_collapse_key(&b, key_b);
    assert_string_not_equal(key_a, key_b);
    a.kind = b.kind = PUSH_EMERGENCY;
    b.conversation = a.conversation;
    push_collapse_key(&a, key_a);
    push_collapse_key(&b, key_b);
    assert_string_not_equal(key_a, key_b);
}

static void assert_members(const struct push_note *note, bool as_text, const char *expected) {
    struct sio_strbuf out;
    struct sio_json_writer w;
    sio_strbuf_init(&out);
    sio_json_begin(&w, &out);
    sio_json_object_open(&w);
    push_note_members(&w, note, as_text);
    sio_json_object_close(&w);
    assert_string_equal(out.p, expected);
    sio_strbuf_fini(&out);
}

static void members_in_both_forms(void **state) {
    struct push_note note = {
        .kind = PUSH_BROADCAST, .conversation = id_of(1), .message = id_of(2), .seq = 7, .badge = 3};
    assert_members(&note, false,
                   "{\"type\":\"broadcast\",\"conversationId\":\"01900000-0000-7000-8000-000000000001\","
                   "\"messageId\":\"01900000-0000-7000-8000-000000000002\",\"seq\":7,\"badge\":3}");
    assert_members(&note, true,
                   "{\"type\":\"broadcast\",\"conversationId\":\"01900000-0000-7000-8000-000000000001\","
                   "\"messageId\":\"01900000-0000-7000-8000-000000000002\",\"seq\":\"7\",\"badge\":\"3\"}");
}

static void a_test_has_no_ids(void **state) {
    struct push_note note = {.kind = PUSH_TEST, .badge = UINT64_MAX};
    assert_members(&note, false,
                   "{\"type\":\"test\",\"conversationId\":null,\"messageId\":null,\"seq\":0,"
                   "\"badge\":18446744073709551615}");
    assert_members(&note, true,
                   "{\"type\":\"test\",\"conversationId\":\"\",\"messageId\":\"\",\"seq\":\"0\","
                   "\"badge\":\"18446744073709551615\"}");
}

static void it_lives_until_it_is_of_no_use(void **state) {
    struct push_note note = {.expires_at = 100000};
    assert_int_equal(push_note_ttl_s(&note, 40000, 3600), 60);
    assert_int_equal(push_note_ttl_s(&note, 40000, 59), 59);
    assert_int_equal(push_note_ttl_s(&note, 99999, 3600), 0);
    assert_int_equal(push_note_ttl_s(&note, 100001, 3600), 0);
    note.expires_at = INT64_MAX;
    assert_int_equal(push_note_ttl_s(&note, 0, UINT32_MAX), UINT32_MAX);
    note.expires_at = INT64_MIN;
    assert_int_equal(push_note_ttl_s(&note, INT64_MAX, 1), 0);
}

static void everything_is_off_at_first(void **state) {
    struct push_config config;
    push_config_init(&config);
    assert_null(config.webpush.vapid_private);
    assert_null(config.fcm.credentials_json);
    assert_null(config.apns.key_file);
    assert_false(config.expo.on);
    assert_true(config.content);
    assert_int_equal(config.timeout_ms, 15000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_collapse_conversations_but_no_emergencies),
        cmocka_unit_test(members_in_both_forms),
        cmocka_unit_test(a_test_has_no_ids),
        cmocka_unit_test(it_lives_until_it_is_of_no_use),
        cmocka_unit_test(everything_is_off_at_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
