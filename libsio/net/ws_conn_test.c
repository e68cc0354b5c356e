/* WebSocket on a connection: the handshake, messages cut anywhere, broken frames, closing, slow readers,
 * moves between loops. */
#include <arpa/inet.h>
#include <malloc.h>
#include <netinet/in.h>

#include "net/net_stage.h"

static struct stage stage;

static int begin(void **state) {
    (void)state;
    stage_open(&stage, SOCK_STREAM, 1);
    return 0;
}

static int end(void **state) {
    (void)state;
    stage_close(&stage);
    return 0;
}

static void add_server_frame(struct sio_strbuf *out, uint8_t first, struct sio_span payload) {
    char head[WS_HEAD_MAX_BYTES];
    size_t n = ws_head_write(head, WS_TEXT, true, false, payload.n);
    head[0] = (char)first;
    sio_strbuf_add(out, head, n);
    sio_strbuf_span(out, payload);
}

/* ---- handshake ---- */

static void check_handshake(const char *request, const char *status, const char *extra) {
    stage_reopen(&stage);
    stage_run(&stage, sio_span_cstr(request));
    assert_memory_equal(stage.got.p, status, strlen(status));
    assert_true(stage_holds(&stage.got, extra));
}

#define WS_REQUEST(lines)                                                                                    \
    "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" lines "\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static void test_handshakes(void **state) {
    (void)state;
    const char *good = "HTTP/1.1 101 Switching Protocols\r\n", *bad = "HTTP/1.1 400 Bad Request\r\n";
    check_handshake(WS_REQUEST(KEY "Sec-WebSocket-Version: 8\r\n"), good, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    check_handshake(WS_REQUEST(KEY "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: one , two\r\n"),
                    good, "\r\nSec-WebSocket-Protocol: one\r\n");
    check_handshake(WS_REQUEST(KEY "Sec-WebSocket-Version: 12\r\n"), bad,
                    "\r\nSec-WebSocket-Version: 13, 8\r\n");
    check_handshake(WS_REQUEST("Sec-WebSocket-Version: 13\r\n"), bad, "Sec-WebSocket-Key");
    check_handshake(WS_REQUEST("Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n"), bad, "close");
    check_handshake("GET /ws HTTP/1.1\r\nHost: a\r\n\r\n", bad, "Not a WebSocket handshake");
    check_handshake("POST /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" KEY
                    "Sec-WebSocket-Version: 13\r\n\r\n",
                    bad, "close");
    stage_await_end(&stage);
    assert_true(stage_holds(&stage.seen, "not upgraded;"));
}

/* ---- messages ---- */

