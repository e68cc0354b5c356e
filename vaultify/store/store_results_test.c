/* How results travel back: one post a loop, in order. Stands in for the loops itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/backend.h"

struct sio_loop {
    int posts;
    struct sio_task *task;
};

void sio_loop_post_list(struct sio_loop *loop, struct sio_task *task) {
    loop->posts++;
    loop->task = task;
}

static int told[8];
static int told_count;

static void tell(struct store_op *op) {
    told[told_count++] = *(int *)op->data;
    store_op_free(op);
}

static void run_all(struct sio_loop *loop) {
    for (struct sio_task *task = loop->task, *next; task; task = next) {
        next = task->next;
        task->run(task);
    }
}

static void test_one_post_a_loop(void **state) {
    struct sio_loop a = {0}, b = {0};
    struct sio_loop *const loops[] = {&a, &b, NULL, &a, &a, NULL, &b};
    static int numbers[] = {0, 1, 2, 3, 4, 5, 6};
    struct store_op *list = NULL, **end = &list;
    for (int i = 0; i < 7; i++) {
        struct store_user_get *op = store_op_new(STORE_USER_GET, loops[i], tell, &numbers[i]);
        *end = &op->op;
        end = &op->op.next;
    }
    store_results_post(list);
    assert_int_equal(told_count, 2); /* those without a loop, here and now */
    assert_true(told[0] == 2 && told[1] == 5);
    assert_true(a.posts == 1 && b.posts == 1);
    run_all(&a);
    run_all(&b);
    static const int expected[] = {2, 5, 0, 3, 4, 1, 6};
    assert_memory_equal(told, expected, sizeof expected);
}

static void test_words(void **state) {
    enum role role;
    assert_true(role_parse(SIO_SPAN("Security Personnel"), &role) && role == ROLE_SECURITY);
    assert_false(role_parse(SIO_SPAN("security personnel"), &role) || role_parse(SIO_SPAN(""), &role));
    assert_true(sio_span_is(message_type_text(MESSAGE_LINK_PREVIEW), "link_preview"));
    assert_int_equal(broadcast_type_text((enum broadcast_type)99).n, 0);
}

int main(void) {
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_post_a_loop),
                                              cmocka_unit_test(test_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
