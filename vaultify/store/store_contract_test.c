/* The contract of store.h, as tests that every back-end passes. Written against store.h alone; a back-end is
 * one row of `backends` at the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/store.h"

/* One back-end under test: opens it on what this directory stands for; opening the same directory again finds
 * what was kept. */
struct backend {
    const char *name;
    enum err (*open)(const struct store_config *config, struct store **out);
};
static const struct backend *backend; /* the one being tested; cmocka's tests take no other argument */

/* ---- a store in a fresh directory, with an estate or two in it ---- */

enum { USERS = 6, FOREIGNERS = 2, PENDING = 4 /* the user who is not active */ };

struct fixture {
    char directory[64];
    struct log log;
    struct store_config config;
    struct store *store;
    struct uuid estate, foreign_estate;
    struct uuid users[USERS];
    struct uuid foreigners[FOREIGNERS];
    struct uuid talk; /* a group conversation of users 0, 1 and 2 */
};

/* A different id for each number, the same in every run. */
static struct uuid test_id(unsigned kind, unsigned number) {
    struct uuid id = {{0x11, 0x22, (uint8_t)kind, (uint8_t)(number >> 8), (uint8_t)number}};
    id.b[6] = 0x40;
    id.b[8] = 0x80;
    return id;
}

static int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw) {
    return remove(path);
}

static void store_start(struct fixture *f) { assert_int_equal(backend->open(&f->config, &f->store), ERR_OK); }

static void store_stop(struct fixture *f) {
    store_close(f->store);
    f->store = NULL;
}

static struct store_import_record estate_record(struct uuid id, const char *name) {
    return (struct store_import_record){.kind = IMPORT_ESTATE,
                                        .line = 1,
                                        .estate = {.id = id, .name = span_cstr(name), .email = SPAN("e@x")}};
}

static struct store_import_record user_record(struct uuid id, struct uuid estate, enum role role,
                                              const char *email) {
    return (struct store_import_record){.kind = IMPORT_USER,
                                        .line = 2,
                                        .user = {.id = id,
                                                 .estate = estate,
                                                 .role = role,
                                                 .status = USER_ACTIVE,
                                                 .email = span_cstr(email),
                                                 .first_name = span_cstr(email),
                                                 .last_name = SPAN("Last"),
                                                 .picture_url = SPAN("http://p/1.png")}};
}

static struct store_import *import_call(struct fixture *f, const struct store_import_record *records,
                                        size_t count) {
    struct store_import *op = store_op_new(STORE_IMPORT, NULL, NULL, NULL);
    op->records = records;
    op->record_count = count;
    store_call(f->store, &op->op);
    return op;
}

static void import_ok(struct fixture *f, const struct store_import_record *records, size_t count) {
    struct store_import *op = import_call(f, records, count);
    assert_int_equal(op->op.fault, FAULT_NONE);
    store_op_free(&op->op);
}

/* The residents are named u0 … u5: an Admin, security, and residents. */
static void people_import(struct fixture *f) {
    static const char *const emails[USERS] = {"u0", "u1", "u2", "u3", "u4", "u5"};
    static const char *const foreign[FOREIGNERS] = {"f0", "f1"};
    struct store_import_record records[2 + USERS + FOREIGNERS];
    size_t n = 0;
    records[n++] = estate_record(f->estate, "Palm");
    records[n++] = estate_record(f->foreign_estate, "Oak");
    for (unsigned i = 0; i < USERS; i++) {
        enum role role = i == 1 ? ROLE_ADMIN : i == 2 ? ROLE_SECURITY : ROLE_RESIDENCE;
        records[n] = user_record(f->users[i], f->estate, role, emails[i]);
        if (i == PENDING) records[n].user.status = USER_PENDING;
        n++;
    }
    for (unsigned i = 0; i < FOREIGNERS; i++)
        records[n++] = user_record(f->foreigners[i], f->foreign_estate, ROLE_RESIDENCE, foreign[i]);
    import_ok(f, records, n);
}

static struct store_conversation_create *create_call(struct fixture *f, enum conversation_type type,
                                                     struct uuid creator, const struct uuid *users,
                                                     size_t count) {
    struct store_conversation_create *op = store_op_new(STORE_CONVERSATION_CREATE, NULL, NULL, NULL);
    op->estate = f->estate;
    op->creator = creator;
    op->type = type;
    op->title = SPAN("Talk");
    op->users = users;
    op->user_count = count;
    store_call(f->store, &op->op);
    return op;
}

