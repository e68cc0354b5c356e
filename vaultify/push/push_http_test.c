/* Outgoing requests against a server that answers well, badly and not at all; and what the guard lets through. */
#include "push/http.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "push/testing/logged.h"
#include "push/testing/peer.h"
#include "sio_strbuf.h"

enum { BODY_KEPT = 64, RUN_MS = 2000 };

/* What `done` was told. */
struct outcome {
    unsigned calls;
    struct push_response response;
    char body[BODY_KEPT + 1];
};

static void on_done(const struct push_response *response, void *data) {
    struct outcome *outcome = data;
    outcome->calls++;
    outcome->response = *response;
    size_t n = response->body.n < BODY_KEPT ? response->body.n : BODY_KEPT;
    if (n) memcpy(outcome->body, response->body.p, n);
    outcome->body[n] = 0;
}

static struct push_http *http_for(const struct peer *peer, uint32_t timeout_ms) {
    struct push_http_config config;
    struct push_http *http;
    push_http_config_init(&config);
    config.timeout_ms = config.connect_timeout_ms = timeout_ms;
    config.ca_file = peer ? peer_ca_file(peer) : NULL;
    assert_int_equal(push_http_new(&config, &http), SIO_ERR_OK);
    return http;
}

static struct push_request request_to(char url[64], const struct peer *peer) {
    snprintf(url, 64, "https://localhost:%u/send?x=1", peer_port(peer));
    return (struct push_request){.url = url,
                                 .headers = {"X-One: 1", "Content-Type: a/b"},
                                 .header_count = 2,
                                 .body = SIO_SPAN("payload")};
}

static void run_until_done(struct push_http *http) {
    while (push_http_under_way(http)) push_http_run(http, RUN_MS);
}

/* One request to such a server. */
static struct outcome ask(const struct peer_config *config, uint32_t timeout_ms) {
    struct outcome outcome = {0};
    char url[64];
    struct peer *peer = peer_start(config);
    struct push_http *http = http_for(peer, timeout_ms);
    struct push_request request = request_to(url, peer);
    push_http_send(http, &request, on_done, &outcome);
    assert_int_equal(outcome.calls, 0);
    run_until_done(http);
    push_http_free(http);
    peer_stop(peer);
    assert_int_equal(outcome.calls, 1);
    return outcome;
}

static struct outcome answered_with(const char *answer) {
    return ask(&(struct peer_config){PEER_ANSWERS, answer}, 5000);
}

static void authorities_that_are_none_are_said_at_once(void **state) {
    static const char *const none[] = {"/nowhere/ca.pem", "/dev/null", "/"};
    struct push_http_config config;
    struct push_http *http;
    push_http_config_init(&config);
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        struct test_log log;
        test_log_init(&log);
        config.log = &log.log;
        config.ca_file = none[i];
        assert_int_equal(push_http_new(&config, &http), SIO_ERR_INVALID);
        assert_non_null(strstr(test_log_read(&log), none[i]));
        test_log_fini(&log);
    }
}

/* ---- answers ---- */

static void a_request_and_its_answer(void **state) {
    struct outcome outcome = {0};
    char url[64];
    struct peer *peer = peer_start(
        &(struct peer_config){PEER_ANSWERS, "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"});
    struct push_http *http = http_for(peer, 5000);
    struct push_request request = request_to(url, peer);
    push_http_send(http, &request, on_done, &outcome);
    assert_int_equal(push_http_under_way(http), 1);
    run_until_done(http);
    assert_int_equal(outcome.response.transport, PUSH_ANSWERED);
    assert_int_equal(outcome.response.status, 201);
    assert_int_equal(outcome.response.retry_after_ms, 0);
    assert_string_equal(outcome.body, "ok");
    const char *sent = peer_last_request(peer);
    assert_non_null(strstr(sent, "POST /send?x=1 HTTP/1.1\r\n"));
    assert_non_null(strstr(sent, "X-One: 1\r\n"));
    assert_non_null(strstr(sent, "Content-Type: a/b\r\n"));
    assert_non_null(strstr(sent, "\r\n\r\npayload"));
    push_http_free(http);
    peer_stop(peer);
}

