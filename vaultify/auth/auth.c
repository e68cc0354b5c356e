/* Access tokens: a JWT is header.payload.signature, each in base64url. The signature is checked first, so
 * that nothing but a holder of the secret ever reaches the JSON reader; then the header, then the claims. */
#include "auth/auth.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "auth/base64url.h"
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

enum err auth_new(struct span secret, struct auth **out) {
    if (!secret.n) return ERR_INVALID;
    struct auth *auth = mem_new(struct auth);
    char digest[] = "SHA256";
    const OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                                 OSSL_PARAM_construct_end()};
    auth->mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    auth->keyed = auth->mac ? EVP_MAC_CTX_new(auth->mac) : NULL;
    if (!auth->keyed || !EVP_MAC_init(auth->keyed, (const unsigned char *)secret.p, secret.n, params)) {
        auth_free(auth);
        return ERR_INVALID;
    }
    *out = auth;
    return ERR_OK;
}

/* ---- signatures ---- */

static void sign(const struct auth *auth, struct span text, uint8_t out[SIGNATURE_BYTES]) {
    EVP_MAC_CTX *mac = EVP_MAC_CTX_dup(auth->keyed);
    size_t n = 0;
    must(mac && EVP_MAC_update(mac, (const unsigned char *)text.p, text.n));
    must(EVP_MAC_final(mac, out, &n, SIGNATURE_BYTES) && n == SIGNATURE_BYTES);
    EVP_MAC_CTX_free(mac);
}

static bool signature_matches(const struct auth *auth, struct span signed_text, struct span signature) {
    uint8_t given[SIGNATURE_BYTES + 2], expected[SIGNATURE_BYTES];
    size_t given_n;
    if (signature.n != SIGNATURE_TEXT || !auth_base64url_decode(signature, given, &given_n)) return false;
    sign(auth, signed_text, expected);
    return given_n == SIGNATURE_BYTES && CRYPTO_memcmp(given, expected, SIGNATURE_BYTES) == 0;
}

/* ---- header and claims ---- */

struct field {
    const char *name;
    struct span *value;
};

/* Takes the named members out of an object; false when `text` is none or names one of them twice: readers
 * that differ about which one counts must not be set against each other. */
static bool read_object(struct span text, const struct field *fields, size_t count) {
    struct span object, key, value;
    size_t cursor = 0;
    if (!sio_json_check(text, &object) || sio_json_kind(object) != SIO_JSON_OBJECT) return false;
    while (sio_json_next_member(object, &cursor, &key, &value)) {
        for (size_t i = 0; i < count; i++) {
            if (!sio_json_string_is(key, span_cstr(fields[i].name))) continue;
            if (fields[i].value->n) return false;
            *fields[i].value = value;
        }
    }
    return true;
}

static bool header_ok(struct span json) {
    struct span alg = {0}, crit = {0}, typ = {0};
    const struct field fields[] = {{"alg", &alg}, {"crit", &crit}, {"typ", &typ}};
    return read_object(json, fields, 3) && sio_json_kind(alg) == SIO_JSON_STRING &&
           sio_json_string_is(alg, SPAN("HS256")) && !crit.n;
}

/* A NumericDate (RFC 7519 §2): seconds, perhaps with a fraction. */
static bool read_time(struct span value, int64_t *out_ms) {
    double seconds;
    if (sio_json_kind(value) != SIO_JSON_NUMBER || !sio_json_to_double(value, &seconds)) return false;
    if (!(seconds >= 0)) return false;
    *out_ms = seconds > (double)TIME_MAX_S ? (int64_t)TIME_MAX_S * 1000 : (int64_t)(seconds * 1000);
    return true;
}

static bool read_user(struct span value, struct uuid *out) {
    char text[UUID_TEXT + 2]; /* with the quotes; an escape makes a value longer, and no UUID needs one */
    if (sio_json_kind(value) != SIO_JSON_STRING || value.n != sizeof text) return false;
    size_t n = sio_json_string_decode(value, text);
    return uuid_parse(span_of(text, n), out) && !uuid_is_nil(out);
}

