/* Engine.IO's HTTP requests: which are for it, whether they are right, and the refusals with their codes. */
#include "base/mem.h"
#include "codec/http1.h"
#include "engine/internal.h"

/*    name                 code  status  message */
#define REFUSAL_TABLE(X)                                                                                     \
    X(TRANSPORT_UNKNOWN, 0, 400, "Transport unknown")                                                        \
    X(SID_UNKNOWN, 1, 400, "Session ID unknown")                                                             \
    X(BAD_METHOD, 2, 400, "Bad handshake method")                                                            \
    X(BAD_REQUEST, 3, 400, "Bad request")                                                                    \
    X(PROTOCOL, 5, 400, "Unsupported protocol version")

enum refusal {
#define REFUSAL_ENUM(name, code, status, message) REFUSAL_##name,
    REFUSAL_TABLE(REFUSAL_ENUM)
#undef REFUSAL_ENUM
        REFUSAL_NONE
};

static const struct {
    int code, status;
    const char *message;
} refusals[] = {
#define REFUSAL_ROW(name, code, status, message) {code, status, message},
    REFUSAL_TABLE(REFUSAL_ROW)
#undef REFUSAL_ROW
};

/* A query parameter of at most 63 bytes; longer ones are none of ours. */
struct parameter {
    char bytes[64];
    size_t n;
};

static struct span parameter(const struct net_request *request, struct span name, struct parameter *out) {
    char stack[512], *decoded = request->query.n <= sizeof(stack) ? stack : mem_alloc(request->query.n);
    out->n = 0;
    size_t n;
    if (url_query(request->query, name, decoded, &n)) {
        if (n > sizeof(out->bytes)) {
            n = 1;
            decoded[0] = '?'; /* there, but nothing that could be right */
        }
        memcpy(out->bytes, decoded, n);
        out->n = n;
    }
    if (decoded != stack) free(decoded);
    return span_of(out->bytes, out->n);
}

/* ---- heads ---- */

static struct engine_session *find_session(struct engine *engine, const struct endpoint *endpoint,
                                           struct sio_loop *loop, struct span sid) {
    unsigned index;
    uint32_t slot;
    if (!sid_parse(&engine->key, sid, &index, &slot) || index != sio_loop_index(loop)) return NULL;
    struct engine_session *s = slots_get(&engine_loop_of(engine, loop)->sessions, slot);
    return s && s->endpoint == endpoint && sid_eq(s->sid, sid) ? s : NULL;
}

/* NULL: the request is a route's. */
static const struct endpoint *find_endpoint(const struct engine *engine, const struct net_request *request) {
    const struct endpoint *best = NULL;
    for (const struct endpoint *e = engine->endpoints; e; e = e->next)
        if (span_starts(request->path, span_of(e->path, e->path_n)) && (!best || e->path_n > best->path_n))
            best = e;
    return best;
}

/* A stopping server still answers polls of the sessions it has: that is how what it finishes reaches them. */
static bool is_poll(struct engine *engine, const struct net_request *request) {
    struct parameter sid;
    return find_endpoint(engine, request) && span_is(request->method, "GET") && !request->websocket &&
           parameter(request, SPAN("sid"), &sid).n > 0;
}

static struct net_verdict route_head(struct engine *engine, struct net_conn *conn,
                                     const struct net_request *request) {
    const struct sio_config *config = engine->config;
    size_t most = net_conn_local(conn) ? config->max_local_body_bytes : config->max_http_body_bytes;
    size_t wanted = engine->routes.on_route_head(conn, request);
    return (struct net_verdict){.kind = NET_GO_ON, .body_limit_bytes = wanted < most ? wanted : most};
}

