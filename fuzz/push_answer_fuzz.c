/* Fuzz target: what push services answer. Any bytes under any status are judged; a token is given up only for the service's own
 * word, and no reason holds anything but printable characters. (Web Push reads the status alone.) */
#include "fuzz.h"

#include "base/must.h"
#include "push/apns/answer.h"
#include "push/expo/answer.h"
#include "push/fcm/answer.h"

static const int64_t NOW = 1700000000000;
static const int statuses[] = {200, 301, 400, 401, 403, 404, 410, 413, 429, 500, 503};

static bool has(struct sio_span body, const char *word) { return memmem(body.p, body.n, word, strlen(word)); }

static void check(const struct push_verdict *verdict, bool may_kill) {
    must((unsigned)verdict->result < PUSH_RESULT_COUNT_);
    must(verdict->result != PUSH_TOKEN_DEAD || may_kill);
    must(verdict->dead_since >= 0);
    size_t n = strnlen(verdict->reason, sizeof verdict->reason);
    must(n < sizeof verdict->reason && (n > 0 || verdict->result == PUSH_SENT));
    must(strnlen(verdict->receipt, sizeof verdict->receipt) < sizeof verdict->receipt);
    for (size_t i = 0; i < n; i++) must(verdict->reason[i] >= ' ' && verdict->reason[i] <= '~');
}

static void fcm(const struct push_response *response) {
    struct fcm_access_token token;
    struct push_verdict verdict;
    fcm_access_token_init(&token, NULL, "", 15000);
    fcm_judge(&token, response, NOW, &verdict);
    check(&verdict, has(response->body, "google.firebase.fcm.v1.FcmError") || has(response->body, "\\"));
    fcm_access_token_answered(&token, response, NOW, &verdict);
    check(&verdict, false);
    must(verdict.result != PUSH_SENT || (token.header.n && token.expires_at > NOW && token.renew_at > NOW));
    fcm_access_token_fini(&token);
}

static void apns(const struct push_response *response) {
    struct apns_token token;
    struct push_verdict verdict;
    apns_token_init(&token, NULL, 15000);
    apns_judge(&token, response, NOW, &verdict);
    check(&verdict,
          has(response->body, "oken") || has(response->body, "Unregistered") || has(response->body, "\\"));
    apns_token_fini(&token);
}

static void expo(const struct push_response *response) {
    const struct push_note notes[2] = {{.target.token = SIO_SPAN("ExponentPushToken[a]")},
                                       {.target.token = SIO_SPAN("ExponentPushToken[b]")}};
    const struct sio_span ids[2] = {SIO_SPAN("a"), SIO_SPAN("b")};
    struct push_verdict verdicts[2];
    bool may_kill = has(response->body, "DeviceNotRegistered") || has(response->body, "\\");
    expo_judge_tickets(notes, 2, response, verdicts);
    for (size_t i = 0; i < 2; i++) check(&verdicts[i], may_kill);
    expo_judge_receipts(ids, 2, response, verdicts);
    for (size_t i = 0; i < 2; i++) check(&verdicts[i], may_kill);
}

/* The first byte chooses the status. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size) return 0;
    struct push_response response = {.status = statuses[data[0] % (sizeof statuses / sizeof *statuses)],
                                     .body = sio_span_of(data + 1, size - 1)};
    fcm(&response);
    apns(&response);
    expo(&response);
    return 0;
}
