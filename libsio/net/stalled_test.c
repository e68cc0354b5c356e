/* What waits on peers that do not read has one limit for all of them: who has taken nothing for the longest
 * time goes first, who reads is never hit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "codec/ws_frame.h"
#include "net/conn.h"
#include "net/out_queue.h"

enum { PEOPLE = 24, LIMIT = 1000000 };

struct person {
    struct net_conn *conn; /* NULL once on_close was called */
    enum sio_reason reason;
    int fd;
    size_t got;
};

static struct loop_group *group;
static struct net_options options;
static struct person people[PEOPLE];

/* ---- the server ---- */

static struct net_verdict on_head(struct net_conn *conn, const struct net_request *request) {
    (void)conn;
    (void)request;
    return (struct net_verdict){.kind = NET_GO_ON};
}

/* GET /?N: N bytes. GET /: a WebSocket. */
static void on_request(struct net_conn *conn, const struct net_request *request) {
    unsigned long long n;
    if (!sio_span_to_u64(request->query, &n)) {
        assert_true(net_upgrade(conn, SIO_SPAN("")));
        return;
    }
    struct rcbuf *body = rcbuf_new(n);
    memset(body->p, 'x', n);
    net_respond(conn, 200, SIO_SPAN(""), body, false);
    rcbuf_unref(body);
}

static void on_close(struct net_conn *conn, enum sio_reason reason) {
    struct person *person = net_conn_data(conn);
    person->conn = NULL;
    person->reason = reason;
}

static void step(int turns) {
    for (int i = 0; i < turns; i++) {
        loop_group_stop(group);
        assert_int_equal(loop_group_run(group), SIO_ERR_OK);
    }
}

static int begin(void **state) {
    (void)state;
    assert_int_equal(loop_group_new(1, NULL, &group), SIO_ERR_OK);
    options = (struct net_options){
        .handlers = {.on_head = on_head, .on_request = on_request, .on_close = on_close},
        .limits = {.head_bytes = 1000,
                   .head_timeout_ms = 60000,
                   .body_timeout_ms = 60000,
                   .keepalive_ms = 60000,
                   .message_bytes = 1000,
                   .out_queue_bytes = 10 * LIMIT,
                   .close_timeout_ms = 60000},
        .stalled = net_stalled_new(1, LIMIT),
    };
    for (int i = 0; i < PEOPLE; i++) {
        int fds[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        assert_int_equal(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &(int){4096}, sizeof(int)), 0);
        people[i] = (struct person){.fd = fds[1]};
        people[i].conn = net_conn_new(loop_group_at(group, 0), fds[0], NULL, true, NULL, &options);
        net_conn_set_data(people[i].conn, &people[i]);
    }
    return 0;
}

static int end(void **state) {
    (void)state;
    for (int i = 0; i < PEOPLE; i++) close(people[i].fd);
    net_stalled_free(options.stalled);
    loop_group_free(group);
    return 0;
}

/* ---- the clients ---- */

static void ask(int i, size_t bytes) {
    char text[64];
    int n = snprintf(text, sizeof(text), "GET /?%zu HTTP/1.1\r\nHost: x\r\n\r\n", bytes);
    assert_int_equal(write(people[i].fd, text, (size_t)n), n);
    step(2);
}

static void read_once(int i, size_t most) {
    char *p = mem_alloc(most);
    ssize_t n = read(people[i].fd, p, most);
    if (n > 0) people[i].got += (size_t)n;
    free(p);
    step(2);
}

static void read_all(int i, size_t bytes) {
    for (int tries = 0; people[i].got < bytes && tries < 1000; tries++) read_once(i, 100000);
    assert_true(people[i].got >= bytes);
    people[i].got = 0;
}

static void lives(int i) { assert_non_null(people[i].conn); }

static void was_closed(int i) {
    assert_null(people[i].conn);
    assert_int_equal(people[i].reason, SIO_TRANSPORT_ERROR);
}

static void closed_altogether(uint64_t n) { assert_int_equal(net_stalled_closed(options.stalled), n); }

/* ---- */

static void test_the_first_to_stop_reading_goes_first(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) ask(i, LIMIT);
    was_closed(0);
    was_closed(1);
    closed_altogether(2);
    read_all(2, LIMIT);
    lives(2);
}

static void test_it_ends_as_soon_as_the_rest_fits(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) ask(i, LIMIT / 4);
    closed_altogether(0);
    ask(4, LIMIT / 4);
    closed_altogether(1);
    was_closed(0);
    ask(5, LIMIT / 2);
    closed_altogether(3);
    for (int i = 3; i < 6; i++) lives(i);
}

static void test_who_takes_something_stands_last_again(void **state) {
    (void)state;
    ask(0, LIMIT / 4);
    ask(1, LIMIT / 2);
    read_once(0, 1000000);
    ask(2, LIMIT / 2);
    was_closed(1);
    closed_altogether(1);
    read_all(0, LIMIT / 4);
}

