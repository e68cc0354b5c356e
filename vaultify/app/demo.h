/* The demo: two estates with people in them who have talked already, made once; and whom one can try it as, with ready tokens. */
#pragma once
#include <stdio.h>

#include "auth/auth.h"
#include "routes/routes.h"
#include "sio_err.h"
#include "store/store.h"

struct demo;

/* For store_config.wall_ms: how the past comes into the store. */
int64_t demo_wall_ms(void);

/* Makes the demo if the store has no user at all, and finds its people: those who are there and active. Waits for the store. */
enum sio_err demo_open(struct store *store, struct demo **out) SIO_MUST_CHECK;
void demo_close(struct demo *demo); /* NULL is fine */

/* Live as long as the demo does. */
const struct routes_demo_user *demo_users(const struct demo *demo, size_t *count);

/* Prints them with a token each, and what to try at `address` (http://host:port). */
void demo_print(FILE *out, const struct demo *demo, const struct auth *auth, const char *address);
