/* Bare WebSockets: paths outside Engine.IO whose connections exchange messages and nothing else. */
#include "sio_websocket.h"

#include "base/mem.h"
#include "base/must.h"
#include "socket/internal.h"

enum { CLOSE_GOING_AWAY = 1001 };

struct websocket_endpoint {
    struct websocket_endpoint *next;
    struct sio_server *server;
    struct sio_websocket_handlers handlers;
    struct sio_websocket_limits limits;
    void *data;
    struct rcbuf *ping; /* a ready frame */
    size_t path_n;
    char path[];
};

struct sio_websocket {
    enum engine_owner owner; /* ENGINE_BARE; first, see engine.h */
    bool pinged;             /* nothing has come since */
    struct net_conn *conn;
    struct websocket_endpoint *endpoint;
    struct list in_loop; /* server_loop.websockets */
    struct sio_timer silence;
    void *data;
};

/* ---- endpoints ---- */

void sio_server_websocket(struct sio_server *server, const char *path,
                          const struct sio_websocket_handlers *handlers,
                          const struct sio_websocket_limits *limits, void *data) {
    size_t n = strlen(path);
    must(!server->ran && path[0] == '/');
    struct websocket_endpoint *e = mem_zalloc(sizeof(*e) + n);
    e->server = server;
    e->handlers = *handlers;
    if (limits) e->limits = *limits;
    if (!e->limits.max_message_bytes) e->limits.max_message_bytes = server->config.max_payload_bytes;
    if (!e->limits.silence_ms) e->limits.silence_ms = server->config.ping_interval_ms;
    e->data = data;
    e->ping = net_frame_new(WS_PING, (struct sio_span){0});
    e->path_n = n;
    memcpy(e->path, path, n);
    e->next = server->endpoints;
    server->endpoints = e;
}

struct websocket_endpoint *websocket_endpoint_find(struct sio_server *server, struct sio_span path) {
    struct websocket_endpoint *e = server->endpoints;
    while (e && !sio_span_eq(sio_span_of(e->path, e->path_n), path)) e = e->next;
    return e;
}

/* ---- opened ---- */

static struct sio_websocket *websocket_of(struct net_conn *conn) {
    return container_of((enum engine_owner *)net_conn_data(conn), struct sio_websocket, owner);
}

static void look_for_silence(struct sio_timer *timer);

static void wait_for_silence(struct sio_websocket *w) {
    sio_timer_start(net_conn_loop(w->conn), &w->silence, w->endpoint->limits.silence_ms, look_for_silence);
}

void websocket_open(struct websocket_endpoint *endpoint, struct net_conn *conn) {
    struct sio_server *server = endpoint->server;
    if (!engine_upgrade(server->engine, conn, (struct sio_span){0}, endpoint->limits.max_message_bytes))
        return;
    net_keep_pace(conn);
    struct sio_websocket *w = mem_new(struct sio_websocket);
    w->owner = ENGINE_BARE;
    w->conn = conn;
    w->endpoint = endpoint;
    list_insert(&server_here(server, net_conn_loop(conn))->websockets, &w->in_loop);
    net_conn_set_data(conn, w);
    wait_for_silence(w);
    if (endpoint->handlers.on_open) endpoint->handlers.on_open(w, endpoint->data);
}

/* ---- at work ---- */

void websocket_message(struct net_conn *conn, bool binary, struct sio_span message) {
    struct sio_websocket *w = websocket_of(conn);
    const struct websocket_endpoint *e = w->endpoint;
    if (e->handlers.on_message) e->handlers.on_message(w, binary, message, e->data);
}

void websocket_drained(struct net_conn *conn) {
    struct sio_websocket *w = websocket_of(conn);
    const struct websocket_endpoint *e = w->endpoint;
    if (e->handlers.on_drained) e->handlers.on_drained(w, e->data);
}

enum sio_err sio_websocket_send(struct sio_websocket *w, bool binary, struct sio_span message) {
    struct rcbuf *frame = net_frame_new(binary ? WS_BINARY : WS_TEXT, message);
    enum sio_err e = net_send(w->conn, frame);
    rcbuf_unref(frame);
    return e;
}

size_t sio_websocket_queued(const struct sio_websocket *w) { return net_conn_queued(w->conn); }

void *sio_websocket_data(const struct sio_websocket *w) { return w->data; }
void sio_websocket_set_data(struct sio_websocket *w, void *data) { w->data = data; }
struct sio_loop *sio_websocket_loop(const struct sio_websocket *w) {
    return net_conn_loop(w->conn);
}

/* ---- the end ---- */

static void websocket_end(struct sio_websocket *w, enum sio_reason reason) {
    const struct websocket_endpoint *e = w->endpoint;
    list_remove(&w->in_loop);
    sio_timer_stop(net_conn_loop(w->conn), &w->silence);
    net_conn_set_data(w->conn, NULL);
    if (e->handlers.on_close) e->handlers.on_close(w, reason, e->data);
    free(w);
}

void websocket_closed(struct net_conn *conn, enum sio_reason reason) {
    struct sio_websocket *w = websocket_of(conn);
    struct sio_loop *loop = net_conn_loop(conn);
    bool stopping = server_here(w->endpoint->server, loop)->websockets_stopping;
    websocket_end(w, stopping && reason == SIO_FORCED_CLOSE ? SIO_SERVER_SHUTTING_DOWN : reason);
}

/* Nobody is there any more: the owner is told now, the connection ends when its close frame is late. */
static void give_up(struct sio_websocket *w) {
    net_close(w->conn, 0);
    websocket_end(w, SIO_PING_TIMEOUT);
}

static void look_for_silence(struct sio_timer *timer) {
    struct sio_websocket *w = container_of(timer, struct sio_websocket, silence);
    bool alive = net_conn_take_alive(w->conn);
    if (!alive && w->pinged) {
        give_up(w);
        return;
    }
    w->pinged = !alive;
    /* A full queue is one that nobody reads: the next look finds that out. */
    if (!alive) (void)!net_send(w->conn, w->endpoint->ping);
    wait_for_silence(w);
}

void sio_websocket_close(struct sio_websocket *w, uint16_t code) {
    must(code == 0 || ws_close_code_valid(code));
    net_close(w->conn, code);
}

/* ---- a stopping server ---- */

void websockets_stop_reading(struct sio_server *server, struct sio_loop *loop) {
    struct server_loop *sl = server_here(server, loop);
    sl->websockets_stopping = true;
    list_each (&sl->websockets, node)
        net_pause(container_of(node, struct sio_websocket, in_loop)->conn, true);
}

void websockets_close_all(struct sio_server *server, struct sio_loop *loop) {
    list_each (&server_here(server, loop)->websockets, node) {
        struct net_conn *conn = container_of(node, struct sio_websocket, in_loop)->conn;
        net_pause(conn, false); /* to hear the peer's close frame */
        net_close(conn, CLOSE_GOING_AWAY);
    }
}

void websockets_free(struct sio_server *server) {
    for (unsigned i = 0; i < sio_server_loop_count(server); i++)
        list_each (&server->loops[i].websockets, node)
            websocket_end(container_of(node, struct sio_websocket, in_loop), SIO_SERVER_SHUTTING_DOWN);
    while (server->endpoints) {
        struct websocket_endpoint *e = server->endpoints;
        server->endpoints = e->next;
        rcbuf_unref(e->ping);
        free(e);
    }
}
