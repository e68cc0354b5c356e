/* Verdicts: what all services have in common, and reasons that never show a token. */
#include <stdio.h>

#include "base/must.h"
#include "push/provider.h"
#include "sio_json.h"

const char *push_result_text(enum push_result result) {
    static const char *const texts[] = {[PUSH_SENT] = "sent",
                                        [PUSH_RETRY] = "retry",
                                        [PUSH_TOKEN_DEAD] = "token_dead",
                                        [PUSH_KEY_PROBLEM] = "key_problem",
                                        [PUSH_REFUSED] = "refused"};
    must((unsigned)result < PUSH_RESULT_COUNT_);
    return texts[result];
}

void push_verdict_status(struct push_verdict *verdict, enum push_result result,
                         const struct push_response *response) {
    *verdict = (struct push_verdict){.result = result, .retry_after_ms = response->retry_after_ms};
    if (response->transport == PUSH_ANSWERED)
        snprintf(verdict->reason, sizeof verdict->reason, "HTTP %d", response->status);
    else
        snprintf(verdict->reason, sizeof verdict->reason, "%s", push_transport_text(response->transport));
}

static bool is_word(struct sio_span text) {
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
        if (!good) return false;
    }
    return text.n > 0;
}

void push_verdict_word(struct push_verdict *verdict, enum push_result result,
                       const struct push_response *response, struct sio_span word) {
    char text[PUSH_WORD_MAX + 2]; /* with the quotes; no word needs an escape */
    push_verdict_status(verdict, result, response);
    if (sio_json_kind(word) != SIO_JSON_STRING || word.n > sizeof text) return;
    size_t n = sio_json_string_decode(word, text);
    if (is_word(sio_span_of(text, n)))
        snprintf(verdict->reason, sizeof verdict->reason, "%.*s", (int)n, text);
}

bool push_verdict_common(struct push_verdict *verdict, const struct push_response *response) {
    bool answered = response->transport == PUSH_ANSWERED;
    if (answered && response->status != 429 && (response->status < 500 || response->status > 599))
        return false;
    push_verdict_status(verdict, PUSH_RETRY, response);
    verdict->all =
        answered ? response->status >= 502 && response->status <= 504 : response->transport != PUSH_FORBIDDEN;
    return true;
}
