/* HTTP on a connection: every cut, keep-alive, pipelining, bodies, limits, patience, and clients that go. */
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

#define ANSWER(length, body)                                                                                 \
    "HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: " length                                                   \
    "\r\nConnection: keep-alive\r\nKeep-Alive: timeout=10\r\n\r\n" body
#define LAST_ANSWER(length, body)                                                                            \
    "HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: " length "\r\nConnection: close\r\n\r\n" body
#define REFUSAL(status) "HTTP/1.1 " status "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

/* ---- every cut ---- */

/* A literal as a span, in a static table. */
#define TEXT(literal)                                                                                        \
    { "" literal, sizeof("" literal) - 1 }

struct exchange {
    struct sio_span in, out;
    const char *seen;
};

static const struct exchange exchanges[] = {
    {TEXT("GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n"), TEXT(ANSWER("2", "/a")), "head /a;request GET /a ;Host;"},
    {TEXT("\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n"), TEXT(ANSWER("2", "/a")),
     "head /a;request GET /a ;Host;"},
    {TEXT("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe\nlo"), TEXT(ANSWER("5", "he\nlo")),
     "head /p;request POST /p he\nlo;Host;"},
    {TEXT("POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
          "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: r\r\n\r\n"),
     TEXT(ANSWER("5", "abcde")), "head /p;request POST /p abcde;Host;"},
    {TEXT("GET /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nzz"
          "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
     TEXT(ANSWER("2", "/1") ANSWER("2", "zz") ANSWER("2", "/3")),
     "head /1;request GET /1 ;Host;head /2;request POST /2 zz;Host;head /3;request GET /3 ;Host;"},
    {TEXT("POST /p HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nq\r\n0\r\n\r\n"
          "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n"),
     TEXT(ANSWER("1", "q") ANSWER("2", "/3")),
     "head /p;request POST /p q;Host;head /3;request GET /3 ;Host;"},
    {TEXT("HEAD /h HTTP/1.1\r\nHost: x\r\n\r\nGET /none HTTP/1.1\r\nHost: x\r\n\r\n"),
     TEXT(ANSWER("2", "") "HTTP/1.1 204 No Content\r\nConnection: keep-alive\r\nKeep-Alive: "
                          "timeout=10\r\n\r\n"),
     "head /h;request HEAD /h ;Host;head /none;request GET /none ;"},
    {TEXT("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), TEXT(LAST_ANSWER("2", "/a")),
     "head /a;request GET /a ;Host;closed by peer;"},
    {TEXT("GET /a HTTP/1.0\r\nHost: x\r\n\r\n"), TEXT(LAST_ANSWER("2", "/a")),
     "head /a;request GET /a ;Host;closed by peer;"},
};
enum { EXCHANGES = sizeof(exchanges) / sizeof(exchanges[0]) };

static void check_exchange(const struct exchange *e) {
    stage_step(&stage, 3);
    stage_receive(&stage);
    stage_got(&stage, e->out);
    stage_seen(&stage, e->seen);
    if (stage.conn == NULL) return;
    assert_null(stage.conn->http);
    assert_null(stage.conn->ahead);
}

static void test_cut_at_every_place(void **state) {
    (void)state;
    for (int i = 0; i < EXCHANGES; i++) {
        const struct exchange *e = &exchanges[i];
        for (size_t cut = 0; cut <= e->in.n; cut++) {
            stage_reopen(&stage);
            stage_run(&stage, sio_span_head(e->in, cut));
            stage_run(&stage, sio_span_skip(e->in, cut));
            check_exchange(e);
        }
    }
}

static void test_byte_by_byte(void **state) {
    (void)state;
    for (int i = 0; i < EXCHANGES; i++) {
        const struct exchange *e = &exchanges[i];
        stage_reopen(&stage);
        for (size_t at = 0; at < e->in.n; at++) stage_run(&stage, sio_span_of(e->in.p + at, 1));
        check_exchange(e);
    }
}

static void test_expect_continue(void **state) {
    (void)state;
    stage_run(&stage,
              SIO_SPAN("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n"));
    stage_got(&stage, SIO_SPAN("HTTP/1.1 100 Continue\r\n\r\n"));
    stage_run(&stage, SIO_SPAN("abc"));
    stage_got(&stage, SIO_SPAN("HTTP/1.1 100 Continue\r\n\r\n" ANSWER("3", "abc")));
    stage_reopen(&stage); /* too long is said before anything is sent */
    stage_run(
        &stage,
        SIO_SPAN("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n"));
    stage_got(&stage, SIO_SPAN(REFUSAL("413 Content Too Large")));
}

/* ---- later answers ---- */

static void test_the_next_request_waits_for_the_answer(void **state) {
    (void)state;
    stage_run(&stage, SIO_SPAN("GET /wait HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"));
    stage_run(&stage, SIO_SPAN("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
    stage_seen(&stage, "head /wait;request GET /wait ;");
    stage_answer(stage.waiting, SIO_SPAN("now"), false);
    stage_run(&stage, SIO_SPAN(""));
    stage_got(&stage, SIO_SPAN(ANSWER("3", "now") ANSWER("2", "/2")));
    stage_seen(&stage, "head /wait;request GET /wait ;head /2;request GET /2 ;Host;head /wait;request GET "
                       "/wait ;");
    stage_answer(stage.waiting, SIO_SPAN("then"), false);
    stage_run(&stage, SIO_SPAN(""));
    assert_null(stage.conn->http);
    assert_null(stage.conn->ahead);
}

/* Between the answer and the end of its turn more may be read: it has to go behind what was read before. */
static void test_input_in_the_turn_of_the_answer_keeps_its_place(void **state) {
    (void)state;
    stage_run(&stage, SIO_SPAN("GET /wait HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n"));
    char third[] = "GET /3 HTTP/1.1\r\nHost: x\r\n\r\n";
    stage_answer(stage.waiting, SIO_SPAN("now"), false);
    conn_input(stage.conn, third, sizeof(third) - 1);
    stage_run(&stage, SIO_SPAN(""));
    stage_got(&stage, SIO_SPAN(ANSWER("3", "now") ANSWER("2", "/2") ANSWER("2", "/3")));
}

static void test_input_behind_a_waiting_request_is_limited(void **state) {
    (void)state;
    char many[50000];
    memset(many, 'x', sizeof(many));
    stage_run(&stage, SIO_SPAN("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
    for (int i = 0; i < 40; i++) { /* as much as the kernel keeps */
        (void)!send(stage.client, many, sizeof(many), MSG_NOSIGNAL);
        stage_step(&stage, 2);
    }
    assert_true(stage.conn->ahead->text.n <= 1000);
    stage_hang_up(&stage); /* … and that is noticed although nothing is read */
    stage_seen(&stage, "head /wait;request GET /wait ;closed by peer;");
}

static void test_an_aborted_request_is_noticed(void **state) {
    (void)state;
    stage_run(&stage, SIO_SPAN("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
    stage_hang_up(&stage);
    stage_seen(&stage, "head /wait;request GET /wait ;closed by peer;");
}

static void test_many_pipelined_requests_in_one_read(void **state) {
    (void)state;
    struct sio_strbuf in = {0};
    for (int i = 0; i < 2000; i++) sio_strbuf_lit(&in, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
    stage_send(&stage, sio_strbuf_as_span(&in));
    for (int i = 0; i < 200; i++) {
        stage_step(&stage, 1);
        stage_receive(&stage);
    }
    stage_cut_dates(&stage.got);
    assert_int_equal(stage.got.n, 2000 * (sizeof(ANSWER("2", "/a")) - 1));
    sio_strbuf_fini(&in);
}

/* Who asks and does not read is not answered without end. */
static void test_answers_that_are_not_read_stop_the_asking(void **state) {
    (void)state;
    struct sio_strbuf in = {0};
    for (int i = 0; i < 500; i++) sio_strbuf_lit(&in, "GET /big?20000 HTTP/1.1\r\nHost: x\r\n\r\n");
    stage_send(&stage, sio_strbuf_as_span(&in));
    stage_step(&stage, 20);
    assert_true(stage.conn->blocked);
    assert_true(stage.conn->out.bytes < 100000 + 20000 + 200);
    for (int i = 0; i < 2000 && stage.got.n < 500 * 20000; i++) {
        stage_receive(&stage);
        stage_step(&stage, 2);
    }
    stage_receive(&stage);
    assert_true(stage.got.n > 500 * 20000);
    assert_null(stage.conn->ahead);
    assert_int_equal(stage.conn->out.capacity, 0);
    sio_strbuf_fini(&in);
}

static void test_a_big_answer_arrives_whole(void **state) {
    (void)state;
    stage_run(&stage, SIO_SPAN("GET /big?5000000 HTTP/1.1\r\nHost: x\r\n\r\n"));
    while (stage.conn->blocked) {
        stage_step(&stage, 1);
        stage_receive(&stage);
    }
    stage_receive(&stage);
    const char *body = (char *)memmem(stage.got.p, stage.got.n, "\r\n\r\n", 4) + 4;
    assert_int_equal(stage.got.p + stage.got.n - body, 5000000);
    for (size_t i = 0; i < 5000000; i++) assert_true(body[i] == (char)('a' + i % 23));
}

/* ---- the end ---- */

static void test_close_by_the_answer(void **state) {
    (void)state;
    stage_run(&stage, SIO_SPAN("GET /last HTTP/1.1\r\nHost: x\r\n\r\n"));
    stage_run(&stage, SIO_SPAN("GET /a HTTP/1.1\r\nHost: x\r\n\r\n")); /* comes too late, and does no harm */
    stage_await_end(&stage);
    stage_got(&stage, SIO_SPAN(LAST_ANSWER("5", "/last")));
    stage_hang_up(&stage);
    stage_seen(&stage, "head /last;request GET /last ;Host;closed by us;");
}

static void test_net_close_lets_the_answer_out(void **state) {
    (void)state;
    stage_run(&stage, SIO_SPAN("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
    net_close(stage.conn, 0);
    stage_step(&stage, 2);
    stage_answer(stage.waiting, SIO_SPAN("bye"), false);
    stage_await_end(&stage);
    stage_got(&stage, SIO_SPAN(LAST_ANSWER("3", "bye")));
    stage_reopen(&stage); /* idle: at once */
    net_close(stage.conn, 0);
    stage_await_end(&stage);
    stage_hang_up(&stage);
    stage_seen(&stage, "closed by us;");
}

static void test_closing_inside_on_head(void **state) {
    (void)state;
    stage_run(&stage, SIO_SPAN("GET /abort HTTP/1.1\r\nHost: x\r\n\r\nGET /a HTTP/1.1\r\nHost: x\r\n\r\n"));
    assert_true(stage.ended);
    stage_seen(&stage, "head /abort;");
    stage.conn = NULL;
    stage_reopen(&stage);
    stage_run(&stage, SIO_SPAN("GET /close-in-head HTTP/1.1\r\nHost: x\r\n\r\n"));
    stage_await_end(&stage);
    stage_hang_up(&stage);
    stage_seen(&stage, "head /close-in-head;closed by us;");
}

static void test_half_closed_client_gets_its_answers(void **state) {
    (void)state;
    stage_send(&stage,
               SIO_SPAN("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /big?900000 HTTP/1.1\r\nHost: x\r\n\r\n"));
    shutdown(stage.client, SHUT_WR);
    stage_await_end(&stage);
    assert_true(stage.got.n > 900000);
    stage_step(&stage, 2);
    assert_null(stage.conn);
}

static void test_left_behind(void **state) {
    (void)state; /* the sanitizers see whether something leaks */
    stage_run(&stage, SIO_SPAN("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\nhalf"));
    stage_close(&stage);
    stage_open(&stage, SOCK_STREAM, 1);
    stage_run(&stage, SIO_SPAN("GET /wait HTTP/1.1\r\nHost: x\r\n\r\nGET /a"));
}

/* ---- bad requests ---- */

static void check_refused(struct sio_span in, const char *answer, const char *reason) {
    stage_reopen(&stage);
    stage_run(&stage, in);
    stage_run(&stage, SIO_SPAN("and there is more to come, which must not disturb the answer"));
    stage_await_end(&stage);
    stage_got(&stage, sio_span_cstr(answer));
    stage_hang_up(&stage);
    assert_null(stage.conn);
    assert_true(stage_holds(&stage.seen, reason));
}

static void test_refusals(void **state) {
    (void)state;
    const char *in_error = "closed in error;";
    check_refused(SIO_SPAN("\x16\x03\x01\x02"), REFUSAL("400 Bad Request"), in_error);
    check_refused(SIO_SPAN("GET / HTTP/1.1\r\n\r\n"), REFUSAL("400 Bad Request"), in_error);
    check_refused(SIO_SPAN("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), REFUSAL("505 HTTP Version Not Supported"),
                  in_error);
    check_refused(SIO_SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"),
                  REFUSAL("501 Not Implemented"), in_error);
    check_refused(SIO_SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\nabc"),
                  REFUSAL("413 Content Too Large"), in_error);
    check_refused(SIO_SPAN("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
                  REFUSAL("400 Bad Request"), in_error);
    check_refused(SIO_SPAN("GET /refuse HTTP/1.1\r\nHost: a\r\n\r\n"), REFUSAL("503 Service Unavailable"),
                  in_error);
}

/* The owner writes down what it is told of the request, and answers with it. */
static void on_refused(struct net_conn *conn, const struct net_request *request, struct net_refusal *answer) {
    struct sio_strbuf *seen = &stage_of(conn)->seen;
    sio_strbuf_printf(seen, "refused %d ", answer->status);
    sio_strbuf_span(seen, request->method);
    sio_strbuf_char(seen, ' ');
    sio_strbuf_span(seen, request->path);
    sio_strbuf_char(seen, ' ');
    sio_strbuf_span(seen, http1_header(request->headers, SIO_SPAN("origin")));
    sio_strbuf_char(seen, ';');
    sio_strbuf_lit(&answer->lines, "X-A: b\r\n");
    sio_strbuf_lit(&answer->body, "why");
    if (answer->status == 503) answer->status = 429;
}

static void check_answered(struct sio_span in, const char *status, const char *told) {
    struct sio_strbuf answer = {0};
    bool is_head = sio_span_starts(in, SIO_SPAN("HEAD"));
    sio_strbuf_printf(&answer, "HTTP/1.1 %s\r\nX-A: b\r\nContent-Length: 3\r\nConnection: close\r\n\r\n%s",
                      status, is_head ? "" : "why");
    check_refused(in, answer.p, told);
    sio_strbuf_fini(&answer);
}

static void test_the_owner_answers_what_is_refused(void **state) {
    (void)state;
    stage.options.handlers.on_refused = on_refused;
    check_answered(SIO_SPAN("\x16\x03\x01\x02"), "400 Bad Request", "refused 400   ;");
    check_answered(SIO_SPAN("GET /a?q HTTP/1.1\r\nOrigin: o\r\n\r\n"), "400 Bad Request",
                   "refused 400 GET /a o;");
    check_answered(SIO_SPAN("GET /a HTTP/2.0\r\nHost: a\r\n\r\n"), "505 HTTP Version Not Supported",
                   "refused 505 GET /a ;");
    check_answered(SIO_SPAN("POST /a HTTP/1.1\r\nOrigin: o\r\nTransfer-Encoding: gzip\r\n\r\n"),
                   "501 Not Implemented", "refused 501 POST /a o;");
    check_answered(SIO_SPAN("HEAD /a HTTP/1.1\r\nHost: a\r\nOrigin: o\r\nContent-Length: 1001\r\n\r\nabc"),
                   "413 Content Too Large", "refused 413 HEAD /a o;");
    check_answered(
        SIO_SPAN("POST /a HTTP/1.1\r\nHost: a\r\nOrigin: o\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        "400 Bad Request", "refused 400 POST /a o;");
    check_answered(SIO_SPAN("GET /refuse HTTP/1.1\r\nHost: a\r\n\r\n"), "429 Too Many Requests",
                   "refused 503 GET /refuse ;");
    struct sio_strbuf in = {0};
    sio_strbuf_lit(&in, "GET /a HTTP/1.1\r\nHost: a\r\nOrigin: o\r\nX: ");
    while (in.n < 1000) sio_strbuf_char(&in, 'x');
    check_answered(sio_strbuf_as_span(&in), "431 Request Header Fields Too Large", "refused 431 GET /a o;");
    sio_strbuf_fini(&in);
}

static void test_the_owner_answers_what_is_late(void **state) {
    (void)state;
    static const struct {
        const char *in, *told;
    } late[] = {
        {"", "refused 408   ;"},
        {"GET /a HTTP/1.1\r\nOrigin: o\r\nHos", "refused 408 GET /a o;"},
        {"PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe", "refused 408 PUT /a ;"},
    };
    stage.options.handlers.on_refused = on_refused;
    stage.options.limits.head_timeout_ms = stage.options.limits.body_timeout_ms = 60;
    for (size_t i = 0; i < sizeof(late) / sizeof(*late); i++) {
        stage_reopen(&stage);
        stage_run(&stage, sio_span_cstr(late[i].in));
        stage_await_end(&stage);
        assert_true(stage_holds(&stage.got, "HTTP/1.1 408 Request Timeout\r\n"));
        assert_true(stage_holds(&stage.got, "\r\n\r\nwhy"));
        assert_true(stage_holds(&stage.seen, late[i].told));
    }
}

static void test_limits(void **state) {
    (void)state;
    struct sio_strbuf in = {0};
    sio_strbuf_lit(&in, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
    while (in.n < 996) sio_strbuf_char(&in, 'x');
    sio_strbuf_lit(&in, "\r\n\r\n"); /* a head of exactly the limit */
    stage_run(&stage, sio_strbuf_as_span(&in));
    stage_got(&stage, SIO_SPAN(ANSWER("1", "/")));
    in.n -= 4;
    sio_strbuf_lit(&in, "x\r\n\r\n");
    check_refused(sio_strbuf_as_span(&in), REFUSAL("431 Request Header Fields Too Large"),
                  "closed in error;");
    sio_strbuf_clear(&in);
    sio_strbuf_lit(&in, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 10; i++) {
        sio_strbuf_lit(&in, "64\r\n");
        for (int k = 0; k < 100; k++) sio_strbuf_char(&in, 'y');
        sio_strbuf_lit(&in, "\r\n");
    }
    stage_reopen(&stage);
    stage_run(&stage, sio_strbuf_as_span(&in));
    stage_run(&stage, SIO_SPAN("0\r\n\r\n")); /* a body of exactly the limit */
    assert_true(stage_holds(&stage.got, "Content-Length: 1000\r\n"));
    sio_strbuf_lit(&in, "1\r\nz\r\n");
    check_refused(sio_strbuf_as_span(&in), REFUSAL("413 Content Too Large"), "closed in error;");
    sio_strbuf_fini(&in);
}

/* What arrives behind a refusal meets a socket that is still open: no reset overtakes the answer. */
static void test_no_reset_overtakes_an_answer(void **state) {
    (void)state;
    char piece[20000];
    memset(piece, 'u', sizeof(piece));
    stage.tcp = true;
    stage_reopen(&stage);
    stage_send(&stage, SIO_SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n"));
    for (int i = 0; i < 20; i++) {
        assert_true(send(stage.client, piece, sizeof(piece), MSG_NOSIGNAL) > 0 || errno == EAGAIN);
        stage_step(&stage, 2);
    }
    stage_await_end(&stage);
    stage_got(&stage, SIO_SPAN(REFUSAL("413 Content Too Large")));
}

/* The client of a refused upload goes on sending for a while, and still gets the answer. */
static void test_an_upload_in_flight_does_not_lose_the_refusal(void **state) {
    (void)state;
    char piece[20000];
    memset(piece, 'u', sizeof(piece));
    stage_send(&stage, SIO_SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n"));
    for (int i = 0; i < 100; i++) stage_send(&stage, sio_span_of(piece, sizeof(piece)));
    stage_await_end(&stage);
    stage_got(&stage, SIO_SPAN(REFUSAL("413 Content Too Large")));
}

/* Single bytes for one and a half of the times that a silent client is waited for. */
static void trickle(void) {
    stage_send(&stage, SIO_SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n"));
    stage_await_got(&stage, "413 Content Too Large");
    for (uint64_t until = stage_real_ms() + NET_LINGER_MS * 3 / 2; stage_real_ms() < until; usleep(5000))
        stage_run(&stage, SIO_SPAN("u"));
}

static void test_a_slow_upload_is_heard_out(void **state) {
    (void)state;
    trickle();
    assert_non_null(stage.conn);
    stage_await_seen(&stage, "closed in error;"); /* once it is silent */
}

static void test_but_not_for_ever(void **state) {
    (void)state;
    stage.conn->rounds = NET_LINGER_ROUNDS - 1;
    trickle();
    assert_null(stage.conn);
}

static void test_a_refused_upload_has_an_end(void **state) {
    (void)state;
    char piece[20000];
    memset(piece, 'u', sizeof(piece));
    stage_send(&stage, SIO_SPAN("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000000\r\n\r\n"));
    for (int i = 0; i < 400; i++) stage_send(&stage, sio_span_of(piece, sizeof(piece)));
    assert_null(stage.conn);
}

/* ---- patience ---- */

static void test_patience_with_heads(void **state) {
    (void)state;
    stage.options.limits.head_timeout_ms = 60;
    stage_reopen(&stage);
    uint64_t start_ms = stage_real_ms();
    stage_await_end(&stage); /* says nothing at all */
    stage_got(&stage, SIO_SPAN(REFUSAL("408 Request Timeout")));
    assert_in_range(stage_real_ms() - start_ms, 59, 1000);
    stage_reopen(&stage);
    start_ms = stage_real_ms();
    static const char slow[] = "GET /a HTTP/1.1\r\nHost: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
    for (size_t i = 0; !stage.ended && i < sizeof(slow); i++, usleep(5000)) /* single bytes buy no time */
        stage_run(&stage, sio_span_of(slow + i, 1));
    stage_got(&stage, SIO_SPAN(REFUSAL("408 Request Timeout")));
    assert_in_range(stage_real_ms() - start_ms, 59, 1000);
    stage.options.limits.head_timeout_ms = 10000;
}

static void test_patience_with_bodies(void **state) {
    (void)state;
    stage.options.limits.body_timeout_ms = 60;
    stage_reopen(&stage);
    stage_run(&stage, SIO_SPAN("POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe"));
    stage_await_end(&stage);
    stage_got(&stage, SIO_SPAN(REFUSAL("408 Request Timeout")));
}

static void test_patience_between_requests(void **state) {
    (void)state;
    stage.options.limits.keepalive_ms = 60;
    stage_reopen(&stage);
    stage_run(&stage, SIO_SPAN("GET /none HTTP/1.1\r\nHost: x\r\n\r\n"));
    stage_forget(&stage);
    uint64_t start_ms = stage_real_ms();
    stage_await_end(&stage);
    stage_got(&stage, SIO_SPAN(""));
    assert_in_range(stage_real_ms() - start_ms, 50, 1000);
    stage_seen(&stage, "closed by peer;");
}

static void test_no_patience_is_needed_for_an_answer(void **state) {
    (void)state;
    stage.options.limits.head_timeout_ms = stage.options.limits.keepalive_ms = 30;
    stage.options.limits.body_timeout_ms = 30;
    stage_reopen(&stage);
    stage_run(&stage, SIO_SPAN("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"));
    usleep(100000);
    stage_step(&stage, 3);
    assert_non_null(stage.waiting);
}

static void test_patience_with_who_does_not_read(void **state) {
    (void)state;
    stage.options.limits.body_timeout_ms = 60;
    stage_reopen(&stage);
    stage_run(&stage, SIO_SPAN("GET /big?100 HTTP/1.1\r\nHost: x\r\n\r\n"));
    stage_forget(&stage);
    stage_send(&stage, SIO_SPAN("GET /big?5000000 HTTP/1.1\r\nHost: x\r\n\r\n"));
    for (uint64_t until = stage_real_ms() + 2000; stage.conn != NULL; usleep(1000)) {
        assert_true(stage_real_ms() < until);
        stage_step(&stage, 1);
    }
    stage_seen(&stage, "head /big;request GET /big ;closed in error;");
}

int main(void) {
#define CONN_TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        CONN_TEST(test_cut_at_every_place),
        CONN_TEST(test_byte_by_byte),
        CONN_TEST(test_expect_continue),
        CONN_TEST(test_the_next_request_waits_for_the_answer),
        CONN_TEST(test_input_in_the_turn_of_the_answer_keeps_its_place),
        CONN_TEST(test_input_behind_a_waiting_request_is_limited),
        CONN_TEST(test_an_aborted_request_is_noticed),
        CONN_TEST(test_many_pipelined_requests_in_one_read),
        CONN_TEST(test_answers_that_are_not_read_stop_the_asking),
        CONN_TEST(test_a_big_answer_arrives_whole),
        CONN_TEST(test_close_by_the_answer),
        CONN_TEST(test_net_close_lets_the_answer_out),
        CONN_TEST(test_closing_inside_on_head),
        CONN_TEST(test_half_closed_client_gets_its_answers),
        CONN_TEST(test_left_behind),
        CONN_TEST(test_refusals),
        CONN_TEST(test_the_owner_answers_what_is_refused),
        CONN_TEST(test_the_owner_answers_what_is_late),
        CONN_TEST(test_limits),
        CONN_TEST(test_no_reset_overtakes_an_answer),
        CONN_TEST(test_an_upload_in_flight_does_not_lose_the_refusal),
        CONN_TEST(test_a_slow_upload_is_heard_out),
        CONN_TEST(test_but_not_for_ever),
        CONN_TEST(test_a_refused_upload_has_an_end),
        CONN_TEST(test_patience_with_heads),
        CONN_TEST(test_patience_with_bodies),
        CONN_TEST(test_patience_between_requests),
        CONN_TEST(test_no_patience_is_needed_for_an_answer),
        CONN_TEST(test_patience_with_who_does_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
