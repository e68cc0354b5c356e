/* The timing wheel in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "loop/timer_wheel.h"

static struct timer_wheel wheel;
static uint64_t now_ms;
static int fired_count;
static uint64_t last_due_ms;

static void in_order(struct sio_timer *timer) {
    assert_true(timer->next == NULL);
    assert_true(now_ms >= timer->due_ms);
    assert_true(timer->due_ms + WHEEL_TICK_MS >= last_due_ms);
    last_due_ms = timer->due_ms;
    fired_count++;
}

static void in_time(struct sio_timer *timer) {
    assert_true(now_ms - timer->due_ms <= WHEEL_TICK_MS);
    in_order(timer);
}

static void start(struct sio_timer *timer, uint64_t due_ms, void (*fire)(struct sio_timer *)) {
    timer->fire = fire;
    timer_wheel_start(&wheel, timer, due_ms);
}

static uint64_t random_state = 1;
static uint64_t next_random(void) {
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    return random_state ^= random_state << 17;
}

static int begin(void **state) {
    (void)state;
    now_ms = 1000003;
    fired_count = 0;
    last_due_ms = 0;
    timer_wheel_init(&wheel, now_ms);
    return 0;
}

/* Sleeps exactly as long as the wheel says, as the loop does. Returns how often it woke. */
static int run_until(uint64_t end_ms) {
    int wakes = 0;
    for (;;) {
        uint64_t next_ms = timer_wheel_next_ms(&wheel);
        if (next_ms > end_ms) break;
        assert_true(next_ms > now_ms);
        now_ms = next_ms;
        timer_wheel_advance(&wheel, now_ms);
        wakes++;
    }
    now_ms = end_ms;
    timer_wheel_advance(&wheel, now_ms);
    return wakes;
}

static void test_fires_in_order_and_in_time(void **state) {
    (void)state;
    enum { COUNT = 20000 };
    struct sio_timer *timers = mem_new_array(struct sio_timer, COUNT);
    uint64_t longest_ms = 1;
    for (int i = 0; i < COUNT; i++) {
        uint64_t delay_ms = next_random() % (UINT64_C(1) << (next_random() % 34));
        if (delay_ms > longest_ms) longest_ms = delay_ms;
        start(&timers[i], now_ms + delay_ms, in_time);
    }
    timer_wheel_start(&wheel, &timers[0], now_ms + 77); /* restarted: once only */
    run_until(now_ms + longest_ms + WHEEL_TICK_MS);
    assert_int_equal(fired_count, COUNT);
    assert_true(timer_wheel_next_ms(&wheel) == UINT64_MAX);
    free(timers);
}

static void test_far_timers_seldom_wake(void **state) {
    (void)state;
    enum { COUNT = 10000 };
    struct sio_timer *timers = mem_new_array(struct sio_timer, COUNT);
    for (int i = 0; i < COUNT; i++) start(&timers[i], now_ms + 25000, in_time);
    assert_true(run_until(now_ms + 24900) <= 2);
    assert_int_equal(fired_count, 0);
    run_until(now_ms + 200);
    assert_int_equal(fired_count, COUNT);
    free(timers);
}

static void test_stopped_timers_do_not_fire(void **state) {
    (void)state;
    enum { COUNT = 5000 };
    struct sio_timer *timers = mem_new_array(struct sio_timer, COUNT);
    for (int i = 0; i < COUNT; i++) start(&timers[i], now_ms + 1 + next_random() % 500000, in_time);
    for (int i = 0; i < COUNT; i += 2) timer_wheel_stop(&wheel, &timers[i]);
    for (int i = 0; i < COUNT; i += 2) timer_wheel_stop(&wheel, &timers[i]);
    run_until(now_ms + 1000000);
    assert_int_equal(fired_count, COUNT / 2);
    for (int i = 0; i < COUNT; i++) start(&timers[i], now_ms + next_random() % 500000, in_time);
    for (int i = 0; i < COUNT; i++) timer_wheel_stop(&wheel, &timers[i]);
    assert_true(timer_wheel_next_ms(&wheel) == UINT64_MAX);
    free(timers);
}

static struct sio_timer first, second, third;
static int again;

static void stop_second(struct sio_timer *timer) {
    (void)timer;
    timer_wheel_stop(&wheel, &second);
}

static void restart_itself(struct sio_timer *timer) {
    fired_count++;
    if (--again > 0) timer_wheel_start(&wheel, timer, now_ms);
}

static void must_not_fire(struct sio_timer *timer) {
    (void)timer;
    fail();
}

static void test_stop_and_restart_inside_fire(void **state) {
    (void)state;
    start(&first, now_ms + 5, stop_second);
    start(&second, now_ms + 5, must_not_fire);
    start(&third, now_ms + 5, restart_itself);
    again = 3;
    int wakes = run_until(now_ms + 1000);
    assert_int_equal(fired_count, 3);
    assert_int_equal(wakes, 3); /* at once means with the next tick, not in a loop without end */
}

/* After a long stall everything that is due comes at once, in the order of its ticks. */
static void test_stall(void **state) {
    (void)state;
    enum { COUNT = 3000 };
    struct sio_timer *timers = mem_new_array(struct sio_timer, COUNT);
    for (int i = 0; i < COUNT; i++) start(&timers[i], now_ms + next_random() % 400000, in_order);
    now_ms += 410000;
    timer_wheel_advance(&wheel, now_ms);
    assert_int_equal(fired_count, COUNT);
    timer_wheel_advance(&wheel, now_ms - 5000); /* a clock that goes back does nothing */
    free(timers);
}

static void test_for_ever(void **state) {
    (void)state;
    start(&first, UINT64_MAX, must_not_fire);
    run_until(now_ms + UINT64_C(1000) * 86400 * 365 * 100);
    timer_wheel_stop(&wheel, &first);
    assert_true(timer_wheel_next_ms(&wheel) == UINT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_fires_in_order_and_in_time, begin),
        cmocka_unit_test_setup(test_far_timers_seldom_wake, begin),
        cmocka_unit_test_setup(test_stopped_timers_do_not_fire, begin),
        cmocka_unit_test_setup(test_stop_and_restart_inside_fire, begin),
        cmocka_unit_test_setup(test_stall, begin),
        cmocka_unit_test_setup(test_for_ever, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
