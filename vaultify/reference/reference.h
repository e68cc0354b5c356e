/* The API's documents, printed from the tables of events, routes, shapes and faults: OpenAPI, AsyncAPI,
 * TypeScript, Markdown. What they say is what the server does, for it works from the same rows. Each appends to
 * `out`. Any thread. */
#pragma once
#include "sio_strbuf.h"

/* OpenAPI 3.1: all routes but those of the control socket. */
void reference_openapi(struct sio_strbuf *out);

/* AsyncAPI 3.0: the namespace, events both ways, acknowledgements, what a CONNECT is answered with. */
void reference_asyncapi(struct sio_strbuf *out);

/* One TypeScript module of types. */
void reference_typescript(struct sio_strbuf *out);

/* The reference for people: events, routes, types, errors. */
void reference_markdown(struct sio_strbuf *out);
