/* The access token: the grant that asks for it, when it is renewed, and what its refusal leads to. */
#include "push/fcm/access_token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "push/testing/keys.h"

static const int64_t NOW = 1700000000000;
enum { TIMEOUT_MS = 15000, MINUTE_MS = 60000 };
#define GRANT "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion="
#define HOUR  "{\"access_token\":\"ya29.first\",\"expires_in\":3600,\"token_type\":\"Bearer\"}"

static struct push_response response_of(int status, const char *body) {
    return (struct push_response){.status = status, .body = sio_span_cstr(body)};
}

static struct push_verdict answered(struct fcm_access_token *token, int64_t now_ms, int status,
                                    const char *body) {
    struct push_response response = response_of(status, body);
    struct push_verdict verdict;
    fcm_access_token_answered(token, &response, now_ms, &verdict);
    return verdict;
}

static struct push_verdict refused(struct fcm_access_token *token, int64_t now_ms) {
    struct push_response response = response_of(401, "");
    struct push_verdict verdict;
    fcm_access_token_refused(token, &response, now_ms, &verdict);
    return verdict;
}

static void the_grant_is_as_google_wants_it(void **state) {
    char *pem = test_key_pem(JWT_RS256);
    struct fcm_account account = {.client_email = SIO_SPAN("push@x.example"),
                                  .token_uri = SIO_SPAN("https://oauth.example/token")};
    struct fcm_access_token token;
    struct push_request request;
    struct arena arena;
    arena_init(&arena);
    assert_int_equal(jwt_key_from_pem(JWT_RS256, sio_span_cstr(pem), &account.key), SIO_ERR_OK);
    fcm_access_token_init(&token, &account, "https://127.0.0.1/token", TIMEOUT_MS);
    assert_true(fcm_access_token_wanted(&token, NOW));
    fcm_access_token_ask(&token, NOW, &arena, &request);
    assert_string_equal(request.url, "https://127.0.0.1/token");
    assert_int_equal(request.header_count, 1);
    assert_string_equal(request.headers[0], "content-type: application/x-www-form-urlencoded");
    assert_true(sio_span_starts(request.body, SIO_SPAN(GRANT)));
    struct sio_span assertion = sio_span_skip(request.body, sizeof GRANT - 1);
    char *claims = test_token_claims(assertion);
    assert_true(test_key_signed(pem, assertion));
    assert_string_equal(claims,
                        "{\"iss\":\"push@x.example\","
                        "\"scope\":\"https://www.googleapis.com/auth/firebase.messaging\","
                        "\"aud\":\"https://oauth.example/token\",\"iat\":1700000000,\"exp\":1700003600}");
    free(claims);
    fcm_access_token_fini(&token);
    jwt_key_free(account.key);
    arena_fini(&arena);
    free(pem);
}

