/* FCM's message: all its members, each kind's own, and the limit. */
#include "push/fcm/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "sio_json.h"

static const int64_t NOW = 1700000000000;

static struct push_note note_of(enum push_kind kind) {
    struct push_note note = {.kind = kind,
                             .target = {.service = PUSH_FCM, .token = SIO_SPAN("cA9:APA91b-x_\"y")},
                             .seq = 7,
                             .badge = 3,
                             .title = SIO_SPAN("Ada Lovelace"),
                             .body = SIO_SPAN("Hello \"you\""),
                             .expires_at = NOW + 3600000};
    uuid_parse(SIO_SPAN("01900000-0000-7000-8000-000000000001"), &note.conversation);
    uuid_parse(SIO_SPAN("01900000-0000-7000-8000-000000000002"), &note.message);
    return note;
}

static void all_members(void **state) {
    struct push_note note = note_of(PUSH_MESSAGE);
    struct arena arena;
    struct sio_span out, value;
    arena_init(&arena);
    assert_true(fcm_message(&note, NOW, &arena, &out));
    assert_true(sio_json_check(out, &value));
    assert_string_equal(
        out.p,
        "{\"message\":{\"token\":\"cA9:APA91b-x_\\\"y\","
        "\"notification\":{\"title\":\"Ada Lovelace\",\"body\":\"Hello \\\"you\\\"\"},"
        "\"data\":{\"type\":\"message\",\"conversationId\":\"01900000-0000-7000-8000-000000000001\","
        "\"messageId\":\"01900000-0000-7000-8000-000000000002\",\"seq\":\"7\",\"badge\":\"3\"},"
        "\"android\":{\"priority\":\"HIGH\",\"ttl\":\"3600s\",\"notification\":{\"channel_id\":\"messages\","
        "\"tag\":\"cAZAAAAAAcACAAAAAAAAAAQ\",\"notification_count\":3}},"
        "\"apns\":{\"headers\":{\"apns-priority\":\"10\",\"apns-expiration\":\"1700003600\","
        "\"apns-collapse-id\":\"cAZAAAAAAcACAAAAAAAAAAQ\"},"
        "\"payload\":{\"aps\":{\"badge\":3,\"sound\":\"default\","
        "\"thread-id\":\"01900000-0000-7000-8000-000000000001\",\"interruption-level\":\"active\"}}},"
        "\"webpush\":{\"headers\":{\"Urgency\":\"high\",\"TTL\":\"3600\",\"Topic\":"
        "\"cAZAAAAAAcACAAAAAAAAAAQ\"},"
        "\"notification\":{\"tag\":\"cAZAAAAAAcACAAAAAAAAAAQ\"}}}}");
    arena_fini(&arena);
}

static void each_kind_has_its_own(void **state) {
    static const char *const parts[PUSH_KIND_COUNT_][5] = {
        [PUSH_MESSAGE] = {"\"priority\":\"HIGH\"", "\"messages\"", "\"apns-priority\":\"10\"", "\"active\"",
                          "\"Urgency\":\"high\",\"TTL\":\"3600\""},
        [PUSH_BROADCAST] = {"\"priority\":\"NORMAL\"", "\"broadcasts\"", "\"apns-priority\":\"5\"",
                            "\"active\"", "\"Urgency\":\"normal\",\"TTL\":\"3600\""},
        [PUSH_EMERGENCY] = {"\"priority\":\"HIGH\"", "\"emergencies\"", "\"apns-priority\":\"10\"",
                            "\"time-sensitive\"", "\"Urgency\":\"high\",\"TTL\":\"3600\""},
        [PUSH_TEST] = {"\"priority\":\"HIGH\"", "\"messages\"", "\"apns-priority\":\"10\"", "\"active\"",
                       "\"Urgency\":\"high\",\"TTL\":\"300\""},
    };
    for (enum push_kind kind = 0; kind < PUSH_KIND_COUNT_; kind++) {
        struct push_note note = note_of(kind);
        struct arena arena;
        struct sio_span out;
        arena_init(&arena);
        assert_true(fcm_message(&note, NOW, &arena, &out));
        for (size_t i = 0; i < 5; i++)
            if (!strstr(out.p, parts[kind][i]))
                fail_msg("%s has no %s", push_kind_text(kind), parts[kind][i]);
        arena_fini(&arena);
    }
}

static void late_and_large_values(void **state) {
    struct push_note note = note_of(PUSH_MESSAGE);
    struct arena arena;
    struct sio_span out;
    arena_init(&arena);
    note.badge = UINT64_MAX;
    note.expires_at = NOW - 1;
    assert_true(fcm_message(&note, NOW, &arena, &out));
    assert_non_null(strstr(out.p, "\"notification_count\":2147483647"));
    assert_non_null(strstr(out.p, "\"ttl\":\"0s\""));
    assert_non_null(strstr(out.p, "\"apns-expiration\":\"1700000000\""));
    arena_fini(&arena);
}

static void a_token_too_long_is_said(void **state) {
    char token[4096];
    struct push_note note = note_of(PUSH_MESSAGE);
    struct arena arena;
    struct sio_span out;
    memset(token, 'a', sizeof token);
    arena_init(&arena);
    note.target.token = sio_span_of(token, sizeof token);
    assert_false(fcm_message(&note, NOW, &arena, &out));
    note.target.token = sio_span_of(token, 2900);
    assert_true(fcm_message(&note, NOW, &arena, &out));
    assert_true(out.n <= FCM_MESSAGE_MAX_BYTES);
    arena_fini(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_members),
        cmocka_unit_test(each_kind_has_its_own),
        cmocka_unit_test(late_and_large_values),
        cmocka_unit_test(a_token_too_long_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