struct net_verdict request_head(struct net_conn *conn, const struct net_request *request) {
    struct engine *engine = net_conn_options(conn)->data;
    struct net_verdict go_on = {.kind = NET_GO_ON};
    if (engine_loop_of(engine, net_conn_loop(conn))->stopping && !is_poll(engine, request))
        return (struct net_verdict){.kind = NET_REFUSE, .status = 503};
    const struct endpoint *endpoint = net_conn_local(conn) ? NULL : find_endpoint(engine, request);
    if (!endpoint) return route_head(engine, conn, request);
    go_on.body_limit_bytes = session_max_payload(engine, NULL);
    struct parameter sid;
    unsigned loop;
    uint32_t slot;
    parameter(request, SPAN("sid"), &sid);
    if (!sid_parse(&engine->key, span_of(sid.bytes, sid.n), &loop, &slot) ||
        loop >= loop_group_count(engine->group))
        return go_on;
    if (loop != sio_loop_index(net_conn_loop(conn)))
        return (struct net_verdict){.kind = NET_MOVE, .loop = loop};
    struct engine_session *s = find_session(engine, endpoint, net_conn_loop(conn), span_of(sid.bytes, sid.n));
    go_on.body_limit_bytes = session_max_payload(engine, s);
    if (s && s->polling && span_is(request->method, "POST") && !polling_post_begin(s, conn))
        return (struct net_verdict){.kind = NET_REFUSE, .status = 400};
    return go_on;
}

/* ---- refusals ---- */

void request_refuse(struct engine *engine, struct net_conn *conn, const struct net_request *request,
                    int status) {
    struct strbuf lines;
    strbuf_init(&lines);
    cors_headers(&engine->config->cors, request->headers, &lines);
    net_respond(conn, status, strbuf_as_span(&lines), NULL, false);
    strbuf_fini(&lines);
}

static void refuse(struct engine *engine, struct net_conn *conn, const struct net_request *request,
                   enum refusal why) {
    struct strbuf lines;
    char text[96];
    atomic_fetch_add_explicit(&engine_loop_of(engine, net_conn_loop(conn))->refused, 1, memory_order_relaxed);
    strbuf_init(&lines);
    int n;
    if (request->websocket) {
        strbuf_lit(&lines, "Content-Type: text/html\r\n");
        n = snprintf(text, sizeof(text), "%s", refusals[why].message);
    } else {
        strbuf_lit(&lines, "Content-Type: application/json\r\n");
        n = snprintf(text, sizeof(text), "{\"code\":%d,\"message\":\"%s\"}", refusals[why].code,
                     refusals[why].message);
    }
    cors_headers(&engine->config->cors, request->headers, &lines);
    struct rcbuf *body = rcbuf_copy(span_of(text, (size_t)n));
    net_respond(conn, refusals[why].status, strbuf_as_span(&lines), body, request->websocket);
    rcbuf_unref(body);
    strbuf_fini(&lines);
}

/* ---- handshakes ---- */

static enum refusal check_handshake(const struct net_request *request, struct span transport) {
    struct parameter eio;
    if (!span_is(request->method, "GET")) return REFUSAL_BAD_METHOD;
    if (span_is(transport, "websocket") != request->websocket) return REFUSAL_BAD_REQUEST;
    if (!span_is(parameter(request, SPAN("EIO"), &eio), "4")) return REFUSAL_PROTOCOL;
    return REFUSAL_NONE;
}

static void handshake_polling(struct engine *engine, const struct endpoint *endpoint, struct net_conn *conn,
                              const struct net_request *request) {
    struct engine_session *s = session_new(engine, endpoint, request, conn);
    struct strbuf open;
    s->polling = polling_new(s);
    strbuf_init(&open);
    session_open_packet(s, true, &open);
    polling_respond(engine, conn, request, strbuf_as_span(&open));
    strbuf_fini(&open);
    session_start(s);
}

static void upgrade_headers(struct engine *engine, const struct net_request *request, struct strbuf *lines) {
    strbuf_init(lines);
    cors_headers(&engine->config->cors, request->headers, lines);
}

/* A probe's messages are as short as those of a session that has joined nothing, until it takes over. */
static bool request_upgrade(struct engine *engine, struct net_conn *conn, struct span headers) {
    return engine_upgrade(engine, conn, headers, session_max_payload(engine, NULL));
}

static void handshake_websocket(struct engine *engine, const struct endpoint *endpoint, struct net_conn *conn,
                                const struct net_request *request) {
    /* The request's bytes are gone once the connection speaks WebSocket: the session keeps what it needs
     * first. */
    struct engine_session *s = session_new(engine, endpoint, request, conn);
    struct strbuf text;
    upgrade_headers(engine, request, &text);
    bool upgraded = request_upgrade(engine, conn, strbuf_as_span(&text));
    strbuf_clear(&text);
    s->conn = conn;
    if (!upgraded) {
        s->conn = NULL;
        session_gone(s);
    } else {
        net_conn_set_data(conn, s);
        session_open_packet(s, false, &text);
        struct rcbuf *frame = net_frame_new(WS_TEXT, strbuf_as_span(&text));
        if (net_send(conn, frame) != ERR_OK) engine_close_later(s, SIO_TRANSPORT_ERROR);
        rcbuf_unref(frame);
        session_start(s);
    }
    strbuf_fini(&text);
}

