/* A stage for tests of connections: one server connection and its client's end of a socket pair, on loops
 * that the test runs turn by turn. For test programs alone; each includes it once. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/conn_state.h"

struct stage {
    struct loop_group *group;
    struct net_options options;
    struct net_conn *conn;    /* NULL once on_close was called */
    int client;               /* -1: closed */
    struct sio_strbuf seen;   /* what the owner was told: "request GET /;message text hi;closed 0;" */
    struct sio_strbuf got;    /* what the client has received */
    bool ended;               /* … to its end */
    bool reset;               /* … which was not an orderly one */
    struct net_conn *waiting; /* the connection of a request to /wait */
    int socket_type;
    bool tcp;               /* from the next stage_reopen on */
    unsigned sent, refused; /* frames of "flood" */
    struct net_tls *tls;    /* from the next stage_reopen on */
};

static inline uint64_t stage_real_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static inline struct stage *stage_of(struct net_conn *conn) { return net_conn_options(conn)->data; }

/* ---- the server ---- */

static inline void stage_on_open(struct net_conn *conn) {
    stage_of(conn)->conn = conn;
    sio_strbuf_printf(&stage_of(conn)->seen, "open %u;", sio_loop_index(net_conn_loop(conn)));
}

static inline struct net_verdict stage_on_head(struct net_conn *conn, const struct net_request *request) {
    struct sio_strbuf *seen = &stage_of(conn)->seen;
    sio_strbuf_lit(seen, "head ");
    sio_strbuf_span(seen, request->path);
    sio_strbuf_char(seen, ';');
    struct net_verdict verdict = {.kind = NET_GO_ON, .body_limit_bytes = 1000};
    unsigned here = sio_loop_index(net_conn_loop(conn));
    if (sio_span_is(request->path, "/refuse"))
        verdict = (struct net_verdict){.kind = NET_REFUSE, .status = 503};
    if (sio_span_starts(request->path, SIO_SPAN("/move/")) && here != (unsigned)request->path.p[6] - '0')
        verdict = (struct net_verdict){.kind = NET_MOVE, .loop = (unsigned)request->path.p[6] - '0'};
    if (sio_span_is(request->path, "/abort")) net_abort(conn);
    if (sio_span_is(request->path, "/close-in-head")) net_close(conn, 0);
    return verdict;
}

static inline void stage_answer(struct net_conn *conn, struct sio_span text, bool close) {
    struct rcbuf *body = rcbuf_copy(text);
    net_respond(conn, 200, SIO_SPAN("X-A: b\r\n"), body, close);
    rcbuf_unref(body);
}

static inline void stage_on_request(struct net_conn *conn, const struct net_request *request) {
    struct stage *stage = stage_of(conn);
    sio_strbuf_lit(&stage->seen, "request ");
    sio_strbuf_span(&stage->seen, request->method);
    sio_strbuf_char(&stage->seen, ' ');
    sio_strbuf_span(&stage->seen, request->path);
    sio_strbuf_char(&stage->seen, ' ');
    sio_strbuf_span(&stage->seen, request->body);
    sio_strbuf_char(&stage->seen, ';');
    unsigned long long bytes;
    if (sio_span_is(request->path, "/wait")) {
        stage->waiting = conn;
    } else if (sio_span_is(request->path, "/ws")) {
        if (!net_upgrade(conn, SIO_SPAN("X-B: c\r\n"))) sio_strbuf_lit(&stage->seen, "not upgraded;");
    } else if (sio_span_is(request->path, "/big") && sio_span_to_u64(request->query, &bytes)) {
        struct rcbuf *body = rcbuf_new(bytes);
        for (size_t i = 0; i < bytes; i++) body->p[i] = (char)('a' + i % 23);
        net_respond(conn, 200, (struct sio_span){0}, body, false);
        rcbuf_unref(body);
    } else if (sio_span_is(request->path, "/none")) {
        net_respond(conn, 204, (struct sio_span){0}, NULL, false);
    } else {
        stage_answer(conn, request->body.n > 0 ? request->body : request->path,
                     sio_span_is(request->path, "/last"));
        sio_strbuf_span(&stage->seen, sio_span_head(request->headers, 4)); /* still there inside this call */
        sio_strbuf_char(&stage->seen, ';');
    }
}

static inline struct rcbuf *stage_server_frame(bool binary, struct sio_span payload) {
    char head[WS_HEAD_MAX_BYTES];
    size_t n = ws_head_write(head, binary ? WS_BINARY : WS_TEXT, true, false, payload.n);
    struct rcbuf *frame = rcbuf_new(n + payload.n);
    memcpy(frame->p, head, n);
    if (payload.n > 0) memcpy(frame->p + n, payload.p, payload.n);
    return frame;
}

static inline enum sio_err stage_send_frame(struct net_conn *conn, bool binary, struct sio_span payload) {
    struct rcbuf *frame = stage_server_frame(binary, payload);
    enum sio_err e = net_send(conn, frame);
    rcbuf_unref(frame);
    return e;
}

