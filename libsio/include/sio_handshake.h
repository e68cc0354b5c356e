/* Handshakes: whether a client may open a session at all; and header lines of the program's own in Engine.IO's answers. */
#pragma once
#include <stdbool.h>

#include "sio_api.h"
#include "sio_err.h"
#include "sio_loop.h"
#include "sio_server.h"
#include "sio_span.h"

SIO_BEGIN

/* ---- may this client come in? ---- */

/* A request that asks for a new session, by polling or by WebSocket. It waits until it is answered. What it says can be
 * read on its loop, and is empty once the client has gone. */
struct sio_handshake;

struct sio_span sio_handshake_path(const struct sio_handshake *handshake);
struct sio_span sio_handshake_query(const struct sio_handshake *handshake); /* as it came, percent-encoded */
/* The first header of that name; empty if absent. */
struct sio_span sio_handshake_header(const struct sio_handshake *handshake, struct sio_span name);
/* The peer's IP address as text. */
struct sio_span sio_handshake_address(const struct sio_handshake *handshake);
struct sio_loop *sio_handshake_loop(const struct sio_handshake *handshake);

/* [any thread] Exactly one of the two answers it, now or later; `handshake` is gone. A refused client is told 403 and
 * `message` (empty: "Forbidden"); one that asked by WebSocket 400, as the reference server does. */
void sio_handshake_accept(struct sio_handshake *handshake);
void sio_handshake_refuse(struct sio_handshake *handshake, struct sio_span message);

/* Before sio_server_run. `decide` is called on the connection's loop for every handshake that is right in itself,
 * on Socket.IO's path and on those of sio_server_engine; never for requests of a session, its upgrade included. */
void sio_server_on_handshake(struct sio_server *server,
                             void (*decide)(struct sio_handshake *handshake, void *data), void *data);

/* ---- header lines ---- */

/* The answer that is about to be sent; it lives until the callback returns. */
struct sio_headers;

/* Adds a line. SIO_ERR_INVALID, and nothing is added, when the name or the value holds what a header cannot. */
enum sio_err sio_headers_add(struct sio_headers *headers, struct sio_span name,
                             struct sio_span value) SIO_MUST_CHECK;
/* Is it the first answer to a client: a polling handshake, or a WebSocket without a session before it? */
bool sio_headers_initial(const struct sio_headers *headers);
/* A header of the request; empty if absent. */
struct sio_span sio_headers_request(const struct sio_headers *headers, struct sio_span name);

/* Before sio_server_run. `add` is called for each 200 and 101 that Engine.IO answers; not for errors. */
void sio_server_on_headers(struct sio_server *server, void (*add)(struct sio_headers *headers, void *data),
                           void *data);

SIO_END
