/* The contract of push.h: jobs, from the decision to send until they have gone. Written against the port alone. */
#include "store/contract_push.h"

/* ---- what a job is ---- */

static void test_job_loaded(void **state) {
    struct fixture *f = *state;
    struct uuid device = device_add(f, f->users[1], SERVICE, "b");
    struct store_preferences_set *set = store_op_new(STORE_PREFERENCES_SET, NULL, NULL, NULL);
    set->user = f->users[1];
    set->set_locale = true;
    set->row.locale = SIO_SPAN("fr");
    assert_int_equal(store_call(f->store, &set->op), FAULT_NONE);
    store_op_free(&set->op);
    struct message_row message = pushed(f, "hello");

    struct store_push_load *op = job_take(f, SERVICE);
    const struct push_job_row *row = &op->rows[0];
    assert_true(uuid_eq(&row->device.id, &device) && uuid_eq(&row->device.user, &f->users[1]));
    assert_true(sio_span_is(row->device.token, "b") && row->device.keys.n == 3 &&
                row->device.service == SERVICE);
    assert_true(uuid_eq(&row->conversation, &f->talk) && row->conversation_type == CONVERSATION_GROUP);
    assert_true(sio_span_is(row->title, "Talk") && sio_span_is(row->locale, "fr"));
    assert_true(uuid_eq(&row->message, &message.id) && row->seq == 1 && row->type == MESSAGE_TEXT);
    assert_true(sio_span_is(row->content, "hello") && sio_span_is(row->sender_first_name, "u0"));
    assert_true(sio_span_is(row->sender_last_name, "Last") && !row->emergency && !row->is_broadcast);
    assert_true(row->badge == 1 && row->attempts == 0 && row->created_at == clock_ms);
    assert_false(uuid_is_nil(&row->id));
    store_op_free(&op->op);
}

static void test_broadcast_loaded(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    emergency_add(f, f->talk, f->users[0]);
    struct store_message_add *add =
        message_new(f->talk, f->users[0], "x", NULL); /* a text says nothing about itself */
    add->metadata = SIO_SPAN("{\"broadcast_type\":\"utility\"}");
    assert_int_equal(store_call(f->store, &add->op), FAULT_NONE);
    store_op_free(&add->op);
    decide_fresh(f, PUSH_SEND, 0);
    struct store_push_load *op = jobs_take(f, SERVICE);
    assert_int_equal(op->count, 2);
    assert_true(op->rows[0].emergency && op->rows[0].is_broadcast && op->rows[0].seq == 1);
    assert_true(op->rows[0].broadcast == BROADCAST_EMERGENCY && op->rows[0].type == MESSAGE_SYSTEM);
    assert_true(!op->rows[1].emergency && !op->rows[1].is_broadcast && op->rows[1].seq == 2);
    store_op_free(&op->op);
}

/* All conversations, what others wrote, what is not read: whatever made the push. */
static void test_badge(void **state) {
    struct fixture *f = *state;
    struct store_conversation_create *other =
        create_call(f, CONVERSATION_GROUP, f->users[0], &f->users[1], 1);
    struct store_conversation_create *left = create_call(f, CONVERSATION_GROUP, f->users[0], &f->users[1], 1);
    message_add(f, other->row.id, f->users[0], "1");
    message_add(f, other->row.id, f->users[0], "2");
    struct message_row read = message_add(f, f->talk, f->users[2], "read");
    message_add(f, f->talk, f->users[1], "own");
    message_add(f, left->row.id, f->users[0], "left");
    assert_int_equal(advance(f, f->talk, f->users[1], read.id, NULL, NULL), FAULT_NONE);
    assert_int_equal(leave(f, left->row.id, f->users[1]), FAULT_NONE);
    device_add(f, f->users[1], SERVICE, "b");
    device_add(f, f->users[2], SERVICE, "c");
    pushed(f, "2");
    struct store_push_load *op = jobs_take(f, SERVICE);
    assert_int_equal(op->count, 2);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(op->rows[i].badge, uuid_eq(&op->rows[i].device.user, &f->users[1]) ? 3 : 2);
    assert_false(uuid_eq(&op->rows[0].device.user, &op->rows[1].device.user));
    store_op_free(&op->op);
    store_op_free(&left->op);
    store_op_free(&other->op);
}

/* One a device, on services that are on. */
static void test_jobs_for_devices(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "a");
    device_add(f, f->users[1], SERVICE, "b");
    device_add(f, f->users[1], OTHER_SERVICE, "c");
    device_add(f, f->users[1], DEAF_SERVICE, "d");
    message_add(f, f->talk, f->users[0], "x");
    assert_int_equal(decide_fresh(f, PUSH_SEND, 0), 3);
    assert_waiting(f, SERVICE, 2, 0);
    assert_waiting(f, OTHER_SERVICE, 1, 0);
    assert_waiting(f, DEAF_SERVICE, 0, 0);
}

