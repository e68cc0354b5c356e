/* The table of options: its defaults are the parts' own, its three sources rank, its limits hold. */
#include "app/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static char error[OPTION_ERROR_TEXT];

static const char *const variables[] = {
    "PORT",           "VAULTIFY_HOST",        "VAULTIFY_DATA",    "VAULTIFY_THREADS",
    "VAULTIFY_ENV",   "JWT_SECRET",           "CORS_ORIGIN",      "CORS_HEADERS",
    "JWT_EXPIRES_IN", "FIREBASE_PRIVATE_KEY", "EXPO_ACCESS_TOKEN"};

static int clean_environment(void **state) {
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) unsetenv(variables[i]);
    return 0;
}

/* Reads all three sources as main does; `words` ends with NULL. */
static bool read_all(struct config *config, unsigned scope, const char *const *words) {
    const char *operand;
    size_t operand_count;
    bool help;
    int argc = 0;
    while (words[argc]) argc++;
    config_init(config);
    struct option_set set = config_options(config, scope);
    return option_defaults(&set, error) && option_environment(&set, error) &&
           option_arguments(&set, 1, argc, words, &operand, 1, &operand_count, &help, error) &&
           option_complete(&set, error) && config_finish(config, scope, error);
}

#define READ(config, scope, ...)                                                                             \
    read_all(config, scope, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static void defaults_are_the_parts_own(void **state) {
    struct config config, parts;
    config_init(&parts);
    assert_true(READ(&config, CONFIG_SERVE));
    assert_int_equal(config.port, 3000);
    assert_string_equal(config.store.directory, "./data");
    assert_null(config.host);
    assert_true(config.rate_limits);
    assert_int_equal(config.log_level, SIO_LOG_INFO);
    assert_int_equal(config.sio.threads, parts.sio.threads);
    assert_int_equal(config.sio.ping_interval_ms, parts.sio.ping_interval_ms);
    assert_int_equal(config.sio.ping_timeout_ms, parts.sio.ping_timeout_ms);
    assert_int_equal(config.sio.connect_timeout_ms, parts.sio.connect_timeout_ms);
    assert_int_equal(config.sio.head_timeout_ms, parts.sio.head_timeout_ms);
    assert_int_equal(config.sio.body_timeout_ms, parts.sio.body_timeout_ms);
    assert_int_equal(config.sio.max_payload_bytes, parts.sio.max_payload_bytes);
    assert_int_equal(config.sio.max_http_body_bytes, parts.sio.max_http_body_bytes);
    assert_int_equal(config.sio.out_queue_bytes, parts.sio.out_queue_bytes);
    assert_int_equal(config.sio.max_connections, parts.sio.max_connections);
    assert_int_equal(config.sio.stop_timeout_ms, parts.sio.stop_timeout_ms);
    assert_memory_equal(&config.chat, &parts.chat, sizeof config.chat);
    assert_int_equal(config.store.cache_bytes, parts.store.cache_bytes);
    assert_int_equal(config.store.readers, parts.store.readers);
    assert_int_equal(config.store.queue_bytes, parts.store.queue_bytes);
    assert_int_equal(config.outbox.unacked_after_ms, parts.outbox.unacked_after_ms);
    assert_int_equal(config.outbox.max_age_ms, parts.outbox.max_age_ms);
    assert_int_equal(config.outbox.device_max_age_days, parts.outbox.device_max_age_days);
    config_fini(&config);
}

/* No service is on, and nothing of push is made up, in production either. */
static void pushes_are_off_until_configured(void **state) {
    static const char *const environments[] = {"development", "production"};
    for (size_t i = 0; i < 2; i++) {
        struct config config, parts;
        setenv("VAULTIFY_ENV", environments[i], 1);
        setenv("JWT_SECRET", "a secret of at least thirty-two bytes", 1);
        config_init(&parts);
        assert_true(READ(&config, CONFIG_SERVE, "--data", "/somewhere"));
        assert_string_equal(config.outbox.push.directory, "/somewhere");
        config.outbox.push.directory = NULL;
        assert_memory_equal(&config.outbox.push, &parts.outbox.push, sizeof parts.outbox.push);
        config_fini(&config);
    }
}

/* A socket that lives so long behind a message has answered a ping that came after it. */
static void the_ping_window_follows_the_heartbeat(void **state) {
    struct config config;
    assert_true(READ(&config, CONFIG_SERVE, "--ping-interval", "7s", "--ping-timeout", "4s"));
    assert_int_equal(config.outbox.ping_window_ms, 11000);
    config_fini(&config);
}

static void secrets_of_pushes_are_no_flags(void **state) {
    static const char *const flags[] = {"--vapid-private-key", "--firebase-private-key",
                                        "--expo-access-token", "--google-application-credentials-json"};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        struct config config;
        assert_false(READ(&config, CONFIG_SERVE, flags[i], "x"));
        config_fini(&config);
    }
    struct config config;
    setenv("FIREBASE_PRIVATE_KEY", "-----BEGIN", 1);
    setenv("EXPO_ACCESS_TOKEN", "token", 1);
    assert_true(READ(&config, CONFIG_DATA | CONFIG_PUSH));
    assert_string_equal(config.outbox.push.fcm.private_key, "-----BEGIN");
    assert_string_equal(config.outbox.push.expo.access_token, "token");
    config_fini(&config);
}

