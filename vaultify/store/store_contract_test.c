/* The contract of store.h, operation by operation. Written against store.h alone. */
#include "store/contract.h"

/* ---- users and estates ---- */

static void test_user_get(void **state) {
    struct fixture *f = *state;
    struct store_user_get *op = store_op_new(STORE_USER_GET, NULL, NULL, NULL);
    op->user = f->users[1];
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_true(uuid_eq(&op->row.id, &f->users[1]) && uuid_eq(&op->row.estate, &f->estate));
    assert_int_equal(op->row.role, ROLE_ADMIN);
    assert_int_equal(op->row.status, USER_ACTIVE);
    assert_true(sio_span_is(op->row.email, "u1") && sio_span_is(op->row.last_name, "Last"));
    assert_true(sio_span_is(op->row.picture_url, "http://p/1.png") && op->row.created_at > 0);
    assert_true(sio_span_is(op->estate_name, "Palm"));
    store_op_free(&op->op);

    op = store_op_new(STORE_USER_GET, NULL, NULL, NULL);
    op->user = test_id(9, 9);
    assert_int_equal(store_call(f->store, &op->op), FAULT_USER_UNKNOWN);
    store_op_free(&op->op);
}

static void test_estate_load(void **state) {
    struct fixture *f = *state;
    struct store_estate_load *op = store_op_new(STORE_ESTATE_LOAD, NULL, NULL, NULL);
    op->estate = f->estate;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_true(sio_span_is(op->row.name, "Palm") && uuid_eq(&op->row.id, &f->estate));
    assert_int_equal(op->user_count, USERS);
    for (size_t i = 0; i < op->user_count; i++) assert_true(uuid_eq(&op->users[i].estate, &f->estate));
    assert_true(uuid_is_nil(&op->group));
    store_op_free(&op->op);

    struct store_estate_group *group = group_call(f, f->estate);
    op = store_op_new(STORE_ESTATE_LOAD, NULL, NULL, NULL);
    op->estate = f->estate;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_true(uuid_eq(&op->group, &group->row.id));
    store_op_free(&op->op);
    store_op_free(&group->op);

    op = store_op_new(STORE_ESTATE_LOAD, NULL, NULL, NULL);
    op->estate = test_id(9, 9);
    assert_int_equal(store_call(f->store, &op->op), FAULT_FORBIDDEN);
    store_op_free(&op->op);
}

static void test_user_list(void **state) {
    struct fixture *f = *state;
    struct store_user_list *op = store_op_new(STORE_USER_LIST, NULL, NULL, NULL);
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_int_equal(op->user_count, USERS + FOREIGNERS);
    assert_true(sio_span_is(op->users[0].email, "f0") &&
                sio_span_is(op->users[2].email, "u0")); /* Oak before Palm */
    store_op_free(&op->op);
}

/* ---- messages ---- */

static void test_message_add(void **state) {
    struct fixture *f = *state;
    struct store_message_add *op = message_new(f->talk, f->users[0], "hello", "c-1");
    op->metadata = SIO_SPAN("{\"a\":1}");
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    struct message_row *row = &op->row;
    assert_false(op->duplicate);
    assert_int_equal(row->seq, 1);
    assert_int_equal(row->status, STATUS_SENT);
    assert_true(sio_span_is(row->content, "hello") && sio_span_is(row->metadata, "{\"a\":1}"));
    assert_true(sio_span_is(row->client_message_id, "c-1") && sio_span_is(row->sender_first_name, "u0"));
    assert_true(uuid_eq(&row->conversation, &f->talk) && uuid_eq(&row->sender, &f->users[0]));
    assert_true(row->created_at > 0 && row->updated_at == row->created_at && row->edited_at == 0);
    assert_int_equal(row->id.b[6] >> 4, 7);

    struct store_message_page *page = page_call(f, f->talk, STORE_BY_PAGE, 1, 10, 0, 0);
    assert_int_equal(page->count, 1);
    const struct message_row *kept = &page->rows[0];
    assert_true(uuid_eq(&kept->id, &row->id) && kept->seq == 1 && kept->created_at == row->created_at);
    assert_true(sio_span_is(kept->content, "hello") && sio_span_is(kept->metadata, "{\"a\":1}"));
    assert_true(sio_span_is(kept->sender_last_name, "Last") && uuid_eq(&kept->conversation, &f->talk));
    assert_int_equal(kept->type, MESSAGE_TEXT);
    store_op_free(&page->op);
    store_op_free(&op->op);
}

