/* The contract of push.h: from messages to fan-outs, watches and decisions. Written against the port alone. */
#include "store/contract_push.h"

/* ---- fan-outs ---- */

/* Who is a candidate, in the order of the answer, as "user:seq" by commas; residents are numbers. */
static void assert_candidates(struct fixture *f, const struct push_candidate *rows, size_t count,
                              const char *expected) {
    char text[512] = "";
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(text);
        int user = 0;
        while (user < USERS && !uuid_eq(&f->users[user], &rows[i].user)) user++;
        snprintf(text + n, sizeof text - n, "%s%d:%d%s", i ? "," : "", user, (int)rows[i].seq,
                 rows[i].emergency ? "!" : "");
        assert_true(uuid_eq(&rows[i].estate, &f->estate));
    }
    assert_string_equal(text, expected);
}

static void assert_fresh(struct fixture *f, const char *expected) {
    struct store_push_candidates *op = candidates_call(f, 100);
    assert_candidates(f, op->candidates, op->candidate_count, expected);
    store_op_free(&op->op);
}

static void test_no_device_no_fanout(void **state) {
    struct fixture *f = *state;
    message_add(f, f->talk, f->users[0], "nobody has a device");
    device_add(f, f->users[1], DEAF_SERVICE, "d");
    device_add(f, f->users[3], SERVICE, "in another conversation");
    message_add(f, f->talk, f->users[0], "and none that counts");
    struct store_push_candidates *op = candidates_call(f, 100);
    assert_true(op->candidate_count == 0 && op->mark_count == 0);
    store_op_free(&op->op);
    push_restart(f);
    assert_int_equal(waits_called, 0);
}

static void test_fanout(void **state) {
    struct fixture *f = *state;
    message_add(f, f->talk, f->users[0], "before");
    device_add(f, f->users[0], SERVICE, "a");
    device_add(f, f->users[2], OTHER_SERVICE, "c");
    assert_fresh(f, ""); /* what is there already is not pushed afterwards */
    message_add(f, f->talk, f->users[0], "hello");
    push_restart(f);
    assert_int_equal(waits_called, 1);

    struct store_push_candidates *op = candidates_call(f, 100);
    assert_candidates(f, op->candidates, op->candidate_count, "2:2");
    const struct push_candidate *c = op->candidates;
    assert_true(uuid_eq(&c->conversation, &f->talk) && c->wait == PUSH_FRESH && !c->emergency);
    assert_true(c->active && !c->muted && c->notifications_enabled && c->preferences.quiet_from == -1);
    assert_true(op->mark_count == 1 && op->marks[0].done);
    decide(f, op->candidates, op->candidate_count, op->marks, op->mark_count, PUSH_NO, 0);
    store_op_free(&op->op);
    assert_fresh(f, "");
}

/* A repeat of a client_message_id stores nothing, and wakes nobody. */
static void test_repeat_has_no_fanout(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    for (int i = 0; i < 2; i++) {
        struct store_message_add *op = message_new(f->talk, f->users[0], "one", "same");
        assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
        store_op_free(&op->op);
        decide_fresh(f, PUSH_NO, 0);
    }
    push_restart(f);
    assert_int_equal(waits_called, 1);
}

static void message_stored(struct store_op *op) {
    sem_post(op->data);
    store_op_free(op);
}

static uint64_t newest_of(const struct store_push_candidates *op, struct uuid user) {
    uint64_t seq = 0;
    for (size_t i = 0; i < op->candidate_count; i++)
        if (uuid_eq(&op->candidates[i].user, &user) && op->candidates[i].seq > seq)
            seq = op->candidates[i].seq;
    return seq;
}

/* The newest message by somebody else: of one's own none is owed. */
static void test_senders(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 3; i++) device_add(f, f->users[i], SERVICE, (char[]){(char)('a' + i), 0});
    message_add(f, f->talk, f->users[0], "1");
    assert_fresh(f, "1:1,2:1");
    decide_fresh(f, PUSH_NO, 0);

    /* In one commit or in several, as it happens: the newest one in question is the same. */
    sem_t stored;
    assert_int_equal(sem_init(&stored, 0, 0), 0);
    for (int i = 0; i < 40; i++) {
        struct store_message_add *op = message_new(f->talk, f->users[i % 2], "x", NULL);
        op->op.done = message_stored;
        op->op.data = &stored;
        store_submit(f->store, &op->op);
    }
    for (int i = 0; i < 40; i++) sem_wait(&stored);
    sem_destroy(&stored);
    struct store_push_candidates *op = candidates_call(f, STORE_PUSH_BATCH_MAX);
    static const uint64_t expected[] = {41, 40, 41};
    for (int i = 0; i < 3; i++) assert_int_equal(newest_of(op, f->users[i]), expected[i]);
    store_op_free(&op->op);
}

