/* The provider token: what it says, and that it is made anew neither too late nor too often. */
#include "push/apns/provider_token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "push/testing/keys.h"

static const int64_t NOW = 1700000000000;
enum { TIMEOUT_MS = 15000, MINUTE_MS = 60000 };

static char *pem;
static struct apns_account account = {.key_id = {"ABC123DEFG", 10}, .team_id = {"TEAM123456", 10}};

static int make_key(void **state) {
    pem = test_key_pem(JWT_ES256);
    return jwt_key_from_pem(JWT_ES256, sio_span_cstr(pem), &account.key) == SIO_ERR_OK ? 0 : 1;
}

static int drop_key(void **state) {
    jwt_key_free(account.key);
    free(pem);
    return 0;
}

/* Is it another one than at the last call? */
static bool is_new(struct apns_token *token, int64_t now_ms) {
    int64_t before = token->made_at;
    apns_token_header(token, now_ms);
    return token->made_at != before;
}

static void it_says_who_sends(void **state) {
    struct apns_token token;
    apns_token_init(&token, &account, TIMEOUT_MS);
    struct sio_span header = apns_token_header(&token, NOW + 999),
                    prefix = SIO_SPAN("authorization: bearer ");
    assert_true(sio_span_starts(header, prefix));
    struct sio_span text = sio_span_skip(header, prefix.n);
    char *its_header = test_token_header(text), *claims = test_token_claims(text);
    assert_true(test_key_signed(pem, text));
    assert_string_equal(its_header, "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"ABC123DEFG\"}");
    assert_string_equal(claims, "{\"iss\":\"TEAM123456\",\"iat\":1700000000}");
    free(its_header);
    free(claims);
    apns_token_fini(&token);
}

static void it_is_made_anew_between_20_and_60_minutes(void **state) {
    struct apns_token token;
    int64_t last = NOW;
    unsigned made = 0;
    apns_token_init(&token, &account, TIMEOUT_MS);
    apns_token_header(&token, NOW);
    for (int64_t now = NOW; now < NOW + 24 * 60 * MINUTE_MS; now += MINUTE_MS) {
        if (!is_new(&token, now)) continue;
        assert_in_range(now - last, 20 * MINUTE_MS, 60 * MINUTE_MS - 1);
        last = now;
        made++;
    }
    assert_int_equal(made, 31);
    apns_token_fini(&token);
}

static void one_from_the_future_is_replaced(void **state) {
    struct apns_token token;
    apns_token_init(&token, &account, TIMEOUT_MS);
    assert_true(is_new(&token, NOW));
    assert_true(is_new(&token, NOW - 1));
    assert_false(is_new(&token, NOW - 1));
    apns_token_fini(&token);
}

static void an_expired_one_is_dropped_once(void **state) {
    struct apns_token token;
    int64_t at = NOW + 25 * MINUTE_MS;
    apns_token_init(&token, &account, TIMEOUT_MS);
    apns_token_header(&token, NOW);
    assert_true(apns_token_expired(&token, at));
    assert_true(is_new(&token, at));
    assert_true(
        apns_token_expired(&token, at + TIMEOUT_MS - 1)); /* an answer to what was sent with the old one */
    assert_false(is_new(&token, at + TIMEOUT_MS - 1));
    assert_false(
        apns_token_expired(&token, at + TIMEOUT_MS)); /* the new one: too young to be another's fault */
    assert_false(is_new(&token, at + TIMEOUT_MS));
    apns_token_fini(&token);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_says_who_sends),
        cmocka_unit_test(it_is_made_anew_between_20_and_60_minutes),
        cmocka_unit_test(one_from_the_future_is_replaced),
        cmocka_unit_test(an_expired_one_is_dropped_once),
    };
    return cmocka_run_group_tests(tests, make_key, drop_key);
}
