/* The secret that access tokens are signed with: JWT_SECRET, or one kept in the data directory. */
#pragma once
#include <stdbool.h>

#include "app/config.h"
#include "sio_strbuf.h"

/* Fills `out` (the caller frees). Without JWT_SECRET it is read from DIR/jwt_secret; with `may_make` a random
 * one is written there if there is none, else that is SIO_ERR_NOT_FOUND. Other failures: SIO_ERR_CORRUPT (too short
 * to be one of ours), SIO_ERR_DENIED, SIO_ERR_IO. */
enum sio_err secret_load(const struct config *config, bool may_make, struct sio_strbuf *out) SIO_MUST_CHECK;
