/* The contract of push.h: dead letters, statistics and tidying; and a broadcast to 50,000. Written against the port
 * alone. */
#include "store/contract_push.h"

/* A message whose pushes die. */
static void killed(struct fixture *f) {
    pushed(f, "x");
    struct store_push_load *op = jobs_take(f, SERVICE);
    for (size_t i = 0; i < op->count; i++)
        settle(f, &op->rows[i],
               (struct push_settled){.settle = PUSH_SETTLE_DEAD_LETTER, .error = SIO_SPAN("no")});
    store_op_free(&op->op);
}

static enum fault retry(struct fixture *f, int64_t key, uint32_t *count, uint32_t *services) {
    struct store_push_dead_retry *op = store_op_new(STORE_PUSH_DEAD_RETRY, NULL, NULL, NULL);
    op->key = key;
    enum fault fault = store_call(f->store, &op->op);
    *count = op->count;
    *services = op->services;
    store_op_free(&op->op);
    return fault;
}

/* ---- dead letters ---- */

static void test_dead_letters(void **state) {
    struct fixture *f = *state;
    struct uuid device = device_add(f, f->users[1], SERVICE, "b");
    int64_t made_ms = clock_ms;
    pushed(f, "x");
    struct store_push_load *job = job_take(f, SERVICE);
    settle(f, &job->rows[0], (struct push_settled){.settle = PUSH_SETTLE_RETRY, .due_at = clock_ms});
    store_op_free(&job->op);
    clock_ms += 7;
    job = job_take(f, SERVICE);
    settle(f, &job->rows[0],
           (struct push_settled){.settle = PUSH_SETTLE_DEAD_LETTER, .error = SIO_SPAN("too large")});
    store_op_free(&job->op);
    killed(f);
    killed(f);
    assert_no_job(f, SERVICE);
    assert_waiting(f, SERVICE, 0, 3);

    struct store_push_dead_list *op = dead_list(f, 0, 2);
    assert_true(op->count == 2 && op->total == 3);
    const struct push_dead_row *row = &op->rows[0];
    assert_true(uuid_eq(&row->user, &f->users[1]) && uuid_eq(&row->conversation, &f->talk));
    assert_true(uuid_eq(&row->device, &device) && row->service == SERVICE && row->attempts == 2);
    assert_true(sio_span_is(row->error, "too large") && row->created_at == made_ms &&
                row->died_at == clock_ms);
    struct store_push_dead_list *rest = dead_list(f, op->rows[1].key, 2);
    assert_true(rest->count == 1 && rest->rows[0].key > op->rows[1].key);
    store_op_free(&rest->op);
    store_op_free(&op->op);
}

static void test_dead_retry(void **state) {
    struct fixture *f = *state;
    uint32_t count, services;
    device_add(f, f->users[1], SERVICE, "b");
    killed(f);
    killed(f);
    struct store_push_dead_list *op = dead_list(f, 0, 10);
    assert_int_equal(retry(f, op->rows[1].key + 100, &count, &services), FAULT_PUSH_NOT_FOUND);
    assert_int_equal(retry(f, op->rows[1].key, &count, &services), FAULT_NONE);
    assert_true(count == 1 && services == 1u << SERVICE);
    assert_int_equal(retry(f, op->rows[1].key, &count, &services), FAULT_PUSH_NOT_FOUND);
    store_op_free(&op->op);
    assert_waiting(f, SERVICE, 1, 1);
    clock_ms++;

    /* The older one's place is taken by the newer one that waits. */
    assert_int_equal(retry(f, 0, &count, &services), FAULT_NONE);
    assert_true(count == 1 && services == 0);
    assert_int_equal(retry(f, 0, &count, &services), FAULT_NONE);
    assert_int_equal(count, 0);
    struct store_push_load *job = job_take(f, SERVICE);
    assert_true(job->rows[0].seq == 2 && job->rows[0].attempts == 0);
    store_op_free(&job->op);
}

/* What was read meanwhile would come in vain. */
static void test_dead_retry_after_reading(void **state) {
    struct fixture *f = *state;
    uint32_t count, services;
    device_add(f, f->users[1], SERVICE, "b");
    killed(f);
    struct message_row row = message_add(f, f->talk, f->users[0], "newer");
    assert_int_equal(advance(f, f->talk, f->users[1], row.id, NULL, NULL), FAULT_NONE);
    assert_int_equal(retry(f, 0, &count, &services), FAULT_NONE);
    assert_true(count == 1 && services == 0);
    assert_waiting(f, SERVICE, 0, 0);
}

static void test_dead_retry_after_suspending(void **state) {
    struct fixture *f = *state;
    uint32_t count, services;
    device_add(f, f->users[1], SERVICE, "b");
    killed(f);
    struct store_import_record suspended = user_record(f->users[1], f->estate, ROLE_ADMIN, "u1");
    suspended.user.status = USER_SUSPENDED;
    import_ok(f, &suspended, 1);
    assert_int_equal(retry(f, 0, &count, &services), FAULT_NONE);
    assert_true(count == 1 && services == 0);
    assert_waiting(f, SERVICE, 0, 0);
}

