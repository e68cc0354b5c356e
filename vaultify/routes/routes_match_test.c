/* Path patterns and the table of routes: what matches, what does not, and what its check finds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "routes/table.h"
#include "wire/who.h"

static struct route_params params;

static bool match(const char *pattern, const char *path) {
    return route_match(pattern, sio_span_cstr(path), &params);
}

static void literal_paths(void **state) {
    assert_true(match("/health/live", "/health/live"));
    assert_true(match("/health/live", "/health/live/"));
    static const char *const others[] = {"",
                                         "/",
                                         "health/live",
                                         "//health/live",
                                         "/health",
                                         "/health//live",
                                         "/health/live//",
                                         "/health/live/x",
                                         "/health/livE",
                                         "/health/liv",
                                         "/health/live%2F",
                                         "/%68ealth/live"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (match("/health/live", others[i])) fail_msg("%s", others[i]);
}

static void parameters(void **state) {
    assert_true(match("/m/:id/reactions/*emoji", "/m/42/reactions/%F0%9F"));
    assert_int_equal(params.count, 2);
    assert_true(sio_span_is(params.name[0], "id"));
    assert_true(sio_span_is(params.value[0], "42"));
    assert_false(params.is_text[0]);
    assert_true(sio_span_is(params.name[1], "emoji"));
    assert_true(sio_span_is(params.value[1], "%F0%9F"));
    assert_true(params.is_text[1]);
    assert_false(match("/m/:id/x", "/m//x"));
    assert_false(match("/m/:id", "/m/"));
    assert_false(match("/m/:id", "/m"));
    assert_false(match("/m/:id", "/m/a/b"));
}

static void every_cut_of_a_path_is_another_path(void **state) {
    const char *path = "/messaging/conversations/1/read/2";
    for (size_t n = 0; n < strlen(path); n++)
        assert_false(
            route_match("/messaging/conversations/:id/read/:messageId", sio_span_of(path, n), &params));
    assert_true(match("/messaging/conversations/:id/read/:messageId", path));
}

static void patterns_are_checked(void **state) {
    assert_true(route_pattern_valid("/a/:b/*c"));
    assert_false(route_pattern_valid("a"));
    assert_false(route_pattern_valid("/a//b"));
    assert_false(route_pattern_valid("/a/"));
    assert_false(route_pattern_valid("/a/:"));
    assert_false(route_pattern_valid("/:a/:b/:c/:d/:e"));
    assert_true(route_patterns_clash("/a/:b", "/a/c"));
    assert_true(route_patterns_clash("/a/:b", "/a/:c"));
    assert_false(route_patterns_clash("/a/:b", "/a"));
    assert_false(route_patterns_clash("/a/:b/c", "/a/:b/d"));
}

static const struct route_row *find(const char *method, const char *path) {
    for (size_t i = 0; i < route_row_count; i++)
        if (strcmp(route_rows[i].method, method) == 0 && match(route_rows[i].pattern, path))
            return &route_rows[i];
    return NULL;
}

static void the_routes_of_the_contract_are_there(void **state) {
#define E "/messaging/estate/00000000-0000-7000-8000-0000000000ee"
#define C "/messaging/conversations/00000000-0000-7000-8000-00000000000c"
#define M "/messaging/messages/00000000-0000-7000-8000-00000000000a"
#define U "00000000-0000-7000-8000-0000000000aa"
    static const char *const routes[][2] = {{"POST", E "/group"},
                                            {"GET", E "/group"},
                                            {"GET", E "/conversations"},
                                            {"POST", E "/broadcast"},
                                            {"GET", E "/online-users"},
                                            {"POST", "/messaging/conversations"},
                                            {"GET", "/messaging/conversations"},
                                            {"GET", C},
                                            {"POST", C "/messages"},
                                            {"GET", C "/messages"},
                                            {"PUT", C "/read/" U},
                                            {"PUT", C "/leave"},
                                            {"POST", C "/participants/" U},
                                            {"POST", M "/reactions"},
                                            {"DELETE", M "/reactions/%F0%9F%91%8D"},
                                            {"GET", "/health/live"},
                                            {"GET", "/health/ready"},
                                            {"GET", "/metrics"}};
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        if (!find(routes[i][0], routes[i][1])) fail_msg("%s %s", routes[i][0], routes[i][1]);
    assert_null(find("DELETE", C));
    assert_null(find("GET", "/messaging"));
}

static void everything_but_health_asks_who(void **state) {
    for (size_t i = 0; i < route_row_count; i++) {
        const struct route_row *row = &route_rows[i];
        struct sio_span pattern = sio_span_cstr(row->pattern);
        enum route_access access = ROUTE_USER;
        if (sio_span_starts(pattern, SIO_SPAN("/health/"))) access = ROUTE_PUBLIC;
        if (sio_span_starts(pattern, SIO_SPAN("/control/"))) access = ROUTE_CONTROL;
        if (sio_span_starts(pattern, SIO_SPAN("/demo/"))) access = ROUTE_DEMO;
        if (sio_span_is(pattern, "/metrics")) access = ROUTE_METRICS;
        assert_int_equal(row->access, access);
    }
    const struct route_row *broadcast = find("POST", E "/broadcast");
    assert_int_equal(broadcast->who, WHO_ANNOUNCES);
    assert_false(broadcast->who & WHO_ROLE(ROLE_RESIDENCE));
}

static void the_table_is_right(void **state) {
    assert_int_equal(route_rows_check(route_rows, route_row_count, NULL), SIO_ERR_OK);
    for (size_t i = 0; i < route_row_count; i++) {
        assert_true(route_row_bucket(&route_rows[i]) >= WHO_EVENT_BUCKETS);
        assert_true(route_row_bucket(&route_rows[i]) < WHO_BYTES_BUCKET);
        assert_int_equal(route_rows[i].bytes.per_second, route_rows[i].with_content ? WHO_BYTES_A_SECOND : 0);
        assert_int_equal(route_rows[i].bytes.burst, route_rows[i].with_content ? WHO_BYTES_BURST : 0);
    }
}

static void careless_rows_are_found(void **state) {
    for (int what = 0; what < 16; what++) {
        struct route_row rows[2] = {route_rows[0], route_rows[3]};
        assert_int_equal(route_rows_check(rows, 2, NULL), SIO_ERR_OK);
        if (what == 0) rows[1].method = "";
        if (what == 1) rows[1].pattern = "/a/";
        if (what == 2) rows[1].access = (enum route_access)9;
        if (what == 3) rows[1].who = 0;
        if (what == 4) rows[1].rate.burst = 0;
        if (what == 5) rows[1].body_max_bytes = 0;
        if (what == 6) rows[1].handle = NULL;
        if (what == 7) rows[1] = rows[0];
        if (what == 8) rows[1].pattern = "/messaging/estate/:other/:clash";
        if (what == 12) rows[1].summary = "";
        if (what == 13) rows[1].status = 404;
        if (what == 14) rows[1].answer.form = ANSWER_UNSAID;
        if (what == 15) rows[1].answer.shape = NULL;
        if (what == 10) rows[0].bytes = (struct rate_limit){1, 1}; /* without content */
        if (what == 11) rows[1].bytes.burst = 0;                   /* with it */
        if (what == 9) rows[1].access = ROUTE_PUBLIC;              /* with roles */
        assert_int_equal(route_rows_check(rows, 2, NULL), SIO_ERR_INVALID);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literal_paths),
        cmocka_unit_test(parameters),
        cmocka_unit_test(every_cut_of_a_path_is_another_path),
        cmocka_unit_test(patterns_are_checked),
        cmocka_unit_test(the_routes_of_the_contract_are_there),
        cmocka_unit_test(everything_but_health_asks_who),
        cmocka_unit_test(the_table_is_right),
        cmocka_unit_test(careless_rows_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
