/* Messages: told once, in order, after they are stored; refused when they are not. */
#include "chat/testing/world.h"

#include "base/mem.h"

static void two_users(struct world *w, const struct chat_config *config) {
    world_open(w, config);
    world_put_users(w, 1, 3, 1);
    world_put_users(w, 4, 2, 2);
    world_put_conversation(w, 1, 1, (const unsigned[]){1, 2}, 2);
    world_put_conversation(w, 2, 2, (const unsigned[]){4, 5}, 2);
}

static void the_answer_comes_before_the_news(void **state) {
    struct world w;
    struct answer a = {0};
    two_users(&w, NULL);
    world_send(&w, 1, 1, 1, "hello", NULL, &a);
    world_run(&w);
    assert_int_equal(a.count, 1);
    assert_int_equal(a.fault, FAULT_NONE);
    assert_int_equal(a.seq, 1);
    assert_int_equal(a.lines_then, 0);
    world_expect(&w, "message c1 u1 #1 hello");
    world_close(&w);
}

static void a_repeat_is_answered_and_not_told(void **state) {
    struct world w;
    struct answer first = {0}, again = {0}, other = {0};
    two_users(&w, NULL);
    world_send(&w, 1, 1, 1, "hello", "x1", &first);
    world_run(&w); /* between users nothing but the commit makes an order */
    world_send(&w, 1, 1, 1, "hello", "x1", &again);
    world_send(&w, 2, 1, 1, "mine", "x1", &other);
    world_run(&w);
    assert_false(first.duplicate);
    assert_true(again.duplicate);
    assert_true(uuid_eq(&first.id, &again.id));
    assert_int_equal(again.seq, 1);
    assert_int_equal(other.seq, 2);
    world_expect(&w, "message c1 u1 #1 hello; message c1 u2 #2 mine");
    world_close(&w);
}

/* Two senders at once, the conversation not even loaded: told by seq, without a gap, each sender's in the
 * order in which they were sent. */
static void order_is_by_seq(void **state) {
    enum { EACH = 100 };
    struct world w;
    two_users(&w, NULL);
    for (unsigned i = 0; i < EACH; i++) {
        char text[16];
        snprintf(text, sizeof text, "%u", i);
        world_send(&w, 1, 1, 1, text, NULL, NULL);
        world_send(&w, 2, 1, 1, text, NULL, NULL);
        if (i == EACH / 2) world_run(&w);
    }
    world_run(&w);
    assert_int_equal(w.line_count, 2 * EACH);
    unsigned next[3] = {0};
    for (unsigned i = 0; i < 2 * EACH; i++) {
        unsigned user, seq, text;
        assert_int_equal(sscanf(w.lines[i], "message c1 u%u #%u %u", &user, &seq, &text), 3);
        assert_int_equal(seq, i + 1);
        assert_int_equal(text, next[user]++);
    }
    world_close(&w);
}

static void foreign_conversations_do_not_exist(void **state) {
    struct world w;
    struct answer foreign = {0}, unknown = {0}, not_in = {0};
    two_users(&w, NULL);
    world_send(&w, 1, 1, 2, "hello", NULL, &foreign);
    world_send(&w, 1, 1, 9, "hello", NULL, &unknown);
    world_send(&w, 3, 1, 1, "hello", NULL, &not_in);
    world_run(&w);
    assert_int_equal(foreign.fault, FAULT_CONVERSATION_NOT_FOUND);
    assert_int_equal(unknown.fault, FAULT_CONVERSATION_NOT_FOUND);
    assert_int_equal(not_in.fault, FAULT_CONVERSATION_NOT_FOUND);
    /* No time was spent on reading what is foreign either. */
    assert_int_equal(w.store.submitted[STORE_CONVERSATION_LOAD], 0);
    assert_int_equal(w.store.submitted[STORE_MESSAGE_ADD], 0);
    world_expect(&w, "");
    world_close(&w);
}

struct raw_message {
    struct uuid conversation;
    enum message_type type;
    size_t content_bytes, metadata_bytes;
    struct uuid reply_to;
};

static void raw_done(enum fault fault, const struct message_row *message, bool duplicate, void *data) {
    struct answer *answer = data;
    answer->count++;
    answer->fault = fault;
}

static void raw_act(struct chat_user *me, const void *data, struct answer *answer) {
    const struct raw_message *in = data;
    char *bytes = mem_alloc(20000);
    memset(bytes, 'x', 20000);
    const struct chat_send send = {.conversation = in->conversation,
                                   .type = in->type,
                                   .content = sio_span_of(bytes, in->content_bytes),
                                   .metadata = sio_span_of(bytes, in->metadata_bytes),
                                   .reply_to = in->reply_to};
    chat_send_message(me, &send, raw_done, answer);
    free(bytes); /* chat has its own copy */
}

static enum fault raw_send(struct world *w, struct raw_message in) {
    struct answer a = {0};
    in.conversation = w->conversations[1];
    world_act(w, 1, 1, raw_act, &in, sizeof in, &a);
    world_run(w);
    assert_int_equal(a.count, 1);
    return a.fault;
}

