/* Access tokens: a JWT is header.payload.signature, each in base64url. The signature is checked first, so
 * that nothing but a holder of the secret ever reaches the JSON reader; then the header, then the claims. */
#include "auth/auth.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/must.h"
#include "sio_json.h"

enum {
    SIGNATURE_BYTES = 32,
    SIGNATURE_TEXT = 43,
    TIME_MAX_S = 253402300799, /* the last second of the year 9999; later claims are taken as this one */
};

struct auth {
    EVP_MAC *mac;
    EVP_MAC_CTX *keyed; /* copied for each signature, never used itself: that makes `auth` safe for threads */
};

enum sio_err auth_new(struct sio_span secret, struct auth **out) {
    if (!secret.n) return SIO_ERR_INVALID;
    struct auth *auth = mem_new(struct auth);
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    auth->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    auth->keyed = auth->mac ? EVP_MAC_CTX_new(auth->mac) : NULL;
    if (!auth->keyed || !EVP_MAC_init(auth->keyed, (const unsigned char *)secret.p, secret.n, params)) {
        auth_free(auth);
        return SIO_ERR_INVALID;
    }
    *out = auth;
    return SIO_ERR_OK;
}

/* ---- signatures ---- */

static void sign(const struct auth *auth, struct sio_span text, uint8_t out[SIGNATURE_BYTES]) {
    EVP_MAC_CTX *mac = EVP_MAC_CTX_dup(auth->keyed);
    size_t n = 0;
    must(mac && EVP_MAC_update(mac, (const unsigned char *)text.p, text.n));
    must(EVP_MAC_final(mac, out, &n, SIGNATURE_BYTES) && n == SIGNATURE_BYTES);
    EVP_MAC_CTX_free(mac);
}

static bool signature_matches(const struct auth *auth, struct sio_span signed_text,
                              struct sio_span signature) {
    char given[BASE64_ROOM(SIGNATURE_TEXT)];
    uint8_t expected[SIGNATURE_BYTES];
    size_t given_n;
    if (signature.n != SIGNATURE_TEXT || !base64url_decode_strict(given, signature, &given_n)) return false;
    sign(auth, signed_text, expected);
    return given_n == SIGNATURE_BYTES && CRYPTO_memcmp(given, expected, SIGNATURE_BYTES) == 0;
}

/* ---- header and claims ---- */

struct field {
    const char *name;
    struct sio_span *value;
};

/* Takes the named members out of an object; false when `text` is none or names one of them twice: readers
 * that differ about which one counts must not be set against each other. */
static bool read_object(struct sio_span text, const struct field *fields, size_t count) {
    struct sio_span object, key, value;
    size_t cursor = 0;
    if (!sio_json_check(text, &object) || sio_json_kind(object) != SIO_JSON_OBJECT) return false;
    while (sio_json_next_member(object, &cursor, &key, &value)) {
        for (size_t i = 0; i < count; i++) {
            if (!sio_json_string_is(key, sio_span_cstr(fields[i].name))) continue;
            if (fields[i].value->n) return false;
            *fields[i].value = value;
        }
    }
    return true;
}

static bool header_ok(struct sio_span json) {
    struct sio_span alg = {0}, crit = {0}, typ = {0};
    const struct field fields[] = {{"alg", &alg}, {"crit", &crit}, {"typ", &typ}};
    return read_object(json, fields, 3) && sio_json_kind(alg) == SIO_JSON_STRING &&
           sio_json_string_is(alg, SIO_SPAN("HS256")) && !crit.n;
}

/* A NumericDate (RFC 7519 §2): seconds, perhaps with a fraction. */
static bool read_time(struct sio_span value, int64_t *out_ms) {
    double seconds;
    if (sio_json_kind(value) != SIO_JSON_NUMBER || !sio_json_to_double(value, &seconds)) return false;
    if (!(seconds >= 0)) return false;
    *out_ms = seconds > (double)TIME_MAX_S ? (int64_t)TIME_MAX_S * 1000 : (int64_t)(seconds * 1000);
    return true;
}

static bool read_user(struct sio_span value, struct uuid *out) {
    char text[UUID_TEXT + 2]; /* with the quotes; an escape makes a value longer, and no UUID needs one */
    if (sio_json_kind(value) != SIO_JSON_STRING || value.n != sizeof text) return false;
    size_t n = sio_json_string_decode(value, text);
    return uuid_parse(sio_span_of(text, n), out) && !uuid_is_nil(out);
}

