/* The contract of store_delivered_advance: where the position of what has arrived goes, and whose messages those were. */
#include "store/contract.h"

/* What moved: "-" nothing, "*" past messages of several, else the number of the one who sent them. */
static void expect(struct fixture *f, unsigned user, const struct message_row *message, const char *moved) {
    struct store_delivered_advance *op = store_op_new(STORE_DELIVERED_ADVANCE, NULL, NULL, NULL);
    op->conversation = f->talk;
    op->user = f->users[user];
    op->message = message->id;
    op->keep = true;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_true(op->seq == message->seq && op->delivered_at > 0);
    char text[2] = "-";
    if (op->moved) text[0] = '*';
    for (unsigned i = 0; i < 3; i++)
        if (uuid_eq(&op->only_sender, &f->users[i])) text[0] = (char)('0' + i);
    assert_string_equal(text, moved);
    store_op_free(&op->op);
}

static void expect_shown(struct fixture *f, unsigned user, uint64_t delivered, uint64_t read) {
    struct store_conversation_load *op = load_call(f, f->talk, false, nil);
    const struct participant_row *p = participant_in(&op->row, f->users[user]);
    assert_int_equal(p->last_delivered_seq, delivered);
    assert_int_equal(p->last_read_seq, read);
    store_op_free(&op->op);
}

static enum fault refused(struct fixture *f, struct uuid conversation, struct uuid user,
                          struct uuid message) {
    struct store_delivered_advance *op = store_op_new(STORE_DELIVERED_ADVANCE, NULL, NULL, NULL);
    op->conversation = conversation;
    op->user = user;
    op->message = message;
    op->keep = true;
    enum fault fault = store_call(f->store, &op->op);
    assert_false(op->moved);
    store_op_free(&op->op);
    return fault;
}

static void test_forward_only(void **state) {
    struct fixture *f = *state;
    struct message_row m[3];
    for (unsigned i = 0; i < 3; i++) m[i] = message_add(f, f->talk, f->users[0], "x");
    expect(f, 1, &m[0], "0");
    expect(f, 1, &m[0], "-");
    expect(f, 1, &m[2], "0"); /* two at once, of one sender */
    expect(f, 1, &m[1], "-");
    expect_shown(f, 1, 3, 0);
    expect_shown(f, 2, 0, 0);
    store_stop(f);
    store_start(f);
    expect(f, 1, &m[2], "-");
    expect_shown(f, 1, 3, 0);
}

static void test_past_messages_of_several(void **state) {
    struct fixture *f = *state;
    struct message_row of_0 = message_add(f, f->talk, f->users[0], "x");
    message_add(f, f->talk, f->users[1], "own");
    struct message_row of_2 = message_add(f, f->talk, f->users[2], "x");
    expect(f, 1, &of_2, "*");
    message_add(f, f->talk, f->users[1], "own");
    struct message_row next = message_add(f, f->talk, f->users[0], "x");
    expect(f, 1, &next, "0"); /* the user's own in between is nobody's news */
    expect(f, 2, &of_0, "0");
}

static void test_own_messages_alone(void **state) {
    struct fixture *f = *state;
    struct message_row first = message_add(f, f->talk, f->users[1], "own");
    struct message_row second = message_add(f, f->talk, f->users[1], "own");
    expect(f, 1, &first, "-");
    expect(f, 1, &second, "-");
    message_add(f, f->talk, f->users[0], "x");
    struct message_row last = message_add(f, f->talk, f->users[1], "from the other device");
    expect(f, 1, &last, "0"); /* the one before it has arrived, too */
    expect_shown(f, 1, 4, 0);
}

/* Whoever was away for long is told of to all; nobody looks through everything that he missed. */
static void test_a_long_way(void **state) {
    enum { MANY = 101 };
    struct fixture *f = *state;
    struct message_row m[MANY];
    for (unsigned i = 0; i < MANY; i++) m[i] = message_add(f, f->talk, f->users[0], "x");
    expect(f, 1, &m[MANY - 2], "0");
    expect(f, 2, &m[MANY - 1], "*");
}

static void test_reading_implies_it(void **state) {
    struct fixture *f = *state;
    struct message_row m[3];
    for (unsigned i = 0; i < 3; i++) m[i] = message_add(f, f->talk, f->users[0], "x");
    assert_int_equal(advance(f, f->talk, f->users[1], m[1].id, NULL, NULL), FAULT_NONE);
    expect_shown(f, 1, 2, 2);
    expect(f, 1, &m[0], "-");
    expect(f, 1, &m[1], "-");
    expect(f, 1, &m[2], "0");
    expect_shown(f, 1, 3, 2);
    struct store_conversation_page *page = store_op_new(STORE_CONVERSATION_PAGE, NULL, NULL, NULL);
    page->user = f->users[1];
    page->page = 1;
    page->limit = page->participant_limit = 10;
    assert_int_equal(store_call(f->store, &page->op), FAULT_NONE);
    assert_int_equal(participant_in(&page->rows[0], f->users[1])->last_delivered_seq, 3);
    store_op_free(&page->op);
}

static void test_not_kept(void **state) {
    struct fixture *f = *state;
    struct message_row m = message_add(f, f->talk, f->users[0], "x");
    struct store_delivered_advance *op = store_op_new(STORE_DELIVERED_ADVANCE, NULL, NULL, NULL);
    op->conversation = f->talk;
    op->user = f->users[1];
    op->message = m.id;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_true(!op->moved && uuid_is_nil(&op->only_sender) && op->seq == 1);
    store_op_free(&op->op);
    expect_shown(f, 1, 0, 0);
}

static void test_refused(void **state) {
    struct fixture *f = *state;
    struct message_row m = message_add(f, f->talk, f->users[0], "x");
    struct store_conversation_create *other =
        create_call(f, CONVERSATION_GROUP, f->users[0], &f->users[1], 1);
    struct message_row there = message_add(f, other->row.id, f->users[0], "there");
    store_op_free(&other->op);
    assert_int_equal(refused(f, f->talk, f->users[3], m.id), FAULT_CONVERSATION_NOT_FOUND);
    assert_int_equal(refused(f, f->talk, test_id(9, 9), m.id), FAULT_CONVERSATION_NOT_FOUND);
    assert_int_equal(refused(f, test_id(9, 9), f->users[1], m.id), FAULT_CONVERSATION_NOT_FOUND);
    assert_int_equal(refused(f, f->talk, f->users[1], there.id), FAULT_MESSAGE_NOT_FOUND);
    assert_int_equal(refused(f, f->talk, f->users[1], test_id(9, 9)), FAULT_MESSAGE_NOT_FOUND);
    assert_int_equal(leave(f, f->talk, f->users[1]), FAULT_NONE);
    assert_int_equal(refused(f, f->talk, f->users[1], m.id), FAULT_CONVERSATION_NOT_FOUND);
    expect_shown(f, 1, 0, 0);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        CONTRACT_CASE(forward_only),
        CONTRACT_CASE(past_messages_of_several),
        CONTRACT_CASE(own_messages_alone),
        CONTRACT_CASE(a_long_way),
        CONTRACT_CASE(reading_implies_it),
        CONTRACT_CASE(not_kept),
        CONTRACT_CASE(refused),
    };
    return CONTRACT_RUN(tests);
}
