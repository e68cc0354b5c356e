/* HTTP routes: a request copied out of its connection, so that it can be answered later and from any thread.
 */
#include "base/mem.h"
#include "base/must.h"
#include "base/span.h"
#include "codec/http1.h"
#include "engine/cors.h"
#include "socket/internal.h"

struct route {
    enum engine_owner owner; /* ENGINE_ROUTE; first, see engine.h */
    struct net_conn *conn;   /* NULL once the client has gone */
    struct sio_server *server;
    struct sio_http_request request;
    struct sio_span headers;
    struct sio_task task; /* an answer from another thread */
    struct answer *answer;
    /* Of a request that is refused: where its answer goes; NULL for all others. */
    struct net_refusal *refusal;
    bool answered; /* … and has gone */
    char address[NET_ADDRESS_TEXT];
    char bytes[];
};

struct answer {
    int status;
    size_t lines_n;
    struct rcbuf *body;
    char lines[];
};

/* ---- asked ---- */

static struct route *route_new(struct net_conn *conn, const struct net_request *r,
                               struct sio_server *server) {
    struct route *route =
        mem_alloc(sizeof(*route) + r->method.n + r->path.n + r->query.n + r->headers.n + r->body.n);
    char *at = route->bytes;
    route->owner = ENGINE_ROUTE;
    route->conn = conn;
    route->server = server;
    route->answer = NULL;
    route->refusal = NULL;
    net_conn_address(conn, route->address);
    route->request = (struct sio_http_request){
        .method = span_put(&at, r->method),
        .path = span_put(&at, r->path),
        .query = span_put(&at, r->query),
        .address = sio_span_cstr(route->address),
        .local = net_conn_local(conn),
        .loop = net_conn_loop(conn),
        .data = server->http_data,
    };
    route->headers = span_put(&at, r->headers);
    route->request.body = span_put(&at, r->body);
    return route;
}

/* Nothing is copied for it: the request lives in one call alone. */
static void route_peek(struct route *route, struct net_conn *conn, const struct net_request *r, void *data) {
    *route = (struct route){.headers = r->headers};
    net_conn_address(conn, route->address);
    route->request = (struct sio_http_request){
        .method = r->method,
        .path = r->path,
        .query = r->query,
        .address = sio_span_cstr(route->address),
        .local = net_conn_local(conn),
        .loop = net_conn_loop(conn),
        .data = data,
    };
}

size_t route_head(struct net_conn *conn, const struct net_request *r) {
    struct sio_server *server = engine_server(net_conn_options(conn)->data);
    if (!server->http_body_limit) return SIZE_MAX;
    struct route route;
    route_peek(&route, conn, r, server->http_body_limit_data);
    return server->http_body_limit(&route.request, server->http_body_limit_data);
}

void route_refused(struct net_conn *conn, const struct net_request *r, struct net_refusal *answer) {
    struct sio_server *server = engine_server(net_conn_options(conn)->data);
    if (!server->on_http_refused) return;
    struct route route;
    route_peek(&route, conn, r, server->http_refused_data);
    route.refusal = answer;
    server->on_http_refused(&route.request, answer->status, server->http_refused_data);
}

void route_request(struct net_conn *conn, const struct net_request *r) {
    struct sio_server *server = engine_server(net_conn_options(conn)->data);
    struct websocket_endpoint *endpoint = websocket_endpoint_find(server, r->path);
    if (endpoint) {
        websocket_open(endpoint, conn);
        return;
    }
    struct route *route = route_new(conn, r, server);
    net_conn_set_data(conn, route);
    if (server->on_http)
        server->on_http(&route->request, server->http_data);
    else
        sio_http_respond(&route->request, 404, NULL, 0, (struct sio_span){0});
}

void route_closed(struct net_conn *conn) {
    struct route *route = container_of((enum engine_owner *)net_conn_data(conn), struct route, owner);
    net_conn_set_data(conn, NULL);
    route->conn = NULL;
}

struct sio_span sio_http_header(const struct sio_http_request *request, struct sio_span name) {
    return http1_header(container_of(request, struct route, request)->headers, name);
}

/* ---- answered ---- */

static void route_finish(struct route *route, int status, struct sio_span lines, struct rcbuf *body) {
    if (route->conn) {
        net_conn_set_data(route->conn, NULL);
        net_respond(route->conn, status, lines, body, false);
    }
    free(route);
}

static void answer_run(struct sio_task *task) {
    struct route *route = container_of(task, struct route, task);
    struct answer *a = route->answer;
    route_finish(route, a->status, sio_span_of(a->lines, a->lines_n), a->body);
    rcbuf_unref(a->body);
    free(a);
}

static void lines_add(struct sio_strbuf *lines, const struct sio_http_header_line *headers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        sio_strbuf_span(lines, headers[i].name);
        sio_strbuf_lit(lines, ": ");
        sio_strbuf_span(lines, headers[i].value);
        sio_strbuf_lit(lines, "\r\n");
    }
}

static void refusal_answer(struct route *route, int status, const struct sio_http_header_line *headers,
                           size_t header_count, struct sio_span body) {
    must(!route->answered && sio_loop_here() == route->request.loop);
    route->answered = true;
    route->refusal->status = status;
    lines_add(&route->refusal->lines, headers, header_count);
    sio_strbuf_span(&route->refusal->body, body);
}

void sio_http_respond(struct sio_http_request *request, int status,
                      const struct sio_http_header_line *headers, size_t header_count, struct sio_span body) {
    struct route *route = container_of(request, struct route, request);
    if (route->refusal) {
        refusal_answer(route, status, headers, header_count, body);
        return;
    }
    struct sio_strbuf lines;
    sio_strbuf_init(&lines);
    lines_add(&lines, headers, header_count);
    cors_headers(&route->server->config.cors, route->headers, &lines);
    struct rcbuf *shared = body.n ? rcbuf_copy(body) : NULL;
    if (sio_loop_here() == request->loop) {
        route_finish(route, status, sio_strbuf_as_span(&lines), shared);
        rcbuf_unref(shared);
    } else {
        struct answer *a = mem_alloc(sizeof(*a) + lines.n);
        *a = (struct answer){.status = status, .lines_n = lines.n, .body = shared};
        if (lines.n) memcpy(a->lines, lines.p, lines.n);
        route->answer = a;
        route->task.run = answer_run;
        sio_loop_post(request->loop, &route->task);
    }
    sio_strbuf_fini(&lines);
}

void sio_server_on_http_head(struct sio_server *server,
                             size_t (*body_limit)(const struct sio_http_request *request, void *data),
                             void *data) {
    must(!server->ran);
    server->http_body_limit = body_limit;
    server->http_body_limit_data = data;
}

void sio_server_on_http_refused(struct sio_server *server,
                                void (*handler)(struct sio_http_request *request, int status, void *data),
                                void *data) {
    must(!server->ran);
    server->on_http_refused = handler;
    server->http_refused_data = data;
}

void sio_server_on_http(struct sio_server *server,
                        void (*handler)(struct sio_http_request *request, void *data), void *data) {
    must(!server->ran);
    server->on_http = handler;
    server->http_data = data;
    engine_leave_files(server->engine);
}
