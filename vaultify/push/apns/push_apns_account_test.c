/* Apple's key and its ids: whole, half, and broken ones. */
#include "push/apns/account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <unistd.h>

#include "push/testing/keys.h"
#include "push/testing/logged.h"

static struct test_log logged;
static char path[64];

static void write_key(const char *text, size_t n) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, n, file), n);
    fclose(file);
}

static int make_file(void **state) {
    test_log_init(&logged);
    snprintf(path, sizeof path, "/tmp/push_apns_account_test.%ld.p8", (long)getpid());
    char *pem = test_key_pem(JWT_ES256);
    write_key(pem, strlen(pem));
    free(pem);
    return 0;
}

static int drop_file(void **state) {
    test_log_fini(&logged);
    return unlink(path);
}

static struct push_config whole(void) {
    return (struct push_config){
        .apns = {
            .key_file = path, .key_id = "ABC123DEFG", .team_id = "TEAM123456", .topic = "com.example.App-1"}};
}

static void assert_refused(const struct push_config *config, const char *said) {
    struct apns_account *account;
    assert_int_equal(apns_account_open(config, &logged.log, &account), SIO_ERR_INVALID);
    assert_null(account);
    const char *line = test_log_read(&logged);
    if (!strstr(line, said)) fail_msg("no \"%s\" in: %s", said, line);
}

static void nothing_is_off(void **state) {
    struct push_config config = {.apns = {.key_id = "", .sandbox = true, .critical = true}};
    struct apns_account *account;
    assert_int_equal(apns_account_open(&config, &logged.log, &account), SIO_ERR_OK);
    assert_null(account);
    assert_string_equal(test_log_read(&logged), "");
}

static void a_whole_one(void **state) {
    struct push_config config = whole();
    struct apns_account *account;
    assert_int_equal(apns_account_open(&config, &logged.log, &account), SIO_ERR_OK);
    assert_non_null(account->key);
    assert_true(sio_span_is(account->topic, "com.example.App-1"));
    assert_string_equal(test_log_read(&logged), "");
    apns_account_close(account);
}

static void half_an_account(void **state) {
    struct push_config config = whole();
    config.apns.key_file = NULL;
    assert_refused(&config, "APNS_KEY_FILE is missing");
    config = whole();
    config.apns.key_id = "";
    assert_refused(&config, "APNS_KEY_ID is missing");
    config = whole();
    config.apns.team_id = NULL;
    assert_refused(&config, "APNS_TEAM_ID is missing");
    config = whole();
    config.apns.topic = NULL;
    assert_refused(&config, "APNS_TOPIC is missing");
    config = (struct push_config){.apns.topic = "com.example.app"};
    assert_refused(&config, "APNS_KEY_FILE is missing");
}

static void ids_that_are_none(void **state) {
    struct push_config config = whole();
    char long_topic[300] = {0};
    config.apns.topic = "com.example\r\nx-evil: 1";
    assert_refused(&config, "APNS_TOPIC is none");
    memset(long_topic, 'a', sizeof long_topic - 1);
    config.apns.topic = long_topic;
    assert_refused(&config, "APNS_TOPIC is none");
    config = whole();
    config.apns.key_id = "ABC 123";
    assert_refused(&config, "APNS_KEY_ID is none");
    config = whole();
    config.apns.team_id = "TEAM/1";
    assert_refused(&config, "APNS_TEAM_ID is none");
}

/* The last test: the file is not put back. */
static void files_without_a_key(void **state) {
    struct push_config config = whole();
    char *rsa = test_key_pem(JWT_RS256), *huge = calloc(1, JWT_PEM_MAX_BYTES + 1);
    write_key(rsa, strlen(rsa));
    assert_refused(&config, "holds no P-256 private key");
    write_key(huge, JWT_PEM_MAX_BYTES + 1);
    assert_refused(&config, "holds no P-256 private key");
    write_key("", 0);
    assert_refused(&config, "holds no P-256 private key");
    config.apns.key_file = "/tmp";
    assert_refused(&config, "Is a directory");
    config.apns.key_file = "/nonexistent/AuthKey.p8";
    assert_refused(&config, "No such file");
    free(rsa);
    free(huge);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_off),      cmocka_unit_test(a_whole_one),
        cmocka_unit_test(half_an_account),     cmocka_unit_test(ids_that_are_none),
        cmocka_unit_test(files_without_a_key),
    };
    return cmocka_run_group_tests(tests, make_file, drop_file);
}
