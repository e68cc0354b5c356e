/* What chat tells whoever decides about pushes: how users can be reached now, who went, what has arrived. */
#include "chat/testing/world.h"

/* ---- reach ---- */

struct asked {
    struct chat_reach_query query;
    struct uuid users[8];
    enum chat_reach reach[8];
    unsigned answers;
};

static void reach_done(struct chat_reach_query *query) { ((struct asked *)query->data)->answers++; }

/* Users 1 … count as the estate's loop sees them: o(ffline), s(ocket), c(onfirms). */
static void expect_reach(struct world *w, unsigned estate, const char *expected) {
    struct asked asked = {.query = {.estate = world_estate(estate),
                                    .users = asked.users,
                                    .reach = asked.reach,
                                    .count = strlen(expected),
                                    .done = reach_done,
                                    .data = &asked}};
    char got[9] = "";
    for (size_t i = 0; i < asked.query.count; i++) asked.users[i] = world_user((unsigned)i + 1);
    chat_reach(w->chat, &asked.query);
    world_run(w);
    assert_int_equal(asked.answers, 1);
    for (size_t i = 0; i < asked.query.count; i++) got[i] = "osc"[asked.reach[i]];
    assert_string_equal(got, expected);
}

static void sockets_count_and_no_grace(void **state) {
    struct world w;
    world_open(&w, NULL);
    world_put_users(&w, 1, 3, 1);
    world_connect(&w, 1, 1, NULL);
    world_connect(&w, 2, 1, NULL);
    world_connect(&w, 2, 1, NULL);
    world_run(&w);
    expect_reach(&w, 1, "sso");
    world_disconnect(&w, 1, 1);
    world_disconnect(&w, 2, 1);
    world_run(&w);
    world_forget(&w);
    expect_reach(&w, 1, "oso");
    world_expect(&w, ""); /* u1 is still shown as online: the grace period runs */
    world_connect(&w, 1, 1, NULL);
    world_run(&w);
    expect_reach(&w, 1, "sso");
    world_close(&w);
}

static void a_user_confirms_when_all_sockets_do(void **state) {
    struct world w;
    world_open(&w, NULL);
    world_put_users(&w, 1, 1, 1);
    world_connect(&w, 1, 1, NULL);
    world_run(&w);
    world_confirm(&w, 1, 1);
    world_run(&w);
    expect_reach(&w, 1, "c");
    world_connect(&w, 1, 1, NULL);
    world_run(&w);
    expect_reach(&w, 1, "s");
    world_end(&w, 1, 1, false, false);
    world_run(&w);
    expect_reach(&w, 1, "c");
    world_connect(&w, 1, 1, NULL);
    world_run(&w);
    world_end(&w, 1, 1, true, false);
    world_run(&w);
    expect_reach(&w, 1, "s");
    world_confirm(&w, 1, 1);
    world_run(&w);
    expect_reach(&w, 1, "c");
    world_end(&w, 1, 1, true, false);
    world_connect(&w, 1, 1, NULL);
    world_run(&w);
    expect_reach(&w, 1, "s");
    world_close(&w);
}

static void an_uncached_estate_is_not_loaded(void **state) {
    struct world w;
    world_open(&w, NULL);
    world_put_users(&w, 1, 1, 1);
    expect_reach(&w, 1, "o");
    expect_reach(&w, 77, "o");
    assert_int_equal(w.store.submitted[STORE_ESTATE_LOAD], 0);
    world_close(&w);
}

/* Asking every minute does not keep an estate that nobody uses. */
static void asking_is_no_use(void **state) {
    struct world w;
    struct answer a = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 1, 1);
    world_online(&w, 1, 1, 1, &a);
    world_run(&w);
    for (uint32_t ms = 0; ms <= 2 * w.config.estate_idle_ms; ms += 60000) {
        expect_reach(&w, 1, "o");
        world_pass(&w, 60000);
    }
    world_online(&w, 1, 1, 1, &a);
    world_run(&w);
    assert_int_equal(w.store.submitted[STORE_ESTATE_LOAD], 2);
    world_close(&w);
}

static void epoch_act(struct chat_user *me, const void *in, struct answer *answer) {
    answer->seq = chat_connection_epoch(me);
}

static void late_confirm_act(struct chat_user *me, const void *in, struct answer *answer) {
    chat_confirms(me, *(const uint32_t *)in);
}

