/* Registering: which platform may have which form of token, and what is said of the others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "push/provider.h"

#define ENDPOINT "https://fcm.googleapis.com/fcm/send/abc"
#define P256DH   "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
#define AUTH     "BTBZMqHH6r4Tts7J_aSIgg"
#define SUBSCRIPTION(endpoint, p256dh, auth)                                                                 \
    "{\"endpoint\":\"" endpoint "\",\"expirationTime\":null,\"keys\":{\"p256dh\":\"" p256dh                  \
    "\",\"auth\":\"" auth "\"}}"
#define GOOD   SUBSCRIPTION(ENDPOINT, P256DH, AUTH)
#define HEX_64 "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcdef"
#define FCM    "dpH5lCsTSSM:APA91bHqjZxM0VImWWqDRN7U0a3AycjUf4O-L_i"
#define EXPO   "ExponentPushToken[xxxxxxxx-yyyy_zz]"

struct checked {
    bool ok;
    struct push_registration registration;
    const char *error;
    struct arena arena;
};

static void check(struct checked *c, enum push_platform platform, struct sio_span token) {
    struct push_config config;
    push_config_init(&config);
    *c = (struct checked){0};
    arena_init(&c->arena);
    c->ok = push_registration_check(&config, platform, token, &c->arena, &c->registration, &c->error);
    assert_true(c->ok == (c->error == NULL));
}

enum { NONE = -1 };

static const struct {
    const char *token;
    int android, ios, web, expo; /* the service, or NONE */
} table[] = {
    {FCM, PUSH_FCM, PUSH_FCM, PUSH_FCM, NONE},
    {HEX_64, PUSH_FCM, PUSH_APNS, PUSH_FCM, NONE},
    {HEX_64 HEX_64, PUSH_FCM, PUSH_APNS, PUSH_FCM, NONE},
    {EXPO, PUSH_EXPO, PUSH_EXPO, PUSH_EXPO, PUSH_EXPO},
    {"ExpoPushToken[abc]", PUSH_EXPO, PUSH_EXPO, PUSH_EXPO, PUSH_EXPO},
    {GOOD, NONE, NONE, PUSH_WEBPUSH, NONE},
    {" " GOOD, NONE, NONE, NONE, NONE},
    {"ExponentPushToken[]", NONE, NONE, NONE, NONE},
    {"ExponentPushToken[abc", NONE, NONE, NONE, NONE},
    {"ExponentPushToken[a]b]", NONE, NONE, NONE, NONE},
    {"ExponentPushToken[a b]", NONE, NONE, NONE, NONE},
    {"ExponentPushToken", PUSH_FCM, PUSH_FCM, PUSH_FCM, NONE},
    {"exponentpushtoken[abc]", NONE, NONE, NONE, NONE},
    {"", NONE, NONE, NONE, NONE},
    {"short", NONE, NONE, NONE, NONE},
    {"null", NONE, NONE, NONE, NONE},
    {"undefined", NONE, NONE, NONE, NONE},
    {FCM "/../x", NONE, NONE, NONE, NONE},
    {FCM "\r\nX: y", NONE, NONE, NONE, NONE},
    {FCM "\xc3\xa4", NONE, NONE, NONE, NONE},
    {ENDPOINT, NONE, NONE, NONE, NONE},
    {"{}", NONE, NONE, NONE, NONE},
    {"[]", NONE, NONE, NONE, NONE},
};

static void check_row(size_t row, enum push_platform platform, int service) {
    struct checked c;
    check(&c, platform, sio_span_cstr(table[row].token));
    if (c.ok != (service != NONE) || (c.ok && (int)c.registration.service != service))
        fail_msg("row %zu, platform %d: %s", row, platform,
                 c.ok ? push_service_text(c.registration.service) : c.error);
    arena_fini(&c.arena);
}

static void platforms_and_forms(void **state) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        check_row(i, PUSH_ANDROID, table[i].android);
        check_row(i, PUSH_IOS, table[i].ios);
        check_row(i, PUSH_WEB, table[i].web);
        check_row(i, PUSH_EXPO_APP, table[i].expo);
    }
}

static void lengths(void **state) {
    static char token[10 << 10];
    struct checked c;
    memset(token, 'a', sizeof token);
    check(&c, PUSH_ANDROID, sio_span_of(token, PUSH_TOKEN_MAX_BYTES));
    assert_true(c.ok);
    check(&c, PUSH_ANDROID, sio_span_of(token, PUSH_TOKEN_MAX_BYTES + 1));
    assert_false(c.ok);
    check(&c, PUSH_WEB, sio_span_of(token, sizeof token));
    assert_string_equal(c.error, "The token is longer than 4096 bytes");
    check(&c, PUSH_IOS, sio_span_of(HEX_64, 62)); /* short for APNs, long enough for FCM */
    assert_int_equal(c.registration.service, PUSH_FCM);
}

static void a_subscription_is_taken_apart(void **state) {
    static const char *const forms[] = {
        GOOD,
        SUBSCRIPTION(ENDPOINT, P256DH "=", AUTH "=="),
        SUBSCRIPTION("https:\\/\\/fcm.googleapis.com\\/fcm/send\\u002fabc", P256DH, AUTH),
        "{\"keys\":{\"auth\":\"" AUTH "\",\"p256dh\":\"" P256DH "\",\"more\":1},\"endpoint\":\"" ENDPOINT
        "\"} ",
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct checked c;
        check(&c, PUSH_WEB, sio_span_cstr(forms[i]));
        assert_true(c.ok);
        assert_true(sio_span_is(c.registration.token, ENDPOINT));
        assert_int_equal(c.registration.keys_bytes, PUSH_KEYS_BYTES);
        assert_memory_equal(c.registration.keys, "\x04\x25\x71\xb2\xbe", 5);
        assert_memory_equal(c.registration.keys + 65, "\x05\x30\x59\x32", 4);
        arena_fini(&c.arena);
    }
}

