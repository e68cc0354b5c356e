/* Apple's answers: each of its documented reasons leads to what is promised, and nothing else ever costs a token. */
#include "push/apns/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const int64_t NOW = 1700000000000;
enum { MINUTE_MS = 60000, TIMEOUT_MS = 15000 };

struct row {
    int status;
    const char *body;
    uint32_t retry_after_ms; /* the answer's Retry-After */
    enum push_result result;
    bool all;
    int64_t dead_since;
    const char *reason;
};

/* With a provider token of that age. */
static struct push_verdict judged(const struct push_response *response, int64_t age_ms) {
    struct apns_token token;
    struct push_verdict verdict;
    memset(&verdict, 0xaa, sizeof verdict);
    apns_token_init(&token, NULL, TIMEOUT_MS);
    token.made_at = NOW - age_ms;
    apns_judge(&token, response, NOW, &verdict);
    apns_token_fini(&token);
    return verdict;
}

static void assert_rows(const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct push_response response = {.status = rows[i].status,
                                         .retry_after_ms = rows[i].retry_after_ms,
                                         .body = sio_span_cstr(rows[i].body)};
        struct push_verdict v = judged(&response, MINUTE_MS);
        if (v.result != rows[i].result || v.all != rows[i].all || v.dead_since != rows[i].dead_since ||
            v.retry_after_ms != rows[i].retry_after_ms || strcmp(v.reason, rows[i].reason) != 0)
            fail_msg("row %zu, HTTP %d: %s all=%d since=%lld rest=%u %s", i, rows[i].status,
                     push_result_text(v.result), v.all, (long long)v.dead_since, v.retry_after_ms, v.reason);
        assert_false(v.alarm);
        assert_string_equal(v.receipt, "");
    }
}

/* A row for a status and the reason that Apple gives with it. */
#define SAID(status_, reason_, ...)                                                                          \
    { .status = status_, .body = "{\"reason\":\"" reason_ "\"}", .reason = reason_, .result = __VA_ARGS__ }

static void as_documented(void **state) {
    static const struct row rows[] = {
        {200, "", 0, PUSH_SENT, .reason = "HTTP 200"},
        SAID(400, "BadCollapseId", PUSH_REFUSED),
        SAID(400, "BadDeviceToken", PUSH_TOKEN_DEAD),
        SAID(400, "BadExpirationDate", PUSH_REFUSED),
        SAID(400, "BadMessageId", PUSH_REFUSED),
        SAID(400, "BadPriority", PUSH_REFUSED),
        SAID(400, "BadTopic", PUSH_REFUSED),
        SAID(400, "DeviceTokenNotForTopic", PUSH_TOKEN_DEAD),
        SAID(400, "DuplicateHeaders", PUSH_REFUSED),
        SAID(400, "IdleTimeout", PUSH_RETRY),
        SAID(400, "InvalidPushType", PUSH_REFUSED),
        SAID(400, "MissingDeviceToken", PUSH_REFUSED),
        SAID(400, "MissingTopic", PUSH_REFUSED),
        SAID(400, "PayloadEmpty", PUSH_REFUSED),
        SAID(400, "TopicDisallowed", PUSH_REFUSED),
        SAID(403, "BadCertificate", PUSH_KEY_PROBLEM, .all = true),
        SAID(403, "BadCertificateEnvironment", PUSH_KEY_PROBLEM, .all = true),
        SAID(403, "ExpiredProviderToken", PUSH_KEY_PROBLEM,
             .all = true), /* a minute old: our clock is wrong */
        SAID(403, "Forbidden", PUSH_KEY_PROBLEM, .all = true),
        SAID(403, "InvalidProviderToken", PUSH_KEY_PROBLEM, .all = true),
        SAID(403, "MissingProviderToken", PUSH_KEY_PROBLEM, .all = true),
        SAID(403, "UnrelatedKeyIdInToken", PUSH_KEY_PROBLEM, .all = true),
        SAID(403, "BadEnvironmentKeyIdInToken", PUSH_KEY_PROBLEM, .all = true),
        SAID(404, "BadPath", PUSH_REFUSED),
        SAID(405, "MethodNotAllowed", PUSH_REFUSED),
        SAID(410, "ExpiredToken", PUSH_TOKEN_DEAD),
        SAID(410, "Unregistered", PUSH_TOKEN_DEAD),
        {410, "{\"reason\":\"Unregistered\",\"timestamp\":1699999999123}", 0, PUSH_TOKEN_DEAD,
         .dead_since = 1699999999123, .reason = "Unregistered"},
        SAID(413, "PayloadTooLarge", PUSH_REFUSED),
        SAID(429, "TooManyProviderTokenUpdates", PUSH_RETRY, .all = true),
        SAID(429, "TooManyRequests", PUSH_RETRY),
        SAID(429, "TooManyRequests", PUSH_RETRY, .retry_after_ms = 2000),
        SAID(500, "InternalServerError", PUSH_RETRY),
        SAID(503, "ServiceUnavailable", PUSH_RETRY, .all = true),
        SAID(503, "Shutdown", PUSH_RETRY, .all = true),
        SAID(503, "Shutdown", PUSH_RETRY, .all = true, .retry_after_ms = 30000),
    };
    assert_rows(rows, sizeof rows / sizeof *rows);
}

