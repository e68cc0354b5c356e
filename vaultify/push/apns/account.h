/* The key that Apple gave for its push service, and whose it is. */
#pragma once
#include "push/config.h"
#include "push/jwt.h"
#include "sio_log.h"

struct apns_account {
    struct sio_span key_id, team_id, topic; /* the configuration's */
    struct jwt_key *key;
};

/* SIO_ERR_OK with *out NULL: nothing of it is given. SIO_ERR_INVALID: half of it is, or what cannot be one; a line in the
 * log says what. Reads the key's file. */
enum sio_err apns_account_open(const struct push_config *config, const struct sio_log *log,
                               struct apns_account **out) SIO_MUST_CHECK;
void apns_account_close(struct apns_account *account); /* NULL is fine */
