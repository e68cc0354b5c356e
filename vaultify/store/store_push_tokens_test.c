/* The contract of push.h: what services say about tokens, at once and in receipts. Written against the port alone. */
#include "store/contract_push.h"

/* ---- dead tokens ---- */

static void test_token_dead(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    device_add(f, f->users[1], SERVICE, "c");
    pushed(f, "1");
    emergency_add(f, f->talk, f->users[0]);
    decide_fresh(f, PUSH_SEND, 0);
    struct store_push_load *op = jobs_take(f, SERVICE);
    assert_int_equal(op->count, 4);
    bool b = sio_span_is(op->rows[0].device.token, "b");
    assert_int_equal(settle(f, &op->rows[0], (struct push_settled){.settle = PUSH_SETTLE_TOKEN_DEAD}), 1);
    assert_tokens(f, f->users[1], b ? "c" : "b");
    assert_waiting(f, SERVICE, 2, 0);
    assert_int_equal(settle(f, &op->rows[0], (struct push_settled){.settle = PUSH_SETTLE_TOKEN_DEAD}), 0);
    store_op_free(&op->op);
}

static void test_token_registered_again(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    pushed(f, "1");
    struct store_push_load *op = job_take(f, SERVICE);
    struct push_settled dead = {.settle = PUSH_SETTLE_TOKEN_DEAD, .dead_since = clock_ms - 1};
    assert_int_equal(settle(f, &op->rows[0], dead), 0);
    store_op_free(&op->op);
    assert_no_job(f, SERVICE);
    clock_ms += 60000;
    op = job_take(f, SERVICE);
    assert_int_equal(op->rows[0].attempts, 1);
    dead.dead_since = clock_ms;
    assert_int_equal(settle(f, &op->rows[0], dead), 1);
    store_op_free(&op->op);
    assert_tokens(f, f->users[1], "");
}

/* ---- receipts ---- */

static struct store_push_receipts *receipts_call(struct fixture *f, uint8_t service) {
    struct store_push_receipts *op = store_op_new(STORE_PUSH_RECEIPTS, NULL, NULL, NULL);
    op->service = service;
    op->limit = 10;
    op->now = clock_ms;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    return op;
}

static uint32_t receipt_settle(struct fixture *f, struct push_receipt_settled how) {
    struct store_push_receipts_settle *op = store_op_new(STORE_PUSH_RECEIPTS_SETTLE, NULL, NULL, NULL);
    op->settled = &how;
    op->count = 1;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    uint32_t dropped = op->devices_dropped;
    store_op_free(&op->op);
    return dropped;
}

static void test_receipts(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    pushed(f, "1");
    struct store_push_load *job = job_take(f, SERVICE);
    settle(f, &job->rows[0],
           (struct push_settled){
               .settle = PUSH_SETTLE_SENT, .receipt = SIO_SPAN("r-1"), .receipt_due_at = clock_ms + 15});
    store_op_free(&job->op);
    int64_t sent_ms = clock_ms;
    push_restart(f);
    struct store_push_receipts *op = receipts_call(f, SERVICE);
    assert_true(op->count == 0 && op->next_due == clock_ms + 15);
    store_op_free(&op->op);
    clock_ms += 15;
    op = receipts_call(f, OTHER_SERVICE);
    assert_true(op->count == 0 && op->next_due == 0);
    store_op_free(&op->op);

    op = receipts_call(f, SERVICE);
    assert_true(op->count == 1 && sio_span_is(op->rows[0].receipt, "r-1") && op->rows[0].sent_at == sent_ms);
    int64_t key = op->rows[0].key;
    store_op_free(&op->op);
    receipt_settle(f, (struct push_receipt_settled){key, PUSH_RECEIPT_LATER, clock_ms + 5});
    op = receipts_call(f, SERVICE);
    assert_true(op->count == 0 && op->next_due == clock_ms + 5);
    store_op_free(&op->op);
    assert_int_equal(receipt_settle(f, (struct push_receipt_settled){key, PUSH_RECEIPT_TOKEN_DEAD, 0}), 1);
    assert_tokens(f, f->users[1], "");
    assert_int_equal(receipt_settle(f, (struct push_receipt_settled){key, PUSH_RECEIPT_TOKEN_DEAD, 0}), 0);
}

/* The receipt is about a token as it was then; an app that registered it since wants it. */
static void test_receipt_of_token_registered_again(void **state) {
    struct fixture *f = *state;
    device_add(f, f->users[1], SERVICE, "b");
    pushed(f, "1");
    struct store_push_load *job = job_take(f, SERVICE);
    settle(f, &job->rows[0],
           (struct push_settled){
               .settle = PUSH_SETTLE_SENT, .receipt = SIO_SPAN("r-1"), .receipt_due_at = clock_ms});
    store_op_free(&job->op);
    clock_ms++;
    device_add(f, f->users[1], SERVICE, "b");
    struct store_push_receipts *op = receipts_call(f, SERVICE);
    int64_t key = op->rows[0].key;
    store_op_free(&op->op);
    assert_int_equal(receipt_settle(f, (struct push_receipt_settled){key, PUSH_RECEIPT_TOKEN_DEAD, 0}), 0);
    assert_tokens(f, f->users[1], "b");
    op = receipts_call(f, SERVICE);
    assert_true(op->count == 0 && op->next_due == 0);
    store_op_free(&op->op);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        PUSH_CASE(token_dead),
        PUSH_CASE(token_registered_again),
        PUSH_CASE(receipts),
        PUSH_CASE(receipt_of_token_registered_again),
    };
    return CONTRACT_RUN(tests);
}
