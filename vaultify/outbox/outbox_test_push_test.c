/* A test push: to each device of a user, past the queue, and what became of it. */
#include "outbox/testing/post.h"

static struct outbox_tested tested[4];
static char tested_reason[4][PUSH_REASON_TEXT];
static size_t tested_count;

static void tested_done(struct outbox_test *test, enum fault fault, const struct outbox_tested *devices,
                        size_t count) {
    assert_int_equal(fault, *(enum fault *)test->data);
    assert_in_range(count, 0, 4);
    tested_count = count;
    for (size_t i = 0; i < count; i++) {
        tested[i] = devices[i];
        snprintf(tested_reason[i], sizeof tested_reason[i], "%s", devices[i].reason);
    }
}

static void test_a_test_push_goes_past_a_rest_and_says_what_came_of_it(void **state) {
    struct post *p = *state;
    enum fault fault = FAULT_NONE;
    struct outbox_test test = {.user = p->store->users[1], .done = tested_done, .data = &fault};
    p->fcm->answer = busy;
    device(p, 1, PUSH_FCM, "of u1");
    device(p, 1, PUSH_APNS, "off");
    say(p, 0, "one");
    fake_run(&p->world, MINUTE_MS);
    p->fcm->answer = good;
    outbox_test(p->world.outbox, &test);
    assert_true(fake_run_until_taken(&p->world, 1, 100));
    assert_int_equal(p->world.taken[0].kind, PUSH_TEST);
    assert_int_equal(tested_count, 2);
    bool first_is_off = strcmp(tested[0].outcome, "off") == 0;
    assert_string_equal(tested[first_is_off].outcome, "sent");
    assert_string_equal(tested[!first_is_off].outcome, "off");
}

static void test_a_test_push_of_nobody_and_of_a_dead_token(void **state) {
    struct post *p = *state;
    enum fault fault = FAULT_NONE;
    struct outbox_test test = {.user = p->store->users[1], .done = tested_done, .data = &fault};
    tested_count = 99;
    outbox_test(p->world.outbox, &test);
    fake_run(&p->world, 100);
    assert_int_equal(tested_count, 0);
    p->fcm->answer = dead;
    device(p, 1, PUSH_FCM, "of u1");
    outbox_test(p->world.outbox, &test);
    fake_run(&p->world, 100);
    assert_string_equal(tested[0].outcome, "token_dead");
    assert_tokens(p->store, p->store->users[1], "");
}

/* The service saw it die; the app has registered it anew since then. */
static void test_a_token_that_came_back_is_kept(void **state) {
    struct post *p = *state;
    enum fault fault = FAULT_NONE;
    struct outbox_test test = {.user = p->store->users[1], .done = tested_done, .data = &fault};
    p->fcm->answer = dead;
    device(p, 1, PUSH_FCM, "of u1");
    p->fcm->dead_since = clock_ms - 1;
    outbox_test(p->world.outbox, &test);
    fake_run(&p->world, 100);
    assert_string_equal(tested[0].outcome, "token_dead");
    assert_tokens(p->store, p->store->users[1], "of u1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        POST_CASE(a_test_push_goes_past_a_rest_and_says_what_came_of_it),
        POST_CASE(a_test_push_of_nobody_and_of_a_dead_token),
        POST_CASE(a_token_that_came_back_is_kept),
    };
    return CONTRACT_RUN(tests);
}