static void a_connection_is_used_again(void **state) {
    struct outcome outcome = {0};
    char url[64];
    struct peer *peer =
        peer_start(&(struct peer_config){PEER_ANSWERS, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
    struct push_http *http = http_for(peer, 5000);
    struct push_request request = request_to(url, peer);
    for (unsigned i = 1; i <= 3; i++) {
        push_http_send(http, &request, on_done, &outcome);
        run_until_done(http);
        assert_int_equal(outcome.calls, i);
        assert_int_equal(outcome.response.status, 200);
    }
    assert_int_equal(peer_connections(peer), 1);
    push_http_free(http);
    peer_stop(peer);
}

static void retry_after_in_seconds_and_as_a_date(void **state) {
    struct outcome outcome =
        answered_with("HTTP/1.1 429 Slow Down\r\nRetry-After: 120\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(outcome.response.status, 429);
    assert_int_equal(outcome.response.retry_after_ms, 120000);

    char answer[160], date[64];
    time_t at = time(NULL) + 100;
    struct tm parts;
    strftime(date, sizeof date, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&at, &parts));
    snprintf(answer, sizeof answer, "HTTP/1.1 503 No\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n", date);
    outcome = answered_with(answer);
    assert_in_range(outcome.response.retry_after_ms, 90000, 100000);

    const char *none[] = {"-5", "soon", "Thu, 01 Jan 2015 00:00:00 GMT", ""};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        snprintf(answer, sizeof answer, "HTTP/1.1 503 No\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n",
                 none[i]);
        outcome = answered_with(answer);
        assert_int_equal(outcome.response.status, 503);
        assert_int_equal(outcome.response.retry_after_ms, 0);
    }
    outcome = answered_with("HTTP/1.1 503 No\r\nRetry-After: 99999999999\r\nContent-Length: 0\r\n\r\n");
    assert_int_equal(outcome.response.retry_after_ms, 24 * 60 * 60 * 1000);
}

static void a_redirect_is_an_answer_like_any_other(void **state) {
    struct outcome outcome = {0};
    char url[64], answer[160];
    struct peer *trap = peer_start(&(struct peer_config){PEER_HANGS});
    snprintf(answer, sizeof answer,
             "HTTP/1.1 307 Go\r\nLocation: https://localhost:%u/\r\nContent-Length: 0\r\n\r\n",
             peer_port(trap));
    struct peer *peer = peer_start(&(struct peer_config){PEER_ANSWERS, answer});
    struct push_http *http = http_for(peer, 5000);
    struct push_request request = request_to(url, peer);
    push_http_send(http, &request, on_done, &outcome);
    run_until_done(http);
    assert_int_equal(outcome.response.status, 307);
    assert_int_equal(peer_connections(trap), 0);
    push_http_free(http);
    peer_stop(peer);
    peer_stop(trap);
}

static void no_proxy_of_the_environment(void **state) {
    setenv("https_proxy", "http://127.0.0.1:9", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:9", 1);
    struct outcome outcome = answered_with("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    unsetenv("https_proxy");
    unsetenv("ALL_PROXY");
    assert_int_equal(outcome.response.status, 200);
}

/* ---- no answers ---- */

static void answers_that_are_none(void **state) {
    const struct {
        struct peer_config peer;
        enum push_transport transport;
    } table[] = {
        {{PEER_HANGS}, PUSH_TIMED_OUT},
        {{PEER_MUTE}, PUSH_TIMED_OUT},
        {{PEER_HANGS, "HTTP/1.1 200 OK\r\nContent-Le"}, PUSH_TIMED_OUT},
        {{PEER_HANGS, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}, PUSH_TIMED_OUT},
        {{PEER_CLOSES}, PUSH_BROKEN},
        {{PEER_RESETS}, PUSH_BROKEN},
        {{PEER_RESETS, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}, PUSH_BROKEN},
        {{PEER_CLOSES, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}, PUSH_BROKEN},
        {{PEER_CLOSES, "SSH-2.0-OpenSSH_9.2\r\n"}, PUSH_BROKEN},
        {{PEER_CLOSES, "\x01\x02\x03\xff\xfe garbage \r\n\r\n"}, PUSH_BROKEN},
        {{PEER_CLOSES, "HTTP/1.1 banana\r\n\r\n"}, PUSH_BROKEN},
        {{PEER_CLOSES, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"}, PUSH_BROKEN},
        {{PEER_ANSWERS, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .expired = true}, PUSH_CERTIFICATE},
        {{PEER_ANSWERS, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", .name = "other.test"},
         PUSH_CERTIFICATE},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        struct outcome outcome = ask(&table[i].peer, table[i].transport == PUSH_TIMED_OUT ? 300 : 5000);
        if (outcome.response.transport != table[i].transport)
            fail_msg("row %zu: %s", i, push_transport_text(outcome.response.transport));
        assert_int_equal(outcome.response.status, 0);
        assert_int_equal(outcome.response.body.n, 0);
    }
}

static void a_stranger_with_a_certificate_of_his_own(void **state) {
    struct outcome outcome = {0};
    char url[64];
    struct peer *peer = peer_start(&(struct peer_config){PEER_ANSWERS}),
                *other = peer_start(&(struct peer_config){0});
    struct push_http *http = http_for(other, 5000);
    struct push_request request = request_to(url, peer);
    push_http_send(http, &request, on_done, &outcome);
    run_until_done(http);
    assert_int_equal(outcome.response.transport, PUSH_CERTIFICATE);
    assert_int_equal(peer_requests(peer), 0);
    push_http_free(http);
    peer_stop(peer);
    peer_stop(other);
}

/* A head and a body of so many bytes altogether. */
static struct outcome answered_with_bytes(size_t head_bytes, size_t body_bytes) {
    struct sio_strbuf answer;
    sio_strbuf_init(&answer);
    sio_strbuf_printf(&answer, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n", body_bytes);
    while (answer.n + 2 < head_bytes) sio_strbuf_printf(&answer, "X: %060d\r\n", 0);
    sio_strbuf_lit(&answer, "\r\n");
    memset(sio_strbuf_reserve(&answer, body_bytes), 'b', body_bytes);
    answer.n += body_bytes;
    answer.p[answer.n] = 0;
    struct outcome outcome = answered_with(answer.p);
    sio_strbuf_fini(&answer);
    return outcome;
}

static void too_long_an_answer(void **state) {
    struct outcome outcome = answered_with_bytes(0, PUSH_RESPONSE_MAX_BYTES - 100);
    assert_int_equal(outcome.response.transport, PUSH_ANSWERED);
    assert_int_equal(outcome.response.body.n, PUSH_RESPONSE_MAX_BYTES - 100);
    outcome = answered_with_bytes(0, PUSH_RESPONSE_MAX_BYTES + 1);
    assert_int_equal(outcome.response.transport, PUSH_BROKEN);
    outcome = answered_with_bytes(PUSH_RESPONSE_MAX_BYTES + 1, 0);
    assert_int_equal(outcome.response.transport, PUSH_BROKEN);
}

static struct outcome ask_url(const char *url, bool guarded, const struct peer *trusted) {
    struct outcome outcome = {0};
    struct push_http *http = http_for(trusted, 2000);
    struct push_request request = {.url = url, .guarded = guarded};
    push_http_send(http, &request, on_done, &outcome);
    run_until_done(http);
    push_http_free(http);
    assert_int_equal(outcome.calls, 1);
    return outcome;
}

static void nobody_there(void **state) {
    assert_int_equal(ask_url("https://localhost:1/", false, NULL).response.transport, PUSH_UNREACHABLE);
    assert_int_equal(ask_url("https://nobody.invalid/", false, NULL).response.transport, PUSH_UNREACHABLE);
}

static void no_other_scheme(void **state) {
    const char *urls[] = {
        "http://localhost:1/", "ftp://localhost:1/", "file:///etc/passwd", "gopher://localhost:1/", "", ":"};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++)
        assert_int_equal(ask_url(urls[i], false, NULL).response.transport, PUSH_BROKEN);
}

static void one_that_hangs_does_not_hold_others_up(void **state) {
    struct outcome slow = {0}, quick = {0};
    char slow_url[64], quick_url[64];
    struct peer *hanging = peer_start(&(struct peer_config){PEER_HANGS});
    struct peer *peer =
        peer_start(&(struct peer_config){PEER_ANSWERS, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
    struct push_http *http = http_for(peer, 30000);
    struct push_request to_slow = request_to(slow_url, hanging), to_quick = request_to(quick_url, peer);
    push_http_send(http, &to_slow, on_done, &slow);
    push_http_send(http, &to_quick, on_done, &quick);
    while (!quick.calls) push_http_run(http, RUN_MS);
    assert_int_equal(quick.response.status, 200);
    push_http_free(http);
    peer_stop(peer);
    peer_stop(hanging);
}

/* Each answer sends the next request, until enough were sent. */
struct crowd {
    struct push_http *http;
    struct push_request request;
    unsigned sent, answered;
};
enum { CROWD = 600, CROWD_AT_ONCE = 100 };

static void on_one_of_crowd(const struct push_response *response, void *data) {
    struct crowd *crowd = data;
    assert_int_equal(response->status, 200);
    crowd->answered++;
    if (crowd->sent++ < CROWD) push_http_send(crowd->http, &crowd->request, on_one_of_crowd, crowd);
}

static void many_at_once(void **state) {
    char url[64];
    struct push_http_config config;
    struct crowd crowd = {.sent = CROWD_AT_ONCE};
    struct peer *peer =
        peer_start(&(struct peer_config){PEER_ANSWERS, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
    push_http_config_init(&config);
    config.ca_file = peer_ca_file(peer);
    config.connections_a_host = 1;
    assert_int_equal(push_http_new(&config, &crowd.http), SIO_ERR_OK);
    crowd.request = request_to(url, peer);
    for (unsigned i = 0; i < CROWD_AT_ONCE; i++)
        push_http_send(crowd.http, &crowd.request, on_one_of_crowd, &crowd);
    run_until_done(crowd.http);
    assert_int_equal(crowd.answered, CROWD);
    assert_int_equal(peer_requests(peer), CROWD);
    assert_int_equal(peer_connections(peer), 1);
    push_http_free(crowd.http);
    peer_stop(peer);
}

static void what_is_under_way_ends_with_the_client(void **state) {
    struct outcome outcome = {0};
    char url[64];
    struct peer *peer = peer_start(&(struct peer_config){PEER_HANGS});
    struct push_http *http = http_for(peer, 30000);
    struct push_request request = request_to(url, peer);
    push_http_send(http, &request, on_done, &outcome);
    while (!peer_requests(peer)) push_http_run(http, 10);
    push_http_free(http);
    assert_int_equal(outcome.calls, 1);
    assert_int_equal(outcome.response.transport, PUSH_BROKEN);
    peer_stop(peer);
}

static void *wake(void *http) {
    push_http_wake(http);
    return NULL;
}

static void a_wake_ends_the_wait(void **state) {
    struct push_http *http = http_for(NULL, 1000);
    pthread_t thread;
    time_t began = time(NULL);
    assert_int_equal(pthread_create(&thread, NULL, wake, http), 0);
    push_http_run(http, 60000);
    assert_true(time(NULL) - began < 30);
    pthread_join(thread, NULL);
    push_http_free(http);
}

/* ---- the guard ---- */

/* All of them lead to the trap (where a resolver knows such a form), and none is connected to. */
static void guarded_requests_do_not_reach_loopback(void **state) {
    const char *hosts[] = {"localhost",  "127.0.0.1",          "127.1",           "2130706433", "0x7f000001",
                           "0177.0.0.1", "0x7f.0.0.1",         "127.255.255.254", "0.0.0.0",    "0",
                           "localhost.", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::1]",      "[::]"};
    struct peer *trap =
        peer_start(&(struct peer_config){PEER_ANSWERS, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
    char url[96];
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        snprintf(url, sizeof url, "https://%s:%u/", hosts[i], peer_port(trap));
        struct outcome outcome = ask_url(url, true, trap);
        if (outcome.response.transport != PUSH_FORBIDDEN && outcome.response.transport != PUSH_UNREACHABLE)
            fail_msg("%s: %s", hosts[i], push_transport_text(outcome.response.transport));
    }
    assert_int_equal(peer_connections(trap), 0);
    /* The trap works: without the guard it is reached. */
    snprintf(url, sizeof url, "https://localhost:%u/", peer_port(trap));
    assert_int_equal(ask_url(url, false, trap).response.status, 200);
    assert_int_equal(peer_connections(trap), 1);
    peer_stop(trap);
}

static void a_guarded_request_takes_no_connection_of_others(void **state) {
    struct outcome free_one = {0}, guarded = {0};
    char url[64];
    struct peer *peer =
        peer_start(&(struct peer_config){PEER_ANSWERS, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"});
    struct push_http *http = http_for(peer, 5000);
    struct push_request request = request_to(url, peer);
    push_http_send(http, &request, on_done, &free_one);
    run_until_done(http);
    assert_int_equal(free_one.response.status, 200);
    request.guarded = true;
    push_http_send(http, &request, on_done, &guarded);
    run_until_done(http);
    assert_int_equal(guarded.response.transport, PUSH_FORBIDDEN);
    assert_int_equal(peer_requests(peer), 1);
    push_http_free(http);
    peer_stop(peer);
}

static void guarded_requests_keep_to_their_port(void **state) {
    assert_int_equal(ask_url("https://192.0.1.1:8443/", true, NULL).response.transport, PUSH_FORBIDDEN);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_and_its_answer),
        cmocka_unit_test(a_connection_is_used_again),
        cmocka_unit_test(retry_after_in_seconds_and_as_a_date),
        cmocka_unit_test(a_redirect_is_an_answer_like_any_other),
        cmocka_unit_test(no_proxy_of_the_environment),
        cmocka_unit_test(answers_that_are_none),
        cmocka_unit_test(a_stranger_with_a_certificate_of_his_own),
        cmocka_unit_test(too_long_an_answer),
        cmocka_unit_test(nobody_there),
        cmocka_unit_test(no_other_scheme),
        cmocka_unit_test(one_that_hangs_does_not_hold_others_up),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(authorities_that_are_none_are_said_at_once),
        cmocka_unit_test(what_is_under_way_ends_with_the_client),
        cmocka_unit_test(a_wake_ends_the_wait),
        cmocka_unit_test(guarded_requests_do_not_reach_loopback),
        cmocka_unit_test(a_guarded_request_takes_no_connection_of_others),
        cmocka_unit_test(guarded_requests_keep_to_their_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