static void test_message_add_refused(void **state) {
    struct fixture *f = *state;
    struct store_message_add *op = message_new(test_id(9, 9), f->users[0], "x", NULL);
    assert_int_equal(store_call(f->store, &op->op), FAULT_CONVERSATION_NOT_FOUND);
    store_op_free(&op->op);

    op = message_new(f->talk, f->users[0], "x", NULL);
    op->reply_to = test_id(9, 9);
    assert_int_equal(store_call(f->store, &op->op), FAULT_MESSAGE_NOT_FOUND);
    store_op_free(&op->op);

    /* The target is a message of another conversation. */
    struct store_conversation_create *other =
        create_call(f, CONVERSATION_GROUP, f->users[0], &f->users[1], 1);
    struct message_row there = message_add(f, other->row.id, f->users[0], "there");
    op = message_new(f->talk, f->users[0], "x", NULL);
    op->reply_to = there.id;
    assert_int_equal(store_call(f->store, &op->op), FAULT_MESSAGE_NOT_FOUND);
    store_op_free(&op->op);
    store_op_free(&other->op);

    assert_int_equal(message_add(f, f->talk, f->users[0], "first").seq, 1); /* refusals use no seq up */
}

static void test_message_repeat(void **state) {
    struct fixture *f = *state;
    struct store_message_add *first = message_new(f->talk, f->users[0], "one", "same");
    struct store_message_add *again = message_new(f->talk, f->users[0], "two", "same");
    struct store_message_add *other_user = message_new(f->talk, f->users[1], "three", "same");
    assert_int_equal(store_call(f->store, &first->op), FAULT_NONE);
    assert_int_equal(store_call(f->store, &again->op), FAULT_NONE);
    assert_int_equal(store_call(f->store, &other_user->op), FAULT_NONE);
    assert_true(again->duplicate && !first->duplicate && !other_user->duplicate);
    assert_true(uuid_eq(&again->row.id, &first->row.id) && again->row.seq == 1);
    assert_int_equal(again->row.created_at, first->row.created_at);
    assert_true(sio_span_is(again->row.content, "one") && sio_span_is(again->row.sender_first_name, "u0"));
    assert_int_equal(other_user->row.seq, 2);

    store_stop(f); /* a repeat stays a repeat for ever */
    store_start(f);
    struct store_message_add *later = message_new(f->talk, f->users[0], "one", "same");
    assert_int_equal(store_call(f->store, &later->op), FAULT_NONE);
    assert_true(later->duplicate && uuid_eq(&later->row.id, &first->row.id));
    assert_int_equal(message_add(f, f->talk, f->users[0], "next").seq, 3);
    store_op_free(&first->op);
    store_op_free(&again->op);
    store_op_free(&other_user->op);
    store_op_free(&later->op);
}

/* ---- conversations ---- */

static void test_conversation_load(void **state) {
    struct fixture *f = *state;
    struct message_row m = message_add(f, f->talk, f->users[0], "a");
    message_add(f, f->talk, f->users[1], "b");
    message_add(f, f->talk, f->users[0], "c");
    struct store_conversation_load *op = load_call(f, f->talk, true, f->users[1]);
    assert_int_equal(op->op.fault, FAULT_NONE);
    assert_true(uuid_eq(&op->row.estate, &f->estate) && uuid_eq(&op->row.created_by, &f->users[0]));
    assert_true(sio_span_is(op->row.title, "Talk") && op->row.type == CONVERSATION_GROUP &&
                !op->row.estate_group);
    assert_int_equal(op->row.last_seq, 3);
    assert_true(op->row.last_activity_at >= m.created_at);
    assert_int_equal(op->row.participant_count, 3);
    assert_int_equal(op->row.participant_total, 3);
    assert_true(participant_in(&op->row, f->users[0])->is_admin &&
                !participant_in(&op->row, f->users[1])->is_admin);
    assert_non_null(op->row.last_message);
    assert_true(op->row.last_message->seq == 3 && sio_span_is(op->row.last_message->content, "c"));
    assert_int_equal(op->row.unread_count, 2); /* not the own one */
    store_op_free(&op->op);

    op = load_call(f, f->talk, false, nil);
    assert_true(op->row.last_message == NULL && op->row.unread_count == 0);
    store_op_free(&op->op);
    op = load_call(f, test_id(9, 9), false, nil);
    assert_int_equal(op->op.fault, FAULT_CONVERSATION_NOT_FOUND);
    store_op_free(&op->op);
}

