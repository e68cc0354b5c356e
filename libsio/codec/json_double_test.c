/* Floating-point numbers: written as JavaScript does, and read back as the same. */
#include <float.h>

#include "base/exact_bytes.h"
#include "sio_json.h"

static const struct {
    double v;
    const char *text;
} examples[] = {
    {0.0, "0"},
    {-0.0, "0"},
    {1.0, "1"},
    {-1.0, "-1"},
    {0.1, "0.1"},
    {-0.5, "-0.5"},
    {0.1 + 0.2, "0.30000000000000004"},
    {1.0 / 3.0, "0.3333333333333333"},
    {123.456, "123.456"},
    {100.0, "100"},
    {1e15 + 0.5, "1000000000000000.5"},
    {9007199254740992.0, "9007199254740992"},
    {9007199254740994.0, "9007199254740994"},
    {123456789012345680000.0, "123456789012345680000"},
    {1e20, "100000000000000000000"},
    {1e21, "1e+21"},
    {-1.5e300, "-1.5e+300"},
    {0.000001, "0.000001"},
    {0.0000001, "1e-7"},
    {1.25e-7, "1.25e-7"},
    {DBL_MAX, "1.7976931348623157e+308"},
    {(double)0.1f, "0.10000000149011612"},
    {__builtin_inf(), "null"},
    {-__builtin_inf(), "null"},
    {__builtin_nan(""), "null"},
};

static void numbers_look_as_in_javascript(void **unused) {
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        struct sio_strbuf out;
        struct sio_json_writer w;
        sio_strbuf_init(&out);
        sio_json_begin(&w, &out);
        sio_json_double(&w, examples[i].v);
        assert_true(sio_span_is(sio_strbuf_as_span(&out), examples[i].text));
        sio_strbuf_fini(&out);
    }
}

/* All widths of exponent and patterns of bits that a simple generator reaches. */
static void what_is_written_reads_back_the_same(void **unused) {
    uint64_t bits = 1;
    for (int i = 0; i < 100000; i++) {
        bits = bits * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        double v, again;
        memcpy(&v, &bits, sizeof v);
        if (!__builtin_isfinite(v)) continue;
        struct sio_strbuf out;
        struct sio_json_writer w;
        struct sio_span value;
        sio_strbuf_init(&out);
        sio_json_begin(&w, &out);
        sio_json_double(&w, v);
        assert_true(sio_json_check(sio_strbuf_as_span(&out), &value));
        assert_true(sio_json_to_double(value, &again));
        assert_memory_equal(&v, &again, sizeof v);
        sio_strbuf_fini(&out);
    }
}

static void commas_are_kept(void **unused) {
    struct sio_strbuf out;
    struct sio_json_writer w;
    sio_strbuf_init(&out);
    sio_json_begin(&w, &out);
    sio_json_array_open(&w);
    sio_json_double(&w, 0.5);
    sio_json_u64(&w, UINT64_MAX);
    sio_json_double(&w, __builtin_nan(""));
    sio_json_double(&w, 2);
    sio_json_array_close(&w);
    assert_span_is(sio_strbuf_as_span(&out), "[0.5,18446744073709551615,null,2]");
    sio_strbuf_fini(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_look_as_in_javascript),
        cmocka_unit_test(what_is_written_reads_back_the_same),
        cmocka_unit_test(commas_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
