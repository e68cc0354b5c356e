/* Cross-origin headers (the Fetch standard's CORS protocol), the same for Engine.IO and HTTP routes. Pure. */
#pragma once
#include <stdbool.h>

#include "sio.h"
#include "sio_strbuf.h"

/* Appends the header lines that any answer carries for a request with these headers; nothing when CORS is
 * off. */
void cors_headers(const struct sio_cors *cors, struct sio_span request_headers, struct sio_strbuf *out);

/* Is this OPTIONS request to be answered here? Always when CORS is on, as browsers and proxies expect. */
bool cors_is_preflight(const struct sio_cors *cors, struct sio_span method);

/* Appends the header lines of a preflight's answer (status 204), those of cors_headers included. */
void cors_preflight(const struct sio_cors *cors, struct sio_span request_headers, struct sio_strbuf *out);
