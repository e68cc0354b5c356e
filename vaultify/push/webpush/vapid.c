/* Signing for origins, and remembering what was signed. */
#include "push/webpush/vapid.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/must.h"
#include "push/jwt.h"
#include "sio_json.h"

enum {
    LIFETIME_S = 12 * 60 * 60, /* 24 hours at most, and clocks differ */
    KEPT_MS = 6 * 60 * 60 * 1000,
    KEY_TEXT_MAX = 128,
};

struct signed_host {
    char *host;   /* NULL: none yet */
    char *header; /* NUL-terminated */
    int64_t signed_at_ms;
};

struct vapid {
    struct jwt_key *key;
    const char *public_key, *subject;
    struct signed_host hosts[VAPID_HOSTS_MAX];
};

/* ---- its keys ---- */

static bool read_key(const char *text, size_t bytes, char out[BASE64_ROOM(KEY_TEXT_MAX)]) {
    struct sio_span encoded = sio_span_cstr(text);
    size_t n;
    return encoded.n <= KEY_TEXT_MAX && base64url_decode_strict(out, encoded, &n) && n == bytes;
}

/* What is wrong; NULL: nothing, and `vapid->key` is there. */
static const char *read_pair(struct vapid *vapid, const char *public_key, const char *private_key) {
    char point[BASE64_ROOM(KEY_TEXT_MAX)], number[BASE64_ROOM(KEY_TEXT_MAX)];
    uint8_t expected[JWT_POINT_BYTES];
    if (!*public_key) return "the public VAPID key (VAPID_PUBLIC_KEY) is missing";
    if (!*private_key) return "the private VAPID key (VAPID_PRIVATE_KEY) is missing";
    if (!read_key(public_key, JWT_POINT_BYTES, point))
        return "the public VAPID key is not 65 bytes in base64url";
    if (!read_key(private_key, JWT_SCALAR_BYTES, number))
        return "the private VAPID key is not 32 bytes in base64url";
    enum sio_err err = jwt_key_from_scalar(sio_span_of(number, JWT_SCALAR_BYTES), &vapid->key);
    explicit_bzero(number, sizeof number);
    if (err != SIO_ERR_OK) return "the private VAPID key is none of P-256";
    jwt_key_point(vapid->key, expected);
    if (memcmp(point, expected, JWT_POINT_BYTES) != 0)
        return "the public VAPID key is not that of the private key";
    return NULL;
}

bool vapid_subject_check(const char *subject) {
    struct sio_span text = sio_span_cstr(subject);
    for (size_t i = 0; i < text.n; i++)
        if ((unsigned char)text.p[i] <= ' ') return false;
    return (sio_span_starts(text, SIO_SPAN("mailto:")) && text.n > 7) ||
           (sio_span_starts(text, SIO_SPAN("https://")) && text.n > 8);
}

enum sio_err vapid_new(const char *public_key, const char *private_key, const char *subject,
                       struct vapid **out, const char **fault) {
    struct vapid *vapid = mem_new(struct vapid);
    *fault = read_pair(vapid, public_key, private_key);
    if (!*fault && !*subject) *fault = "the VAPID subject is missing: --vapid-subject mailto:… or https://…";
    if (!*fault && !vapid_subject_check(subject))
        *fault = "the VAPID subject (--vapid-subject) is neither mailto:… nor https://…";
    if (*fault) {
        vapid_free(vapid);
        return SIO_ERR_INVALID;
    }
    vapid->public_key = public_key;
    vapid->subject = subject;
    *out = vapid;
    return SIO_ERR_OK;
}

void vapid_free(struct vapid *vapid) {
    if (!vapid) return;
    for (size_t i = 0; i < VAPID_HOSTS_MAX; i++) {
        free(vapid->hosts[i].host);
        free(vapid->hosts[i].header);
    }
    jwt_key_free(vapid->key);
    free(vapid);
}

/* ---- signing ---- */

static void write_claims(const struct vapid *vapid, struct sio_span host, int64_t now_ms,
                         struct sio_strbuf *out) {
    struct sio_strbuf origin;
    struct sio_json_writer w;
    sio_strbuf_init(&origin);
    sio_strbuf_printf(&origin, "https://%.*s", (int)host.n, host.p);
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    sio_json_key(&w, SIO_SPAN("aud"));
    sio_json_string(&w, sio_strbuf_as_span(&origin));
    sio_json_key(&w, SIO_SPAN("exp"));
    sio_json_i64(&w, now_ms / 1000 + LIFETIME_S);
    sio_json_key(&w, SIO_SPAN("sub"));
    sio_json_string(&w, sio_span_cstr(vapid->subject));
    sio_json_object_close(&w);
    sio_strbuf_fini(&origin);
}

static char *sign(const struct vapid *vapid, struct sio_span host, int64_t now_ms) {
    struct sio_strbuf claims, header;
    sio_strbuf_init(&claims);
    sio_strbuf_init(&header);
    write_claims(vapid, host, now_ms, &claims);
    sio_strbuf_lit(&header, "Authorization: vapid t=");
    jwt_sign(vapid->key, sio_span_of(NULL, 0), sio_strbuf_as_span(&claims), &header);
    sio_strbuf_printf(&header, ", k=%s", vapid->public_key);
    sio_strbuf_fini(&claims);
    return sio_strbuf_take(&header);
}

/* The host's own place, or else that of the one signed for longest ago (empty ones first). */
static struct signed_host *place_of(struct vapid *vapid, struct sio_span host) {
    struct signed_host *oldest = &vapid->hosts[0];
    for (size_t i = 0; i < VAPID_HOSTS_MAX; i++) {
        struct signed_host *at = &vapid->hosts[i];
        if (at->host && sio_span_is(host, at->host)) return at;
        if (at->signed_at_ms < oldest->signed_at_ms) oldest = at;
    }
    return oldest;
}

/* A clock that was set back makes it old too: services would refuse what expires too late. */
static bool is_fresh(const struct signed_host *at, struct sio_span host, int64_t now_ms) {
    return at->host && sio_span_is(host, at->host) && now_ms >= at->signed_at_ms &&
           now_ms - at->signed_at_ms < KEPT_MS;
}

const char *vapid_header(struct vapid *vapid, struct sio_span host, int64_t now_ms, struct arena *arena) {
    struct signed_host *at = place_of(vapid, host);
    if (!is_fresh(at, host, now_ms)) {
        free(at->host);
        free(at->header);
        *at = (struct signed_host){mem_str(host.p, host.n), sign(vapid, host, now_ms), now_ms};
    }
    return arena_span(arena, sio_span_cstr(at->header)).p;
}

/* ---- a new pair ---- */

void vapid_make_pair(struct sio_strbuf *public_key, struct sio_strbuf *private_key) {
    uint8_t point[JWT_POINT_BYTES], number[JWT_SCALAR_BYTES];
    BIGNUM *private = NULL;
    size_t n = 0;
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    must(pair && EVP_PKEY_get_octet_string_param(pair, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &n));
    must(n == sizeof point && EVP_PKEY_get_bn_param(pair, OSSL_PKEY_PARAM_PRIV_KEY, &private));
    must(BN_bn2binpad(private, number, sizeof number) == sizeof number);
    base64url_add(public_key, sio_span_of(point, sizeof point));
    base64url_add(private_key, sio_span_of(number, sizeof number));
    explicit_bzero(number, sizeof number);
    BN_clear_free(private);
    EVP_PKEY_free(pair);
}
