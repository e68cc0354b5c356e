/* HTTP/1.1: heads however cut, every known way to make two readers disagree, chunked bodies, URLs. */
#include "base/exact_bytes.h"
#include "codec/http1.h"

enum { LIMIT = 16384 };

static enum parse_result parse(struct sio_span text, size_t limit, struct http1_head *head, int *status) {
    struct sio_span exact = exact_bytes(text);
    enum parse_result r = http1_head_parse(exact, limit, head, status);
    exact_bytes_free(exact); /* the spans of `head` are for comparing lengths only now */
    return r;
}

/* The status a head is refused with; 0 if it is read or not yet complete. */
static int status_of(struct sio_span text) {
    struct http1_head head;
    int status;
    enum parse_result r = parse(text, LIMIT, &head, &status);
    assert_int_equal(r == PARSE_BAD, status != 0);
    return status;
}

#define GET  "GET / HTTP/1.1\r\nHost: h\r\n"
#define POST "POST / HTTP/1.1\r\nHost: h\r\n"
#define END  "\r\n"

#define assert_refused(expected, text)                                                                       \
    do {                                                                                                     \
        if (status_of(SIO_SPAN(text)) != (expected)) fail_msg("%d for %s", status_of(SIO_SPAN(text)), text); \
    } while (0)

#define assert_read(text, head)                                                                              \
    do {                                                                                                     \
        int status_;                                                                                         \
        assert_int_equal(http1_head_parse(SIO_SPAN(text), LIMIT, (head), &status_), PARSE_OK);               \
        assert_int_equal(status_, 0);                                                                        \
        assert_int_equal((head)->size, sizeof(text) - 1);                                                    \
    } while (0)

/* ---- heads ---- */

static void a_polling_request_is_read(void **unused) {
    struct http1_head head;
    assert_read("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost:3000\r\nAccept: */*\r\n"
                "Connection: close\r\n\r\n",
                &head);
    assert_span_is(head.method, "GET");
    assert_span_is(head.target, "/socket.io/?EIO=4&transport=polling");
    assert_span_is(head.path, "/socket.io/");
    assert_span_is(head.query, "EIO=4&transport=polling");
    assert_span_is(head.headers, "Host: localhost:3000\r\nAccept: */*\r\nConnection: close\r\n");
    assert_int_equal(head.version, 11);
    assert_false(head.keep_alive);
    assert_false(head.chunked);
    assert_false(head.has_length);
    assert_false(head.upgrade_websocket);
    assert_false(head.expect_continue);
}

static void a_body_is_announced(void **unused) {
    struct http1_head head;
    assert_read(POST "Content-Length: 123\r\nExpect: 100-Continue\r\n\r\n", &head);
    assert_true(head.has_length);
    assert_int_equal(head.content_length, 123);
    assert_true(head.expect_continue);
    assert_true(head.keep_alive);
    assert_read(POST "content-LENGTH:\t0042 \r\n\r\n", &head);
    assert_int_equal(head.content_length, 42);
    assert_read(POST "Transfer-Encoding: Chunked\r\n\r\n", &head);
    assert_true(head.chunked);
    assert_false(head.has_length);
    assert_read(POST "Content-Length: 9223372036854775807\r\n\r\n", &head);
    assert_int_equal(head.content_length, INT64_MAX);
}

static void an_upgrade_is_seen(void **unused) {
    struct http1_head head;
    assert_read(GET "Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n", &head);
    assert_true(head.upgrade_websocket);
    assert_true(head.keep_alive);
    assert_read(GET "Connection: keep-alive\r\nConnection: ,upgrade\r\nUpgrade: h2c, websocket\r\n\r\n",
                &head);
    assert_true(head.upgrade_websocket);
    assert_read(GET "Upgrade: websocket\r\n\r\n", &head);
    assert_false(head.upgrade_websocket);
    assert_read(GET "Connection: Upgrade\r\nUpgrade: websocket2\r\n\r\n", &head);
    assert_false(head.upgrade_websocket);
    assert_read(GET "Connection: no-upgrade\r\nUpgrade: websocket\r\n\r\n", &head);
    assert_false(head.upgrade_websocket);
    assert_read("GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", &head);
    assert_false(head.upgrade_websocket);
}

static void connections_are_kept_as_the_version_says(void **unused) {
    struct http1_head head;
    assert_read(GET END, &head);
    assert_true(head.keep_alive);
    assert_read(GET "Connection: Keep-Alive, close\r\n\r\n", &head);
    assert_false(head.keep_alive);
    assert_read("GET / HTTP/1.0\r\n\r\n", &head);
    assert_int_equal(head.version, 10);
    assert_false(head.keep_alive);
    assert_read("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", &head);
    assert_true(head.keep_alive);
    assert_read("GET / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", &head);
    assert_false(head.expect_continue);
    assert_read("GET / HTTP/1.9\r\nHost: h\r\n\r\n", &head);
    assert_int_equal(head.version, 11);
}

