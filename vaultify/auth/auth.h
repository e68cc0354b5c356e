/* Access tokens: JWT (RFC 7519) signed with HMAC-SHA-256 (RFC 7518 §3.2). A token proves a user id and
 * nothing else: estate and role come from the store. Any thread once made. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/uuid.h"
#include "fault/fault.h"
#include "sio_err.h"
#include "sio_strbuf.h"

enum {
    AUTH_SECRET_MIN_BYTES = 32, /* in production */
    AUTH_TOKEN_MAX_BYTES = 4096,
    AUTH_LEEWAY_MS = 0,
};

struct auth;

enum sio_err auth_new(struct sio_span secret,
                      struct auth **out) SIO_MUST_CHECK; /* SIO_ERR_INVALID: an empty secret */
void auth_free(struct auth *auth);

struct auth_identity {
    struct uuid user;
    int64_t expires_at; /* ms since 1970 */
};

/* `token` without "Bearer ". FAULT_NONE, FAULT_TOKEN_MISSING (empty), FAULT_TOKEN_INVALID,
 * FAULT_TOKEN_EXPIRED. `alg` must be HS256, nothing else; `exp` must be there; `nbf` is honoured; `crit` is
 * refused; `sub` is a UUID. */
enum fault auth_verify(const struct auth *auth, struct sio_span token, int64_t now_ms,
                       struct auth_identity *out);

/* The token inside an Authorization header's value ("Bearer x", the scheme without case); empty if it is
 * none. */
struct sio_span auth_bearer(struct sio_span header);

/* Compares in a time that says nothing but whether the lengths differ. */
bool auth_secret_is(struct sio_span given, struct sio_span secret);

/* Appends a token for the user, valid from `now_ms` for `lifetime_ms`. email and role are claims for show;
 * may be empty. */
void auth_issue(const struct auth *auth, const struct uuid *user, struct sio_span email, struct sio_span role,
                int64_t now_ms, int64_t lifetime_ms, struct sio_strbuf *out);
