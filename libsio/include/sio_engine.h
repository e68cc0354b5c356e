/* Engine.IO without Socket.IO: sockets that exchange whole messages, texts or bytes, over long-polling and WebSocket,
 * with heartbeat and upgrade, on a path of their own. The clients are `engine.io-client` and its like.
 *
 *     static void on_message(struct sio_engine_socket *socket, bool binary, struct sio_span message, void *data) {
 *         (void)!sio_engine_send(socket, binary, message); // an echo: a full queue loses its answer
 *     }
 *
 *     sio_server_engine(server, "/engine.io/", &(struct sio_engine_handlers){.on_message = on_message});
 *
 * Such endpoints stand beside Socket.IO on one server, with its configuration. Everything here runs on the loop that
 * owns the socket. Whoever may connect is known from the handshake alone, so a socket counts as joined at once: it may
 * send max_payload_bytes. */
#pragma once
#include <stdbool.h>

#include "sio_api.h"
#include "sio_namespace.h"
#include "sio_server.h"
#include "sio_span.h"

SIO_BEGIN

struct sio_engine_socket;

/* All may be NULL. */
struct sio_engine_handlers {
    void (*on_open)(struct sio_engine_socket *socket, void *data);
    /* A whole message; it lives until this returns. Texts are UTF-8. */
    void (*on_message)(struct sio_engine_socket *socket, bool binary, struct sio_span message, void *data);
    /* The last call for this socket: nothing can be sent any more, and it is freed behind it. */
    void (*on_close)(struct sio_engine_socket *socket, enum sio_reason reason, void *data);
    void *data;
};

/* Before sio_server_run. Serves the requests whose path begins with `path`, which begins with a slash; of several
 * endpoints (Socket.IO's `sio_config.path` is one of them) the longest path counts. */
void sio_server_engine(struct sio_server *server, const char *path,
                       const struct sio_engine_handlers *handlers);

struct sio_span sio_engine_id(const struct sio_engine_socket *socket); /* its sid: 20 characters */
struct sio_server *sio_engine_server(const struct sio_engine_socket *socket);
struct sio_loop *sio_engine_loop(const struct sio_engine_socket *socket);
void *sio_engine_data(const struct sio_engine_socket *socket); /* NULL until it is set */
void sio_engine_set_data(struct sio_engine_socket *socket, void *data);

/* A header of the handshake request; empty if absent. */
struct sio_span sio_engine_header(const struct sio_engine_socket *socket, struct sio_span name);
struct sio_span
sio_engine_address(const struct sio_engine_socket *socket); /* the peer's IP address, as text */

/* A message of UTF-8 text, or of bytes. SIO_ERR_LIMIT: the receiver is slow and its queue full (sio_config.out_queue_bytes
 * and polling_queue_bytes), nothing was sent; SIO_ERR_CLOSED. */
enum sio_err sio_engine_send(struct sio_engine_socket *socket, bool binary,
                             struct sio_span message) SIO_MUST_CHECK;

/* Ends it; what is queued still goes out. on_close (with SIO_FORCED_CLOSE) runs before this returns. */
void sio_engine_close(struct sio_engine_socket *socket);

SIO_END
