/* The worker, from messages in the real store to pushes at fake services, in virtual time. */
#include "outbox/testing/post.h"

/* ---- who gets one ---- */

static void test_offline_participants_get_one_each_the_sender_none(void **state) {
    struct post *p = *state;
    device(p, 0, PUSH_FCM, "of u0");
    device(p, 1, PUSH_FCM, "of u1");
    device(p, 2, PUSH_FCM, "of u2");
    struct message_row message = say(p, 0, "hello");
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(p->world.taken_count, 2);
    const struct fake_push *push = taken_by(p, "of u1");
    assert_true(push && taken_by(p, "of u2"));
    assert_true(uuid_eq(&push->message, &message.id) && uuid_eq(&push->conversation, &p->store->talk));
    assert_true(push->seq == 1 && push->badge == 1 && push->kind == PUSH_MESSAGE);
    assert_non_null(strstr(push->body, "hello"));
    assert_nothing_waits(p);
}

static void test_who_has_sockets_that_confirm_gets_one_if_none_does(void **state) {
    struct post *p = *state;
    reachable[1] = CHAT_CONFIRMS;
    device(p, 1, PUSH_FCM, "of u1");
    int64_t sent_at = clock_ms;
    say(p, 0, "hello");
    fake_run(&p->world, UNACKED_AFTER_MS - 1000);
    assert_int_equal(p->world.taken_count, 0);
    assert_true(fake_run_until_taken(&p->world, 1, MINUTE_MS));
    assert_in_range(clock_ms - sent_at, UNACKED_AFTER_MS, UNACKED_AFTER_MS + 1000);
    fake_run(&p->world, 1000);
    assert_nothing_waits(p);
}

static void test_who_confirms_gets_none(void **state) {
    struct post *p = *state;
    reachable[1] = CHAT_CONFIRMS;
    device(p, 1, PUSH_FCM, "of u1");
    struct message_row message = say(p, 0, "hello");
    fake_run(&p->world, 1000);
    assert_int_equal(delivered(p->store, p->store->talk, p->store->users[1], message.id), FAULT_NONE);
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(p->world.taken_count, 0);
    assert_nothing_waits(p);
}

static void test_an_older_client_that_lives_gets_none(void **state) {
    struct post *p = *state;
    reachable[1] = CHAT_CONNECTED;
    device(p, 1, PUSH_FCM, "of u1");
    say(p, 0, "hello");
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(p->world.taken_count, 0);
    assert_nothing_waits(p);
}

static void test_an_older_client_that_is_lost_gets_one(void **state) {
    struct post *p = *state;
    reachable[1] = CHAT_CONNECTED;
    device(p, 1, PUSH_FCM, "of u1");
    say(p, 0, "hello");
    fake_run(&p->world, 1000);
    reachable[1] = CHAT_OFFLINE;
    assert_true(user_gone(p->store, p->store->users[1], true));
    outbox_wake(p->world.outbox);
    assert_true(fake_run_until_taken(&p->world, 1, 1000));
}

/* ---- collapse and cancel ---- */

static struct fake_answer slow(struct fake_service *service, const struct push_note *notes, size_t count) {
    return (struct fake_answer){.status = 200, .latency_ms = 2000};
}

static void test_messages_that_wait_become_one(void **state) {
    struct post *p = *state;
    p->fcm->answer = busy;
    device(p, 1, PUSH_FCM, "of u1");
    for (int i = 0; i < 5; i++) {
        say(p, 0, "hello");
        fake_run(&p->world, 50);
    }
    p->fcm->answer = good;
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(p->world.taken_count, 1);
    assert_true(p->world.taken[0].seq == 5 && p->world.taken[0].badge == 5);
    assert_nothing_waits(p);
}

/* The first one at once; those on its heels are looked at together, soon. */
static void test_messages_that_come_one_by_one_are_gathered(void **state) {
    struct post *p = *state;
    p->fcm->answer = good;
    device(p, 1, PUSH_FCM, "of u1");
    int64_t begun = clock_ms;
    say(p, 0, "hello");
    assert_true(fake_run_until_taken(&p->world, 1, 40));
    for (int i = 0; i < 8; i++) {
        say(p, 0, "and");
        fake_run(&p->world, 4);
    }
    assert_true(fake_run_until_taken(&p->world, 2, begun + 150 - clock_ms));
    fake_run(&p->world, 1000);
    assert_int_equal(p->world.taken_count, 2);
    assert_int_equal(p->world.taken[1].seq, 9);
    assert_nothing_waits(p);
}