static void test_dead_letters_go_with_the_device(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    killed(f);
    assert_int_equal(device_remove(f, f->users[1], "b", nil), FAULT_NONE);
    assert_waiting(f, SERVICE, 0, 0);
}

/* ---- statistics ---- */

static void test_stats(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    device_add(f, f->users[2], OTHER_SERVICE, "c");
    int64_t first_ms = clock_ms;
    pushed(f, "x");
    clock_ms += 5;
    emergency_add(f, f->talk, f->users[0]);
    struct store_push_stats *op = stats_call(f);
    assert_true(op->fanouts == 1 && op->watches == 0 && op->devices == 2 && op->receipts == 0);
    assert_true(op->services[SERVICE].waiting == 1 && op->services[SERVICE].oldest_at == first_ms);
    assert_true(op->services[DEAF_SERVICE].waiting == 0 && op->services[DEAF_SERVICE].oldest_at == 0);
    store_op_free(&op->op);

    decide_fresh(f, PUSH_WAIT_ACK, clock_ms + 20);
    struct store_push_load *job = job_take(f, SERVICE); /* what is being sent has not gone yet */
    op = stats_call(f);
    assert_true(op->fanouts == 0 && op->watches == 2 && op->services[SERVICE].waiting == 1);
    store_op_free(&op->op);
    settle(f, &job->rows[0],
           (struct push_settled){
               .settle = PUSH_SETTLE_SENT, .receipt = SIO_SPAN("r"), .receipt_due_at = clock_ms});
    store_op_free(&job->op);
    op = stats_call(f);
    assert_true(op->receipts == 1 && op->services[SERVICE].waiting == 0 &&
                op->services[SERVICE].oldest_at == 0);
    store_op_free(&op->op);
}

/* ---- tidying ---- */

static struct store_push_tidy *tidy_new(void) {
    struct store_push_tidy *op = store_op_new(STORE_PUSH_TIDY, NULL, NULL, NULL);
    op->dead_max = UINT32_MAX;
    return op;
}

static void test_tidy_jobs(void **state) {
    struct fixture *f = *state;
    for (int i = 1; i < 3; i++) device_add(f, f->users[i], SERVICE, (char[]){(char)('a' + i), 0});
    pushed(f, "x");
    struct store_push_claim *sending = claim_call(f, SERVICE, 1);
    clock_ms++;
    struct store_push_tidy *op = tidy_new();
    op->jobs_before = clock_ms;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_true(op->jobs == 1 && op->devices == 0 && !op->more);
    store_op_free(&op->op);
    store_op_free(&sending->op);
    assert_waiting(f, SERVICE, 1, 1);
    struct store_push_dead_list *dead = dead_list(f, 0, 10);
    assert_true(dead->count == 1 && sio_span_is(dead->rows[0].error, "expired"));
    store_op_free(&dead->op);
    pushed(f, "x"); /* a newer message makes a job younger: nothing is lost for want of age */
    op = tidy_new();
    op->jobs_before = clock_ms;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_int_equal(op->jobs, 0);
    store_op_free(&op->op);
}

static void test_tidy_devices(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "old");
    device_add(f, f->users[1], SERVICE, "seen");
    pushed(f, "x");
    clock_ms += 10;
    device_add(f, f->users[1], SERVICE, "seen");
    struct store_push_tidy *op = tidy_new();
    op->devices_before = clock_ms;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_true(op->devices == 1 && !op->more);
    store_op_free(&op->op);
    assert_tokens(f, f->users[1], "seen");
    assert_waiting(f, SERVICE, 1, 0);
}

static void test_tidy_letters_and_receipts(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    for (int i = 0; i < 4; i++, clock_ms++) killed(f);
    pushed(f, "x");
    struct store_push_load *job = job_take(f, SERVICE);
    settle(f, &job->rows[0],
           (struct push_settled){
               .settle = PUSH_SETTLE_SENT, .receipt = SIO_SPAN("r"), .receipt_due_at = clock_ms});
    store_op_free(&job->op);

    struct store_push_tidy *op = tidy_new();
    op->dead_before = clock_ms - 3; /* the first of four */
    op->receipts_before = clock_ms;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    store_op_free(&op->op);
    assert_waiting(f, SERVICE, 0, 3);
    struct store_push_stats *stats = stats_call(f);
    assert_int_equal(stats->receipts, 1);
    store_op_free(&stats->op);

    op = tidy_new();
    op->dead_max = 1;
    op->receipts_before = clock_ms + 1;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    store_op_free(&op->op);
    struct store_push_dead_list *dead = dead_list(f, 0, 10);
    assert_true(dead->count == 1 && dead->rows[0].died_at == clock_ms - 1); /* the newest one stays */
    store_op_free(&dead->op);
    stats = stats_call(f);
    assert_int_equal(stats->receipts, 0);
    store_op_free(&stats->op);
}

