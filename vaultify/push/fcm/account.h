/* The service account that FCM is reached with, as the operator gives it. */
#pragma once
#include "base/arena.h"
#include "push/config.h"
#include "push/jwt.h"
#include "sio_log.h"

enum { FCM_CREDENTIALS_MAX_BYTES = 64 << 10 };

struct fcm_account {
    struct arena arena; /* holds the texts; each is NUL-terminated */
    struct sio_span project_id, client_email;
    struct sio_span token_uri; /* where grants are asked for, and to whom they are addressed */
    struct jwt_key *key;
};

/* From the account's JSON, or else from its three parts. SIO_ERR_OK with *out NULL: neither is given. SIO_ERR_INVALID: half of
 * it is, or what cannot be one; a line in the log says what. */
enum sio_err fcm_account_open(const struct push_config *config, const struct sio_log *log,
                              struct fcm_account **out) SIO_MUST_CHECK;
void fcm_account_close(struct fcm_account *account); /* NULL is fine */
