/* Tests of the log: numbers without a gap, what goes first, and offsets as texts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "socket/internal.h"

static const char tag[RECOVERY_TAG] = {'t', 'a', 'g', '-', '_', '1', '2', '3'};

/* A log with a budget of its own. */
static void log_begin(struct recovery_log *log, struct recovery_budget *budget, size_t max_bytes) {
    recovery_budget_init(budget, max_bytes);
    recovery_budget_enter(budget);
    recovery_log_init(log, budget);
}

static uint64_t add(struct recovery_log *log, size_t size_bytes) {
    const struct sio_target everybody = {0};
    struct logged *l =
        logged_new(LOGGED_EMIT, NULL, size_bytes, (struct sio_span){0}, &everybody, (struct sio_span){0});
    uint64_t seq = recovery_log_add(log, l);
    logged_unref(l);
    return seq;
}

static void numbers_begin_with_one_and_have_no_gap(void **state) {
    struct recovery_log log;
    struct recovery_budget budget;
    log_begin(&log, &budget, SIZE_MAX);
    assert_int_equal(recovery_log_last(&log), 0);
    assert_null(recovery_log_at(&log, 0));
    for (uint64_t i = 1; i <= 1000; i++) {
        assert_int_equal(add(&log, 1), i);
        assert_int_equal(recovery_log_last(&log), i);
    }
    for (uint64_t i = 1; i <= 1000; i++) assert_int_equal(recovery_log_at(&log, i)->seq, i);
    assert_null(recovery_log_at(&log, 1001));
    recovery_log_fini(&log);
}

static void the_oldest_go_when_it_becomes_too_much(void **state) {
    struct recovery_log log;
    struct recovery_budget budget;
    log_begin(&log, &budget, 10 * (1000 + sizeof(struct logged)));
    for (uint64_t i = 1; i <= 1000; i++) { /* round the ring many times */
        add(&log, 1000);
        assert_true(log.bytes <= budget.most);
        assert_int_equal(log.count, i < 10 ? i : 10);
        for (uint64_t n = log.first; n <= i; n++) assert_int_equal(recovery_log_at(&log, n)->seq, n);
        assert_null(recovery_log_at(&log, log.first - 1));
    }
    assert_int_equal(log.capacity, 64);
    add(&log, budget.most + 1); /* too large for it alone */
    assert_int_equal(log.count, 0);
    assert_int_equal(log.bytes, 0);
    assert_int_equal(recovery_log_last(&log), 1001);
    assert_int_equal(add(&log, 1), 1002);
    recovery_log_fini(&log);
}

static void what_has_seen_enough_time_goes(void **state) {
    struct recovery_log log;
    struct recovery_budget budget;
    log_begin(&log, &budget, SIZE_MAX);
    for (int step = 0; step < 100; step++) {
        add(&log, 1);
        add(&log, 1);
        recovery_log_age(&log, 8);
        assert_int_equal(log.count, step < 8 ? 2 * (step + 1) : 16);
    }
    for (int step = 0; step < 8; step++) recovery_log_age(&log, 8);
    assert_int_equal(log.count, 0);
    assert_null(log.ring);
    assert_int_equal(add(&log, 1), 201);
    assert_int_equal(recovery_log_at(&log, 201)->seq, 201);
    recovery_log_fini(&log);
}

static void logs_share_one_budget(void **state) {
    struct recovery_log logs[20];
    struct recovery_budget budget;
    recovery_budget_init(&budget, 100 * (1000 + sizeof(struct logged)));
    for (int i = 0; i < 20; i++) {
        recovery_log_init(&logs[i], &budget);
        recovery_budget_enter(&budget);
        for (int n = 0; n < 200; n++) {
            add(&logs[i], 1000);
            assert_true(budget.used <= budget.most);
        }
        if (i == 0) assert_int_equal(logs[0].count, 100); /* alone */
    }
    for (int n = 0; n < 200; n++)
        for (int i = 0; i < 20; i++) add(&logs[i], 1000);
    for (int i = 0; i < 20; i++) assert_in_range(logs[i].count, 4, 6);
    for (int i = 0; i < 20; i++) recovery_log_fini(&logs[i]);
    assert_int_equal(budget.used, 0);
}

