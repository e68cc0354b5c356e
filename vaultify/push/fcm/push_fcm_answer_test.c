/* FCM's answers: each row of its documentation leads to what is promised, and nothing else ever costs a token. */
#include "push/fcm/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const int64_t NOW = 1700000000000;

/* Answers in Google's form. */
#define ERROR(code, status, details)                                                                         \
    "{\"error\":{\"code\":" #code ",\"message\":\"Some words about it.\",\"status\":\"" status               \
    "\",\"details\":[" details "]}}"
#define FCM_ERROR(code)                                                                                      \
    "{\"@type\":\"type.googleapis.com/google.firebase.fcm.v1.FcmError\",\"errorCode\":\"" code "\"}"
#define BAD_FIELD(field)                                                                                     \
    "{\"@type\":\"type.googleapis.com/google.rpc.BadRequest\",\"fieldViolations\":[{\"field\":\"" field      \
    "\",\"description\":\"Invalid\"}]}"
#define QUOTA(subject)                                                                                       \
    "{\"@type\":\"type.googleapis.com/google.rpc.QuotaFailure\",\"violations\":[{\"subject\":\"" subject     \
    "\",\"description\":\"too many\"}]}"

struct row {
    int status;
    const char *body;
    uint32_t retry_after_ms; /* the answer's Retry-After */
    enum push_result result;
    bool all, alarm;
    uint32_t rest_ms; /* the verdict's */
    const char *reason;
};

static struct push_verdict judged(const struct row *row) {
    struct fcm_access_token token;
    struct push_verdict verdict;
    struct push_response response = {
        .status = row->status, .retry_after_ms = row->retry_after_ms, .body = sio_span_cstr(row->body)};
    memset(&verdict, 0xaa, sizeof verdict);
    fcm_access_token_init(&token, NULL, "", 15000);
    fcm_judge(&token, &response, NOW, &verdict);
    fcm_access_token_fini(&token);
    return verdict;
}

static void assert_rows(const struct row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct push_verdict v = judged(&rows[i]);
        if (v.result != rows[i].result || v.all != rows[i].all || v.alarm != rows[i].alarm ||
            v.retry_after_ms != rows[i].rest_ms || strcmp(v.reason, rows[i].reason) != 0)
            fail_msg("row %zu, HTTP %d: %s all=%d alarm=%d rest=%u %s", i, rows[i].status,
                     push_result_text(v.result), v.all, v.alarm, v.retry_after_ms, v.reason);
        assert_int_equal(v.dead_since, 0);
        assert_string_equal(v.receipt, "");
    }
}

