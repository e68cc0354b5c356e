/* The provider: when it is on, what it sends where, and what each answer leads to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/base64.h"
#include "push/provider.h"
#include "push/testing/logged.h"

#define PUBLIC   "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
#define PRIVATE  "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
#define SUBJECT  "mailto:ops@example.com"
#define BROWSER  "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
#define ENDPOINT "https://updates.push.services.mozilla.com/wpush/v2/abc?d=e"

static const int64_t NOW_MS = 1700000000000;

static struct push_config good_config(void) {
    struct push_config config;
    push_config_init(&config);
    config.webpush.vapid_public = PUBLIC;
    config.webpush.vapid_private = PRIVATE;
    config.webpush.vapid_subject = SUBJECT;
    return config;
}

static struct push_provider *opened(const struct push_config *config) {
    struct push_provider *provider;
    assert_int_equal(push_webpush_open(config, NULL, &provider), SIO_ERR_OK);
    assert_non_null(provider);
    return provider;
}

/* ---- opening ---- */

static void off_until_it_is_configured(void **state) {
    struct push_config config;
    struct push_provider *provider;
    push_config_init(&config);
    assert_int_equal(push_webpush_open(&config, NULL, &provider), SIO_ERR_OK);
    assert_null(provider);
    config.directory = "/nowhere";
    config.webpush.vapid_subject = SUBJECT;
    assert_int_equal(push_webpush_open(&config, NULL, &provider), SIO_ERR_OK);
    assert_null(provider);
}

static void assert_not_right(const struct push_config *config, const char *word) {
    struct test_log log;
    struct push_provider *provider;
    test_log_init(&log);
    assert_int_equal(push_webpush_open(config, &log.log, &provider), SIO_ERR_INVALID);
    assert_null(provider);
    const char *text = test_log_read(&log);
    if (!strstr(text, word)) fail_msg("%s is not in: %s", word, text);
    assert_null(strstr(text, PRIVATE));
    test_log_fini(&log);
}

static void a_half_or_wrong_configuration_is_said(void **state) {
    struct push_config config = good_config();
    config.webpush.vapid_private = NULL;
    assert_not_right(&config, "VAPID_PRIVATE_KEY) is missing");
    config = good_config();
    config.webpush.vapid_public = NULL;
    assert_not_right(&config, "VAPID_PUBLIC_KEY) is missing");
    config = good_config();
    config.webpush.vapid_subject = NULL;
    assert_not_right(&config, "subject is missing");
    config = good_config();
    config.webpush.vapid_public = PUBLIC PUBLIC;
    assert_not_right(&config, "too long");
    config = good_config();
    config.webpush.base = "http://x";
    assert_not_right(&config, "base");
    config = good_config();
    config.webpush.vapid_public = BROWSER;
    assert_not_right(&config, "not that of the private key");
}

static void the_public_key_is_for_pages(void **state) {
    struct push_config config = good_config();
    config.webpush.per_second = 7;
    struct push_provider *provider = opened(&config);
    assert_string_equal(push_webpush_public_key(provider), PUBLIC);
    assert_int_equal(provider->per_second, 7);
    provider->ops->close(provider);
}

/* ---- requests ---- */

struct built {
    struct arena arena;
    char keys[128];
    struct push_note note;
    struct push_request request;
    struct push_verdict verdict;
    bool ok;
};

static void build(struct built *b, const struct push_config *config, enum push_kind kind,
                  const char *endpoint) {
    size_t n, m;
    struct push_provider *provider = opened(config);
    *b = (struct built){0};
    arena_init(&b->arena);
    assert_true(base64url_decode_strict(b->keys, SIO_SPAN(BROWSER), &n));
    assert_true(base64url_decode_strict(b->keys + n, SIO_SPAN("BTBZMqHH6r4Tts7J_aSIgg"), &m));
    b->note = (struct push_note){.kind = kind,
                                 .target = {.service = PUSH_WEBPUSH,
                                            .token = sio_span_cstr(endpoint),
                                            .keys = sio_span_of(b->keys, n + m)},
                                 .title = SIO_SPAN("Title"),
                                 .body = SIO_SPAN("Body"),
                                 .expires_at = NOW_MS + 3600 * 1000};
    b->ok = provider->ops->build(provider, &b->note, 1, NOW_MS, &b->arena, &b->request, &b->verdict);
    provider->ops->close(provider);
}

