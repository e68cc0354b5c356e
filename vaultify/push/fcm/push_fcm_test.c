/* FCM as the worker meets it: where requests go, and with which token. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/mem.h"
#include "push/provider.h"
#include "push/testing/keys.h"

static const int64_t NOW = 1700000000000;
enum { HOUR_MS = 3600000 };

static char *pem;

static int make_key(void **state) {
    pem = test_key_pem(JWT_RS256);
    return 0;
}

static int drop_key(void **state) {
    free(pem);
    return 0;
}

static struct push_provider *open_fcm(const char *base, const char *token_url) {
    struct push_config config;
    struct push_provider *p;
    push_config_init(&config);
    config.fcm.project_id = "my-app";
    config.fcm.client_email = "push@my-app.example";
    config.fcm.private_key = pem;
    config.fcm.base = base;
    config.fcm.token_url = token_url;
    assert_int_equal(push_fcm_open(&config, NULL, &p), SIO_ERR_OK);
    return p;
}

static void give_token(struct push_provider *p, int64_t now_ms, const char *body) {
    struct push_response response = {.status = 200, .body = sio_span_cstr(body)};
    struct push_verdict verdict;
    p->ops->authorized(p, &response, now_ms, &verdict);
    assert_int_equal(verdict.result, PUSH_SENT);
}

static void requests_go_where_they_should(void **state) {
    static const struct {
        const char *base, *token_url, *send, *ask;
    } rows[] = {
        {NULL, NULL, "https://fcm.googleapis.com/v1/projects/my-app/messages:send",
         "https://oauth2.googleapis.com/token"},
        {"https://localhost:1234", "https://localhost:1234/token",
         "https://localhost:1234/v1/projects/my-app/messages:send", "https://localhost:1234/token"},
    };
    for (size_t i = 0; i < 2; i++) {
        struct push_provider *p = open_fcm(rows[i].base, rows[i].token_url);
        struct push_note note = {.target.token = SIO_SPAN("token")};
        struct push_request request;
        struct push_verdict verdict;
        struct arena arena;
        arena_init(&arena);
        assert_int_equal(p->ops->authorize(p, NOW, &arena, &request, &verdict), PUSH_AUTH_ASK);
        assert_string_equal(request.url, rows[i].ask);
        give_token(p, NOW, "{\"access_token\":\"ya29.one\"}");
        assert_int_equal(p->ops->authorize(p, NOW, &arena, &request, &verdict), PUSH_AUTH_READY);
        assert_true(p->ops->build(p, &note, 1, NOW, &arena, &request, &verdict));
        assert_string_equal(request.url, rows[i].send);
        assert_int_equal(p->per_second, 9000);
        arena_fini(&arena);
        p->ops->close(p);
    }
}

static void a_request_keeps_its_token_while_another_comes(void **state) {
    struct push_provider *p = open_fcm(NULL, NULL);
    struct push_note note = {.target.token = SIO_SPAN("token")};
    struct push_request first, second;
    struct push_verdict verdict;
    struct arena arena;
    arena_init(&arena);
    give_token(p, NOW, "{\"access_token\":\"ya29.one\"}");
    assert_true(p->ops->build(p, &note, 1, NOW, &arena, &first, &verdict));
    give_token(p, NOW + HOUR_MS, "{\"access_token\":\"ya29.two\"}");
    assert_true(p->ops->build(p, &note, 1, NOW, &arena, &second, &verdict));
    assert_string_equal(first.headers[0], "authorization: Bearer ya29.one");
    assert_string_equal(second.headers[0], "authorization: Bearer ya29.two");
    assert_string_equal(second.headers[1], "content-type: application/json");
    arena_fini(&arena);
    p->ops->close(p);
}

static void an_expired_token_is_asked_for_again(void **state) {
    struct push_provider *p = open_fcm(NULL, NULL);
    struct push_note note = {.target.token = SIO_SPAN("token")};
    struct push_response sent = {.status = 200,
                                 .body = SIO_SPAN("{\"name\":\"projects/my-app/messages/1\"}")};
    struct push_response refused = {.status = 401,
                                    .body = SIO_SPAN("{\"error\":{\"status\":\"UNAUTHENTICATED\"}}")};
    struct push_request request;
    struct push_verdict verdict;
    struct arena arena;
    arena_init(&arena);
    give_token(p, NOW, "{\"access_token\":\"ya29.one\"}");
    p->ops->judge(p, &note, 1, &sent, NOW, &verdict);
    assert_int_equal(p->ops->authorize(p, NOW, &arena, &request, &verdict), PUSH_AUTH_READY);
    p->ops->judge(p, &note, 1, &refused, NOW + 1, &verdict);
    assert_int_equal(verdict.result, PUSH_RETRY);
    assert_int_equal(p->ops->authorize(p, NOW + 1, &arena, &request, &verdict), PUSH_AUTH_ASK);
    give_token(p, NOW + 2, "{\"access_token\":\"ya29.two\"}");
    assert_int_equal(p->ops->authorize(p, NOW + 2, &arena, &request, &verdict), PUSH_AUTH_READY);
    arena_fini(&arena);
    p->ops->close(p);
}

static void a_token_too_long_is_refused(void **state) {
    struct push_provider *p = open_fcm(NULL, NULL);
    char *token = mem_zalloc(4096);
    memset(token, 'a', 4096);
    struct push_note note = {.target.token = sio_span_of(token, 4096)};
    struct push_request request;
    struct push_verdict verdict;
    struct arena arena;
    arena_init(&arena);
    give_token(p, NOW, "{\"access_token\":\"ya29.one\"}");
    assert_false(p->ops->build(p, &note, 1, NOW, &arena, &request, &verdict));
    assert_int_equal(verdict.result, PUSH_REFUSED);
    assert_string_equal(verdict.reason, "token too long");
    arena_fini(&arena);
    free(token);
    p->ops->close(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_go_where_they_should),
        cmocka_unit_test(a_request_keeps_its_token_while_another_comes),
        cmocka_unit_test(an_expired_token_is_asked_for_again),
        cmocka_unit_test(a_token_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, make_key, drop_key);
}
