/* The token that FCM takes in place of a password: Google's OAuth gives it for a signed grant (RFC 7523). Kept until shortly
 * before it expires. */
#pragma once
#include "push/fcm/account.h"
#include "push/provider.h"

struct fcm_access_token {
    const struct fcm_account *account;
    const char *url;          /* where it is asked for */
    uint32_t timeout_ms;      /* of a request: later than that, no answer is for an earlier token */
    struct sio_strbuf header; /* "authorization: Bearer …"; empty: there is none */
    int64_t renew_at, expires_at;
    bool proven;        /* FCM has taken it */
    int64_t dropped_at; /* when FCM refused one that it had taken before; 0: never */
};

void fcm_access_token_init(struct fcm_access_token *token, const struct fcm_account *account, const char *url,
                           uint32_t timeout_ms);
void fcm_access_token_fini(struct fcm_access_token *token);

bool fcm_access_token_wanted(const struct fcm_access_token *token, int64_t now_ms);
void fcm_access_token_ask(const struct fcm_access_token *token, int64_t now_ms, struct arena *arena,
                          struct push_request *out);
/* PUSH_SENT: there is one. A failure while the old one is still good is none: it is asked for again later. */
void fcm_access_token_answered(struct fcm_access_token *token, const struct push_response *response,
                               int64_t now_ms, struct push_verdict *verdict);

/* What FCM said about it in answer to a note: taken, or refused (401). One that was good before is dropped and the note waits
 * for a new one; one that never was is a problem of our account. */
void fcm_access_token_taken(struct fcm_access_token *token);
void fcm_access_token_refused(struct fcm_access_token *token, const struct push_response *response,
                              int64_t now_ms, struct push_verdict *verdict);
