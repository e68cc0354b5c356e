/* The token bucket: bursts, refilling, the promised wait, clocks at their ends. */
#include "auth/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void no_limit_always_gives(void **state) {
    struct rate_bucket bucket = {0};
    struct rate_limit limit = {0, 0};
    uint32_t retry_ms = 7;
    for (int i = 0; i < 10000; i++) assert_true(rate_take(&bucket, &limit, 5, &retry_ms));
    assert_int_equal(retry_ms, 7);
}

static void burst_then_refusal(void **state) {
    struct rate_bucket bucket = {0};
    struct rate_limit limit = {10, 20};
    uint32_t retry_ms = 0;
    for (int i = 0; i < 20; i++) assert_true(rate_take(&bucket, &limit, 1000, &retry_ms));
    assert_false(rate_take(&bucket, &limit, 1000, &retry_ms));
    assert_int_equal(retry_ms, 100);
}

static void wait_is_exact(void **state) {
    struct rate_bucket bucket = {0};
    struct rate_limit limit = {3, 1};
    uint32_t retry_ms = 0;
    assert_true(rate_take(&bucket, &limit, 5000, &retry_ms));
    assert_false(rate_take(&bucket, &limit, 5000, &retry_ms));
    assert_int_equal(retry_ms, 334);
    uint32_t ignored;
    assert_false(rate_take(&bucket, &limit, 5333, &ignored));
    assert_true(rate_take(&bucket, &limit, 5334, &ignored));
}

static void refusals_cost_nothing(void **state) {
    struct rate_bucket bucket = {0};
    struct rate_limit limit = {1, 1};
    uint32_t retry_ms = 0;
    assert_true(rate_take(&bucket, &limit, 0, &retry_ms));
    for (uint64_t now = 1; now < 1000; now++) {
        assert_false(rate_take(&bucket, &limit, now, &retry_ms));
        assert_int_equal(retry_ms, 1000 - now);
    }
    assert_true(rate_take(&bucket, &limit, 1000, &retry_ms));
}

static void long_run_keeps_the_rate(void **state) {
    struct rate_bucket bucket = {0};
    struct rate_limit limit = {7, 5};
    uint32_t retry_ms, taken = 0;
    for (uint64_t now = 0; now < 100000; now++) taken += rate_take(&bucket, &limit, now, &retry_ms);
    assert_in_range(taken, 700, 705);
}

static void clock_going_back_is_no_refill(void **state) {
    struct rate_bucket bucket = {0};
    struct rate_limit limit = {1, 2};
    uint32_t retry_ms;
    assert_true(rate_take(&bucket, &limit, 9000, &retry_ms));
    assert_true(rate_take(&bucket, &limit, 9000, &retry_ms));
    assert_false(rate_take(&bucket, &limit, 10, &retry_ms));
    assert_false(rate_take(&bucket, &limit, 9000, &retry_ms));
    assert_int_equal(retry_ms, 1000);
}

static void extreme_values_do_not_overflow(void **state) {
    struct rate_bucket bucket = {0};
    struct rate_limit limit = {UINT32_MAX, UINT32_MAX};
    uint32_t retry_ms;
    assert_true(rate_take(&bucket, &limit, 0, &retry_ms));
    assert_true(rate_take(&bucket, &limit, UINT64_MAX, &retry_ms));
    struct rate_limit never_in_a_burst = {1, 0};
    assert_true(rate_take(&(struct rate_bucket){0}, &never_in_a_burst, 0, &retry_ms));
}

static void many_at_once(void **state) {
    struct rate_bucket bucket = {0};
    struct rate_limit bytes = {512 << 10, 4 << 20};
    uint32_t retry_ms = 0;
    assert_true(rate_take_many(&bucket, &bytes, 3 << 20, 0, &retry_ms));
    assert_true(rate_take_many(&bucket, &bytes, 1 << 20, 0, &retry_ms));
    assert_false(rate_take_many(&bucket, &bytes, 256 << 10, 0, &retry_ms));
    assert_int_equal(retry_ms, 500);
    assert_false(rate_take_many(&bucket, &bytes, 256 << 10, 499, &retry_ms));
    assert_true(rate_take_many(&bucket, &bytes, 256 << 10, 500, &retry_ms));
    assert_true(rate_take_many(&bucket, &bytes, 0, 500, &retry_ms));
}

static void more_than_the_burst_waits_for_all_of_it(void **state) {
    struct rate_bucket bucket = {0};
    struct rate_limit limit = {10, 20};
    uint32_t retry_ms = 0;
    assert_true(rate_take(&bucket, &limit, 0, &retry_ms));
    assert_false(rate_take_many(&bucket, &limit, 50, 0, &retry_ms));
    assert_int_equal(retry_ms, 100);
    assert_true(rate_take_many(&bucket, &limit, UINT32_MAX, 100, &retry_ms));
    assert_false(rate_take(&bucket, &limit, 100, &retry_ms));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_limit_always_gives),
        cmocka_unit_test(burst_then_refusal),
        cmocka_unit_test(wait_is_exact),
        cmocka_unit_test(refusals_cost_nothing),
        cmocka_unit_test(long_run_keeps_the_rate),
        cmocka_unit_test(clock_going_back_is_no_refill),
        cmocka_unit_test(many_at_once),
        cmocka_unit_test(more_than_the_burst_waits_for_all_of_it),
        cmocka_unit_test(extreme_values_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
