/* Tests of budgets: one limit for all, and nobody keeps others from their part of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "socket/recovery_budget.h"

enum { MOST = 1000, PEOPLE = 10 };

struct scene {
    struct recovery_budget budget;
    size_t own[PEOPLE];
};

static void scene_init(struct scene *s, size_t most, int people) {
    *s = (struct scene){0};
    recovery_budget_init(&s->budget, most);
    for (int i = 0; i < people; i++) recovery_budget_enter(&s->budget);
}

static void make_room(struct scene *s, int who) {
    while (recovery_budget_exceeded(&s->budget, s->own[who]))
        recovery_budget_sub(&s->budget, &s->own[who], 1);
}

static void add(struct scene *s, int who, size_t n) {
    for (; n > 0; n--) {
        recovery_budget_add(&s->budget, &s->own[who], 1);
        make_room(s, who);
        assert_true(s->budget.used <= s->budget.most);
    }
}

static void who_is_alone_has_it_all(void **state) {
    struct scene s;
    scene_init(&s, MOST, 1);
    add(&s, 0, 10 * MOST);
    assert_int_equal(s.own[0], MOST);
}

static void all_together_have_no_more_than_one(void **state) {
    struct scene s;
    scene_init(&s, MOST, PEOPLE);
    for (int i = 0; i < PEOPLE; i++) add(&s, i, MOST);
    size_t sum = 0;
    for (int i = 0; i < PEOPLE; i++) sum += s.own[i];
    assert_int_equal(sum, s.budget.used);
    assert_in_range(sum, MOST - MOST / 8, MOST);
}

static void who_was_first_leaves_others_their_part(void **state) {
    struct scene s;
    scene_init(&s, MOST, 1);
    add(&s, 0, MOST);
    recovery_budget_enter(&s.budget);
    add(&s, 1, 1);
    assert_int_equal(s.own[1], 0); /* it makes room by itself */
    for (int round = 0; round < MOST; round++) {
        add(&s, 0, 1);
        add(&s, 1, 1);
    }
    for (int i = 0; i < 2; i++) assert_in_range(s.own[i], MOST * 3 / 8, MOST * 5 / 8);
}

static void what_the_first_does_not_leave_by_itself_time_takes(void **state) {
    struct scene s;
    scene_init(&s, MOST, 1);
    add(&s, 0, MOST);
    recovery_budget_enter(&s.budget);
    make_room(&s, 0); /* asked from time to time */
    assert_int_equal(s.own[0], MOST - MOST / 8);
    add(&s, 1, MOST / 8);
    assert_int_equal(s.own[1], MOST / 8);
}

static void what_is_given_back_is_free_again(void **state) {
    struct scene s;
    scene_init(&s, MOST, PEOPLE);
    for (int i = 0; i < PEOPLE; i++) add(&s, i, MOST / PEOPLE);
    for (int i = 1; i < PEOPLE; i++) {
        recovery_budget_sub(&s.budget, &s.own[i], s.own[i]);
        recovery_budget_leave(&s.budget);
    }
    add(&s, 0, MOST);
    assert_int_equal(s.own[0], MOST);
}

static void a_limit_smaller_than_its_holders_are_many_holds(void **state) {
    struct scene s;
    scene_init(&s, 2, PEOPLE);
    for (int i = 0; i < PEOPLE; i++) add(&s, i, 1);
    assert_int_equal(s.budget.used, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_alone_has_it_all),
        cmocka_unit_test(all_together_have_no_more_than_one),
        cmocka_unit_test(who_was_first_leaves_others_their_part),
        cmocka_unit_test(what_the_first_does_not_leave_by_itself_time_takes),
        cmocka_unit_test(what_is_given_back_is_free_again),
        cmocka_unit_test(a_limit_smaller_than_its_holders_are_many_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
