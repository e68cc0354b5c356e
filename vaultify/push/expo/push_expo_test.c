/* Expo's requests: the message, its limit, many in one body, gzip, the access token; going singly after a refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <zlib.h>

#include "base/mem.h"
#include "push/expo/message.h"
#include "push/provider.h"
#include "sio_json.h"

static const int64_t NOW = 1700000000000;

static struct uuid id_of(uint8_t last) {
    struct uuid id = {{0x01, 0x90, 0, 0, 0, 0, 0x70, 0, 0x80}};
    id.b[15] = last;
    return id;
}

static struct push_note note_of(enum push_kind kind) {
    return (struct push_note){.kind = kind,
                              .target = {.service = PUSH_EXPO, .token = SIO_SPAN("ExponentPushToken[abc]")},
                              .conversation = id_of(1),
                              .message = id_of(2),
                              .seq = 7,
                              .badge = 3,
                              .title = SIO_SPAN("Ada \"Obi\""),
                              .body = SIO_SPAN("Good morning"),
                              .expires_at = NOW + 3600500};
}

static struct push_config config_on(void) {
    struct push_config config;
    push_config_init(&config);
    config.expo.on = true;
    return config;
}

static struct push_provider *open_provider(const struct push_config *config) {
    struct push_provider *p = NULL;
    assert_int_equal(push_expo_open(config, NULL, &p), SIO_ERR_OK);
    assert_non_null(p);
    return p;
}

static const char *header_of(const struct push_request *request, const char *name) {
    for (unsigned i = 0; i < request->header_count; i++)
        if (strncmp(request->headers[i], name, strlen(name)) == 0) return request->headers[i] + strlen(name);
    return NULL;
}

/* The request's body, unzipped when it says so; the caller's to free(). */
static char *body_of(const struct push_request *request, size_t *n) {
    enum { ROOM = 2 << 20 };
    const char *encoding = header_of(request, "content-encoding: ");
    char *bytes = mem_zalloc(ROOM);
    if (!encoding) {
        memcpy(bytes, request->body.p, request->body.n);
        *n = request->body.n;
        return bytes;
    }
    assert_string_equal(encoding, "gzip");
    z_stream z = {.next_in = (Bytef *)(uintptr_t)request->body.p,
                  .avail_in = (uInt)request->body.n,
                  .next_out = (Bytef *)bytes,
                  .avail_out = ROOM};
    assert_int_equal(inflateInit2(&z, 15 + 16), Z_OK);
    assert_int_equal(inflate(&z, Z_FINISH), Z_STREAM_END);
    assert_int_equal(z.avail_in, 0);
    *n = z.total_out;
    inflateEnd(&z);
    return bytes;
}

static void assert_messages(const struct push_note *notes, size_t count, const char *expected) {
    struct sio_strbuf out;
    sio_strbuf_init(&out);
    expo_messages(&out, notes, count, NOW);
    assert_string_equal(out.p, expected);
    sio_strbuf_fini(&out);
}

/* ---- messages ---- */

#define MEMBERS(type)                                                                                        \
    "\"data\":{\"type\":\"" type "\",\"conversationId\":\"01900000-0000-7000-8000-000000000001\","           \
    "\"messageId\":\"01900000-0000-7000-8000-000000000002\",\"seq\":7,\"badge\":3},\"badge\":3"
#define TEXTS "\"to\":\"ExponentPushToken[abc]\",\"title\":\"Ada \\\"Obi\\\"\",\"body\":\"Good morning\","

static void each_kind(void **state) {
    struct push_note notes[] = {note_of(PUSH_MESSAGE), note_of(PUSH_EMERGENCY)};
    struct push_note broadcast = note_of(PUSH_BROADCAST), test = note_of(PUSH_TEST);
    assert_messages(
        notes, 2,
        "[{" TEXTS MEMBERS(
            "message") ",\"sound\":\"default\",\"priority\":\"high\",\"ttl\":3600},"
                       "{" TEXTS MEMBERS(
                           "emergency") ",\"sound\":\"default\",\"priority\":\"high\",\"ttl\":3600,"
                                        "\"interruptionLevel\":\"time-sensitive\"}]");
    assert_messages(
        &broadcast, 1,
        "[{" TEXTS MEMBERS("broadcast") ",\"sound\":\"default\",\"priority\":\"default\",\"ttl\":3600}]");
    assert_messages(&test, 1,
                    "[{" TEXTS MEMBERS("test") ",\"sound\":\"default\",\"priority\":\"high\",\"ttl\":300}]");
    broadcast.expires_at = NOW - 1;
    assert_messages(
        &broadcast, 1,
        "[{" TEXTS MEMBERS("broadcast") ",\"sound\":\"default\",\"priority\":\"default\",\"ttl\":0}]");
}

