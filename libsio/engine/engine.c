/* The engine: one for a server, with a part for each loop; and where connections' events find their sessions.
 */
#include "engine/engine.h"

#include "base/mem.h"
#include "engine/internal.h"

enum { WS_CLOSE_TIMEOUT_MS = 5000 };

/* ---- what connections report ---- */

static bool is_owned_by(struct net_conn *conn, enum engine_owner kind) {
    const enum engine_owner *owner = net_conn_data(conn);
    return owner && *owner == kind;
}

static struct engine_session *session_of(struct net_conn *conn) {
    return is_owned_by(conn, ENGINE_SESSION)
               ? container_of((enum engine_owner *)net_conn_data(conn), struct engine_session, owner)
               : NULL;
}

static void session_message(struct engine_session *s, struct net_conn *conn, bool binary,
                            struct sio_span message) {
    if (conn == s->conn)
        incoming_message(s, binary, message);
    else
        upgrade_message(s, binary, message);
}

static void connection_message(struct net_conn *conn, bool binary, struct sio_span message) {
    struct engine_session *s = session_of(conn);
    if (s && s->state == SESSION_OPEN && !s->doomed)
        session_message(s, conn, binary, message);
    else if (is_owned_by(conn, ENGINE_BARE))
        ((struct engine *)net_conn_options(conn)->data)->routes.on_bare_message(conn, binary, message);
}

static void connection_drained(struct net_conn *conn) {
    struct engine *engine = net_conn_options(conn)->data;
    if (is_owned_by(conn, ENGINE_BARE)) engine->routes.on_bare_drained(conn);
}

static void connection_closed(struct net_conn *conn, enum sio_reason reason) {
    struct engine *engine = net_conn_options(conn)->data;
    atomic_fetch_sub_explicit(&engine->connections, 1, memory_order_relaxed);
    if (net_conn_is_websocket(conn)) atomic_fetch_sub_explicit(&engine->websockets, 1, memory_order_relaxed);
    if (is_owned_by(conn, ENGINE_ROUTE)) engine->routes.on_route_close(conn);
    if (is_owned_by(conn, ENGINE_BARE)) engine->routes.on_bare_close(conn, reason);
    if (is_owned_by(conn, ENGINE_HANDSHAKE)) handshake_gone(conn);
    struct engine_session *s = session_of(conn);
    if (!s) return;
    net_conn_set_data(conn, NULL);
    if (conn == s->conn) {
        s->conn = NULL;
        session_end(s, reason, false);
    } else if (s->polling && conn == s->polling->probe) {
        s->polling->probe = NULL;
        s->polling->probed = false;
        sio_timer_stop(s->loop, &s->polling->upgrade);
    } else if (s->polling && conn == s->polling->get) {
        s->polling->get = NULL;
        session_end(s, SIO_TRANSPORT_ERROR, false);
    } else if (s->polling && conn == s->polling->post) {
        s->polling->post = NULL;
        session_end(s, SIO_TRANSPORT_ERROR, false);
    }
}

/* ---- life ---- */

static struct net_options net_options_from(const struct sio_config *c, struct engine *engine) {
    return (struct net_options){
        .handlers = {.on_head = request_head,
                     .on_refused = request_refused,
                     .on_request = request_handle,
                     .on_message = connection_message,
                     .on_drained = connection_drained,
                     .on_close = connection_closed},
        .limits = {.head_bytes = c->max_http_head_bytes,
                   .head_timeout_ms = c->head_timeout_ms,
                   .body_timeout_ms = c->body_timeout_ms,
                   .keepalive_ms = c->keepalive_ms,
                   .message_bytes = c->max_payload_bytes,
                   .out_queue_bytes = c->out_queue_bytes,
                   .close_timeout_ms = WS_CLOSE_TIMEOUT_MS},
        .log = c->log,
        .data = engine,
    };
}

/* Each loop has an equal part, one at least. */
static void loops_init(struct engine *e) {
    uint32_t count = loop_group_count(e->group);
    e->loops = mem_new_array(struct engine_loop, count);
    for (uint32_t i = 0; i < count; i++) {
        unjoined_init(&e->loops[i].unjoined, (e->config->max_unjoined - 1) / count + 1);
        unpolled_init(&e->loops[i].unpolled, e->config->stalled_bytes / count);
    }
}

