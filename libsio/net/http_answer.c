/* Answers to requests: ordinary ones, refusals, and the switch to WebSocket. */
#include "base/mem.h"
#include "base/must.h"
#include "net/conn_state.h"
#include "net/date.h"

static void status_line(struct strbuf *text, int status) {
    strbuf_printf(text, "HTTP/1.1 %d %s\r\n", status, http1_reason(status));
}

static void push_text(struct net_conn *conn, struct strbuf *text) {
    conn_push(conn, rcbuf_copy(strbuf_as_span(text)));
    strbuf_fini(text);
}

/* These have no body and say no length (RFC 9110 §6.4.1, §8.6). */
static bool is_bodiless(int status) { return status < 200 || status == 204 || status == 304; }

static void add_date(struct strbuf *text, const struct net_conn *conn) {
    char date[HTTP_DATE_TEXT + 1];
    http_date(sio_loop_wall_ms(conn->loop), date);
    strbuf_lit(text, "Date: ");
    strbuf_add(text, date, HTTP_DATE_TEXT);
    strbuf_lit(text, "\r\n");
}

static void push_answer(struct net_conn *conn, int status, struct span headers, struct rcbuf *body,
                        bool with_body, bool close) {
    struct strbuf text = {0};
    status_line(&text, status);
    add_date(&text, conn);
    strbuf_span(&text, headers);
    if (!is_bodiless(status)) strbuf_printf(&text, "Content-Length: %u\r\n", body != NULL ? body->n : 0);
    if (close)
        strbuf_lit(&text, "Connection: close\r\n\r\n");
    else
        strbuf_printf(&text, "Connection: keep-alive\r\nKeep-Alive: timeout=%u\r\n\r\n",
                      conn->options->limits.keepalive_ms / 1000);
    push_text(conn, &text);
    if (body != NULL && with_body && !is_bodiless(status)) conn_push(conn, rcbuf_ref(body));
}

/* The request is over; inside on_request its memory lasts until that returns. */
static void http_end(struct net_conn *conn) {
    struct net_http *http = conn->http;
    conn->http = NULL;
    conn->served = true;
    if (http->in_call)
        http->answered = true;
    else
        http_free(http);
}

void net_respond(struct net_conn *conn, int status, struct span headers, struct rcbuf *body, bool close) {
    if (conn->state > NET_WAITING) return; /* it has ended meanwhile */
    must(conn->state == NET_WAITING);
    const struct http1_head *head = &conn->http->head;
    close = close || conn->close_after || !head->keep_alive;
    push_answer(conn, status, headers, body, !span_is(head->method, "HEAD"), close);
    /* A client that has asked for the end sends nothing more; another one may be sending already, and would
     * lose the answer if its bytes met a closed socket. */
    bool linger = head->keep_alive || conn->ahead != NULL;
    enum sio_reason reason = head->keep_alive ? SIO_FORCED_CLOSE : SIO_TRANSPORT_CLOSE;
    http_end(conn);
    if (close)
        conn_flush_and_end(conn, linger, reason);
    else
        conn_set_state(conn, NET_HEAD);
}

void http_refuse(struct net_conn *conn, int status) {
    struct strbuf lines = {0};
    bool known = conn->http != NULL && conn->http->request.method.n > 0; /* its head was right */
    if (known && conn->options->handlers.on_refused != NULL)
        conn->options->handlers.on_refused(conn, &conn->http->request, &lines);
    push_answer(conn, status, strbuf_as_span(&lines), NULL, false, true);
    strbuf_fini(&lines);
    conn_flush_and_end(conn, true, SIO_TRANSPORT_ERROR);
}

/* ---- WebSocket ---- */

static bool is_version_known(struct span headers) {
    struct span version = http1_header(headers, SPAN("Sec-WebSocket-Version"));
    return span_is(version, "13") || span_is(version, "8");
}

static void refuse_handshake(struct net_conn *conn, struct span headers, struct span text) {
    struct rcbuf *body = rcbuf_copy(text);
    net_respond(conn, 400, headers, body, true);
    rcbuf_unref(body);
}

/* Of several subprotocols the first one offered is taken, if it is a token. */
static struct span first_protocol(struct span headers) {
    struct span offered = http1_header(headers, SPAN("Sec-WebSocket-Protocol"));
    struct span first = span_trim(span_cut(&offered, ','));
    return http1_is_token(first) ? first : (struct span){0};
}

static void push_switch(struct net_conn *conn, struct span key, struct span protocol, struct span extensions,
                        struct span headers) {
    char accept[28];
    ws_accept(key, accept);
    struct strbuf text = {0};
    status_line(&text, 101);
    strbuf_lit(&text, "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
    strbuf_add(&text, accept, sizeof(accept));
    if (protocol.n > 0) {
        strbuf_lit(&text, "\r\nSec-WebSocket-Protocol: ");
        strbuf_span(&text, protocol);
    }
    strbuf_lit(&text, "\r\n");
    strbuf_span(&text, extensions);
    strbuf_span(&text, headers);
    strbuf_lit(&text, "\r\n");
    push_text(conn, &text);
}

bool net_upgrade(struct net_conn *conn, struct span headers) {
    if (conn->state > NET_WAITING) return false;
    must(conn->state == NET_WAITING);
    const struct net_request *request = &conn->http->request;
    struct span key = http1_header(request->headers, SPAN("Sec-WebSocket-Key"));
    const char *wrong = NULL;
    if (!request->websocket || request->version != 11 || !span_is(request->method, "GET"))
        wrong = "Not a WebSocket handshake";
    else if (!ws_key_valid(key))
        wrong = "Missing or invalid Sec-WebSocket-Key header";
    if (wrong != NULL) {
        refuse_handshake(conn, (struct span){0}, span_cstr(wrong));
        return false;
    }
    if (!is_version_known(request->headers)) {
        refuse_handshake(conn, SPAN("Sec-WebSocket-Version: 13, 8\r\n"),
                         SPAN("Missing or invalid Sec-WebSocket-Version header"));
        return false;
    }
    struct strbuf extensions = {0};
    if (!ws_deflate_agree(conn, request->headers, &extensions)) {
        refuse_handshake(conn, (struct span){0},
                         SPAN("Invalid or unacceptable Sec-WebSocket-Extensions header"));
        return false;
    }
    push_switch(conn, key, first_protocol(request->headers), strbuf_as_span(&extensions), headers);
    strbuf_fini(&extensions);
    http_end(conn);
    conn_set_state(conn, NET_WEBSOCKET);
    conn->upgraded = true;
    sio_timer_stop(conn->loop, &conn->timer);
    if (conn->close_after) net_close(conn, 0);
    return true;
}
