/* Signing: tokens that OpenSSL's own verification accepts, the RFCs' examples, and every key that is none. */
#include "push/jwt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "base/base64.h"
#include "push/testing/keys.h"

#define CLAIMS SIO_SPAN("{\"iss\":\"T\",\"iat\":1}")

static void tokens_are_verified_by_others(enum jwt_algorithm algorithm, const char *key_id,
                                          const char *header) {
    char *pem = test_key_pem(algorithm);
    struct jwt_key *key = NULL;
    /* Of 500 signatures with ES256 some have numbers that begin with zeros. */
    int count = algorithm == JWT_ES256 ? 500 : 3;
    assert_int_equal(jwt_key_from_pem(algorithm, sio_span_cstr(pem), &key), SIO_ERR_OK);
    for (int i = 0; i < count; i++) {
        struct sio_strbuf text;
        sio_strbuf_init(&text);
        sio_strbuf_lit(&text, "bearer "); /* it appends */
        jwt_sign(key, sio_span_cstr(key_id), CLAIMS, &text);
        struct sio_span token = sio_span_skip(sio_strbuf_as_span(&text), 7);
        char *its_header = test_token_header(token), *its_claims = test_token_claims(token);
        assert_true(test_key_signed(pem, token));
        assert_string_equal(its_header, header);
        assert_string_equal(its_claims, "{\"iss\":\"T\",\"iat\":1}");
        free(its_header);
        free(its_claims);
        sio_strbuf_fini(&text);
    }
    jwt_key_free(key);
    free(pem);
}

static void es256_is_verified_by_others(void **state) {
    tokens_are_verified_by_others(JWT_ES256, "ABC123DEFG",
                                  "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"ABC123DEFG\"}");
}

static void rs256_is_verified_by_others(void **state) {
    tokens_are_verified_by_others(JWT_RS256, "", "{\"alg\":\"RS256\",\"typ\":\"JWT\"}");
}

/* RFC 8291 appendix A: the application server's pair. */
static void a_bare_number_has_its_public_point(void **state) {
    char scalar[BASE64_ROOM(43)], expected[BASE64_ROOM(87)];
    uint8_t point[JWT_POINT_BYTES];
    size_t n = 0;
    struct jwt_key *key = NULL;
    assert_true(base64url_decode_strict(scalar, SIO_SPAN("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"), &n));
    assert_int_equal(jwt_key_from_scalar(sio_span_of(scalar, n), &key), SIO_ERR_OK);
    jwt_key_point(key, point);
    assert_true(base64url_decode_strict(
        expected,
        SIO_SPAN("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"),
        &n));
    assert_int_equal(n, JWT_POINT_BYTES);
    assert_memory_equal(point, expected, JWT_POINT_BYTES);

    struct sio_strbuf token;
    sio_strbuf_init(&token);
    jwt_sign(key, (struct sio_span){0}, CLAIMS, &token);
    assert_true(token.n > 100);
    sio_strbuf_fini(&token);
    jwt_key_free(key);
}

static void numbers_that_are_no_keys(void **state) {
    static const unsigned char order[32] = {0xff, 0xff, 0xff, 0xff, 0,    0,    0,    0,    0xff, 0xff, 0xff,
                                            0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                            0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    unsigned char bytes[33] = {0};
    struct jwt_key *key = NULL;
    assert_int_equal(jwt_key_from_scalar(sio_span_of(bytes, 32), &key), SIO_ERR_INVALID);
    assert_int_equal(jwt_key_from_scalar(sio_span_of(order, 32), &key), SIO_ERR_INVALID);
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(jwt_key_from_scalar(sio_span_of(bytes, 32), &key), SIO_ERR_INVALID);
    bytes[0] = 1;
    assert_int_equal(jwt_key_from_scalar(sio_span_of(bytes, 31), &key), SIO_ERR_INVALID);
    assert_int_equal(jwt_key_from_scalar(sio_span_of(bytes, 33), &key), SIO_ERR_INVALID);
    assert_int_equal(jwt_key_from_scalar((struct sio_span){0}, &key), SIO_ERR_INVALID);
    assert_null(key);
    memcpy(bytes, order, 32);
    bytes[31]--;
    assert_int_equal(jwt_key_from_scalar(sio_span_of(bytes, 32), &key), SIO_ERR_OK);
    jwt_key_free(key);
}

static void assert_refused(enum jwt_algorithm algorithm, struct sio_span pem) {
    struct jwt_key *key = NULL;
    assert_int_equal(jwt_key_from_pem(algorithm, pem, &key), SIO_ERR_INVALID);
    assert_null(key);
    assert_int_equal(ERR_peek_error(), 0); /* nothing that a TLS connection would trip over */
}

/* Any key as PEM, the caller's to free. */
static char *pem_of(EVP_PKEY *pair, const EVP_CIPHER *cipher) {
    BIO *bio = BIO_new(BIO_s_mem());
    char *bytes;
    assert_true(PEM_write_bio_PrivateKey(bio, pair, cipher, (const unsigned char *)"secret", cipher ? 6 : 0,
                                         NULL, NULL));
    long n = BIO_get_mem_data(bio, &bytes);
    char *text = strndup(bytes, (size_t)n);
    BIO_free(bio);
    return text;
}

static void keys_of_another_kind(void **state) {
    EVP_PKEY *pairs[] = {EVP_EC_gen("P-256"), EVP_EC_gen("P-384"), EVP_EC_gen("secp256k1"),
                         EVP_RSA_gen(2048),   EVP_RSA_gen(1024),   EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        char *pem = pem_of(pairs[i], NULL);
        if (i != 0) assert_refused(JWT_ES256, sio_span_cstr(pem));
        if (i != 3) assert_refused(JWT_RS256, sio_span_cstr(pem));
        free(pem);
        EVP_PKEY_free(pairs[i]);
    }
}

static void an_encrypted_key_asks_nobody(void **state) {
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    char *pem = pem_of(pair, EVP_aes_256_cbc());
    assert_refused(JWT_ES256, sio_span_cstr(pem));
    free(pem);
    EVP_PKEY_free(pair);
}

static void texts_that_are_no_keys(void **state) {
    char *pem = test_key_pem(JWT_ES256), *huge = calloc(1, JWT_PEM_MAX_BYTES + 1);
    struct sio_span whole = sio_span_cstr(pem);
    for (size_t cut = 0; cut + 2 < whole.n; cut++) { /* the last line break is not needed */
        char *exact = malloc(cut ? cut : 1);
        memcpy(exact, pem, cut);
        assert_refused(JWT_ES256, sio_span_of(exact, cut));
        free(exact);
    }
    assert_refused(JWT_ES256, SIO_SPAN("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
    assert_refused(JWT_ES256, SIO_SPAN("not a key"));
    memset(huge, '\n', JWT_PEM_MAX_BYTES + 1);
    assert_refused(JWT_ES256, sio_span_of(huge, JWT_PEM_MAX_BYTES + 1));
    free(huge);
    free(pem);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(es256_is_verified_by_others),
        cmocka_unit_test(rs256_is_verified_by_others),
        cmocka_unit_test(a_bare_number_has_its_public_point),
        cmocka_unit_test(numbers_that_are_no_keys),
        cmocka_unit_test(keys_of_another_kind),
        cmocka_unit_test(an_encrypted_key_asks_nobody),
        cmocka_unit_test(texts_that_are_no_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
