/* Apple's push service: to iOS. */
#include "base/mem.h"
#include "push/apns/answer.h"
#include "push/apns/payload.h"

#define PRODUCTION "https://api.push.apple.com"
#define SANDBOX    "https://api.sandbox.push.apple.com"

enum {
    IN_FLIGHT_MAX = 1000,
    IN_FLIGHT_UNPROVEN = 1, /* Apple wants one stream until it has accepted the provider token */
    DEVICE_TOKEN_MAX = 200, /* hex digits */
};

struct apns {
    struct push_provider provider;
    struct apns_account *account;
    struct apns_token token;
    struct sio_strbuf device_url, topic; /* …/3/device/, and a header */
    bool critical;
};

static struct apns *apns_of(struct push_provider *p) { return container_of(p, struct apns, provider); }

/* It becomes a part of the URL. */
static bool is_device_token(struct sio_span token) {
    for (size_t i = 0; i < token.n; i++) {
        char c = token.p[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))) return false;
    }
    return token.n > 0 && token.n <= DEVICE_TOKEN_MAX;
}

static bool build(struct push_provider *p, const struct push_note *notes, size_t count, int64_t now_ms,
                  struct arena *arena, struct push_request *out, struct push_verdict *verdicts) {
    struct apns *apns = apns_of(p);
    struct sio_span token = notes->target.token;
    if (!is_device_token(token)) {
        *verdicts = (struct push_verdict){.result = PUSH_REFUSED, .reason = "not an APNs token"};
        return false;
    }
    char *url = arena_alloc(arena, apns->device_url.n + token.n + 1), *end = url;
    span_put(&end, sio_strbuf_as_span(&apns->device_url));
    span_put(&end, token);
    *end = 0;
    *out = (struct push_request){.url = url};
    /* A copy: the provider token may be renewed while the request is under way. */
    out->headers[out->header_count++] = arena_span(arena, apns_token_header(&apns->token, now_ms)).p;
    out->headers[out->header_count++] = apns->topic.p;
    apns_payload(notes, apns->critical, now_ms, arena, out);
    return true;
}

/* What Apple says of a note it says after it has accepted the provider token. A new connection begins anew. */
static void count_streams(struct apns *apns, const struct push_response *response,
                          const struct push_verdict *verdict) {
    if (response->transport != PUSH_ANSWERED || verdict->result == PUSH_KEY_PROBLEM)
        apns->provider.in_flight_max = IN_FLIGHT_UNPROVEN;
    else if (verdict->result != PUSH_RETRY)
        apns->provider.in_flight_max = IN_FLIGHT_MAX;
}

static void judge(struct push_provider *p, const struct push_note *notes, size_t count,
                  const struct push_response *response, int64_t now_ms, struct push_verdict *verdicts) {
    struct apns *apns = apns_of(p);
    apns_judge(&apns->token, response, now_ms, verdicts);
    count_streams(apns, response, verdicts);
}

static void close(struct push_provider *p) {
    struct apns *apns = apns_of(p);
    apns_token_fini(&apns->token);
    apns_account_close(apns->account);
    sio_strbuf_fini(&apns->device_url);
    sio_strbuf_fini(&apns->topic);
    free(apns);
}

static const struct push_provider_ops ops = {
    .service = PUSH_APNS, .batch_max = 1, .build = build, .judge = judge, .close = close};

enum sio_err push_apns_open(const struct push_config *config, const struct sio_log *log,
                            struct push_provider **out) {
    struct apns_account *account;
    *out = NULL;
    enum sio_err err = apns_account_open(config, log, &account);
    if (err != SIO_ERR_OK || !account) return err;
    struct apns *apns = mem_new(struct apns);
    const char *apple = config->apns.sandbox ? SANDBOX : PRODUCTION;
    apns->provider = (struct push_provider){
        .ops = &ops, .per_second = config->apns.per_second, .in_flight_max = IN_FLIGHT_UNPROVEN};
    apns->account = account;
    apns->critical = config->apns.critical;
    apns_token_init(&apns->token, account, config->timeout_ms);
    sio_strbuf_init(&apns->device_url);
    sio_strbuf_printf(&apns->device_url, "%s/3/device/", config->apns.base ? config->apns.base : apple);
    sio_strbuf_init(&apns->topic);
    sio_strbuf_printf(&apns->topic, "apns-topic: %s", config->apns.topic);
    *out = &apns->provider;
    return SIO_ERR_OK;
}