static inline void stage_flood(struct stage *stage, unsigned count) {
    char payload[1000];
    memset(payload, 'f', sizeof(payload));
    for (unsigned i = 0; i < count; i++) {
        enum sio_err e = stage_send_frame(stage->conn, false, sio_span_of(payload, sizeof(payload)));
        if (e == SIO_ERR_OK) stage->sent++;
        if (e == SIO_ERR_LIMIT) stage->refused++;
    }
}

static inline void stage_on_message(struct net_conn *conn, bool binary, struct sio_span message) {
    struct stage *stage = stage_of(conn);
    sio_strbuf_printf(&stage->seen, "%s ", binary ? "binary" : "text");
    if (message.n < 300)
        sio_strbuf_span(&stage->seen, message);
    else
        sio_strbuf_printf(&stage->seen, "%zu bytes", message.n);
    sio_strbuf_char(&stage->seen, ';');
    if (sio_span_is(message, "close"))
        net_close(conn, 1000);
    else if (sio_span_is(message, "close empty"))
        net_close(conn, 0);
    else if (sio_span_is(message, "abort"))
        net_abort(conn);
    else if (sio_span_is(message, "pause"))
        net_pause(conn, true);
    else if (sio_span_is(message, "ten"))
        for (int i = 0; i < 10; i++)
            assert_int_equal(stage_send_frame(conn, false, SIO_SPAN("frame")), SIO_ERR_OK);
    else if (sio_span_is(message, "flood"))
        stage_flood(stage, 2000);
    else if (!sio_span_is(message, "quiet"))
        assert_int_equal(stage_send_frame(conn, binary, message), SIO_ERR_OK);
}

static inline void stage_on_drained(struct net_conn *conn) {
    sio_strbuf_lit(&stage_of(conn)->seen, "drained;");
}

static inline void stage_on_close(struct net_conn *conn, enum sio_reason reason) {
    struct stage *stage = stage_of(conn);
    assert_ptr_equal(stage->conn, conn);
    stage->conn = NULL;
    stage->waiting = NULL;
    sio_strbuf_printf(&stage->seen, "closed %s;",
                      reason == SIO_TRANSPORT_CLOSE   ? "by peer"
                      : reason == SIO_TRANSPORT_ERROR ? "in error"
                                                      : "by us");
}

/* ---- turns ---- */

/* A group that was told to stop runs one turn at each call. */
static inline void stage_step(struct stage *stage, int turns) {
    for (int i = 0; i < turns; i++) {
        loop_group_stop(stage->group);
        assert_int_equal(loop_group_run(stage->group), SIO_ERR_OK);
    }
}

/* Over the loopback: only TCP has a reset that can overtake what was sent. */
static inline void stage_tcp_pair(int fds[2]) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t n = sizeof(at);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &n), 0);
    fds[1] = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fds[1], (struct sockaddr *)&at, sizeof(at)), 0);
    fds[0] = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
    assert_true(fds[0] >= 0);
    assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
    close(listener);
}

static inline void stage_reopen(struct stage *stage) {
    if (stage->client >= 0) close(stage->client);
    if (stage->conn != NULL) net_abort(stage->conn);
    stage_step(stage, 2);
    int fds[2];
    if (stage->tcp)
        stage_tcp_pair(fds);
    else
        assert_int_equal(socketpair(AF_UNIX, stage->socket_type | SOCK_NONBLOCK, 0, fds), 0);
    stage->client = fds[1];
    sio_strbuf_clear(&stage->seen);
    sio_strbuf_clear(&stage->got);
    stage->ended = false;
    stage->sent = stage->refused = 0;
    stage->conn =
        net_conn_new(loop_group_at(stage->group, 0), fds[0], NULL, true, stage->tls, &stage->options);
    sio_strbuf_clear(&stage->seen);
}

static inline void stage_open(struct stage *stage, int socket_type, unsigned loops) {
    *stage = (struct stage){.client = -1, .socket_type = socket_type};
    assert_int_equal(loop_group_new(loops, NULL, &stage->group), SIO_ERR_OK);
    stage->options = (struct net_options){
        .handlers = {.on_open = stage_on_open,
                     .on_head = stage_on_head,
                     .on_request = stage_on_request,
                     .on_message = stage_on_message,
                     .on_drained = stage_on_drained,
                     .on_close = stage_on_close},
        .limits = {.head_bytes = 1000,
                   .head_timeout_ms = 10000,
                   .body_timeout_ms = 10000,
                   .keepalive_ms = 10000,
                   .message_bytes = 100000,
                   .out_queue_bytes = 100000,
                   .close_timeout_ms = 5000},
        .data = stage,
    };
    stage_reopen(stage);
}

static inline void stage_close(struct stage *stage) {
    if (stage->client >= 0) close(stage->client);
    loop_group_free(stage->group);
    sio_strbuf_fini(&stage->seen);
    sio_strbuf_fini(&stage->got);
}