static void test_what_is_read_is_not_sent(void **state) {
    struct post *p = *state;
    p->fcm->answer = busy;
    device(p, 1, PUSH_FCM, "of u1");
    struct message_row message = say(p, 0, "hello");
    fake_run(&p->world, 100);
    assert_int_equal(advance(p->store, p->store->talk, p->store->users[1], message.id, NULL, NULL),
                     FAULT_NONE);
    p->fcm->answer = good;
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(p->world.taken_count, 0);
    assert_nothing_waits(p);
}

static void test_read_while_it_is_being_sent(void **state) {
    struct post *p = *state;
    p->fcm->answer = slow;
    device(p, 1, PUSH_FCM, "of u1");
    struct message_row message = say(p, 0, "hello");
    fake_run(&p->world, 1000);
    assert_int_equal(p->fcm->notes_in_flight, 1);
    assert_int_equal(advance(p->store, p->store->talk, p->store->users[1], message.id, NULL, NULL),
                     FAULT_NONE);
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(p->world.taken_count, 1);
    assert_nothing_waits(p);
}

static void test_a_newer_message_while_one_is_being_sent(void **state) {
    struct post *p = *state;
    p->fcm->answer = slow;
    device(p, 1, PUSH_FCM, "of u1");
    say(p, 0, "one");
    fake_run(&p->world, 1000);
    say(p, 0, "two");
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(p->world.taken_count, 2);
    assert_int_equal(p->world.taken[1].seq, 2);
    assert_nothing_waits(p);
}

/* ---- what is said of a push ---- */

static struct fake_answer refuse(struct fake_service *service, const struct push_note *notes, size_t count) {
    return (struct fake_answer){.status = 400};
}

static void test_a_dead_token_goes_and_is_never_tried_again(void **state) {
    struct post *p = *state;
    p->fcm->answer = dead;
    device(p, 1, PUSH_FCM, "of u1");
    say(p, 0, "one");
    fake_run(&p->world, HOUR_MS);
    assert_tokens(p->store, p->store->users[1], "");
    say(p, 0, "two");
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(p->fcm->requests, 1);
}

static struct fake_answer dead_slowly(struct fake_service *service, const struct push_note *notes,
                                      size_t count) {
    return (struct fake_answer){.status = 410, .latency_ms = 2000};
}

static void test_a_dead_token_goes_even_if_its_message_was_read_meanwhile(void **state) {
    struct post *p = *state;
    p->fcm->answer = dead_slowly;
    device(p, 1, PUSH_FCM, "of u1");
    struct message_row message = say(p, 0, "one");
    fake_run(&p->world, 1000);
    assert_int_equal(p->fcm->notes_in_flight, 1);
    assert_int_equal(advance(p->store, p->store->talk, p->store->users[1], message.id, NULL, NULL),
                     FAULT_NONE);
    fake_run(&p->world, MINUTE_MS);
    assert_tokens(p->store, p->store->users[1], "");
}

static void test_what_is_refused_is_a_dead_letter(void **state) {
    struct post *p = *state;
    p->fcm->answer = refuse;
    device(p, 1, PUSH_FCM, "of u1");
    say(p, 0, "one");
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(p->fcm->requests, 1);
    struct store_push_stats stats = stats_of(p);
    assert_true(stats.services[PUSH_FCM].waiting == 0 && stats.services[PUSH_FCM].dead == 1);
}

static struct fake_answer no_key(struct fake_service *service, const struct push_note *notes, size_t count) {
    return (struct fake_answer){.status = 401};
}

static void test_a_key_problem_keeps_the_device_and_is_said_once(void **state) {
    struct post *p = *state;
    p->fcm->answer = no_key;
    device(p, 1, PUSH_FCM, "of u1");
    say(p, 0, "one");
    fake_run(&p->world, HOUR_MS);
    assert_in_range(p->fcm->requests, 50, 61); /* one a minute tries */
    p->fcm->answer = good;
    assert_true(fake_run_until_taken(&p->world, 1, 2 * MINUTE_MS));
    assert_tokens(p->store, p->store->users[1], "of u1");
    assert_log(p, "our key is not accepted", 1);
    assert_log(p, "well again", 1);
}

static void test_a_push_too_old_is_a_dead_letter(void **state) {
    struct post *p = *state;
    p->fcm->answer = busy;
    device(p, 1, PUSH_FCM, "of u1");
    say(p, 0, "one");
    fake_run(&p->world, 25 * (int64_t)HOUR_MS);
    struct store_push_stats stats = stats_of(p);
    assert_true(stats.services[PUSH_FCM].waiting == 0 && stats.services[PUSH_FCM].dead == 1);
}

