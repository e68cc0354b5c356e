/* What has arrived: told to who sent it, once, and in large conversations to nobody. */
#include "chat/testing/world.h"

static void say(struct world *w, unsigned user, unsigned c, struct answer *answer) {
    world_send(w, user, 1, c, "x", NULL, answer);
    world_run(w);
    assert_int_equal(answer->fault, FAULT_NONE);
    world_forget(w);
}

static void has(struct world *w, unsigned user, unsigned c, const struct answer *message) {
    struct answer answer = {0};
    world_delivered(w, user, 1, c, &message->id, &answer);
    world_run(w);
    assert_int_equal(answer.fault, FAULT_NONE);
    assert_int_equal(answer.lines_then, 0); /* the answer is there before anybody is told */
}

static void the_sender_alone(void **state) {
    struct world w;
    struct answer m[3] = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 3, 1);
    world_put_conversation(&w, 1, 1, (const unsigned[]){1, 2, 3}, 3);
    say(&w, 1, 1, &m[0]);
    has(&w, 2, 1, &m[0]);
    world_expect(&w, "delivered c1 u2 #1 u1");
    has(&w, 2, 1, &m[0]); /* another device of the user's */
    has(&w, 1, 1, &m[0]); /* the user's own */
    world_expect(&w, "");
    say(&w, 1, 1, &m[1]);
    say(&w, 3, 1, &m[2]);
    has(&w, 2, 1, &m[2]);
    world_expect(&w, "delivered c1 u2 #3 others");
    has(&w, 2, 1, &m[1]);
    world_expect(&w, "");
    world_close(&w);
}

static void what_is_read_has_arrived(void **state) {
    struct world w;
    struct answer m = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 2, 1);
    world_put_conversation(&w, 1, 1, (const unsigned[]){1, 2}, 2);
    say(&w, 1, 1, &m);
    world_read(&w, 2, 1, 1, &m.id, NULL);
    world_run(&w);
    world_expect(&w, "read c1 u2 #1 all -s7");
    has(&w, 2, 1, &m);
    world_expect(&w, "");
    world_close(&w);
}

static void in_large_conversations_nobody(void **state) {
    struct world w;
    struct chat_config config;
    struct answer m = {0};
    chat_config_init(&config);
    config.large_conversation = 2;
    world_open(&w, &config);
    world_put_users(&w, 1, 3, 1);
    world_put_conversation(&w, 1, 1, (const unsigned[]){1, 2, 3}, 3);
    say(&w, 1, 1, &m);
    has(&w, 2, 1, &m);
    world_leave(&w, 3, 1, 1, NULL);
    world_run(&w);
    world_expect(&w, "");
    has(&w, 2, 1, &m); /* it was not kept, so it is news now */
    world_expect(&w, "delivered c1 u2 #1 u1");
    world_close(&w);
}

/* The sender goes while the store still writes. */
static void who_is_no_participant_hears_nothing(void **state) {
    struct world w;
    struct answer m = {0}, left = {0}, answer = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 3, 1);
    world_put_conversation(&w, 1, 1, (const unsigned[]){1, 2, 3}, 3);
    say(&w, 1, 1, &m);
    w.store.late[STORE_DELIVERED_ADVANCE] = true;
    world_delivered(&w, 2, 1, 1, &m.id, &answer);
    world_leave(&w, 1, 1, 1, &left);
    world_run(&w);
    assert_int_equal(left.count, 1);
    w.store.late[STORE_DELIVERED_ADVANCE] = false;
    slow_store_let_go(&w.store);
    world_run(&w);
    assert_int_equal(answer.count, 1);
    world_expect(&w, "");
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sender_alone),
        cmocka_unit_test(what_is_read_has_arrived),
        cmocka_unit_test(in_large_conversations_nobody),
        cmocka_unit_test(who_is_no_participant_hears_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
