/* Fuzz target: tokens of devices, subscriptions of browsers among them. Any bytes are one of a service's, or one sentence. */
#include "fuzz.h"

#include "base/must.h"
#include "push/provider.h"
#include "push/webpush/endpoint.h"
#include "push/webpush/point.h"

static void check_registration(const struct push_registration *r, struct sio_span token) {
    bool web = r->service == PUSH_WEBPUSH;
    struct webpush_endpoint parts;
    const char *error;
    must((unsigned)r->service < PUSH_SERVICE_COUNT_ && r->token.n && r->token.n <= token.n);
    must(r->keys_bytes == (web ? PUSH_KEYS_BYTES : 0));
    if (!web) return;
    must(webpush_endpoint_check(r->token, NULL, &parts, &error));
    must(webpush_point_check(sio_span_of(r->keys, WEBPUSH_POINT_BYTES)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct sio_span token = sio_span_of(data, size);
    struct push_config config;
    push_config_init(&config);
    for (unsigned platform = PUSH_ANDROID; platform <= PUSH_EXPO_APP; platform++) {
        struct push_registration registration;
        const char *error = NULL;
        struct arena arena;
        arena_init(&arena);
        if (push_registration_check(&config, (enum push_platform)platform, token, &arena, &registration,
                                    &error))
            check_registration(&registration, token);
        else
            must(error);
        arena_fini(&arena);
    }
    return 0;
}
