/* A push service for measuring: FCM's HTTP v1 API over TLS and HTTP/2, as fast as one thread can, counting what comes.
 *
 *   push_stand_in --port N --cert FILE --key FILE --count FILE
 *
 * It gives out access tokens (POST /token, an OAuth grant), takes messages (POST /v1/projects/bench/messages:send with such a
 * token), and refuses everything else: a wrong request is no measurement. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/span.h"
#include "push_count.h"
#include "sio_strbuf.h"

enum {
    CONNECTIONS_MAX = 64,
    STREAMS_MAX = 1000, /* of a connection at once */
    WINDOW_BYTES = 16 << 20,
    READ_BYTES = 64 << 10,
    BODY_MAX_BYTES = 16 << 10,
    ANSWER_BYTES = 128,
};

struct stand_in {
    SSL_CTX *tls;
    nghttp2_session_callbacks *callbacks;
    struct push_count *count;
    int listener;
    struct connection *connections[CONNECTIONS_MAX];
};

struct connection {
    struct stand_in *stand_in;
    int fd;
    SSL *ssl;
    nghttp2_session *session;
    struct sio_strbuf out; /* not yet written */
    bool wants_write, over;
};

struct stream {
    bool post, token_path, send_path, authorized;
    struct sio_strbuf body;
    char answer[ANSWER_BYTES];
    size_t answered; /* bytes of it */
};

static void die(const char *message) {
    fprintf(stderr, "push_stand_in: %s\n", message);
    exit(1);
}

/* ---- one request ---- */

static bool is(const uint8_t *p, size_t n, const char *text) { return sio_span_is(sio_span_of(p, n), text); }

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *data) {
    struct stream *stream = mem_new(struct stream);
    sio_strbuf_init(&stream->body);
    return nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, stream);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name, size_t name_n,
                     const uint8_t *value, size_t value_n, uint8_t flags, void *data) {
    struct stream *stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (!stream) return 0;
    if (is(name, name_n, ":method")) stream->post = is(value, value_n, "POST");
    if (is(name, name_n, ":path")) {
        stream->token_path = is(value, value_n, "/token");
        stream->send_path = is(value, value_n, "/v1/projects/bench/messages:send");
    }
    if (is(name, name_n, "authorization")) stream->authorized = is(value, value_n, "Bearer of-the-bench");
    return 0;
}

static int on_body(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *p, size_t n,
                   void *data) {
    struct stream *stream = nghttp2_session_get_stream_user_data(session, id);
    if (!stream || n > BODY_MAX_BYTES - stream->body.n) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    sio_strbuf_add(&stream->body, p, n);
    return 0;
}

static bool body_has(const struct stream *stream, const char *text) {
    return stream->body.p && strstr(stream->body.p, text);
}

/* The status; the body is in stream->answer. */
static int answer_make(struct stand_in *stand_in, struct stream *stream) {
    struct push_count *count = stand_in->count;
    if (stream->post && stream->token_path && body_has(stream, "grant_type=") &&
        body_has(stream, "assertion=")) {
        atomic_fetch_add(&count->grants, 1);
        snprintf(stream->answer, ANSWER_BYTES,
                 "{\"access_token\":\"of-the-bench\",\"expires_in\":3600,\"token_type\":\"Bearer\"}");
        return 200;
    }
    if (stream->post && stream->send_path && stream->authorized && body_has(stream, "{\"message\":{") &&
        body_has(stream, "\"token\":\"")) {
        unsigned long long number = atomic_fetch_add(&count->pushes, 1);
        snprintf(stream->answer, ANSWER_BYTES, "{\"name\":\"projects/bench/messages/%llu\"}", number);
        return 200;
    }
    if (atomic_fetch_add(&count->refused, 1) == 0)
        fprintf(stderr, "push_stand_in: refused: %.300s\n", stream->body.p ? stream->body.p : "no body");
    snprintf(stream->answer, ANSWER_BYTES, "{\"error\":{\"code\":400,\"status\":\"INVALID_ARGUMENT\"}}");
    return 400;
}

