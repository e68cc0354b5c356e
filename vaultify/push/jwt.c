/* Signing over OpenSSL's EVP: keys from PEM or from the bare number, and signatures in the form that JWT wants. */
#include "push/jwt.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/must.h"
#include "sio_json.h"

enum {
    COORDINATE_BYTES = 32,      /* each of r and s in an ES256 signature */
    SIGNATURE_MAX_BYTES = 2048, /* of an RSA key of 16384 bits, OpenSSL's own limit */
};

static const char P256[] = SN_X9_62_prime256v1;

struct jwt_key {
    enum jwt_algorithm algorithm;
    EVP_PKEY *pair;
};

/* What a failure leaves in OpenSSL's queue would be taken for one of the thread's next TLS connection. */
static enum sio_err refused(EVP_PKEY *pair) {
    EVP_PKEY_free(pair);
    ERR_clear_error();
    return SIO_ERR_INVALID;
}

static struct jwt_key *key_new(enum jwt_algorithm algorithm, EVP_PKEY *pair) {
    struct jwt_key *key = mem_new(struct jwt_key);
    key->algorithm = algorithm;
    key->pair = pair;
    return key;
}

/* ---- from PEM ---- */

/* Without it OpenSSL would ask the terminal. */
static int no_password(char *buffer, int size, int writing, void *data) { return -1; }

static bool is_p256(const EVP_PKEY *pair) {
    char group[sizeof P256];
    size_t n;
    return EVP_PKEY_is_a(pair, "EC") && EVP_PKEY_get_group_name(pair, group, sizeof group, &n) &&
           strcmp(group, P256) == 0;
}

static bool fits(const EVP_PKEY *pair, enum jwt_algorithm algorithm) {
    if (algorithm == JWT_ES256) return is_p256(pair);
    return EVP_PKEY_is_a(pair, "RSA") && EVP_PKEY_get_bits(pair) >= JWT_RSA_MIN_BITS;
}

enum sio_err jwt_key_from_pem(enum jwt_algorithm algorithm, struct sio_span pem, struct jwt_key **out) {
    if (!pem.n || pem.n > JWT_PEM_MAX_BYTES) return SIO_ERR_INVALID;
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    must(bio);
    EVP_PKEY *pair = PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL);
    BIO_free(bio);
    if (!pair || !fits(pair, algorithm)) return refused(pair);
    *out = key_new(algorithm, pair);
    return SIO_ERR_OK;
}

/* ---- from the bare number ---- */

/* The public point of a private number; false when that is 0 or not below the order of the curve. */
static bool point_of(const EC_GROUP *group, const BIGNUM *number, uint8_t out[JWT_POINT_BYTES]) {
    if (BN_is_zero(number) || BN_cmp(number, EC_GROUP_get0_order(group)) >= 0) return false;
    EC_POINT *point = EC_POINT_new(group);
    must(point && EC_POINT_mul(group, point, number, NULL, NULL, NULL));
    must(EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out, JWT_POINT_BYTES, NULL) ==
         JWT_POINT_BYTES);
    EC_POINT_free(point);
    return true;
}

static EVP_PKEY *pair_of(const BIGNUM *number, const uint8_t point[JWT_POINT_BYTES]) {
    EVP_PKEY *pair = NULL;
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    must(build && ctx);
    must(OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, P256, 0));
    must(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, number));
    must(OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, JWT_POINT_BYTES));
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    must(params && EVP_PKEY_fromdata_init(ctx) > 0);
    must(EVP_PKEY_fromdata(ctx, &pair, EVP_PKEY_KEYPAIR, params) > 0);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    EVP_PKEY_CTX_free(ctx);
    return pair;
}

enum sio_err jwt_key_from_scalar(struct sio_span scalar, struct jwt_key **out) {
    uint8_t point[JWT_POINT_BYTES];
    if (scalar.n != JWT_SCALAR_BYTES) return SIO_ERR_INVALID;
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    BIGNUM *number = BN_secure_new();
    must(group && number && BN_bin2bn((const unsigned char *)scalar.p, JWT_SCALAR_BYTES, number));
    bool good = point_of(group, number, point);
    if (good) *out = key_new(JWT_ES256, pair_of(number, point));
    BN_clear_free(number);
    EC_GROUP_free(group);
    return good ? SIO_ERR_OK : SIO_ERR_INVALID;
}

void jwt_key_point(const struct jwt_key *key, uint8_t out[JWT_POINT_BYTES]) {
    size_t n = 0;
    must(key->algorithm == JWT_ES256);
    must(EVP_PKEY_get_octet_string_param(key->pair, OSSL_PKEY_PARAM_PUB_KEY, out, JWT_POINT_BYTES, &n));
    must(n == JWT_POINT_BYTES);
}

/* ---- signing ---- */

static size_t sign(const struct jwt_key *key, struct sio_span text, uint8_t out[SIGNATURE_MAX_BYTES]) {
    size_t n = SIGNATURE_MAX_BYTES;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    must(ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key->pair) > 0);
    must(EVP_DigestSign(ctx, out, &n, (const unsigned char *)text.p, text.n) > 0);
    EVP_MD_CTX_free(ctx);
    return n;
}

/* OpenSSL gives ECDSA's two numbers as DER; JWT wants them side by side. In place. */
static size_t side_by_side(uint8_t signature[SIGNATURE_MAX_BYTES], size_t n) {
    const unsigned char *der = signature;
    ECDSA_SIG *numbers = d2i_ECDSA_SIG(NULL, &der, (long)n);
    must(numbers);
    must(BN_bn2binpad(ECDSA_SIG_get0_r(numbers), signature, COORDINATE_BYTES) > 0);
    must(BN_bn2binpad(ECDSA_SIG_get0_s(numbers), signature + COORDINATE_BYTES, COORDINATE_BYTES) > 0);
    ECDSA_SIG_free(numbers);
    return 2 * COORDINATE_BYTES;
}

static void write_header(const struct jwt_key *key, struct sio_span key_id, struct sio_strbuf *out) {
    struct sio_json_writer w;
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    sio_json_key(&w, SIO_SPAN("alg"));
    sio_json_string(&w, key->algorithm == JWT_ES256 ? SIO_SPAN("ES256") : SIO_SPAN("RS256"));
    sio_json_key(&w, SIO_SPAN("typ"));
    sio_json_string(&w, SIO_SPAN("JWT"));
    if (key_id.n) {
        sio_json_key(&w, SIO_SPAN("kid"));
        sio_json_string(&w, key_id);
    }
    sio_json_object_close(&w);
}

void jwt_sign(const struct jwt_key *key, struct sio_span key_id, struct sio_span claims,
              struct sio_strbuf *out) {
    uint8_t signature[SIGNATURE_MAX_BYTES];
    struct sio_strbuf header;
    size_t start = out->n;
    sio_strbuf_init(&header);
    write_header(key, key_id, &header);
    base64url_add(out, sio_strbuf_as_span(&header));
    sio_strbuf_fini(&header);
    sio_strbuf_char(out, '.');
    base64url_add(out, claims);
    size_t n = sign(key, sio_span_skip(sio_strbuf_as_span(out), start), signature);
    if (key->algorithm == JWT_ES256) n = side_by_side(signature, n);
    sio_strbuf_char(out, '.');
    base64url_add(out, sio_span_of(signature, n));
}

void jwt_key_free(struct jwt_key *key) {
    if (!key) return;
    EVP_PKEY_free(key->pair);
    free(key);
}
