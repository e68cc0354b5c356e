/* Web Push: a request for each subscription, encrypted for its browser, signed for its service. */
#include <stdio.h>

#include "base/mem.h"
#include "base/must.h"
#include "push/payload.h"
#include "push/provider.h"
#include "push/webpush/endpoint.h"
#include "push/webpush/seal.h"
#include "push/webpush/vapid.h"
#include "push/webpush/vapid_file.h"
#include "sio_json.h"

enum {
    TTL_MAX_S = 28 * 24 * 60 * 60, /* services keep nothing longer */
    IN_FLIGHT_MAX = 1000,
    HEADER_TEXT = 64,
};

struct webpush {
    struct push_provider provider; /* the first member */
    const char *hosts, *base;
    struct vapid_file keys; /* wherever they came from; the private one is not kept */
    struct vapid *vapid;
    struct webpush_seal *seal;
};

/* ---- opening ---- */

static const struct push_provider_ops webpush_ops;

static bool put(char *out, size_t size, const char *text) {
    size_t n = text ? strlen(text) : 0;
    if (n >= size) return false;
    if (n) memcpy(out, text, n + 1);
    return true;
}

/* The operator's keys, or else the pair in the data directory; his subject goes before the one kept there.
 * SIO_ERR_NOT_FOUND: there are none. */
static enum sio_err find_keys(const struct push_config *config, struct vapid_file *out) {
    const char *public_key = config->webpush.vapid_public, *private_key = config->webpush.vapid_private;
    if (!public_key && !private_key) {
        enum sio_err err = config->directory ? vapid_file_read(config->directory, out) : SIO_ERR_NOT_FOUND;
        if (err != SIO_ERR_OK) return err;
    } else if (!put(out->public_key, sizeof out->public_key, public_key) ||
               !put(out->private_key, sizeof out->private_key, private_key)) {
        return SIO_ERR_INVALID;
    }
    return put(out->subject, sizeof out->subject, config->webpush.vapid_subject) ? SIO_ERR_OK
                                                                                 : SIO_ERR_INVALID;
}

/* What is wrong; NULL: nothing. `keys_err` is what find_keys said. */
static const char *open_parts(struct webpush *webpush, enum sio_err keys_err) {
    const char *fault = NULL;
    if (keys_err == SIO_ERR_INVALID) return "a VAPID key or the subject is too long";
    if (keys_err != SIO_ERR_OK) return "the vapid_keys in the data directory cannot be read";
    if (webpush->base && !sio_span_starts(sio_span_cstr(webpush->base), SIO_SPAN("https://")))
        return "--webpush-base must begin with https://";
    enum sio_err err = vapid_new(webpush->keys.public_key, webpush->keys.private_key, webpush->keys.subject,
                                 &webpush->vapid, &fault);
    if (err != SIO_ERR_OK) return fault;
    explicit_bzero(webpush->keys.private_key, sizeof webpush->keys.private_key);
    webpush->seal = webpush_seal_new();
    return NULL;
}

static void webpush_close(struct push_provider *p) {
    struct webpush *webpush = container_of(p, struct webpush, provider);
    explicit_bzero(webpush->keys.private_key, sizeof webpush->keys.private_key);
    webpush_seal_free(webpush->seal);
    vapid_free(webpush->vapid);
    free(webpush);
}

enum sio_err push_webpush_open(const struct push_config *config, const struct sio_log *log,
                               struct push_provider **out) {
    struct webpush *webpush = mem_new(struct webpush);
    webpush->provider = (struct push_provider){
        .ops = &webpush_ops, .per_second = config->webpush.per_second, .in_flight_max = IN_FLIGHT_MAX};
    webpush->hosts = config->webpush.hosts;
    webpush->base = config->webpush.base;
    *out = NULL;
    enum sio_err err = find_keys(config, &webpush->keys);
    const char *fault = err == SIO_ERR_NOT_FOUND ? NULL : open_parts(webpush, err);
    if (fault) sio_log_error(log, "push: webpush cannot be used: %s", fault);
    if (err == SIO_ERR_NOT_FOUND && config->webpush.vapid_subject)
        sio_log_warn(log, "push: there is a VAPID subject, but no key pair: `vaultify vapid-keys` makes one");
    if (fault || err == SIO_ERR_NOT_FOUND)
        webpush_close(&webpush->provider);
    else
        *out = &webpush->provider;
    return fault ? SIO_ERR_INVALID : SIO_ERR_OK;
}

const char *push_webpush_public_key(const struct push_provider *p) {
    must(p->ops == &webpush_ops);
    return container_of(p, struct webpush, provider)->keys.public_key;
}

/* ---- a request ---- */

/* What a service does with a device that sleeps. */
static const char *const urgencies[PUSH_KIND_COUNT_] = {[PUSH_MESSAGE] = "Urgency: high",
                                                        [PUSH_BROADCAST] = "Urgency: normal",
                                                        [PUSH_EMERGENCY] = "Urgency: high",
                                                        [PUSH_TEST] = "Urgency: high"};

static void write_payload(struct sio_strbuf *out, const struct push_note *note, const void *data) {
    struct sio_json_writer w;
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    sio_json_key(&w, SIO_SPAN("title"));
    sio_json_string(&w, note->title);
    sio_json_key(&w, SIO_SPAN("body"));
    sio_json_string(&w, note->body);
    push_note_members(&w, note, false);
    sio_json_object_close(&w);
}