/* The handshake and all that follows, cut at every place: heads, lengths, masks, payloads, characters. */
static void build_talk(struct sio_strbuf *in, struct sio_strbuf *out, struct sio_strbuf *seen) {
    char long_text[260];
    memset(long_text, 'l', sizeof(long_text));
    sio_strbuf_lit(in, STAGE_HANDSHAKE);
    sio_strbuf_lit(out, STAGE_SWITCH);
    sio_strbuf_lit(seen, "head /ws;request GET /ws ;");
    stage_frame(in, 0x81, SIO_SPAN("h\xc3\xa9\xf0\x9f\x98\x80"));
    add_server_frame(out, 0x81, SIO_SPAN("h\xc3\xa9\xf0\x9f\x98\x80"));
    sio_strbuf_lit(seen, "text h\xc3\xa9\xf0\x9f\x98\x80;");
    stage_frame(in, 0x89, SIO_SPAN("ping"));
    stage_frame(in, 0x82, SIO_SPAN("\xff\xfe"));
    add_server_frame(out, 0x8a, SIO_SPAN("ping"));
    add_server_frame(out, 0x82, SIO_SPAN("\xff\xfe"));
    sio_strbuf_lit(seen, "binary \xff\xfe;");
    stage_frame(in, 0x01, SIO_SPAN("fr\xe2")); /* a character in three frames, a ping and a pong among them */
    stage_frame(in, 0x89, SIO_SPAN(""));
    stage_frame(in, 0x00, SIO_SPAN("\x82"));
    stage_frame(in, 0x8a, SIO_SPAN("unasked"));
    stage_frame(in, 0x00, SIO_SPAN(""));
    stage_frame(in, 0x80, SIO_SPAN("\xac."));
    add_server_frame(out, 0x8a, SIO_SPAN(""));
    add_server_frame(out, 0x81, SIO_SPAN("fr\xe2\x82\xac."));
    sio_strbuf_lit(seen, "text fr\xe2\x82\xac.;");
    stage_frame(in, 0x81, SIO_SPAN(""));
    add_server_frame(out, 0x81, SIO_SPAN(""));
    sio_strbuf_lit(seen, "text ;");
    stage_frame(in, 0x81, sio_span_of(long_text, sizeof(long_text)));
    add_server_frame(out, 0x81, sio_span_of(long_text, sizeof(long_text)));
    sio_strbuf_lit(seen, "text ");
    sio_strbuf_add(seen, long_text, sizeof(long_text));
    sio_strbuf_char(seen, ';');
    stage_frame(in, 0x88, SIO_SPAN("\x03\xe8 bye"));
    add_server_frame(out, 0x88, SIO_SPAN("\x03\xe8"));
    sio_strbuf_lit(seen, "closed by peer;");
}

static void test_cut_at_every_place(void **state) {
    (void)state;
    struct sio_strbuf in = {0}, out = {0}, seen = {0};
    build_talk(&in, &out, &seen);
    for (size_t cut = 0; cut <= in.n; cut++) {
        stage_reopen(&stage);
        stage_run(&stage, sio_span_head(sio_strbuf_as_span(&in), cut));
        stage_run(&stage, sio_span_skip(sio_strbuf_as_span(&in), cut));
        assert_true(stage.ended);
        stage_got(&stage, sio_strbuf_as_span(&out));
        stage_seen(&stage, seen.p);
    }
    stage_reopen(&stage);
    for (size_t i = 0; i < in.n; i++) stage_run(&stage, sio_span_of(in.p + i, 1));
    stage_got(&stage, sio_strbuf_as_span(&out));
    stage_seen(&stage, seen.p);
    sio_strbuf_fini(&in);
    sio_strbuf_fini(&out);
    sio_strbuf_fini(&seen);
}

static void test_a_long_message_in_many_pieces(void **state) {
    (void)state;
    stage_upgrade(&stage);
    char *text = mem_alloc(100000);
    memset(text, 't', 100000);
    struct sio_strbuf in = {0}, out = {0};
    stage_frame(&in, 0x81, sio_span_of(text, 100000));
    add_server_frame(&out, 0x81, sio_span_of(text, 100000));
    for (size_t at = 0; at < in.n; at += 777)
        stage_run(&stage, sio_span_of(in.p + at, in.n - at < 777 ? in.n - at : 777));
    stage_got(&stage, sio_strbuf_as_span(&out));
    stage_seen(&stage, "text 100000 bytes;");
    sio_strbuf_fini(&in);
    sio_strbuf_fini(&out);
    free(text);
}

/* What an idle connection costs: itself and its watcher, and nothing else. */
static void test_an_idle_connection_is_small(void **state) {
    (void)state;
    stage_upgrade(&stage);
    stage_send_message(&stage, "some");
    assert_null(stage.conn->http);
    assert_null(stage.conn->cut);
    assert_null(stage.conn->ahead);
    assert_null(stage.conn->pong);
    assert_int_equal(stage.conn->out.capacity, 0);
    assert_true(sizeof(struct net_conn) + malloc_usable_size(stage.conn->io) <= 450);
}

