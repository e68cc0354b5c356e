/* libsio: a Socket.IO 5 server (Engine.IO 4: HTTP long-polling and WebSocket) to embed in a C program.
 *
 * A server runs N loop threads. A connection, its HTTP requests and its sockets belong to one loop; callbacks
 * run there and may not block. Functions marked [any thread] may be called from everywhere and do their work
 * on the right loop, in the order in which one thread called them; all others only on the loop that owns
 * their argument.
 *
 * Texts are `struct span`: bytes and a length, UTF-8. A span handed to a callback lives until the callback
 * returns; a span given to a function is copied if it is needed longer. JSON spans are one valid JSON value
 * (sio_json.h). */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/log.h"
#include "base/span.h"
#include "sio_json.h"
#include "sio_loop.h"

struct sio_server;
struct sio_namespace;
struct sio_socket;
struct sio_connect;
struct sio_packet;
struct sio_http_request;

/* ---- configuration
 * ------------------------------------------------------------------------------------------- */

/* Cross-origin access, for Engine.IO and HTTP routes alike. Strings are the caller's and outlive the server.
 */
struct sio_cors {
    const char *origins; /* "*", or a comma-separated list of exact origins; NULL: no CORS header at all */
    const char *methods; /* default GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS */
    const char *headers; /* allowed request headers; NULL: those that the preflight asks for */
    bool credentials;    /* never together with "*" */
    uint32_t max_age_s;  /* how long a preflight may be remembered; 0: not said */
};

struct sio_config {
    const char *path;            /* of Engine.IO, with both slashes; default "/socket.io/" */
    unsigned threads;            /* loops; 0: one a core; at most 64 */
    uint32_t ping_interval_ms;   /* default 25000 */
    uint32_t ping_timeout_ms;    /* default 20000 */
    uint32_t upgrade_timeout_ms; /* from a probe's first byte to its end; default 10000 */
    uint32_t connect_timeout_ms; /* to join a first namespace; default 45000 */
    uint32_t head_timeout_ms;    /* from a request's first byte to its last header; default 10000 */
    uint32_t body_timeout_ms;    /* from there to its last body byte; default 30000 */
    uint32_t keepalive_ms;       /* an idle HTTP connection; default 5000 */
    size_t max_payload_bytes;    /* one Engine.IO packet or polling body, announced as maxPayload; default
                                    1000000 */
    uint32_t max_unjoined;       /* sessions that have joined no namespace yet; more: 503; default 50000 */
    size_t max_unjoined_bytes;   /* the same until a session has joined its first namespace; default 65536 */
    size_t max_http_head_bytes;  /* default 16384 */
    size_t max_http_body_bytes;  /* of a route's request; default 1 MiB */
    size_t max_local_body_bytes; /* the same over a Unix socket; default 256 MiB */
    size_t out_queue_bytes;      /* waiting for one slow receiver; default 4 MiB; then sio_delivery decides */
    size_t polling_queue_bytes;  /* the same between two polls of a polling client; default 16 MiB */
    size_t stalled_bytes;    /* waiting for all peers that do not read, answers to requests included, in equal
                                parts for each loop; default 256 MiB; above, the one that has read nothing for
                                the longest time is closed. What is the same for many counts once */
    size_t pending_bytes;    /* received for one socket while its CONNECT is being decided; default 256 KiB */
    unsigned max_namespaces; /* joined by one connection; default 32 */
    uint32_t max_connections; /* TCP connections altogether; default 1000000; more are closed at once */
    uint32_t stop_timeout_ms; /* the longest that sio_server_stop may take; default 8000 */
    bool stop_on_signals;     /* SIGINT and SIGTERM call sio_server_stop */
    struct sio_cors cors;
    const struct log *log; /* NULL: silent */
};

/* Fills in every default. */
void sio_config_init(struct sio_config *config);

/* ---- the server's life
 * ---------------------------------------------------------------------------------------- */

/* ERR_INVALID with a line in the log when the configuration makes no sense. The caller frees. */
enum err sio_server_new(const struct sio_config *config, struct sio_server **out) MUST_CHECK;