static int setup(void **state) {
    struct fixture *f = mem_new(struct fixture);
    memcpy(f->directory, "/tmp/store-test-XXXXXX", sizeof "/tmp/store-test-XXXXXX");
    if (!mkdtemp(f->directory)) return -1;
    log_init(&f->log, STDERR_FILENO, getenv("STORE_TEST_LOG") ? LOG_DEBUG : (enum log_level) - 1);
    store_config_init(&f->config);
    f->config.directory = f->directory;
    f->config.log = getenv("STORE_TEST_LOG") ? &f->log : NULL;
    f->config.cache_bytes = 8 << 20;
    f->estate = test_id(1, 0);
    f->foreign_estate = test_id(1, 1);
    for (unsigned i = 0; i < USERS; i++) f->users[i] = test_id(2, i);
    for (unsigned i = 0; i < FOREIGNERS; i++) f->foreigners[i] = test_id(3, i);
    store_start(f);
    people_import(f);
    struct store_conversation_create *op = create_call(f, CONVERSATION_GROUP, f->users[0], &f->users[1], 2);
    f->talk = op->row.id;
    store_op_free(&op->op);
    *state = f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    if (f->store) store_close(f->store);
    nftw(f->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

/* ---- operations in one line ---- */

static struct store_message_add *message_new(struct uuid conversation, struct uuid sender,
                                             const char *content, const char *client_id) {
    struct store_message_add *op = store_op_new(STORE_MESSAGE_ADD, NULL, NULL, NULL);
    op->conversation = conversation;
    op->sender = sender;
    op->type = MESSAGE_TEXT;
    op->content = span_cstr(content);
    op->client_message_id = span_cstr(client_id);
    return op;
}

/* Adds one that must succeed. */
static struct message_row message_add(struct fixture *f, struct uuid conversation, struct uuid sender,
                                      const char *content) {
    struct store_message_add *op = message_new(conversation, sender, content, NULL);
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    struct message_row row = op->row; /* its spans are not used by those who want more than ids */
    store_op_free(&op->op);
    return row;
}

static struct store_conversation_load *load_call(struct fixture *f, struct uuid conversation, bool details,
                                                 struct uuid user) {
    struct store_conversation_load *op = store_op_new(STORE_CONVERSATION_LOAD, NULL, NULL, NULL);
    op->conversation = conversation;
    op->with_details = details;
    op->user = user;
    store_call(f->store, &op->op);
    return op;
}

static struct store_message_page *page_call(struct fixture *f, struct uuid conversation,
                                            enum store_page_by by, uint32_t page, uint32_t limit,
                                            uint64_t after, uint64_t before) {
    struct store_message_page *op = store_op_new(STORE_MESSAGE_PAGE, NULL, NULL, NULL);
    op->conversation = conversation;
    op->by = by;
    op->page = page;
    op->limit = limit;
    op->after_seq = after;
    op->before_seq = before;
    store_call(f->store, &op->op);
    return op;
}

static enum fault advance(struct fixture *f, struct uuid conversation, struct uuid user, struct uuid message,
                          bool *moved, uint64_t *seq) {
    struct store_read_advance *op = store_op_new(STORE_READ_ADVANCE, NULL, NULL, NULL);
    op->conversation = conversation;
    op->user = user;
    op->message = message;
    enum fault fault = store_call(f->store, &op->op);
    if (moved) *moved = op->moved;
    if (seq) *seq = op->seq;
    store_op_free(&op->op);
    return fault;
}

static enum fault leave(struct fixture *f, struct uuid conversation, struct uuid user) {
    struct store_participant_leave *op = store_op_new(STORE_PARTICIPANT_LEAVE, NULL, NULL, NULL);
    op->conversation = conversation;
    op->user = user;
    enum fault fault = store_call(f->store, &op->op);
    store_op_free(&op->op);
    return fault;
}

static enum fault join(struct fixture *f, struct uuid conversation, struct uuid user, bool *added) {
    struct store_participant_add *op = store_op_new(STORE_PARTICIPANT_ADD, NULL, NULL, NULL);
    op->conversation = conversation;
    op->user = user;
    enum fault fault = store_call(f->store, &op->op);
    if (added) *added = op->added;
    if (fault == FAULT_NONE) assert_true(uuid_eq(&op->row.user, &user) && op->row.left_at == 0);
    store_op_free(&op->op);
    return fault;
}

static struct store_estate_group *group_call(struct fixture *f, struct uuid estate) {
    struct store_estate_group *op = store_op_new(STORE_ESTATE_GROUP, NULL, NULL, NULL);
    op->estate = estate;
    store_call(f->store, &op->op);
    return op;
}

static const struct participant_row *participant_in(const struct conversation_row *row, struct uuid user) {
    for (size_t i = 0; i < row->participant_count; i++)
        if (uuid_eq(&row->participants[i].user, &user)) return &row->participants[i];
    return NULL;
}

static const struct uuid nil;

/* ---- users and estates ---- */

static void test_user_get(void **state) {
    struct fixture *f = *state;
    struct store_user_get *op = store_op_new(STORE_USER_GET, NULL, NULL, NULL);
    op->user = f->users[1];
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_true(uuid_eq(&op->row.id, &f->users[1]) && uuid_eq(&op->row.estate, &f->estate));
    assert_int_equal(op->row.role, ROLE_ADMIN);
    assert_int_equal(op->row.status, USER_ACTIVE);
    assert_true(span_is(op->row.email, "u1") && span_is(op->row.last_name, "Last"));
    assert_true(span_is(op->row.picture_url, "http://p/1.png") && op->row.created_at > 0);
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
    assert_true(span_is(op->row.name, "Palm") && uuid_eq(&op->row.id, &f->estate));
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
    assert_true(span_is(op->users[0].email, "f0") && span_is(op->users[2].email, "u0")); /* Oak before Palm */
    store_op_free(&op->op);
}

/* ---- messages ---- */

static void test_message_add(void **state) {
    struct fixture *f = *state;
    struct store_message_add *op = message_new(f->talk, f->users[0], "hello", "c-1");
    op->metadata = SPAN("{\"a\":1}");
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    struct message_row *row = &op->row;
    assert_false(op->duplicate);
    assert_int_equal(row->seq, 1);
    assert_int_equal(row->status, STATUS_SENT);
    assert_true(span_is(row->content, "hello") && span_is(row->metadata, "{\"a\":1}"));
    assert_true(span_is(row->client_message_id, "c-1") && span_is(row->sender_first_name, "u0"));
    assert_true(uuid_eq(&row->conversation, &f->talk) && uuid_eq(&row->sender, &f->users[0]));
    assert_true(row->created_at > 0 && row->updated_at == row->created_at && row->edited_at == 0);
    assert_int_equal(row->id.b[6] >> 4, 7);

    struct store_message_page *page = page_call(f, f->talk, STORE_BY_PAGE, 1, 10, 0, 0);
    assert_int_equal(page->count, 1);
    const struct message_row *kept = &page->rows[0];
    assert_true(uuid_eq(&kept->id, &row->id) && kept->seq == 1 && kept->created_at == row->created_at);
    assert_true(span_is(kept->content, "hello") && span_is(kept->metadata, "{\"a\":1}"));
    assert_true(span_is(kept->sender_last_name, "Last") && uuid_eq(&kept->conversation, &f->talk));
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
    assert_true(span_is(again->row.content, "one") && span_is(again->row.sender_first_name, "u0"));
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
    assert_true(span_is(op->row.title, "Talk") && op->row.type == CONVERSATION_GROUP &&
                !op->row.estate_group);
    assert_int_equal(op->row.last_seq, 3);
    assert_true(op->row.last_activity_at >= m.created_at);
    assert_int_equal(op->row.participant_count, 3);
    assert_int_equal(op->row.participant_total, 3);
    assert_true(participant_in(&op->row, f->users[0])->is_admin &&
                !participant_in(&op->row, f->users[1])->is_admin);
    assert_non_null(op->row.last_message);
    assert_true(op->row.last_message->seq == 3 && span_is(op->row.last_message->content, "c"));
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
    assert_true(span_is(op->row.title, "Palm Estate Group"));
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


/* ---- all back-ends ---- */

static const struct backend backends[] = {
    {"sqlite", store_sqlite_open},
};

#define CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void) {
    static const struct CMUnitTest tests[] = {
        CASE(user_get),          CASE(estate_load),         CASE(user_list),
        CASE(message_add),       CASE(message_add_refused), CASE(message_repeat),
        CASE(conversation_load), CASE(estate_group),        CASE(read_advance),
        CASE(participants),
    };
    int failed = 0;
    for (size_t i = 0; i < sizeof backends / sizeof *backends; i++) {
        backend = &backends[i];
        failed += cmocka_run_group_tests_name(backend->name, tests, NULL, NULL);
    }
    return failed;
}