static void test_estate_group(void **state) {
    struct fixture *f = *state;
    struct store_estate_group *op = group_call(f, f->estate);
    assert_int_equal(op->op.fault, FAULT_NONE);
    assert_true(op->created && op->row.estate_group && op->row.type == CONVERSATION_GROUP);
    assert_true(sio_span_is(op->row.title, "Palm Estate Group"));
    assert_int_equal(op->row.participant_count, USERS - 1); /* not the pending one */
    assert_null(participant_in(&op->row, f->users[PENDING]));
    assert_true(uuid_eq(&op->row.created_by, &f->users[1])); /* the admin */
    struct uuid group = op->row.id;
    store_op_free(&op->op);

    assert_int_equal(leave(f, group, f->users[3]), FAULT_NONE);
    struct store_import_record now_active = user_record(f->users[PENDING], f->estate, ROLE_RESIDENCE, "u4");
    import_ok(f, &now_active, 1);
    op = group_call(f, f->estate);
    assert_true(!op->created && uuid_eq(&op->row.id, &group));
    assert_int_not_equal(participant_in(&op->row, f->users[3])->left_at, 0); /* stays out */
    assert_int_equal(participant_in(&op->row, f->users[PENDING])->left_at, 0);
    assert_int_equal(op->row.participant_total, USERS - 1);
    store_op_free(&op->op);

    op = group_call(f, test_id(9, 9));
    assert_int_equal(op->op.fault, FAULT_FORBIDDEN);
    store_op_free(&op->op);
}

/* ---- read positions ---- */

static void test_read_advance(void **state) {
    struct fixture *f = *state;
    struct message_row a = message_add(f, f->talk, f->users[0], "a");
    struct message_row b = message_add(f, f->talk, f->users[0], "b");
    bool moved;
    uint64_t seq;
    assert_int_equal(advance(f, f->talk, f->users[1], b.id, &moved, &seq), FAULT_NONE);
    assert_true(moved && seq == 2);
    assert_int_equal(advance(f, f->talk, f->users[1], b.id, &moved, &seq), FAULT_NONE);
    assert_true(!moved && seq == 2);
    assert_int_equal(advance(f, f->talk, f->users[1], a.id, &moved, &seq), FAULT_NONE); /* never back */
    assert_true(!moved && seq == 1);

    struct store_conversation_load *op = load_call(f, f->talk, true, f->users[1]);
    const struct participant_row *p = participant_in(&op->row, f->users[1]);
    assert_true(p->last_read_seq == 2 && uuid_eq(&p->last_read_message, &b.id));
    assert_int_equal(op->row.unread_count, 0);
    store_op_free(&op->op);

    struct store_conversation_create *other =
        create_call(f, CONVERSATION_GROUP, f->users[0], &f->users[1], 1);
    struct message_row there = message_add(f, other->row.id, f->users[0], "there");
    assert_int_equal(advance(f, f->talk, f->users[1], there.id, NULL, NULL), FAULT_MESSAGE_NOT_FOUND);
    assert_int_equal(advance(f, f->talk, f->users[1], test_id(9, 9), NULL, NULL), FAULT_MESSAGE_NOT_FOUND);
    assert_int_equal(advance(f, test_id(9, 9), f->users[1], a.id, NULL, NULL), FAULT_CONVERSATION_NOT_FOUND);
    assert_int_equal(advance(f, f->talk, f->users[3], a.id, NULL, NULL), FAULT_CONVERSATION_NOT_FOUND);
    store_op_free(&other->op);
}

/* ---- participants ---- */

static void test_participants(void **state) {
    struct fixture *f = *state;
    bool added;
    assert_int_equal(join(f, f->talk, f->users[3], &added), FAULT_NONE);
    assert_true(added);
    assert_int_equal(join(f, f->talk, f->users[3], &added), FAULT_NONE);
    assert_false(added);
    assert_int_equal(join(f, f->talk, f->users[PENDING], NULL), FAULT_USER_NOT_FOUND);
    assert_int_equal(join(f, f->talk, f->foreigners[0], NULL), FAULT_USER_NOT_FOUND);
    assert_int_equal(join(f, f->talk, test_id(9, 9), NULL), FAULT_USER_NOT_FOUND);
    assert_int_equal(join(f, test_id(9, 9), f->users[3], NULL), FAULT_CONVERSATION_NOT_FOUND);

    assert_int_equal(leave(f, f->talk, f->users[3]), FAULT_NONE);
    assert_int_equal(leave(f, f->talk, f->users[3]), FAULT_CONVERSATION_NOT_FOUND);
    assert_int_equal(leave(f, f->talk, f->users[5]), FAULT_CONVERSATION_NOT_FOUND);
    struct store_conversation_load *op = load_call(f, f->talk, false, nil);
    assert_true(op->row.participant_count == 4 && op->row.participant_total == 3);
    assert_int_not_equal(participant_in(&op->row, f->users[3])->left_at, 0);
    store_op_free(&op->op);

    assert_int_equal(join(f, f->talk, f->users[3], &added), FAULT_NONE);
    assert_true(added);
    op = load_call(f, f->talk, false, nil);
    assert_true(op->row.participant_count == 4 && op->row.participant_total == 4);
    store_op_free(&op->op);
}