static void what_makes_no_message_is_refused(void **state) {
    struct world w;
    two_users(&w, NULL);
    assert_int_equal(raw_send(&w, (struct raw_message){.type = MESSAGE_TEXT}), FAULT_TEXT_EMPTY);
    assert_int_equal(raw_send(&w, (struct raw_message){.type = MESSAGE_TEXT, .metadata_bytes = 2}),
                     FAULT_TEXT_EMPTY);
    assert_int_equal(raw_send(&w, (struct raw_message){.type = MESSAGE_SYSTEM, .content_bytes = 2}),
                     FAULT_TYPE_SYSTEM);
    assert_int_equal(raw_send(&w, (struct raw_message){.type = MESSAGE_IMAGE}), FAULT_MESSAGE_EMPTY);
    assert_int_equal(raw_send(&w, (struct raw_message){.content_bytes = 16385}), FAULT_CONTENT_TOO_LARGE);
    assert_int_equal(raw_send(&w, (struct raw_message){.content_bytes = 1, .metadata_bytes = 16385}),
                     FAULT_CONTENT_TOO_LARGE);
    assert_int_equal(raw_send(&w, (struct raw_message){.content_bytes = 1, .reply_to = world_user(1)}),
                     FAULT_MESSAGE_NOT_FOUND);
    world_expect(&w, "");
    assert_int_equal(raw_send(&w, (struct raw_message){.content_bytes = 16384}), FAULT_NONE);
    assert_int_equal(raw_send(&w, (struct raw_message){.type = MESSAGE_FILE, .metadata_bytes = 2}),
                     FAULT_NONE);
    assert_int_equal(world_told(&w, "message c1"), 2);
    world_close(&w);
}

static void a_failing_store_makes_no_fact(void **state) {
    struct world w;
    struct answer a = {0}, b = {0};
    two_users(&w, NULL);
    w.store.fail[STORE_MESSAGE_ADD] = FAULT_INTERNAL;
    world_send(&w, 1, 1, 1, "hello", NULL, &a);
    world_run(&w);
    assert_int_equal(a.fault, FAULT_INTERNAL);
    world_expect(&w, "");
    w.store.fail[STORE_MESSAGE_ADD] = FAULT_NONE;
    world_send(&w, 1, 1, 1, "again", NULL, &b);
    world_run(&w);
    assert_int_equal(b.fault, FAULT_NONE);
    world_expect(&w, "message c1 u1 #1 again");
    world_close(&w);
}

static void failing_loads_are_told_and_tried_again(void **state) {
    static const enum store_op_kind loads[] = {STORE_ESTATE_LOAD, STORE_USER_CONVERSATIONS,
                                               STORE_CONVERSATION_LOAD};
    struct world w;
    two_users(&w, NULL);
    for (size_t i = 0; i < 3; i++) {
        struct answer a = {0}, b = {0};
        w.store.fail[loads[i]] = FAULT_BUSY;
        world_send(&w, 1, 1, 1, "lost", NULL, &a);
        world_send(&w, 1, 1, 1, "lost", NULL, &b);
        world_run(&w);
        assert_int_equal(a.fault, FAULT_BUSY);
        assert_int_equal(b.fault, FAULT_BUSY);
        w.store.fail[loads[i]] = FAULT_NONE;
    }
    world_expect(&w, "");
    world_send(&w, 1, 1, 1, "there", NULL, NULL);
    world_run(&w);
    world_expect(&w, "message c1 u1 #1 there");
    world_close(&w);
}

static void one_user_has_a_bounded_number_under_way(void **state) {
    struct world w;
    struct chat_config config;
    struct answer a[6] = {0}, other = {0}, after = {0};
    chat_config_init(&config);
    config.user_in_flight_max = 4;
    two_users(&w, &config);
    w.store.late[STORE_MESSAGE_ADD] = true;
    for (unsigned i = 0; i < 6; i++) world_send(&w, 1, 1, 1, "hello", NULL, &a[i]);
    world_send(&w, 2, 1, 1, "mine", NULL, &other);
    world_run(&w);
    assert_int_equal(a[4].fault, FAULT_BUSY);
    assert_int_equal(a[5].fault, FAULT_BUSY);
    assert_int_equal(a[0].count, 0);
    assert_int_equal(other.count, 0);
    assert_int_equal(virtual_holds(), 5);
    w.store.late[STORE_MESSAGE_ADD] = false;
    slow_store_let_go(&w.store);
    world_send(&w, 1, 1, 1, "now", NULL, &after);
    world_run(&w);
    assert_int_equal(a[3].fault, FAULT_NONE);
    assert_int_equal(after.fault, FAULT_NONE);
    assert_int_equal(after.seq, 6);
    assert_int_equal(world_told(&w, "message c1"), 6);
    world_close(&w);
}

static void listed(enum fault fault, const struct store_conversation_page *page, void *data) {
    struct answer *answer = data;
    answer->count++;
    answer->fault = fault;
}

static void list_act(struct chat_user *me, const void *in, struct answer *answer) {
    const struct chat_listing first = {.page = 1, .limit = 20};
    chat_conversation_list(me, &first, listed, answer);
}

