/* Typing as others see it. */
#include "chat/testing/world.h"

static void three_users(struct world *w, const struct chat_config *config) {
    world_open(w, config);
    world_put_users(w, 1, 3, 1);
    world_put_conversation(w, 1, 1, (const unsigned[]){1, 2}, 2);
    for (unsigned i = 1; i <= 3; i++) world_connect(w, i, 1, NULL);
    world_run(w);
    world_forget(w);
}

static void it_starts_once_and_ends_by_itself(void **state) {
    struct world w;
    three_users(&w, NULL);
    world_typing(&w, 1, 1, 1, true, NULL);
    world_run(&w);
    world_expect(&w, "typing c1 u1 on");
    for (int i = 0; i < 4; i++) {
        world_pass(&w, 2000);
        world_typing(&w, 1, 1, 1, true, NULL);
        world_run(&w);
    }
    world_expect(&w, "");
    world_pass(&w, 2900);
    world_expect(&w, "");
    world_pass(&w, 200);
    world_expect(&w, "typing c1 u1 off");
    world_pass(&w, 60000);
    world_expect(&w, "");
    world_close(&w);
}

static void false_ends_it_and_is_nothing_without(void **state) {
    struct world w;
    struct answer a = {0};
    three_users(&w, NULL);
    world_typing(&w, 1, 1, 1, false, &a);
    world_run(&w);
    assert_int_equal(a.fault, FAULT_NONE);
    world_expect(&w, "");
    world_typing(&w, 1, 1, 1, true, NULL);
    world_typing(&w, 1, 1, 1, false, NULL);
    world_pass(&w, 60000);
    world_expect(&w, "typing c1 u1 on; typing c1 u1 off");
    world_close(&w);
}

static void a_message_ends_it(void **state) {
    struct world w;
    three_users(&w, NULL);
    world_typing(&w, 1, 1, 1, true, NULL);
    world_send(&w, 1, 1, 1, "hello", NULL, NULL);
    world_pass(&w, 60000);
    world_expect(&w, "typing c1 u1 on; typing c1 u1 off; message c1 u1 #1 hello");
    world_close(&w);
}

static void leaving_ends_it(void **state) {
    struct world w;
    three_users(&w, NULL);
    world_typing(&w, 2, 1, 1, true, NULL);
    world_leave(&w, 2, 1, 1, NULL);
    world_pass(&w, 60000);
    world_expect(&w, "typing c1 u2 on; typing c1 u2 off; left u2 c1");
    world_close(&w);
}

static void going_offline_ends_it(void **state) {
    struct world w;
    struct chat_config config;
    chat_config_init(&config);
    config.typing_timeout_ms = 60000;
    three_users(&w, &config);
    world_typing(&w, 1, 1, 1, true, NULL);
    world_disconnect(&w, 1, 1);
    world_pass(&w, 5100);
    world_expect(&w, "typing c1 u1 on; typing c1 u1 off; offline u1");
    world_close(&w);
}

static void only_participants_type(void **state) {
    struct world w;
    struct answer other = {0}, unknown = {0};
    three_users(&w, NULL);
    world_typing(&w, 3, 1, 1, true, &other);
    world_typing(&w, 3, 1, 9, true, &unknown);
    world_pass(&w, 60000);
    assert_int_equal(other.fault, FAULT_CONVERSATION_NOT_FOUND);
    assert_int_equal(unknown.fault, FAULT_CONVERSATION_NOT_FOUND);
    world_expect(&w, "");
    world_close(&w);
}

/* Of many who start at once in a large conversation a few are forwarded, and the end of these alone. */
static void it_is_thinned_out_in_large_conversations(void **state) {
    struct world w;
    struct chat_config config;
    struct answer a = {0};
    chat_config_init(&config);
    config.large_conversation = 10;
    world_open(&w, &config);
    world_put_users(&w, 1, 30, 1);
    for (unsigned i = 1; i <= 30; i++) world_connect(&w, i, 1, NULL);
    world_group(&w, 1, 1, 1, &a);
    world_run(&w);
    world_forget(&w);
    for (unsigned i = 1; i <= 30; i++) world_typing(&w, i, 1, 0, true, NULL);
    world_run(&w);
    assert_int_equal(world_told(&w, "typing cG"), 5);
    world_pass(&w, 60000);
    assert_int_equal(world_told(&w, "typing cG"), 10);
    world_close(&w);
}

static void one_user_types_in_a_bounded_number(void **state) {
    enum { CONVERSATIONS = 63, BOUND = 64 };
    struct world w;
    struct answer a = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 2, 1);
    for (unsigned c = 1; c <= CONVERSATIONS; c++)
        world_put_conversation(&w, c, 1, (const unsigned[]){1, 2}, 2);
    world_connect(&w, 1, 1, NULL);
    world_group(&w, 1, 1, 1, &a);
    world_run(&w);
    world_forget(&w);
    for (unsigned c = 0; c <= CONVERSATIONS; c++) world_typing(&w, 1, 1, c, true, NULL);
    world_run(&w);
    assert_int_equal(world_told(&w, "typing"), BOUND);
    world_put_conversation(&w, 1, 1, (const unsigned[]){1, 2}, 2);
    world_create(&w, 1, 1, 2, true, (const unsigned[]){2}, 1, &a);
    world_forget(&w);
    world_typing(&w, 1, 1, 2, true, NULL);
    world_run(&w);
    world_expect(&w, "typing cG u1 off; typing c2 u1 on"); /* the oldest made room */
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_starts_once_and_ends_by_itself),
        cmocka_unit_test(false_ends_it_and_is_nothing_without),
        cmocka_unit_test(a_message_ends_it),
        cmocka_unit_test(leaving_ends_it),
        cmocka_unit_test(going_offline_ends_it),
        cmocka_unit_test(only_participants_type),
        cmocka_unit_test(it_is_thinned_out_in_large_conversations),
        cmocka_unit_test(one_user_types_in_a_bounded_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