static struct store_conversation_page *list_call(struct fixture *f, struct uuid user, struct uuid estate,
                                                 uint32_t page, uint32_t limit, uint32_t participants) {
    struct store_conversation_page *op = store_op_new(STORE_CONVERSATION_PAGE, NULL, NULL, NULL);
    op->user = user;
    op->estate = estate;
    op->page = page;
    op->limit = limit;
    op->participant_limit = participants;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    return op;
}

static void test_conversation_create(void **state) {
    struct fixture *f = *state;
    struct uuid twice[] = {f->users[1], f->users[1], f->users[0]};
    struct store_conversation_create *op = create_call(f, CONVERSATION_GROUP, f->users[0], twice, 3);
    assert_int_equal(op->op.fault, FAULT_NONE);
    assert_true(op->created && op->row.participant_count == 2 && op->row.participant_total == 2);
    assert_true(op->row.created_at > 0 && op->row.last_activity_at == op->row.created_at);
    assert_true(sio_span_is(participant_in(&op->row, f->users[1])->first_name, "u1"));
    assert_true(participant_in(&op->row, f->users[1])->notifications_enabled);
    store_op_free(&op->op);

    const struct uuid wrong[] = {f->users[PENDING], f->foreigners[0], test_id(9, 9)};
    for (int i = 0; i < 3; i++) {
        op = create_call(f, CONVERSATION_GROUP, f->users[0], &wrong[i], 1);
        assert_int_equal(op->op.fault, FAULT_USER_NOT_FOUND);
        store_op_free(&op->op);
        op = create_call(f, CONVERSATION_GROUP, wrong[i], &f->users[0], 1);
        assert_int_equal(op->op.fault, FAULT_USER_NOT_FOUND);
        store_op_free(&op->op);
    }
    struct store_conversation_page *list = list_call(f, f->users[0], nil, 1, 10, 10);
    assert_int_equal(list->total, 2); /* the refused ones left nothing behind */
    store_op_free(&list->op);
}

static void test_direct_once(void **state) {
    struct fixture *f = *state;
    struct store_conversation_create *first =
        create_call(f, CONVERSATION_DIRECT, f->users[0], &f->users[1], 1);
    assert_true(first->op.fault == FAULT_NONE && first->created && first->row.participant_count == 2);
    assert_int_equal(leave(f, first->row.id, f->users[1]), FAULT_NONE);
    struct store_conversation_create *again =
        create_call(f, CONVERSATION_DIRECT, f->users[1], &f->users[0], 1);
    assert_true(!again->created && uuid_eq(&again->row.id, &first->row.id));
    assert_int_equal(participant_in(&again->row, f->users[1])->left_at, 0);
    assert_int_equal(again->row.participant_total, 2);
    struct store_conversation_create *other =
        create_call(f, CONVERSATION_DIRECT, f->users[0], &f->users[2], 1);
    assert_true(other->created && !uuid_eq(&other->row.id, &first->row.id));
    store_op_free(&first->op);
    store_op_free(&again->op);
    store_op_free(&other->op);

    for (size_t count = 0; count < 3; count += 2) { /* alone, and three together */
        struct store_conversation_create *op =
            create_call(f, CONVERSATION_DIRECT, f->users[0], &f->users[1], count);
        assert_int_equal(op->op.fault, FAULT_INVALID_PAYLOAD);
        store_op_free(&op->op);
    }
}

static void test_user_conversations(void **state) {
    struct fixture *f = *state;
    struct store_conversation_create *second = create_call(f, CONVERSATION_GROUP, f->users[0], NULL, 0);
    assert_int_equal(leave(f, f->talk, f->users[1]), FAULT_NONE);
    const struct {
        struct uuid user;
        size_t count;
    } cases[] = {{f->users[0], 2}, {f->users[1], 0}, {f->users[2], 1}, {test_id(9, 9), 0}};
    for (int i = 0; i < 4; i++) {
        struct store_user_conversations *op = store_op_new(STORE_USER_CONVERSATIONS, NULL, NULL, NULL);
        op->user = cases[i].user;
        assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
        assert_int_equal(op->count, cases[i].count);
        if (op->count) assert_true(uuid_eq(&op->conversations[0], &f->talk));
        store_op_free(&op->op);
    }
    store_op_free(&second->op);
}

static struct store_conversation_page *unread_call(struct fixture *f, int user, uint32_t page,
                                                   uint32_t limit) {
    struct store_conversation_page *op = store_op_new(STORE_CONVERSATION_PAGE, NULL, NULL, NULL);
    op->user = f->users[user];
    op->unread_only = true;
    op->page = page;
    op->limit = limit;
    op->participant_limit = 10;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    return op;
}

static void expect_unread(struct fixture *f, int user, uint64_t total, struct uuid latest) {
    struct store_conversation_page *op = unread_call(f, user, 1, 10);
    assert_true(op->total == total && op->count == total);
    assert_true(uuid_eq(&op->rows[0].id, &latest));
    store_op_free(&op->op);
}

