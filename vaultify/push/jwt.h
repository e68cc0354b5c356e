/* Tokens that prove to a push service who we are: JWT (RFC 7519) signed with ES256 (VAPID, APNs) or RS256 (Google's
 * OAuth), RFC 7518 §3.3 and §3.4. A key is for any thread once made. */
#pragma once
#include <stdint.h>

#include "base/span.h"
#include "sio_err.h"
#include "sio_strbuf.h"

enum jwt_algorithm { JWT_ES256, JWT_RS256 };

enum {
    JWT_PEM_MAX_BYTES = 16 << 10,
    JWT_RSA_MIN_BITS = 2048,
    JWT_SCALAR_BYTES = 32, /* a private key of P-256 */
    JWT_POINT_BYTES = 65,  /* its public key, uncompressed */
};

struct jwt_key;

/* A private key in PEM, PKCS#8 or the older forms, not encrypted. SIO_ERR_INVALID: it is none, or not P-256 (ES256), or
 * not RSA of JWT_RSA_MIN_BITS (RS256). */
enum sio_err jwt_key_from_pem(enum jwt_algorithm algorithm, struct sio_span pem,
                              struct jwt_key **out) SIO_MUST_CHECK;
/* For ES256, from the bare number. SIO_ERR_INVALID: not JWT_SCALAR_BYTES, or no private key of P-256. */
enum sio_err jwt_key_from_scalar(struct sio_span scalar, struct jwt_key **out) SIO_MUST_CHECK;
void jwt_key_free(struct jwt_key *key); /* NULL is fine */

/* The public half of a key of ES256. */
void jwt_key_point(const struct jwt_key *key, uint8_t out[JWT_POINT_BYTES]);

/* Appends the token. `key_id` is the header's kid, empty: none; `claims` is a JSON object. */
void jwt_sign(const struct jwt_key *key, struct sio_span key_id, struct sio_span claims,
              struct sio_strbuf *out);
