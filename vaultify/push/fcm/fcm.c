/* Firebase Cloud Messaging, HTTP v1: to Android, and to what else is registered with Firebase. */
#include "base/mem.h"
#include "push/fcm/access_token.h"
#include "push/fcm/answer.h"
#include "push/fcm/message.h"

#define FCM_BASE "https://fcm.googleapis.com"

enum { IN_FLIGHT_MAX = 1000 };

struct fcm {
    struct push_provider provider;
    struct fcm_account *account;
    struct fcm_access_token token;
    struct sio_strbuf url;
};

static struct fcm *fcm_of(struct push_provider *p) { return container_of(p, struct fcm, provider); }

static enum push_auth authorize(struct push_provider *p, int64_t now_ms, struct arena *arena,
                                struct push_request *out, struct push_verdict *verdict) {
    struct fcm *fcm = fcm_of(p);
    if (!fcm_access_token_wanted(&fcm->token, now_ms)) return PUSH_AUTH_READY;
    fcm_access_token_ask(&fcm->token, now_ms, arena, out);
    return PUSH_AUTH_ASK;
}

static void authorized(struct push_provider *p, const struct push_response *response, int64_t now_ms,
                       struct push_verdict *verdict) {
    fcm_access_token_answered(&fcm_of(p)->token, response, now_ms, verdict);
}

static bool build(struct push_provider *p, const struct push_note *notes, size_t count, int64_t now_ms,
                  struct arena *arena, struct push_request *out, struct push_verdict *verdicts) {
    struct fcm *fcm = fcm_of(p);
    *out = (struct push_request){.url = fcm->url.p, .header_count = 2};
    if (!fcm_message(notes, now_ms, arena, &out->body)) {
        *verdicts = (struct push_verdict){.result = PUSH_REFUSED, .reason = "token too long"};
        return false;
    }
    /* A copy: the token may be renewed while the request is under way. */
    out->headers[0] = arena_span(arena, sio_strbuf_as_span(&fcm->token.header)).p;
    out->headers[1] = "content-type: application/json";
    return true;
}

static void judge(struct push_provider *p, const struct push_note *notes, size_t count,
                  const struct push_response *response, int64_t now_ms, struct push_verdict *verdicts) {
    fcm_judge(&fcm_of(p)->token, response, now_ms, verdicts);
}

static void close(struct push_provider *p) {
    struct fcm *fcm = fcm_of(p);
    fcm_access_token_fini(&fcm->token);
    fcm_account_close(fcm->account);
    sio_strbuf_fini(&fcm->url);
    free(fcm);
}

static const struct push_provider_ops ops = {
    .service = PUSH_FCM,
    .batch_max = 1, /* Google's batch endpoint is gone */
    .build = build,
    .judge = judge,
    .authorize = authorize,
    .authorized = authorized,
    .close = close,
};

enum sio_err push_fcm_open(const struct push_config *config, const struct sio_log *log,
                           struct push_provider **out) {
    struct fcm_account *account;
    *out = NULL;
    enum sio_err err = fcm_account_open(config, log, &account);
    if (err != SIO_ERR_OK || !account) return err;
    struct fcm *fcm = mem_new(struct fcm);
    const char *base = config->fcm.base ? config->fcm.base : FCM_BASE;
    fcm->provider = (struct push_provider){
        .ops = &ops, .per_second = config->fcm.per_second, .in_flight_max = IN_FLIGHT_MAX};
    fcm->account = account;
    fcm_access_token_init(&fcm->token, account,
                          config->fcm.token_url ? config->fcm.token_url : account->token_uri.p,
                          config->timeout_ms);
    sio_strbuf_init(&fcm->url);
    sio_strbuf_printf(&fcm->url, "%s/v1/projects/%s/messages:send", base, account->project_id.p);
    *out = &fcm->provider;
    return SIO_ERR_OK;
}
