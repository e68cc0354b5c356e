/* Refusals: what a request that cannot be served is told, as JSON for polling clients, as bare text for WebSockets. */
#include "engine/internal.h"

#include "sio_json.h"

static const struct {
    int code, status;
    const char *message;
} refusals[] = {
#define REFUSAL_ROW(name, code, status, message) {code, status, message},
    REFUSAL_TABLE(REFUSAL_ROW)
#undef REFUSAL_ROW
};

enum { WEBSOCKET_STATUS = 400 }; /* whatever the reason, as the reference server does */

static void write_json(struct sio_strbuf *body, enum refusal why, struct sio_span message) {
    struct sio_json_writer w;
    sio_json_begin(&w, body);
    sio_json_object_open(&w);
    sio_json_key(&w, SIO_SPAN("code"));
    sio_json_i64(&w, refusals[why].code);
    sio_json_key(&w, SIO_SPAN("message"));
    sio_json_string(&w, message);
    sio_json_object_close(&w);
}

void refuse(struct engine *engine, struct net_conn *conn, const struct net_request *request, enum refusal why,
            struct sio_span message) {
    struct sio_strbuf lines, body;
    atomic_fetch_add_explicit(&engine_loop_of(engine, net_conn_loop(conn))->refused, 1, memory_order_relaxed);
    if (message.n == 0) message = sio_span_cstr(refusals[why].message);
    sio_strbuf_init(&lines);
    sio_strbuf_init(&body);
    if (request->websocket) {
        sio_strbuf_lit(&lines, "Content-Type: text/html\r\n");
        sio_strbuf_span(&body, message);
    } else {
        sio_strbuf_lit(&lines, "Content-Type: application/json\r\n");
        write_json(&body, why, message);
    }
    cors_headers(&engine->config->cors, request->headers, &lines);
    struct rcbuf *shared = rcbuf_copy(sio_strbuf_as_span(&body));
    int status = request->websocket ? WEBSOCKET_STATUS : refusals[why].status;
    net_respond(conn, status, sio_strbuf_as_span(&lines), shared, request->websocket);
    rcbuf_unref(shared);
    sio_strbuf_fini(&lines);
    sio_strbuf_fini(&body);
}
