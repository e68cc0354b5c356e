/* The estate group and broadcasts. */
#include "chat/testing/world.h"

static void a_hundred_connects_make_one_group(void **state) {
    enum { USERS = 100 };
    struct world w;
    struct answer a[USERS] = {0}, group = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, USERS, 1);
    for (unsigned i = 0; i < USERS; i++) world_connect(&w, i + 1, 1, &a[i]);
    world_run(&w);
    for (unsigned i = 0; i < USERS; i++) {
        assert_int_equal(a[i].fault, FAULT_NONE);
        assert_int_equal(a[i].n, 1);
    }
    assert_int_equal(w.store.submitted[STORE_ESTATE_GROUP], 1);
    world_group(&w, 7, 1, 1, &group);
    world_run(&w);
    assert_int_equal(group.fault, FAULT_NONE);
    assert_false(group.created);
    assert_int_equal(group.n, USERS);
    assert_int_equal(w.store.submitted[STORE_ESTATE_GROUP], 1);
    world_close(&w);
}

static void who_asks_first_has_made_it(void **state) {
    struct world w;
    struct answer first = {0}, second = {0}, foreign = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 2, 1);
    world_put_users(&w, 3, 1, 2);
    world_group(&w, 1, 1, 1, &first);
    world_group(&w, 2, 1, 1, &second);
    world_group(&w, 3, 2, 1, &foreign);
    world_run(&w);
    assert_true(first.created);
    assert_false(second.created);
    assert_true(uuid_eq(&first.id, &second.id));
    assert_int_equal(foreign.fault, FAULT_FORBIDDEN);
    world_close(&w);
}

static void after_a_restart_nothing_is_made_again(void **state) {
    struct world w;
    struct answer a = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 3, 1);
    world_connect(&w, 1, 1, NULL);
    world_run(&w);
    world_disconnect(&w, 1, 1);
    world_pass(&w, 3600000); /* the estate is dropped */
    world_connect(&w, 2, 1, &a);
    world_run(&w);
    assert_int_equal(a.n, 1);
    assert_int_equal(w.store.submitted[STORE_ESTATE_GROUP], 1);
    world_close(&w);
}

static void a_group_that_cannot_be_made_refuses_the_connect(void **state) {
    struct world w;
    struct answer a = {0}, b = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 1, 1);
    w.store.fail[STORE_ESTATE_GROUP] = FAULT_INTERNAL;
    world_connect(&w, 1, 1, &a);
    world_run(&w);
    assert_int_equal(a.fault, FAULT_INTERNAL);
    world_expect(&w, "");
    w.store.fail[STORE_ESTATE_GROUP] = FAULT_NONE;
    world_connect(&w, 1, 1, &b);
    world_run(&w);
    assert_int_equal(b.fault, FAULT_NONE);
    assert_int_equal(b.n, 1);
    world_close(&w);
}

static void broadcasts_need_a_role_and_the_own_estate(void **state) {
    struct world w;
    struct answer resident = {0}, admin = {0}, foreign = {0}, guard = {0}, alone = {0}, empty = {0};
    world_open(&w, NULL);
    world_put_user(&w, 1, 1, ROLE_RESIDENCE, USER_ACTIVE);
    world_put_user(&w, 2, 1, ROLE_ADMIN, USER_ACTIVE);
    world_put_user(&w, 3, 2, ROLE_SUPER_ADMIN, USER_ACTIVE);
    world_put_user(&w, 4, 1, ROLE_SECURITY, USER_ACTIVE);
    world_put_user(&w, 5, 0, ROLE_SUPER_ADMIN, USER_ACTIVE);
    world_broadcast(&w, 1, 1, 1, "no", &resident);
    world_broadcast(&w, 3, 2, 1, "no", &foreign);
    world_broadcast(&w, 5, 0, 0, "no", &alone);
    world_broadcast(&w, 2, 1, 1, "", &empty);
    world_run(&w);
    assert_int_equal(resident.fault, FAULT_FORBIDDEN);
    assert_int_equal(foreign.fault, FAULT_FORBIDDEN);
    assert_int_equal(alone.fault, FAULT_FORBIDDEN);
    assert_int_equal(empty.fault, FAULT_INVALID_PAYLOAD);
    world_expect(&w, "");
    world_broadcast(&w, 2, 1, 1, "water", &admin);
    world_broadcast(&w, 4, 1, 0, "gate", &guard); /* 0: the own estate */
    world_run(&w);
    assert_int_equal(admin.fault, FAULT_NONE);
    assert_int_equal(admin.seq, 1);
    assert_int_equal(admin.lines_then, 0);
    assert_int_equal(guard.seq, 2);
    world_expect(&w, "broadcast e1 u2 #1 water; broadcast e1 u4 #2 gate");
    world_close(&w);
}

/* The group is made while the lists of those who connect are being read: nobody misses it. */
static void late_lists_know_the_group(void **state) {
    struct world w;
    struct answer a = {0}, b = {0}, group = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 3, 1);
    w.store.late[STORE_USER_CONVERSATIONS] = true;
    world_connect(&w, 1, 1, &a);
    world_connect(&w, 2, 1, &b);
    world_run(&w); /* both lists were read without the group */
    world_group(&w, 3, 1, 1, &group);
    world_run(&w);
    assert_int_equal(group.fault, FAULT_NONE);
    slow_store_let_go(&w.store);
    w.store.late[STORE_USER_CONVERSATIONS] = false;
    world_run(&w);
    assert_int_equal(a.n, 1);
    assert_int_equal(b.n, 1);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hundred_connects_make_one_group),
        cmocka_unit_test(who_asks_first_has_made_it),
        cmocka_unit_test(after_a_restart_nothing_is_made_again),
        cmocka_unit_test(a_group_that_cannot_be_made_refuses_the_connect),
        cmocka_unit_test(broadcasts_need_a_role_and_the_own_estate),
        cmocka_unit_test(late_lists_know_the_group),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