static void one_user_reads_a_few_things_at_a_time(void **state) {
    enum { READS = 3 };
    struct world w;
    struct chat_config config;
    struct answer a[READS + 1] = {0}, other = {0}, sent = {0}, group = {0}, online = {0}, after = {0};
    chat_config_init(&config);
    assert_int_equal(config.user_reads_max, 16);
    config.user_reads_max = READS;
    two_users(&w, &config);
    w.store.late[STORE_CONVERSATION_PAGE] = true;
    for (unsigned i = 0; i <= READS; i++) world_act(&w, 1, 1, list_act, NULL, 0, &a[i]);
    world_act(&w, 2, 1, list_act, NULL, 0, &other);
    world_group(&w, 1, 1, 1, &group);
    world_online(&w, 1, 1, 1, &online);
    world_send(&w, 1, 1, 1, "hello", NULL, &sent); /* is no reading */
    world_run(&w);
    assert_int_equal(a[READS].fault, FAULT_BUSY);
    assert_int_equal(group.fault, FAULT_BUSY);
    assert_int_equal(online.fault, FAULT_BUSY);
    assert_int_equal(sent.fault, FAULT_NONE);
    assert_int_equal(a[READS - 1].count + other.count, 0);
    w.store.late[STORE_CONVERSATION_PAGE] = false;
    slow_store_let_go(&w.store);
    world_run(&w);
    assert_int_equal(a[READS - 1].count, 1);
    assert_int_equal(a[READS - 1].fault, FAULT_NONE);
    world_act(&w, 1, 1, list_act, NULL, 0, &after);
    world_run(&w);
    assert_int_equal(after.count, 1);
    assert_int_equal(after.fault, FAULT_NONE);
    world_close(&w);
}

/* Users take turns: who asks once waits behind one page of each other, not behind all that one asked for. */
static void readers_take_turns(void **state) {
    enum { READS = 16, AT_ONCE = 4 };
    struct world w;
    struct answer a[READS] = {0}, b = {0}, behind = {0};
    two_users(&w, NULL);
    w.store.late[STORE_CONVERSATION_PAGE] = true;
    unsigned long before = w.store.submitted[STORE_CONVERSATION_PAGE];
    for (unsigned i = 0; i < READS; i++) world_act(&w, 1, 1, list_act, NULL, 0, &a[i]);
    world_run(&w);
    world_act(&w, 2, 1, list_act, NULL, 0, &b);
    world_run(&w);
    assert_int_equal(w.store.submitted[STORE_CONVERSATION_PAGE] - before, AT_ONCE);
    slow_store_let_go(&w.store); /* the first four; four more begin, b's among them */
    world_run(&w);
    assert_int_equal(a[AT_ONCE - 1].count, 1);
    assert_int_equal(a[AT_ONCE].count + b.count, 0);
    assert_int_equal(w.store.submitted[STORE_CONVERSATION_PAGE] - before, 2 * AT_ONCE);
    slow_store_let_go(&w.store);
    world_run(&w);
    assert_int_equal(b.count, 1);
    assert_int_equal(a[2 * AT_ONCE - 1].count, 0);
    world_act(&w, 2, 1, list_act, NULL, 0, &behind); /* waits behind a's, who may no longer */
    world_put_user(&w, 1, 1, ROLE_RESIDENCE, USER_SUSPENDED);
    world_changed(&w, 1);
    w.store.late[STORE_CONVERSATION_PAGE] = false;
    slow_store_let_go(&w.store);
    world_run(&w);
    for (unsigned i = 0; i < READS; i++) assert_int_equal(a[i].count, 1);
    assert_int_equal(a[READS - 1].fault, FAULT_USER_INACTIVE);
    assert_int_equal(behind.fault, FAULT_NONE);
    assert_int_equal(behind.count, 1);
    world_close(&w);
}

/* With room for two conversations in the cache all of them work as ever. */
static void a_small_cache_is_enough(void **state) {
    struct world w;
    struct chat_config config;
    chat_config_init(&config);
    config.conversation_cache = 2;
    two_users(&w, &config);
    for (unsigned c = 3; c < 13; c++) world_put_conversation(&w, c, 1, (const unsigned[]){1, 2}, 2);
    for (unsigned round = 0; round < 3; round++)
        for (unsigned c = 3; c < 13; c++) world_send(&w, 1 + c % 2, 1, c, "hello", NULL, NULL);
    world_run(&w);
    assert_int_equal(world_told(&w, "message c"), 30);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_comes_before_the_news),
        cmocka_unit_test(a_repeat_is_answered_and_not_told),
        cmocka_unit_test(order_is_by_seq),
        cmocka_unit_test(foreign_conversations_do_not_exist),
        cmocka_unit_test(what_makes_no_message_is_refused),
        cmocka_unit_test(a_failing_store_makes_no_fact),
        cmocka_unit_test(failing_loads_are_told_and_tried_again),
        cmocka_unit_test(one_user_has_a_bounded_number_under_way),
        cmocka_unit_test(one_user_reads_a_few_things_at_a_time),
        cmocka_unit_test(readers_take_turns),
        cmocka_unit_test(a_small_cache_is_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