static void time_takes_what_is_more_than_a_part(void **state) {
    struct recovery_log first, second;
    struct recovery_budget budget;
    log_begin(&first, &budget, 16 * (1000 + sizeof(struct logged)));
    for (int n = 0; n < 16; n++) add(&first, 1000);
    recovery_log_init(&second, &budget);
    recovery_budget_enter(&budget);
    add(&second, 1000);
    assert_int_equal(second.count, 0);
    recovery_log_age(&first, 8);
    assert_int_equal(first.count, 14);
    add(&second, 1000);
    assert_int_equal(second.count, 1);
    recovery_log_fini(&first);
    recovery_log_fini(&second);
}

static void an_entry_outlives_the_log_for_who_holds_it(void **state) {
    struct recovery_log log;
    struct recovery_budget budget;
    struct sio_span rooms[] = {SIO_SPAN("a"), SIO_SPAN("")}, except = SIO_SPAN("b");
    const struct sio_target target = {.rooms = rooms, .room_count = 2, .except = &except, .except_count = 1};
    log_begin(&log, &budget, SIZE_MAX);
    struct logged *l = logged_new(LOGGED_JOIN, NULL, 0, SIO_SPAN("room"), &target, (struct sio_span){0});
    recovery_log_add(&log, l);
    recovery_log_fini(&log);
    assert_true(sio_span_is(l->names[0], "a") && sio_span_is(l->names[1], "") &&
                sio_span_is(l->names[2], "b"));
    assert_true(sio_span_is(l->room, "room"));
    logged_unref(l);
}

/* ---- offsets ---- */

static void offsets_are_read_again(void **state) {
    const uint64_t numbers[] = {0, 1, 9, 10, UINT32_MAX, (uint64_t)UINT32_MAX + 1, UINT64_MAX};
    for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
        char text[RECOVERY_OFFSET_MAX];
        uint64_t seq = 77;
        size_t n = recovery_offset_write(tag, numbers[i], text);
        assert_true(recovery_offset_parse(tag, sio_span_of(text, n), &seq));
        assert_true(seq == numbers[i]);
    }
}

static void what_is_no_offset_of_this_tag_is_refused(void **state) {
    static const char *const texts[] = {
        "",
        "t",
        "tag-_123",
        "tag-_12",
        "1",
        "tag-_1230x",
        "tag-_123 1",
        "tag-_123+1",
        "tag-_123-1",
        "tag-_12301",
        "tag-_12300",
        "tag-_1231 ",
        "tag-_124 1",
        "xag-_1231",
        "TAG-_1231",
        "tag-_1231.",
        "tag-_1231e1",
        "tag-_123\xff",
        "tag-_12318446744073709551616",
        "tag-_12399999999999999999999999999999999999999999999999999999999999999999999999",
    };
    uint64_t seq;
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        assert_false(recovery_offset_parse(tag, sio_span_cstr(texts[i]), &seq));
    assert_false(recovery_offset_parse(tag, SIO_SPAN("tag-_1231\0"), &seq));
    assert_true(recovery_offset_parse(tag, SIO_SPAN("tag-_1231"), &seq));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_begin_with_one_and_have_no_gap),
        cmocka_unit_test(the_oldest_go_when_it_becomes_too_much),
        cmocka_unit_test(what_has_seen_enough_time_goes),
        cmocka_unit_test(logs_share_one_budget),
        cmocka_unit_test(time_takes_what_is_more_than_a_part),
        cmocka_unit_test(an_entry_outlives_the_log_for_who_holds_it),
        cmocka_unit_test(offsets_are_read_again),
        cmocka_unit_test(what_is_no_offset_of_this_tag_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