/* Before sio_server_run, as often as wished. `port` 0 takes a free one. ERR_IN_USE, ERR_DENIED, ERR_INVALID,
 * ERR_IO. */
enum err sio_server_listen(struct sio_server *server, const char *host, uint16_t port) MUST_CHECK;

/* A Unix socket, mode 0600, for HTTP requests of this machine; an old file in its place is replaced. */
enum err sio_server_listen_unix(struct sio_server *server, const char *path) MUST_CHECK;

uint16_t sio_server_port(const struct sio_server *server); /* of the first listener */

/* Starts the threads and returns once the server is stopped; loop 0 is the calling thread. */
enum err sio_server_run(struct sio_server *server) MUST_CHECK;

/* [any thread, also a signal handler] Stops accepting and reading, waits until no hold is left, closes every
 * connection so that clients come back by themselves, sends what is queued, ends sio_server_run. */
void sio_server_stop(struct sio_server *server);

/* [any thread] A hold keeps a stopping server from closing connections: one for each piece of accepted work.
 */
void sio_server_hold(struct sio_server *server);
void sio_server_release(struct sio_server *server);

/* After sio_server_run returned, or without it. By then everything that was handed out (struct sio_connect,
 * struct sio_http_request) has been answered. */
void sio_server_free(struct sio_server *server);

/* [any thread] */
unsigned sio_server_loop_count(const struct sio_server *server);
struct sio_loop *sio_server_loop(const struct sio_server *server, unsigned index);

struct sio_stats {
    uint64_t connections; /* open TCP connections */
    uint64_t sessions;    /* open Engine.IO sessions */
    uint64_t sockets;     /* connected Socket.IO sockets */
    uint64_t events_in;   /* events received, since the start */
    uint64_t packets_out; /* packets delivered to a socket's queue, since the start */
    uint64_t dropped;     /* packets not sent because of SIO_MAY_DROP and SIO_VOLATILE */
    uint64_t slow_closed; /* connections closed because they were slow (SIO_MUST, stalled_bytes) */
    uint64_t refused;     /* requests and packets refused as malformed or over a limit */
    uint64_t turn_max_us; /* the longest turn of any loop since the last call with `reset` */
};
/* [any thread] Sums over all loops. */
void sio_server_stats(struct sio_server *server, struct sio_stats *out, bool reset);

/* ---- namespaces
 * ----------------------------------------------------------------------------------------------- */

enum sio_reason {                           /* why a socket was disconnected, in the words of Socket.IO */
                  SIO_TRANSPORT_CLOSE,      /* "transport close" */
                  SIO_TRANSPORT_ERROR,      /* "transport error" */
                  SIO_PING_TIMEOUT,         /* "ping timeout" */
                  SIO_PARSE_ERROR,          /* "parse error" */
                  SIO_CLIENT_DISCONNECT,    /* "client namespace disconnect" */
                  SIO_SERVER_DISCONNECT,    /* "server namespace disconnect" */
                  SIO_FORCED_CLOSE,         /* "forced close" */
                  SIO_SERVER_SHUTTING_DOWN, /* "server shutting down" */
};
const char *sio_reason_text(enum sio_reason reason);

struct sio_event;

/* All may be NULL. They run on the socket's loop. */
struct sio_handlers {
    /* A client asks to join. Answer with sio_connect_accept or sio_connect_refuse, exactly once, now or
     * later; what the client sends meanwhile waits and is then processed in order. NULL: everyone is
     * accepted. */
    void (*on_connecting)(struct sio_connect *connect, void *data);
    /* The socket is in; its CONNECT answer is queued. */
    void (*on_connect)(struct sio_socket *socket, void *data);
    void (*on_event)(struct sio_socket *socket, const struct sio_event *event, void *data);
    /* The last call for this socket; its rooms are still known. */
    void (*on_disconnect)(struct sio_socket *socket, enum sio_reason reason, void *data);
    void *data;
};

/* Before sio_server_run. `name` begins with a slash; "/" is the main namespace and exists only if it is made
 * here. Lives as long as the server. */
struct sio_namespace *sio_server_namespace(struct sio_server *server, const char *name,
                                           const struct sio_handlers *handlers);

