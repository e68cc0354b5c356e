/* The Date header's form against the C library's calendar. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/date.h"

static void test_against_the_calendar(void **state) {
    (void)state;
    char ours[HTTP_DATE_TEXT + 1], expected[40];
    for (int64_t day = 0; day < 200000; day++) { /* up to the year 2517 */
        time_t seconds = day * 86400 + day % 86400;
        struct tm tm;
        gmtime_r(&seconds, &tm);
        strftime(expected, sizeof(expected), "%a, %d %b %Y %H:%M:%S GMT", &tm);
        http_date((int64_t)seconds * 1000 + 999, ours);
        assert_string_equal(ours, expected);
    }
    http_date(784111777000, ours);
    assert_string_equal(ours, "Sun, 06 Nov 1994 08:49:37 GMT");
    http_date(-5, ours);
    assert_string_equal(ours, "Thu, 01 Jan 1970 00:00:00 GMT");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_the_calendar)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
