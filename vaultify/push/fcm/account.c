/* Reading a service account: Google's JSON, or the three values that platforms keep of it. */
#include "push/fcm/account.h"

#include "base/mem.h"
#include "sio_json.h"

#define GOOGLE_TOKEN_URI "https://oauth2.googleapis.com/token"

static bool given(const char *text) { return text && *text; }

static enum sio_err invalid(const struct sio_log *log, const char *what, const char *problem) {
    sio_log_error(log, "push: fcm cannot be used: %s %s", what, problem);
    return SIO_ERR_INVALID;
}

/* ---- where it comes from ---- */

static void take_member(struct fcm_account *account, struct sio_span json, const char *name,
                        struct sio_span *out) {
    struct sio_span value = sio_json_member(json, sio_span_cstr(name));
    if (sio_json_kind(value) != SIO_JSON_STRING) return;
    char *text = arena_alloc(&account->arena, value.n + 1);
    size_t n = sio_json_string_decode(value, text);
    text[n] = 0;
    *out = sio_span_of(text, n);
}

static enum sio_err read_json(struct fcm_account *account, const char *text, const struct sio_log *log,
                              struct sio_span *private_key) {
    const char *what = "GOOGLE_APPLICATION_CREDENTIALS_JSON";
    struct sio_span json, all = sio_span_cstr(text);
    if (all.n > FCM_CREDENTIALS_MAX_BYTES) return invalid(log, what, "is longer than 64 KiB");
    if (!sio_json_check(all, &json) || sio_json_kind(json) != SIO_JSON_OBJECT)
        return invalid(log, what, "is no JSON object");
    take_member(account, json, "project_id", &account->project_id);
    take_member(account, json, "client_email", &account->client_email);
    take_member(account, json, "token_uri", &account->token_uri);
    take_member(account, json, "private_key", private_key);
    if (!account->project_id.n || !account->client_email.n || !private_key->n)
        return invalid(log, what, "needs project_id, client_email and private_key");
    return SIO_ERR_OK;
}

static enum sio_err read_parts(struct fcm_account *account, const struct push_config *config,
                               const struct sio_log *log, struct sio_span *private_key) {
    const struct {
        const char *name, *text;
        struct sio_span *to;
    } parts[] = {{"FIREBASE_PROJECT_ID", config->fcm.project_id, &account->project_id},
                 {"FIREBASE_CLIENT_EMAIL", config->fcm.client_email, &account->client_email},
                 {"FIREBASE_PRIVATE_KEY", config->fcm.private_key, private_key}};
    for (size_t i = 0; i < 3; i++) {
        if (!given(parts[i].text)) return invalid(log, parts[i].name, "is missing");
        *parts[i].to = arena_span(&account->arena, sio_span_cstr(parts[i].text));
    }
    return SIO_ERR_OK;
}

/* ---- whether it can be one ---- */

/* It becomes a part of the URL. */
static bool is_project_id(struct sio_span text) {
    static const char others[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:";
    return text.n <= 128 && strspn(text.p, others) == text.n;
}

/* In a variable the line breaks of PEM are often two characters, a backslash and an n. */
static struct sio_span with_line_breaks(struct sio_span text, struct arena *arena) {
    char *p = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        bool escaped = text.p[i] == '\\' && i + 1 < text.n && text.p[i + 1] == 'n';
        p[n++] = escaped ? '\n' : text.p[i];
        if (escaped) i++;
    }
    return sio_span_of(p, n);
}

static enum sio_err check(struct fcm_account *account, struct sio_span private_key, const char *token_url,
                          const struct sio_log *log) {
    struct sio_span pem = with_line_breaks(private_key, &account->arena);
    if (!is_project_id(account->project_id)) return invalid(log, "the project's id", "is none");
    if (jwt_key_from_pem(JWT_RS256, pem, &account->key) != SIO_ERR_OK)
        return invalid(log, "the private key", "is no RSA key in PEM");
    if (!account->token_uri.n)
        account->token_uri =
            arena_span(&account->arena, sio_span_cstr(given(token_url) ? token_url : GOOGLE_TOKEN_URI));
    return SIO_ERR_OK;
}

enum sio_err fcm_account_open(const struct push_config *config, const struct sio_log *log,
                              struct fcm_account **out) {
    const char *json = config->fcm.credentials_json;
    struct sio_span private_key = {0};
    *out = NULL;
    if (!given(json) && !given(config->fcm.project_id) && !given(config->fcm.client_email) &&
        !given(config->fcm.private_key))
        return SIO_ERR_OK;
    struct fcm_account *account = mem_new(struct fcm_account);
    arena_init(&account->arena);
    enum sio_err err = given(json) ? read_json(account, json, log, &private_key)
                                   : read_parts(account, config, log, &private_key);
    if (err == SIO_ERR_OK) err = check(account, private_key, config->fcm.token_url, log);
    if (err != SIO_ERR_OK) {
        fcm_account_close(account);
        return err;
    }
    *out = account;
    return SIO_ERR_OK;
}

void fcm_account_close(struct fcm_account *account) {
    if (!account) return;
    jwt_key_free(account->key);
    arena_fini(&account->arena);
    free(account);
}