/* ---- collapsing ---- */

static void test_newer_message_replaces(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    pushed(f, "1");
    struct store_push_claim *none = claim_call(f, OTHER_SERVICE, 10);
    assert_int_equal(none->count, 0);
    store_op_free(&none->op);
    pushed(f, "2");
    assert_waiting(f, SERVICE, 1, 0);
    struct store_push_load *op = job_take(f, SERVICE);
    assert_true(op->rows[0].seq == 2 && op->rows[0].badge == 2 && sio_span_is(op->rows[0].content, "2"));
    store_op_free(&op->op);
}

/* The decision about an older message comes late: the newer one stays. */
static void test_older_message_replaces_nothing(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    message_add(f, f->talk, f->users[0], "1");
    struct store_push_candidates *late = candidates_call(f, 10);
    pushed(f, "2");
    assert_int_equal(decide(f, late->candidates, 1, late->marks, 1, PUSH_SEND, 0), 0);
    store_op_free(&late->op);
    struct store_push_load *op = job_take(f, SERVICE);
    assert_int_equal(op->rows[0].seq, 2);
    store_op_free(&op->op);
}

static void test_newer_message_keeps_the_pause(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    pushed(f, "1");
    struct store_push_load *op = job_take(f, SERVICE);
    settle(f, &op->rows[0], (struct push_settled){.settle = PUSH_SETTLE_RETRY, .due_at = clock_ms + 50});
    struct uuid id = op->rows[0].id;
    store_op_free(&op->op);
    pushed(f, "2");
    assert_no_job(f, SERVICE);
    clock_ms += 50;
    op = job_take(f, SERVICE);
    assert_true(op->rows[0].seq == 2 && op->rows[0].attempts == 0 && !uuid_eq(&op->rows[0].id, &id));
    store_op_free(&op->op);
}

/* A newer message while the older one is being sent: it is sent as well, once that is settled, however it is. */
static void test_newer_message_while_sending(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    static const enum push_settle settles[] = {PUSH_SETTLE_SENT, PUSH_SETTLE_RETRY, PUSH_SETTLE_PUT_BACK,
                                               PUSH_SETTLE_DEAD_LETTER};
    for (int i = 0; i < 4; i++) {
        struct message_row first = pushed(f, "1");
        struct store_push_load *op = job_take(f, SERVICE);
        pushed(f, "2");
        assert_no_job(f, SERVICE);
        settle(f, &op->rows[0], (struct push_settled){.settle = settles[i], .due_at = clock_ms});
        store_op_free(&op->op);
        op = job_take(f, SERVICE);
        assert_true(op->rows[0].seq == first.seq + 1 && op->rows[0].attempts == 0);
        settle(f, &op->rows[0], (struct push_settled){.settle = PUSH_SETTLE_SENT});
        store_op_free(&op->op);
        assert_waiting(f, SERVICE, 0, 0);
    }
}

/* ---- cancelling ---- */

static void test_read_cancels_jobs(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    device_add(f, f->users[2], SERVICE, "c");
    struct message_row first = pushed(f, "1"), second = pushed(f, "2");
    assert_int_equal(advance(f, f->talk, f->users[1], first.id, NULL, NULL), FAULT_NONE);
    assert_waiting(f, SERVICE, 2, 0);
    assert_int_equal(advance(f, f->talk, f->users[1], second.id, NULL, NULL), FAULT_NONE);
    assert_waiting(f, SERVICE, 1, 0);
    assert_int_equal(delivered(f, f->talk, f->users[2], second.id), FAULT_NONE);
    assert_waiting(f, SERVICE, 0, 0);
}

static void test_read_between_candidate_and_decision(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    struct message_row row = message_add(f, f->talk, f->users[0], "1");
    struct store_push_candidates *op = candidates_call(f, 10);
    assert_int_equal(advance(f, f->talk, f->users[1], row.id, NULL, NULL), FAULT_NONE);
    assert_int_equal(decide(f, op->candidates, 1, op->marks, 1, PUSH_SEND, 0), 0);
    store_op_free(&op->op);
}

/* Read while it is being sent: not repeated should that fail. */
static void test_read_while_sending(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    struct message_row row = pushed(f, "1");
    struct store_push_load *op = job_take(f, SERVICE);
    assert_int_equal(advance(f, f->talk, f->users[1], row.id, NULL, NULL), FAULT_NONE);
    settle(f, &op->rows[0], (struct push_settled){.settle = PUSH_SETTLE_RETRY, .due_at = clock_ms});
    assert_no_job(f, SERVICE);
    pushed(f, "2"); /* and the next message is none of that attempt's */
    settle(f, &op->rows[0], (struct push_settled){.settle = PUSH_SETTLE_SENT});
    assert_waiting(f, SERVICE, 1, 0);
    /* Its token is found dead all the same. */
    assert_int_equal(settle(f, &op->rows[0], (struct push_settled){.settle = PUSH_SETTLE_TOKEN_DEAD}), 1);
    assert_tokens(f, f->users[1], "");
    assert_waiting(f, SERVICE, 0, 0);
    store_op_free(&op->op);
}