/* ---- receipts ---- */

enum { RECEIPT_DELAY_MS = 15 * 60 * 1000 };

static enum push_result receipt_says(struct fake_service *service, struct sio_span id) {
    if (sio_span_is(id, "gone")) return PUSH_TOKEN_DEAD;
    return service->receipt_requests < 3 && sio_span_is(id, "later") ? PUSH_RETRY : PUSH_SENT;
}

static void test_receipts_are_asked_for_and_believed(void **state) {
    struct post *p = *state;
    p->expo->receipt = receipt_says;
    device(p, 1, PUSH_EXPO, "gone");
    device(p, 1, PUSH_EXPO, "later");
    device(p, 2, PUSH_EXPO, "fine");
    say(p, 0, "one");
    fake_run(&p->world, RECEIPT_DELAY_MS - 1000);
    assert_int_equal(p->world.taken_count, 3);
    assert_int_equal(p->expo->receipt_requests, 0);
    assert_int_equal(stats_of(p).receipts, 3);
    fake_run(&p->world, HOUR_MS);
    assert_in_range(p->expo->receipt_requests, 3, 4);
    assert_tokens(p->store, p->store->users[1], "later");
    assert_tokens(p->store, p->store->users[2], "fine");
    assert_nothing_waits(p);
}

/* ---- the end ---- */

static void test_what_is_in_flight_may_end(void **state) {
    struct post *p = *state;
    p->fcm->answer = slow;
    device(p, 1, PUSH_FCM, "of u1");
    say(p, 0, "one");
    fake_run(&p->world, 100);
    post_restart(p, 5000);
    assert_int_equal(p->world.taken_count, 1);
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(p->world.taken_count, 1);
    assert_nothing_waits(p);
}

static void test_what_does_not_end_in_time_goes_back(void **state) {
    struct post *p = *state;
    p->fcm->answer = slow;
    device(p, 1, PUSH_FCM, "of u1");
    say(p, 0, "one");
    fake_run(&p->world, 100);
    post_restart(p, 0);
    assert_int_equal(p->world.taken_count, 0);
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(p->world.taken_count, 1);
    assert_nothing_waits(p);
}

/* Wherever it is stopped between a message and the push for it, nothing is left in its hands. */
static void test_it_may_stop_after_any_turn(void **state) {
    enum { TURNS = 30 };
    struct post *p = *state;
    device(p, 1, PUSH_FCM, "of u1");
    for (unsigned turns = 0; turns < TURNS; turns++) {
        say(p, 0, "one");
        p->world.until_ms = clock_ms + HOUR_MS;
        for (unsigned i = 0; i < turns; i++) outbox_turn(p->world.outbox);
        fake_stop(&p->world, 0);
        unsigned held = p->world.outbox->couriers[PUSH_FCM].held;
        post_start_again(p);
        assert_int_equal(held, 0);
    }
    fake_run(&p->world, HOUR_MS);
    assert_non_null(taken_by(p, "of u1"));
    assert_nothing_waits(p);
}

static void test_a_worker_that_never_ran_stops(void **state) {
    struct post *p = *state;
    say(p, 0, "one");
    post_restart(p, 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        POST_CASE(offline_participants_get_one_each_the_sender_none),
        POST_CASE(who_has_sockets_that_confirm_gets_one_if_none_does),
        POST_CASE(who_confirms_gets_none),
        POST_CASE(an_older_client_that_lives_gets_none),
        POST_CASE(an_older_client_that_is_lost_gets_one),
        POST_CASE(messages_that_wait_become_one),
        POST_CASE(messages_that_come_one_by_one_are_gathered),
        POST_CASE(what_is_read_is_not_sent),
        POST_CASE(read_while_it_is_being_sent),
        POST_CASE(a_newer_message_while_one_is_being_sent),
        POST_CASE(a_dead_token_goes_and_is_never_tried_again),
        POST_CASE(a_dead_token_goes_even_if_its_message_was_read_meanwhile),
        POST_CASE(what_is_refused_is_a_dead_letter),
        POST_CASE(a_key_problem_keeps_the_device_and_is_said_once),
        POST_CASE(a_push_too_old_is_a_dead_letter),
        POST_CASE(receipts_are_asked_for_and_believed),
        POST_CASE(what_is_in_flight_may_end),
        POST_CASE(what_does_not_end_in_time_goes_back),
        POST_CASE(it_may_stop_after_any_turn),
        POST_CASE(a_worker_that_never_ran_stops),
    };
    return CONTRACT_RUN(tests);
}
