/* Answers to requests: ordinary ones, refusals, and the switch to WebSocket. */
#include "base/mem.h"
#include "base/must.h"
#include "net/conn_state.h"
#include "net/date.h"

static void status_line(struct sio_strbuf *text, int status) {
    sio_strbuf_printf(text, "HTTP/1.1 %d %s\r\n", status, http1_reason(status));
}

static void push_text(struct net_conn *conn, struct sio_strbuf *text) {
    conn_push(conn, rcbuf_copy(sio_strbuf_as_span(text)));
    sio_strbuf_fini(text);
}

/* These have no body and say no length (RFC 9110 §6.4.1, §8.6). */
static bool is_bodiless(int status) { return status < 200 || status == 204 || status == 304; }

static void add_date(struct sio_strbuf *text, const struct net_conn *conn) {
    char date[HTTP_DATE_TEXT + 1];
    http_date(sio_loop_wall_ms(conn->loop), date);
    sio_strbuf_lit(text, "Date: ");
    sio_strbuf_add(text, date, HTTP_DATE_TEXT);
    sio_strbuf_lit(text, "\r\n");
}

static void push_answer(struct net_conn *conn, int status, struct sio_span headers, struct rcbuf *body,
                        bool with_body, bool close) {
    struct sio_strbuf text = {0};
    status_line(&text, status);
    add_date(&text, conn);
    sio_strbuf_span(&text, headers);
    if (!is_bodiless(status)) sio_strbuf_printf(&text, "Content-Length: %u\r\n", body != NULL ? body->n : 0);
    if (close)
        sio_strbuf_lit(&text, "Connection: close\r\n\r\n");
    else
        sio_strbuf_printf(&text, "Connection: keep-alive\r\nKeep-Alive: timeout=%u\r\n\r\n",
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

void net_respond(struct net_conn *conn, int status, struct sio_span headers, struct rcbuf *body, bool close) {
    if (conn->state > NET_WAITING) return; /* it has ended meanwhile */
    must(conn->state == NET_WAITING);
    const struct http1_head *head = &conn->http->head;
    close = close || conn->close_after || !head->keep_alive;
    push_answer(conn, status, headers, body, !sio_span_is(head->method, "HEAD"), close);
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
    struct net_refusal answer = {.status = status};
    struct net_request request = http_known(conn);
    if (conn->options->handlers.on_refused != NULL)
        conn->options->handlers.on_refused(conn, &request, &answer);
    struct rcbuf *body = answer.body.n > 0 ? rcbuf_copy(sio_strbuf_as_span(&answer.body)) : NULL;
    push_answer(conn, answer.status, sio_strbuf_as_span(&answer.lines), body,
                !sio_span_is(request.method, "HEAD"), true);
    rcbuf_unref(body);
    sio_strbuf_fini(&answer.lines);
    sio_strbuf_fini(&answer.body);
    conn_flush_and_end(conn, true, SIO_TRANSPORT_ERROR);
}

/* ---- WebSocket ---- */

static bool is_version_known(struct sio_span headers) {
    struct sio_span version = http1_header(headers, SIO_SPAN("Sec-WebSocket-Version"));
    return sio_span_is(version, "13") || sio_span_is(version, "8");
}

static void refuse_handshake(struct net_conn *conn, struct sio_span headers, struct sio_span text) {
    struct rcbuf *body = rcbuf_copy(text);
    net_respond(conn, 400, headers, body, true);
    rcbuf_unref(body);
}

/* Of several subprotocols the first one offered is taken, if it is a token. */
static struct sio_span first_protocol(struct sio_span headers) {
    struct sio_span offered = http1_header(headers, SIO_SPAN("Sec-WebSocket-Protocol"));
    struct sio_span first = sio_span_trim(sio_span_cut(&offered, ','));
    return http1_is_token(first) ? first : (struct sio_span){0};
}

static void push_switch(struct net_conn *conn, struct sio_span key, struct sio_span protocol,
                        struct sio_span extensions, struct sio_span headers) {
    char accept[28];
    ws_accept(key, accept);
    struct sio_strbuf text = {0};
    status_line(&text, 101);
    sio_strbuf_lit(&text, "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ");
    sio_strbuf_add(&text, accept, sizeof(accept));
    if (protocol.n > 0) {
        sio_strbuf_lit(&text, "\r\nSec-WebSocket-Protocol: ");
        sio_strbuf_span(&text, protocol);
    }
    sio_strbuf_lit(&text, "\r\n");
    sio_strbuf_span(&text, extensions);
    sio_strbuf_span(&text, headers);
    sio_strbuf_lit(&text, "\r\n");
    push_text(conn, &text);
}

bool net_upgrade(struct net_conn *conn, struct sio_span headers) {
    if (conn->state > NET_WAITING) return false;
    must(conn->state == NET_WAITING);
    const struct net_request *request = &conn->http->request;
    struct sio_span key = http1_header(request->headers, SIO_SPAN("Sec-WebSocket-Key"));
    const char *wrong = NULL;
    if (!request->websocket || request->version != 11 || !sio_span_is(request->method, "GET"))
        wrong = "Not a WebSocket handshake";
    else if (!ws_key_valid(key))
        wrong = "Missing or invalid Sec-WebSocket-Key header";
    if (wrong != NULL) {
        refuse_handshake(conn, (struct sio_span){0}, sio_span_cstr(wrong));
        return false;
    }
    if (!is_version_known(request->headers)) {
        refuse_handshake(conn, SIO_SPAN("Sec-WebSocket-Version: 13, 8\r\n"),
                         SIO_SPAN("Missing or invalid Sec-WebSocket-Version header"));
        return false;
    }
    struct sio_strbuf extensions = {0};
    if (!ws_deflate_agree(conn, request->headers, &extensions)) {
        refuse_handshake(conn, (struct sio_span){0},
                         SIO_SPAN("Invalid or unacceptable Sec-WebSocket-Extensions header"));
        return false;
    }
    push_switch(conn, key, first_protocol(request->headers), sio_strbuf_as_span(&extensions), headers);
    sio_strbuf_fini(&extensions);
    http_end(conn);
    conn_set_state(conn, NET_WEBSOCKET);
    conn->upgraded = true;
    sio_timer_stop(conn->loop, &conn->timer);
    if (conn->close_after) net_close(conn, 0);
    return true;
}