static void as_documented(void **state) {
    static const struct row rows[] = {
        {200, "{\"name\":\"projects/p/messages/0:1\"}", 0, PUSH_SENT, .reason = "HTTP 200"},
        {404, ERROR(404, "NOT_FOUND", FCM_ERROR("UNREGISTERED")), 0, PUSH_TOKEN_DEAD,
         .reason = "UNREGISTERED"},
        {400, ERROR(400, "INVALID_ARGUMENT", FCM_ERROR("INVALID_ARGUMENT")), 0, PUSH_TOKEN_DEAD,
         .reason = "INVALID_ARGUMENT"},
        {400, ERROR(400, "INVALID_ARGUMENT", FCM_ERROR("INVALID_ARGUMENT") "," BAD_FIELD("message.token")), 0,
         PUSH_TOKEN_DEAD, .reason = "INVALID_ARGUMENT"},
        {400,
         ERROR(400, "INVALID_ARGUMENT", FCM_ERROR("INVALID_ARGUMENT") "," BAD_FIELD("message.android.ttl")),
         0, PUSH_REFUSED, .reason = "INVALID_ARGUMENT"},
        {400, ERROR(400, "INVALID_ARGUMENT", BAD_FIELD("message.data[0].value")), 0, PUSH_REFUSED,
         .reason = "INVALID_ARGUMENT"},
        {400, ERROR(400, "INVALID_ARGUMENT", ""), 0, PUSH_REFUSED, .reason = "INVALID_ARGUMENT"},
        {403, ERROR(403, "PERMISSION_DENIED", FCM_ERROR("SENDER_ID_MISMATCH")), 0, PUSH_TOKEN_DEAD,
         .alarm = true, .reason = "SENDER_ID_MISMATCH"},
        {403, ERROR(403, "PERMISSION_DENIED", ""), 0, PUSH_KEY_PROBLEM, .all = true,
         .reason = "PERMISSION_DENIED"},
        {404, ERROR(404, "NOT_FOUND", ""), 0, PUSH_KEY_PROBLEM, .all = true, .reason = "NOT_FOUND"},
        {401, ERROR(401, "UNAUTHENTICATED", FCM_ERROR("THIRD_PARTY_AUTH_ERROR")), 0, PUSH_KEY_PROBLEM,
         .reason = "THIRD_PARTY_AUTH_ERROR"},
        {401, ERROR(401, "UNAUTHENTICATED", ""), 0, PUSH_KEY_PROBLEM, .all = true, .reason = "HTTP 401"},
        {429, ERROR(429, "RESOURCE_EXHAUSTED", FCM_ERROR("QUOTA_EXCEEDED")), 0, PUSH_RETRY, .all = true,
         .rest_ms = 60000, .reason = "QUOTA_EXCEEDED"},
        {429, ERROR(429, "RESOURCE_EXHAUSTED", FCM_ERROR("QUOTA_EXCEEDED")), 2000, PUSH_RETRY, .all = true,
         .rest_ms = 2000, .reason = "QUOTA_EXCEEDED"},
        {429, ERROR(429, "RESOURCE_EXHAUSTED", FCM_ERROR("QUOTA_EXCEEDED") "," QUOTA("device:…")), 0,
         PUSH_RETRY, .rest_ms = 60000, .reason = "QUOTA_EXCEEDED"},
        {429, ERROR(429, "RESOURCE_EXHAUSTED", FCM_ERROR("QUOTA_EXCEEDED") "," QUOTA("project:1")), 0,
         PUSH_RETRY, .all = true, .rest_ms = 60000, .reason = "QUOTA_EXCEEDED"},
        {429, ERROR(429, "RESOURCE_EXHAUSTED", ""), 0, PUSH_RETRY, .all = true, .rest_ms = 60000,
         .reason = "RESOURCE_EXHAUSTED"},
        {503, ERROR(503, "UNAVAILABLE", FCM_ERROR("UNAVAILABLE")), 0, PUSH_RETRY, .all = true,
         .reason = "UNAVAILABLE"},
        {503, ERROR(503, "UNAVAILABLE", FCM_ERROR("UNAVAILABLE")), 30000, PUSH_RETRY, .all = true,
         .rest_ms = 30000, .reason = "UNAVAILABLE"},
        {400,
         ERROR(400, "INVALID_ARGUMENT",
               FCM_ERROR("INVALID_ARGUMENT") "," BAD_FIELD("message.data") "," BAD_FIELD("message.token")),
         0, PUSH_REFUSED, .reason = "INVALID_ARGUMENT"},
        {500, ERROR(500, "INTERNAL", FCM_ERROR("INTERNAL")), 0, PUSH_RETRY, .reason = "INTERNAL"},
        {500, ERROR(500, "INTERNAL", ""), 0, PUSH_RETRY, .reason = "HTTP 500"},
    };
    assert_rows(rows, sizeof rows / sizeof *rows);
}