/* Or one device would be two, and two users' at once. */
static void a_token_has_one_spelling(void **state) {
    static const struct {
        enum push_platform platform;
        const char *said, *stored;
    } rows[] = {
        {PUSH_IOS, HEX_64, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
        {PUSH_ANDROID, HEX_64, HEX_64},
        {PUSH_WEB, SUBSCRIPTION("https://fcm.googleapis.com:443/fcm/send/abc", P256DH, AUTH), ENDPOINT},
        {PUSH_WEB, SUBSCRIPTION("https://fcm.googleapis.com/a:443/b", P256DH, AUTH),
         "https://fcm.googleapis.com/a:443/b"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct checked c;
        check(&c, rows[i].platform, sio_span_cstr(rows[i].said));
        assert_true(c.ok && sio_span_is(c.registration.token, rows[i].stored));
        assert_true(sio_span_is(push_token_spelling(c.registration.token, &c.arena),
                                rows[i].platform == PUSH_ANDROID ? rows[0].stored : rows[i].stored));
        arena_fini(&c.arena);
    }
}

static void bad_subscriptions_and_what_is_said(void **state) {
    static const char NOT_65[] = "The subscription's p256dh must be 65 bytes in base64url",
                      NO_POINT[] = "The subscription's p256dh is not a point of P-256",
                      NOT_16[] = "The subscription's auth must be 16 bytes in base64url",
                      NO_ENDPOINT[] = "The subscription has no endpoint",
                      NO_KEYS[] = "The subscription has no keys",
                      NO_OBJECT[] = "The subscription is not a JSON object";
    static const struct {
        const char *json, *error;
    } bad[] = {
        {"{", NO_OBJECT},
        {"{\"endpoint\":\"" ENDPOINT "\",}", NO_OBJECT},
        {"{}", NO_ENDPOINT},
        {"{\"endpoint\":null}", NO_ENDPOINT},
        {"{\"endpoint\":5}", NO_ENDPOINT},
        {"{\"endpoint\":[\"" ENDPOINT "\"]}", NO_ENDPOINT},
        {"{\"endpoint\":\"" ENDPOINT "\"}", NO_KEYS},
        {"{\"endpoint\":\"" ENDPOINT "\",\"keys\":[]}", NO_KEYS},
        {"{\"endpoint\":\"" ENDPOINT "\",\"keys\":{}}", NOT_65},
        {"{\"endpoint\":\"" ENDPOINT "\",\"keys\":{\"p256dh\":7,\"auth\":\"" AUTH "\"}}", NOT_65},
        {SUBSCRIPTION(ENDPOINT, "", AUTH), NOT_65},
        {SUBSCRIPTION(ENDPOINT, "====", AUTH), NOT_65},
        {SUBSCRIPTION(ENDPOINT, P256DH "==", AUTH), NOT_65},
        {SUBSCRIPTION(ENDPOINT, P256DH "A", AUTH), NOT_65},
        {SUBSCRIPTION(ENDPOINT, "!" P256DH, AUTH), NOT_65},
        {SUBSCRIPTION(ENDPOINT, AUTH, AUTH), NOT_65},
        {SUBSCRIPTION(ENDPOINT, P256DH P256DH, AUTH), NOT_65},
        /* the last byte is another */
        {SUBSCRIPTION(
             ENDPOINT,
             "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw8", AUTH),
         NO_POINT},
        /* the form of a compressed one, and 65 zeros */
        {SUBSCRIPTION(
             ENDPOINT,
             "AiVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", AUTH),
         NO_POINT},
        {SUBSCRIPTION(
             ENDPOINT,
             "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", AUTH),
         NO_POINT},
        {SUBSCRIPTION(
             ENDPOINT,
             "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", AUTH),
         NO_POINT},
        {SUBSCRIPTION(ENDPOINT, P256DH, ""), NOT_16},
        {SUBSCRIPTION(ENDPOINT, P256DH, "BTBZMqHH6r4Tts7J_aSI"), NOT_16},
        {SUBSCRIPTION(ENDPOINT, P256DH, AUTH "AA"), NOT_16},
        {SUBSCRIPTION(ENDPOINT, P256DH, "BTBZMqHH6r4Tts7J_aSIg "), NOT_16},
        {SUBSCRIPTION("http://fcm.googleapis.com/x", P256DH, AUTH), "The endpoint must begin with https://"},
        {SUBSCRIPTION("https://localhost/x", P256DH, AUTH),
         "The endpoint is not that of a known push service"},
        {SUBSCRIPTION("https://fcm.googleapis.com\\u0000/x", P256DH, AUTH),
         "The endpoint holds a character that no such URL has"},
        {SUBSCRIPTION("", P256DH, AUTH), "The endpoint must begin with https://"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct checked c;
        check(&c, PUSH_WEB, sio_span_cstr(bad[i].json));
        if (c.ok || strcmp(c.error, bad[i].error) != 0) fail_msg("row %zu: %s", i, c.ok ? "passes" : c.error);
        arena_fini(&c.arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(platforms_and_forms),
        cmocka_unit_test(lengths),
        cmocka_unit_test(a_subscription_is_taken_apart),
        cmocka_unit_test(a_token_has_one_spelling),
        cmocka_unit_test(bad_subscriptions_and_what_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
