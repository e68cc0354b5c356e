/* The service account: whole, half, and broken ones, in both of their forms. */
#include "push/fcm/account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "push/testing/keys.h"
#include "push/testing/logged.h"
#include "sio_json.h"

static char *key, *other_key;
static struct test_log logged;

static int make_keys(void **state) {
    test_log_init(&logged);
    key = test_key_pem(JWT_RS256);
    other_key = test_key_pem(JWT_ES256);
    return 0;
}

static int drop_keys(void **state) {
    test_log_fini(&logged);
    free(key);
    free(other_key);
    return 0;
}

/* The account's JSON; NULL: without that member. The caller's to free. */
static char *json_of(const char *project, const char *email, const char *pem, const char *token_uri) {
    const char *const members[][2] = {{"type", "service_account"},
                                      {"project_id", project},
                                      {"client_email", email},
                                      {"private_key", pem},
                                      {"token_uri", token_uri}};
    struct sio_json_writer w;
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    sio_json_begin(&w, &text);
    sio_json_object_open(&w);
    for (size_t i = 0; i < 5; i++) {
        if (!members[i][1]) continue;
        sio_json_key(&w, sio_span_cstr(members[i][0]));
        sio_json_string(&w, sio_span_cstr(members[i][1]));
    }
    sio_json_object_close(&w);
    return sio_strbuf_take(&text);
}

static void assert_refused(const struct push_config *config, const char *said) {
    struct fcm_account *account;
    assert_int_equal(fcm_account_open(config, &logged.log, &account), SIO_ERR_INVALID);
    assert_null(account);
    const char *line = test_log_read(&logged);
    if (!strstr(line, said)) fail_msg("no \"%s\" in: %s", said, line);
    assert_null(strstr(line, "BEGIN"));
}

static void refused_json(char *json, const char *said) {
    struct push_config config = {.fcm.credentials_json = json};
    assert_refused(&config, said);
    free(json);
}

static void nothing_is_off(void **state) {
    struct fcm_account *account;
    struct push_config config = {0};
    assert_int_equal(fcm_account_open(&config, &logged.log, &account), SIO_ERR_OK);
    assert_null(account);
    config.fcm.credentials_json = config.fcm.project_id = ""; /* a variable that is set to nothing */
    assert_int_equal(fcm_account_open(&config, &logged.log, &account), SIO_ERR_OK);
    assert_null(account);
    assert_string_equal(test_log_read(&logged), "");
}

static void from_json(void **state) {
    char *json = json_of("my-app-1a2b", "push@my-app.example", key, "https://oauth.example/t");
    struct fcm_account *account;
    struct push_config config = {.fcm = {.credentials_json = json, .token_url = "https://proxy.example/t"}};
    assert_int_equal(fcm_account_open(&config, &logged.log, &account), SIO_ERR_OK);
    assert_string_equal(account->project_id.p, "my-app-1a2b");
    assert_string_equal(account->client_email.p, "push@my-app.example");
    assert_string_equal(account->token_uri.p, "https://oauth.example/t");
    assert_string_equal(test_log_read(&logged), "");
    fcm_account_close(account);
    free(json);
}

/* The key with a backslash and an n for each line break, as variables hold it. */
static char *in_one_line(const char *pem) {
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    for (; *pem; pem++) {
        if (*pem == '\n')
            sio_strbuf_lit(&text, "\\n");
        else
            sio_strbuf_char(&text, *pem);
    }
    return sio_strbuf_take(&text);
}

static void from_three_parts(void **state) {
    char *line = in_one_line(key);
    const char *const keys[] = {key, line};
    for (size_t i = 0; i < 2; i++) {
        struct fcm_account *account;
        struct push_config config = {
            .fcm = {.project_id = "p", .client_email = "e@x", .private_key = keys[i]}};
        assert_int_equal(fcm_account_open(&config, &logged.log, &account), SIO_ERR_OK);
        assert_string_equal(account->token_uri.p, "https://oauth2.googleapis.com/token");
        assert_non_null(account->key);
        fcm_account_close(account);
    }
    free(line);
}

static void half_an_account(void **state) {
    struct push_config config = {.fcm = {.client_email = "e@x", .private_key = key}};
    assert_refused(&config, "FIREBASE_PROJECT_ID is missing");
    config.fcm.project_id = "p";
    config.fcm.client_email = NULL;
    assert_refused(&config, "FIREBASE_CLIENT_EMAIL is missing");
    config.fcm.client_email = "e@x";
    config.fcm.private_key = "";
    assert_refused(&config, "FIREBASE_PRIVATE_KEY is missing");
    refused_json(json_of(NULL, "e@x", key, NULL), "needs project_id");
    refused_json(json_of("p", NULL, key, NULL), "needs project_id");
    refused_json(json_of("p", "e@x", NULL, NULL), "needs project_id");
    refused_json(json_of("p", "", key, NULL), "needs project_id");
}

static void what_is_no_account(void **state) {
    char *huge = calloc(1, FCM_CREDENTIALS_MAX_BYTES + 2);
    memset(huge, ' ', FCM_CREDENTIALS_MAX_BYTES + 1);
    refused_json(huge, "longer than 64 KiB");
    refused_json(strdup("/etc/firebase.json"), "no JSON object");
    refused_json(strdup("[]"), "no JSON object");
    refused_json(strdup("{\"project_id\":7,\"client_email\":[],\"private_key\":{}}"), "needs project_id");
    refused_json(json_of("p", "e@x", "no key", NULL), "no RSA key");
    refused_json(json_of("p", "e@x", other_key, NULL), "no RSA key");
    refused_json(json_of("p/../q", "e@x", key, NULL), "project's id is none");
    refused_json(json_of("p q", "e@x", key, NULL), "project's id is none");
    refused_json(json_of("p\r\nx: y", "e@x", key, NULL), "project's id is none");
    refused_json(strdup("{\"project_id\":\"p\\u0000q\",\"client_email\":\"e\",\"private_key\":\"k\"}"),
                 "project's id is none");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_off),     cmocka_unit_test(from_json),
        cmocka_unit_test(from_three_parts),   cmocka_unit_test(half_an_account),
        cmocka_unit_test(what_is_no_account),
    };
    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