static void test_leaving_cancels(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    pushed(f, "1");
    emergency_add(f, f->talk, f->users[0]);
    decide_fresh(f, PUSH_SEND, 0);
    assert_waiting(f, SERVICE, 2, 0);
    assert_int_equal(leave(f, f->talk, f->users[1]), FAULT_NONE);
    assert_waiting(f, SERVICE, 0, 0);
}

static void mute(struct fixture *f, struct uuid user, int64_t until) {
    struct store_mute_set *op = store_op_new(STORE_MUTE_SET, NULL, NULL, NULL);
    op->conversation = f->talk;
    op->user = user;
    op->set_muted = op->is_muted = true;
    op->muted_until = until;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    store_op_free(&op->op);
}

static void test_muting_cancels(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    device_add(f, f->users[2], SERVICE, "c");
    pushed(f, "1");
    emergency_add(f, f->talk, f->users[0]);
    decide_fresh(f, PUSH_SEND, 0);
    mute(f, f->users[1], clock_ms); /* is over already */
    assert_waiting(f, SERVICE, 4, 0);
    mute(f, f->users[1], 0);
    assert_waiting(f, SERVICE, 3, 0);
    mute(f, f->users[2], clock_ms + 1);
    assert_waiting(f, SERVICE, 2, 0); /* an emergency is told all the same */
}

/* The import that suspends somebody takes back what waits for them, in whichever conversation. */
static void test_suspending_cancels(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    device_add(f, f->users[2], SERVICE, "c");
    pushed(f, "1");
    emergency_add(f, f->talk, f->users[0]);
    decide_fresh(f, PUSH_SEND, 0);
    assert_waiting(f, SERVICE, 4, 0);
    message_add(f, f->talk, f->users[0], "2");
    struct store_push_candidates *op = candidates_call(f, 100);
    struct store_import_record suspended = user_record(f->users[1], f->estate, ROLE_ADMIN, "u1");
    suspended.user.status = USER_SUSPENDED;
    import_ok(f, &suspended, 1);
    assert_waiting(f, SERVICE, 2, 0);
    decide(f, op->candidates, op->candidate_count, op->marks, op->mark_count, PUSH_SEND, 0);
    store_op_free(&op->op);
    assert_waiting(f, SERVICE, 2, 0);
}

static void test_device_takes_its_jobs_along(void **state) {
    struct fixture *f = *state;
    store_op_free(&device_put(f, f->users[1], SERVICE, "old", "phone")->op);
    device_add(f, f->users[1], SERVICE, "tablet");
    pushed(f, "1");
    assert_waiting(f, SERVICE, 2, 0);
    store_op_free(&device_put(f, f->users[1], SERVICE, "new", "phone")->op);
    assert_waiting(f, SERVICE, 1, 0);
    device_add(f, f->users[2], SERVICE, "tablet");
    assert_waiting(f, SERVICE, 0, 0);
    pushed(f, "2");
    assert_waiting(f, SERVICE, 2, 0);
    assert_int_equal(device_remove(f, f->users[2], "tablet", nil), FAULT_NONE);
    assert_waiting(f, SERVICE, 1, 0);
    store_op_free(
        &device_put(f, f->users[1], OTHER_SERVICE, "new", "phone")->op); /* the same, by another way */
    assert_waiting(f, SERVICE, 0, 0);
    assert_waiting(f, OTHER_SERVICE, 1, 0);
    struct store_push_load *op = job_take(f, OTHER_SERVICE);
    store_op_free(&op->op);
}

/* ---- claiming ---- */

static void test_claim_order(void **state) {
    struct fixture *f = *state;
    for (int i = 1; i < 3; i++) device_add(f, f->users[i], SERVICE, (char[]){(char)('a' + i), 0});
    struct store_conversation_create *other =
        create_call(f, CONVERSATION_GROUP, f->users[0], &f->users[1], 1);
    pushed(f, "1");
    clock_ms++;
    message_add(f, other->row.id, f->users[0], "2");
    decide_fresh(f, PUSH_SEND, 0);
    clock_ms++;
    emergency_add(f, other->row.id, f->users[0]);
    decide_fresh(f, PUSH_SEND, 0);

    struct store_push_load *op = jobs_take(f, SERVICE);
    assert_int_equal(op->count, 4);
    assert_true(op->rows[0].emergency && uuid_eq(&op->rows[0].conversation, &other->row.id));
    assert_true(uuid_eq(&op->rows[1].conversation, &f->talk) && uuid_eq(&op->rows[2].conversation, &f->talk));
    assert_true(!op->rows[3].emergency && uuid_eq(&op->rows[3].conversation, &other->row.id));
    store_op_free(&op->op);
    store_op_free(&other->op);
}

