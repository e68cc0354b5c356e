/* For tests: keys that nobody else has. */
#pragma once
#include "push/jwt.h"

/* A fresh private key in PEM, the caller's to free(). */
char *test_key_pem(enum jwt_algorithm algorithm);

/* Did the private key in this PEM sign the token? */
bool test_key_signed(const char *pem, struct sio_span token);
/* The claims of a token, NUL-terminated, the caller's to free(). */
char *test_token_claims(struct sio_span token);
char *test_token_header(struct sio_span token);