/* ---- joining
 * -------------------------------------------------------------------------------------------------- */

struct span
sio_connect_auth(const struct sio_connect *connect); /* the JSON object of CONNECT; empty if none */
/* A header of the handshake request; empty if absent. Valid until the answer. */
struct span sio_connect_header(const struct sio_connect *connect, struct span name);
struct span sio_connect_address(const struct sio_connect *connect); /* the peer's IP address, as text */
struct sio_loop *sio_connect_loop(const struct sio_connect *connect);

/* [any thread] Ends the decision; `connect` is gone. The socket joins `rooms` before anything emitted after
 * this call by the same thread can pass it by. `socket_data` becomes sio_socket_data. If the client has left
 * meanwhile, `gone` (when not NULL) is called on the loop instead of on_connect, so that socket_data can be
 * freed. */
void sio_connect_accept(struct sio_connect *connect, const struct span *rooms, size_t room_count,
                        void *socket_data, void (*gone)(void *socket_data));
/* [any thread] CONNECT_ERROR {"message":…,"data":…}; `data` is JSON or empty. */
void sio_connect_refuse(struct sio_connect *connect, struct span message, struct span data);

/* ---- sockets
 * -------------------------------------------------------------------------------------------------- */

/* A socket's address as a value: may be kept and used for ever, on any thread; finds nothing once the socket
 * is gone. */
struct sio_ref {
    uint32_t slot;
    uint32_t generation; /* 0: no socket */
    uint16_t loop;
};

struct span sio_socket_id(const struct sio_socket *socket); /* 20 characters */
struct sio_ref sio_socket_ref(const struct sio_socket *socket);
struct sio_socket *sio_socket_find(struct sio_server *server,
                                   struct sio_ref ref); /* on its loop; NULL when gone */
struct sio_namespace *sio_socket_namespace(const struct sio_socket *socket);
struct sio_server *sio_socket_server(const struct sio_socket *socket);
struct sio_loop *sio_socket_loop(const struct sio_socket *socket);
void *sio_socket_data(const struct sio_socket *socket);
void sio_socket_set_data(struct sio_socket *socket, void *data);

void sio_socket_join(struct sio_socket *socket, struct span room); /* joining twice is joining once */
void sio_socket_leave(struct sio_socket *socket, struct span room);
bool sio_socket_in(const struct sio_socket *socket, struct span room);

/* Leaves the namespace (the client sees "io server disconnect" and stays away), or with `close` ends the
 * whole connection without a DISCONNECT packet (the client sees "transport close" and comes back by itself).
 * on_disconnect runs before this returns. */
void sio_socket_disconnect(struct sio_socket *socket, bool close);

/* ---- events from clients
 * --------------------------------------------------------------------------------------- */

/* A client's wish for an acknowledgement, as a value: may be kept, used once, on any thread. */
struct sio_ack {
    struct sio_ref socket;
    bool wanted; /* false: sio_ack_send does nothing */
    uint64_t id;
};

struct sio_event {
    struct span name; /* decoded; a numeric name as its digits */
    struct span args; /* the arguments behind the name as a JSON array, "[]" when there is none */
    struct sio_ack ack;
    const struct span
        *attachments; /* binary, in the order of their placeholders; valid during the callback */
    size_t attachment_count;
};

/* [any thread] `args` is a JSON array. */
void sio_ack_send(struct sio_namespace *ns, struct sio_ack ack, struct span args);
/* The same with attachments, as in sio_packet_event_binary. */
void sio_ack_send_binary(struct sio_namespace *ns, struct sio_ack ack, struct span args,
                         const struct span *attachments, size_t count);

/* ---- sending
 * --------------------------------------------------------------------------------------------------- */

/* What happens when a receiver's queue is full (sio_config.out_queue_bytes). */
enum sio_delivery {
    SIO_MUST,     /* the slow connection is closed: it comes back and catches up */
    SIO_MAY_DROP, /* this packet is dropped for that receiver, and counted */
    SIO_VOLATILE, /* the same, and already when anything waits for that receiver, be it of this very turn, or
                     when it polls and has no request waiting: for what is worth nothing a moment later */
};

