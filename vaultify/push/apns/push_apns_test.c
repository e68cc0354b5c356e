/* APNs as the worker meets it: where requests go, tokens that are none, and one stream until the key is accepted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <unistd.h>

#include "push/provider.h"
#include "push/testing/keys.h"

static const int64_t NOW = 1700000000000;
#define TOKEN "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0"

static char path[64];

static int make_file(void **state) {
    char *pem = test_key_pem(JWT_ES256);
    snprintf(path, sizeof path, "/tmp/push_apns_test.%ld.p8", (long)getpid());
    FILE *file = fopen(path, "w");
    if (!file) return 1;
    fputs(pem, file);
    free(pem);
    return fclose(file);
}

static int drop_file(void **state) { return unlink(path); }

static struct push_provider *open_apns(bool sandbox, const char *base) {
    struct push_config config;
    struct push_provider *p;
    push_config_init(&config);
    config.apns.key_file = path;
    config.apns.key_id = "ABC123DEFG";
    config.apns.team_id = "TEAM123456";
    config.apns.topic = "com.example.app";
    config.apns.sandbox = sandbox;
    config.apns.base = base;
    assert_int_equal(push_apns_open(&config, NULL, &p), SIO_ERR_OK);
    return p;
}

static void requests_go_where_they_should(void **state) {
    static const struct {
        bool sandbox;
        const char *base, *url;
    } rows[] = {
        {false, NULL, "https://api.push.apple.com/3/device/" TOKEN},
        {true, NULL, "https://api.sandbox.push.apple.com/3/device/" TOKEN},
        {true, "https://localhost:1234", "https://localhost:1234/3/device/" TOKEN},
    };
    for (size_t i = 0; i < 3; i++) {
        struct push_provider *p = open_apns(rows[i].sandbox, rows[i].base);
        struct push_note note = {.target.token = SIO_SPAN(TOKEN)};
        struct push_request request;
        struct push_verdict verdict;
        struct arena arena;
        arena_init(&arena);
        assert_true(p->ops->build(p, &note, 1, NOW, &arena, &request, &verdict));
        assert_string_equal(request.url, rows[i].url);
        assert_false(request.guarded);
        assert_int_equal(strncmp(request.headers[0], "authorization: bearer ey", 24), 0);
        assert_string_equal(request.headers[1], "apns-topic: com.example.app");
        assert_int_equal(request.header_count, 8);
        arena_fini(&arena);
        p->ops->close(p);
    }
}

static void what_is_no_token_is_refused(void **state) {
    static const struct sio_span tokens[] = {{"", 0}, {"../x", 4}, {"00fc?", 5}, {"00\r\n", 4}, {"0\0", 2}};
    char long_token[201];
    memset(long_token, '0', sizeof long_token);
    struct push_provider *p = open_apns(false, NULL);
    for (size_t i = 0; i < 6; i++) {
        struct push_note note = {.target.token = i < 5 ? tokens[i] : sio_span_of(long_token, 201)};
        struct push_request request;
        struct push_verdict verdict;
        struct arena arena;
        arena_init(&arena);
        assert_false(p->ops->build(p, &note, 1, NOW, &arena, &request, &verdict));
        assert_int_equal(verdict.result, PUSH_REFUSED);
        assert_true(verdict.reason[0]);
        arena_fini(&arena);
    }
    p->ops->close(p);
}

static void one_stream_until_the_key_is_accepted(void **state) {
    static const struct {
        enum push_transport transport;
        int status;
        const char *body;
        bool many; /* afterwards */
    } rows[] = {
        {PUSH_ANSWERED, 503, "{\"reason\":\"ServiceUnavailable\"}", false},
        {PUSH_ANSWERED, 403, "{\"reason\":\"InvalidProviderToken\"}", false},
        {PUSH_ANSWERED, 404, "<html>", false},
        {PUSH_ANSWERED, 410, "{\"reason\":\"Unregistered\"}", true},
        {PUSH_ANSWERED, 403, "{\"reason\":\"InvalidProviderToken\"}", false},
        {PUSH_ANSWERED, 400, "{\"reason\":\"BadPriority\"}", true},
        {PUSH_ANSWERED, 429, "{\"reason\":\"TooManyRequests\"}", true},
        {PUSH_BROKEN, 0, "", false},
        {PUSH_ANSWERED, 200, "", true},
    };
    struct push_provider *p = open_apns(false, NULL);
    struct push_note note = {.target.token = SIO_SPAN(TOKEN)};
    assert_int_equal(p->in_flight_max, 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct push_response response = {
            .transport = rows[i].transport, .status = rows[i].status, .body = sio_span_cstr(rows[i].body)};
        struct push_verdict verdict;
        p->ops->judge(p, &note, 1, &response, NOW, &verdict);
        if ((p->in_flight_max > 1) != rows[i].many) fail_msg("row %zu: %u", i, p->in_flight_max);
    }
    p->ops->close(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_go_where_they_should),
        cmocka_unit_test(what_is_no_token_is_refused),
        cmocka_unit_test(one_stream_until_the_key_is_accepted),
    };
    return cmocka_run_group_tests(tests, make_file, drop_file);
}