/* On a socket that keeps records, what was written at once is read at once. */
static void test_one_write_a_turn(void **state) {
    (void)state;
    stage_close(&stage);
    stage_open(&stage, SOCK_SEQPACKET, 1);
    stage_upgrade(&stage);
    struct sio_strbuf in = {0};
    stage_frame(&in, 0x81, SIO_SPAN("ten"));
    stage_frame(&in, 0x89, SIO_SPAN("p"));
    stage_send(&stage, sio_strbuf_as_span(&in));
    stage_step(&stage, 3);
    char record[200];
    assert_int_equal(read(stage.client, record, sizeof(record)), 10 * 7 + 3);
    assert_int_equal(read(stage.client, record, sizeof(record)), -1);
    sio_strbuf_fini(&in);
}

/* ---- broken frames ---- */

static void check_failed(struct sio_span frames, uint16_t code) {
    stage_reopen(&stage);
    stage_upgrade(&stage);
    stage_send(&stage, frames);
    stage_step(&stage, 1);
    stage_run(&stage, SIO_SPAN("whatever comes behind is not heard"));
    stage_await_end(&stage);
    char expected[4] = {(char)0x88, 2, (char)(code >> 8), (char)code};
    stage_got(&stage, sio_span_of(expected, 4));
    stage_hang_up(&stage);
    stage_seen(&stage, "closed in error;");
}

static void check_failed_frames(int count, const uint8_t *firsts, const struct sio_span *payloads,
                                uint16_t code) {
    struct sio_strbuf in = {0};
    for (int i = 0; i < count; i++) stage_frame(&in, firsts[i], payloads[i]);
    check_failed(sio_strbuf_as_span(&in), code);
    sio_strbuf_fini(&in);
}

static void check_failed_frame(uint8_t first, struct sio_span payload, uint16_t code) {
    check_failed_frames(1, &first, &payload, code);
}

static void test_broken_frames(void **state) {
    (void)state;
    char large[130];
    memset(large, 'x', sizeof(large));
    check_failed(SIO_SPAN("\x81\x02hi"), 1002);                     /* not masked */
    check_failed(SIO_SPAN("\x82\xfe\x00\x01xxxxx"), 1002);          /* not the shortest length */
    check_failed(SIO_SPAN("\x82\xff\x80\0\0\0\0\0\0\0xxxx"), 1002); /* a negative length */
    check_failed_frame(0xc1, SIO_SPAN("x"), 1002);                  /* RSV1 */
    check_failed_frame(0xa1, SIO_SPAN("x"), 1002);                  /* RSV2 */
    check_failed_frame(0x83, SIO_SPAN("x"), 1002);                  /* reserved opcode */
    check_failed_frame(0x8b, SIO_SPAN("x"), 1002);                  /* reserved control opcode */
    check_failed_frame(0x09, SIO_SPAN("x"), 1002);                  /* a fragmented ping */
    check_failed_frame(0x89, sio_span_of(large, 126), 1002);        /* a long ping */
    check_failed_frame(0x80, SIO_SPAN("x"), 1002);                  /* continues nothing */
    check_failed_frame(0x88, SIO_SPAN("\x03"), 1002);               /* half a code */
    check_failed_frame(0x88, SIO_SPAN("\x03\xed"), 1002);           /* 1005 may not be sent */
    check_failed_frame(0x88, SIO_SPAN("\x03\xe8\xff"), 1007);       /* a reason that is no text */
    check_failed_frame(0x81, SIO_SPAN("\xc0\x80"), 1007);
    check_failed_frame(0x81, SIO_SPAN("\xe2\x82"), 1007); /* ends inside a character */
    check_failed_frame(0x01, SIO_SPAN("ok\xff"), 1007);   /* before the message is whole */
    check_failed_frames(2, (uint8_t[]){0x01, 0x81}, (struct sio_span[]){SIO_SPAN("a"), SIO_SPAN("b")}, 1002);
    check_failed_frames(2, (uint8_t[]){0x01, 0x80}, (struct sio_span[]){SIO_SPAN("\xe2"), SIO_SPAN("\x82")},
                        1007);
    check_failed_frames(2, (uint8_t[]){0x01, 0x00}, (struct sio_span[]){SIO_SPAN("\xe2"), SIO_SPAN("(")},
                        1007);
}