/* Whatever the texts are, and however long a token somebody has registered. */
static void messages_keep_the_limit(void **state) {
    static char quotes[5000], token[4096];
    struct push_note notes[2] = {note_of(PUSH_EMERGENCY), note_of(PUSH_MESSAGE)};
    struct sio_strbuf out;
    struct sio_span json, item;
    size_t cursor = 0;
    memset(quotes, '"', sizeof quotes);
    memset(token, 't', sizeof token);
    notes[0].title = notes[0].body = sio_span_of(quotes, sizeof quotes);
    notes[0].seq = notes[0].badge = UINT64_MAX;
    notes[1].target.token = sio_span_of(token, sizeof token);
    sio_strbuf_init(&out);
    expo_messages(&out, notes, 2, NOW);
    assert_true(sio_json_check(sio_strbuf_as_span(&out), &json));
    assert_true(sio_json_next_item(json, &cursor, &item));
    assert_in_range(item.n, EXPO_MESSAGE_MAX_BYTES - 100, 4096);
    assert_true(sio_json_next_item(json, &cursor, &item));
    assert_int_equal(sio_json_member(item, SIO_SPAN("to")).n, sizeof token + 2);
    assert_true(sio_json_string_is(sio_json_member(item, SIO_SPAN("body")), SIO_SPAN("Good morning")));
    sio_strbuf_fini(&out);
}

/* ---- requests ---- */

static void a_request(void **state) {
    struct push_config config = config_on();
    struct push_provider *p = open_provider(&config);
    struct push_note note = note_of(PUSH_MESSAGE);
    struct push_request request;
    struct push_verdict verdict;
    struct arena arena;
    arena_init(&arena);
    assert_true(p->ops->build(p, &note, 1, NOW, &arena, &request, &verdict));
    assert_string_equal(request.url, "https://exp.host/--/api/v2/push/send");
    assert_string_equal(header_of(&request, "content-type: "), "application/json");
    assert_null(header_of(&request, "authorization: "));
    assert_null(header_of(&request, "content-encoding: ")); /* so short a body goes as it is */
    assert_false(request.guarded);
    assert_int_equal(request.body.p[0], '[');
    arena_fini(&arena);
    p->ops->close(p);
}

static void a_hundred_zipped_with_the_access_token(void **state) {
    struct push_config config = config_on();
    config.expo.access_token = "s3cret";
    config.expo.base = "https://localhost:1234";
    struct push_provider *p = open_provider(&config);
    struct push_note notes[100];
    struct push_request request;
    struct push_verdict verdicts[100];
    struct arena arena;
    struct sio_span json, item;
    size_t n, cursor = 0, count = 0;
    assert_int_equal(p->ops->batch_max, 100);
    for (size_t i = 0; i < 100; i++) notes[i] = note_of(PUSH_MESSAGE);
    arena_init(&arena);
    assert_true(p->ops->build(p, notes, 100, NOW, &arena, &request, verdicts));
    assert_string_equal(request.url, "https://localhost:1234/--/api/v2/push/send");
    assert_string_equal(header_of(&request, "authorization: "), "Bearer s3cret");
    assert_in_range(request.body.n, 1, 4000);
    char *body = body_of(&request, &n);
    assert_true(sio_json_check(sio_span_of(body, n), &json));
    while (sio_json_next_item(json, &cursor, &item)) count++;
    assert_int_equal(count, 100);
    free(body);
    arena_fini(&arena);
    p->ops->close(p);
}

