/* Changes from outside reach those who are connected. */
#include "chat/testing/world.h"

static void connected(struct world *w, unsigned count) {
    world_open(w, NULL);
    world_put_users(w, 1, count, 1);
    for (unsigned i = 1; i <= count; i++) world_connect(w, i, 1, NULL);
    world_run(w);
    world_forget(w);
}

static void a_suspended_user_is_out(void **state) {
    struct world w;
    struct answer m = {0}, again = {0}, gone = {0};
    connected(&w, 2);
    world_put_user(&w, 1, 1, ROLE_RESIDENCE, USER_SUSPENDED);
    world_changed(&w, 1);
    world_expect(&w, "revoked u1 user_inactive; offline u1");
    world_send(&w, 1, 1, 0, "hi", NULL, &m);
    world_connect(&w, 1, 1, &again);
    world_disconnect(&w, 1, 1); /* its socket ends */
    world_online(&w, 2, 1, 1, &gone);
    world_run(&w);
    assert_int_equal(m.fault, FAULT_USER_INACTIVE);
    assert_int_equal(again.fault, FAULT_USER_INACTIVE);
    assert_int_equal(gone.n, 1);
    world_put_user(&w, 1, 1, ROLE_RESIDENCE, USER_ACTIVE);
    world_changed(&w, 1);
    world_connect(&w, 1, 1, &again);
    world_run(&w);
    assert_int_equal(again.fault, FAULT_NONE);
    assert_int_equal(again.n, 1);
    world_expect(&w, "online u1");
    world_close(&w);
}

/* Whoever enters while the estate is being read again is judged by what is read. */
static void nothing_slips_through_during_the_reload(void **state) {
    struct world w;
    struct answer group = {0}, m = {0}, other = {0};
    struct uuid estate = world_estate(1);
    connected(&w, 2);
    world_group(&w, 1, 1, 1, &group);
    world_run(&w);
    world_put_user(&w, 1, 1, ROLE_RESIDENCE, USER_SUSPENDED);
    w.store.late[STORE_ESTATE_LOAD] = true;
    chat_estates_changed(w.chat, &estate, 1, NULL, NULL);
    world_run(&w);
    world_send(&w, 1, 1, 0, "no", NULL, &m);
    world_send(&w, 2, 1, 0, "yes", NULL, &other);
    world_run(&w);
    assert_int_equal(m.count, 0);
    w.store.late[STORE_ESTATE_LOAD] = false;
    slow_store_let_go(&w.store);
    world_run(&w);
    assert_int_equal(m.fault, FAULT_USER_INACTIVE);
    world_expect(&w, "revoked u1 user_inactive; offline u1; message cG u2 #1 yes");
    world_close(&w);
}

static void who_moves_is_ended_here_and_welcome_there(void **state) {
    struct world w;
    struct answer a = {0};
    connected(&w, 2);
    world_put_user(&w, 2, 2, ROLE_RESIDENCE, USER_ACTIVE);
    world_changed(&w, 1);
    world_expect(&w, "revoked u2 estate_changed; offline u2");
    world_connect(&w, 2, 2, &a);
    world_run(&w);
    assert_int_equal(a.fault, FAULT_NONE);
    assert_int_equal(a.n, 1); /* the new estate's group, and nothing of the old one */
    world_expect(&w, "online u2");
    world_close(&w);
}

static void who_gets_an_estate_comes_again(void **state) {
    struct world w;
    struct answer a = {0};
    world_open(&w, NULL);
    world_put_user(&w, 1, 0, ROLE_RESIDENCE, USER_ACTIVE);
    world_connect(&w, 1, 0, &a);
    world_run(&w);
    assert_int_equal(a.n, 0);
    world_put_user(&w, 1, 1, ROLE_RESIDENCE, USER_ACTIVE);
    world_changed(&w, 1);
    world_expect(&w, "revoked u1 estate_changed");
    world_connect(&w, 1, 1, &a);
    world_run(&w);
    assert_int_equal(a.n, 1);
    world_close(&w);
}