/* What was read to its end is not among them, nor where one is no more; what one wrote last oneself is. */
static void test_unread_conversations(void **state) {
    enum { COUNT = 4 };
    struct fixture *f = *state;
    struct uuid ids[COUNT];
    for (int i = 0; i < COUNT; i++) {
        struct store_conversation_create *op =
            create_call(f, CONVERSATION_GROUP, f->users[0], &f->users[1], 1);
        ids[i] = op->row.id;
        store_op_free(&op->op);
    }
    message_add(f, ids[0], f->users[1], "a");
    usleep(5000); /* activity is told apart by the millisecond */
    message_add(f, ids[1], f->users[0], "mine");
    usleep(5000);
    struct message_row b = message_add(f, ids[2], f->users[1], "b");
    usleep(5000);
    message_add(f, ids[3], f->users[1], "c");
    message_add(f, ids[3], f->users[0], "mine");

    struct store_conversation_page *op = unread_call(f, 0, 1, 2);
    assert_true(op->total == 4 && op->count == 2 && op->rows[0].unread_count == 1);
    assert_true(uuid_eq(&op->rows[0].id, &ids[3]) && uuid_eq(&op->rows[1].id, &ids[2]));
    store_op_free(&op->op);
    op = unread_call(f, 0, 2, 2);
    assert_true(op->total == 4 && op->count == 2 && uuid_eq(&op->rows[1].id, &ids[0]));
    store_op_free(&op->op);
    expect_unread(f, 1, 4, ids[3]);

    assert_int_equal(advance(f, ids[2], f->users[0], b.id, NULL, NULL), FAULT_NONE);
    expect_unread(f, 0, 3, ids[3]);
    assert_int_equal(leave(f, ids[3], f->users[0]), FAULT_NONE);
    expect_unread(f, 0, 2, ids[1]);
}

static void test_conversation_page(void **state) {
    enum { COUNT = 5 };
    struct fixture *f = *state;
    struct uuid ids[COUNT];
    ids[0] = f->talk;
    for (int i = 1; i < COUNT; i++) {
        struct store_conversation_create *op =
            create_call(f, CONVERSATION_GROUP, f->users[0], &f->users[1], 2);
        ids[i] = op->row.id;
        store_op_free(&op->op);
    }
    usleep(5000); /* activity is told apart by the millisecond */
    message_add(f, ids[2], f->users[1], "a");
    usleep(5000);
    message_add(f, ids[1], f->users[1], "b");
    message_add(f, ids[1], f->users[1], "c");

    struct store_conversation_page *op = list_call(f, f->users[0], nil, 1, 2, 2);
    assert_true(op->total == COUNT && op->count == 2);
    assert_true(uuid_eq(&op->rows[0].id, &ids[1]) && uuid_eq(&op->rows[1].id, &ids[2]));
    assert_true(op->rows[0].unread_count == 2 && op->rows[1].unread_count == 1);
    assert_true(sio_span_is(op->rows[0].last_message->content, "c"));
    assert_true(sio_span_is(op->rows[0].last_message->sender_first_name, "u1"));
    assert_true(op->rows[0].participant_count == 2 && op->rows[0].participant_total == 3);
    store_op_free(&op->op);

    op = list_call(f, f->users[0], f->estate, 3, 2, 10);
    assert_true(op->total == COUNT && op->count == 1 && op->rows[0].participant_count == 3);
    assert_null(op->rows[0].last_message);
    store_op_free(&op->op);
    op = list_call(f, f->users[0], f->foreign_estate, 1, 2, 10);
    assert_true(op->total == 0 && op->count == 0);
    store_op_free(&op->op);
    op = list_call(f, f->users[0], nil, UINT32_MAX, 100, 10);
    assert_true(op->total == COUNT && op->count == 0);
    store_op_free(&op->op);

    assert_int_equal(leave(f, ids[1], f->users[0]), FAULT_NONE);
    op = list_call(f, f->users[0], nil, 1, 10, 10);
    assert_true(op->total == COUNT - 1 && uuid_eq(&op->rows[0].id, &ids[2]));
    store_op_free(&op->op);
    op = list_call(f, f->users[1], nil, 1, 10, 10);
    assert_int_equal(op->rows[0].participant_count, 2); /* who left is not shown */
    store_op_free(&op->op);
}

/* ---- history ---- */

