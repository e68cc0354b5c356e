/* Tests of cross-origin headers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/cors.h"

#define ORIGIN(value) SIO_SPAN("Host: x\r\nOrigin: " value "\r\n")

static void expect(const struct sio_cors *cors, struct sio_span request, const char *lines) {
    struct sio_strbuf out;
    sio_strbuf_init(&out);
    cors_headers(cors, request, &out);
    assert_int_equal(out.n, strlen(lines));
    if (out.n) assert_memory_equal(out.p, lines, out.n);
    sio_strbuf_fini(&out);
}

static void expect_preflight(const struct sio_cors *cors, struct sio_span request, const char *lines) {
    struct sio_strbuf out;
    sio_strbuf_init(&out);
    cors_preflight(cors, request, &out);
    assert_string_equal(out.p, lines);
    sio_strbuf_fini(&out);
}

static void without_origins_there_is_nothing(void **state) {
    struct sio_cors off = {0};
    expect(&off, ORIGIN("https://a.example"), "");
    assert_false(cors_is_preflight(&off, SIO_SPAN("OPTIONS")));
}

static void any_origin_is_a_star(void **state) {
    struct sio_cors any = {.origins = " * "};
    expect(&any, ORIGIN("https://a.example"), "Access-Control-Allow-Origin: *\r\n");
    expect(&any, SIO_SPAN(""), "Access-Control-Allow-Origin: *\r\n");
}

static void listed_origins_are_named(void **state) {
    struct sio_cors list = {.origins = "https://a.example, https://b.example"};
    expect(&list, ORIGIN("https://b.example"),
           "Vary: Origin\r\nAccess-Control-Allow-Origin: https://b.example\r\n");
    expect(&list, ORIGIN("HTTPS://B.example"),
           "Vary: Origin\r\nAccess-Control-Allow-Origin: https://b.example\r\n");
    list.credentials = true;
    expect(&list, ORIGIN("https://a.example"),
           "Vary: Origin\r\nAccess-Control-Allow-Origin: https://a.example\r\n"
           "Access-Control-Allow-Credentials: true\r\n");
}

static void other_origins_are_not(void **state) {
    struct sio_cors list = {.origins = "https://a.example,,https://b.example,", .credentials = true};
    expect(&list, ORIGIN("https://c.example"), "Vary: Origin\r\n");
    expect(&list, ORIGIN("https://a.example.evil"), "Vary: Origin\r\n");
    expect(&list, ORIGIN("http://a.example"), "Vary: Origin\r\n");
    expect(&list, ORIGIN("https://a.example,https://b.example"), "Vary: Origin\r\n");
    expect(&list, ORIGIN("*"), "Vary: Origin\r\n");
    expect(&list, ORIGIN("null"), "Vary: Origin\r\n");
    expect(&list, ORIGIN(""), "Vary: Origin\r\n");
    expect(&list, SIO_SPAN("Host: x\r\n"), "Vary: Origin\r\n");
}

static void preflights_are_options(void **state) {
    struct sio_cors any = {.origins = "*"};
    assert_true(cors_is_preflight(&any, SIO_SPAN("OPTIONS")));
    assert_false(cors_is_preflight(&any, SIO_SPAN("GET")));
    assert_false(cors_is_preflight(&any, SIO_SPAN("options")));
}

static void a_preflight_allows_what_it_asks_for(void **state) {
    struct sio_cors any = {.origins = "*", .max_age_s = 60};
    expect_preflight(&any, SIO_SPAN("Access-Control-Request-Headers: x-one, Authorization\r\n"),
                     "Access-Control-Allow-Origin: *\r\n"
                     "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS\r\n"
                     "Vary: Access-Control-Request-Headers\r\n"
                     "Access-Control-Allow-Headers: x-one, Authorization\r\n"
                     "Access-Control-Max-Age: 60\r\n");
}

static void a_preflight_allows_what_is_configured(void **state) {
    struct sio_cors fixed = {.origins = "https://a.example", .methods = "GET", .headers = "X-Only"};
    expect_preflight(&fixed,
                     SIO_SPAN("Origin: https://a.example\r\nAccess-Control-Request-Headers: x-one\r\n"),
                     "Vary: Origin\r\nAccess-Control-Allow-Origin: https://a.example\r\n"
                     "Access-Control-Allow-Methods: GET\r\nAccess-Control-Allow-Headers: X-Only\r\n");
}

/* They would stand in the answer's head. */
static void header_names_that_are_none_are_not_echoed(void **state) {
    struct sio_cors any = {.origins = "*"};
    static const struct sio_span bad[] = {
        {"Access-Control-Request-Headers: a:b\r\n", 37},
        {"Access-Control-Request-Headers: a\0b\r\n", 37},
        {"Access-Control-Request-Headers: \"a\"\r\n", 37},
        {"Access-Control-Request-Headers: \xc3\xa9z\r\n", 37},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
        expect_preflight(&any, bad[i],
                         "Access-Control-Allow-Origin: *\r\n"
                         "Access-Control-Allow-Methods: GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS\r\n"
                         "Vary: Access-Control-Request-Headers\r\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_origins_there_is_nothing),
        cmocka_unit_test(any_origin_is_a_star),
        cmocka_unit_test(listed_origins_are_named),
        cmocka_unit_test(other_origins_are_not),
        cmocka_unit_test(preflights_are_options),
        cmocka_unit_test(a_preflight_allows_what_it_asks_for),
        cmocka_unit_test(a_preflight_allows_what_is_configured),
        cmocka_unit_test(header_names_that_are_none_are_not_echoed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