static bool has_header(const struct push_request *request, const char *line) {
    for (unsigned i = 0; i < request->header_count; i++)
        if (strncmp(request->headers[i], line, strlen(line)) == 0) return true;
    return false;
}

static void a_request_goes_to_the_endpoint(void **state) {
    struct built b;
    struct push_config config = good_config();
    build(&b, &config, PUSH_MESSAGE, ENDPOINT);
    assert_true(b.ok);
    assert_string_equal(b.request.url, ENDPOINT);
    assert_true(b.request.guarded);
    assert_int_equal(b.request.header_count, 6);
    assert_true(has_header(&b.request, "TTL: 3600"));
    assert_true(has_header(&b.request, "Topic: cAAAAAAAAAAAAAAAAAAAAAA"));
    assert_true(has_header(&b.request, "Content-Encoding: aes128gcm"));
    assert_true(has_header(&b.request, "Content-Type: application/octet-stream"));
    assert_true(has_header(&b.request, "Authorization: vapid t="));
    assert_in_range(b.request.body.n, 104, 4096);
    arena_fini(&b.arena);
}

static void urgency_by_kind(void **state) {
    static const char *const expected[PUSH_KIND_COUNT_] = {"Urgency: high", "Urgency: normal",
                                                           "Urgency: high", "Urgency: high"};
    struct push_config config = good_config();
    for (unsigned kind = 0; kind < PUSH_KIND_COUNT_; kind++) {
        struct built b;
        build(&b, &config, (enum push_kind)kind, ENDPOINT);
        assert_true(has_header(&b.request, expected[kind]));
        arena_fini(&b.arena);
    }
}

/* The operator says where; the user's path is kept, the form of the endpoint still counts. */
static void a_base_goes_before_the_origin(void **state) {
    static const char *const bases[] = {"https://localhost:8443", "https://localhost:8443/"};
    struct push_config config = good_config();
    struct built b;
    for (size_t i = 0; i < 2; i++) {
        config.webpush.base = bases[i];
        build(&b, &config, PUSH_MESSAGE, ENDPOINT);
        assert_string_equal(b.request.url, "https://localhost:8443/wpush/v2/abc?d=e");
        assert_false(b.request.guarded);
        arena_fini(&b.arena);
    }
    build(&b, &config, PUSH_MESSAGE, "https://localhost/x");
    assert_false(b.ok);
    arena_fini(&b.arena);
}

static void long_texts_are_cut_to_what_services_take(void **state) {
    static char text[8000];
    struct built b;
    struct push_config config = good_config();
    struct push_provider *provider = opened(&config);
    memset(text, '"', sizeof text);
    build(&b, &config, PUSH_MESSAGE, ENDPOINT);
    b.note.title = b.note.body = sio_span_of(text, sizeof text);
    assert_true(provider->ops->build(provider, &b.note, 1, NOW_MS, &b.arena, &b.request, &b.verdict));
    assert_in_range(b.request.body.n, 4080, 4096);
    arena_fini(&b.arena);
    provider->ops->close(provider);
}

static void what_cannot_be_sent_is_refused(void **state) {
    struct built b;
    struct push_config config = good_config();
    config.webpush.hosts = "push.example.com"; /* since then the list has become another */
    build(&b, &config, PUSH_MESSAGE, ENDPOINT);
    assert_false(b.ok);
    assert_int_equal(b.verdict.result, PUSH_REFUSED);
    assert_string_equal(b.verdict.reason, "The endpoint is not that of a known push service");
    arena_fini(&b.arena);

    config = good_config();
    struct push_provider *provider = opened(&config);
    build(&b, &config, PUSH_MESSAGE, ENDPOINT);
    b.keys[64] ^= 1;
    assert_false(provider->ops->build(provider, &b.note, 1, NOW_MS, &b.arena, &b.request, &b.verdict));
    assert_int_equal(b.verdict.result, PUSH_REFUSED);
    b.note.target.keys.n = 0;
    assert_false(provider->ops->build(provider, &b.note, 1, NOW_MS, &b.arena, &b.request, &b.verdict));
    assert_int_equal(b.verdict.result, PUSH_REFUSED);
    arena_fini(&b.arena);
    provider->ops->close(provider);
}

/* ---- answers ---- */