/* ---- the client ---- */

static inline void stage_receive(struct stage *stage) {
    while (!stage->ended) {
        char *p = sio_strbuf_reserve(&stage->got, 65536);
        ssize_t n = read(stage->client, p, 65536);
        if (n < 0 && errno == EAGAIN) return;
        if (n <= 0) stage->ended = true;
        if (n > 0) stage->got.n += (size_t)n;
    }
}

static inline void stage_send(struct stage *stage, struct sio_span bytes) {
    for (int tries = 0; bytes.n > 0 && tries < 1000; tries++) {
        ssize_t n = send(stage->client, bytes.p, bytes.n, MSG_NOSIGNAL);
        if (n > 0) bytes = sio_span_skip(bytes, (size_t)n);
        if (n < 0 && errno != EAGAIN) return; /* the server has closed */
        if (bytes.n > 0) stage_step(stage, 1);
    }
}

static inline void stage_run(struct stage *stage, struct sio_span bytes) {
    stage_send(stage, bytes);
    stage_step(stage, 3);
    stage_receive(stage);
}

static inline bool stage_holds(const struct sio_strbuf *in, const char *text) {
    return in->n > 0 && memmem(in->p, in->n, text, strlen(text)) != NULL;
}

static inline void stage_await(struct stage *stage, const struct sio_strbuf *in, const char *text) {
    for (uint64_t until = stage_real_ms() + 3000; !stage_holds(in, text); usleep(1000)) {
        if (stage_real_ms() > until) fail_msg("not there: %s", text);
        stage_step(stage, 1);
        stage_receive(stage);
    }
}

static inline void stage_await_seen(struct stage *stage, const char *text) {
    stage_await(stage, &stage->seen, text);
}

static inline void stage_await_got(struct stage *stage, const char *text) {
    stage_await(stage, &stage->got, text);
}

static inline void stage_await_end(struct stage *stage) {
    for (uint64_t until = stage_real_ms() + 3000; !stage->ended; usleep(1000)) {
        if (stage_real_ms() > until) fail_msg("not ended");
        stage_step(stage, 1);
        stage_receive(stage);
    }
}

static inline void stage_hang_up(struct stage *stage) {
    close(stage->client);
    stage->client = -1;
    stage_step(stage, 3);
}

static inline void stage_seen(const struct stage *stage, const char *text) {
    assert_string_equal(stage->seen.n > 0 ? stage->seen.p : "", text);
}

/* Every answer has a date; without it, answers can be compared. */
static inline void stage_cut_dates(struct sio_strbuf *got) {
    char *date;
    while (got->n > 0 && (date = memmem(got->p, got->n, "\r\nDate: ", 8)) != NULL) {
        const size_t n = 2 + 6 + 29;
        assert_true((size_t)(got->p + got->n - date) > n);
        memmove(date, date + n, (size_t)(got->p + got->n - date) - n);
        got->n -= n;
    }
}

static inline void stage_got(struct stage *stage, struct sio_span bytes) {
    stage_cut_dates(&stage->got);
    if (!sio_span_eq(sio_strbuf_as_span(&stage->got), bytes)) {
        sio_strbuf_char(&stage->got, '\0');
        fail_msg("got %zu bytes instead of %zu: %s", stage->got.n - 1, bytes.n, stage->got.p);
    }
}

/* A client's frame: its first byte, then the masked payload. */
static inline void stage_frame(struct sio_strbuf *out, uint8_t first, struct sio_span payload) {
    static const uint8_t mask[4] = {0x12, 0x34, 0x56, 0x78};
    char head[WS_HEAD_MAX_BYTES];
    size_t n = ws_head_write(head, WS_TEXT, true, false, payload.n);
    head[0] = (char)first;
    head[1] = (char)(head[1] | 0x80);
    sio_strbuf_add(out, head, n);
    sio_strbuf_add(out, mask, 4);
    sio_strbuf_span(out, payload);
    if (payload.n > 0) ws_mask(out->p + out->n - payload.n, payload.n, mask, 0);
}

#define STAGE_HANDSHAKE                                                                                      \
    "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"               \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
#define STAGE_SWITCH                                                                                         \
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"                      \
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nX-B: c\r\n\r\n"

static inline void stage_forget(struct stage *stage) {
    sio_strbuf_clear(&stage->seen);
    sio_strbuf_clear(&stage->got);
}

static inline void stage_upgrade(struct stage *stage) {
    stage_run(stage, SIO_SPAN(STAGE_HANDSHAKE));
    stage_got(stage, SIO_SPAN(STAGE_SWITCH));
    stage_seen(stage, "head /ws;request GET /ws ;");
    stage_forget(stage);
}

static inline void stage_send_message(struct stage *stage, const char *text) {
    struct sio_strbuf frame = {0};
    stage_frame(&frame, 0x81, sio_span_cstr(text));
    stage_run(stage, sio_strbuf_as_span(&frame));
    sio_strbuf_fini(&frame);
}