static void test_read_and_gone_are_no_candidates(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 3; i++) device_add(f, f->users[i], SERVICE, (char[]){(char)('a' + i), 0});
    struct message_row row = message_add(f, f->talk, f->users[0], "1");
    assert_int_equal(advance(f, f->talk, f->users[1], row.id, NULL, NULL), FAULT_NONE);
    assert_int_equal(leave(f, f->talk, f->users[2]), FAULT_NONE);
    assert_fresh(f, "");
    assert_int_equal(decide_fresh(f, PUSH_SEND, 0), 0);
}

static void test_who_joins_counts(void **state) {
    struct fixture *f = *state;
    message_add(f, f->talk, f->users[0], "1"); /* the conversation is known to have no device */
    device_add(f, f->users[3], SERVICE, "d");
    message_add(f, f->talk, f->users[0], "2");
    assert_fresh(f, "");
    assert_int_equal(join(f, f->talk, f->users[3], NULL), FAULT_NONE);
    message_add(f, f->talk, f->users[0], "3");
    assert_fresh(f, "3:3");
}

static void test_settings_are_told(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    struct store_preferences_set *set = store_op_new(STORE_PREFERENCES_SET, NULL, NULL, NULL);
    set->user = f->users[1];
    set->set_time_zone = set->set_quiet = true;
    set->row =
        (struct preferences_row){.time_zone = SIO_SPAN("Asia/Riyadh"), .quiet_from = 60, .quiet_to = 90};
    assert_int_equal(store_call(f->store, &set->op), FAULT_NONE);
    store_op_free(&set->op);
    message_add(f, f->talk, f->users[0], "1");

    static const struct {
        bool muted;
        int until_ms; /* from now; 0: until further notice */
        bool expected;
    } cases[] = {{true, 0, true}, {true, 1, true}, {true, -1, false}, {false, 0, false}, {false, 1, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct store_mute_set *mute = store_op_new(STORE_MUTE_SET, NULL, NULL, NULL);
        mute->conversation = f->talk;
        mute->user = f->users[1];
        mute->set_muted = mute->set_notifications = true;
        mute->is_muted = cases[i].muted;
        mute->muted_until = cases[i].until_ms ? clock_ms + cases[i].until_ms : 0;
        assert_int_equal(store_call(f->store, &mute->op), FAULT_NONE);
        store_op_free(&mute->op);
        struct store_push_candidates *op = candidates_call(f, 100);
        const struct push_candidate *c = op->candidates;
        assert_true(op->candidate_count == 1 && c->muted == cases[i].expected && !c->notifications_enabled);
        assert_true(sio_span_is(c->preferences.time_zone, "Asia/Riyadh") && c->preferences.quiet_to == 90);
        store_op_free(&op->op);
    }
    struct store_import_record record = user_record(f->users[1], f->estate, ROLE_ADMIN, "u1");
    record.user.status = USER_SUSPENDED;
    import_ok(f, &record, 1);
    struct store_push_candidates *op = candidates_call(f, 100);
    assert_true(op->candidate_count == 1 && !op->candidates[0].active);
    store_op_free(&op->op);
}

static void test_emergencies_first(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    message_add(f, f->talk, f->users[0], "1");
    emergency_add(f, f->talk, f->users[0]);
    message_add(f, f->talk, f->users[0], "3");
    assert_fresh(f, "1:2!,1:1,1:3");
}

/* A slice at a time, and after a crash from the last slice that was decided. */
static void test_fanout_in_slices(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 4; i++) device_add(f, f->users[i], SERVICE, (char[]){(char)('a' + i), 0});
    assert_int_equal(join(f, f->talk, f->users[3], NULL), FAULT_NONE);
    message_add(f, f->talk, f->users[5], "1");
    static const char *const expected[] = {"0:1", "1:1", "2:1", "3:1", ""};
    for (int i = 0; i < 5; i++) {
        push_restart(f);
        struct store_push_candidates *op = candidates_call(f, 1);
        assert_candidates(f, op->candidates, op->candidate_count, expected[i]);
        assert_true(op->mark_count == 1 && op->marks[0].done == (i == 4));
        decide(f, op->candidates, op->candidate_count, op->marks, op->mark_count, PUSH_NO, 0);
        store_op_free(&op->op);
    }
    struct store_push_candidates *op = candidates_call(f, 1);
    assert_int_equal(op->mark_count, 0);
    store_op_free(&op->op);
}

/* Of a conversation in which much is said each participant is looked at once, for the newest message, and not for each commit;
 * a newer one does not become part of what is half done. */