/* What a socket of before the user's suspension says does not count for one of after it. */
static void an_ended_socket_confirms_nothing(void **state) {
    struct world w;
    struct answer epoch = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 1, 1);
    world_connect(&w, 1, 1, NULL);
    world_run(&w);
    world_confirm(&w, 1, 1);
    world_act(&w, 1, 1, epoch_act, NULL, 0, &epoch);
    world_run(&w);
    uint32_t old = (uint32_t)epoch.seq;
    world_put_user(&w, 1, 1, ROLE_RESIDENCE, USER_SUSPENDED);
    world_changed(&w, 1);
    world_run(&w);
    expect_reach(&w, 1, "o");
    world_put_user(&w, 1, 1, ROLE_RESIDENCE, USER_ACTIVE);
    world_changed(&w, 1);
    world_run(&w);
    world_connect(&w, 1, 1, NULL);
    world_run(&w);
    expect_reach(&w, 1, "s");
    world_act(&w, 1, 1, late_confirm_act, &old, sizeof old, NULL);
    world_run(&w);
    expect_reach(&w, 1, "s");
    world_close(&w);
}

/* ---- going ---- */

static void count_due(void *data) { (*(unsigned *)data)++; }

static void open_with_push(struct world *w, unsigned *due) {
    struct chat_config config;
    chat_config_init(&config);
    config.push_due = count_due;
    config.push_due_data = due;
    world_open(w, &config);
}

static void the_last_end_is_told_to_the_store_at_once(void **state) {
    struct world w;
    unsigned due = 0;
    open_with_push(&w, &due);
    w.store.fail[STORE_PUSH_USER_GONE] = FAULT_BUSY;
    world_put_users(&w, 1, 1, 1);
    world_connect(&w, 1, 1, NULL);
    world_connect(&w, 1, 1, NULL);
    world_run(&w);
    world_disconnect(&w, 1, 1);
    world_run(&w);
    assert_int_equal(w.store.submitted[STORE_PUSH_USER_GONE], 0);
    world_disconnect(&w, 1, 1);
    world_run(&w);
    assert_int_equal(w.store.submitted[STORE_PUSH_USER_GONE], 1);
    world_pass(&w, 60000);
    assert_int_equal(w.store.submitted[STORE_PUSH_USER_GONE], 1); /* not once more with the grace period */
    assert_int_equal(due, 0);                                     /* it failed */
    world_close(&w);
}

/* User 2 has a device and a watch on message 1 of conversation 1, as if somebody had decided to wait. */
static void put_watch(struct world *w, enum push_decision wait) {
    struct answer sent = {0};
    store_push_listen(w->store.real, 1, NULL, NULL);
    world_put_users(w, 1, 2, 1);
    world_put_conversation(w, 1, 1, (const unsigned[]){1, 2}, 2);
    struct store_device_put *put = store_op_new(STORE_DEVICE_PUT, NULL, NULL, NULL);
    put->row = (struct device_row){.user = world_user(2), .token = SIO_SPAN("token")};
    assert_int_equal(store_call(w->store.real, &put->op), FAULT_NONE);
    store_op_free(&put->op);
    world_send(w, 1, 1, 1, "hello", NULL, &sent);
    world_run(w);
    struct store_push_candidates *find = store_op_new(STORE_PUSH_CANDIDATES, NULL, NULL, NULL);
    find->limit = STORE_PUSH_BATCH_MAX;
    find->now = INT64_MAX / 2;
    assert_int_equal(store_call(w->store.real, &find->op), FAULT_NONE);
    assert_int_equal(find->candidate_count, 1);
    const struct push_decided decided = {.user_key = find->candidates[0].user_key,
                                         .conversation_key = find->candidates[0].conversation_key,
                                         .seq = 1,
                                         .decision = wait,
                                         .due_at = INT64_MAX / 2};
    struct store_push_decide *decide = store_op_new(STORE_PUSH_DECIDE, NULL, NULL, NULL);
    decide->decided = &decided;
    decide->decided_count = 1;
    decide->marks = find->marks;
    decide->mark_count = find->mark_count;
    assert_int_equal(store_call(w->store.real, &decide->op), FAULT_NONE);
    store_op_free(&decide->op);
    store_op_free(&find->op);
}

