/* Bare WebSockets (RFC 6455) on a path of a server's own: messages in, messages out, no Engine.IO around them.
 *
 * A connection lives from on_open to the return of on_close, on one loop; all functions are for that loop's
 * thread alone. What it sends waits in a queue of out_queue_bytes (sio_config). While a peer does not read what
 * waits for it, nothing more is read from it either: a handler that answers each message with one is never
 * refused. Of a message whose last fragment has not come, up to max_message_bytes a connection are in memory. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sio_api.h"
#include "sio_err.h"
#include "sio_loop.h"
#include "sio_namespace.h"
#include "sio_server.h"
#include "sio_span.h"

SIO_BEGIN

struct sio_websocket;

/* All may be NULL. */
struct sio_websocket_handlers {
    void (*on_open)(struct sio_websocket *websocket, void *data);
    /* A whole message, its text checked as UTF-8; lives during the call. */
    void (*on_message)(struct sio_websocket *websocket, bool binary, struct sio_span message, void *data);
    /* A queue that the peer let wait is empty: there is room again. */
    void (*on_drained)(struct sio_websocket *websocket, void *data);
    /* The last call, for each connection that was opened. SIO_PING_TIMEOUT: the peer was silent for too long;
     * SIO_SERVER_SHUTTING_DOWN; or as the transport says. */
    void (*on_close)(struct sio_websocket *websocket, enum sio_reason reason, void *data);
};

struct sio_websocket_limits {
    size_t max_message_bytes; /* of one message, fragments together; 1009 above; 0: max_payload_bytes of the
                                 server */
    uint32_t silence_ms;      /* a peer that sends and takes nothing for so long is pinged, and after twice as
                                 long given up; 0: ping_interval_ms of the server */
};

/* Before sio_server_run. `path` begins with a slash and lies outside the server's own; handshakes for exactly
 * that path are taken. `limits` may be NULL: all defaults. */
void sio_server_websocket(struct sio_server *server, const char *path,
                          const struct sio_websocket_handlers *handlers,
                          const struct sio_websocket_limits *limits, void *data);

/* `message` must be UTF-8 unless binary. SIO_ERR_LIMIT: the queue is full and nothing was queued; SIO_ERR_CLOSED. */
enum sio_err sio_websocket_send(struct sio_websocket *websocket, bool binary,
                                struct sio_span message) SIO_MUST_CHECK;
size_t sio_websocket_queued(const struct sio_websocket *websocket); /* bytes that wait */

/* Sends what waits, then a close frame with `code` (1000, 1001, 1003, 1007 to 1011, 3000 to 4999; 0: none);
 * on_close follows. */
void sio_websocket_close(struct sio_websocket *websocket, uint16_t code);

void *sio_websocket_data(const struct sio_websocket *websocket); /* the connection's own; NULL at first */
void sio_websocket_set_data(struct sio_websocket *websocket, void *data);
struct sio_loop *sio_websocket_loop(const struct sio_websocket *websocket);

SIO_END
