/* The store is asked once in some seconds, whoever wants to know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "routes/push_stats.h"

static const int64_t NOW = 1700000000000;

static void one_asks_for_all(void **state) {
    struct push_stats stats;
    push_stats_init(&stats);
    assert_true(push_stats_ask(&stats, NOW, false));
    assert_false(push_stats_ask(&stats, NOW, false));
    assert_false(push_stats_ask(&stats, NOW + PUSH_STATS_KEPT_MS - 1, false));
    assert_true(push_stats_ask(&stats, NOW + PUSH_STATS_KEPT_MS, false));
    assert_false(push_stats_ask(&stats, NOW + PUSH_STATS_KEPT_MS, false));
    assert_true(push_stats_ask(&stats, NOW + PUSH_STATS_KEPT_MS, true)); /* the administrator */
    assert_true(push_stats_ask(&stats, NOW - 3600000, false));           /* the clock was set back */
    push_stats_fini(&stats);
}

static void the_first_ones_are_asked_at_any_time(void **state) {
    static const int64_t times[] = {0, 1, NOW};
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct push_stats stats;
        push_stats_init(&stats);
        assert_true(push_stats_ask(&stats, times[i], false));
        push_stats_fini(&stats);
    }
}

static void the_last_answer_is_kept(void **state) {
    struct push_stats stats;
    int64_t of_ms;
    struct store_push_stats known, said = {.fanouts = 1, .services[3] = {.waiting = 7, .oldest_at = NOW}};
    push_stats_init(&stats);
    assert_true(push_stats_ask(&stats, NOW, false));
    assert_false(push_stats_get(&stats, &known, &of_ms));
    push_stats_put(&stats, &said);
    said.fanouts = 2;
    assert_true(push_stats_ask(&stats, NOW + 5 * PUSH_STATS_KEPT_MS, false));
    assert_true(push_stats_get(&stats, &known, &of_ms));
    assert_int_equal(of_ms, NOW); /* what was asked since is not known yet */
    assert_int_equal(known.fanouts, 1);
    assert_int_equal(known.services[3].waiting, 7);
    push_stats_put(&stats, &said);
    assert_true(push_stats_get(&stats, &known, &of_ms));
    assert_int_equal(known.fanouts, 2);
    assert_int_equal(of_ms, NOW + 5 * PUSH_STATS_KEPT_MS);
    push_stats_fini(&stats);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_asks_for_all),
        cmocka_unit_test(the_first_ones_are_asked_at_any_time),
        cmocka_unit_test(the_last_answer_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
