/* Spans, the error texts, and the log line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "base/err.h"
#include "base/log.h"
#include "base/span.h"

static void compares(void **state) {
    assert_true(span_compare(SPAN("a"), SPAN("b")) < 0);
    assert_true(span_compare(SPAN("ab"), SPAN("a")) > 0);
    assert_true(span_compare(SPAN("\xff"), SPAN("a")) > 0);
    assert_int_equal(span_compare(span_of(NULL, 0), SPAN("")), 0);
    assert_true(span_eq_nocase(SPAN("Upgrade-X"), SPAN("uPGRADE-x")));
    assert_false(span_eq_nocase(SPAN("@["), SPAN("`{"))); /* differ by the case bit, and are no letters */
    assert_false(span_eq_nocase(SPAN("ab"), SPAN("abc")));
    assert_true(span_starts(SPAN("abc"), SPAN("ab")));
    assert_false(span_starts(SPAN("ab"), SPAN("abc")));
}

static void trims_and_cuts(void **state) {
    assert_true(span_is(span_trim(SPAN(" \t a b \t")), "a b"));
    assert_int_equal(span_trim(SPAN(" \t ")).n, 0);
    struct span rest = SPAN("one,,three,");
    assert_true(span_is(span_cut(&rest, ','), "one"));
    assert_true(span_is(span_cut(&rest, ','), ""));
    assert_true(span_is(span_cut(&rest, ','), "three"));
    assert_non_null(rest.p);
    assert_true(span_is(span_cut(&rest, ','), ""));
    assert_null(rest.p);
}

static void reads_decimals(void **state) {
    unsigned long long v = 5;
    assert_true(span_to_u64(SPAN("18446744073709551615"), &v) && v == UINT64_MAX);
    assert_true(span_to_u64(SPAN("007"), &v) && v == 7);
    v = 5;
    assert_false(span_to_u64(SPAN("18446744073709551616"), &v));
    assert_false(span_to_u64(SPAN(""), &v));
    assert_false(span_to_u64(SPAN("-1"), &v));
    assert_false(span_to_u64(SPAN("1 "), &v));
    assert_true(v == 5);
}

static void every_error_has_a_text(void **state) {
    for (int e = 0; e < ERR_COUNT_; e++) assert_true(strlen(err_text((enum err)e)) > 0);
    assert_string_equal(err_text(ERR_NOT_FOUND), "not found");
}

/* What one call writes, read back through a pipe. */
static size_t logged(char *out, size_t size, enum log_level level, const char *text) {
    int ends[2];
    struct log log;
    assert_int_equal(pipe(ends), 0);
    log_init(&log, ends[1], SIO_LOG_INFO);
    log_write(&log, level, "%s", text);
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
    assert_true(span_is(span_of(out + 25, n - 25), "warn closed sid=x\\n2026 forged\\x1b[0m\n"));
    assert_int_equal(logged(out, sizeof out, SIO_LOG_DEBUG, "below the level"), 0);
    log_info(NULL, "%s", "nobody listens");
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