static void flags_beat_the_environment(void **state) {
    struct config config;
    setenv("PORT", "4000", 1);
    setenv("VAULTIFY_DATA", "/somewhere", 1);
    setenv("VAULTIFY_THREADS", "", 1); /* as good as not there */
    assert_true(READ(&config, CONFIG_SERVE, "--port", "5000", "--ping-interval=300ms", "--demo"));
    assert_int_equal(config.port, 5000);
    assert_string_equal(config.store.directory, "/somewhere");
    assert_int_equal(config.sio.threads, 0);
    assert_int_equal(config.sio.ping_interval_ms, 300);
    assert_true(config.demo);
    config_fini(&config);
}

static void wrong_values_are_named(void **state) {
    struct config config;
    assert_false(READ(&config, CONFIG_SERVE, "--port", "65536"));
    assert_string_equal(error, "--port may not be '65536' (0 to 65535)");
    const char *words[][4] = {{"--port"},
                              {"--port", "-1"},
                              {"--port", ""},
                              {"--port", "30 00"},
                              {"--port", "3e3"},
                              {"--threads", "65"},
                              {"--ping-interval", "99ms"},
                              {"--ping-interval", "2 h"},
                              {"--out-queue", "1T"},
                              {"--out-queue", "99999999999999999999G"},
                              {"--out-queue", "1"},
                              {"--rate-limits", "yes"},
                              {"--log-level", "loud"},
                              {"--demo=maybe"},
                              {"--no-such"},
                              {"-p", "3000"},
                              {"one", "two"},
                              {"--content-max", "2M", "--max-payload", "1M"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        const char *with_end[5] = {words[i][0], words[i][1], words[i][2], words[i][3], NULL};
        error[0] = 0;
        assert_false(read_all(&config, CONFIG_SERVE, with_end));
        assert_true(strlen(error) > 0);
        config_fini(&config);
    }
    setenv("PORT", "http", 1);
    assert_false(READ(&config, CONFIG_SERVE));
    assert_string_equal(error, "PORT may not be 'http' (0 to 65535)");
}

static void sizes_and_durations(void **state) {
    struct config config;
    assert_true(
        READ(&config, CONFIG_SERVE, "--out-queue", "64K", "--store-cache", "2G", "--typing-timeout", "5"));
    assert_int_equal(config.sio.out_queue_bytes, 65536);
    assert_int_equal(config.store.cache_bytes, 2ull << 30);
    assert_int_equal(config.chat.typing_timeout_ms, 5000);
    config_fini(&config);
    setenv("JWT_EXPIRES_IN", "365d", 1);
    assert_true(READ(&config, CONFIG_TOKEN));
    assert_int_equal(config.token_lifetime_ms, 365ll * 86400000);
    config_fini(&config);
    assert_true(READ(&config, CONFIG_TOKEN, "--expires", "500ms"));
    assert_int_equal(config.token_lifetime_ms, 500);
    config_fini(&config);
}

static void a_command_knows_its_options_only(void **state) {
    struct config config;
    assert_false(READ(&config, CONFIG_DATA, "--port", "3000"));
    setenv("PORT", "not for this command", 1);
    assert_true(READ(&config, CONFIG_DATA, "--data", "d"));
    config_fini(&config);
}

static void production_needs_a_secret(void **state) {
    struct config config;
    setenv("VAULTIFY_ENV", "production", 1);
    assert_false(READ(&config, CONFIG_SERVE));
    assert_string_equal(error, "VAULTIFY_ENV=production needs a JWT_SECRET");
    setenv("JWT_SECRET", "0123456789012345678901234567890", 1); /* 31 */
    assert_false(READ(&config, CONFIG_SERVE));
    assert_false(READ(&config, CONFIG_TOKEN));
    assert_true(READ(&config, CONFIG_DATA));
    config_fini(&config);
    setenv("JWT_SECRET", "01234567890123456789012345678901", 1);
    assert_true(READ(&config, CONFIG_SERVE));
    config_fini(&config);
    assert_false(READ(&config, CONFIG_SERVE, "--demo"));
    setenv("VAULTIFY_ENV", "prod", 1); /* a slip must not make it an open server */
    assert_false(READ(&config, CONFIG_SERVE));
}

static void origins_and_credentials(void **state) {
    struct config config;
    assert_true(READ(&config, CONFIG_SERVE));
    assert_false(config.sio.cors.credentials);
    assert_string_equal(config.sio.cors.headers, "Content-Type,Authorization,X-Idempotency-Key");
    config_fini(&config);
    setenv("CORS_ORIGIN", "https://a.example, https://b.example", 1);
    setenv("CORS_HEADERS", "X-One", 1);
    assert_true(READ(&config, CONFIG_SERVE));
    assert_true(config.sio.cors.credentials);
    assert_string_equal(config.sio.cors.headers, "Content-Type,Authorization,X-Idempotency-Key,X-One");
    config_fini(&config);
    const char *wrong[] = {"*,https://a.example", "https://a.example,,", "https://a.example,*", ","};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        setenv("CORS_ORIGIN", wrong[i], 1);
        assert_false(READ(&config, CONFIG_SERVE));
    }
}

