/* Spans, the error texts, and the log line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/span.h"
#include "sio_err.h"
#include "sio_log.h"

static void compares(void **state) {
    assert_true(sio_span_compare(SIO_SPAN("a"), SIO_SPAN("b")) < 0);
    assert_true(sio_span_compare(SIO_SPAN("ab"), SIO_SPAN("a")) > 0);
    assert_true(sio_span_compare(SIO_SPAN("\xff"), SIO_SPAN("a")) > 0);
    assert_int_equal(sio_span_compare(sio_span_of(NULL, 0), SIO_SPAN("")), 0);
    assert_true(sio_span_eq_nocase(SIO_SPAN("Upgrade-X"), SIO_SPAN("uPGRADE-x")));
    assert_false(
        sio_span_eq_nocase(SIO_SPAN("@["), SIO_SPAN("`{"))); /* differ by the case bit, and are no letters */
    assert_false(sio_span_eq_nocase(SIO_SPAN("ab"), SIO_SPAN("abc")));
    assert_true(sio_span_starts(SIO_SPAN("abc"), SIO_SPAN("ab")));
    assert_false(sio_span_starts(SIO_SPAN("ab"), SIO_SPAN("abc")));
}

static void trims_and_cuts(void **state) {
    assert_true(sio_span_is(sio_span_trim(SIO_SPAN(" \t a b \t")), "a b"));
    assert_int_equal(sio_span_trim(SIO_SPAN(" \t ")).n, 0);
    struct sio_span rest = SIO_SPAN("one,,three,");
    assert_true(sio_span_is(sio_span_cut(&rest, ','), "one"));
    assert_true(sio_span_is(sio_span_cut(&rest, ','), ""));
    assert_true(sio_span_is(sio_span_cut(&rest, ','), "three"));
    assert_non_null(rest.p);
    assert_true(sio_span_is(sio_span_cut(&rest, ','), ""));
    assert_null(rest.p);
}

static void reads_decimals(void **state) {
    unsigned long long v = 5;
    assert_true(sio_span_to_u64(SIO_SPAN("18446744073709551615"), &v) && v == UINT64_MAX);
    assert_true(sio_span_to_u64(SIO_SPAN("007"), &v) && v == 7);
    v = 5;
    assert_false(sio_span_to_u64(SIO_SPAN("18446744073709551616"), &v));
    assert_false(sio_span_to_u64(SIO_SPAN(""), &v));
    assert_false(sio_span_to_u64(SIO_SPAN("-1"), &v));
    assert_false(sio_span_to_u64(SIO_SPAN("1 "), &v));
    assert_true(v == 5);
}

static void every_error_has_a_text(void **state) {
    for (int e = 0; e < SIO_ERR_COUNT_; e++) assert_true(strlen(sio_err_text((enum sio_err)e)) > 0);
    assert_string_equal(sio_err_text(SIO_ERR_NOT_FOUND), "not found");
}

/* What one call writes, read back through a pipe. */
static size_t logged(char *out, size_t size, enum sio_log_level level, const char *text) {
    int ends[2];
    struct sio_log log;
    assert_int_equal(pipe(ends), 0);
    sio_log_init(&log, ends[1], SIO_LOG_INFO);
    sio_log_write(&log, level, "%s", text);
    close(ends[1]);
    ssize_t n = read(ends[0], out, size);
    close(ends[0]);
    assert_true(n >= 0);
    return (size_t)n;
}

static void the_log_writes_one_safe_line(void **state) {
    char out[8192];
    size_t n = logged(out, sizeof out, SIO_LOG_WARN, "closed sid=x\n2026 forged\x1b[0m");
    assert_true(n > 25 && out[23] == 'Z' && out[24] == ' ');
    assert_true(sio_span_is(sio_span_of(out + 25, n - 25), "warn closed sid=x\\n2026 forged\\x1b[0m\n"));
    assert_int_equal(logged(out, sizeof out, SIO_LOG_DEBUG, "below the level"), 0);
    sio_log_info(NULL, "%s", "nobody listens");
}

static void a_long_line_is_cut(void **state) {
    char text[6000], out[8192];
    memset(text, '\n', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    size_t n = logged(out, sizeof out, SIO_LOG_ERROR, text);
    assert_true(n > 4000 && n <= 4096);
    assert_int_equal(out[n - 1], '\n');
    assert_null(memchr(out, '\n', n - 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compares),
        cmocka_unit_test(trims_and_cuts),
        cmocka_unit_test(reads_decimals),
        cmocka_unit_test(every_error_has_a_text),
        cmocka_unit_test(the_log_writes_one_safe_line),
        cmocka_unit_test(a_long_line_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
