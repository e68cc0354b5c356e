/* Making the token, and when to make another. */
#include "push/apns/provider_token.h"

#include "sio_json.h"

void apns_token_init(struct apns_token *token, const struct apns_account *account, uint32_t timeout_ms) {
    *token = (struct apns_token){.account = account, .timeout_ms = timeout_ms};
    sio_strbuf_init(&token->header);
}

void apns_token_fini(struct apns_token *token) { sio_strbuf_fini(&token->header); }

static void make(struct apns_token *token, int64_t now_ms) {
    struct sio_strbuf claims;
    struct sio_json_writer w;
    sio_strbuf_init(&claims);
    sio_json_begin(&w, &claims);
    sio_json_object_open(&w);
    sio_json_key(&w, SIO_SPAN("iss"));
    sio_json_string(&w, token->account->team_id);
    sio_json_key(&w, SIO_SPAN("iat"));
    sio_json_i64(&w, now_ms / 1000);
    sio_json_object_close(&w);
    sio_strbuf_clear(&token->header);
    sio_strbuf_lit(&token->header, "authorization: bearer ");
    jwt_sign(token->account->key, token->account->key_id, sio_strbuf_as_span(&claims), &token->header);
    token->made_at = now_ms;
    sio_strbuf_fini(&claims);
}

struct sio_span apns_token_header(struct apns_token *token, int64_t now_ms) {
    int64_t age_ms = now_ms - token->made_at;
    /* One from the future was made before our clock was set right. */
    if (!token->header.n || age_ms < 0 || age_ms >= APNS_TOKEN_RENEW_MS) make(token, now_ms);
    return sio_strbuf_as_span(&token->header);
}

bool apns_token_expired(struct apns_token *token, int64_t now_ms) {
    int64_t since_ms = now_ms - token->dropped_at;
    if (token->dropped_at && since_ms >= 0 && since_ms < token->timeout_ms) return true; /* the one before */
    if (now_ms - token->made_at < APNS_TOKEN_KEEP_MS) return false;
    sio_strbuf_clear(&token->header);
    token->dropped_at = now_ms;
    return true;
}
