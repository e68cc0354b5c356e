/* Engine.IO's HTTP requests: which are for it, on which loop they belong, and what becomes of each. */
#include "base/mem.h"
#include "codec/http1.h"
#include "engine/internal.h"

/* ---- heads ---- */

static struct engine_session *find_session(struct engine *engine, const struct endpoint *endpoint,
                                           struct sio_loop *loop, struct sio_span sid) {
    unsigned index;
    uint32_t slot;
    if (!sid_parse(&engine->key, sid, &index, &slot) || index != sio_loop_index(loop)) return NULL;
    struct engine_session *s = slots_get(&engine_loop_of(engine, loop)->sessions, slot);
    return s && s->endpoint == endpoint && sid_eq(s->sid, sid) ? s : NULL;
}

/* /socket.io/socket.io.js: something stands behind the endpoint's path, and no EIO in the query. Engine.IO could only
 * refuse it. */
static bool names_a_file(const struct endpoint *endpoint, const struct net_request *request) {
    struct sio_span name = sio_span_skip(request->path, endpoint->path_n);
    struct parameter eio;
    return !sio_span_is(name, "") && !sio_span_is(name, "/") && !request->websocket &&
           !has_parameter(request, SIO_SPAN("EIO"), &eio);
}

/* NULL: the request is a route's. */
static const struct endpoint *find_endpoint(const struct engine *engine, const struct net_request *request) {
    const struct endpoint *best = NULL;
    for (const struct endpoint *e = engine->endpoints; e; e = e->next)
        if (sio_span_starts(request->path, sio_span_of(e->path, e->path_n)) &&
            (!best || e->path_n > best->path_n))
            best = e;
    return best && engine->files_are_routes && names_a_file(best, request) ? NULL : best;
}

/* A stopping server still answers polls of the sessions it has: that is how what it finishes reaches them. */
static bool is_poll(struct engine *engine, const struct net_request *request) {
    struct parameter sid;
    return find_endpoint(engine, request) && sio_span_is(request->method, "GET") && !request->websocket &&
           parameter(request, SIO_SPAN("sid"), &sid).n > 0;
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
    parameter(request, SIO_SPAN("sid"), &sid);
    if (!sid_parse(&engine->key, sio_span_of(sid.bytes, sid.n), &loop, &slot) ||
        loop >= loop_group_count(engine->group))
        return go_on;
    if (loop != sio_loop_index(net_conn_loop(conn)))
        return (struct net_verdict){.kind = NET_MOVE, .loop = loop};
    struct engine_session *s =
        find_session(engine, endpoint, net_conn_loop(conn), sio_span_of(sid.bytes, sid.n));
    go_on.body_limit_bytes = session_max_payload(engine, s);
    if (s && s->polling && sio_span_is(request->method, "POST") && !polling_post_begin(s, conn))
        return (struct net_verdict){.kind = NET_REFUSE, .status = 400};
    return go_on;
}

/* ---- refused ---- */

void request_refuse(struct engine *engine, struct net_conn *conn, const struct net_request *request,
                    int status) {
    struct sio_strbuf lines;
    sio_strbuf_init(&lines);
    cors_headers(&engine->config->cors, request->headers, &lines);
    net_respond(conn, status, sio_strbuf_as_span(&lines), NULL, false);
    sio_strbuf_fini(&lines);
}

/* Those of Engine.IO get no body, as from the reference server. A POST that is too long, or broken, ends its session at
 * once: what it should have brought is missing, and the client gives up as well. (The reference server keeps the session
 * until its heartbeat fails.) */
void request_refused(struct net_conn *conn, const struct net_request *request, struct net_refusal *answer) {
    struct engine *engine = net_conn_options(conn)->data;
    bool local = net_conn_local(conn);
    if (!local) cors_headers(&engine->config->cors, request->headers, &answer->lines);
    if (local || !find_endpoint(engine, request)) engine->routes.on_route_refused(conn, request, answer);
    struct engine_session *s = net_conn_data(conn);
    if (!s) return;
    polling_post_end(conn);
    session_end(s, SIO_TRANSPORT_ERROR, false);
}

/* ---- requests of a session ---- */

static void session_websocket(struct engine_session *s, struct net_conn *conn,
                              const struct net_request *request) {
    struct sio_strbuf lines;
    bool base64 = wants_base64(request);
    sio_strbuf_init(&lines);
    headers_success(s->engine, request, &lines);
    /* A probe's messages are as short as those of a session that has joined nothing, until it takes over. */
    if (engine_upgrade(s->engine, conn, sio_strbuf_as_span(&lines), session_max_payload(s->engine, NULL)))
        upgrade_begin(s, conn, base64);
    sio_strbuf_fini(&lines);
}

static void session_request(struct engine_session *s, struct net_conn *conn,
                            const struct net_request *request, struct sio_span transport) {
    struct engine *engine = s->engine;
    if (protocol_of(engine, request) != s->protocol) {
        refuse(engine, conn, request, REFUSAL_BAD_REQUEST, (struct sio_span){0});
    } else if (request->websocket && sio_span_is(transport, "websocket")) {
        session_websocket(s, conn, request);
    } else if (request->websocket || !sio_span_is(transport, "polling") || !s->polling) {
        refuse(engine, conn, request, REFUSAL_BAD_REQUEST, (struct sio_span){0});
    } else if (session_expired(s)) {
        refuse(engine, conn, request, REFUSAL_SID_UNKNOWN, (struct sio_span){0});
    } else if (sio_span_is(request->method, "GET")) {
        polling_get(s, conn, request);
    } else if (sio_span_is(request->method, "POST")) {
        polling_post(s, conn, request);
    } else {
        request_refuse(engine, conn, request, 500);
    }
}

static bool is_enabled(const struct engine *engine, struct sio_span transport) {
    unsigned enabled = engine->config->transports;
    return (sio_span_is(transport, "polling") && (enabled & SIO_POLLING)) ||
           (sio_span_is(transport, "websocket") && (enabled & SIO_WEBSOCKET));
}

static void handle_engine(struct engine *engine, const struct endpoint *endpoint, struct net_conn *conn,
                          const struct net_request *request) {
    struct parameter transport_bytes, sid_bytes;
    polling_post_end(conn);
    struct sio_span transport = parameter(request, SIO_SPAN("transport"), &transport_bytes);
    struct sio_span sid = parameter(request, SIO_SPAN("sid"), &sid_bytes);
    if (!is_enabled(engine, transport)) {
        refuse(engine, conn, request, REFUSAL_TRANSPORT_UNKNOWN, (struct sio_span){0});
        return;
    }
    if (!sid.n) {
        handshake_begin(engine, endpoint, conn, request, transport);
        return;
    }
    struct engine_session *s = find_session(engine, endpoint, net_conn_loop(conn), sid);
    if (s)
        session_request(s, conn, request, transport);
    else
        refuse(engine, conn, request, REFUSAL_SID_UNKNOWN, (struct sio_span){0});
}

static void answer_preflight(struct engine *engine, struct net_conn *conn,
                             const struct net_request *request) {
    struct sio_strbuf lines;
    sio_strbuf_init(&lines);
    cors_preflight(&engine->config->cors, request->headers, &lines);
    net_respond(conn, 204, sio_strbuf_as_span(&lines), NULL, false);
    sio_strbuf_fini(&lines);
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