static enum fault check_claims(struct sio_span json, int64_t now_ms, struct auth_identity *out) {
    struct sio_span sub = {0}, exp = {0}, nbf = {0};
    const struct field fields[] = {{"sub", &sub}, {"exp", &exp}, {"nbf", &nbf}};
    struct auth_identity found = {0};
    int64_t not_before = 0;
    if (!read_object(json, fields, 3) || !read_user(sub, &found.user) || !read_time(exp, &found.expires_at))
        return FAULT_TOKEN_INVALID;
    if (nbf.n && !read_time(nbf, &not_before)) return FAULT_TOKEN_INVALID;
    if (now_ms >= found.expires_at + AUTH_LEEWAY_MS) return FAULT_TOKEN_EXPIRED;
    if (now_ms + AUTH_LEEWAY_MS < not_before) return FAULT_TOKEN_INVALID;
    *out = found;
    return FAULT_NONE;
}

enum fault auth_verify(const struct auth *auth, struct sio_span token, int64_t now_ms,
                       struct auth_identity *out) {
    if (!token.n) return FAULT_TOKEN_MISSING;
    if (token.n > AUTH_TOKEN_MAX_BYTES) return FAULT_TOKEN_INVALID;
    struct sio_span rest = token;
    struct sio_span header = sio_span_cut(&rest, '.');
    struct sio_span payload = sio_span_cut(&rest, '.');
    if (!rest.p || !header.n || !payload.n) return FAULT_TOKEN_INVALID;
    /* A dot too many is left in `rest` and makes it no signature. */
    struct sio_span signed_text = sio_span_of(token.p, header.n + 1 + payload.n);
    if (!signature_matches(auth, signed_text, rest)) return FAULT_TOKEN_INVALID;

    char decoded[AUTH_TOKEN_MAX_BYTES];
    size_t n;
    if (!base64url_decode_strict(decoded, header, &n) || !header_ok(sio_span_of(decoded, n)))
        return FAULT_TOKEN_INVALID;
    if (!base64url_decode_strict(decoded, payload, &n)) return FAULT_TOKEN_INVALID;
    return check_claims(sio_span_of(decoded, n), now_ms, out);
}

struct sio_span auth_bearer(struct sio_span header) {
    static const struct sio_span none;
    struct sio_span rest = sio_span_trim(header);
    struct sio_span scheme = sio_span_cut(&rest, ' ');
    if (!rest.p || !sio_span_eq_nocase(scheme, SIO_SPAN("Bearer"))) return none;
    return sio_span_trim(rest);
}

bool auth_secret_is(struct sio_span given, struct sio_span secret) {
    return given.n == secret.n && CRYPTO_memcmp(given.p, secret.p, given.n) == 0;
}

/* ---- issuing ---- */

static void write_claims(struct sio_strbuf *json, const struct uuid *user, struct sio_span email,
                         struct sio_span role, int64_t now_ms, int64_t lifetime_ms) {
    struct sio_json_writer w;
    char id[UUID_TEXT + 1];
    uuid_format(user, id);
    sio_json_begin(&w, json);
    sio_json_object_open(&w);
    sio_json_key(&w, SIO_SPAN("sub"));
    sio_json_string(&w, sio_span_of(id, UUID_TEXT));
    if (email.n) {
        sio_json_key(&w, SIO_SPAN("email"));
        sio_json_string(&w, email);
    }
    if (role.n) {
        sio_json_key(&w, SIO_SPAN("role"));
        sio_json_string(&w, role);
    }
    sio_json_key(&w, SIO_SPAN("iat"));
    sio_json_i64(&w, now_ms / 1000);
    sio_json_key(&w,
                 SIO_SPAN("exp")); /* whole seconds for every reader, rounded up: never shorter than said */
    sio_json_i64(&w, (now_ms + lifetime_ms + 999) / 1000);
    sio_json_object_close(&w);
}

void auth_issue(const struct auth *auth, const struct uuid *user, struct sio_span email, struct sio_span role,
                int64_t now_ms, int64_t lifetime_ms, struct sio_strbuf *out) {
    struct sio_strbuf claims;
    uint8_t signature[SIGNATURE_BYTES];
    size_t start = out->n;
    sio_strbuf_init(&claims);
    write_claims(&claims, user, email, role, now_ms, lifetime_ms);
    base64url_add(out, SIO_SPAN("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"));
    sio_strbuf_char(out, '.');
    base64url_add(out, sio_strbuf_as_span(&claims));
    sign(auth, sio_span_skip(sio_strbuf_as_span(out), start), signature);
    sio_strbuf_char(out, '.');
    base64url_add(out, sio_span_of(signature, SIGNATURE_BYTES));
    sio_strbuf_fini(&claims);
}

void auth_free(struct auth *auth) {
    if (!auth) return;
    EVP_MAC_CTX_free(auth->keyed);
    EVP_MAC_free(auth->mac);
    free(auth);
}