/* What does not come from FCM, or not as documented, is waited out or refused. */
static void as_not_documented(void **state) {
    static const struct row rows[] = {
        {404, "<html>The requested URL was not found</html>", 0, PUSH_RETRY, .reason = "HTTP 404"},
        {410, "", 0, PUSH_RETRY, .reason = "HTTP 410"},
        {400, "UNREGISTERED", 0, PUSH_RETRY, .reason = "HTTP 400"},
        {302, "", 0, PUSH_RETRY, .reason = "HTTP 302"},
        {100, "", 0, PUSH_RETRY, .reason = "HTTP 100"},
        {200, "", 0, PUSH_RETRY, .reason = "HTTP 200"},
        {200, "<html>Please log in</html>", 0, PUSH_RETRY, .reason = "HTTP 200"},
        {200, "[]", 0, PUSH_RETRY, .reason = "HTTP 200"},
        {200, "{\"name\":7}", 0, PUSH_RETRY, .reason = "HTTP 200"},
        {502, "<html>502</html>", 0, PUSH_RETRY, .all = true, .reason = "HTTP 502"},
        {504, "", 7000, PUSH_RETRY, .all = true, .rest_ms = 7000, .reason = "HTTP 504"},
        {429, "slow down", 5000, PUSH_RETRY, .rest_ms = 5000, .reason = "HTTP 429"},
        {401, "<html>", 0, PUSH_KEY_PROBLEM, .all = true, .reason = "HTTP 401"},
        /* the right word under another status, under another type, in another place */
        {500, ERROR(500, "INTERNAL", FCM_ERROR("UNREGISTERED")), 0, PUSH_RETRY, .reason = "HTTP 500"},
        {403, ERROR(403, "PERMISSION_DENIED", FCM_ERROR("UNREGISTERED")), 0, PUSH_REFUSED,
         .reason = "UNREGISTERED"},
        {400, ERROR(400, "INVALID_ARGUMENT", FCM_ERROR("UNREGISTERED")), 0, PUSH_REFUSED,
         .reason = "UNREGISTERED"},
        {404, ERROR(404, "NOT_FOUND", "{\"@type\":\"FcmError\",\"errorCode\":\"UNREGISTERED\"}"), 0,
         PUSH_KEY_PROBLEM, .all = true, .reason = "NOT_FOUND"},
        {404, ERROR(404, "UNREGISTERED", ""), 0, PUSH_KEY_PROBLEM, .all = true, .reason = "UNREGISTERED"},
        {404, ERROR(404, "NOT_FOUND", "{\"errorCode\":\"UNREGISTERED\"}"), 0, PUSH_KEY_PROBLEM, .all = true,
         .reason = "NOT_FOUND"},
        {404, ERROR(404, "NOT_FOUND", "null,7,[],\"UNREGISTERED\""), 0, PUSH_KEY_PROBLEM, .all = true,
         .reason = "NOT_FOUND"},
        {404, "{\"error\":{\"code\":404,\"status\":\"NOT_FOUND\",\"details\":\"UNREGISTERED\"}}", 0,
         PUSH_KEY_PROBLEM, .all = true, .reason = "NOT_FOUND"},
        {404, "{\"error\":\"UNREGISTERED\"}", 0, PUSH_RETRY, .reason = "HTTP 404"},
        {404, "{\"error\":[]}", 0, PUSH_RETRY, .reason = "HTTP 404"},
        {404, "[" ERROR(404, "NOT_FOUND", FCM_ERROR("UNREGISTERED")) "]", 0, PUSH_RETRY,
         .reason = "HTTP 404"},
        {400, ERROR(400, "INVALID_ARGUMENT", FCM_ERROR("SOMETHING_NEW")), 0, PUSH_REFUSED,
         .reason = "SOMETHING_NEW"},
        {400, ERROR(400, "INVALID_ARGUMENT", FCM_ERROR("cA9:APA91b_a-token")), 0, PUSH_REFUSED,
         .reason = "HTTP 400"},
        {400,
         ERROR(400, "INVALID_ARGUMENT",
               FCM_ERROR("INVALID_ARGUMENT") "," BAD_FIELD("message.token") "," BAD_FIELD("message")),
         0, PUSH_REFUSED, .reason = "INVALID_ARGUMENT"},
    };
    assert_rows(rows, sizeof rows / sizeof *rows);
}

static void no_answer_is_waited_out(void **state) {
    for (enum push_transport t = PUSH_UNREACHABLE; t <= PUSH_CERTIFICATE; t++) {
        struct fcm_access_token token;
        struct push_verdict verdict;
        struct push_response response = {.transport = t};
        fcm_access_token_init(&token, NULL, "", 15000);
        fcm_judge(&token, &response, NOW, &verdict);
        assert_int_equal(verdict.result, PUSH_RETRY);
        assert_true(verdict.all);
        assert_string_equal(verdict.reason, push_transport_text(t));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_documented),
        cmocka_unit_test(as_not_documented),
        cmocka_unit_test(no_answer_is_waited_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