static void test_message_page(void **state) {
    enum { COUNT = 7 };
    struct fixture *f = *state;
    for (int i = 0; i < COUNT; i++) message_add(f, f->talk, f->users[0], "m");
    static const struct {
        enum store_page_by by;
        uint32_t page, limit;
        uint64_t after, before, first, count; /* first seq and how many are expected */
    } cases[] = {
        {STORE_BY_PAGE, 1, 3, 0, 0, 5, 3},
        {STORE_BY_PAGE, 2, 3, 0, 0, 2, 3},
        {STORE_BY_PAGE, 3, 3, 0, 0, 1, 1},
        {STORE_BY_PAGE, 4, 3, 0, 0, 0, 0},
        {STORE_BY_PAGE, UINT32_MAX, UINT32_MAX, 0, 0, 0, 0},
        {STORE_BY_PAGE, 1, 100, 0, 0, 1, 7},
        {STORE_BY_AFTER_SEQ, 0, 3, 0, 0, 1, 3},
        {STORE_BY_AFTER_SEQ, 0, 3, 5, 0, 6, 2},
        {STORE_BY_AFTER_SEQ, 0, 3, 7, 0, 0, 0},
        {STORE_BY_AFTER_SEQ, 0, 3, UINT64_MAX, 0, 0, 0},
        {STORE_BY_AFTER_SEQ, 0, 10, 2, 5, 3, 2},
        {STORE_BY_AFTER_SEQ, 0, 10, 5, 5, 0, 0},
        {STORE_BY_BEFORE_SEQ, 0, 3, 0, 6, 3, 3},
        {STORE_BY_BEFORE_SEQ, 0, 3, 0, 3, 1, 2},
        {STORE_BY_BEFORE_SEQ, 0, 3, 0, 1, 0, 0},
        {STORE_BY_BEFORE_SEQ, 0, 3, 0, UINT64_MAX, 5, 3},
        {STORE_BY_BEFORE_SEQ, 0, 2, 1, 7, 2, 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct store_message_page *op = page_call(f, f->talk, cases[i].by, cases[i].page, cases[i].limit,
                                                  cases[i].after, cases[i].before);
        assert_int_equal(op->op.fault, FAULT_NONE);
        assert_int_equal(op->total, COUNT);
        assert_int_equal(op->count, cases[i].count);
        for (size_t j = 0; j < op->count; j++) assert_int_equal(op->rows[j].seq, cases[i].first + j);
        store_op_free(&op->op);
    }
}

static void page_of_bytes(struct fixture *f, enum store_page_by by, uint64_t after, uint64_t before,
                          uint64_t bytes_max, uint64_t first, size_t count, bool truncated) {
    struct store_message_page *op = store_op_new(STORE_MESSAGE_PAGE, NULL, NULL, NULL);
    assert_int_equal(op->bytes_max, STORE_PAGE_BYTES);
    op->conversation = f->talk;
    op->by = by;
    op->page = 1;
    op->limit = 100;
    op->after_seq = after;
    op->before_seq = before;
    op->bytes_max = bytes_max;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_int_equal(op->count, count);
    assert_int_equal(op->truncated, truncated);
    for (size_t i = 0; i < op->count; i++) assert_int_equal(op->rows[i].seq, first + i);
    store_op_free(&op->op);
}

/* Five messages that take some 6000 bytes each as JSON. */
static void test_message_page_bytes(void **state) {
    enum { COUNT = 5, TEXT = 1000, THREE = 21000 };
    struct fixture *f = *state;
    char text[TEXT + 1];
    memset(text, 1, TEXT);
    text[TEXT] = 0;
    for (int i = 0; i < COUNT; i++) message_add(f, f->talk, f->users[0], text);
    page_of_bytes(f, STORE_BY_AFTER_SEQ, 0, 0, THREE, 1, 3, true);
    page_of_bytes(f, STORE_BY_AFTER_SEQ, 2, 0, THREE, 3, 3, false);
    page_of_bytes(f, STORE_BY_BEFORE_SEQ, 0, 6, THREE, 3, 3, true);
    page_of_bytes(f, STORE_BY_BEFORE_SEQ, 1, 6, THREE, 2, 3, true); /* with both, from `after` on */
    page_of_bytes(f, STORE_BY_PAGE, 0, 0, THREE, 3, 3, true);
    page_of_bytes(f, STORE_BY_AFTER_SEQ, 0, 0, 1, 1, 1, true); /* never none */
    page_of_bytes(f, STORE_BY_PAGE, 0, 0, 0, 5, 1, true);
    page_of_bytes(f, STORE_BY_PAGE, 0, 0, 1 << 20, 1, COUNT, false);

    /* A reply brings the message replied to with it. */
    struct message_row first = message_add(f, f->talk, f->users[0], text);
    struct store_message_add *reply = message_new(f->talk, f->users[0], text, NULL);
    reply->reply_to = first.id;
    assert_int_equal(store_call(f->store, &reply->op), FAULT_NONE);
    store_op_free(&reply->op);
    page_of_bytes(f, STORE_BY_AFTER_SEQ, 5, 0, THREE, 6, 2, false);
    page_of_bytes(f, STORE_BY_AFTER_SEQ, 4, 0, THREE, 5, 2, true);
}

/* ---- replies and reactions ---- */

static enum fault react(struct fixture *f, struct uuid message, struct uuid user, const char *emoji,
                        struct uuid *out_id) {
    struct store_reaction_add *op = store_op_new(STORE_REACTION_ADD, NULL, NULL, NULL);
    op->message = message;
    op->user = user;
    op->emoji = sio_span_cstr(emoji);
    enum fault fault = store_call(f->store, &op->op);
    if (out_id) *out_id = op->row.id;
    if (fault == FAULT_NONE)
        assert_true(uuid_eq(&op->row.message, &message) && uuid_eq(&op->row.user, &user) &&
                    sio_span_is(op->row.emoji, emoji) && op->row.created_at > 0 &&
                    sio_span_is(op->row.last_name, "Last"));
    store_op_free(&op->op);
    return fault;
}

static enum fault unreact(struct fixture *f, struct uuid message, struct uuid user, const char *emoji) {
    struct store_reaction_remove *op = store_op_new(STORE_REACTION_REMOVE, NULL, NULL, NULL);
    op->message = message;
    op->user = user;
    op->emoji = sio_span_cstr(emoji);
    enum fault fault = store_call(f->store, &op->op);
    store_op_free(&op->op);
    return fault;
}

static void test_reactions_and_replies(void **state) {
    struct fixture *f = *state;
    struct message_row first = message_add(f, f->talk, f->users[0], "first");
    struct store_message_add *reply = message_new(f->talk, f->users[1], "reply", NULL);
    reply->reply_to = first.id;
    assert_int_equal(store_call(f->store, &reply->op), FAULT_NONE);
    assert_true(uuid_eq(&reply->row.reply_to, &first.id));
    store_op_free(&reply->op);

    struct uuid a, b;
    assert_int_equal(react(f, first.id, f->users[1], "\xf0\x9f\x91\x8d", &a), FAULT_NONE);
    assert_int_equal(react(f, first.id, f->users[1], "\xf0\x9f\x91\x8d", &b), FAULT_NONE);
    assert_true(uuid_eq(&a, &b));
    assert_int_equal(react(f, first.id, f->users[2], "!", NULL), FAULT_NONE);
    assert_int_equal(react(f, first.id, f->users[3], "!", NULL), FAULT_MESSAGE_NOT_FOUND); /* not in it */
    assert_int_equal(react(f, test_id(9, 9), f->users[1], "!", NULL), FAULT_MESSAGE_NOT_FOUND);

    struct store_message_page *page = page_call(f, f->talk, STORE_BY_PAGE, 1, 10, 0, 0);
    assert_int_equal(page->rows[0].reaction_count, 2);
    assert_true(uuid_eq(&page->rows[0].reactions[0].id, &a) &&
                sio_span_is(page->rows[0].reactions[1].emoji, "!"));
    assert_non_null(page->rows[1].reply);
    assert_true(sio_span_is(page->rows[1].reply->content, "first") && page->rows[1].reply->seq == 1);
    assert_null(page->rows[0].reply);
    store_op_free(&page->op);

    assert_int_equal(unreact(f, first.id, f->users[2], "!"), FAULT_NONE);
    assert_int_equal(unreact(f, first.id, f->users[2], "!"), FAULT_REACTION_NOT_FOUND);
    assert_int_equal(unreact(f, first.id, f->users[3], "!"), FAULT_MESSAGE_NOT_FOUND);
    page = page_call(f, f->talk, STORE_BY_PAGE, 1, 10, 0, 0);
    assert_int_equal(page->rows[0].reaction_count, 1);
    store_op_free(&page->op);
}

static void test_reactions_are_limited(void **state) {
    struct fixture *f = *state;
    struct message_row message = message_add(f, f->talk, f->users[0], "look");
    char emoji[16];
    for (int i = 0; i < STORE_OWN_REACTIONS; i++) {
        snprintf(emoji, sizeof emoji, "e%d", i);
        assert_int_equal(react(f, message.id, f->users[0], emoji, NULL), FAULT_NONE);
    }
    assert_int_equal(react(f, message.id, f->users[0], "more", NULL), FAULT_TOO_MANY_REACTIONS);
    assert_int_equal(react(f, message.id, f->users[0], "e3", NULL), FAULT_NONE); /* is there already */
    assert_int_equal(react(f, message.id, f->users[1], "more", NULL), FAULT_NONE);
    assert_int_equal(unreact(f, message.id, f->users[0], "e3"), FAULT_NONE);
    assert_int_equal(react(f, message.id, f->users[0], "more", NULL), FAULT_NONE);
}

static void test_shown_reactions(void **state) {
    enum { PEOPLE = STORE_SHOWN_REACTIONS / STORE_OWN_REACTIONS + 1 };
    struct fixture *f = *state;
    struct store_import_record records[PEOPLE];
    char names[PEOPLE][16], emoji[16];
    struct uuid ids[PEOPLE];
    for (unsigned i = 0; i < PEOPLE; i++) {
        snprintf(names[i], sizeof names[i], "many%u", i);
        ids[i] = test_id(7, i);
        records[i] = user_record(ids[i], f->estate, ROLE_RESIDENCE, names[i]);
    }
    import_ok(f, records, PEOPLE);
    struct store_conversation_create *create = create_call(f, CONVERSATION_GROUP, f->users[0], ids, PEOPLE);
    struct message_row message = message_add(f, create->row.id, f->users[0], "look");
    for (unsigned i = 0; i < PEOPLE; i++)
        for (int j = STORE_OWN_REACTIONS; j > 0; j--) {
            snprintf(emoji, sizeof emoji, "e%d", j);
            assert_int_equal(react(f, message.id, ids[i], emoji, NULL), FAULT_NONE);
        }
    struct store_message_page *page = page_call(f, create->row.id, STORE_BY_PAGE, 1, 10, 0, 0);
    assert_int_equal(page->rows[0].reaction_count, STORE_SHOWN_REACTIONS);
    assert_true(sio_span_is(page->rows[0].reactions[0].emoji, "e10")); /* in the order in which they came */
    assert_true(uuid_eq(&page->rows[0].reactions[0].user, &ids[0]));
    store_op_free(&page->op);
    store_op_free(&create->op);
}

/* ---- time ---- */

static _Atomic int64_t test_clock_ms;
static int64_t test_clock(void) { return test_clock_ms; }

static void test_clock_goes_back(void **state) {
    struct fixture *f = *state;
    store_stop(f);
    f->config.wall_ms = test_clock;
    test_clock_ms = 4000000000000;
    store_start(f);
    struct message_row a = message_add(f, f->talk, f->users[0], "a");
    test_clock_ms -= 60000;
    struct message_row b = message_add(f, f->talk, f->users[0], "b");
    assert_int_equal(a.created_at, 4000000000000);
    assert_int_equal(b.created_at, a.created_at);
    assert_true(uuid_compare(&a.id, &b.id) < 0);
    store_stop(f); /* and not across a restart either */
    store_start(f);
    struct message_row c = message_add(f, f->talk, f->users[0], "c");
    assert_true(uuid_compare(&b.id, &c.id) < 0 && c.created_at == a.created_at && c.seq == 3);
}

/* ---- reopening ---- */

static void test_reopen(void **state) {
    struct fixture *f = *state;
    struct message_row m = message_add(f, f->talk, f->users[0], "kept");
    assert_int_equal(advance(f, f->talk, f->users[1], m.id, NULL, NULL), FAULT_NONE);
    assert_int_equal(react(f, m.id, f->users[1], "+", NULL), FAULT_NONE);
    for (int i = 0; i < 3; i++) {
        store_stop(f);
        store_start(f);
    }
    struct store_conversation_load *op = load_call(f, f->talk, true, f->users[1]);
    assert_true(op->row.last_seq == 1 && op->row.unread_count == 0);
    assert_true(uuid_eq(&participant_in(&op->row, f->users[1])->last_read_message, &m.id));
    assert_true(uuid_eq(&op->row.last_message->id, &m.id));
    store_op_free(&op->op);
    struct store_message_page *page = page_call(f, f->talk, STORE_BY_AFTER_SEQ, 1, 10, 0, 0);
    assert_true(page->count == 1 && page->rows[0].reaction_count == 1);
    store_op_free(&page->op);
    assert_int_equal(user_count(f), USERS + FOREIGNERS);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        CONTRACT_CASE(user_get),
        CONTRACT_CASE(estate_load),
        CONTRACT_CASE(user_list),
        CONTRACT_CASE(message_add),
        CONTRACT_CASE(message_add_refused),
        CONTRACT_CASE(message_repeat),
        CONTRACT_CASE(conversation_load),
        CONTRACT_CASE(estate_group),
        CONTRACT_CASE(read_advance),
        CONTRACT_CASE(participants),
        CONTRACT_CASE(conversation_create),
        CONTRACT_CASE(direct_once),
        CONTRACT_CASE(user_conversations),
        CONTRACT_CASE(conversation_page),
        CONTRACT_CASE(unread_conversations),
        CONTRACT_CASE(message_page),
        CONTRACT_CASE(message_page_bytes),
        CONTRACT_CASE(reactions_are_limited),
        CONTRACT_CASE(shown_reactions),
        CONTRACT_CASE(reactions_and_replies),
        CONTRACT_CASE(clock_goes_back),
        CONTRACT_CASE(reopen),
    };
    return CONTRACT_RUN(tests);
}
