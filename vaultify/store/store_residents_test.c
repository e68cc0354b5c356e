/* The contract of store_resident_page: who is in it, in which order, and what a search finds. */
#include "store/contract.h"

struct person {
    unsigned number;
    const char *first, *last;
};

static void put_people(struct fixture *f, const struct person *people, size_t count) {
    for (size_t i = 0; i < count; i++) {
        char email[16];
        snprintf(email, sizeof email, "p%u", people[i].number);
        struct store_import_record record =
            user_record(test_id(7, people[i].number), test_id(6, 1), ROLE_RESIDENCE, email);
        record.user.first_name = sio_span_cstr(people[i].first);
        record.user.last_name = sio_span_cstr(people[i].last);
        import_ok(f, &record, 1);
    }
}

/* An estate of its own. */
static void put_estate(struct fixture *f, const struct person *people, size_t count) {
    struct store_import_record record = estate_record(test_id(6, 1), "Elm");
    import_ok(f, &record, 1);
    put_people(f, people, count);
}
#define PUT_ESTATE(f, people) put_estate((f), (people), sizeof(people) / sizeof *(people))

/* The numbers of the people on the page, as "1 2 3", and the total. */
static void expect_page(struct fixture *f, const char *search, uint32_t page, uint32_t limit,
                        const char *numbers, uint64_t total) {
    struct store_resident_page *op = store_op_new(STORE_RESIDENT_PAGE, NULL, NULL, NULL);
    op->estate = test_id(6, 1);
    op->search = sio_span_cstr(search);
    op->page = page;
    op->limit = limit;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    char text[256] = "";
    for (size_t i = 0; i < op->count; i++) {
        size_t n = strlen(text);
        snprintf(text + n, sizeof text - n, n ? " %d" : "%d", op->rows[i].id.b[4]);
    }
    assert_string_equal(text, numbers);
    assert_int_equal(op->total, total);
    store_op_free(&op->op);
}

static void test_order_and_pages(void **state) {
    struct fixture *f = *state;
    static const struct person people[] = {
        {6, "émile", "Zola"}, {3, "ben", "abe"},    {2, "Ann Bea", "A"},
        {1, "ANN", "Zed"},    {5, "Émile", "zola"}, {4, "Ben", "Abel"},
    };
    PUT_ESTATE(f, people);
    expect_page(f, "", 1, 100, "1 2 3 4 5 6", 6); /* by id what is called alike */
    expect_page(f, "", 1, 2, "1 2", 6);
    expect_page(f, "", 3, 2, "5 6", 6);
    expect_page(f, "", 4, 2, "", 6);
    expect_page(f, "", 1000000, 100, "", 6);
}

static void test_search(void **state) {
    struct fixture *f = *state;
    static const struct person people[] = {
        {1, "Ada", "Lovelace"}, {2, "Grace", "Hopper"}, {3, "Ọlá", "Ṣadé"},
        {4, "100%", "_under"},  {5, "a\\b", "'q\""},
    };
    PUT_ESTATE(f, people);
    expect_page(f, "AD", 1, 100, "1 3", 2);
    expect_page(f, "lace", 1, 100, "1", 1);
    expect_page(f, "a l", 1, 100, "1", 1);
    expect_page(f, "ada LOVELACE", 1, 100, "1", 1);
    expect_page(f, "ṣADÉ", 1, 100, "3", 1);
    expect_page(f, "ọlÁ ṣ", 1, 100, "3", 1);
    expect_page(f, "%", 1, 100, "4", 1);
    expect_page(f, "_", 1, 100, "4", 1);
    expect_page(f, "\\", 1, 100, "5", 1);
    expect_page(f, "'", 1, 100, "5", 1);
    expect_page(f, "ada lovelace ", 1, 100, "", 0);
    expect_page(f, "lovelace ada", 1, 100, "", 0);
    expect_page(f, "e", 1, 1, "4", 3);
    expect_page(f, "e", 2, 1, "1", 3);
}

/* Renamed, suspended, moved away. */
static void test_follows_changes(void **state) {
    struct fixture *f = *state;
    static const struct person people[] = {{1, "Ada", "L"}, {2, "Ben", "M"}, {3, "Cid", "N"}};
    PUT_ESTATE(f, people);
    expect_page(f, "", 1, 100, "1 2 3", 3);
    static const struct person renamed[] = {{1, "ZOË", "L"}};
    put_people(f, renamed, 1);
    struct store_import_record gone[] = {user_record(test_id(7, 2), test_id(6, 1), ROLE_RESIDENCE, "p2"),
                                         user_record(test_id(7, 3), f->estate, ROLE_RESIDENCE, "p3")};
    gone[0].user.status = USER_SUSPENDED;
    import_ok(f, gone, 2);
    expect_page(f, "", 1, 100, "1", 1);
    expect_page(f, "zoë", 1, 100, "1", 1);
    expect_page(f, "ada", 1, 100, "", 0);
}

static void test_rows_and_estates(void **state) {
    struct fixture *f = *state;
    struct store_resident_page *op = store_op_new(STORE_RESIDENT_PAGE, NULL, NULL, NULL);
    op->estate = f->estate;
    op->page = 1;
    op->limit = 1;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_true(op->count == 1 && op->total == USERS - 1); /* one is pending */
    const struct user_row *row = &op->rows[0];
    assert_true(uuid_eq(&row->id, &f->users[0]) && uuid_eq(&row->estate, &f->estate));
    assert_true(sio_span_is(row->first_name, "u0") && sio_span_is(row->last_name, "Last"));
    assert_true(sio_span_is(row->picture_url, "http://p/1.png") && row->role == ROLE_RESIDENCE);
    store_op_free(&op->op);

    op = store_op_new(STORE_RESIDENT_PAGE, NULL, NULL, NULL);
    op->estate = test_id(9, 9);
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_true(op->count == 0 && op->total == 0);
    store_op_free(&op->op);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        CONTRACT_CASE(order_and_pages),
        CONTRACT_CASE(search),
        CONTRACT_CASE(follows_changes),
        CONTRACT_CASE(rows_and_estates),
    };
    return CONTRACT_RUN(tests);
}