static void asking_for_receipts(void **state) {
    static const struct sio_span ids[] = {{"a-1", 3}, {"b_2", 3}};
    struct push_config config = config_on();
    config.expo.receipt_delay_ms = 1234;
    struct push_provider *p = open_provider(&config);
    struct push_request request;
    struct arena arena;
    size_t n;
    arena_init(&arena);
    p->ops->build_receipts(p, ids, 2, &arena, &request);
    assert_string_equal(request.url, "https://exp.host/--/api/v2/push/getReceipts");
    char *body = body_of(&request, &n);
    assert_string_equal(body, "{\"ids\":[\"a-1\",\"b_2\"]}");
    free(body);
    assert_int_equal(p->ops->receipt_delay_ms, 1234);
    assert_int_equal(p->ops->receipt_keep_ms, 24 * 3600 * 1000);
    assert_in_range(p->ops->receipts_max, 1, 1000);
    arena_fini(&arena);
    p->ops->close(p);
}

/* As many receipts as are asked about fit into an answer, also when all are errors. */
static void an_answer_of_errors_can_be_read(void **state) {
    static const char receipt[] =
        "\"01900000-0000-7000-8000-000000000002\":{\"status\":\"error\",\"message\":"
        "\"\\\"ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]\\\" is not a registered push notification "
        "recipient, and whatever else Expo may find to say of it in a sentence or two about what the "
        "developer should do now\",\"details\":{\"error\":\"DeviceNotRegistered\",\"expoPushToken\":"
        "\"ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]\",\"sentAt\":1700000000,\"fault\":\"developer\"}},";
    struct push_config config = config_on();
    struct push_provider *p = open_provider(&config);
    assert_true(p->ops->receipts_max * sizeof receipt < PUSH_RESPONSE_MAX_BYTES);
    p->ops->close(p);
}

/* ---- opening ---- */

static void off_until_configured(void **state) {
    struct push_config config;
    struct push_provider *p = (void *)1;
    push_config_init(&config);
    assert_int_equal(push_expo_open(&config, NULL, &p), SIO_ERR_OK);
    assert_null(p);
}

static void a_token_that_is_no_header(void **state) {
    static const char *const tokens[] = {"", "a b", "a\r\nx: y", "caf\303\251", "a\t"};
    struct push_config config = config_on();
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) {
        struct push_provider *p = (void *)1;
        config.expo.access_token = tokens[i];
        assert_int_equal(push_expo_open(&config, NULL, &p), SIO_ERR_INVALID);
        assert_null(p);
    }
}

/* ---- one spoils the request of many ---- */

static void after_a_refusal_each_goes_alone_for_a_while(void **state) {
    struct push_config config = config_on();
    struct push_provider *p = open_provider(&config);
    const struct push_note notes[2] = {note_of(PUSH_MESSAGE), note_of(PUSH_MESSAGE)};
    const struct push_response refused = {.status = 400,
                                          .body = SIO_SPAN("{\"errors\":[{\"code\":\"VALIDATION_ERROR\"}]}")};
    const struct push_response fine = {.status = 200,
                                       .body = SIO_SPAN("{\"data\":[{\"status\":\"ok\",\"id\":\"a\"}]}")};
    struct push_verdict verdicts[2];
    assert_int_equal(p->batch_limit, 0);
    p->ops->judge(p, notes, 2, &refused, NOW, verdicts);
    assert_int_equal(verdicts[0].result, PUSH_RETRY);
    assert_int_equal(p->batch_limit, 1);
    p->ops->judge(p, notes, 1, &fine, NOW + 599999, verdicts);
    assert_int_equal(p->batch_limit, 1);
    p->ops->judge(p, notes, 1, &refused, NOW + 599999, verdicts); /* the guilty one */
    assert_int_equal(verdicts[0].result, PUSH_REFUSED);
    assert_int_equal(p->batch_limit, 1);
    p->ops->judge(p, notes, 1, &fine, NOW + 600000, verdicts);
    assert_int_equal(p->batch_limit, 0);
    p->ops->close(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind),
        cmocka_unit_test(messages_keep_the_limit),
        cmocka_unit_test(a_request),
        cmocka_unit_test(a_hundred_zipped_with_the_access_token),
        cmocka_unit_test(asking_for_receipts),
        cmocka_unit_test(an_answer_of_errors_can_be_read),
        cmocka_unit_test(off_until_configured),
        cmocka_unit_test(a_token_that_is_no_header),
        cmocka_unit_test(after_a_refusal_each_goes_alone_for_a_while),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