static void targets_are_cut_at_the_question_mark(void **unused) {
    struct http1_head head;
    assert_read("GET /a HTTP/1.1\r\nHost:\r\n\r\n", &head);
    assert_span_is(head.path, "/a");
    assert_int_equal(head.query.n, 0);
    assert_read("GET /? HTTP/1.1\r\nHost:\r\n\r\n", &head);
    assert_span_is(head.path, "/");
    assert_int_equal(head.query.n, 0);
    assert_read("GET //x/../?a=?b|{\"c\"} HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", &head);
    assert_span_is(head.path, "//x/../");
    assert_span_is(head.query, "a=?b|{\"c\"}");
}

static const struct sio_span whole_heads[] = {
    {GET END, sizeof GET END - 1},
    {"\r\n" GET END, sizeof "\r\n" GET END - 1},
    {POST "Content-Length: 5\r\nX-Long: some value, with blanks \t \r\nEmpty:\r\n" END,
     sizeof POST "Content-Length: 5\r\nX-Long: some value, with blanks \t \r\nEmpty:\r\n" END - 1},
    {GET "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" END,
     sizeof GET "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" END - 1},
    {POST "Transfer-Encoding: chunked\r\nX: \xc3\xa9\r\n" END,
     sizeof POST "Transfer-Encoding: chunked\r\nX: \xc3\xa9\r\n" END - 1},
};

static void heads_are_read_however_cut(void **unused) {
    for (size_t i = 0; i < sizeof whole_heads / sizeof *whole_heads; i++) {
        struct http1_head head;
        int status;
        for (size_t n = 0; n < whole_heads[i].n; n++) {
            assert_int_equal(parse(sio_span_head(whole_heads[i], n), LIMIT, &head, &status), PARSE_NEED_MORE);
            assert_int_equal(status, 0);
        }
        assert_int_equal(parse(whole_heads[i], LIMIT, &head, &status), PARSE_OK);
        assert_int_equal(head.size, whole_heads[i].n);
    }
}

static void what_follows_a_head_is_left_alone(void **unused) {
    struct http1_head head;
    int status;
    struct sio_span two = SIO_SPAN(GET END "\x16\x03\n\n\0 GET");
    assert_int_equal(http1_head_parse(two, LIMIT, &head, &status), PARSE_OK);
    assert_int_equal(head.size, sizeof GET END - 1);
}

/* Refused in the end means refused with every cut: a prefix is never OK, and once bad it stays so. */
static void a_bad_head_is_never_read_however_cut(void **unused) {
    static const char *const heads[] = {
        POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        GET " folded\r\n\r\n",
        GET "A: b\nC: d\r\n\r\n",
        GET "A : b\r\n\r\n",
        "GET / HTTP/2.0\r\n\r\n",
        "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n",
        POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        bool was_bad = false;
        for (size_t n = 0; n <= strlen(heads[i]); n++) {
            struct http1_head head;
            int status;
            enum parse_result r = parse(sio_span_of(heads[i], n), LIMIT, &head, &status);
            assert_int_not_equal(r, PARSE_OK);
            if (was_bad) assert_int_equal(r, PARSE_BAD);
            was_bad = r == PARSE_BAD;
        }
        assert_true(was_bad);
    }
}

/* ---- request lines that are refused ---- */