static ssize_t answer_read(nghttp2_session *session, int32_t id, uint8_t *p, size_t n, uint32_t *flags,
                           nghttp2_data_source *source, void *data) {
    struct stream *stream = source->ptr;
    size_t left = strlen(stream->answer) - stream->answered;
    if (n > left) n = left;
    memcpy(p, stream->answer + stream->answered, n);
    stream->answered += n;
    if (n == left) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return (ssize_t)n;
}

static nghttp2_nv header(const char *name, const char *value) {
    return (nghttp2_nv){(uint8_t *)name, (uint8_t *)value, strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE};
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *data) {
    struct connection *connection = data;
    bool request = frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA;
    struct stream *stream = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
    if (!request || !(frame->hd.flags & NGHTTP2_FLAG_END_STREAM) || !stream) return 0;
    int status = answer_make(connection->stand_in, stream);
    char length[24];
    snprintf(length, sizeof length, "%zu", strlen(stream->answer));
    /* Without the length, libcurl 7.88 resets each stream after its end, which counts as an attack here. */
    nghttp2_nv headers[] = {header(":status", status == 200 ? "200" : "400"),
                            header("content-type", "application/json; charset=UTF-8"),
                            header("content-length", length)};
    nghttp2_data_provider body = {.source = {.ptr = stream}, .read_callback = answer_read};
    return nghttp2_submit_response(session, frame->hd.stream_id, headers, sizeof headers / sizeof *headers,
                                   &body);
}

static int on_stream_close(nghttp2_session *session, int32_t id, uint32_t error, void *data) {
    struct stream *stream = nghttp2_session_get_stream_user_data(session, id);
    if (stream) sio_strbuf_fini(&stream->body);
    free(stream);
    return 0;
}

/* ---- one connection ---- */

static void connection_free(struct connection *c) {
    nghttp2_session_del(c->session);
    SSL_free(c->ssl);
    close(c->fd);
    sio_strbuf_fini(&c->out);
    free(c);
}

static struct connection *connection_new(struct stand_in *stand_in, int fd) {
    const nghttp2_settings_entry settings[] = {{NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS_MAX}};
    struct connection *c = mem_new(struct connection);
    *c = (struct connection){.stand_in = stand_in, .fd = fd, .ssl = SSL_new(stand_in->tls)};
    sio_strbuf_init(&c->out);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    SSL_set_fd(c->ssl, fd);
    SSL_set_accept_state(c->ssl);
    if (nghttp2_session_server_new(&c->session, stand_in->callbacks, c) != 0 ||
        nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, settings, 1) != 0 ||
        nghttp2_session_set_local_window_size(c->session, NGHTTP2_FLAG_NONE, 0, WINDOW_BYTES) != 0)
        die("no session");
    atomic_fetch_add(&stand_in->count->connections, 1);
    return c;
}

/* What SSL said: true when there is something to do with `n` bytes. */
static bool moved(struct connection *c, int n) {
    if (n > 0) return true;
    int error = SSL_get_error(c->ssl, n);
    c->wants_write |= error == SSL_ERROR_WANT_WRITE;
    c->over |= error != SSL_ERROR_WANT_WRITE && error != SSL_ERROR_WANT_READ;
    return false;
}

static void connection_read(struct connection *c) {
    static char bytes[READ_BYTES];
    for (int n; !c->over && moved(c, n = SSL_read(c->ssl, bytes, sizeof bytes));)
        c->over = nghttp2_session_mem_recv(c->session, (const uint8_t *)bytes, (size_t)n) != n;
}

static void connection_write(struct connection *c) {
    const uint8_t *p;
    for (ssize_t n; (n = nghttp2_session_mem_send(c->session, &p)) > 0;)
        sio_strbuf_add(&c->out, p, (size_t)n);
    size_t at = 0;
    for (int n; at < c->out.n && moved(c, n = SSL_write(c->ssl, c->out.p + at, (int)(c->out.n - at)));)
        at += (size_t)n;
    memmove(c->out.p, c->out.p + at, c->out.n - at);
    c->out.n -= at;
}