struct engine *engine_new(const struct sio_config *config, struct loop_group *group,
                          const struct engine_routes *routes, void *data) {
    struct engine *e = mem_new(struct engine);
    e->config = config;
    e->group = group;
    e->routes = *routes;
    e->data = data;
    e->net = net_options_from(config, e);
    e->net.stalled = net_stalled_new(loop_group_count(group), config->stalled_bytes);
    if (config->deflate.enabled) e->net.deflate = net_deflate_new(loop_group_count(group), &config->deflate);
    loops_init(e);
    e->ping = net_frame_new(WS_TEXT, SIO_SPAN("2"));
    e->pong = net_frame_new(WS_TEXT, SIO_SPAN("3"));
    e->noop = net_frame_new(WS_TEXT, SIO_SPAN("6"));
    e->close = net_frame_new(WS_TEXT, SIO_SPAN("1"));
    e->pong_probe = net_frame_new(WS_TEXT, SIO_SPAN("3probe"));
    sio_loop_random(loop_group_at(group, 0), e->key.bytes, sizeof(e->key.bytes));
    return e;
}

void engine_serve(struct engine *e, struct sio_span path, const struct engine_handlers *handlers,
                  void *data) {
    struct endpoint *new = mem_alloc(sizeof(*new) + path.n);
    new->next = e->endpoints;
    new->handlers = *handlers;
    new->data = data;
    new->path_n = (uint32_t)path.n;
    memcpy(new->path, path.p, path.n);
    e->endpoints = new;
}

void engine_leave_files(struct engine *e) { e->files_are_routes = true; }

void engine_free(struct engine *e) {
    for (unsigned i = 0; i < loop_group_count(e->group); i++) {
        struct slots *sessions = &e->loops[i].sessions;
        for (uint32_t slot = 0; slot < sessions->capacity; slot++) session_free(slots_get(sessions, slot));
        slots_fini(sessions);
    }
    net_stalled_free(e->net.stalled);
    net_deflate_free(e->net.deflate);
    rcbuf_unref(e->ping);
    rcbuf_unref(e->pong);
    rcbuf_unref(e->noop);
    rcbuf_unref(e->close);
    rcbuf_unref(e->pong_probe);
    while (e->endpoints) {
        struct endpoint *endpoint = e->endpoints;
        e->endpoints = endpoint->next;
        free(endpoint);
    }
    free(e->loops);
    free(e);
}

void *engine_server(const struct engine *e) { return e->data; }

void engine_accept(struct engine *e, struct sio_loop *loop, int fd, const struct sockaddr *peer, bool local,
                   struct net_tls *tls) {
    atomic_fetch_add_explicit(&e->connections, 1, memory_order_relaxed);
    net_conn_new(loop, fd, peer, local, tls, &e->net);
}

bool engine_upgrade(struct engine *e, struct net_conn *conn, struct sio_span headers, size_t message_bytes) {
    if (!net_upgrade(conn, headers)) return false;
    net_conn_set_message_limit(conn, message_bytes);
    atomic_fetch_add_explicit(&e->websockets, 1, memory_order_relaxed);
    return true;
}

void engine_abort(struct engine *e, struct net_conn *conn) {
    net_conn_set_data(conn, NULL);
    net_abort(conn);
    atomic_fetch_sub_explicit(&e->connections, 1, memory_order_relaxed);
}

/* ---- stopping ---- */

void engine_stop_reading(struct engine *e, struct sio_loop *loop) {
    struct engine_loop *l = engine_loop_of(e, loop);
    l->stopping = true;
    for (uint32_t i = 0; i < l->sessions.capacity; i++) {
        struct engine_session *s = slots_get(&l->sessions, i);
        if (s && s->conn) net_pause(s->conn, true);
    }
}

void engine_close_all(struct engine *e, struct sio_loop *loop) {
    struct engine_loop *l = engine_loop_of(e, loop);
    for (uint32_t i = 0; i < l->sessions.capacity; i++) {
        struct engine_session *s = slots_get(&l->sessions, i);
        if (!s) continue;
        if (s->conn) net_pause(s->conn, false);         /* to hear the peer's close frame */
        session_end(s, SIO_SERVER_SHUTTING_DOWN, true); /* what is queued goes out with the next poll */
    }
}

uint64_t engine_connection_count(const struct engine *e) {
    return atomic_load_explicit(&e->connections, memory_order_relaxed);
}

uint64_t engine_websocket_count(const struct engine *e) {
    return atomic_load_explicit(&e->websockets, memory_order_relaxed);
}

uint64_t engine_stalled_count(const struct engine *e) {
    uint64_t n = net_stalled_closed(e->net.stalled);
    for (unsigned i = 0; i < loop_group_count(e->group); i++)
        n += atomic_load_explicit(&e->loops[i].unpolled_closed, memory_order_relaxed);
    return n;
}

uint64_t engine_session_count(const struct engine *e) {
    uint64_t n = 0;
    for (unsigned i = 0; i < loop_group_count(e->group); i++)
        n += atomic_load_explicit(&e->loops[i].session_count, memory_order_relaxed);
    return n;
}

uint64_t engine_refused_count(const struct engine *e) {
    uint64_t n = 0;
    for (unsigned i = 0; i < loop_group_count(e->group); i++)
        n += atomic_load_explicit(&e->loops[i].refused, memory_order_relaxed);
    return n;
}
