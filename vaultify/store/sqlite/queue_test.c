/* The queue's two lanes: short reads go first, long ones go on, nothing is lost and nothing is taken twice. */
#include "store/sqlite/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "store/sqlite/reader.h"

static void nobody(struct store_op *op) {}

static struct store_op *put(struct queue *q, enum queue_lane lane) {
    struct store_op *op =
        store_op_new(lane == QUEUE_LONG ? STORE_MESSAGE_PAGE : STORE_USER_GET, NULL, nobody, NULL);
    queue_put(q, lane, op);
    return op;
}

static void free_all(struct store_op *ops) {
    for (struct store_op *op = ops, *next; op; op = next) {
        next = op->next;
        store_op_free(op);
    }
}

static void short_ones_go_first_and_long_ones_go_on(void **state) {
    static const unsigned max[QUEUE_LANES] = {[QUEUE_SHORT] = 2, [QUEUE_LONG] = 1};
    struct queue q;
    queue_init(&q, 1 << 20);
    struct store_op *pages[3], *looks[3];
    for (int i = 0; i < 3; i++) pages[i] = put(&q, QUEUE_LONG);
    for (int i = 0; i < 3; i++) looks[i] = put(&q, QUEUE_SHORT);

    struct queue_batch first = queue_take(&q, max, 1, 0), second = queue_take(&q, max, 1, 0);
    assert_ptr_equal(first.ops, looks[0]);
    assert_ptr_equal(first.ops->next, looks[1]);
    assert_ptr_equal(first.ops->next->next, pages[0]);
    assert_null(pages[0]->next);
    assert_ptr_equal(second.ops, looks[2]);
    assert_ptr_equal(second.ops->next, pages[1]);
    assert_null(pages[1]->next);

    queue_close(&q);
    struct queue_batch third = queue_take(&q, max, 1, 0), last = queue_take(&q, max, 1, 0);
    assert_ptr_equal(third.ops, pages[2]);
    assert_false(third.closed);
    assert_true(last.closed);
    free_all(first.ops);
    free_all(second.ops);
    free_all(third.ops);
    queue_fini(&q);
}

static void each_thread_takes_its_share_of_each_lane(void **state) {
    static const unsigned max[QUEUE_LANES] = {[QUEUE_SHORT] = 32, [QUEUE_LONG] = 32};
    struct queue q;
    queue_init(&q, 1 << 20);
    for (int i = 0; i < 4; i++) put(&q, QUEUE_LONG);
    for (int i = 0; i < 3; i++) put(&q, QUEUE_SHORT);
    struct queue_batch half = queue_take(&q, max, 2, 0), rest = queue_take(&q, max, 1, 0);
    int n = 0, m = 0;
    for (struct store_op *op = half.ops; op; op = op->next) n++;
    for (struct store_op *op = rest.ops; op; op = op->next) m++;
    assert_int_equal(n, 4); /* half of each, rounded up */
    assert_int_equal(m, 3);
    free_all(half.ops);
    free_all(rest.ops);
    queue_fini(&q);
}

/* Who comes in or sends waits in the short lane; who turns pages does not stand in the way. */
static void lanes_of_reads(void **state) {
    static const enum store_op_kind kinds[] = {
        STORE_USER_GET,          STORE_ESTATE_LOAD,  STORE_USER_CONVERSATIONS, STORE_CONVERSATION_LOAD,
        STORE_CONVERSATION_PAGE, STORE_MESSAGE_PAGE, STORE_USER_LIST};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct store_op *op = store_op_new(kinds[i], NULL, nobody, NULL);
        assert_int_equal(reader_lane(op), i < 4 ? QUEUE_SHORT : QUEUE_LONG);
        store_op_free(op);
    }
    struct store_conversation_load *shown = store_op_new(STORE_CONVERSATION_LOAD, NULL, nobody, NULL);
    shown->with_details = true;
    assert_int_equal(reader_lane(&shown->op), QUEUE_LONG);
    store_op_free(&shown->op);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_ones_go_first_and_long_ones_go_on),
        cmocka_unit_test(each_thread_takes_its_share_of_each_lane),
        cmocka_unit_test(lanes_of_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
