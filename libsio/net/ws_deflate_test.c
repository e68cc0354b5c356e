/* permessage-deflate on connections: agreed or not, messages both ways, one compression for many receivers, and what
 * breaks the rules. */
#include "codec/deflate.h"
#include "net/net_stage.h"

static struct stage stage;
static struct deflate *client; /* the client's compressor */
static char text[3000];        /* compresses well */

static const struct sio_deflate settings = {
    .enabled = true, .threshold_bytes = 1024, .max_bytes = 50000, .level = 6, .memory = 8};

static int begin(void **state) {
    (void)state;
    stage_open(&stage, SOCK_STREAM, 1);
    stage.options.deflate = net_deflate_new(1, &settings);
    client = deflate_new(9, 9);
    memset(text, 'd', sizeof(text));
    return 0;
}

static int end(void **state) {
    (void)state;
    net_deflate_free(stage.options.deflate);
    stage_close(&stage);
    deflate_free(client);
    return 0;
}

#define OFFER(text)                                                                                          \
    "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"                           \
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"                           \
    "Sec-WebSocket-Extensions: " text "\r\n\r\n"

static void agree(const char *request) {
    stage_reopen(&stage);
    stage_run(&stage, sio_span_cstr(request));
    assert_true(stage_holds(&stage.got, "\r\nSec-WebSocket-Extensions: permessage-deflate; server_no"));
    stage_forget(&stage);
}

static void add_deflated(struct sio_strbuf *out, uint8_t first, struct sio_span message) {
    struct sio_strbuf payload = {0};
    deflate_message(client, message, &payload);
    stage_frame(out, first, sio_strbuf_as_span(&payload));
    sio_strbuf_fini(&payload);
}

/* The one frame that the client has got, inflated. */
static void got_message(bool deflated, struct sio_span message) {
    struct sio_span payload;
    struct sio_strbuf plain = {0};
    (void)ws_frame_read(sio_strbuf_as_span(&stage.got), &payload);
    assert_int_equal(stage.got.p[0] & 0x40, deflated ? 0x40 : 0);
    if (deflated) assert_int_equal(inflate_message(client, payload, message.n, &plain), INFLATE_OK);
    assert_true(sio_span_eq(deflated ? sio_strbuf_as_span(&plain) : payload, message));
    sio_strbuf_fini(&plain);
    stage_forget(&stage);
}

/* ---- the handshake ---- */

static void test_handshakes(void **state) {
    (void)state;
    agree(OFFER("permessage-deflate; client_max_window_bits"));
    agree(OFFER("x-a\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=9"));
    assert_int_equal(stage.conn->deflate_bits, 9);
    stage_reopen(&stage);
    stage_run(&stage, SIO_SPAN(OFFER("permessage-deflate; mystery")));
    assert_memory_equal(stage.got.p, "HTTP/1.1 400 ", 13);
    stage_reopen(&stage);
    stage_run(&stage, SIO_SPAN(OFFER("x-webkit-deflate-frame")));
    assert_false(stage_holds(&stage.got, "Extensions"));
    struct net_deflate *deflate = stage.options.deflate;
    stage.options.deflate = NULL;
    stage_reopen(&stage);
    stage_run(&stage, SIO_SPAN(OFFER("permessage-deflate; mystery")));
    stage_got(&stage, SIO_SPAN(STAGE_SWITCH));
    stage.options.deflate = deflate;
}

/* ---- messages ---- */

static void test_messages(void **state) {
    (void)state;
    struct sio_span message = sio_span_of(text, sizeof(text));
    struct sio_strbuf in = {0};
    agree(OFFER("permessage-deflate"));
    add_deflated(&in, 0xc1, message);
    stage_run(&stage, sio_strbuf_as_span(&in));
    stage_seen(&stage, "text 3000 bytes;");
    got_message(true, message);
    sio_strbuf_clear(&in);
    stage_frame(&in, 0x81, message); /* one that is not compressed may come as well */
    stage_run(&stage, sio_strbuf_as_span(&in));
    got_message(true, message);
    sio_strbuf_clear(&in);
    add_deflated(&in, 0xc2, sio_span_head(message, 1023)); /* below the threshold */
    stage_run(&stage, sio_strbuf_as_span(&in));
    got_message(false, sio_span_head(message, 1023));
    assert_int_equal(stage.conn->out.capacity, 0);
    assert_null(stage.conn->cut);
    sio_strbuf_fini(&in);
}