/* What does not come from Apple, or not as documented, is waited out or refused. */
static void as_not_documented(void **state) {
    static const struct row rows[] = {
        {410, "", 0, PUSH_RETRY, .reason = "HTTP 410"},
        {410, "<html>Gone</html>", 0, PUSH_RETRY, .reason = "HTTP 410"},
        {410, "Unregistered", 0, PUSH_RETRY, .reason = "HTTP 410"},
        {410, "{\"reason\":[\"Unregistered\"]}", 0, PUSH_RETRY, .reason = "HTTP 410"},
        {410, "[{\"reason\":\"Unregistered\"}]", 0, PUSH_RETRY, .reason = "HTTP 410"},
        {410, "{\"reason\":\"Unregistered\"", 0, PUSH_RETRY, .reason = "HTTP 410"},
        {400, "{\"reason\":\"Unregistered\"}", 0, PUSH_REFUSED, .reason = "Unregistered"},
        {410, "{\"reason\":\"BadDeviceToken\"}", 0, PUSH_REFUSED, .reason = "BadDeviceToken"},
        {500, "{\"reason\":\"BadDeviceToken\"}", 0, PUSH_RETRY, .reason = "BadDeviceToken"},
        {404, "{\"reason\":\"Unregistered\"}", 0, PUSH_REFUSED, .reason = "Unregistered"},
        {403, "<html>Forbidden</html>", 0, PUSH_RETRY, .reason = "HTTP 403"},
        {400, "{\"reason\":\"SomethingNew\"}", 0, PUSH_REFUSED, .reason = "SomethingNew"},
        {400, "{\"reason\":\"00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\"}", 0,
         PUSH_REFUSED, .reason = "HTTP 400"},
        {400, "{\"reason\":\"\"}", 0, PUSH_REFUSED, .reason = "HTTP 400"},
        {502, "<html>", 0, PUSH_RETRY, .all = true, .reason = "HTTP 502"},
        {504, "{\"reason\":\"x\"}", 0, PUSH_RETRY, .all = true, .reason = "HTTP 504"},
        {429, "", 9000, PUSH_RETRY, .reason = "HTTP 429"},
        {302, "", 0, PUSH_RETRY, .reason = "HTTP 302"},
        {410, "{\"reason\":\"Unregistered\",\"timestamp\":\"1699999999123\"}", 0, PUSH_TOKEN_DEAD,
         .reason = "Unregistered"},
        {410, "{\"reason\":\"Unregistered\",\"timestamp\":-5}", 0, PUSH_TOKEN_DEAD, .reason = "Unregistered"},
        {410, "{\"reason\":\"Unregistered\",\"timestamp\":1e300}", 0, PUSH_TOKEN_DEAD,
         .reason = "Unregistered"},
    };
    assert_rows(rows, sizeof rows / sizeof *rows);
}

static void an_expired_provider_token_is_renewed_when_it_may_be(void **state) {
    struct push_response response = {.status = 403,
                                     .body = SIO_SPAN("{\"reason\":\"ExpiredProviderToken\"}")};
    struct push_verdict young = judged(&response, 20 * MINUTE_MS - 1),
                        old = judged(&response, 20 * MINUTE_MS);
    assert_int_equal(young.result, PUSH_KEY_PROBLEM);
    assert_int_equal(old.result, PUSH_RETRY);
    assert_true(old.all);
    assert_string_equal(old.reason, "ExpiredProviderToken");
}

static void no_answer_is_waited_out(void **state) {
    for (enum push_transport t = PUSH_UNREACHABLE; t <= PUSH_CERTIFICATE; t++) {
        struct push_response response = {.transport = t};
        struct push_verdict verdict = judged(&response, MINUTE_MS);
        assert_int_equal(verdict.result, PUSH_RETRY);
        assert_true(verdict.all);
        assert_string_equal(verdict.reason, push_transport_text(t));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_documented),
        cmocka_unit_test(as_not_documented),
        cmocka_unit_test(an_expired_provider_token_is_renewed_when_it_may_be),
        cmocka_unit_test(no_answer_is_waited_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