static void bad_request_lines(void **unused) {
    assert_refused(400, "GET /\r\n\r\n");
    assert_refused(400, "GET  / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET /  HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET / HTTP/1.1 \r\nHost: h\r\n\r\n");
    assert_refused(400, " GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET\t/\tHTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET / x HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "G(T / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET\0 / HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET /\x7f HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET /\xc3\xa9 HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET /#part HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET /\rX HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "\r\n\r\n" GET END);
    assert_refused(400, "\n" GET END);
    assert_refused(400, "\r" GET END);
    assert_refused(400, "\r\n\r\n");
}

static void other_forms_of_targets(void **unused) {
    assert_refused(400, "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET socket.io/ HTTP/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET ?a HTTP/1.1\r\nHost: h\r\n\r\n");
}

static void versions(void **unused) {
    assert_refused(505, "GET / HTTP/2.0\r\nHost: h\r\n\r\n");
    assert_refused(505, "GET / HTTP/0.9\r\nHost: h\r\n\r\n");
    assert_refused(505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert_refused(400, "GET / HTTP/1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET / HTTP/1.10\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET / HTTP/11\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET / HTTP/1,1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET / HTTP/x.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET / HTTP/-1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET / http/1.1\r\nHost: h\r\n\r\n");
    assert_refused(400, "GET / HTTPS/1.1\r\nHost: h\r\n\r\n");
}

static void another_protocol_is_refused_at_its_first_bytes(void **unused) {
    assert_int_equal(status_of(SIO_SPAN("\x16\x03\x01\x02")), 400);
    assert_int_equal(status_of(SIO_SPAN("\0\0")), 400);
    assert_int_equal(status_of(SIO_SPAN("GET h")), 400);
    assert_int_equal(status_of(SIO_SPAN("GET / HTTP/1.1\nHost: h\n\n")), 400);
    assert_int_equal(status_of(SIO_SPAN("OPTIONS *")), 0); /* known to be bad only with its version */
}

/* ---- header lines that are refused ---- */

static void a_line_ends_with_crlf_alone(void **unused) {
    assert_refused(400, "GET / HTTP/1.1\nHost: h\r\n\r\n");
    assert_refused(400, GET "A: b\n\r\n");
    assert_refused(400, GET "A: b\n\n");
    assert_refused(400, GET "A: b\rC: d\r\n\r\n");
    assert_refused(400, GET "A: b\r\r\n\r\n");
    assert_refused(400, GET "\n");
    assert_refused(400, GET "\r\r\n");
    assert_refused(400, GET "A: b\r\n\rX");
}

static void header_names_are_tokens(void **unused) {
    assert_refused(400, GET "A : b\r\n\r\n");
    assert_refused(400, GET "A\t: b\r\n\r\n");
    assert_refused(400, POST "Content-Length : 5\r\n\r\n");
    assert_refused(400, POST "Transfer-Encoding : chunked\r\n\r\n");
    assert_refused(400, POST " Content-Length: 5\r\n\r\n");
    assert_refused(400, GET ": b\r\n\r\n");
    assert_refused(400, GET "no colon\r\n\r\n");
    assert_refused(400, GET "A(B): c\r\n\r\n");
    assert_refused(400, GET "A\0B: c\r\n\r\n");
    assert_refused(400, GET "\xc3\xa9: c\r\n\r\n");
    assert_refused(400, GET "A\x0b: c\r\n\r\n");
}

static void folded_lines(void **unused) {
    assert_refused(400, GET "A: b\r\n c\r\n\r\n");
    assert_refused(400, GET "A: b\r\n\tc: d\r\n\r\n");
    assert_refused(400, "GET / HTTP/1.1\r\n Host: h\r\n\r\n");
    assert_refused(400, POST "Transfer-Encoding:\r\n chunked\r\n\r\n");
}

static void values_hold_no_control_characters(void **unused) {
    assert_refused(400, GET "A: b\0c\r\n\r\n");
    assert_refused(400, GET "A: b\x01\r\n\r\n");
    assert_refused(400, GET "A: \x1b[31m\r\n\r\n");
    assert_refused(400, GET "A: \x7f\r\n\r\n");
    assert_refused(0, GET "A: b\tc \xc3\xa9\r\n\r\n");
}

static void one_host(void **unused) {
    assert_refused(400, "GET / HTTP/1.1\r\n\r\n");
    assert_refused(400, "GET / HTTP/1.1\r\nX-Host: h\r\n\r\n");
    assert_refused(400, GET "Host: h\r\n\r\n");
    assert_refused(400, "GET / HTTP/1.0\r\nHost: h\r\nHost: g\r\n\r\n");
    assert_refused(400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n");
    assert_refused(400, "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n");
    assert_refused(400, "GET / HTTP/1.1\r\nHost: u@h\r\n\r\n");
    assert_refused(0, "GET / HTTP/1.1\r\nHost: my_host.example:8080\r\n\r\n");
    assert_refused(0, "GET / HTTP/1.1\r\nHost:\r\n\r\n");
}

/* ---- request smuggling ---- */

static void length_and_transfer_encoding_together(void **unused) {
    assert_refused(400, POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_refused(400, POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n");
    assert_refused(400, POST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n");
    assert_refused(501, POST "Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\n");
    assert_refused(400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_refused(400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n");
}

static void transfer_encodings_that_are_not_just_chunked(void **unused) {
    assert_refused(501, POST "Transfer-Encoding: identity\r\n\r\n");
    assert_refused(501, POST "Transfer-Encoding: gzip, chunked\r\n\r\n");
    assert_refused(501, POST "Transfer-Encoding: chunked, chunked\r\n\r\n");
    assert_refused(501, POST "Transfer-Encoding: chunked, identity\r\n\r\n");
    assert_refused(501, POST "Transfer-Encoding: xchunked\r\n\r\n");
    assert_refused(501, POST "Transfer-Encoding: \"chunked\"\r\n\r\n");
    assert_refused(501, POST "Transfer-Encoding: chunked;q=1\r\n\r\n");
    assert_refused(501, POST "Transfer-Encoding: ,chunked\r\n\r\n");
    assert_refused(400, POST "Transfer-Encoding: \x0b"
                             "chunked\r\n\r\n");
    assert_refused(400, POST "Transfer-Encoding:\r\n\r\n");
    assert_refused(400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert_refused(400, POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n");
    assert_refused(501, POST "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n");
}

static void lengths_that_are_not_one_number(void **unused) {
    assert_refused(400, POST "Content-Length: 5\r\nContent-Length: 6\r\n\r\n");
    assert_refused(400, POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n");
    assert_refused(400, POST "Content-Length: 0\r\nContent-Length: 0\r\n\r\n");
    assert_refused(400, POST "Content-Length: 5, 5\r\n\r\n");
    assert_refused(400, POST "Content-Length: -5\r\n\r\n");
    assert_refused(400, POST "Content-Length: +5\r\n\r\n");
    assert_refused(400, POST "Content-Length: 0x5\r\n\r\n");
    assert_refused(400, POST "Content-Length: 5a\r\n\r\n");
    assert_refused(400, POST "Content-Length: 5.0\r\n\r\n");
    assert_refused(400, POST "Content-Length: 1e3\r\n\r\n");
    assert_refused(400, POST "Content-Length: 5 5\r\n\r\n");
    assert_refused(400, POST "Content-Length: \"5\"\r\n\r\n");
    assert_refused(400, POST "Content-Length:\r\n\r\n");
    assert_refused(400, POST "Content-Length: \xd9\xa5\r\n\r\n"); /* an Arabic five */
    assert_refused(400, POST "Content-Length: 9223372036854775808\r\n\r\n");
    assert_refused(400, POST "Content-Length: 18446744073709551616\r\n\r\n");
    assert_refused(400, POST "Content-Length: 99999999999999999999999999\r\n\r\n");
}

/* ---- the limit ---- */

static void a_head_over_the_limit(void **unused) {
    struct http1_head head;
    int status;
    struct sio_span whole = SIO_SPAN(GET "A: 0123456789\r\n" END);
    assert_int_equal(parse(whole, whole.n, &head, &status), PARSE_OK);
    assert_int_equal(parse(whole, whole.n - 1, &head, &status), PARSE_BAD);
    assert_int_equal(status, 431);
    assert_int_equal(parse(sio_span_head(whole, 30), 31, &head, &status), PARSE_NEED_MORE);
    assert_int_equal(parse(sio_span_head(whole, 31), 31, &head, &status), PARSE_BAD);
    assert_int_equal(status, 431);
}

static void the_result_is_the_same_however_much_is_there(void **unused) {
    enum { BIG = 20000 };
    char *text = malloc(BIG);
    memset(text, 'a', BIG);
    memcpy(text, GET "A: ", sizeof GET "A: " - 1);
    for (size_t n = LIMIT - 2; n <= BIG; n += n < LIMIT + 2 ? 1 : 500) {
        struct http1_head head;
        int status;
        enum parse_result r = parse(sio_span_of(text, n), LIMIT, &head, &status);
        assert_int_equal(r, n < LIMIT ? PARSE_NEED_MORE : PARSE_BAD);
        if (n >= LIMIT) assert_int_equal(status, 431);
    }
    free(text);
}

/* ---- headers looked up ---- */

#define assert_known(text, method_, path_, query_, headers_)                                                 \
    do {                                                                                                     \
        struct http1_head head_;                                                                             \
        int status_;                                                                                         \
        assert_int_not_equal(http1_head_parse(SIO_SPAN(text), LIMIT, &head_, &status_), PARSE_OK);           \
        assert_span_is(head_.method, method_);                                                               \
        assert_span_is(head_.path, path_);                                                                   \
        assert_span_is(head_.query, query_);                                                                 \
        assert_span_is(head_.headers, headers_);                                                             \
    } while (0)

static void what_was_right_of_a_bad_head_is_known(void **unused) {
    assert_known("PUT /a?b HTTP/1.1\r\nOrigin: o\r\nA: b\x01\r\nC: d\r\n\r\n", "PUT", "/a", "b",
                 "Origin: o\r\n");
    assert_known("PUT /a?b HTTP/1.1\r\nOrigin: o\r\n\r\n", "PUT", "/a", "b", "Origin: o\r\n"); /* no Host */
    assert_known("PUT /a?b HTTP/1.1\r\nOrigin: o\r\nHos", "PUT", "/a", "b", "Origin: o\r\n");
    assert_known("PUT /a?b HTTP/1.1\r\nOrigin: ", "PUT", "/a", "b", "");
    assert_known("PUT /a?b HTTP/3.0\r\nOrigin: o\r\n\r\n", "PUT", "/a", "b", "");
    assert_known("PUT /\xff HTTP/1.1\r\n\r\n", "PUT", "", "", "");
    assert_known("PUT a HTTP/1.1\r\n\r\n", "PUT", "", "", "");
    assert_known("P\xffT /a HTTP/1.1\r\n\r\n", "", "", "", "");
    assert_known("PUT /a?b HTT", "", "", "", "");
    assert_known("\x16\x03\x01", "", "", "", "");
    assert_known("", "", "", "", "");
}

static void headers_are_found_without_case(void **unused) {
    const struct sio_span headers =
        SIO_SPAN("Host: h\r\nX-A: \t one \t\r\nx-a: two\r\nEmpty:\r\nConnection: a, B ,c\r\n"
                 "connection: d\r\n");
    assert_span_is(http1_header(headers, SIO_SPAN("HOST")), "h");
    assert_span_is(http1_header(headers, SIO_SPAN("x-A")), "one");
    assert_int_equal(http1_header(headers, SIO_SPAN("empty")).n, 0);
    assert_int_equal(http1_header(headers, SIO_SPAN("absent")).n, 0);
    assert_null(http1_header(headers, SIO_SPAN("absent")).p);
    assert_true(http1_has_token(headers, SIO_SPAN("Connection"), SIO_SPAN("b")));
    assert_true(http1_has_token(headers, SIO_SPAN("Connection"), SIO_SPAN("D")));
    assert_false(http1_has_token(headers, SIO_SPAN("Connection"), SIO_SPAN("a, B")));
    assert_false(http1_has_token(headers, SIO_SPAN("Connection"), SIO_SPAN("e")));
    assert_false(http1_has_token((struct sio_span){0}, SIO_SPAN("Connection"), SIO_SPAN("e")));
}

static void headers_are_walked_in_order(void **unused) {
    struct sio_span rest = SIO_SPAN("A: 1\r\nB:\r\n"), name, value;
    assert_true(http1_next_header(&rest, &name, &value));
    assert_span_is(name, "A");
    assert_span_is(value, "1");
    assert_true(http1_next_header(&rest, &name, &value));
    assert_span_is(name, "B");
    assert_span_is(value, "");
    assert_false(http1_next_header(&rest, &name, &value));
}

static void reasons(void **unused) {
    assert_string_equal(http1_reason(200), "OK");
    assert_string_equal(http1_reason(431), "Request Header Fields Too Large");
    assert_string_equal(http1_reason(799), "Unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_polling_request_is_read),
        cmocka_unit_test(a_body_is_announced),
        cmocka_unit_test(an_upgrade_is_seen),
        cmocka_unit_test(connections_are_kept_as_the_version_says),
        cmocka_unit_test(targets_are_cut_at_the_question_mark),
        cmocka_unit_test(heads_are_read_however_cut),
        cmocka_unit_test(what_follows_a_head_is_left_alone),
        cmocka_unit_test(a_bad_head_is_never_read_however_cut),
        cmocka_unit_test(bad_request_lines),
        cmocka_unit_test(other_forms_of_targets),
        cmocka_unit_test(versions),
        cmocka_unit_test(another_protocol_is_refused_at_its_first_bytes),
        cmocka_unit_test(a_line_ends_with_crlf_alone),
        cmocka_unit_test(header_names_are_tokens),
        cmocka_unit_test(folded_lines),
        cmocka_unit_test(values_hold_no_control_characters),
        cmocka_unit_test(one_host),
        cmocka_unit_test(length_and_transfer_encoding_together),
        cmocka_unit_test(transfer_encodings_that_are_not_just_chunked),
        cmocka_unit_test(lengths_that_are_not_one_number),
        cmocka_unit_test(a_head_over_the_limit),
        cmocka_unit_test(the_result_is_the_same_however_much_is_there),
        cmocka_unit_test(what_was_right_of_a_bad_head_is_known),
        cmocka_unit_test(headers_are_found_without_case),
        cmocka_unit_test(headers_are_walked_in_order),
        cmocka_unit_test(reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