/* An event encoded once for any number of receivers; immutable, counted references. [any thread]
 * `args` is a JSON array. */
struct sio_packet *sio_packet_event(const struct sio_namespace *ns, struct span name, struct span args);
/* The same with attachments: `args` holds {"_placeholder":true,"num":N} in their places; at most 10. */
struct sio_packet *sio_packet_event_binary(const struct sio_namespace *ns, struct span name, struct span args,
                                           const struct span *attachments, size_t count);
void sio_packet_unref(struct sio_packet *packet);

/* [any thread] To one socket. Takes no reference of the caller's. */
void sio_emit(struct sio_namespace *ns, struct sio_ref to, struct sio_packet *packet,
              enum sio_delivery delivery);

struct sio_answer {   /* a client's acknowledgement; lives until the callback returns */
    struct span args; /* a JSON array; empty: there is none, because the time passed or the socket went */
    const struct span *attachments;
    size_t attachment_count;
};

/* To one socket with an answer: `done` runs on the loop, once. SIO_MUST. */
void sio_emit_with_ack(struct sio_socket *socket, struct span name, struct span args, uint32_t timeout_ms,
                       void (*done)(const struct sio_answer *answer, void *data), void *data);
/* The same with attachments, as in sio_packet_event_binary. */
void sio_emit_binary_with_ack(struct sio_socket *socket, struct span name, struct span args,
                              const struct span *attachments, size_t count, uint32_t timeout_ms,
                              void (*done)(const struct sio_answer *answer, void *data), void *data);

/* Receivers: everyone in any of `rooms` (all of the namespace when room_count is 0), once each, but nobody
 * who is in any of `except` and not the socket `except_socket`. A socket's id is a room of its own. */
struct sio_target {
    const struct span *rooms;
    size_t room_count;
    const struct span *except;
    size_t except_count;
    struct sio_ref except_socket; /* generation 0: nobody */
};

/* [any thread] */
void sio_broadcast(struct sio_namespace *ns, const struct sio_target *target, struct sio_packet *packet,
                   enum sio_delivery delivery);
void sio_sockets_join(struct sio_namespace *ns, const struct sio_target *target, struct span room);
void sio_sockets_leave(struct sio_namespace *ns, const struct sio_target *target, struct span room);
void sio_sockets_disconnect(struct sio_namespace *ns, const struct sio_target *target, bool close);

/* ---- HTTP routes on the same port
 * ------------------------------------------------------------------------------- */

/* Valid from the handler's call until it is answered. Percent-decoding is the reader's: path and query are as
 * they came. */
struct sio_http_request {
    struct span method;  /* GET */
    struct span path;    /* before the question mark */
    struct span query;   /* behind it */
    struct span body;    /* whole; at most max_http_body_bytes */
    struct span address; /* the peer's IP address; "local" for a Unix socket */
    bool local;          /* came through sio_server_listen_unix */
    struct sio_loop *loop;
    void *data; /* the handler's own */
};

struct span sio_http_header(const struct sio_http_request *request,
                            struct span name); /* first one; empty if absent */

struct sio_http_header_line {
    struct span name, value;
};

/* [any thread] Answers and frees the request; exactly once for each. Content-Length, CORS and connection
 * headers are added; for HEAD the body is left out. If the client has gone, nothing is sent. */
void sio_http_respond(struct sio_http_request *request, int status,
                      const struct sio_http_header_line *headers, size_t header_count, struct span body);

/* Every request outside `path` comes here, whatever its method; preflights are answered before (with CORS
 * on). Before sio_server_run. Without a handler: 404. */
void sio_server_on_http(struct sio_server *server,
                        void (*handler)(struct sio_http_request *request, void *data), void *data);

/* Called when such a request's head has come, with an empty `body`: how many bytes its body may have; the
 * limits of the configuration hold as well. A longer one is answered 413 without a body of the answer's own.
 * Without it the configured limits hold alone. Before sio_server_run. */
void sio_server_on_http_head(struct sio_server *server,
                             size_t (*body_limit)(const struct sio_http_request *request, void *data),
                             void *data);
