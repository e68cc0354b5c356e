/* Requests as they come in: the head, the owner's verdict on it, the body. */
#include "base/mem.h"
#include "base/must.h"
#include "net/conn_state.h"

static struct net_http *http_begin(struct net_conn *conn) {
    conn->http = mem_new(struct net_http);
    conn_timer(conn, conn->options->limits.head_timeout_ms);
    return conn->http;
}

void http_free(struct net_http *http) {
    if (http == NULL) return;
    sio_strbuf_fini(&http->head_text);
    sio_strbuf_fini(&http->body);
    free(http);
}

/* ---- the end of a head ---- */

static char head_byte(const struct net_http *http, const char *p, size_t i, size_t back) {
    if (i >= back) return p[i - back];
    size_t kept = back - i; /* so far from the end of what came before */
    return kept <= http->head_text.n ? http->head_text.p[http->head_text.n - kept] : 0;
}

/* How many bytes of p[0..n) go up to and with the empty line, with what came before in mind; 0: no end yet.
 */
static size_t head_end(const struct net_http *http, const char *p, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const char *line_feed = memchr(p + i, '\n', n - i);
        if (line_feed == NULL) return 0;
        i = (size_t)(line_feed - p);
        if (head_byte(http, p, i, 1) == '\r' && head_byte(http, p, i, 2) == '\n' &&
            head_byte(http, p, i, 3) == '\r')
            return i + 1;
    }
    return 0;
}

/* Takes what belongs to the head. true: it is worth a look, because its end is there, or because so much has
 * come that it may be recognised as bad. A head that comes in single bytes is not read anew for each. */
static bool gather(struct net_conn *conn, struct net_http *http, struct bytes *in) {
    size_t limit = conn->options->limits.head_bytes;
    size_t room = limit - http->head_text.n;
    size_t look = in->n < room ? in->n : room;
    size_t end = head_end(http, in->p, look);
    size_t take = end != 0 ? end : look;
    sio_strbuf_add(&http->head_text, in->p, take);
    bytes_skip(in, take);
    if (end == 0 && http->head_text.n < limit && http->head_text.n < http->look_at) return false;
    http->look_at = http->head_text.n * 2;
    return true;
}

/* ---- head, verdict, body ---- */

static void complete(struct net_conn *conn, struct net_http *http) {
    http->request.body = sio_strbuf_as_span(&http->body);
    conn_set_state(conn, NET_WAITING);
    conn_update_timer(conn);
    http->in_call = true;
    conn->options->handlers.on_request(conn, &http->request);
    http->in_call = false;
    if (http->answered) http_free(http);
}

static void begin_body(struct net_conn *conn, struct net_http *http, bool more) {
    conn_set_state(conn, NET_BODY);
    conn_timer(conn, conn->options->limits.body_timeout_ms);
    if (http->head.expect_continue && http->head.version == 11 && !more)
        conn_push(conn, rcbuf_copy(SIO_SPAN("HTTP/1.1 100 Continue\r\n\r\n")));
}

static struct net_request request_of(const struct http1_head *head) {
    return (struct net_request){
        .method = head->method,
        .path = head->path,
        .query = head->query,
        .headers = head->headers,
        .version = head->version,
        .websocket = head->upgrade_websocket,
    };
}

/* A head that was not right, or came too slowly, is read once more: it was looked at when less of it was there. */
struct net_request http_known(const struct net_conn *conn) {
    const struct net_http *http = conn->http;
    if (http == NULL || http->request.method.n > 0)
        return http != NULL ? http->request : (struct net_request){0};
    struct http1_head head;
    int status;
    (void)http1_head_parse(sio_strbuf_as_span(&http->head_text), conn->options->limits.head_bytes, &head,
                           &status);
    return request_of(&head);
}

static void head_complete(struct net_conn *conn, struct net_http *http, struct bytes *in) {
    const struct http1_head *head = &http->head;
    http->request = request_of(head);
    struct net_verdict verdict = conn->options->handlers.on_head(conn, &http->request);
    if (conn->state != NET_HEAD) return; /* closed by its owner */
    http->body_limit = verdict.body_limit_bytes;
    if (verdict.kind == NET_MOVE)
        conn_move(conn, verdict.loop, in);
    else if (verdict.kind == NET_REFUSE)
        http_refuse(conn, verdict.status);
    else if (head->has_length && head->content_length > http->body_limit)
        http_refuse(conn, 413);
    else if (head->chunked || head->content_length > 0)
        begin_body(conn, http, in->n > 0);
    else
        complete(conn, http);
}

void http_take_head(struct net_conn *conn, struct bytes *in) {
    struct net_http *http = conn->http != NULL ? conn->http : http_begin(conn);
    if (!gather(conn, http, in)) return;
    int status = 400;
    size_t limit = conn->options->limits.head_bytes;
    enum parse_result result =
        http1_head_parse(sio_strbuf_as_span(&http->head_text), limit, &http->head, &status);
    if (result == PARSE_NEED_MORE && http->head_text.n < limit) return;
    if (result == PARSE_OK && http->head.size == http->head_text.n)
        head_complete(conn, http, in);
    else
        http_refuse(conn, result == PARSE_NEED_MORE ? 431 : status);
}

static void take_chunked(struct net_conn *conn, struct net_http *http, struct bytes *in) {
    size_t data_n = 0, taken = 0;
    char *data = in->p;
    enum parse_result result = http1_chunked_decode(&http->chunked, in->p, in->n, &data_n, &taken);
    bytes_skip(in, taken);
    if (result == PARSE_BAD) {
        http_refuse(conn, 400);
    } else if (data_n > http->body_limit - http->body.n) {
        http_refuse(conn, 413);
    } else {
        sio_strbuf_add(&http->body, data, data_n);
        if (result == PARSE_OK) complete(conn, http);
    }
}

void http_take_body(struct net_conn *conn, struct bytes *in) {
    struct net_http *http = conn->http;
    if (http->head.chunked) {
        take_chunked(conn, http, in);
        return;
    }
    size_t left = (size_t)http->head.content_length - http->body.n;
    size_t take = in->n < left ? in->n : left;
    sio_strbuf_add(&http->body, in->p, take);
    bytes_skip(in, take);
    if (take == left) complete(conn, http);
}