static void test_fanouts_of_a_conversation_are_one(void **state) {
    struct fixture *f = *state;
    static const char *const expected[] = {"0:3,1:3,2:3", "3:3,0:5,1:5", "2:5,3:5", ""};
    for (int i = 0; i < 4; i++) device_add(f, f->users[i], SERVICE, (char[]){(char)('a' + i), 0});
    assert_int_equal(join(f, f->talk, f->users[3], NULL), FAULT_NONE);
    for (int i = 0; i < 3; i++) message_add(f, f->talk, f->users[5], "1, 2, 3");
    for (int i = 0; i < 4; i++) {
        push_restart(f);
        struct store_push_candidates *op = candidates_call(f, 3);
        assert_candidates(f, op->candidates, op->candidate_count, expected[i]);
        decide(f, op->candidates, op->candidate_count, op->marks, op->mark_count, PUSH_NO, 0);
        store_op_free(&op->op);
        if (i == 0) message_add(f, f->talk, f->users[5], "4"), message_add(f, f->talk, f->users[5], "5");
    }
    assert_fresh(f, "");
}

static void test_fanouts_of_several_conversations(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    struct store_conversation_create *other =
        create_call(f, CONVERSATION_GROUP, f->users[0], &f->users[1], 1);
    message_add(f, f->talk, f->users[0], "1");
    message_add(f, other->row.id, f->users[0], "1");
    message_add(f, f->talk, f->users[1], "2");
    message_add(f, other->row.id, f->users[0], "2");
    emergency_add(f, f->talk, f->users[0]);
    emergency_add(f, f->talk, f->users[0]);
    message_add(f, f->talk, f->users[0], "5");
    store_op_free(&other->op);
    assert_fresh(f, "1:4!,1:1,1:2,1:5"); /* a normal push for no emergency */
}

/* ---- watches ---- */

static void test_watch(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    message_add(f, f->talk, f->users[0], "1");
    assert_int_equal(decide_fresh(f, PUSH_WAIT_ACK, clock_ms + 20), 0);
    struct store_push_watches *op = watches_call(f);
    assert_true(op->candidate_count == 0 && op->next_due == clock_ms + 20);
    store_op_free(&op->op);

    message_add(f, f->talk, f->users[0], "2"); /* a newer message does not put it off */
    decide_fresh(f, PUSH_WAIT_ACK, clock_ms + 30);
    clock_ms += 20;
    push_restart(f);
    op = watches_call(f);
    assert_candidates(f, op->candidates, op->candidate_count, "1:2");
    const struct push_candidate *c = op->candidates;
    assert_true(c->wait == PUSH_AWAITS_ACK && uuid_eq(&c->conversation, &f->talk) && op->next_due == 0);
    store_op_free(&op->op);
    assert_int_equal(decide_due(f, PUSH_SEND), 1);
    assert_int_equal(watches_due(f), 0);
}

/* What an answer is waited for may change; then it is waited for as long as that takes. */
static void test_watch_for_something_else(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    message_add(f, f->talk, f->users[0], "1");
    decide_fresh(f, PUSH_WAIT_ACK, clock_ms + 20);
    message_add(f, f->talk, f->users[0], "2");
    decide_fresh(f, PUSH_WAIT_PING, clock_ms + 45);
    struct store_push_watches *op = watches_call(f);
    assert_true(op->candidate_count == 0 && op->next_due == clock_ms + 45);
    store_op_free(&op->op);
    clock_ms += 45;
    op = watches_call(f);
    assert_true(op->candidate_count == 1 && op->candidates[0].wait == PUSH_AWAITS_PING);
    store_op_free(&op->op);
}

static void test_watch_of_newer_message_stays(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    message_add(f, f->talk, f->users[0], "1");
    decide_fresh(f, PUSH_WAIT_ACK, clock_ms);
    struct store_push_watches *first = watches_call(f);
    message_add(f, f->talk, f->users[0], "2");
    decide_fresh(f, PUSH_WAIT_ACK, clock_ms);
    decide(f, first->candidates, first->candidate_count, NULL, 0, PUSH_NO, 0);
    store_op_free(&first->op);
    assert_int_equal(watches_due(f), 1);
    decide_due(f, PUSH_NO);
    assert_int_equal(watches_due(f), 0);
}