static void who_waits_is_due_when_the_user_goes(void **state) {
    static const struct {
        enum push_decision wait;
        bool lost;
        unsigned due;
    } rows[] = {{PUSH_WAIT_ACK, false, 1},
                {PUSH_WAIT_ACK, true, 1},
                {PUSH_WAIT_PING, false, 0},
                {PUSH_WAIT_PING, true, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world w;
        unsigned due = 0;
        open_with_push(&w, &due);
        put_watch(&w, rows[i].wait);
        world_connect(&w, 2, 1, NULL);
        world_connect(&w, 2, 1, NULL);
        world_run(&w);
        world_end(&w, 2, 1, false, true); /* the other one has got it */
        world_run(&w);
        assert_int_equal(due, 0);
        world_end(&w, 2, 1, false, rows[i].lost);
        world_run(&w);
        assert_int_equal(due, rows[i].due);
        world_close(&w);
    }
}

static void what_arrived_is_not_due_any_more(void **state) {
    struct world w;
    unsigned due = 0;
    struct answer delivered = {0};
    open_with_push(&w, &due);
    put_watch(&w, PUSH_WAIT_ACK);
    world_connect(&w, 2, 1, NULL);
    world_run(&w);
    struct store_conversation_load *load = store_op_new(STORE_CONVERSATION_LOAD, NULL, NULL, NULL);
    load->conversation = w.conversations[1];
    load->with_details = true;
    load->user = world_user(2);
    assert_int_equal(store_call(w.store.real, &load->op), FAULT_NONE);
    world_delivered(&w, 2, 1, 1, &load->row.last_message->id, &delivered);
    world_run(&w);
    store_op_free(&load->op);
    assert_int_equal(delivered.fault, FAULT_NONE);
    world_end(&w, 2, 1, false, true);
    world_run(&w);
    assert_int_equal(due, 0);
    world_close(&w);
}

static void a_suspended_user_goes_once(void **state) {
    struct world w;
    unsigned due = 0;
    open_with_push(&w, &due);
    world_put_users(&w, 1, 1, 1);
    world_connect(&w, 1, 1, NULL);
    world_connect(&w, 1, 1, NULL);
    world_run(&w);
    world_put_user(&w, 1, 1, ROLE_RESIDENCE, USER_SUSPENDED);
    world_changed(&w, 1);
    world_run(&w);
    assert_int_equal(w.store.submitted[STORE_PUSH_USER_GONE], 1);
    world_close(&w);
}

static void without_pushes_nobody_is_told(void **state) {
    struct world w;
    world_open(&w, NULL);
    world_put_users(&w, 1, 1, 1);
    world_connect(&w, 1, 1, NULL);
    world_run(&w);
    world_disconnect(&w, 1, 1);
    world_pass(&w, 60000);
    assert_int_equal(w.store.submitted[STORE_PUSH_USER_GONE], 0);
    world_close(&w);
}

/* ---- arriving ---- */

static void only_participants_can_say_that_something_arrived(void **state) {
    struct world w;
    struct answer sent = {0}, outside = {0}, foreign = {0}, inside = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 3, 1);
    world_put_users(&w, 4, 1, 2);
    world_put_conversation(&w, 1, 1, (const unsigned[]){1, 2}, 2);
    world_send(&w, 1, 1, 1, "hello", NULL, &sent);
    world_run(&w);
    w.store.fail[STORE_DELIVERED_ADVANCE] = FAULT_MESSAGE_NOT_FOUND;
    world_delivered(&w, 3, 1, 1, &sent.id, &outside);
    world_delivered(&w, 4, 2, 1, &sent.id, &foreign);
    world_run(&w);
    assert_int_equal(outside.fault, FAULT_CONVERSATION_NOT_FOUND);
    assert_int_equal(foreign.fault, FAULT_CONVERSATION_NOT_FOUND);
    assert_int_equal(w.store.submitted[STORE_DELIVERED_ADVANCE], 0);
    world_delivered(&w, 2, 1, 1, &sent.id, &inside);
    world_run(&w);
    assert_int_equal(w.store.submitted[STORE_DELIVERED_ADVANCE], 1);
    assert_int_equal(inside.fault, FAULT_MESSAGE_NOT_FOUND); /* what the store said */
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sockets_count_and_no_grace),
        cmocka_unit_test(a_user_confirms_when_all_sockets_do),
        cmocka_unit_test(an_uncached_estate_is_not_loaded),
        cmocka_unit_test(asking_is_no_use),
        cmocka_unit_test(an_ended_socket_confirms_nothing),
        cmocka_unit_test(the_last_end_is_told_to_the_store_at_once),
        cmocka_unit_test(who_waits_is_due_when_the_user_goes),
        cmocka_unit_test(what_arrived_is_not_due_any_more),
        cmocka_unit_test(a_suspended_user_goes_once),
        cmocka_unit_test(without_pushes_nobody_is_told),
        cmocka_unit_test(only_participants_can_say_that_something_arrived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
