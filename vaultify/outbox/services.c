/* The services that are configured, and the world that the program's worker lives in: clocks, chance, and curl. */
#include <sys/random.h>
#include <time.h>

#include "base/mem.h"
#include "base/must.h"
#include "outbox/inside.h"

static push_provider_open *const openers[PUSH_SERVICE_COUNT_] = {
    [PUSH_WEBPUSH] = push_webpush_open,
    [PUSH_FCM] = push_fcm_open,
    [PUSH_APNS] = push_apns_open,
    [PUSH_EXPO] = push_expo_open,
};

/* ---- the world ---- */

static int64_t wall_ms(void *ctx) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static uint64_t monotonic_us(void *ctx) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static uint32_t random_u32(void *ctx) {
    uint32_t value;
    must(getrandom(&value, sizeof value, 0) == sizeof value);
    return value;
}

static void http_send(void *ctx, const struct push_request *request,
                      void (*done)(const struct push_response *response, void *data), void *data) {
    push_http_send(ctx, request, done, data);
}
static void http_run(void *ctx, uint32_t timeout_ms) { push_http_run(ctx, timeout_ms); }
static void http_wake(void *ctx) { push_http_wake(ctx); }
static void http_close(void *ctx) { push_http_free(ctx); }

static enum sio_err open_world(const struct outbox_config *config, struct outbox_world *world) {
    struct push_http_config http;
    struct push_http *carrier;
    push_http_config_init(&http);
    http.ca_file = config->push.ca_file;
    http.timeout_ms = config->push.timeout_ms;
    http.log = config->log;
    enum sio_err err = push_http_new(&http, &carrier);
    if (err != SIO_ERR_OK) return err;
    *world = (struct outbox_world){.wall_ms = wall_ms,
                                   .monotonic_us = monotonic_us,
                                   .random = random_u32,
                                   .send = http_send,
                                   .run = http_run,
                                   .wake = http_wake,
                                   .close = http_close,
                                   .reach = chat_reach,
                                   .ctx = carrier};
    return SIO_ERR_OK;
}

/* ---- the services ---- */

static void close_services(struct push_provider **providers) {
    for (unsigned i = 0; i < PUSH_SERVICE_COUNT_; i++)
        if (providers[i]) providers[i]->ops->close(providers[i]);
}

static enum sio_err open_services(const struct outbox_config *config, struct push_provider **providers) {
    for (unsigned i = 0; i < PUSH_SERVICE_COUNT_; i++) {
        enum sio_err err = openers[i](&config->push, config->log, &providers[i]);
        if (err != SIO_ERR_OK) return err;
        sio_log_info(config->log, "push: service=%s %s", push_service_text((enum push_service)i),
                     providers[i] ? "on" : "off, it is not configured");
    }
    return SIO_ERR_OK;
}

enum sio_err outbox_new(const struct outbox_config *config, struct outbox **out) {
    struct push_provider *providers[PUSH_SERVICE_COUNT_] = {0};
    struct outbox_world world;
    enum sio_err err = open_services(config, providers);
    if (err == SIO_ERR_OK) err = open_world(config, &world);
    if (err == SIO_ERR_OK) return outbox_make(config, &world, providers, out);
    close_services(providers);
    return err;
}

const char *outbox_vapid_public_key(const struct outbox *outbox) {
    const struct push_provider *provider = outbox->couriers[PUSH_WEBPUSH].provider;
    return provider ? push_webpush_public_key(provider) : NULL;
}
