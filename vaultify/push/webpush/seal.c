/* The record, byte by byte:
 *
 *     salt 16 | record size 4 | length of the next 1 | our point 65 | text … | 0x02 | tag 16
 *     '------------------- head, in the clear ---------------------' '--- AES-128-GCM ---'
 */
#include "push/webpush/seal.h"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/mem.h"
#include "base/must.h"

enum {
    SECRET_BYTES = 32, /* of ECDH, and of each step of HKDF-SHA-256 */
    KEY_BYTES = 16,
    NONCE_BYTES = 12,
    TAG_BYTES = 16,
    RECORD_BYTES = 4096,
    HEAD_BYTES = WEBPUSH_SALT_BYTES + 4 + 1 + WEBPUSH_POINT_BYTES,
    LAST_RECORD = 0x02,
};

struct webpush_seal {
    EC_GROUP *group;
    EC_POINT *ours, *theirs, *shared;
    BIGNUM *number; /* our private key */
    BN_CTX *scratch;
    EVP_MD *hash;
    EVP_CIPHER *cipher;
    EVP_CIPHER_CTX *ctx;
};

struct webpush_seal *webpush_seal_new(void) {
    struct webpush_seal *seal = mem_new(struct webpush_seal);
    seal->group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    must(seal->group);
    seal->ours = EC_POINT_new(seal->group);
    seal->theirs = EC_POINT_new(seal->group);
    seal->shared = EC_POINT_new(seal->group);
    seal->number = BN_secure_new();
    seal->scratch = BN_CTX_secure_new();
    must(seal->ours && seal->theirs && seal->shared && seal->number && seal->scratch);
    seal->hash = EVP_MD_fetch(NULL, "SHA256", NULL);
    seal->cipher = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
    seal->ctx = EVP_CIPHER_CTX_new();
    must(seal->hash && seal->cipher && seal->ctx);
    return seal;
}

void webpush_seal_free(struct webpush_seal *seal) {
    if (!seal) return;
    EC_POINT_free(seal->ours);
    EC_POINT_free(seal->theirs);
    EC_POINT_clear_free(seal->shared);
    EC_GROUP_free(seal->group);
    BN_clear_free(seal->number);
    BN_CTX_free(seal->scratch);
    EVP_MD_free(seal->hash);
    EVP_CIPHER_free(seal->cipher);
    EVP_CIPHER_CTX_free(seal->ctx);
    free(seal);
}

/* ---- keys ---- */

static bool read_point(const struct webpush_seal *seal, struct sio_span bytes, EC_POINT *out) {
    bool ok = EC_POINT_oct2point(seal->group, out, (const uint8_t *)bytes.p, bytes.n, seal->scratch);
    if (!ok) ERR_clear_error(); /* it would be taken for one of the thread's next TLS connection */
    return ok;
}

static void write_point(const struct webpush_seal *seal, const EC_POINT *point,
                        uint8_t out[WEBPUSH_POINT_BYTES]) {
    must(EC_POINT_point2oct(seal->group, point, POINT_CONVERSION_UNCOMPRESSED, out, WEBPUSH_POINT_BYTES,
                            seal->scratch) == WEBPUSH_POINT_BYTES);
}

/* ECDH is a multiplication, and its secret the first coordinate. Over EVP the same takes half as long again, most of
 * it to make the curve anew for each browser's key. */
static void shared_secret(struct webpush_seal *seal, uint8_t out[SECRET_BYTES]) {
    uint8_t point[WEBPUSH_POINT_BYTES];
    must(EC_POINT_mul(seal->group, seal->shared, NULL, seal->theirs, seal->number, seal->scratch));
    write_point(seal, seal->shared, point);
    memcpy(out, point + 1, SECRET_BYTES);
    OPENSSL_cleanse(point, sizeof point);
}

/* Both halves of HKDF (RFC 5869) are this, as no more than one block of output is needed. */
static void hmac(const struct webpush_seal *seal, struct sio_span key, struct sio_span text,
                 uint8_t out[SECRET_BYTES]) {
    unsigned n = 0;
    must(HMAC(seal->hash, key.p, (int)key.n, (const uint8_t *)text.p, text.n, out, &n) && n == SECRET_BYTES);
}

/* "WebPush: info", the browser's point, ours; the last byte is HKDF's counter. */
static struct sio_span key_info(struct sio_span theirs, const uint8_t *ours, char out[160]) {
    static const char name[] = "WebPush: info"; /* its NUL is part of it */
    char *at = out;
    span_put(&at, sio_span_of(name, sizeof name));
    span_put(&at, theirs);
    span_put(&at, sio_span_of(ours, WEBPUSH_POINT_BYTES));
    *at++ = 1;
    return sio_span_of(out, (size_t)(at - out));
}