/* The head alone is enough: nothing is put aside for a message that is too long. */
static void test_too_long(void **state) {
    (void)state;
    check_failed(SIO_SPAN("\x82\xff\0\0\0\0\0\x01\x86\xa1xxxx"), 1009); /* 100,001 bytes announced */
    struct sio_strbuf in = {0};
    char *half = mem_zalloc(60000);
    stage_frame(&in, 0x02, sio_span_of(half, 60000));
    sio_strbuf_lit(&in, "\x80\xfe\x9c\x41xxxx"); /* 40,001 more announced */
    check_failed(sio_strbuf_as_span(&in), 1009);
    sio_strbuf_fini(&in);
    free(half);
}

static void test_a_limit_of_ones_own(void **state) {
    (void)state;
    struct sio_strbuf longer = {0}, fitting = {0};
    char *bytes = mem_zalloc(1001);
    stage_frame(&fitting, 0x82, sio_span_of(bytes, 1000));
    stage_frame(&longer, 0x82, sio_span_of(bytes, 1001));
    stage_upgrade(&stage);
    net_conn_set_message_limit(stage.conn, 1000);
    stage_run(&stage, sio_strbuf_as_span(&fitting));
    stage_seen(&stage, "binary 1000 bytes;");
    net_conn_set_message_limit(stage.conn, 1001);
    stage_forget(&stage);
    stage_run(&stage, sio_strbuf_as_span(&longer));
    stage_seen(&stage, "binary 1001 bytes;");
    stage_forget(&stage);
    stage_run(&stage, SIO_SPAN("\x02\xfe\x01\xf4xxxxyyyy")); /* the beginning of a fragment of 500 */
    net_conn_set_message_limit(stage.conn, 100);
    stage_run(&stage, sio_span_of(bytes, 496));
    stage_run(&stage, SIO_SPAN("\x80\x81xxxxy"));
    stage_await_seen(&stage, "closed in error;");
    sio_strbuf_fini(&fitting);
    sio_strbuf_fini(&longer);
    free(bytes);
}

/* ---- pings ---- */

static void test_a_flood_of_pings_does_not_grow_the_queue(void **state) {
    (void)state;
    stage_upgrade(&stage);
    struct sio_strbuf in = {0};
    stage_frame(&in, 0x81, SIO_SPAN("flood"));
    char payload[100];
    for (int i = 0; i < 2000; i++) {
        memset(payload, 'a' + i % 26, sizeof(payload));
        stage_frame(&in, 0x89, sio_span_of(payload, sizeof(payload)));
    }
    memset(payload, '!', sizeof(payload));
    stage_frame(&in, 0x89, sio_span_of(payload, sizeof(payload)));
    stage_send(&stage, sio_strbuf_as_span(&in));
    stage_step(&stage, 5);
    assert_true(stage.conn->blocked);
    assert_true(stage.conn->out.bytes < 100000 + 17 * 102);
    for (int i = 0; i < 100; i++) {
        stage_receive(&stage);
        stage_step(&stage, 2);
    }
    assert_memory_equal(stage.got.p + stage.got.n - 100, payload, 100); /* the newest was answered */
    assert_null(stage.conn->pong);
    sio_strbuf_fini(&in);
}

/* ---- slow readers ---- */

