/* The printed documents: they are JSON where they should be, name everything public and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "events/server_events.h"
#include "reference/names.h"
#include "reference/reference.h"
#include "sio_json.h"

typedef void document_fn(struct sio_strbuf *out);
static document_fn *const documents[] = {reference_openapi, reference_asyncapi, reference_typescript,
                                         reference_markdown};
enum { OPENAPI, ASYNCAPI, DOCUMENTS = 4 };

static struct sio_strbuf texts[DOCUMENTS];

static int print(void **state) {
    for (size_t i = 0; i < DOCUMENTS; i++) documents[i](&texts[i]);
    return 0;
}

static int forget(void **state) {
    for (size_t i = 0; i < DOCUMENTS; i++) sio_strbuf_fini(&texts[i]);
    return 0;
}

static bool has(size_t document, const char *text) {
    return memmem(texts[document].p, texts[document].n, text, strlen(text)) != NULL;
}

static struct sio_span json(size_t document) {
    struct sio_span value;
    assert_true(sio_json_check(sio_strbuf_as_span(&texts[document]), &value));
    return value;
}

static void openapi_has_a_path_for_each_public_pattern(void **state) {
    struct sio_span paths = sio_json_member(json(OPENAPI), SIO_SPAN("paths")), key, value;
    size_t cursor = 0, operations = 0, rows = 0;
    while (sio_json_next_member(paths, &cursor, &key, &value)) {
        size_t inner = 0;
        struct sio_span method, operation;
        while (sio_json_next_member(value, &inner, &method, &operation)) operations++;
    }
    for (size_t i = 0; i < route_row_count; i++) rows += reference_route_is_public(&route_rows[i]);
    assert_int_equal(operations, rows);
    assert_true(has(OPENAPI, "\"/messaging/messages/{id}/reactions/{emoji}\""));
}

static void asyncapi_has_all_events(void **state) {
    char key[REFERENCE_NAME_MAX];
    struct sio_span components = sio_json_member(json(ASYNCAPI), SIO_SPAN("components"));
    struct sio_span messages = sio_json_member(components, SIO_SPAN("messages"));
    for (size_t i = 0; i < event_row_count; i++) {
        snprintf(key, sizeof key, "client.%s", event_rows[i].name);
        assert_true(sio_json_member(messages, sio_span_cstr(key)).n > 0);
        snprintf(key, sizeof key, "ack.%s", event_rows[i].name);
        assert_true(sio_json_member(messages, sio_span_cstr(key)).n > 0);
    }
    for (size_t i = 0; i < SERVER_EVENT_COUNT_; i++) {
        snprintf(key, sizeof key, "server.%s", server_event_rows[i].name);
        assert_true(sio_json_member(messages, sio_span_cstr(key)).n > 0);
    }
}

static void what_an_administrator_alone_may_see_stands_nowhere(void **state) {
    for (size_t i = 0; i < DOCUMENTS; i++) {
        assert_true(texts[i].n > 0);
        assert_false(has(i, "/control/"));
    }
}

static void names_are_derived(void **state) {
    const struct route_row row = {.method = "PUT", .pattern = "/messaging/a-b/:id/read/*token"};
    assert_string_equal(reference_operation_name(&row).text, "putMessagingABByIdReadByToken");
    assert_string_equal(reference_route_tag(&row).text, "a-b");
    assert_string_equal(reference_payload_name(&(struct event_row){.name = "mark_as_read"}).text,
                        "MarkAsReadPayload");
}

static void codes_that_faults_share_stand_once(void **state) {
    const char *codes[REFERENCE_CODES_MAX];
    assert_int_equal(
        reference_codes(FAULT_BIT(TEXT_EMPTY) | FAULT_BIT(INVALID_PAYLOAD) | FAULT_BIT(BUSY), codes), 2);
    assert_string_equal(codes[0], "invalid_payload");
    assert_string_equal(codes[1], "busy");
    assert_true(reference_faults_of_status(~0ull, 503) == FAULT_BIT(BUSY));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openapi_has_a_path_for_each_public_pattern),
        cmocka_unit_test(asyncapi_has_all_events),
        cmocka_unit_test(what_an_administrator_alone_may_see_stands_nowhere),
        cmocka_unit_test(names_are_derived),
        cmocka_unit_test(codes_that_faults_share_stand_once),
    };
    return cmocka_run_group_tests(tests, print, forget);
}
