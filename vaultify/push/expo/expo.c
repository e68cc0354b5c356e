/* Expo's push service: a hundred messages in a request, tickets in the answer, receipts a quarter of an hour later. */
#include "base/mem.h"
#include "push/expo/answer.h"
#include "push/expo/gzip.h"
#include "push/expo/message.h"

#define EXPO_BASE "https://exp.host"

/* Expo allows to ask for 1000 receipts at once. Of so many, all with errors, the answer would be longer than we read. */
enum {
    MESSAGES_MAX = 100, /* Expo's own limit */
    RECEIPTS_MAX = 300,
    IN_FLIGHT_MAX = 600, /* a second's worth at Expo's rate */
    RECEIPT_KEEP_MS = 24 * 3600 * 1000,
    SINGLY_MS = 10 * 60 * 1000, /* for so long each push goes alone after a request of many was refused */
    GZIP_MIN_BYTES = 1024,      /* shorter bodies go as they are */
};

struct expo {
    struct push_provider provider;
    struct push_provider_ops ops; /* the delay of receipts is configured */
    const struct sio_log *log;
    char *send_url, *receipts_url;
    char *authorization; /* a header; NULL: none */
    int64_t singly_until;
};

static struct expo *expo_of(struct push_provider *p) { return container_of(p, struct expo, provider); }

/* ---- requests ---- */

static void make_request(const struct expo *expo, const char *url, struct sio_span body, struct arena *arena,
                         struct push_request *out) {
    *out = (struct push_request){.url = url};
    out->headers[out->header_count++] = "content-type: application/json";
    out->headers[out->header_count++] = "accept: application/json";
    if (expo->authorization) out->headers[out->header_count++] = expo->authorization;
    if (body.n < GZIP_MIN_BYTES) {
        out->body = arena_span(arena, body);
        return;
    }
    struct sio_strbuf zipped;
    sio_strbuf_init(&zipped);
    gzip_add(&zipped, body);
    out->headers[out->header_count++] = "content-encoding: gzip";
    out->body = arena_span(arena, sio_strbuf_as_span(&zipped));
    sio_strbuf_fini(&zipped);
}

static bool build(struct push_provider *p, const struct push_note *notes, size_t count, int64_t now_ms,
                  struct arena *arena, struct push_request *out, struct push_verdict *verdicts) {
    struct sio_strbuf body;
    sio_strbuf_init(&body);
    expo_messages(&body, notes, count, now_ms);
    make_request(expo_of(p), expo_of(p)->send_url, sio_strbuf_as_span(&body), arena, out);
    sio_strbuf_fini(&body);
    return true;
}

static void build_receipts(struct push_provider *p, const struct sio_span *ids, size_t count,
                           struct arena *arena, struct push_request *out) {
    struct sio_strbuf body;
    sio_strbuf_init(&body);
    expo_receipt_ids(&body, ids, count);
    make_request(expo_of(p), expo_of(p)->receipts_url, sio_strbuf_as_span(&body), arena, out);
    sio_strbuf_fini(&body);
}

/* ---- answers ---- */

/* One message that Expo does not want, or tokens of two projects, and the whole request is refused. Alone, each gets the
 * answer that it deserves. */
static void send_singly(struct expo *expo, int64_t now_ms, const char *reason) {
    if (!expo->provider.batch_limit)
        sio_log_warn(expo->log,
                     "push expo: a request of several was refused (%s): each goes alone for %d minutes",
                     reason, SINGLY_MS / 60000);
    expo->provider.batch_limit = 1;
    expo->singly_until = now_ms + SINGLY_MS;
}

static void judge(struct push_provider *p, const struct push_note *notes, size_t count,
                  const struct push_response *response, int64_t now_ms, struct push_verdict *verdicts) {
    struct expo *expo = expo_of(p);
    if (expo_judge_tickets(notes, count, response, verdicts))
        send_singly(expo, now_ms, verdicts[0].reason);
    else if (now_ms >= expo->singly_until)
        expo->provider.batch_limit = 0;
}

static void judge_receipts(struct push_provider *p, const struct sio_span *ids, size_t count,
                           const struct push_response *response, struct push_verdict *verdicts) {
    expo_judge_receipts(ids, count, response, verdicts);
}

/* ---- its life ---- */

static void close(struct push_provider *p) {
    struct expo *expo = expo_of(p);
    free(expo->send_url);
    free(expo->receipts_url);
    free(expo->authorization);
    free(expo);
}

static const struct push_provider_ops expo_ops = {
    .service = PUSH_EXPO,
    .batch_max = MESSAGES_MAX,
    .build = build,
    .judge = judge,
    .receipts_max = RECEIPTS_MAX,
    .receipt_keep_ms = RECEIPT_KEEP_MS,
    .build_receipts = build_receipts,
    .judge_receipts = judge_receipts,
    .close = close,
};

static char *join(const char *a, const char *b) {
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    sio_strbuf_printf(&text, "%s%s", a, b);
    return sio_strbuf_take(&text);
}

/* It becomes a header's value. */
static bool is_bearer(const char *token) {
    const char *p = token;
    while (*p > ' ' && *p <= '~') p++;
    return p > token && !*p;
}

enum sio_err push_expo_open(const struct push_config *config, const struct sio_log *log,
                            struct push_provider **out) {
    const char *base = config->expo.base ? config->expo.base : EXPO_BASE, *token = config->expo.access_token;
    *out = NULL;
    if (!config->expo.on && token)
        sio_log_warn(log, "push: EXPO_ACCESS_TOKEN is set, but Expo is off without --expo on");
    if (!config->expo.on) return SIO_ERR_OK;
    if (token && !is_bearer(token)) {
        sio_log_error(log, "push expo: the access token has blanks or other characters that none has");
        return SIO_ERR_INVALID;
    }
    struct expo *expo = mem_new(struct expo);
    expo->ops = expo_ops;
    expo->ops.receipt_delay_ms = config->expo.receipt_delay_ms;
    expo->provider = (struct push_provider){
        .ops = &expo->ops, .per_second = config->expo.per_second, .in_flight_max = IN_FLIGHT_MAX};
    expo->log = log;
    expo->send_url = join(base, "/--/api/v2/push/send");
    expo->receipts_url = join(base, "/--/api/v2/push/getReceipts");
    if (token) expo->authorization = join("authorization: Bearer ", token);
    *out = &expo->provider;
    return SIO_ERR_OK;
}
