/* Keys made by OpenSSL, and tokens verified by it. */
#include "push/testing/keys.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/base64.h"
#include "base/mem.h"
#include "base/must.h"

char *test_key_pem(enum jwt_algorithm algorithm) {
    EVP_PKEY *pair = algorithm == JWT_ES256 ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048);
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes;
    must(pair && bio && PEM_write_bio_PrivateKey(bio, pair, NULL, NULL, 0, NULL, NULL));
    long n = BIO_get_mem_data(bio, &bytes);
    char *text = mem_str(bytes, (size_t)n);
    BIO_free(bio);
    EVP_PKEY_free(pair);
    return text;
}

/* ---- tokens ---- */

/* Part 0, 1 or 2, decoded; NUL-terminated. */
static char *part_of(struct sio_span token, unsigned index, size_t *n) {
    struct sio_span part = {0};
    for (unsigned i = 0; i <= index; i++) part = sio_span_cut(&token, '.');
    char *bytes = mem_zalloc(BASE64_ROOM(part.n) + 1);
    must(base64url_decode_strict(bytes, part, n));
    return bytes;
}

char *test_token_header(struct sio_span token) { return part_of(token, 0, &(size_t){0}); }
char *test_token_claims(struct sio_span token) { return part_of(token, 1, &(size_t){0}); }

/* ES256's two numbers as the DER that OpenSSL verifies. */
static char *der_of(char *raw, size_t *n) {
    unsigned char *der = NULL;
    ECDSA_SIG *numbers = ECDSA_SIG_new();
    must(*n == 64 && ECDSA_SIG_set0(numbers, BN_bin2bn((unsigned char *)raw, 32, NULL),
                                    BN_bin2bn((unsigned char *)raw + 32, 32, NULL)));
    *n = (size_t)i2d_ECDSA_SIG(numbers, &der);
    char *copy = mem_dup(der, *n);
    ECDSA_SIG_free(numbers);
    OPENSSL_free(der);
    free(raw);
    return copy;
}

bool test_key_signed(const char *pem, struct sio_span token) {
    BIO *bio = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *pair = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t n;
    char *signature = part_of(token, 2, &n);
    if (EVP_PKEY_is_a(pair, "EC")) signature = der_of(signature, &n);
    const char *dot = memrchr(token.p, '.', token.n);
    must(dot && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, pair) > 0);
    bool good = EVP_DigestVerify(ctx, (unsigned char *)signature, n, (const unsigned char *)token.p,
                                 (size_t)(dot - token.p)) == 1;
    free(signature);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pair);
    BIO_free(bio);
    return good;
}
