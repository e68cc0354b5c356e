/* Handshakes: whether a request for a session is right, whether the program lets it in, and the session's beginning. */
#include "base/mem.h"
#include "codec/http1.h"
#include "engine/internal.h"

/* Clients of version 3 may begin to listen for packets when they hear that the WebSocket is open, and miss what came with
 * that: their open packet follows a moment later. */
enum { EIO3_OPEN_DELAY_MS = 50 };

/* One that the program decides about. */
struct sio_handshake {
    enum engine_owner owner; /* ENGINE_HANDSHAKE; first, see engine.h */
    struct sio_task task;
    struct engine *engine;
    const struct endpoint *endpoint;
    struct sio_loop *loop;
    struct net_conn *conn; /* NULL once the client has gone */
    const struct net_request *request;
    char address[NET_ADDRESS_TEXT];
    bool refused;
    struct sio_strbuf message;
};

/* ---- the session's beginning ---- */

static void begin_polling(struct engine *engine, const struct endpoint *endpoint, struct net_conn *conn,
                          const struct net_request *request) {
    struct engine_session *s = session_new(engine, endpoint, request, conn, protocol_of(engine, request));
    s->base64 = wants_base64(request);
    s->polling = polling_new(s, request);
    struct rcbuf *open = session_open_frame(s, true);
    answer_poll(s, conn, request, &open, 1);
    rcbuf_unref(open);
    session_start(s);
}

static void open_websocket(struct engine_session *s) {
    struct rcbuf *open = session_open_frame(s, false);
    enum sio_err e = net_send(s->conn, open);
    rcbuf_unref(open);
    session_start(s);
    if (e != SIO_ERR_OK) engine_close_later(s, SIO_TRANSPORT_ERROR);
}

static void open_late(struct sio_timer *timer) {
    struct engine_session *s = container_of(timer, struct engine_session, timer);
    net_pause(s->conn, engine_loop_of(s->engine, s->loop)->stopping);
    open_websocket(s);
}

/* The request's bytes are gone once the connection speaks WebSocket: the session keeps what it needs first. */
static void begin_websocket(struct engine *engine, const struct endpoint *endpoint, struct net_conn *conn,
                            const struct net_request *request) {
    struct engine_session *s = session_new(engine, endpoint, request, conn, protocol_of(engine, request));
    struct sio_strbuf lines;
    s->base64 = wants_base64(request);
    sio_strbuf_init(&lines);
    headers_success(engine, request, &lines);
    bool upgraded =
        engine_upgrade(engine, conn, sio_strbuf_as_span(&lines), session_max_payload(engine, NULL));
    sio_strbuf_fini(&lines);
    if (!upgraded) {
        session_gone(s);
        return;
    }
    s->conn = conn;
    net_conn_set_data(conn, s);
    if (s->protocol == 4) {
        open_websocket(s);
    } else {
        net_pause(conn, true);
        sio_timer_start(s->loop, &s->timer, EIO3_OPEN_DELAY_MS, open_late);
    }
}

static void begin(struct engine *engine, const struct endpoint *endpoint, struct net_conn *conn,
                  const struct net_request *request) {
    struct engine_loop *l = engine_loop_of(engine, net_conn_loop(conn));
    if (l->stopping || !unjoined_make_room(l))
        request_refuse(engine, conn, request, 503);
    else if (request->websocket)
        begin_websocket(engine, endpoint, conn, request);
    else
        begin_polling(engine, endpoint, conn, request);
}

/* ---- asked ---- */

static enum refusal check(const struct engine *engine, const struct net_request *request,
                          struct sio_span transport) {
    if (!sio_span_is(request->method, "GET")) return REFUSAL_BAD_METHOD;
    if (sio_span_is(transport, "websocket") != request->websocket) return REFUSAL_BAD_REQUEST;
    return protocol_of(engine, request) ? REFUSAL_NONE : REFUSAL_PROTOCOL;
}

static void ask(struct engine *engine, const struct endpoint *endpoint, struct net_conn *conn,
                const struct net_request *request) {
    struct sio_handshake *h = mem_new(struct sio_handshake);
    h->owner = ENGINE_HANDSHAKE;
    h->engine = engine;
    h->endpoint = endpoint;
    h->loop = net_conn_loop(conn);
    h->conn = conn;
    h->request = request;
    net_conn_address(conn, h->address);
    net_conn_set_data(conn, &h->owner);
    engine->decide(h, engine->decide_data);
}

void handshake_begin(struct engine *engine, const struct endpoint *endpoint, struct net_conn *conn,
                     const struct net_request *request, struct sio_span transport) {
    enum refusal why = check(engine, request, transport);
    if (why != REFUSAL_NONE)
        refuse(engine, conn, request, why, (struct sio_span){0});
    else if (engine->decide)
        ask(engine, endpoint, conn, request);
    else
        begin(engine, endpoint, conn, request);
}

void handshake_gone(struct net_conn *conn) {
    struct sio_handshake *h =
        container_of((enum engine_owner *)net_conn_data(conn), struct sio_handshake, owner);
    net_conn_set_data(conn, NULL);
    h->conn = NULL;
    h->request = NULL;
}

struct sio_span sio_handshake_path(const struct sio_handshake *h) {
    return h->request ? h->request->path : (struct sio_span){0};
}
struct sio_span sio_handshake_query(const struct sio_handshake *h) {
    return h->request ? h->request->query : (struct sio_span){0};
}
struct sio_span sio_handshake_header(const struct sio_handshake *h, struct sio_span name) {
    return h->request ? http1_header(h->request->headers, name) : (struct sio_span){0};
}
struct sio_span sio_handshake_address(const struct sio_handshake *h) {
    return sio_span_cstr(h->address);
}
struct sio_loop *sio_handshake_loop(const struct sio_handshake *h) {
    return h->loop;
}

/* ---- decided ---- */

static void decided(struct sio_task *task) {
    struct sio_handshake *h = container_of(task, struct sio_handshake, task);
    if (h->conn) {
        net_conn_set_data(h->conn, NULL);
        if (h->refused)
            refuse(h->engine, h->conn, h->request, REFUSAL_FORBIDDEN, sio_strbuf_as_span(&h->message));
        else
            begin(h->engine, h->endpoint, h->conn, h->request);
    }
    sio_strbuf_fini(&h->message);
    free(h);
}

static void decide(struct sio_handshake *h) {
    h->task.run = decided;
    if (sio_loop_here() == h->loop)
        decided(&h->task);
    else
        sio_loop_post(h->loop, &h->task);
}

void sio_handshake_accept(struct sio_handshake *h) { decide(h); }

void sio_handshake_refuse(struct sio_handshake *h, struct sio_span message) {
    h->refused = true;
    sio_strbuf_span(&h->message, message);
    decide(h);
}

void engine_on_handshake(struct engine *engine, void (*fn)(struct sio_handshake *handshake, void *data),
                         void *data) {
    engine->decide = fn;
    engine->decide_data = data;
}
