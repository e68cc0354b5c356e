/* Conversations made, joined and left. */
#include "chat/testing/world.h"

static void connected(struct world *w, unsigned count) {
    world_open(w, NULL);
    world_put_users(w, 1, count, 1);
    for (unsigned i = 1; i <= count; i++) world_connect(w, i, 1, NULL);
    world_run(w);
    world_forget(w);
}

static void everybodys_sockets_join_before_the_answer(void **state) {
    struct world w;
    struct answer a = {0}, again = {0}, m = {0};
    connected(&w, 3);
    world_create(&w, 1, 1, 1, true, (const unsigned[]){2}, 1, &a);
    assert_int_equal(a.fault, FAULT_NONE);
    assert_true(a.created);
    assert_int_equal(a.n, 2);
    assert_int_equal(a.lines_then, 2);
    assert_int_equal(world_told(&w, "joined"), 2);
    world_create(&w, 2, 1, 1, true, (const unsigned[]){1}, 1, &again);
    assert_false(again.created);
    assert_true(uuid_eq(&a.id, &again.id));
    assert_int_equal(world_told(&w, "joined"), 2);
    world_forget(&w);
    world_send(&w, 2, 1, 1, "hi", NULL, &m);
    world_run(&w);
    world_expect(&w, "message c1 u2 #1 hi");
    world_close(&w);
}

static void others_must_be_active_users_of_the_estate(void **state) {
    struct world w;
    struct answer foreign = {0}, suspended = {0}, self = {0}, three = {0};
    connected(&w, 3);
    world_put_users(&w, 5, 1, 2);
    world_put_user(&w, 6, 1, ROLE_RESIDENCE, USER_SUSPENDED);
    world_create(&w, 1, 1, 1, true, (const unsigned[]){5}, 1, &foreign);
    world_create(&w, 1, 1, 1, false, (const unsigned[]){2, 6}, 2, &suspended);
    world_create(&w, 1, 1, 1, true, (const unsigned[]){1}, 1, &self);
    world_create(&w, 1, 1, 1, true, (const unsigned[]){2, 3}, 2, &three);
    assert_int_equal(foreign.fault, FAULT_USER_NOT_FOUND);
    assert_int_equal(suspended.fault, FAULT_USER_NOT_FOUND);
    assert_int_equal(self.fault, FAULT_DIRECT_NEEDS_ONE);
    assert_int_equal(three.fault, FAULT_DIRECT_NEEDS_ONE);
    world_expect(&w, "");
    world_close(&w);
}

static void who_has_left_is_out(void **state) {
    struct world w;
    struct answer a = {0}, behind = {0}, again = {0}, other = {0};
    connected(&w, 3);
    world_create(&w, 1, 1, 1, false, (const unsigned[]){2, 3}, 2, &a);
    world_forget(&w);
    w.store.late[STORE_PARTICIPANT_LEAVE] = true;
    world_leave(&w, 2, 1, 1, &a);
    world_run(&w);
    world_send(&w, 2, 1, 1, "behind", NULL, &behind); /* before the store has answered */
    world_leave(&w, 2, 1, 1, &again);
    world_run(&w);
    assert_int_equal(behind.fault, FAULT_CONVERSATION_NOT_FOUND);
    assert_int_equal(again.fault, FAULT_CONVERSATION_NOT_FOUND);
    world_expect(&w, "");
    w.store.late[STORE_PARTICIPANT_LEAVE] = false;
    slow_store_let_go(&w.store);
    world_run(&w);
    world_expect(&w, "left u2 c1");
    world_send(&w, 3, 1, 1, "still here", NULL, &other);
    world_send(&w, 2, 1, 1, "out", NULL, &behind);
    world_run(&w);
    assert_int_equal(behind.fault, FAULT_CONVERSATION_NOT_FOUND);
    world_expect(&w, "message c1 u3 #1 still here");
    world_close(&w);
}

static void a_leave_that_failed_changes_nothing(void **state) {
    struct world w;
    struct answer a = {0}, m = {0};
    connected(&w, 2);
    world_create(&w, 1, 1, 1, false, (const unsigned[]){2}, 1, &a);
    world_forget(&w);
    w.store.fail[STORE_PARTICIPANT_LEAVE] = FAULT_BUSY;
    world_leave(&w, 2, 1, 1, &a);
    world_run(&w);
    assert_int_equal(a.fault, FAULT_BUSY);
    world_send(&w, 2, 1, 1, "hi", NULL, &m);
    world_run(&w);
    world_expect(&w, "message c1 u2 #1 hi");
    world_close(&w);
}

static void nobody_leaves_the_estate_group(void **state) {
    struct world w;
    struct answer group = {0}, a = {0};
    connected(&w, 1);
    world_group(&w, 1, 1, 1, &group);
    world_run(&w);
    world_leave(&w, 1, 1, 0, &a);
    world_run(&w);
    assert_int_equal(a.fault, FAULT_FORBIDDEN);
    world_close(&w);
}

static void admins_bring_others_in(void **state) {
    struct world w;
    struct answer a = {0}, direct = {0}, by_other = {0}, unknown = {0}, m = {0};
    connected(&w, 4);
    world_create(&w, 1, 1, 1, false, (const unsigned[]){2}, 1, &a);
    world_create(&w, 1, 1, 2, true, (const unsigned[]){2}, 1, &direct);
    world_forget(&w);
    world_add(&w, 2, 1, 1, 3, &by_other);
    world_add(&w, 1, 1, 2, 3, &direct);
    world_add(&w, 1, 1, 1, 77, &unknown);
    world_add(&w, 1, 1, 1, 3, &a);
    world_run(&w);
    assert_int_equal(by_other.fault, FAULT_FORBIDDEN);
    assert_int_equal(direct.fault, FAULT_FORBIDDEN);
    assert_int_equal(unknown.fault, FAULT_USER_NOT_FOUND);
    assert_int_equal(a.fault, FAULT_NONE);
    world_send(&w, 3, 1, 1, "hi", NULL, &m);
    world_run(&w);
    world_expect(&w, "joined u3 c1; message c1 u3 #1 hi");
    world_leave(&w, 3, 1, 1, NULL);
    world_add(&w, 1, 1, 1, 3, NULL);
    world_run(&w);
    world_expect(&w, "left u3 c1; joined u3 c1");
    world_close(&w);
}

/* Made while the other's list is being read for a connect: it is in the list that the connect gets. */
static void a_list_under_way_gets_what_is_made_meanwhile(void **state) {
    struct world w;
    struct answer made = {0}, late = {0};
    connected(&w, 2);
    world_put_users(&w, 3, 1, 1);
    world_changed(&w, 1);
    w.store.late[STORE_USER_CONVERSATIONS] = true;
    world_connect(&w, 3, 1, &late);
    world_run(&w);
    world_create(&w, 1, 1, 1, true, (const unsigned[]){3}, 1, &made);
    assert_int_equal(late.count, 0);
    w.store.late[STORE_USER_CONVERSATIONS] = false;
    slow_store_let_go(&w.store);
    world_run(&w);
    assert_int_equal(late.count, 1);
    assert_int_equal(late.n, 2);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybodys_sockets_join_before_the_answer),
        cmocka_unit_test(others_must_be_active_users_of_the_estate),
        cmocka_unit_test(who_has_left_is_out),
        cmocka_unit_test(a_leave_that_failed_changes_nothing),
        cmocka_unit_test(nobody_leaves_the_estate_group),
        cmocka_unit_test(admins_bring_others_in),
        cmocka_unit_test(a_list_under_way_gets_what_is_made_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
