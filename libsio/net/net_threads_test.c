/* Connections on three loops at once, from many clients: requests that move, messages, loops that send to each
 * other's connections, and a stop in the middle of it. For the thread sanitizer above all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <netinet/in.h>
#include <pthread.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/mem.h"
#include "codec/ws_frame.h"
#include "net/conn.h"

enum { LOOPS = 3, CLIENTS = 8, ROUNDS = 40, SOCKETS_MAX = 64 };

static struct loop_group *group;
static struct loop_listener *listener;
static struct net_options options;

/* The WebSockets of each loop, touched by its thread alone. */
static struct net_conn *sockets[LOOPS][SOCKETS_MAX];
static unsigned socket_count[LOOPS];

/* ---- the server ---- */

struct delivery {
    struct sio_task task;
    struct rcbuf *frame;
};

static void deliver(struct sio_task *task) {
    struct delivery *d = container_of(task, struct delivery, task);
    unsigned here = sio_loop_index(sio_loop_here());
    for (unsigned i = 0; i < socket_count[here]; i++) {
        enum sio_err e = net_send(sockets[here][i], d->frame);
        assert_true(e == SIO_ERR_OK || e == SIO_ERR_CLOSED || e == SIO_ERR_LIMIT);
    }
    rcbuf_unref(d->frame);
    free(d);
}

/* The same bytes to everyone on every loop. */
static void broadcast(struct sio_span text) {
    char head[WS_HEAD_MAX_BYTES];
    size_t n = ws_head_write(head, WS_TEXT, true, false, text.n);
    struct rcbuf *frame = rcbuf_new(n + text.n);
    memcpy(frame->p, head, n);
    memcpy(frame->p + n, text.p, text.n);
    for (unsigned i = 0; i < LOOPS; i++) {
        struct delivery *d = mem_new(struct delivery);
        d->task.run = deliver;
        d->frame = rcbuf_ref(frame);
        sio_loop_post(loop_group_at(group, i), &d->task);
    }
    rcbuf_unref(frame);
}

static struct net_verdict on_head(struct net_conn *conn, const struct net_request *request) {
    unsigned to = (unsigned)request->path.p[request->path.n - 1] - '0';
    if (to < LOOPS && to != sio_loop_index(net_conn_loop(conn)))
        return (struct net_verdict){.kind = NET_MOVE, .loop = to};
    return (struct net_verdict){.kind = NET_GO_ON, .body_limit_bytes = 100};
}

static void on_request(struct net_conn *conn, const struct net_request *request) {
    unsigned here = sio_loop_index(net_conn_loop(conn));
    if (!request->websocket) {
        struct rcbuf *body = rcbuf_copy(request->body);
        net_respond(conn, 200, (struct sio_span){0}, body, false);
        rcbuf_unref(body);
    } else if (net_upgrade(conn, (struct sio_span){0}) && socket_count[here] < SOCKETS_MAX) {
        sockets[here][socket_count[here]++] = conn;
    }
}

static void on_message(struct net_conn *conn, bool binary, struct sio_span message) {
    (void)conn;
    (void)binary;
    broadcast(message);
}

static void on_close(struct net_conn *conn, enum sio_reason reason) {
    (void)reason;
    unsigned here = sio_loop_index(net_conn_loop(conn));
    for (unsigned i = 0; i < socket_count[here]; i++)
        if (sockets[here][i] == conn) sockets[here][i] = sockets[here][--socket_count[here]];
}

static void accepted(void *data, int fd, const struct sockaddr *peer) {
    net_conn_new(loop_group_at(group, 0), fd, peer, false, NULL, data);
}

/* ---- clients ---- */

static int dial(void) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(loop_listener_port(listener))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval patience = {.tv_sec = 10};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

/* Reads until `text` has come; what stands behind it is thrown away. */
static bool read_until(int fd, const char *text) {
    char got[65536];
    size_t n = 0;
    for (;;) {
        ssize_t more = recv(fd, got + n, sizeof(got) - n, 0);
        if (more <= 0) return false;
        n += (size_t)more;
        if (memmem(got, n, text, strlen(text)) != NULL) return true;
        if (n > sizeof(got) / 2) { /* the text may stand across the border */
            memmove(got, got + n - 256, 256);
            n = 256;
        }
    }
}

static void send_text(int fd, const char *text) {
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void send_message(int fd, const char *text) {
    size_t n = strlen(text);
    char frame[128] = {(char)0x81, (char)(0x80 | n)}; /* the mask is zero */
    memcpy(frame + 6, text, n);
    assert_int_equal(send(fd, frame, 6 + n, MSG_NOSIGNAL), 6 + n);
}

/* Requests that belong to one loop after another, on one connection; then a WebSocket that hears itself. */
static void *client(void *arg) {
    unsigned id = (unsigned)(uintptr_t)arg;
    int fd = dial();
    char text[256];
    for (unsigned i = 0; i < ROUNDS; i++) {
        char body[32];
        int n = snprintf(body, sizeof(body), "<%u-%u>", id, i);
        snprintf(text, sizeof(text), "POST /%u HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s",
                 (id + i) % LOOPS, n, body);
        send_text(fd, text);
        assert_true(read_until(fd, body));
    }
    snprintf(text, sizeof(text),
             "GET /%u HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
             id % LOOPS);
    send_text(fd, text);
    assert_true(read_until(fd, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    for (unsigned i = 0; i < ROUNDS; i++) {
        snprintf(text, sizeof(text), "(%u-%u)", id, i);
        send_message(fd, text);
        assert_true(read_until(fd, text));
    }
    if (id % 2 == 0) close(fd); /* the others stay until the server has stopped */
    return (void *)(intptr_t)(id % 2 == 0 ? -1 : fd);
}

static void *all_clients(void *arg) {
    (void)arg;
    pthread_t threads[CLIENTS];
    for (uintptr_t i = 0; i < CLIENTS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, client, (void *)i), 0);
    int *left = mem_array(CLIENTS, sizeof(int));
    for (int i = 0; i < CLIENTS; i++) {
        void *fd;
        pthread_join(threads[i], &fd);
        left[i] = (int)(intptr_t)fd;
    }
    for (int i = 0; i < CLIENTS; i++) /* requests that are on their way between loops */
        if (left[i] >= 0) send_message(left[i], "last");
    loop_group_stop(group);
    return left;
}

static void test_many_clients_on_three_loops(void **state) {
    (void)state;
    options = (struct net_options){
        .handlers = {.on_head = on_head,
                     .on_request = on_request,
                     .on_message = on_message,
                     .on_close = on_close},
        .limits = {.head_bytes = 4096,
                   .head_timeout_ms = 5000,
                   .body_timeout_ms = 5000,
                   .keepalive_ms = 5000,
                   .message_bytes = 1000,
                   .out_queue_bytes = 100000,
                   .close_timeout_ms = 1000},
    };
    assert_int_equal(loop_group_new(LOOPS, NULL, &group), SIO_ERR_OK);
    assert_int_equal(loop_listen_tcp(loop_group_at(group, 0), "127.0.0.1", 0, accepted, &options, &listener),
                     SIO_ERR_OK);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, all_clients, NULL), 0);
    assert_int_equal(loop_group_run(group), SIO_ERR_OK);
    void *left;
    pthread_join(thread, &left);
    loop_listener_close(listener);
    loop_group_free(group);
    for (int i = 0; i < CLIENTS; i++)
        if (((int *)left)[i] >= 0) close(((int *)left)[i]);
    free(left);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_many_clients_on_three_loops)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