static void it_is_renewed_before_it_expires(void **state) {
    static const struct {
        const char *body;
        int64_t renewed_after_ms;
    } rows[] = {
        {HOUR, 55 * MINUTE_MS},
        {"{\"access_token\":\"t\",\"expires_in\":60}", MINUTE_MS / 2},
        {"{\"access_token\":\"t\"}", 55 * MINUTE_MS},
        {"{\"access_token\":\"t\",\"expires_in\":-5}", 55 * MINUTE_MS},
        {"{\"access_token\":\"t\",\"expires_in\":\"soon\"}", 55 * MINUTE_MS},
        {"{\"access_token\":\"t\",\"expires_in\":9223372036854775807}", 24 * 60 * MINUTE_MS - 5 * MINUTE_MS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fcm_access_token token;
        fcm_access_token_init(&token, NULL, "", TIMEOUT_MS);
        assert_int_equal(answered(&token, NOW, 200, rows[i].body).result, PUSH_SENT);
        assert_false(fcm_access_token_wanted(&token, NOW));
        assert_false(fcm_access_token_wanted(&token, NOW + rows[i].renewed_after_ms - 1));
        assert_true(fcm_access_token_wanted(&token, NOW + rows[i].renewed_after_ms));
        fcm_access_token_fini(&token);
    }
}

static void answers_without_a_token(void **state) {
    static const struct {
        int status;
        const char *body;
        enum push_result result;
        const char *reason;
    } rows[] = {
        {400, "{\"error\":\"invalid_grant\",\"error_description\":\"Invalid JWT\"}", PUSH_KEY_PROBLEM,
         "invalid_grant"},
        {401, "{\"error\":\"invalid_client\"}", PUSH_KEY_PROBLEM, "invalid_client"},
        {403, "{\"error\":\"access_denied\"}", PUSH_KEY_PROBLEM, "access_denied"},
        {400, "{\"error\":\"something with blanks\"}", PUSH_KEY_PROBLEM, "HTTP 400"},
        {404, "<html>", PUSH_RETRY, "HTTP 404"},
        {400, "", PUSH_RETRY, "HTTP 400"},
        {302, "", PUSH_RETRY, "HTTP 302"},
        {429, "", PUSH_RETRY, "HTTP 429"},
        {500, "{\"error\":\"invalid_grant\"}", PUSH_RETRY, "HTTP 500"},
        {503, "", PUSH_RETRY, "HTTP 503"},
        {200, "", PUSH_RETRY, "HTTP 200"},
        {200, "<html>", PUSH_RETRY, "HTTP 200"},
        {200, "[]", PUSH_RETRY, "HTTP 200"},
        {200, "{\"access_token\":\"\"}", PUSH_RETRY, "HTTP 200"},
        {200, "{\"access_token\":7}", PUSH_RETRY, "HTTP 200"},
        {200, "{\"access_token\":\"a\\r\\nx-evil: 1\"}", PUSH_RETRY, "HTTP 200"},
        {200, "{\"error\":\"invalid_grant\"}", PUSH_RETRY, "invalid_grant"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fcm_access_token token;
        fcm_access_token_init(&token, NULL, "", TIMEOUT_MS);
        struct push_verdict verdict = answered(&token, NOW, rows[i].status, rows[i].body);
        if (verdict.result != rows[i].result || strcmp(verdict.reason, rows[i].reason) != 0)
            fail_msg("row %zu: %s %s", i, push_result_text(verdict.result), verdict.reason);
        assert_true(verdict.all);
        assert_true(fcm_access_token_wanted(&token, NOW));
        fcm_access_token_fini(&token);
    }
}

static void a_token_of_ten_kilobytes_is_none(void **state) {
    char body[10300] = "{\"access_token\":\"";
    struct fcm_access_token token;
    fcm_access_token_init(&token, NULL, "", TIMEOUT_MS);
    memset(body + 17, 'a', 10240);
    memcpy(body + 17 + 10240, "\"}", 3);
    assert_int_equal(answered(&token, NOW, 200, body).result, PUSH_RETRY);
    fcm_access_token_fini(&token);
}

static void a_failed_renewal_is_none_while_the_old_one_is_good(void **state) {
    struct fcm_access_token token;
    fcm_access_token_init(&token, NULL, "", TIMEOUT_MS);
    answered(&token, NOW, 200, HOUR);
    int64_t late = NOW + 56 * MINUTE_MS;
    assert_int_equal(answered(&token, late, 503, "").result, PUSH_SENT);
    assert_string_equal(token.header.p, "authorization: Bearer ya29.first");
    assert_false(fcm_access_token_wanted(&token, late + MINUTE_MS / 2 - 1));
    assert_true(fcm_access_token_wanted(&token, late + MINUTE_MS / 2));
    assert_int_equal(answered(&token, late, 400, "{\"error\":\"invalid_grant\"}").result, PUSH_KEY_PROBLEM);
    assert_int_equal(answered(&token, NOW + 60 * MINUTE_MS, 503, "").result, PUSH_RETRY);
    fcm_access_token_fini(&token);
}

static void one_that_was_taken_and_is_refused_is_renewed_once(void **state) {
    struct fcm_access_token token;
    fcm_access_token_init(&token, NULL, "", TIMEOUT_MS);
    answered(&token, NOW, 200, HOUR);
    fcm_access_token_taken(&token);
    int64_t at = NOW + MINUTE_MS;
    assert_int_equal(refused(&token, at).result, PUSH_RETRY);
    assert_true(fcm_access_token_wanted(&token, at));
    assert_int_equal(refused(&token, at + 10).result, PUSH_RETRY); /* sent before, answered behind it */
    answered(&token, at + 20, 200, HOUR);
    assert_int_equal(refused(&token, at + 30).result, PUSH_RETRY); /* and answered behind the new one */
    assert_false(fcm_access_token_wanted(&token, at + 30));
    assert_int_equal(refused(&token, at + TIMEOUT_MS).result, PUSH_KEY_PROBLEM); /* the new one's own */
    assert_true(fcm_access_token_wanted(&token, at + TIMEOUT_MS));
    fcm_access_token_fini(&token);
}

static void one_that_was_never_taken_is_a_problem_of_ours(void **state) {
    struct fcm_access_token token;
    fcm_access_token_init(&token, NULL, "", TIMEOUT_MS);
    answered(&token, NOW, 200, HOUR);
    struct push_verdict verdict = refused(&token, NOW + 100);
    assert_int_equal(verdict.result, PUSH_KEY_PROBLEM);
    assert_true(verdict.all);
    assert_true(fcm_access_token_wanted(&token, NOW + 100));
    fcm_access_token_fini(&token);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_grant_is_as_google_wants_it),
        cmocka_unit_test(it_is_renewed_before_it_expires),
        cmocka_unit_test(answers_without_a_token),
        cmocka_unit_test(a_token_of_ten_kilobytes_is_none),
        cmocka_unit_test(a_failed_renewal_is_none_while_the_old_one_is_good),
        cmocka_unit_test(one_that_was_taken_and_is_refused_is_renewed_once),
        cmocka_unit_test(one_that_was_never_taken_is_a_problem_of_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
