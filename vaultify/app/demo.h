/* The demo: two estates with people in them, made once, and shown with ready tokens on each start. */
#pragma once
#include <stdio.h>

#include "auth/auth.h"
#include "sio_err.h"
#include "store/store.h"

/* Makes the demo's estates and users if the store has no user at all. Waits for the store. */
enum sio_err demo_make(struct store *store) SIO_MUST_CHECK;

/* Prints the demo's active users with a token each, and what to try at `address` (http://host:port). */
enum sio_err demo_print(FILE *out, struct store *store, const struct auth *auth,
                        const char *address) SIO_MUST_CHECK;
