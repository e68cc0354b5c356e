/* Read positions: forward only, told to everybody in small conversations, to two people in large ones. */
#include "chat/testing/world.h"

static void messages(struct world *w, unsigned user, unsigned c, unsigned count, struct answer *out) {
    for (unsigned i = 0; i < count; i++) world_send(w, user, 1, c, "hello", NULL, &out[i]);
    world_run(w);
    world_forget(w);
}

static void forward_only(void **state) {
    struct world w;
    struct answer m[3] = {0}, a = {0}, b = {0}, c = {0}, own = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 2, 1);
    world_put_conversation(&w, 1, 1, (const unsigned[]){1, 2}, 2);
    messages(&w, 1, 1, 3, m);
    world_read(&w, 2, 1, 1, &m[1].id, &a);
    world_run(&w);
    assert_true(a.moved);
    assert_int_equal(a.seq, 2);
    assert_int_equal(a.lines_then, 0);
    world_expect(&w, "read c1 u2 #2 all -s7");
    world_read(&w, 2, 1, 1, &m[1].id, &b);
    world_read(&w, 2, 1, 1, &m[0].id, &c);
    world_run(&w);
    assert_int_equal(b.fault, FAULT_NONE);
    assert_false(b.moved);
    assert_int_equal(c.fault, FAULT_NONE);
    assert_false(c.moved);
    world_expect(&w, "");
    world_read(&w, 1, 1, 1, &m[2].id, &own);
    world_run(&w);
    assert_true(own.moved);
    world_expect(&w, "read c1 u1 #3 all -s7");
    world_close(&w);
}

static void another_conversations_message_is_none_of_this(void **state) {
    struct world w;
    struct answer m[1] = {0}, a = {0}, b = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 3, 1);
    world_put_conversation(&w, 1, 1, (const unsigned[]){1, 2}, 2);
    world_put_conversation(&w, 2, 1, (const unsigned[]){1, 3}, 2);
    messages(&w, 1, 1, 1, m);
    world_read(&w, 1, 1, 2, &m[0].id, &a);
    world_read(&w, 3, 1, 1, &m[0].id, &b);
    world_run(&w);
    assert_int_equal(a.fault, FAULT_MESSAGE_NOT_FOUND);
    assert_int_equal(b.fault, FAULT_CONVERSATION_NOT_FOUND);
    world_expect(&w, "");
    world_close(&w);
}

static void large_conversations_tell_two_people_once_a_second(void **state) {
    struct world w;
    struct chat_config config;
    struct answer m[5] = {0}, group = {0};
    chat_config_init(&config);
    config.large_conversation = 3;
    world_open(&w, &config);
    world_put_users(&w, 1, 6, 1);
    world_group(&w, 1, 1, 1, &group);
    world_run(&w);
    messages(&w, 1, 0, 5, m);
    for (unsigned i = 0; i < 5; i++) world_read(&w, 2, 1, 0, &m[i].id, NULL);
    world_read(&w, 3, 1, 0, &m[3].id, NULL);
    world_run(&w);
    world_expect(&w, "");
    world_pass(&w, 1100);
    world_expect(&w, "read cG u2 #5 u1,u2 -s7; read cG u3 #4 u1,u3 -s7");
    world_pass(&w, 60000);
    world_expect(&w, "");
    world_close(&w);
}

static void who_left_hears_of_no_receipt(void **state) {
    struct world w;
    struct chat_config config;
    struct answer m[1] = {0};
    chat_config_init(&config);
    config.large_conversation = 3;
    world_open(&w, &config);
    world_put_users(&w, 1, 5, 1);
    world_put_conversation(&w, 1, 1, (const unsigned[]){1, 2, 3, 4, 5}, 5);
    messages(&w, 1, 1, 1, m);
    world_read(&w, 2, 1, 1, &m[0].id, NULL);
    world_run(&w);
    world_leave(&w, 1, 1, 1, NULL);
    world_run(&w);
    world_forget(&w);
    world_pass(&w, 1100);
    world_expect(&w, "read c1 u2 #1 u2 -s7");
    world_close(&w);
}

/* Everybody reads the same announcement: its sender hears of them some at a time. */
static void a_flood_of_receipts_is_spread(void **state) {
    enum { USERS = 600 };
    struct world w;
    struct answer m[1] = {0}, group = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, USERS, 1);
    world_group(&w, 1, 1, 1, &group);
    world_run(&w);
    messages(&w, 1, 0, 1, m);
    for (unsigned i = 2; i <= USERS; i++) world_read(&w, i, 1, 0, &m[0].id, NULL);
    world_pass(&w, 1100);
    assert_int_equal(world_told(&w, "read cG"), 256);
    world_pass(&w, 3000);
    assert_int_equal(world_told(&w, "read cG"), USERS - 1);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_only),
        cmocka_unit_test(another_conversations_message_is_none_of_this),
        cmocka_unit_test(large_conversations_tell_two_people_once_a_second),
        cmocka_unit_test(who_left_hears_of_no_receipt),
        cmocka_unit_test(a_flood_of_receipts_is_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