static void connection_turn(struct connection *c) {
    ERR_clear_error(); /* of another connection's end */
    c->wants_write = false;
    connection_read(c);
    if (!c->over && SSL_is_init_finished(c->ssl)) connection_write(c);
}

/* ---- all of them ---- */

static void accept_one(struct stand_in *s) {
    int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);
    for (int i = 0; fd >= 0 && i < CONNECTIONS_MAX; i++) {
        if (s->connections[i]) continue;
        s->connections[i] = connection_new(s, fd);
        return;
    }
    if (fd >= 0) close(fd);
}

static void turn(struct stand_in *s) {
    struct pollfd polls[CONNECTIONS_MAX + 1] = {{s->listener, POLLIN, 0}};
    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        const struct connection *c = s->connections[i];
        polls[i + 1] = (struct pollfd){c ? c->fd : -1, POLLIN, 0};
        if (c && c->wants_write) polls[i + 1].events |= POLLOUT;
    }
    if (poll(polls, CONNECTIONS_MAX + 1, -1) < 0 && errno != EINTR) die("poll failed");
    if (polls[0].revents) accept_one(s);
    for (int i = 0; i < CONNECTIONS_MAX; i++) {
        struct connection *c = s->connections[i];
        if (!c || !polls[i + 1].revents) continue;
        connection_turn(c);
        if (!c->over) continue;
        connection_free(c);
        s->connections[i] = NULL;
    }
}

/* ---- making it ---- */

static int choose_h2(SSL *ssl, const unsigned char **out, unsigned char *out_n, const unsigned char *in,
                     unsigned in_n, void *data) {
    return nghttp2_select_next_protocol((unsigned char **)out, out_n, in, in_n) == 1
               ? SSL_TLSEXT_ERR_OK
               : SSL_TLSEXT_ERR_ALERT_FATAL;
}

static void tls_make(struct stand_in *s, const char *cert, const char *key) {
    s->tls = SSL_CTX_new(TLS_server_method());
    if (!s->tls || SSL_CTX_use_certificate_chain_file(s->tls, cert) != 1 ||
        SSL_CTX_use_PrivateKey_file(s->tls, key, SSL_FILETYPE_PEM) != 1)
        die("the certificate or its key cannot be read");
    SSL_CTX_set_mode(s->tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_alpn_select_cb(s->tls, choose_h2, NULL);
}

static void callbacks_make(struct stand_in *s) {
    if (nghttp2_session_callbacks_new(&s->callbacks) != 0) die("no memory");
    nghttp2_session_callbacks_set_on_begin_headers_callback(s->callbacks, on_begin);
    nghttp2_session_callbacks_set_on_header_callback(s->callbacks, on_header);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(s->callbacks, on_body);
    nghttp2_session_callbacks_set_on_frame_recv_callback(s->callbacks, on_frame);
    nghttp2_session_callbacks_set_on_stream_close_callback(s->callbacks, on_stream_close);
}

static void listen_on(struct stand_in *s, uint16_t port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(s->listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(s->listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(s->listener, 64) != 0)
        die("cannot listen");
    printf("listening on 127.0.0.1:%u\n", port);
    fflush(stdout);
}

int main(int argc, char **argv) {
    static const struct option options[] = {{"port", required_argument, NULL, 'p'},
                                            {"cert", required_argument, NULL, 'c'},
                                            {"key", required_argument, NULL, 'k'},
                                            {"count", required_argument, NULL, 'n'},
                                            {0}};
    static struct stand_in stand_in;
    const char *cert = NULL, *key = NULL, *count = NULL;
    uint16_t port = 0;
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (o) {
        case 'p': port = (uint16_t)strtoul(optarg, NULL, 10); break;
        case 'c': cert = optarg; break;
        case 'k': key = optarg; break;
        case 'n': count = optarg; break;
        default: return 2;
        }
    }
    if (!cert || !key || !count || !port) die("usage: see the top of bench/push_stand_in.c");
    signal(SIGPIPE, SIG_IGN);
    stand_in.count = push_count_map(count);
    tls_make(&stand_in, cert, key);
    callbacks_make(&stand_in);
    listen_on(&stand_in, port);
    for (;;) turn(&stand_in);
}
