/* The endpoint of a Web Push subscription: a URL that a user gives us, so its form is narrow and its host on a list. */
#pragma once
#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"

enum { WEBPUSH_ENDPOINT_MAX_BYTES = 2048 };

/* Spans of the URL. */
struct webpush_endpoint {
    struct sio_span host;
    struct sio_span path; /* from the first slash to the end */
};

/* https://<host>[:443]/<path>: the host a name in lower case and no address in any notation, no user, no fragment, nothing
 * that a URL cannot hold. `hosts`: names by commas, `*.` before one for all that is below it; NULL: those of the browsers'
 * known services. False: `*error` is one English sentence, a literal. Pure. */
bool webpush_endpoint_check(struct sio_span url, const char *hosts, struct webpush_endpoint *out,
                            const char **error);

/* The same without the port that is meant anyway. Of what is no endpoint: itself. */
struct sio_span webpush_endpoint_spelling(struct sio_span url, struct arena *arena);