/* ---- at size ---- */

enum { CROWD = CONTRACT_CROWD(50000), DEATH = CROWD / STORE_PUSH_BATCH_MAX / 2 };

static void crowd_import(struct fixture *f, struct uuid conversation) {
    struct store_import_record *records = mem_new_array(struct store_import_record, CROWD + 1);
    struct participant_row *members = mem_new_array(struct participant_row, CROWD + 1);
    char(*emails)[16] = mem_alloc((size_t)CROWD * 16);
    for (unsigned i = 0; i < CROWD; i++) {
        snprintf(emails[i], 16, "c%u", i);
        records[i] = user_record(test_id(7, i), f->estate, ROLE_RESIDENCE, emails[i]);
        members[i] = (struct participant_row){.user = test_id(7, i), .notifications_enabled = true};
    }
    members[CROWD].user = f->users[0];
    records[CROWD] = (struct store_import_record){.kind = IMPORT_CONVERSATION,
                                                  .conversation = {.id = conversation,
                                                                   .estate = f->estate,
                                                                   .type = CONVERSATION_GROUP,
                                                                   .participants = members,
                                                                   .participant_count = CROWD + 1}};
    import_ok(f, records, CROWD + 1);
    free(emails);
    free(members);
    free(records);
}

static void registered(struct store_op *op) {
    assert_int_equal(op->fault, FAULT_NONE);
    sem_post(op->data);
    store_op_free(op);
}

/* All of them at once, so that they share commits. */
static void crowd_register(struct fixture *f) {
    char(*tokens)[16] = mem_alloc((size_t)CROWD * 16);
    sem_t done;
    assert_int_equal(sem_init(&done, 0, 0), 0);
    for (unsigned i = 0; i < CROWD; i++) {
        snprintf(tokens[i], 16, "t%u", i);
        struct store_device_put *op = store_op_new(STORE_DEVICE_PUT, NULL, registered, &done);
        op->row = (struct device_row){.user = test_id(7, i),
                                      .service = i % 2 ? SERVICE : OTHER_SERVICE,
                                      .token = sio_span_cstr(tokens[i])};
        store_submit(f->store, &op->op);
    }
    for (unsigned i = 0; i < CROWD; i++) sem_wait(&done);
    sem_destroy(&done);
    free(tokens);
}

/* A broadcast to 50,000 in slices of a thousand; the process dies in between, and everybody gets one, once. An emergency
 * in the middle of it comes first. */
static void test_broadcast_at_size(void **state) {
    struct fixture *f = *state;
    struct uuid conversation = test_id(5, 1);
    crowd_import(f, conversation);
    crowd_register(f);
    message_add(f, conversation, f->users[0], "to all");
    uint32_t jobs = 0, slices = 0;
    for (bool more = true; more; slices++) {
        struct store_push_candidates *op = candidates_call(f, STORE_PUSH_BATCH_MAX);
        assert_true(op->candidate_count <= STORE_PUSH_BATCH_MAX);
        more = op->mark_count > 0;
        if (slices != DEATH) /* what this slice decided is never written */
            jobs += decide(f, op->candidates, op->candidate_count, op->marks, op->mark_count, PUSH_SEND, 0);
        store_op_free(&op->op);
        if (slices == DEATH) push_restart(f);
    }
    assert_int_equal(jobs, CROWD);
    assert_in_range(slices, CROWD / STORE_PUSH_BATCH_MAX, CROWD / STORE_PUSH_BATCH_MAX + 5);
    assert_waiting(f, SERVICE, CROWD / 2, 0);

    emergency_add(f, conversation, f->users[0]);
    struct store_push_candidates *op = candidates_call(f, 10);
    decide(f, op->candidates, op->candidate_count, op->marks, op->mark_count, PUSH_SEND, 0);
    store_op_free(&op->op);
    struct store_push_load *first = jobs_take(f, SERVICE);
    assert_int_equal(first->count, STORE_PUSH_BATCH_MAX);
    for (size_t i = 0; i < first->count; i++) assert_int_equal(first->rows[i].emergency, i < 5);
    store_op_free(&first->op);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        PUSH_CASE(dead_letters),
        PUSH_CASE(dead_retry),
        PUSH_CASE(dead_retry_after_reading),
        PUSH_CASE(dead_retry_after_suspending),
        PUSH_CASE(dead_letters_go_with_the_device),
        PUSH_CASE(stats),
        PUSH_CASE(tidy_jobs),
        PUSH_CASE(tidy_devices),
        PUSH_CASE(tidy_letters_and_receipts),
        PUSH_CASE(broadcast_at_size),
    };
    return CONTRACT_RUN(tests);
}