struct content_keys {
    uint8_t key[SECRET_BYTES], nonce[SECRET_BYTES]; /* the first KEY_BYTES and NONCE_BYTES count */
};

/* RFC 8291 §3.4. */
static void derive(const struct webpush_seal *seal, const uint8_t secret[SECRET_BYTES], struct sio_span keys,
                   const uint8_t *point, const uint8_t *salt, struct content_keys *out) {
    static const char key_name[] = "Content-Encoding: aes128gcm\0\1",
                      nonce_name[] = "Content-Encoding: nonce\0\1";
    char info[160];
    uint8_t step[SECRET_BYTES];
    struct sio_span last = sio_span_of(step, SECRET_BYTES);
    hmac(seal, sio_span_skip(keys, WEBPUSH_POINT_BYTES), sio_span_of(secret, SECRET_BYTES), step);
    hmac(seal, last, key_info(sio_span_head(keys, WEBPUSH_POINT_BYTES), point, info), step);
    hmac(seal, sio_span_of(salt, WEBPUSH_SALT_BYTES), last, step);
    hmac(seal, last, sio_span_of(key_name, sizeof key_name - 1), out->key);
    hmac(seal, last, sio_span_of(nonce_name, sizeof nonce_name - 1), out->nonce);
    OPENSSL_cleanse(step, sizeof step);
}

/* ---- the record ---- */

static void write_head(const struct webpush_seal *seal, const uint8_t *salt, uint8_t *out) {
    static const uint8_t sizes[] = {0, 0, RECORD_BYTES >> 8, RECORD_BYTES & 0xff, WEBPUSH_POINT_BYTES};
    memcpy(out, salt, WEBPUSH_SALT_BYTES);
    memcpy(out + WEBPUSH_SALT_BYTES, sizes, sizeof sizes);
    write_point(seal, seal->ours, out + HEAD_BYTES - WEBPUSH_POINT_BYTES);
}

static void encrypt(struct webpush_seal *seal, const struct content_keys *keys, struct sio_span text,
                    uint8_t *out) {
    static const uint8_t last[] = {LAST_RECORD};
    int n;
    must(EVP_EncryptInit_ex2(seal->ctx, seal->cipher, keys->key, keys->nonce, NULL));
    must(EVP_EncryptUpdate(seal->ctx, out, &n, (const uint8_t *)text.p, (int)text.n));
    must(EVP_EncryptUpdate(seal->ctx, out + text.n, &n, last, sizeof last));
    must(EVP_EncryptFinal_ex(seal->ctx, out + text.n + 1, &n));
    must(EVP_CIPHER_CTX_ctrl(seal->ctx, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, out + text.n + 1));
}

/* With the private key that is in `number`. */
static bool seal_with_number(struct webpush_seal *seal, const uint8_t *salt, struct sio_span keys,
                             struct sio_span text, uint8_t *out) {
    uint8_t secret[SECRET_BYTES];
    struct content_keys content;
    must(keys.n == WEBPUSH_POINT_BYTES + WEBPUSH_AUTH_BYTES && text.n <= WEBPUSH_TEXT_MAX_BYTES);
    if (!read_point(seal, sio_span_head(keys, WEBPUSH_POINT_BYTES), seal->theirs)) return false;
    must(EC_POINT_mul(seal->group, seal->ours, seal->number, NULL, NULL, seal->scratch));
    write_head(seal, salt, out);
    shared_secret(seal, secret);
    derive(seal, secret, keys, out + HEAD_BYTES - WEBPUSH_POINT_BYTES, salt, &content);
    encrypt(seal, &content, text, out + HEAD_BYTES);
    OPENSSL_cleanse(secret, sizeof secret);
    OPENSSL_cleanse(&content, sizeof content);
    return true;
}

static bool is_private_key(const struct webpush_seal *seal) {
    return !BN_is_zero(seal->number) && BN_cmp(seal->number, EC_GROUP_get0_order(seal->group)) < 0;
}

bool webpush_seal_text_with(struct webpush_seal *seal, const uint8_t key[WEBPUSH_SCALAR_BYTES],
                            const uint8_t salt[WEBPUSH_SALT_BYTES], struct sio_span keys,
                            struct sio_span text, uint8_t *out) {
    must(BN_bin2bn(key, WEBPUSH_SCALAR_BYTES, seal->number));
    return is_private_key(seal) && seal_with_number(seal, salt, keys, text, out);
}

bool webpush_seal_text(struct webpush_seal *seal, struct sio_span keys, struct sio_span text, uint8_t *out) {
    uint8_t salt[WEBPUSH_SALT_BYTES];
    must(RAND_bytes(salt, sizeof salt) == 1);
    do must(BN_priv_rand_range(seal->number, EC_GROUP_get0_order(seal->group)));
    while (!is_private_key(seal));
    return seal_with_number(seal, salt, keys, text, out);
}
