/* Asking for access tokens, and when to ask again. */
#include "push/fcm/access_token.h"

#include "sio_json.h"

#define SCOPE  "https://www.googleapis.com/auth/firebase.messaging"
#define GRANT  "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
#define BEARER "authorization: Bearer "

enum {
    GRANT_LIFETIME_S = 3600,   /* Google's most */
    RENEW_BEFORE_MS = 300000,  /* so long before the end a new one is asked for */
    ASK_AGAIN_MS = 30000,      /* after a failure, while the old one is good */
    LIFETIME_DEFAULT_S = 3600, /* when the answer does not say */
    LIFETIME_MAX_S = 86400,
    ACCESS_TOKEN_MAX_BYTES = 8 << 10,
};

void fcm_access_token_init(struct fcm_access_token *token, const struct fcm_account *account, const char *url,
                           uint32_t timeout_ms) {
    *token = (struct fcm_access_token){.account = account, .url = url, .timeout_ms = timeout_ms};
    sio_strbuf_init(&token->header);
}

void fcm_access_token_fini(struct fcm_access_token *token) { sio_strbuf_fini(&token->header); }

bool fcm_access_token_wanted(const struct fcm_access_token *token, int64_t now_ms) {
    return !token->header.n || now_ms >= token->renew_at;
}

/* ---- asking ---- */

static void write_claims(const struct fcm_access_token *token, int64_t now_ms, struct sio_strbuf *out) {
    struct sio_json_writer w;
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    sio_json_key(&w, SIO_SPAN("iss"));
    sio_json_string(&w, token->account->client_email);
    sio_json_key(&w, SIO_SPAN("scope"));
    sio_json_string(&w, SIO_SPAN(SCOPE));
    sio_json_key(&w, SIO_SPAN("aud"));
    sio_json_string(&w, token->account->token_uri);
    sio_json_key(&w, SIO_SPAN("iat"));
    sio_json_i64(&w, now_ms / 1000);
    sio_json_key(&w, SIO_SPAN("exp"));
    sio_json_i64(&w, now_ms / 1000 + GRANT_LIFETIME_S);
    sio_json_object_close(&w);
}

void fcm_access_token_ask(const struct fcm_access_token *token, int64_t now_ms, struct arena *arena,
                          struct push_request *out) {
    struct sio_strbuf claims, body;
    sio_strbuf_init(&claims);
    sio_strbuf_init(&body);
    write_claims(token, now_ms, &claims);
    sio_strbuf_lit(&body, "grant_type=" GRANT "&assertion=");
    jwt_sign(token->account->key, (struct sio_span){0}, sio_strbuf_as_span(&claims), &body);
    *out = (struct push_request){.url = token->url,
                                 .headers = {"content-type: application/x-www-form-urlencoded"},
                                 .header_count = 1,
                                 .body = arena_span(arena, sio_strbuf_as_span(&body))};
    sio_strbuf_fini(&claims);
    sio_strbuf_fini(&body);
}

/* ---- the answer ---- */

/* It becomes a header's value. */
static bool is_bearer(struct sio_span text) {
    for (size_t i = 0; i < text.n; i++)
        if (text.p[i] <= ' ' || text.p[i] > '~') return false;
    return text.n > 0;
}

static bool keep_token(struct fcm_access_token *token, struct sio_span value) {
    char text[ACCESS_TOKEN_MAX_BYTES];
    if (sio_json_kind(value) != SIO_JSON_STRING || value.n > sizeof text) return false;
    struct sio_span bearer = sio_span_of(text, sio_json_string_decode(value, text));
    if (!is_bearer(bearer)) return false;
    sio_strbuf_clear(&token->header);
    sio_strbuf_lit(&token->header, BEARER);
    sio_strbuf_span(&token->header, bearer);
    return true;
}

/* One that lives shorter than we renew before is used for half of its life. */
static void keep_times(struct fcm_access_token *token, struct sio_span expires_in, int64_t now_ms) {
    int64_t lifetime_s;
    if (!sio_json_to_i64(expires_in, &lifetime_s) || lifetime_s <= 0) lifetime_s = LIFETIME_DEFAULT_S;
    if (lifetime_s > LIFETIME_MAX_S) lifetime_s = LIFETIME_MAX_S;
    int64_t lifetime_ms = lifetime_s * 1000;
    token->expires_at = now_ms + lifetime_ms;
    token->renew_at =
        token->expires_at - (lifetime_ms > 2 * RENEW_BEFORE_MS ? RENEW_BEFORE_MS : lifetime_ms / 2);
    token->proven = false;
}

static bool take_answer(struct fcm_access_token *token, struct sio_span body, int64_t now_ms) {
    struct sio_span json;
    if (!sio_json_check(body, &json) || !keep_token(token, sio_json_member(json, SIO_SPAN("access_token"))))
        return false;
    keep_times(token, sio_json_member(json, SIO_SPAN("expires_in")), now_ms);
    return true;
}

/* A refusal of OAuth (RFC 6749 §5.2) says what of ours is wrong; anything else at this address is not Google's. */
static void judge_refusal(const struct push_response *response, struct push_verdict *verdict) {
    struct sio_span json, error = {0};
    if (sio_json_check(response->body, &json)) error = sio_json_member(json, SIO_SPAN("error"));
    bool refused = response->status >= 400 && sio_json_kind(error) == SIO_JSON_STRING;
    push_verdict_word(verdict, refused ? PUSH_KEY_PROBLEM : PUSH_RETRY, response, error);
    verdict->all = true;
}

void fcm_access_token_answered(struct fcm_access_token *token, const struct push_response *response,
                               int64_t now_ms, struct push_verdict *verdict) {
    bool answered = response->transport == PUSH_ANSWERED;
    if (answered && response->status == 200 && take_answer(token, response->body, now_ms)) {
        push_verdict_status(verdict, PUSH_SENT, response);
        return;
    }
    if (!push_verdict_common(verdict, response)) judge_refusal(response, verdict);
    verdict->all = true;
    if (verdict->result == PUSH_RETRY && token->header.n && now_ms < token->expires_at) {
        token->renew_at = now_ms + ASK_AGAIN_MS;
        verdict->result = PUSH_SENT;
    }
}

/* ---- what FCM says of it ---- */

void fcm_access_token_taken(struct fcm_access_token *token) { token->proven = token->header.n > 0; }

void fcm_access_token_refused(struct fcm_access_token *token, const struct push_response *response,
                              int64_t now_ms, struct push_verdict *verdict) {
    int64_t since_ms = now_ms - token->dropped_at;
    bool of_the_one_before = token->dropped_at && since_ms >= 0 && since_ms < token->timeout_ms;
    bool was_good = token->proven || of_the_one_before;
    push_verdict_status(verdict, was_good ? PUSH_RETRY : PUSH_KEY_PROBLEM, response);
    verdict->all = true;
    if (of_the_one_before) return;
    if (token->proven) token->dropped_at = now_ms;
    token->proven = false;
    sio_strbuf_clear(&token->header);
}
