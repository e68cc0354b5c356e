/* The contract of push.h: an operation that is submitted again answers as if it were the first time. */
#include "store/contract_push.h"

/* What was said before must not be in the way. */
static void again(struct fixture *f, struct store_op *op) {
    assert_int_equal(store_call(f->store, op), FAULT_NONE);
}

static void test_devices(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    struct store_device_list *op = devices_of(f, f->users[1]);
    again(f, &op->op);
    assert_int_equal(op->count, 1);
    assert_true(sio_span_is(op->rows[0].token, "b"));
    store_op_free(&op->op);
}

static void test_candidates(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    message_add(f, f->talk, f->users[0], "1");
    struct store_push_candidates *op = candidates_call(f, 10);
    again(f, &op->op);
    assert_int_equal(op->mark_count, 1);
    assert_true(op->marks[0].done);
    assert_int_equal(op->candidate_count, 1);
    store_op_free(&op->op);
}

static void test_a_claim(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    device_add(f, f->users[2], SERVICE, "c");
    pushed(f, "1");
    struct store_push_claim *op = claim_call(f, SERVICE, 1);
    int64_t first = op->jobs[0];
    again(f, &op->op);
    assert_int_equal(op->count, 1);
    assert_true(op->jobs[0] != 0 && op->jobs[0] != first);
    store_op_free(&op->op);
}

static void test_what_a_push_says(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    pushed(f, "1");
    struct store_push_claim *claim = claim_call(f, SERVICE, 10);
    struct store_push_load *op = store_op_new(STORE_PUSH_LOAD, NULL, NULL, NULL);
    op->jobs = claim->jobs;
    op->job_count = claim->count;
    again(f, &op->op);
    again(f, &op->op);
    assert_int_equal(op->count, 1);
    assert_true(sio_span_is(op->rows[0].device.token, "b"));
    store_op_free(&op->op);
    store_op_free(&claim->op);
}

static void test_receipts(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    pushed(f, "1");
    struct store_push_load *job = job_take(f, SERVICE);
    settle(f, &job->rows[0],
           (struct push_settled){
               .settle = PUSH_SETTLE_SENT, .receipt = SIO_SPAN("r"), .receipt_due_at = clock_ms});
    struct store_push_receipts *op = store_op_new(STORE_PUSH_RECEIPTS, NULL, NULL, NULL);
    op->service = SERVICE;
    op->limit = 1;
    op->now = clock_ms;
    again(f, &op->op);
    again(f, &op->op);
    assert_int_equal(op->count, 1);
    assert_true(sio_span_is(op->rows[0].receipt, "r"));
    store_op_free(&op->op);
    store_op_free(&job->op);
}

static void test_dead_letters(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    pushed(f, "1");
    struct store_push_load *job = job_take(f, SERVICE);
    settle(f, &job->rows[0], (struct push_settled){.settle = PUSH_SETTLE_DEAD_LETTER});
    struct store_push_dead_list *op = dead_list(f, 0, 1);
    again(f, &op->op);
    assert_int_equal(op->count, 1);
    assert_true(op->rows[0].key != 0);
    store_op_free(&op->op);
    store_op_free(&job->op);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        PUSH_CASE(devices),          PUSH_CASE(candidates), PUSH_CASE(a_claim),
        PUSH_CASE(what_a_push_says), PUSH_CASE(receipts),   PUSH_CASE(dead_letters),
    };
    return CONTRACT_RUN(tests);
}
