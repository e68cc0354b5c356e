/* Reading a subscription: the endpoint's form, then the two keys. */
#include "push/webpush/subscription.h"

#include "base/base64.h"
#include "push/webpush/endpoint.h"
#include "push/webpush/point.h"
#include "sio_json.h"

enum { AUTH_BYTES = PUSH_KEYS_BYTES - WEBPUSH_POINT_BYTES, KEY_TEXT_MAX = 128 };

static struct sio_span without_padding(struct sio_span text) {
    while (text.n && text.n % 4 == 0 && text.p[text.n - 1] == '=') {
        size_t equals = text.p[text.n - 2] == '=' ? 2 : 1;
        return sio_span_head(text, text.n - equals);
    }
    return text;
}

/* A member of exactly so many bytes. */
static bool read_key(struct sio_span keys, struct sio_span name, size_t bytes, char *out) {
    char text[KEY_TEXT_MAX], decoded[BASE64_ROOM(KEY_TEXT_MAX)];
    struct sio_span value = sio_json_member(keys, name);
    size_t n;
    if (sio_json_kind(value) != SIO_JSON_STRING || value.n > sizeof text) return false;
    struct sio_span encoded = without_padding(sio_span_of(text, sio_json_string_decode(value, text)));
    if (!base64url_decode_strict(decoded, encoded, &n) || n != bytes) return false;
    memcpy(out, decoded, bytes);
    return true;
}

static const char *read_keys(struct sio_span subscription, struct push_registration *out) {
    struct sio_span keys = sio_json_member(subscription, SIO_SPAN("keys"));
    if (sio_json_kind(keys) != SIO_JSON_OBJECT) return "The subscription has no keys";
    if (!read_key(keys, SIO_SPAN("p256dh"), WEBPUSH_POINT_BYTES, out->keys))
        return "The subscription's p256dh must be 65 bytes in base64url";
    if (!webpush_point_check(sio_span_of(out->keys, WEBPUSH_POINT_BYTES)))
        return "The subscription's p256dh is not a point of P-256";
    if (!read_key(keys, SIO_SPAN("auth"), AUTH_BYTES, out->keys + WEBPUSH_POINT_BYTES))
        return "The subscription's auth must be 16 bytes in base64url";
    out->keys_bytes = PUSH_KEYS_BYTES;
    return NULL;
}

static const char *read_endpoint(const char *hosts, struct sio_span subscription, struct arena *arena,
                                 struct push_registration *out) {
    struct webpush_endpoint parts;
    const char *error = NULL;
    struct sio_span value = sio_json_member(subscription, SIO_SPAN("endpoint"));
    if (sio_json_kind(value) != SIO_JSON_STRING) return "The subscription has no endpoint";
    char *text = arena_alloc(arena, value.n);
    out->token = sio_span_of(text, sio_json_string_decode(value, text));
    if (!webpush_endpoint_check(out->token, hosts, &parts, &error)) return error;
    out->token = webpush_endpoint_spelling(out->token, arena);
    return NULL;
}

bool webpush_subscription_read(const char *hosts, struct sio_span json, struct arena *arena,
                               struct push_registration *out, const char **error) {
    struct sio_span subscription;
    const char *fault = NULL;
    if (!sio_json_check(json, &subscription) || sio_json_kind(subscription) != SIO_JSON_OBJECT)
        fault = "The subscription is not a JSON object";
    if (!fault) fault = read_endpoint(hosts, subscription, arena, out);
    if (!fault) fault = read_keys(subscription, out);
    if (fault) *error = fault;
    return !fault;
}