static enum fault check_claims(struct span json, int64_t now_ms, struct auth_identity *out) {
    struct span sub = {0}, exp = {0}, nbf = {0};
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

enum fault auth_verify(const struct auth *auth, struct span token, int64_t now_ms,
                       struct auth_identity *out) {
    if (!token.n) return FAULT_TOKEN_MISSING;
    if (token.n > AUTH_TOKEN_MAX_BYTES) return FAULT_TOKEN_INVALID;
    struct span rest = token;
    struct span header = span_cut(&rest, '.');
    struct span payload = span_cut(&rest, '.');
    if (!rest.p || !header.n || !payload.n) return FAULT_TOKEN_INVALID;
    /* A dot too many is left in `rest` and makes it no signature. */
    struct span signed_text = span_of(token.p, header.n + 1 + payload.n);
    if (!signature_matches(auth, signed_text, rest)) return FAULT_TOKEN_INVALID;

    uint8_t decoded[AUTH_TOKEN_MAX_BYTES];
    size_t n;
    if (!auth_base64url_decode(header, decoded, &n) || !header_ok(span_of(decoded, n)))
        return FAULT_TOKEN_INVALID;
    if (!auth_base64url_decode(payload, decoded, &n)) return FAULT_TOKEN_INVALID;
    return check_claims(span_of(decoded, n), now_ms, out);
}

struct span auth_bearer(struct span header) {
    static const struct span none;
    struct span rest = span_trim(header);
    struct span scheme = span_cut(&rest, ' ');
    if (!rest.p || !span_eq_nocase(scheme, SPAN("Bearer"))) return none;
    return span_trim(rest);
}

/* ---- issuing ---- */

static void write_claims(struct strbuf *json, const struct uuid *user, struct span email, struct span role,
                         int64_t now_ms, int64_t lifetime_ms) {
    struct sio_json_writer w;
    char id[UUID_TEXT + 1];
    uuid_format(user, id);
    sio_json_begin(&w, json);
    sio_json_object_open(&w);
    sio_json_key(&w, SPAN("sub"));
    sio_json_string(&w, span_of(id, UUID_TEXT));
    if (email.n) {
        sio_json_key(&w, SPAN("email"));
        sio_json_string(&w, email);
    }
    if (role.n) {
        sio_json_key(&w, SPAN("role"));
        sio_json_string(&w, role);
    }
    sio_json_key(&w, SPAN("iat"));
    sio_json_i64(&w, now_ms / 1000);
    sio_json_key(&w, SPAN("exp")); /* whole seconds for every reader, rounded up: never shorter than said */
    sio_json_i64(&w, (now_ms + lifetime_ms + 999) / 1000);
    sio_json_object_close(&w);
}

void auth_issue(const struct auth *auth, const struct uuid *user, struct span email, struct span role,
                int64_t now_ms, int64_t lifetime_ms, struct strbuf *out) {
    struct strbuf claims;
    uint8_t signature[SIGNATURE_BYTES];
    size_t start = out->n;
    strbuf_init(&claims);
    write_claims(&claims, user, email, role, now_ms, lifetime_ms);
    auth_base64url_encode(out, SPAN("{\"alg\":\"HS256\",\"typ\":\"JWT\"}"));
    strbuf_char(out, '.');
    auth_base64url_encode(out, strbuf_as_span(&claims));
    sign(auth, span_skip(strbuf_as_span(out), start), signature);
    strbuf_char(out, '.');
    auth_base64url_encode(out, span_of(signature, SIGNATURE_BYTES));
    strbuf_fini(&claims);
}

void auth_free(struct auth *auth) {
    if (!auth) return;
    EVP_MAC_CTX_free(auth->keyed);
    EVP_MAC_free(auth->mac);
    free(auth);
}