static void test_delivered(void **state) {
    struct fixture *f = *state;
    for (int i = 1; i < 3; i++) device_add(f, f->users[i], SERVICE, (char[]){(char)('a' + i), 0});
    struct message_row first = message_add(f, f->talk, f->users[0], "1");
    struct message_row second = message_add(f, f->talk, f->users[0], "2");
    decide_fresh(f, PUSH_WAIT_ACK, clock_ms);
    assert_int_equal(watches_due(f), 2);
    assert_int_equal(delivered(f, f->talk, f->users[1], first.id), FAULT_NONE);
    assert_int_equal(watches_due(f), 2); /* the second one is still to come */
    assert_int_equal(delivered(f, f->talk, f->users[1], second.id), FAULT_NONE);
    assert_int_equal(watches_due(f), 1);

    assert_int_equal(delivered(f, test_id(9, 9), f->users[1], first.id), FAULT_CONVERSATION_NOT_FOUND);
    assert_int_equal(delivered(f, f->talk, f->users[3], first.id), FAULT_CONVERSATION_NOT_FOUND);
    assert_int_equal(delivered(f, f->talk, f->users[1], test_id(9, 9)), FAULT_MESSAGE_NOT_FOUND);
}

/* An app says so within a millisecond: before anybody has looked at the fan-out, or between look and decision. */
static void test_delivered_before_decided(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    static const enum push_decision decisions[] = {PUSH_WAIT_ACK, PUSH_WAIT_PING, PUSH_SEND};
    for (int i = 0; i < 3; i++) {
        struct message_row row = message_add(f, f->talk, f->users[0], "x");
        struct store_push_candidates *op = candidates_call(f, 100);
        assert_int_equal(op->candidate_count, 1);
        assert_int_equal(delivered(f, f->talk, f->users[1], row.id), FAULT_NONE);
        assert_int_equal(decide(f, op->candidates, 1, op->marks, op->mark_count, decisions[i], clock_ms), 0);
        assert_int_equal(watches_due(f), 0);
        store_op_free(&op->op);
    }
    message_add(f, f->talk, f->users[0], "y");
    assert_int_equal(decide_fresh(f, PUSH_SEND, 0), 1);
}

static void test_read_cancels_watches(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    struct message_row row = message_add(f, f->talk, f->users[0], "1");
    emergency_add(f, f->talk, f->users[0]);
    decide_fresh(f, PUSH_WAIT_ACK, clock_ms);
    assert_int_equal(watches_due(f), 2);
    assert_int_equal(advance(f, f->talk, f->users[1], row.id, NULL, NULL), FAULT_NONE);
    assert_int_equal(watches_due(f), 1);
    assert_int_equal(leave(f, f->talk, f->users[1]), FAULT_NONE);
    assert_int_equal(watches_due(f), 0);
}

static void test_user_gone(void **state) {
    struct fixture *f = *state;
    for (int i = 1; i < 3; i++) device_add(f, f->users[i], SERVICE, (char[]){(char)('a' + i), 0});
    assert_false(user_gone(f, f->users[1], true));
    assert_false(user_gone(f, test_id(9, 9), true));

    message_add(f, f->talk, f->users[0], "1");
    decide_fresh(f, PUSH_WAIT_ACK, clock_ms + 20);
    assert_int_equal(watches_due(f), 0);
    assert_true(user_gone(f, f->users[1], false)); /* nobody is left to say that it has arrived */
    assert_int_equal(watches_due(f), 1);
    decide_due(f, PUSH_NO);

    message_add(f, f->talk, f->users[2], "2");
    decide_fresh(f, PUSH_WAIT_PING, clock_ms + 20);
    assert_true(user_gone(f, f->users[1], true)); /* no ping was answered: it may not have arrived */
    assert_int_equal(watches_due(f), 1);
    decide_due(f, PUSH_NO);

    message_add(f, f->talk, f->users[2], "3");
    decide_fresh(f, PUSH_WAIT_PING, clock_ms + 20);
    assert_false(user_gone(f, f->users[1], false)); /* closed in good order: it has */
    clock_ms += 20;
    struct store_push_watches *op = watches_call(f);
    assert_candidates(f, op->candidates, op->candidate_count, "2:1"); /* user 2's own, of the first message */
    store_op_free(&op->op);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        PUSH_CASE(no_device_no_fanout),
        PUSH_CASE(fanout),
        PUSH_CASE(repeat_has_no_fanout),
        PUSH_CASE(senders),
        PUSH_CASE(read_and_gone_are_no_candidates),
        PUSH_CASE(who_joins_counts),
        PUSH_CASE(settings_are_told),
        PUSH_CASE(emergencies_first),
        PUSH_CASE(fanout_in_slices),
        PUSH_CASE(fanouts_of_a_conversation_are_one),
        PUSH_CASE(fanouts_of_several_conversations),
        PUSH_CASE(watch),
        PUSH_CASE(watch_for_something_else),
        PUSH_CASE(watch_of_newer_message_stays),
        PUSH_CASE(delivered),
        PUSH_CASE(delivered_before_decided),
        PUSH_CASE(read_cancels_watches),
        PUSH_CASE(user_gone),
    };
    return CONTRACT_RUN(tests);
}
