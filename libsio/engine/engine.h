/* Engine.IO 4, and 3 where it is allowed: sessions over long-polling and WebSocket, with handshake, heartbeat, upgrade and close.
 *
 *   polling handshake ──▶ POLLING ──"2probe" on a second connection──▶ PROBING ──"5"──▶ WEBSOCKET
 *   WebSocket handshake ──────────────────────────────────────────────────────────────▶ WEBSOCKET
 *   any ──engine_close, peer gone, no pong, parse error──▶ CLOSED
 *
 * A polling session that is closed without a waiting request lingers until its next request has been told, 30 s at
 * most; one that has joined nothing does not. A session belongs to one loop. Requests for it that reach another loop are moved there before their body is
 * read. */
#pragma once
#include "base/rcbuf.h"
#include "engine/sid.h"
#include "engine/slots.h"
#include "net/conn.h"
#include "sio.h"

struct engine;
struct engine_session;
struct sio_handshake;
struct sio_headers;

struct engine_handlers { /* of one endpoint; on the session's loop */
    void (*on_open)(struct engine_session *session);
    void (*on_message)(struct engine_session *session, bool binary, struct sio_span message);
    /* The last call. Nothing can be sent any more. */
    void (*on_close)(struct engine_session *session, enum sio_reason reason);
};

struct engine_routes { /* everything outside the endpoints' paths */
    /* The head of a request is there: how many bytes its body may have, whatever the configuration's own limit. */
    size_t (*on_route_head)(struct net_conn *conn, const struct net_request *request);
    /* A request is refused before it is whole; see net_handlers.on_refused. `answer` has its CORS lines. */
    void (*on_route_refused)(struct net_conn *conn, const struct net_request *request,
                             struct net_refusal *answer);
    /* A whole request; `on_route_close`: its connection ended before it was answered. The route keeps its own
     * pointer as the connection's data, a structure that begins with enum engine_owner ENGINE_ROUTE. */
    void (*on_route)(struct net_conn *conn, const struct net_request *request);
    void (*on_route_close)(struct net_conn *conn);
    /* A route may make its connection a WebSocket with engine_upgrade; its data then begins with ENGINE_BARE. */
    void (*on_bare_message)(struct net_conn *conn, bool binary, struct sio_span message);
    void (*on_bare_drained)(struct net_conn *conn);
    void (*on_bare_close)(struct net_conn *conn, enum sio_reason reason);
};

/* What a connection's data pointer points at: the first member of the structure. */
enum engine_owner { ENGINE_SESSION, ENGINE_ROUTE, ENGINE_BARE, ENGINE_HANDSHAKE };

/* `config` and `data` (the server) outlive the engine. Handles connections of all loops of the group. */
struct engine *engine_new(const struct sio_config *config, struct loop_group *group,
                          const struct engine_routes *routes, void *data);
void engine_free(struct engine *engine);

/* Serves sessions on the requests whose path begins with `path`; of several endpoints the longest path counts. Before
 * the loops run. `path` is copied; `data` is for engine_session_endpoint_data. */
void engine_serve(struct engine *engine, struct sio_span path, const struct engine_handlers *handlers,
                  void *data);

/* Requests below an endpoint's path that name something and say no EIO are routes' from now on; before that, and without
 * this, Engine.IO refuses them. Before the loops run. */
void engine_leave_files(struct engine *engine);

/* See sio_handshake.h. Before the loops run. */
void engine_on_handshake(struct engine *engine, void (*decide)(struct sio_handshake *handshake, void *data),
                         void *data);
void engine_on_headers(struct engine *engine, void (*add)(struct sio_headers *headers, void *data),
                       void *data);

void *engine_server(const struct engine *engine); /* `data` */

/* Takes an accepted descriptor on this loop. `tls`: NULL for plain connections. */
void engine_accept(struct engine *engine, struct sio_loop *loop, int fd, const struct sockaddr *peer,
                   bool local, struct net_tls *tls);

/* net_upgrade, counted; messages of at most `message_bytes`. */
bool engine_upgrade(struct engine *engine, struct net_conn *conn, struct sio_span headers,
                    size_t message_bytes) SIO_MUST_CHECK;

/* ---- sessions ---- */

void *engine_session_server(const struct engine_session *session);        /* `data` of engine_new */
void *engine_session_endpoint_data(const struct engine_session *session); /* `data` of engine_serve */
struct sio_span engine_session_id(const struct engine_session *session);
int engine_session_protocol(const struct engine_session *session); /* 4 or 3 */
struct sio_loop *engine_session_loop(const struct engine_session *session);
void *engine_session_data(const struct engine_session *session);
void engine_session_set_data(struct engine_session *session, void *data);

/* The handshake request's header lines, its query, and the peer's address, kept until
 * engine_session_forget_handshake. */
struct sio_span engine_session_headers(const struct engine_session *session);
struct sio_span engine_session_query(const struct engine_session *session);
struct sio_span engine_session_address(const struct engine_session *session);
void engine_session_forget_handshake(struct engine_session *session);

/* Is the peer's joining being decided? Meanwhile it is not dropped to make room for another. */
void engine_session_deciding(struct engine_session *session, bool deciding);

/* The peer has joined a namespace: from now on it may send max_payload_bytes, not max_unjoined_bytes. */
void engine_session_joined(struct engine_session *session);

/* Sends messages that belong together: all of them are queued, or none. A frame is a complete unmasked
 * WebSocket frame: text whose payload begins with "4", or binary; for polling its payload is taken out of it.
 * References of its own are taken. SIO_ERR_LIMIT: the queue is full (an empty one takes frames of any size);
 * SIO_ERR_CLOSED. */
enum sio_err engine_send(struct engine_session *session, struct rcbuf *const *frames,
                         uint32_t count) SIO_MUST_CHECK;

/* Would a message leave with the end of this turn, with nothing before it? A polling peer needs a waiting request. */
bool engine_writable(const struct engine_session *session);

/* Ends the session at once; what is queued still goes out, and the peer is told. on_close runs before this
 * returns. */
void engine_close(struct engine_session *session, enum sio_reason reason);
/* The same at the end of this turn: for callers that walk a list of sessions. Sending fails from now on. */
void engine_close_later(struct engine_session *session, enum sio_reason reason);

/* ---- a stopping server; on each loop ---- */

void engine_stop_reading(struct engine *engine,
                         struct sio_loop *loop); /* from now on requests are answered 503, but for polls */
void engine_close_all(struct engine *engine, struct sio_loop *loop);

/* [any thread] */
uint64_t engine_connection_count(const struct engine *engine);
uint64_t engine_websocket_count(const struct engine *engine); /* connections that speak WebSocket */
uint64_t engine_session_count(const struct engine *engine);
uint64_t engine_stalled_count(
    const struct engine *engine); /* closed above stalled_bytes, polling or not, since the start */
uint64_t engine_refused_count(const struct engine *engine);
