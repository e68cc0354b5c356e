/* Assets: which coding a client gets, when it has a file already, and whether the table is one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "assets/assets.h"

static const struct asset all = {.path = "/all",
                                 .forms = {[ASSET_IDENTITY] = {SIO_SPAN("identity"), "\"x\""},
                                           [ASSET_GZIP] = {SIO_SPAN("gzip"), "\"x-gzip\""},
                                           [ASSET_BROTLI] = {SIO_SPAN("br"), "\"x-br\""}}};
static const struct asset plain = {.path = "/plain",
                                   .forms = {[ASSET_IDENTITY] = {SIO_SPAN("identity"), "\"x\""}}};
static const struct asset no_brotli = {
    .path = "/map",
    .forms = {
        [ASSET_IDENTITY] = {SIO_SPAN("identity"), "\"x\""}, [ASSET_GZIP] = {SIO_SPAN("gzip"), "\"x-gzip\""}}};

static void the_coding_is_the_clients_choice(void **state) {
    static const struct {
        const char *accepts;
        enum asset_coding coding;
    } cases[] = {
        {"", ASSET_IDENTITY},
        {"gzip", ASSET_GZIP},
        {"GZIP", ASSET_GZIP},
        {"br", ASSET_BROTLI},
        {"gzip, deflate, br, zstd", ASSET_BROTLI},
        {"br, gzip", ASSET_BROTLI},
        {"gzip;q=1.0, br;q=0.5", ASSET_GZIP},
        {"gzip;q=0.5,br;q=0.501", ASSET_BROTLI},
        {"gzip;q=0, br;q=0", ASSET_IDENTITY},
        {"gzip;q=0.000, *", ASSET_BROTLI},
        {"br;q=0, *", ASSET_GZIP},
        {"*", ASSET_BROTLI},
        {"*;q=0", ASSET_IDENTITY},
        {"*;q=0, gzip", ASSET_GZIP},
        {"identity", ASSET_IDENTITY},
        {"identity, gzip;q=0.5", ASSET_IDENTITY},
        {"identity;q=0.5, gzip;q=0.5", ASSET_GZIP},
        {"identity;q=0", ASSET_IDENTITY}, /* nothing would be better than nothing */
        {"identity;q=0, gzip", ASSET_GZIP},
        {"gzip ; q = 0.3 , br\t;\tq=0.2", ASSET_GZIP},
        {"gzip;level=9;q=0.1, br;q=0.2", ASSET_BROTLI},
        {"gzip;q=1.5, br;q=0.9", ASSET_GZIP},
        {"gzip;q=x, br;q=-1", ASSET_IDENTITY},
        {"gzip;q=, br;q", ASSET_IDENTITY},
        {"gzip;q=..1", ASSET_IDENTITY},
        {"gzip;q=0.0009", ASSET_IDENTITY},
        {"gzip;q=99999999999999999999", ASSET_GZIP},
        {"gzipped, brotli, x-br", ASSET_IDENTITY},
        {",,;;,;q=1,=,", ASSET_IDENTITY},
        {"deflate", ASSET_IDENTITY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (asset_choose(&all, sio_span_cstr(cases[i].accepts)) != cases[i].coding)
            fail_msg("%s", cases[i].accepts);
}

static void only_what_there_is_is_chosen(void **state) {
    assert_int_equal(asset_choose(&plain, SIO_SPAN("gzip, br")), ASSET_IDENTITY);
    assert_int_equal(asset_choose(&plain, SIO_SPAN("identity;q=0, br")), ASSET_IDENTITY);
    assert_int_equal(asset_choose(&no_brotli, SIO_SPAN("br, gzip;q=0.1")), ASSET_GZIP);
    assert_int_equal(asset_choose(&no_brotli, SIO_SPAN("br")), ASSET_IDENTITY);
}

static void the_same_etag_is_known_however_it_is_written(void **state) {
    static const char *const known[] = {"\"x\"", "W/\"x\"", " \"a\" , \"x\"", "\"x\",\"b\"",
                                        "*",     " * ",     ",,\"x\","};
    static const char *const unknown[] = {"",        "x",        "\"x",      "\"X\"", "\"xy\"",
                                          "w/\"x\"", "W/ \"x\"", "\"x-br\"", "**",    "\"x\"\"x\""};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (!asset_is_known(sio_span_cstr(known[i]), "\"x\"")) fail_msg("%s is not known", known[i]);
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        if (asset_is_known(sio_span_cstr(unknown[i]), "\"x\"")) fail_msg("%s is known", unknown[i]);
}

static void an_asset_is_found_at_its_path_alone(void **state) {
    static const struct asset rows[] = {{.path = "/"},     {.path = "/a"},   {.path = "/a-b"},
                                        {.path = "/a.js"}, {.path = "/a/b"}, {.path = "/ab"}};
    static const char *const unknown[] = {"",        "//",   "/.", "/..",  "/%61", "/a/",
                                          "/a/../a", "/a.j", "/A", "/ab ", "a"};
    for (size_t count = 0; count <= sizeof rows / sizeof rows[0]; count++) {
        const struct asset_table table = {rows, count};
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            assert_ptr_equal(asset_find(&table, sio_span_cstr(rows[i].path)), i < count ? &rows[i] : NULL);
        for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
            if (asset_find(&table, sio_span_cstr(unknown[i]))) fail_msg("%s", unknown[i]);
        assert_null(asset_find(&table, (struct sio_span){0}));
    }
}

static struct sio_span header(enum asset_kind kind, const char *name) {
    const struct sio_http_header_line *line = asset_headers[kind];
    while (line->name.n > 0 && !sio_span_is(line->name, name)) line++;
    return line->value;
}

static void every_kind_says_what_it_must(void **state) {
    for (int kind = 0; kind < ASSET_KINDS; kind++) {
        assert_true(sio_span_is(header(kind, "X-Content-Type-Options"), "nosniff"));
        assert_true(sio_span_is(header(kind, "Vary"), "Accept-Encoding"));
        assert_true(header(kind, "Cache-Control").n > 0);
        assert_true(
            sio_span_starts(header(kind, "Content-Security-Policy"), SIO_SPAN("default-src 'none'; ")));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_coding_is_the_clients_choice),
        cmocka_unit_test(only_what_there_is_is_chosen),
        cmocka_unit_test(the_same_etag_is_known_however_it_is_written),
        cmocka_unit_test(an_asset_is_found_at_its_path_alone),
        cmocka_unit_test(every_kind_says_what_it_must),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
