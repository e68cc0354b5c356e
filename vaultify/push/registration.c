/* Registering a device: which form a token has, and whether an app of that platform may have one. */
#include "push/provider.h"
#include "push/webpush/endpoint.h"
#include "push/webpush/subscription.h"

enum {
    FCM_TOKEN_MIN_BYTES = 16, /* real ones have more than 100; shorter ones are placeholders of apps */
    APNS_TOKEN_MIN_BYTES = 64,
    APNS_TOKEN_MAX_BYTES = 200,
};

/* ---- forms ---- */

static bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_of_token(char c) { return is_letter_or_digit(c) || (c && strchr("-_:", c)); }

static bool all_are(struct sio_span text, bool (*is)(char c)) {
    for (size_t i = 0; i < text.n; i++)
        if (!is(text.p[i])) return false;
    return true;
}

/* ExponentPushToken[…], or ExpoPushToken[…] of newer apps. */
static bool is_expo(struct sio_span token) {
    struct sio_span inner = token;
    struct sio_span word = sio_span_cut(&inner, '[');
    if (!sio_span_is(word, "ExponentPushToken") && !sio_span_is(word, "ExpoPushToken")) return false;
    if (inner.n < 2 || inner.p[inner.n - 1] != ']') return false;
    return all_are(sio_span_head(inner, inner.n - 1), is_of_token);
}

static bool is_json(struct sio_span token) { return token.p[0] == '{'; }

static bool is_apns(struct sio_span token) {
    return token.n >= APNS_TOKEN_MIN_BYTES && token.n <= APNS_TOKEN_MAX_BYTES && token.n % 2 == 0 &&
           all_are(token, is_hex);
}

static bool is_fcm(struct sio_span token) {
    return token.n >= FCM_TOKEN_MIN_BYTES && all_are(token, is_of_token);
}

/* ---- the table: the first row that is of the platform and has the form ---- */

#define ON(platform) (1u << PUSH_##platform)

static const struct form {
    unsigned platforms;
    bool (*has)(struct sio_span token);
    enum push_service service;
} forms[] = {
    {ON(ANDROID) | ON(IOS) | ON(WEB) | ON(EXPO_APP), is_expo, PUSH_EXPO},
    {ON(WEB), is_json, PUSH_WEBPUSH},
    {ON(IOS), is_apns, PUSH_APNS},
    {ON(ANDROID) | ON(IOS) | ON(WEB), is_fcm, PUSH_FCM},
};

static const char *const refusals[] = {
    [PUSH_ANDROID] = "The token is neither an FCM registration token nor an Expo push token",
    [PUSH_IOS] =
        "The token is neither an APNs device token nor an FCM registration token nor an Expo push token",
    [PUSH_WEB] = "The token is neither a push subscription as JSON nor an FCM registration token",
    [PUSH_EXPO_APP] = "The token is not an Expo push token",
};

static const struct form *form_of(enum push_platform platform, struct sio_span token) {
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (forms[i].platforms >> platform & 1 && forms[i].has(token)) return &forms[i];
    return NULL;
}

/* ---- one spelling ---- */

static struct sio_span in_lower_case(struct sio_span hex, struct arena *arena) {
    char *text = arena_alloc(arena, hex.n);
    for (size_t i = 0; i < hex.n; i++)
        text[i] = (char)(hex.p[i] >= 'A' && hex.p[i] <= 'F' ? hex.p[i] | 0x20 : hex.p[i]);
    return sio_span_of(text, hex.n);
}

struct sio_span push_token_spelling(struct sio_span token, struct arena *arena) {
    return is_apns(token) ? in_lower_case(token, arena) : webpush_endpoint_spelling(token, arena);
}

bool push_registration_check(const struct push_config *config, enum push_platform platform,
                             struct sio_span token, struct arena *arena, struct push_registration *out,
                             const char **error) {
    const struct form *form = token.n && token.n <= PUSH_TOKEN_MAX_BYTES ? form_of(platform, token) : NULL;
    if (!form) {
        *error = !token.n                         ? "The token is empty"
                 : token.n > PUSH_TOKEN_MAX_BYTES ? "The token is longer than 4096 bytes"
                                                  : refusals[platform];
        return false;
    }
    *out = (struct push_registration){.service = form->service, .token = token};
    if (form->service == PUSH_APNS) out->token = in_lower_case(token, arena);
    if (form->service != PUSH_WEBPUSH) return true;
    return webpush_subscription_read(config->webpush.hosts, token, arena, out, error);
}