static bool seal_payload(struct webpush *webpush, const struct push_note *note, struct arena *arena,
                         struct sio_span *out) {
    struct sio_span text;
    if (note->target.keys.n != PUSH_KEYS_BYTES) return false;
    if (!push_payload_fit(note, WEBPUSH_TEXT_MAX_BYTES, write_payload, NULL, arena, &text)) return false;
    uint8_t *sealed = arena_alloc(arena, text.n + WEBPUSH_SEALED_MORE_BYTES);
    *out = sio_span_of(sealed, text.n + WEBPUSH_SEALED_MORE_BYTES);
    return webpush_seal_text(webpush->seal, note->target.keys, text, sealed);
}

static void add_headers(struct webpush *webpush, const struct push_note *note, struct sio_span host,
                        int64_t now_ms, struct arena *arena, struct push_request *out) {
    char key[PUSH_COLLAPSE_TEXT + 1], *ttl = arena_alloc(arena, HEADER_TEXT),
                                      *topic = arena_alloc(arena, HEADER_TEXT);
    push_collapse_key(note, key);
    snprintf(ttl, HEADER_TEXT, "TTL: %u", push_note_ttl_s(note, now_ms, TTL_MAX_S));
    snprintf(topic, HEADER_TEXT, "Topic: %s", key);
    const char *const headers[] = {ttl,
                                   topic,
                                   urgencies[note->kind],
                                   "Content-Encoding: aes128gcm",
                                   "Content-Type: application/octet-stream",
                                   vapid_header(webpush->vapid, host, now_ms, arena)};
    memcpy(out->headers, headers, sizeof headers);
    out->header_count = sizeof headers / sizeof *headers;
}

/* With a base the operator says where requests go, and only the path is the user's. */
static void set_url(const struct webpush *webpush, struct sio_span endpoint, struct sio_span path,
                    struct arena *arena, struct push_request *out) {
    struct sio_span base = sio_span_cstr(webpush->base);
    out->guarded = !base.n;
    if (!base.n) {
        out->url = arena_span(arena, endpoint).p;
        return;
    }
    while (base.n && base.p[base.n - 1] == '/') base.n--;
    char *url = arena_alloc(arena, base.n + path.n + 1);
    memcpy(url, base.p, base.n);
    memcpy(url + base.n, path.p, path.n);
    url[base.n + path.n] = 0;
    out->url = url;
}

static bool refuse(struct push_verdict *verdict, const char *reason) {
    *verdict = (struct push_verdict){.result = PUSH_REFUSED};
    snprintf(verdict->reason, sizeof verdict->reason, "%s", reason);
    return false;
}

/* The endpoint is looked at again: since it was registered the operator's list may have become shorter. */
static bool webpush_build(struct push_provider *p, const struct push_note *notes, size_t count,
                          int64_t now_ms, struct arena *arena, struct push_request *out,
                          struct push_verdict *verdicts) {
    struct webpush *webpush = container_of(p, struct webpush, provider);
    struct webpush_endpoint endpoint;
    const char *error;
    must(count == 1);
    *out = (struct push_request){0};
    if (!webpush_endpoint_check(notes->target.token, webpush->hosts, &endpoint, &error))
        return refuse(verdicts, error);
    if (!seal_payload(webpush, notes, arena, &out->body))
        return refuse(verdicts, "The subscription's keys are of no use");
    set_url(webpush, notes->target.token, endpoint.path, arena, out);
    add_headers(webpush, notes, endpoint.host, now_ms, arena, out);
    return true;
}

/* ---- its answer ---- */

/* The first row that covers the status. 429 and 5xx are judged like everybody's. */
static const struct {
    int from, to;
    enum push_result result;
} answers[] = {
    {200, 299, PUSH_SENT},        /* 201 as a rule */
    {401, 401, PUSH_KEY_PROBLEM}, /* VAPID */
    {403, 403, PUSH_KEY_PROBLEM}, {404, 404, PUSH_TOKEN_DEAD}, {410, 410, PUSH_TOKEN_DEAD},
    {0, 999, PUSH_REFUSED}, /* 400 and 413 are faults of ours; redirects are not followed */
};

static enum push_result result_of(int status) {
    size_t i = 0;
    while (status < answers[i].from || status > answers[i].to) i++;
    return answers[i].result;
}

/* Endpoints are of many hosts: what one of them says holds for none of the others, unless all go by one base. */
static void webpush_judge(struct push_provider *p, const struct push_note *notes, size_t count,
                          const struct push_response *response, int64_t now_ms,
                          struct push_verdict *verdicts) {
    struct webpush *webpush = container_of(p, struct webpush, provider);
    must(count == 1);
    if (!push_verdict_common(verdicts, response))
        push_verdict_status(verdicts, result_of(response->status), response);
    if (!webpush->base) verdicts->all = false;
}

static const struct push_provider_ops webpush_ops = {.service = PUSH_WEBPUSH,
                                                     .batch_max = 1,
                                                     .build = webpush_build,
                                                     .judge = webpush_judge,
                                                     .close = webpush_close};