static void test_a_slow_reader_meets_the_limit(void **state) {
    (void)state;
    stage_upgrade(&stage);
    stage_send_message(&stage, "quiet");
    stage_forget(&stage);
    stage_flood(&stage, 2000);
    assert_true(stage.refused > 0);
    assert_in_range(net_conn_queued(stage.conn), 90000, 100000);
    size_t wanted = stage.sent * 1004;
    while (stage.got.n < wanted) {
        stage_step(&stage, 1);
        stage_receive(&stage);
    }
    stage_step(&stage, 2);
    assert_int_equal(stage.got.n, wanted);
    for (size_t at = 0; at < wanted; at += 1004) {
        assert_memory_equal(stage.got.p + at, "\x81\x7e\x03\xe8", 4);
        for (size_t i = 4; i < 1004; i++) assert_int_equal(stage.got.p[at + i], 'f');
    }
    stage_seen(&stage, "drained;");
    assert_int_equal(stage.conn->out.capacity, 0);
}

/* A burst within one turn is not a slow reader. */
static void test_a_fast_reader_gets_a_burst(void **state) {
    (void)state;
    int bytes = 4 * 1024 * 1024;
    stage_upgrade(&stage);
    setsockopt(loop_io_fd(stage.conn->io), SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
    setsockopt(loop_io_fd(stage.conn->io), SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
    stage_flood(&stage, 150); /* more than the queue's limit, less than the kernel keeps */
    assert_int_equal(stage.refused, 0);
    stage_run(&stage, SIO_SPAN(""));
    assert_int_equal(stage.got.n, 150 * 1004);
}

static void test_an_empty_queue_takes_any_frame(void **state) {
    (void)state;
    stage_upgrade(&stage);
    char *large = mem_zalloc(1000000);
    assert_int_equal(stage_send_frame(stage.conn, true, sio_span_of(large, 1000000)), SIO_ERR_OK);
    assert_int_equal(stage_send_frame(stage.conn, true, SIO_SPAN("x")), SIO_ERR_LIMIT);
    assert_int_equal(stage_send_frame(stage.conn, true, SIO_SPAN("x")), SIO_ERR_LIMIT);
    free(large);
}

/* As much as the server takes while its answers are not read. */
static size_t send_without_reading(struct sio_span bytes) {
    size_t sent = 0;
    for (int tries = 0; tries < 100; tries++) {
        ssize_t n = send(stage.client, bytes.p + sent, bytes.n - sent, MSG_NOSIGNAL);
        if (n > 0) sent += (size_t)n;
        if (n > 0) tries = 0;
        stage_step(&stage, 1);
    }
    return sent;
}

/* Whoever answers what he reads has room for each answer: more is not read before the last ones have left. */
static void test_keeping_pace(void **state) {
    (void)state;
    enum { COUNT = 40, BYTES = 95000 }; /* echoed; two of them are more than the queue's limit */
    struct sio_strbuf in = {0}, out = {0};
    char *bytes = mem_zalloc(BYTES);
    for (int i = 0; i < COUNT; i++) stage_frame(&in, 0x82, sio_span_of(bytes, BYTES));
    for (int i = 0; i < COUNT; i++) add_server_frame(&out, 0x82, sio_span_of(bytes, BYTES));
    stage_upgrade(&stage);
    net_keep_pace(stage.conn);
    size_t sent = send_without_reading(sio_strbuf_as_span(&in));
    assert_true(sent < in.n && stage.conn->blocked);
    assert_true(stage.conn->out.bytes < 200000);
    assert_true(net_conn_take_alive(stage.conn));
    assert_false(net_conn_take_alive(stage.conn));
    stage_receive(&stage);
    stage_step(&stage, 1);
    assert_true(net_conn_take_alive(stage.conn)); /* it has taken something */
    while (stage.got.n < out.n && !stage.ended) {
        sent += send_without_reading(sio_span_skip(sio_strbuf_as_span(&in), sent));
        stage_receive(&stage);
    }
    stage_got(&stage, sio_strbuf_as_span(&out));
    sio_strbuf_fini(&in);
    sio_strbuf_fini(&out);
    free(bytes);
}

/* ---- closing ---- */

static void test_our_close(void **state) {
    (void)state;
    stage_upgrade(&stage);
    struct sio_strbuf in = {0}, out = {0};
    stage_frame(&in, 0x81, SIO_SPAN("close"));
    stage_frame(&in, 0x81, SIO_SPAN("not heard any more"));
    stage_frame(&in, 0x01, SIO_SPAN("nor this"));
    stage_run(&stage, sio_strbuf_as_span(&in));
    assert_int_equal(stage_send_frame(stage.conn, false, SIO_SPAN("x")), SIO_ERR_CLOSED);
    add_server_frame(&out, 0x88, SIO_SPAN("\x03\xe8"));
    stage_got(&stage, sio_strbuf_as_span(&out));
    assert_false(stage.ended);
    sio_strbuf_clear(&in);
    stage_frame(&in, 0x88, SIO_SPAN("\x03\xe8"));
    stage_run(&stage, sio_strbuf_as_span(&in));
    assert_true(stage.ended);
    stage_seen(&stage, "text close;closed by us;");
    sio_strbuf_fini(&in);
    sio_strbuf_fini(&out);
}

static void test_our_close_is_not_answered(void **state) {
    (void)state;
    stage.options.limits.close_timeout_ms = 60;
    stage_upgrade(&stage);
    uint64_t start_ms = stage_real_ms();
    stage_send_message(&stage, "close empty");
    stage_await_end(&stage);
    stage_got(&stage, SIO_SPAN("\x88\0"));
    assert_in_range(stage_real_ms() - start_ms, 59, 1000);
    stage_seen(&stage, "text close empty;closed by us;");
}

static void test_close_frames_without_a_code(void **state) {
    (void)state;
    stage_upgrade(&stage);
    struct sio_strbuf in = {0};
    stage_frame(&in, 0x88, SIO_SPAN(""));
    stage_run(&stage, sio_strbuf_as_span(&in));
    assert_true(stage.ended);
    stage_got(&stage, SIO_SPAN("\x88\0"));
    stage_seen(&stage, "closed by peer;");
    sio_strbuf_fini(&in);
}

static void test_abort_inside_a_message(void **state) {
    (void)state;
    stage_upgrade(&stage);
    struct sio_strbuf in = {0};
    stage_frame(&in, 0x81, SIO_SPAN("quiet"));
    stage_frame(&in, 0x01, SIO_SPAN("ab"));
    stage_frame(&in, 0x80, SIO_SPAN("ort"));
    stage_frame(&in, 0x81, SIO_SPAN("not heard any more"));
    stage_run(&stage, sio_strbuf_as_span(&in));
    assert_true(stage.ended);
    stage_got(&stage, SIO_SPAN(""));
    stage_seen(&stage, "text quiet;text abort;");
    stage.conn = NULL;
    sio_strbuf_fini(&in);
}

static void test_the_peer_goes(void **state) {
    (void)state;
    stage_upgrade(&stage);
    stage_hang_up(&stage);
    stage_seen(&stage, "closed by peer;");
    stage_reopen(&stage);
    stage_upgrade(&stage);
    stage_flood(&stage, 10); /* with something to be sent, and something to be read */
    struct sio_strbuf in = {0};
    stage_frame(&in, 0x81, SIO_SPAN("quiet"));
    stage_send(&stage, sio_strbuf_as_span(&in));
    stage_hang_up(&stage);
    assert_null(stage.conn);
    sio_strbuf_fini(&in);
}

/* ---- pausing ---- */

static void test_pausing_keeps_everything(void **state) {
    (void)state;
    stage_upgrade(&stage);
    struct sio_strbuf in = {0};
    stage_frame(&in, 0x81, SIO_SPAN("pause"));
    stage_frame(&in, 0x81, SIO_SPAN("two"));
    stage_frame(&in, 0x81, SIO_SPAN("quiet"));
    stage_run(&stage, sio_strbuf_as_span(&in));
    stage_send_message(&stage, "four");
    stage_seen(&stage, "text pause;");
    net_pause(stage.conn, false);
    stage_run(&stage, SIO_SPAN(""));
    stage_seen(&stage, "text pause;text two;text quiet;text four;");
    assert_null(stage.conn->ahead);
    sio_strbuf_fini(&in);
}

/* ---- moving ---- */

static void await_on_loop(struct stage *s, unsigned loop, const char *text) {
    stage_await_seen(s, text);
    assert_int_equal(sio_loop_index(net_conn_loop(s->conn)), loop);
}

/* The request is answered by the loop that it belongs to, after what was asked before, its body included. */
static void test_moves_between_loops(void **state) {
    (void)state;
    stage_close(&stage);
    stage_open(&stage, SOCK_STREAM, 3);
    stage_run(&stage, SIO_SPAN("GET /first HTTP/1.1\r\nHost: x\r\n\r\n"
                               "POST /move/2 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbo"));
    await_on_loop(&stage, 2, "head /first;request GET /first ;Host;head /move/2;open 2;head /move/2;");
    stage_send(&stage, SIO_SPAN("dy"));
    stage_await_got(&stage, "/first");
    stage_await_got(&stage, "\r\n\r\nbody");
    stage_send(&stage, SIO_SPAN("GET /move/1 HTTP/1.1\r\nHost: x\r\n\r\n" STAGE_HANDSHAKE));
    await_on_loop(&stage, 1, "open 1;head /move/1;request GET /move/1 ;Host;head /ws;request GET /ws ;");
    stage_send_message(&stage, "here");
    stage_await_got(&stage, "\x81\x04here");
    stage_hang_up(&stage);
    stage_await_seen(&stage, "closed by peer;");
}

/* ---- addresses ---- */

static void test_addresses(void **state) {
    (void)state;
    char text[NET_ADDRESS_TEXT];
    net_conn_address(stage.conn, text);
    assert_string_equal(text, "local");
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"192.0.2.7", "192.0.2.7"}, {"2001:db8::1", "2001:db8::1"}, {"::ffff:192.0.2.7", "192.0.2.7"}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        union {
            struct sockaddr any;
            struct sockaddr_in v4;
            struct sockaddr_in6 v6;
        } peer = {.any.sa_family = i == 0 ? AF_INET : AF_INET6};
        void *ip = i == 0 ? (void *)&peer.v4.sin_addr : (void *)&peer.v6.sin6_addr;
        assert_int_equal(inet_pton(peer.any.sa_family, rows[i].in, ip), 1);
        int fds[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
        net_abort(stage.conn);
        struct net_conn *conn =
            net_conn_new(loop_group_at(stage.group, 0), fds[0], &peer.any, false, NULL, &stage.options);
        net_conn_address(conn, text);
        assert_string_equal(text, rows[i].out);
        assert_false(net_conn_local(conn));
        close(fds[1]);
    }
}

int main(void) {
#define CONN_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        CONN_TEST(test_handshakes),
        CONN_TEST(test_cut_at_every_place),
        CONN_TEST(test_a_long_message_in_many_pieces),
        CONN_TEST(test_an_idle_connection_is_small),
        CONN_TEST(test_one_write_a_turn),
        CONN_TEST(test_broken_frames),
        CONN_TEST(test_too_long),
        CONN_TEST(test_a_limit_of_ones_own),
        CONN_TEST(test_a_flood_of_pings_does_not_grow_the_queue),
        CONN_TEST(test_a_slow_reader_meets_the_limit),
        CONN_TEST(test_a_fast_reader_gets_a_burst),
        CONN_TEST(test_an_empty_queue_takes_any_frame),
        CONN_TEST(test_keeping_pace),
        CONN_TEST(test_our_close),
        CONN_TEST(test_our_close_is_not_answered),
        CONN_TEST(test_close_frames_without_a_code),
        CONN_TEST(test_abort_inside_a_message),
        CONN_TEST(test_the_peer_goes),
        CONN_TEST(test_pausing_keeps_everything),
        CONN_TEST(test_moves_between_loops),
        CONN_TEST(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