static const struct {
    struct push_response response;
    enum push_result result;
    uint32_t retry_after_ms;
    const char *reason;
} answers[] = {
    {{PUSH_ANSWERED, 201}, PUSH_SENT, 0, "HTTP 201"},
    {{PUSH_ANSWERED, 200}, PUSH_SENT, 0, "HTTP 200"},
    {{PUSH_ANSWERED, 202}, PUSH_SENT, 0, "HTTP 202"},
    {{PUSH_ANSWERED, 404}, PUSH_TOKEN_DEAD, 0, "HTTP 404"},
    {{PUSH_ANSWERED, 410}, PUSH_TOKEN_DEAD, 0, "HTTP 410"},
    {{PUSH_ANSWERED, 400}, PUSH_REFUSED, 0, "HTTP 400"},
    {{PUSH_ANSWERED, 413}, PUSH_REFUSED, 0, "HTTP 413"},
    {{PUSH_ANSWERED, 401}, PUSH_KEY_PROBLEM, 0, "HTTP 401"},
    {{PUSH_ANSWERED, 403}, PUSH_KEY_PROBLEM, 0, "HTTP 403"},
    {{PUSH_ANSWERED, 429}, PUSH_RETRY, 0, "HTTP 429"},
    {{PUSH_ANSWERED, 429, 5000}, PUSH_RETRY, 5000, "HTTP 429"},
    {{PUSH_ANSWERED, 500}, PUSH_RETRY, 0, "HTTP 500"},
    {{PUSH_ANSWERED, 502}, PUSH_RETRY, 0, "HTTP 502"},
    {{PUSH_ANSWERED, 503, 60000}, PUSH_RETRY, 60000, "HTTP 503"},
    {{PUSH_ANSWERED, 599}, PUSH_RETRY, 0, "HTTP 599"},
    {{PUSH_ANSWERED, 301}, PUSH_REFUSED, 0, "HTTP 301"},
    {{PUSH_ANSWERED, 307}, PUSH_REFUSED, 0, "HTTP 307"},
    {{PUSH_ANSWERED, 402}, PUSH_REFUSED, 0, "HTTP 402"},
    {{PUSH_ANSWERED, 405}, PUSH_REFUSED, 0, "HTTP 405"},
    {{PUSH_ANSWERED, 999}, PUSH_REFUSED, 0, "HTTP 999"},
    {{PUSH_UNREACHABLE}, PUSH_RETRY, 0, "unreachable"},
    {{PUSH_TIMED_OUT}, PUSH_RETRY, 0, "timed out"},
    {{PUSH_BROKEN}, PUSH_RETRY, 0, "connection broken"},
    {{PUSH_CERTIFICATE}, PUSH_RETRY, 0, "certificate"},
    {{PUSH_FORBIDDEN}, PUSH_RETRY, 0, "forbidden address"},
};

static void every_answer(void **state) {
    struct push_config config = good_config();
    struct push_provider *provider = opened(&config);
    struct push_note note = {.kind = PUSH_MESSAGE};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct push_verdict verdict;
        memset(&verdict, 0xff, sizeof verdict);
        provider->ops->judge(provider, &note, 1, &answers[i].response, NOW_MS, &verdict);
        if (verdict.result != answers[i].result) fail_msg("row %zu: %s", i, push_result_text(verdict.result));
        assert_int_equal(verdict.retry_after_ms, answers[i].retry_after_ms);
        assert_string_equal(verdict.reason, answers[i].reason);
        assert_false(verdict.all); /* one host of many */
        assert_false(verdict.alarm);
        assert_int_equal(verdict.dead_since, 0);
        assert_string_equal(verdict.receipt, "");
    }
    provider->ops->close(provider);
}

static void with_a_base_one_silence_is_that_of_all(void **state) {
    struct push_config config = good_config();
    config.webpush.base = "https://localhost:8443";
    struct push_provider *provider = opened(&config);
    struct push_note note = {.kind = PUSH_MESSAGE};
    struct push_verdict verdict;
    provider->ops->judge(provider, &note, 1, &(struct push_response){PUSH_UNREACHABLE}, NOW_MS, &verdict);
    assert_true(verdict.all);
    provider->ops->close(provider);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(off_until_it_is_configured),
        cmocka_unit_test(a_half_or_wrong_configuration_is_said),
        cmocka_unit_test(the_public_key_is_for_pages),
        cmocka_unit_test(a_request_goes_to_the_endpoint),
        cmocka_unit_test(urgency_by_kind),
        cmocka_unit_test(a_base_goes_before_the_origin),
        cmocka_unit_test(long_texts_are_cut_to_what_services_take),
        cmocka_unit_test(what_cannot_be_sent_is_refused),
        cmocka_unit_test(every_answer),
        cmocka_unit_test(with_a_base_one_silence_is_that_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
