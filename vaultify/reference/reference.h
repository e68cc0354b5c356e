/* The API's documents, printed from the tables of events, routes, shapes and faults: OpenAPI,
 * TypeScript. What they say is what the server does, for it works from the same rows. Each appends to
 * `out`. Any thread. */
#pragma once
#include "sio_strbuf.h"

/* OpenAPI 3.1: all routes but those of the control socket. */
void reference_openapi(struct sio_strbuf *out);

/* One TypeScript module of types. */
void reference_typescript(struct sio_strbuf *out);