static void new_conversations_are_joined(void **state) {
    struct world w;
    struct answer m = {0};
    connected(&w, 3);
    world_put_conversation(&w, 1, 1, (const unsigned[]){1, 2}, 2);
    world_changed(&w, 1);
    assert_int_equal(world_told(&w, "joined u1 c1"), 1);
    assert_int_equal(world_told(&w, "joined u2 c1"), 1);
    assert_int_equal(world_told(&w, "joined"), 2);
    world_forget(&w);
    world_send(&w, 2, 1, 1, "hi", NULL, &m);
    world_run(&w);
    world_expect(&w, "message c1 u2 #1 hi");

    /* One more is put into it: the cached participants are read again. */
    world_put_conversation(&w, 1, 1, (const unsigned[]){1, 2, 3}, 3);
    world_changed(&w, 1);
    world_expect(&w, "joined u3 c1");
    world_send(&w, 3, 1, 1, "me too", NULL, &m);
    world_run(&w);
    world_expect(&w, "message c1 u3 #2 me too");
    world_close(&w);
}

/* The store knows a user whom the cache does not: nobody said so, and yet he comes in. */
static void a_connect_finds_out_what_nobody_told(void **state) {
    struct world w;
    struct answer a = {0}, b = {0};
    connected(&w, 1);
    world_put_users(&w, 2, 1, 1);
    world_connect(&w, 2, 1, &a);
    world_run(&w);
    assert_int_equal(a.fault, FAULT_NONE);
    assert_int_equal(a.n, 1);
    world_put_user(&w, 1, 1, ROLE_RESIDENCE, USER_SUSPENDED);
    world_connect(&w, 1, 1, &b);
    world_run(&w);
    assert_int_equal(b.fault, FAULT_USER_INACTIVE);
    assert_int_equal(world_told(&w, "revoked u1"), 1);
    world_close(&w);
}

static void a_failing_reload_is_tried_until_it_works(void **state) {
    struct world w;
    struct uuid estate = world_estate(1);
    struct answer m = {0};
    connected(&w, 2);
    world_put_user(&w, 1, 1, ROLE_RESIDENCE, USER_SUSPENDED);
    w.store.fail[STORE_ESTATE_LOAD] = FAULT_INTERNAL;
    chat_estates_changed(w.chat, &estate, 1, NULL, NULL);
    world_pass(&w, 1000);
    world_send(&w, 1, 1, 0, "no", NULL, &m);
    world_pass(&w, 1000);
    world_expect(&w, "");
    assert_int_equal(m.count, 0);
    w.store.fail[STORE_ESTATE_LOAD] = FAULT_NONE;
    w.store.fail[STORE_USER_CONVERSATIONS] = FAULT_BUSY;
    world_pass(&w, 1000);
    world_expect(&w, "revoked u1 user_inactive; offline u1");
    assert_int_equal(m.fault, FAULT_USER_INACTIVE);
    assert_true(virtual_holds() > 0); /* the lists are outstanding */
    w.store.fail[STORE_USER_CONVERSATIONS] = FAULT_NONE;
    world_pass(&w, 1000);
    world_close(&w);
}

static void many_lists_are_read_a_few_at_a_time(void **state) {
    enum { USERS = 500 };
    struct world w;
    connected(&w, USERS);
    world_put_conversation(&w, 1, 1, (const unsigned[]){1, USERS}, 2);
    world_changed(&w, 1);
    assert_int_equal(world_told(&w, "joined"), 2);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_suspended_user_is_out),
        cmocka_unit_test(nothing_slips_through_during_the_reload),
        cmocka_unit_test(who_moves_is_ended_here_and_welcome_there),
        cmocka_unit_test(who_gets_an_estate_comes_again),
        cmocka_unit_test(new_conversations_are_joined),
        cmocka_unit_test(a_connect_finds_out_what_nobody_told),
        cmocka_unit_test(a_failing_reload_is_tried_until_it_works),
        cmocka_unit_test(many_lists_are_read_a_few_at_a_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
