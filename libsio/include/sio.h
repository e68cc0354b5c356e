/* libsio: a Socket.IO 5 server (Engine.IO 4: HTTP long-polling and WebSocket) to embed in a C program.
 *
 * The whole of a server that sends every event back to its sender:
 *
 *     #include <sio.h>
 *
 *     static void on_event(struct sio_socket *socket, const struct sio_event *event, void *data) {
 *         struct sio_namespace *ns = sio_socket_namespace(socket);
 *         struct sio_packet *packet = sio_packet_event(ns, event->name, event->args);
 *         sio_emit(ns, sio_socket_ref(socket), packet, SIO_MUST);
 *         sio_packet_unref(packet);
 *         (void)data;
 *     }
 *
 *     int main(void) {
 *         struct sio_handlers handlers = {.on_event = on_event};
 *         struct sio_config config;
 *         struct sio_server *server;
 *         sio_config_init(&config);
 *         config.stop_on_signals = true;
 *         if (sio_server_new(&config, &server) != SIO_ERR_OK) return 1;
 *         sio_server_namespace(server, "/", &handlers);
 *         enum sio_err e = sio_server_listen(server, "127.0.0.1", 3000);
 *         if (e == SIO_ERR_OK) e = sio_server_run(server);
 *         sio_server_free(server);
 *         return e == SIO_ERR_OK ? 0 : 1;
 *     }
 *
 * Threads. A server runs N loop threads. A connection, its HTTP requests and its sockets belong to one loop;
 * callbacks run there and may not block. Functions marked [any thread] may be called from everywhere and do
 * their work on the right loop, in the order in which one thread called them; all others only on the loop
 * that owns their argument. What has to be kept of a socket is its `struct sio_ref`.
 *
 * Ownership. Texts are `struct sio_span`: bytes and a length, UTF-8. A span handed to a callback lives until the
 * callback returns; a span given to a function is copied if it is needed longer. JSON spans are one valid
 * JSON value, and arguments of events are one JSON array (sio_json.h reads and writes both).
 *
 * Errors. What can fail for a reason of its own returns an `enum sio_err` that must be looked at. A program's own
 * mistake (an argument that is no JSON array, a second answer) and memory that has run out end the process.
 * What a client sends can do neither: a broken packet ends its own connection, and is counted.
 *
 * Units. A name says its own: `_ms`, `_s`, `_bytes`; counts have none. */
#pragma once

/* Every limit, time and switch of a server. */
#include "sio_config.h"
/* Its life, and what it counts. */
#include "sio_server.h"
/* Who may join, and what a program does when sockets come, speak and go. */
#include "sio_namespace.h"
/* Namespaces that come with the first client that asks for them. */
#include "sio_family.h"
/* One client: its rooms, its events, the acknowledgements it asks for. */
#include "sio_socket.h"
/* Events to one, to rooms, to all; answers to them. */
#include "sio_send.h"
/* Answers of many, and who is there. */
#include "sio_ask.h"
/* Who may open a session at all; header lines of the program's own. */
#include "sio_handshake.h"
/* Engine.IO without Socket.IO, on paths of its own. */
#include "sio_engine.h"
/* WebSocket alone, on a path of its own. */
#include "sio_websocket.h"
/* Routes of the program's own on the same port. */
#include "sio_http.h"
/* Arguments and payloads: read in place, written into a buffer. */
#include "sio_json.h"
/* Threads: posting work, timers, time, randomness. */
#include "sio_loop.h"
/* The vocabulary: bytes, growing bytes, results, the log. */
#include "sio_err.h"
#include "sio_log.h"
#include "sio_span.h"
#include "sio_strbuf.h"
