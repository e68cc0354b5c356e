/* Whom a conversation is read with: everybody, or the first to join and always the one who asks. */
#include "store/contract.h"

enum { MEMBERS = 7 };

/* Users 0 … 6 of an estate of their own, who joined in this order. */
static struct uuid member(unsigned n) { return test_id(7, n); }

static void put_crowd(struct fixture *f) {
    struct store_import_record estate = estate_record(test_id(6, 1), "Elm");
    import_ok(f, &estate, 1);
    struct participant_row participants[MEMBERS];
    for (unsigned n = 0; n < MEMBERS; n++) {
        char email[16];
        snprintf(email, sizeof email, "m%u", n);
        struct store_import_record user = user_record(member(n), test_id(6, 1), ROLE_RESIDENCE, email);
        import_ok(f, &user, 1);
        participants[n] =
            (struct participant_row){.user = member(n), .joined_at = 1000 + n, .is_muted = n == 5};
    }
    struct store_import_record crowd = {.kind = IMPORT_CONVERSATION,
                                        .line = 3,
                                        .conversation = {.id = test_id(8, 1),
                                                         .estate = test_id(6, 1),
                                                         .created_by = member(0),
                                                         .type = CONVERSATION_GROUP,
                                                         .created_at = 1000,
                                                         .participants = participants,
                                                         .participant_count = MEMBERS}};
    import_ok(f, &crowd, 1);
}

/* The members' numbers, as "0 1 5", and how many they are altogether. */
static void expect_members(const struct conversation_row *row, const char *numbers, size_t total) {
    char text[64] = "";
    for (size_t i = 0; i < row->participant_count; i++) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, n ? " %d" : "%d", row->participants[i].user.b[4]);
    }
    assert_string_equal(text, numbers);
    assert_int_equal(row->participant_total, total);
}

static void expect_loaded(struct fixture *f, struct uuid user, uint32_t limit, const char *numbers,
                          size_t total) {
    struct store_conversation_load *op = store_op_new(STORE_CONVERSATION_LOAD, NULL, NULL, NULL);
    op->conversation = test_id(8, 1);
    op->with_details = true;
    op->user = user;
    op->participant_limit = limit;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    expect_members(&op->row, numbers, total);
    store_op_free(&op->op);
}

static struct store_conversation_page *listed(struct fixture *f, struct uuid user, uint32_t limit) {
    struct store_conversation_page *op = store_op_new(STORE_CONVERSATION_PAGE, NULL, NULL, NULL);
    op->user = user;
    op->page = op->limit = 1;
    op->participant_limit = limit;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_int_equal(op->count, 1);
    return op;
}

static void expect_listed(struct fixture *f, struct uuid user, uint32_t limit, const char *numbers,
                          size_t total) {
    struct store_conversation_page *op = listed(f, user, limit);
    expect_members(&op->rows[0], numbers, total);
    store_op_free(&op->op);
}

static void test_who_asks_is_named(void **state) {
    struct fixture *f = *state;
    static const struct {
        unsigned user;
        uint32_t limit;
        const char *numbers;
    } cases[] = {
        {0, 3, "0 1 2"},
        {2, 3, "0 1 2"},
        {3, 3, "0 1 3"},
        {6, 3, "0 1 6"},
        {6, 1, "6"},
        {0, 1, "0"},
        {6, 6, "0 1 2 3 4 6"},
        {6, 7, "0 1 2 3 4 5 6"},
        {5, 100, "0 1 2 3 4 5 6"},
    };
    put_crowd(f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_loaded(f, member(cases[i].user), cases[i].limit, cases[i].numbers, MEMBERS);
        expect_listed(f, member(cases[i].user), cases[i].limit, cases[i].numbers, MEMBERS);
    }
    expect_loaded(f, member(6), 0, "0 1 2 3 4 5 6", MEMBERS);
}

/* The row is his own, not only his name. */
static void test_own_settings(void **state) {
    struct fixture *f = *state;
    put_crowd(f);
    struct store_conversation_page *op = listed(f, member(5), 2);
    const struct participant_row *own = participant_in(&op->rows[0], member(5));
    assert_non_null(own);
    assert_true(own->is_muted && own->joined_at == 1005 && sio_span_is(own->first_name, "m5"));
    store_op_free(&op->op);
}

static void test_who_is_not_in_it(void **state) {
    struct fixture *f = *state;
    put_crowd(f);
    expect_loaded(f, f->users[0], 2, "0 1", MEMBERS);
    expect_loaded(f, nil, 2, "0 1", MEMBERS);
    assert_int_equal(leave(f, test_id(8, 1), member(1)), FAULT_NONE);
    assert_int_equal(leave(f, test_id(8, 1), member(6)), FAULT_NONE);
    expect_loaded(f, member(6), 2, "0 2", MEMBERS - 2);
    expect_loaded(f, member(5), 2, "0 5", MEMBERS - 2);
    expect_listed(f, member(5), 100, "0 2 3 4 5", MEMBERS - 2);
    expect_loaded(f, member(5), 0, "0 1 2 3 4 5 6", MEMBERS - 2); /* all are those who left, too */
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        CONTRACT_CASE(who_asks_is_named),
        CONTRACT_CASE(own_settings),
        CONTRACT_CASE(who_is_not_in_it),
    };
    return CONTRACT_RUN(tests);
}
