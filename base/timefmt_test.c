/* Times and durations as text: the calendar, the range, what is refused, overflow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/timefmt.h"

static void known_times(void **state) {
    static const struct {
        int64_t ms;
        const char *text;
    } rows[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {-1, "1969-12-31T23:59:59.999Z"},
        {1767268800000, "2026-01-01T12:00:00.000Z"},
        {951782400000, "2000-02-29T00:00:00.000Z"},
        {1709164800123, "2024-02-29T00:00:00.123Z"},
        {4107542400000, "2100-03-01T00:00:00.000Z"},
        {-2203891200000, "1900-03-01T00:00:00.000Z"},
        {-62167219200000, "0000-01-01T00:00:00.000Z"},
        {-62162121600000, "0000-02-29T00:00:00.000Z"},
        {253402300799999, "9999-12-31T23:59:59.999Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[TIME_TEXT + 1];
        int64_t ms;
        time_format(rows[i].ms, out);
        assert_string_equal(out, rows[i].text);
        assert_true(time_parse(sio_span_cstr(rows[i].text), &ms));
        assert_true(ms == rows[i].ms);
    }
}

static void every_day_of_all_years(void **state) {
    int64_t day_ms = 86400000, ms;
    char out[TIME_TEXT + 1], before[TIME_TEXT + 1] = "";
    for (int64_t t = -62167219200000 + 43200000; t < 253402300800000; t += day_ms) {
        time_format(t, out);
        assert_true(memcmp(before, out, TIME_TEXT) < 0);
        assert_true(time_parse(sio_span_of(out, TIME_TEXT), &ms));
        assert_true(ms == t);
        memcpy(before, out, sizeof out);
    }
}

static void times_out_of_range_are_held_at_its_ends(void **state) {
    char out[TIME_TEXT + 1];
    time_format(INT64_MAX, out);
    assert_string_equal(out, "9999-12-31T23:59:59.999Z");
    time_format(INT64_MIN, out);
    assert_string_equal(out, "0000-01-01T00:00:00.000Z");
}

static void other_forms_that_are_read(void **state) {
    static const struct {
        const char *text;
        int64_t ms;
    } rows[] = {
        {"2026-01-01T12:00:00Z", 1767268800000},
        {"2026-01-01T12:00:00", 1767268800000},
        {"2026-01-01 12:00:00", 1767268800000},
        {"2026-01-01 12:00:00.5", 1767268800500},
        {"2026-01-01 12:00:00.123456", 1767268800123},
        {"2026-01-01T12:00:00.05Z", 1767268800050},
        {"2026-01-01 12:00:00.123456789Z", 1767268800123},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms;
        assert_true(time_parse(sio_span_cstr(rows[i].text), &ms));
        assert_true(ms == rows[i].ms);
    }
}

static void wrong_times(void **state) {
    static const char *const rows[] = {
        "",
        "2026",
        "2026-01-01",
        "2026-01-01T",
        "2026-01-01T12:00",
        "2026-13-01T12:00:00Z",
        "2026-00-01T12:00:00Z",
        "2026-01-00T12:00:00Z",
        "2026-01-32T12:00:00Z",
        "2026-02-29T12:00:00Z",
        "1900-02-29T12:00:00Z",
        "2024-02-30T12:00:00Z",
        "2026-04-31T12:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T12:60:00Z",
        "2026-01-01T12:00:60Z",
        "2026-01-01T12:00:00.Z",
        "2026-01-01T12:00:00.1234567890Z",
        "2026-01-01T12:00:00.000ZZ",
        "2026-01-01T12:00:00.000+01:00",
        "2026-01-01t12:00:00.000Z",
        " 2026-01-01T12:00:00.000Z",
        "2026-01-01T12:00:00.000Z ",
        "+026-01-01T12:00:00.000Z",
        "-001-01-01T12:00:00.000Z",
        "2026/01/01T12:00:00.000Z",
        "02026-01-01T12:00:00.000Z",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms = 42;
        assert_false(time_parse(sio_span_cstr(rows[i]), &ms));
        assert_true(ms == 42);
    }
}

static void durations(void **state) {
    static const struct {
        const char *text;
        int64_t ms; /* -1: refused */
    } rows[] = {
        {"15m", 900000},
        {"7d", 604800000},
        {"500ms", 500},
        {"30s", 30000},
        {"2h", 7200000},
        {"900", 900000},
        {"0", 0},
        {"0ms", 0},
        {"9223372036854775807ms", INT64_MAX},
        {"9223372036854775808ms", -1},
        {"9223372036854775", 9223372036854775000},
        {"9223372036854776", -1},
        {"106751991167d", 106751991167 * 86400000},
        {"106751991168d", -1},
        {"18446744073709551616", -1},
        {"99999999999999999999999999s", -1},
        {"", -1},
        {"m", -1},
        {"-5m", -1},
        {"+5m", -1},
        {"1.5h", -1},
        {"5 m", -1},
        {" 5m", -1},
        {"5m ", -1},
        {"5M", -1},
        {"5w", -1},
        {"5mm", -1},
        {"1h30m", -1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t ms = -1;
        assert_int_equal(duration_parse(sio_span_cstr(rows[i].text), &ms), rows[i].ms >= 0);
        assert_true(ms == rows[i].ms);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_times),
        cmocka_unit_test(every_day_of_all_years),
        cmocka_unit_test(times_out_of_range_are_held_at_its_ends),
        cmocka_unit_test(other_forms_that_are_read),
        cmocka_unit_test(wrong_times),
        cmocka_unit_test(durations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