static void test_one_large_answer_arrives_whole(void **state) {
    (void)state;
    ask(0, 5 * LIMIT);
    lives(0);
    read_all(0, 5 * LIMIT);
    for (int i = 0; i < 50; i++) {
        ask(i % PEOPLE, LIMIT);
        read_all(i % PEOPLE, LIMIT);
    }
    closed_altogether(0);
}

/* ---- WebSockets ---- */

static void upgrade(int i) {
    struct sio_span text =
        SIO_SPAN("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
    assert_int_equal(write(people[i].fd, text.p, text.n), text.n);
    step(2);
    assert_true(net_conn_is_websocket(people[i].conn));
}

static struct rcbuf *frame_new(void) {
    struct rcbuf *frame = rcbuf_new(LIMIT / 2);
    memset(frame->p, 'x', frame->n);
    return frame;
}

static void test_what_many_receive_counts_in_parts(void **state) {
    (void)state;
    for (int i = 0; i < PEOPLE; i++) upgrade(i);
    struct rcbuf *frame = frame_new();
    for (int i = 0; i < PEOPLE / 2; i++) assert_int_equal(net_send(people[i].conn, frame), SIO_ERR_OK);
    rcbuf_unref(frame);
    step(3);
    closed_altogether(0);
    frame = frame_new(); /* now while they are blocked */
    for (int i = 0; i < PEOPLE / 2; i++) assert_int_equal(net_send(people[i].conn, frame), SIO_ERR_OK);
    rcbuf_unref(frame);
    for (int i = 0; i < PEOPLE / 2; i++) read_all(i, LIMIT);
    closed_altogether(0);
}

static void test_what_each_receives_alone_counts_whole(void **state) {
    (void)state;
    for (int i = 0; i < PEOPLE; i++) upgrade(i);
    for (int i = 0; i < PEOPLE; i++) {
        struct rcbuf *frame = frame_new();
        assert_int_equal(net_send(people[i].conn, frame), SIO_ERR_OK);
        rcbuf_unref(frame);
        step(1);
    }
    step(2);
    was_closed(0);
    lives(PEOPLE - 1);
    assert_true(net_stalled_closed(options.stalled) > PEOPLE / 2);
}

static void test_what_comes_while_it_is_blocked_counts_too(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) upgrade(i);
    for (int i = 0; i < 4; i++) {
        struct rcbuf *frame = frame_new();
        if (i != 1)
            assert_int_equal(net_send(people[0].conn, frame), SIO_ERR_OK);
        else
            assert_int_equal(net_send(people[1].conn, frame), SIO_ERR_OK);
        lives(0); /* its end is never told inside a call */
        rcbuf_unref(frame);
        if (i < 2) step(1);
    }
    step(1);
    was_closed(0);
    lives(1);
    closed_altogether(1);
}

static void test_a_limit_is_shared_by_the_loops(void **state) {
    (void)state;
    net_stalled_free(options.stalled);
    options.stalled = net_stalled_new(2, 2 * LIMIT);
    ask(0, LIMIT);
    ask(1, LIMIT);
    was_closed(0);
}

static void test_a_buffer_weighs_whole_until_it_is_sent(void **unused) {
    (void)unused;
    struct out_queue queue = {0};
    out_queue_push(&queue, rcbuf_new(1000));
    out_queue_push(&queue, rcbuf_new(3000));
    out_queue_weigh(&queue);
    assert_int_equal(queue.weight, 4000);
    out_queue_sent(&queue, 999);
    assert_int_equal(queue.weight, 4000);
    out_queue_sent(&queue, 2);
    assert_int_equal(queue.weight, 3000);
    out_queue_push(&queue, rcbuf_new(500));
    out_queue_weigh(&queue);
    out_queue_sent(&queue, 2998);
    assert_int_equal(queue.weight, 3500);
    out_queue_sent(&queue, 1);
    assert_int_equal(queue.weight, 500);
    out_queue_sent(&queue, 500);
    assert_int_equal(queue.weight, 0);
}

int main(void) {
#define STALLED_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_buffer_weighs_whole_until_it_is_sent),
        STALLED_TEST(test_the_first_to_stop_reading_goes_first),
        STALLED_TEST(test_it_ends_as_soon_as_the_rest_fits),
        STALLED_TEST(test_who_takes_something_stands_last_again),
        STALLED_TEST(test_one_large_answer_arrives_whole),
        STALLED_TEST(test_what_many_receive_counts_in_parts),
        STALLED_TEST(test_what_each_receives_alone_counts_whole),
        STALLED_TEST(test_what_comes_while_it_is_blocked_counts_too),
        STALLED_TEST(test_a_limit_is_shared_by_the_loops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