static void test_claim_is_exclusive(void **state) {
    struct fixture *f = *state;
    for (int i = 1; i < 3; i++) device_add(f, f->users[i], SERVICE, (char[]){(char)('a' + i), 0});
    pushed(f, "1");
    struct store_push_claim *a = claim_call(f, SERVICE, 1), *b = claim_call(f, SERVICE, 10);
    assert_true(a->count == 1 && b->count == 1 && a->jobs[0] != b->jobs[0]);
    store_op_free(&a->op);
    store_op_free(&b->op);
    assert_no_job(f, SERVICE);
    assert_waiting(f, SERVICE, 2, 0);
}

/* A process that dies while it sends: the next one sends again, and nobody is left out. */
static void test_claims_after_a_crash(void **state) {
    struct fixture *f = *state;
    for (int i = 1; i < 3; i++) device_add(f, f->users[i], SERVICE, (char[]){(char)('a' + i), 0});
    pushed(f, "1");
    struct store_push_claim *claim = claim_call(f, SERVICE, 1);
    store_op_free(&claim->op);
    push_restart(f);
    struct store_push_load *op = jobs_take(f, SERVICE);
    assert_int_equal(op->count, 2);
    settle(f, &op->rows[0], (struct push_settled){.settle = PUSH_SETTLE_SENT});
    store_op_free(&op->op);
    push_restart(f);
    op = job_take(f, SERVICE);
    settle(f, &op->rows[0], (struct push_settled){.settle = PUSH_SETTLE_SENT});
    store_op_free(&op->op);
    push_restart(f);
    assert_no_job(f, SERVICE);
}

static void test_next_due(void **state) {
    struct fixture *f = *state;
    for (int i = 1; i < 3; i++) device_add(f, f->users[i], SERVICE, (char[]){(char)('a' + i), 0});
    pushed(f, "1");
    struct store_push_load *op = jobs_take(f, SERVICE);
    settle(f, &op->rows[0], (struct push_settled){.settle = PUSH_SETTLE_RETRY, .due_at = clock_ms + 70});
    settle(f, &op->rows[1], (struct push_settled){.settle = PUSH_SETTLE_PUT_BACK, .due_at = clock_ms + 50});
    store_op_free(&op->op);
    struct store_push_claim *claim = claim_call(f, SERVICE, 10);
    assert_true(claim->count == 0 && claim->next_due == clock_ms + 50);
    store_op_free(&claim->op);
    clock_ms += 60;
    claim = claim_call(f, SERVICE, 10);
    assert_true(claim->count == 1 && claim->next_due == clock_ms + 10);
    store_op_free(&claim->op);
}

static void test_attempts(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    pushed(f, "1");
    static const struct {
        enum push_settle settle;
        uint32_t attempts; /* before */
    } steps[] = {
        {PUSH_SETTLE_RETRY, 0}, {PUSH_SETTLE_PUT_BACK, 1}, {PUSH_SETTLE_RETRY, 1}, {PUSH_SETTLE_SENT, 2}};
    struct uuid id = nil;
    for (int i = 0; i < 4; i++) {
        struct store_push_load *op = job_take(f, SERVICE);
        assert_int_equal(op->rows[0].attempts, steps[i].attempts);
        assert_true(i == 0 || uuid_eq(&op->rows[0].id, &id));
        id = op->rows[0].id;
        settle(f, &op->rows[0], (struct push_settled){.settle = steps[i].settle, .due_at = clock_ms});
        store_op_free(&op->op);
    }
    assert_waiting(f, SERVICE, 0, 0);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        PUSH_CASE(job_loaded),
        PUSH_CASE(broadcast_loaded),
        PUSH_CASE(badge),
        PUSH_CASE(jobs_for_devices),
        PUSH_CASE(newer_message_replaces),
        PUSH_CASE(older_message_replaces_nothing),
        PUSH_CASE(newer_message_keeps_the_pause),
        PUSH_CASE(newer_message_while_sending),
        PUSH_CASE(read_cancels_jobs),
        PUSH_CASE(read_between_candidate_and_decision),
        PUSH_CASE(read_while_sending),
        PUSH_CASE(leaving_cancels),
        PUSH_CASE(muting_cancels),
        PUSH_CASE(suspending_cancels),
        PUSH_CASE(device_takes_its_jobs_along),
        PUSH_CASE(claim_order),
        PUSH_CASE(claim_is_exclusive),
        PUSH_CASE(claims_after_a_crash),
        PUSH_CASE(next_due),
        PUSH_CASE(attempts),
    };
    return CONTRACT_RUN(tests);
}
