/* Apple's payload and headers: all members, each kind's own, and the limit. */
#include "push/apns/payload.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sio_json.h"

static const int64_t NOW = 1700000000000;

static struct push_note note_of(enum push_kind kind) {
    struct push_note note = {.kind = kind,
                             .seq = 7,
                             .badge = 3,
                             .title = SIO_SPAN("Ada Lovelace"),
                             .body = SIO_SPAN("Hello \"you\""),
                             .expires_at = NOW + 3600000};
    uuid_parse(SIO_SPAN("01900000-0000-7000-8000-000000000001"), &note.conversation);
    uuid_parse(SIO_SPAN("01900000-0000-7000-8000-000000000002"), &note.message);
    uuid_parse(SIO_SPAN("01900000-0000-7000-8000-000000000003"), &note.id);
    return note;
}

#define BODY(type, sound, level)                                                                             \
    "{\"aps\":{\"alert\":{\"title\":\"Ada Lovelace\",\"body\":\"Hello \\\"you\\\"\"},\"badge\":3,"           \
    "\"sound\":" sound ",\"thread-id\":\"01900000-0000-7000-8000-000000000001\","                            \
    "\"interruption-level\":\"" level "\"},\"type\":\"" type "\","                                           \
    "\"conversationId\":\"01900000-0000-7000-8000-000000000001\","                                           \
    "\"messageId\":\"01900000-0000-7000-8000-000000000002\",\"seq\":7,\"badge\":3}"
#define DEFAULT "\"default\""

static bool has_header(const struct push_request *request, const char *line) {
    for (unsigned i = 0; i < request->header_count; i++)
        if (strcmp(request->headers[i], line) == 0) return true;
    return false;
}

static void each_kind_has_its_own(void **state) {
    static const struct {
        enum push_kind kind;
        bool critical;
        const char *body, *priority, *expiration, *collapse;
    } rows[] = {
        {PUSH_MESSAGE, false, BODY("message", DEFAULT, "active"), "10", "1700003600",
         "cAZAAAAAAcACAAAAAAAAAAQ"},
        {PUSH_MESSAGE, true, BODY("message", DEFAULT, "active"), "10", "1700003600",
         "cAZAAAAAAcACAAAAAAAAAAQ"},
        {PUSH_BROADCAST, true, BODY("broadcast", DEFAULT, "active"), "5", "1700003600",
         "cAZAAAAAAcACAAAAAAAAAAQ"},
        {PUSH_EMERGENCY, false, BODY("emergency", DEFAULT, "time-sensitive"), "10", "1700003600",
         "eAZAAAAAAcACAAAAAAAAAAg"},
        {PUSH_EMERGENCY, true,
         BODY("emergency", "{\"critical\":1,\"name\":\"default\",\"volume\":1}", "critical"), "10",
         "1700003600", "eAZAAAAAAcACAAAAAAAAAAg"},
        {PUSH_TEST, true, BODY("test", DEFAULT, "active"), "10", "1700000300", "cAZAAAAAAcACAAAAAAAAAAQ"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct push_note note = note_of(rows[i].kind);
        struct push_request request = {0};
        struct arena arena;
        char priority[32], expiration[64], collapse[64];
        arena_init(&arena);
        apns_payload(&note, rows[i].critical, NOW, &arena, &request);
        assert_string_equal(request.body.p, rows[i].body);
        snprintf(priority, sizeof priority, "apns-priority: %s", rows[i].priority);
        snprintf(expiration, sizeof expiration, "apns-expiration: %s", rows[i].expiration);
        snprintf(collapse, sizeof collapse, "apns-collapse-id: %s", rows[i].collapse);
        assert_true(has_header(&request, priority));
        assert_true(has_header(&request, expiration));
        assert_true(has_header(&request, collapse));
        assert_true(has_header(&request, "apns-push-type: alert"));
        assert_true(has_header(&request, "content-type: application/json"));
        assert_true(has_header(&request, "apns-id: 01900000-0000-7000-8000-000000000003"));
        assert_int_equal(request.header_count, 6);
        arena_fini(&arena);
    }
}

static void the_limit_is_kept(void **state) {
    enum { TEXT_BYTES = 100 << 10 };
    char *text = mem_alloc(TEXT_BYTES);
    for (size_t i = 0; i < TEXT_BYTES; i += 4) memcpy(text + i, "\xf0\x9f\x98\x80", 4);
    struct push_note note = note_of(PUSH_EMERGENCY);
    struct push_request request = {0};
    struct arena arena;
    struct sio_span value;
    arena_init(&arena);
    note.title = note.body = sio_span_of(text, TEXT_BYTES);
    apns_payload(&note, true, NOW, &arena, &request);
    assert_in_range(request.body.n, APNS_PAYLOAD_MAX_BYTES - 16, APNS_PAYLOAD_MAX_BYTES);
    assert_true(sio_json_check(request.body, &value));
    arena_fini(&arena);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_own),
        cmocka_unit_test(the_limit_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
