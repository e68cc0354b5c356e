/* Judging by the `reason`, which is Apple's own word; the HTTP status alone may be anybody's. A token is given up for four of
 * these words only. */
#include "push/apns/answer.h"

#include "sio_json.h"

/* The first row that fits. `reason` NULL: any. */
static const struct row {
    int status;
    const char *reason;
    enum push_result result;
    bool all;
} rows[] = {
    {410, "Unregistered", PUSH_TOKEN_DEAD},
    {410, "ExpiredToken", PUSH_TOKEN_DEAD},
    {400, "BadDeviceToken", PUSH_TOKEN_DEAD},
    {400, "DeviceTokenNotForTopic", PUSH_TOKEN_DEAD},
    {400, "IdleTimeout", PUSH_RETRY}, /* of the connection */
    {403, NULL, PUSH_KEY_PROBLEM, .all = true},
    {429, "TooManyProviderTokenUpdates", PUSH_RETRY, .all = true},
    {429, NULL, PUSH_RETRY}, /* to this device */
    {500, NULL, PUSH_RETRY},
    {503, NULL, PUSH_RETRY, .all = true},
};

static const struct row *row_of(int status, struct sio_span reason) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].status != status) continue;
        if (!rows[i].reason || sio_json_string_is(reason, sio_span_cstr(rows[i].reason))) return &rows[i];
    }
    return NULL;
}

/* {reason, timestamp}: of 410, since when the token is dead, in ms. */
static void judge_reason(struct sio_span json, struct sio_span reason, const struct push_response *response,
                         struct push_verdict *verdict) {
    const struct row *row = row_of(response->status, reason);
    int64_t since;
    if (!row && push_verdict_common(verdict, response)) return;
    push_verdict_word(verdict, row ? row->result : PUSH_REFUSED, response, reason);
    verdict->all = row && row->all;
    if (verdict->result == PUSH_TOKEN_DEAD &&
        sio_json_to_i64(sio_json_member(json, SIO_SPAN("timestamp")), &since) && since > 0)
        verdict->dead_since = since;
}

void apns_judge(struct apns_token *token, const struct push_response *response, int64_t now_ms,
                struct push_verdict *verdict) {
    struct sio_span json, reason = {0};
    if (response->transport == PUSH_ANSWERED && response->status == 200) {
        push_verdict_status(verdict, PUSH_SENT, response);
        return;
    }
    if (response->transport == PUSH_ANSWERED && sio_json_check(response->body, &json))
        reason = sio_json_member(json, SIO_SPAN("reason"));
    if (sio_json_kind(reason) == SIO_JSON_STRING)
        judge_reason(json, reason, response, verdict);
    else if (!push_verdict_common(verdict, response))
        push_verdict_status(verdict, PUSH_RETRY,
                            response); /* not Apple's: a proxy's page, or a wrong address */
    if (verdict->result == PUSH_KEY_PROBLEM && sio_json_string_is(reason, SIO_SPAN("ExpiredProviderToken")) &&
        apns_token_expired(token, now_ms))
        verdict->result = PUSH_RETRY;
}