static void test_what_does_not_become_smaller_is_sent_as_it_is(void **state) {
    (void)state;
    char noise[2000], *large = mem_zalloc(50001);
    sio_loop_random(loop_group_at(stage.group, 0), noise, sizeof(noise));
    agree(OFFER("permessage-deflate"));
    assert_int_equal(stage_send_frame(stage.conn, true, sio_span_of(noise, sizeof(noise))), SIO_ERR_OK);
    stage_run(&stage, SIO_SPAN(""));
    got_message(false, sio_span_of(noise, sizeof(noise)));
    assert_int_equal(stage_send_frame(stage.conn, true, sio_span_of(large, 50001)),
                     SIO_ERR_OK); /* above max_bytes */
    stage_run(&stage, SIO_SPAN(""));
    got_message(false, sio_span_of(large, 50001));
    free(large);
}

static void test_a_small_window(void **state) {
    (void)state;
    agree(OFFER("permessage-deflate; server_max_window_bits=11"));
    assert_int_equal(stage_send_frame(stage.conn, false, sio_span_of(text, 2048)), SIO_ERR_OK);
    stage_run(&stage, SIO_SPAN(""));
    got_message(true, sio_span_of(text, 2048));
    assert_int_equal(stage_send_frame(stage.conn, false, sio_span_of(text, 2049)), SIO_ERR_OK);
    stage_run(&stage, SIO_SPAN(""));
    got_message(false, sio_span_of(text, 2049));
}

/* In fragments, with a ping between them and a character across; cut at every place. */
static void test_fragments(void **state) {
    (void)state;
    struct sio_strbuf payload = {0}, in = {0};
    deflate_message(client, SIO_SPAN("fr\xe2\x82\xac, quiet and once more quiet"), &payload);
    struct sio_span all = sio_strbuf_as_span(&payload);
    stage_frame(&in, 0x41, sio_span_head(all, 5));
    stage_frame(&in, 0x89, SIO_SPAN(""));
    stage_frame(&in, 0x00, SIO_SPAN(""));
    stage_frame(&in, 0x00, sio_span_head(sio_span_skip(all, 5), 3));
    stage_frame(&in, 0x80, sio_span_skip(all, 8));
    stage_frame(&in, 0x81, SIO_SPAN("plain"));
    for (size_t cut = 0; cut <= in.n; cut++) {
        agree(OFFER("permessage-deflate"));
        stage_run(&stage, sio_span_head(sio_strbuf_as_span(&in), cut));
        stage_run(&stage, sio_span_skip(sio_strbuf_as_span(&in), cut));
        stage_seen(&stage, "text fr\xe2\x82\xac, quiet and once more quiet;text plain;");
    }
    sio_strbuf_fini(&payload);
    sio_strbuf_fini(&in);
}

/* ---- for many ---- */

enum { RECEIVERS = 1000 };

static void count_nothing(struct net_conn *conn, enum sio_reason reason) { (void)conn, (void)reason; }

/* Connections of one loop that have agreed, without a handshake each. */
static struct net_conn *receiver(struct net_options *options, int *other, uint8_t bits) {
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    struct net_conn *conn = net_conn_new(loop_group_at(stage.group, 0), fds[0], NULL, true, NULL, options);
    conn->state = NET_WEBSOCKET;
    conn->deflate_bits = bits;
    *other = fds[1];
    return conn;
}

static void test_a_broadcast_is_compressed_once(void **state) {
    (void)state;
    struct net_options options = stage.options;
    static struct net_conn *conns[RECEIVERS];
    static int others[RECEIVERS];
    options.handlers = (struct net_handlers){.on_close = count_nothing};
    struct rcbuf *frame = net_frame_new(WS_TEXT, sio_span_of(text, sizeof(text)));
    unsigned deflated = 0;
    for (int i = 0; i < RECEIVERS; i++) { /* one in four wants none, one in four has a window too small */
        static const uint8_t bits[] = {15, 0, 15, 10};
        conns[i] = receiver(&options, &others[i], bits[i % 4]);
        assert_int_equal(net_send(conns[i], frame), SIO_ERR_OK);
        deflated += conns[i]->out.few[0] != frame;
    }
    struct rcbuf *twin = conns[0]->out.few[0];
    assert_int_equal(deflated, RECEIVERS / 2);
    assert_ptr_equal(conns[RECEIVERS - 2]->out.few[0], twin);
    assert_int_equal(atomic_load(&twin->refs), 1 + RECEIVERS / 2);
    rcbuf_unref(frame);
    for (int i = 0; i < RECEIVERS; i++) net_abort(conns[i]);
    stage_step(&stage, 3);
    for (int i = 0; i < RECEIVERS; i++) close(others[i]);
}

