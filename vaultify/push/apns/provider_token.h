/* The token that says to Apple who sends: signed by us, good for an hour, and not to be made anew too often. */
#pragma once
#include "push/apns/account.h"

enum {
    APNS_TOKEN_RENEW_MS = 45 * 60 * 1000, /* Apple: at least every 60 minutes, */
    APNS_TOKEN_KEEP_MS = 20 * 60 * 1000,  /* and not more often than every 20 */
};

struct apns_token {
    const struct apns_account *account;
    uint32_t timeout_ms;      /* of a request: later than that, no answer is for an earlier token */
    struct sio_strbuf header; /* "authorization: bearer …"; empty: there is none */
    int64_t made_at;
    int64_t dropped_at; /* when Apple called one expired before its time; 0: never */
};

void apns_token_init(struct apns_token *token, const struct apns_account *account, uint32_t timeout_ms);
void apns_token_fini(struct apns_token *token);

/* The header line with a token that is good now; it stays until the next call. */
struct sio_span apns_token_header(struct apns_token *token, int64_t now_ms);

/* Apple calls it expired. True: another try will have a new one. False: this one is too young to be renewed, so that our
 * clock must be wrong. */
bool apns_token_expired(struct apns_token *token, int64_t now_ms);