static void help_names_every_row(void **state) {
    struct config config;
    struct option_set set = config_options(&config, CONFIG_SERVE | CONFIG_DATA | CONFIG_TOKEN);
    char *text = NULL;
    size_t n;
    FILE *out = open_memstream(&text, &n);
    option_print(out, &set);
    fclose(out);
    for (const struct option *row = set.rows; row < set.rows + set.count; row++) {
        assert_true(!row->flag || strstr(text, row->flag));
        assert_true(!row->env || strstr(text, row->env));
        assert_true(row->help && row->scope && (row->flag || row->env));
        for (const struct option *other = set.rows; other < row; other++) {
            assert_true(!row->flag || !other->flag || strcmp(row->flag, other->flag) != 0);
            assert_true(!row->env || !other->env || strcmp(row->env, other->env) != 0);
        }
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(defaults_are_the_parts_own, clean_environment),
        cmocka_unit_test_setup(pushes_are_off_until_configured, clean_environment),
        cmocka_unit_test_setup(the_ping_window_follows_the_heartbeat, clean_environment),
        cmocka_unit_test_setup(secrets_of_pushes_are_no_flags, clean_environment),
        cmocka_unit_test_setup(flags_beat_the_environment, clean_environment),
        cmocka_unit_test_setup(wrong_values_are_named, clean_environment),
        cmocka_unit_test_setup(sizes_and_durations, clean_environment),
        cmocka_unit_test_setup(a_command_knows_its_options_only, clean_environment),
        cmocka_unit_test_setup(production_needs_a_secret, clean_environment),
        cmocka_unit_test_setup(origins_and_credentials, clean_environment),
        cmocka_unit_test_setup(help_names_every_row, clean_environment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