/* ---- what breaks the rules ---- */

static void check_failed(struct sio_span frames, uint16_t code) {
    agree(OFFER("permessage-deflate"));
    stage_run(&stage, frames);
    stage_await_end(&stage);
    char expected[4] = {(char)0x88, 2, (char)(code >> 8), (char)code};
    stage_got(&stage, sio_span_of(expected, 4));
    assert_true(stage_holds(&stage.seen, "closed in error;") || stage.conn != NULL);
}

static void check_failed_frame(uint8_t first, struct sio_span payload, uint16_t code) {
    struct sio_strbuf in = {0};
    stage_frame(&in, first, payload);
    check_failed(sio_strbuf_as_span(&in), code);
    sio_strbuf_fini(&in);
}

static void check_failed_message(uint8_t first, struct sio_span message, uint16_t code) {
    struct sio_strbuf in = {0};
    add_deflated(&in, first, message);
    check_failed(sio_strbuf_as_span(&in), code);
    sio_strbuf_fini(&in);
}

static void test_broken_messages(void **state) {
    (void)state;
    struct sio_strbuf in = {0};
    char *zeros = mem_zalloc(2000000);
    check_failed_frame(0xc9, SIO_SPAN("x"), 1002);            /* a compressed ping */
    check_failed_frame(0xe1, SIO_SPAN("x"), 1002);            /* RSV2 too */
    check_failed_frame(0xc1, SIO_SPAN("\xff\xff"), 1007);     /* no deflate data */
    check_failed_frame(0xc1, SIO_SPAN("\xf2\x48\xcd"), 1007); /* cut short */
    check_failed_message(0xc1, SIO_SPAN("\xff\xfe"), 1007);   /* no UTF-8, once inflated */
    check_failed_message(0xc2, sio_span_of(zeros, 100001), 1009);
    check_failed_message(0xc2, sio_span_of(zeros, 2000000), 1009); /* a bomb */
    stage_frame(&in, 0x41, SIO_SPAN("\xf2\x48"));
    stage_frame(&in, 0xc0, SIO_SPAN("\xcd\xc9\xc9\x07\x00")); /* RSV1 on a continuation */
    check_failed(sio_strbuf_as_span(&in), 1002);
    sio_strbuf_fini(&in);
    free(zeros);
}

/* ---- how much at once ---- */

static size_t inflated_bytes;

static void count_bytes(struct net_conn *conn, bool binary, struct sio_span message) {
    (void)conn, (void)binary;
    inflated_bytes += message.n;
}

/* However small it came: a loop's other connections wait for a part of it only. */
static void test_a_turn_inflates_a_part(void **state) {
    (void)state;
    enum {
        MESSAGES = 500,
        MESSAGE_BYTES = 100000,
        MOST = NET_DEFLATED_READ_BYTES * 1032 /* deflate's best */
    };
    struct sio_strbuf in = {0};
    char *zeros = mem_zalloc(MESSAGE_BYTES);
    agree(OFFER("permessage-deflate"));
    stage.options.handlers.on_message = count_bytes;
    for (int i = 0; i < MESSAGES; i++) add_deflated(&in, 0xc2, sio_span_of(zeros, MESSAGE_BYTES));
    inflated_bytes = 0;
    stage_send(&stage, sio_strbuf_as_span(&in));
    for (size_t before = 0; before < (size_t)MESSAGES * MESSAGE_BYTES; before = inflated_bytes) {
        stage_step(&stage, 1);
        assert_in_range(inflated_bytes - before, 1, MOST);
    }
    sio_strbuf_fini(&in);
    free(zeros);
}

int main(void) {
#define CONN_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        CONN_TEST(test_handshakes),
        CONN_TEST(test_messages),
        CONN_TEST(test_what_does_not_become_smaller_is_sent_as_it_is),
        CONN_TEST(test_a_small_window),
        CONN_TEST(test_fragments),
        CONN_TEST(test_a_broadcast_is_compressed_once),
        CONN_TEST(test_broken_messages),
        CONN_TEST(test_a_turn_inflates_a_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
