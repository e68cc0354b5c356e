/* A browser's PushSubscription as it comes from the page: JSON with an endpoint and two keys. */
#pragma once
#include "base/arena.h"
#include "push/provider.h"

/* Fills in token and keys: the endpoint may be sent to, p256dh is a point of P-256, auth is 16 bytes; both in base64url,
 * padded or not. False: `*error` is one English sentence, a literal. Pure. */
bool webpush_subscription_read(const char *hosts, struct sio_span json, struct arena *arena,
                               struct push_registration *out, const char **error);