/* ---- requests of a session ---- */

static void session_websocket(struct engine_session *s, struct net_conn *conn,
                              const struct net_request *request) {
    struct strbuf lines;
    upgrade_headers(s->engine, request, &lines);
    if (request_upgrade(s->engine, conn, strbuf_as_span(&lines))) upgrade_begin(s, conn);
    strbuf_fini(&lines);
}

static void session_request(struct engine_session *s, struct net_conn *conn,
                            const struct net_request *request, struct span transport) {
    struct parameter eio;
    struct engine *engine = s->engine;
    if (!span_is(parameter(request, SPAN("EIO"), &eio), "4")) {
        refuse(engine, conn, request, REFUSAL_BAD_REQUEST);
    } else if (request->websocket && span_is(transport, "websocket")) {
        session_websocket(s, conn, request);
    } else if (request->websocket || !span_is(transport, "polling") || !s->polling) {
        refuse(engine, conn, request, REFUSAL_BAD_REQUEST);
    } else if (span_is(request->method, "GET")) {
        if (session_expired(s))
            refuse(engine, conn, request, REFUSAL_SID_UNKNOWN);
        else
            polling_get(s, conn, request);
    } else if (span_is(request->method, "POST")) {
        polling_post(s, conn, request);
    } else {
        request_refuse(engine, conn, request, 500);
    }
}

/* Sessions cost memory before anybody has proved who he is: only so many at once. */
static bool is_full(struct engine *engine) {
    return atomic_load_explicit(&engine->unjoined, memory_order_relaxed) >= engine->config->max_unjoined;
}

static void handle_engine(struct engine *engine, const struct endpoint *endpoint, struct net_conn *conn,
                          const struct net_request *request) {
    struct parameter transport_bytes, sid_bytes;
    polling_post_end(conn);
    struct span transport = parameter(request, SPAN("transport"), &transport_bytes);
    struct span sid = parameter(request, SPAN("sid"), &sid_bytes);
    if (!span_is(transport, "polling") && !span_is(transport, "websocket")) {
        refuse(engine, conn, request, REFUSAL_TRANSPORT_UNKNOWN);
        return;
    }
    if (sid.n) {
        struct engine_session *s = find_session(engine, endpoint, net_conn_loop(conn), sid);
        if (s)
            session_request(s, conn, request, transport);
        else
            refuse(engine, conn, request, REFUSAL_SID_UNKNOWN);
        return;
    }
    if (engine_loop_of(engine, net_conn_loop(conn))->stopping) { /* its head came before */
        request_refuse(engine, conn, request, 503);
        return;
    }
    enum refusal why = check_handshake(request, transport);
    if (why == REFUSAL_NONE && is_full(engine))
        request_refuse(engine, conn, request, 503);
    else if (why != REFUSAL_NONE)
        refuse(engine, conn, request, why);
    else if (request->websocket)
        handshake_websocket(engine, endpoint, conn, request);
    else
        handshake_polling(engine, endpoint, conn, request);
}

static void answer_preflight(struct engine *engine, struct net_conn *conn,
                             const struct net_request *request) {
    struct strbuf lines;
    strbuf_init(&lines);
    cors_preflight(&engine->config->cors, request->headers, &lines);
    net_respond(conn, 204, strbuf_as_span(&lines), NULL, false);
    strbuf_fini(&lines);
}

void request_handle(struct net_conn *conn, const struct net_request *request) {
    struct engine *engine = net_conn_options(conn)->data;
    const struct endpoint *endpoint = net_conn_local(conn) ? NULL : find_endpoint(engine, request);
    if (!net_conn_local(conn) && cors_is_preflight(&engine->config->cors, request->method))
        answer_preflight(engine, conn, request);
    else if (endpoint)
        handle_engine(engine, endpoint, conn, request);
    else
        engine->routes.on_route(conn, request);
}
