/* The secret that access tokens are signed with: JWT_SECRET, or one kept in the data directory. */
#pragma once
#include <stdbool.h>

#include "app/config.h"
#include "base/strbuf.h"

/* Fills `out` (the caller frees). Without JWT_SECRET it is read from DIR/jwt_secret; with `may_make` a random
 * one is written there if there is none, else that is ERR_NOT_FOUND. Other failures: ERR_CORRUPT (too short
 * to be one of ours), ERR_DENIED, ERR_IO. */
enum err secret_load(const struct config *config, bool may_make, struct strbuf *out) MUST_CHECK;
