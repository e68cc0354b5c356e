/* What the contract tests of store.h share: the back-ends, a store in a fresh directory with two estates in it,
 * and operations in one line. Included by test programs alone; a new back-end is one row of `backends`. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <semaphore.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/store.h"

/* Not every program uses every helper. */
#define CONTRACT_HELPER __attribute__((unused)) static

/* How many are many: a sanitizer finds in a quarter of them what it would find in all, and takes its time. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define CONTRACT_CROWD(all) ((all) / 4)
#else
#define CONTRACT_CROWD(all) (all)
#endif

/* One back-end under test: opens it on what this directory stands for; opening the same directory again finds
 * what was kept. */
struct backend {
    const char *name;
    enum sio_err (*open)(const struct store_config *config, struct store **out);
};
static const struct backend backends[] = {
    {"sqlite", store_sqlite_open},
};

static const struct backend *backend; /* the one being tested: cmocka's tests take no argument */

/* Runs the tests against each back-end; how many failed. */
#define CONTRACT_RUN(tests)                                                                                  \
    ({                                                                                                       \
        int failed = 0;                                                                                      \
        for (size_t i = 0; i < sizeof backends / sizeof *backends; i++) {                                    \
            backend = &backends[i];                                                                          \
            failed += cmocka_run_group_tests_name(backend->name, tests, NULL, NULL);                         \
        }                                                                                                    \
        failed;                                                                                              \
    })
#define CONTRACT_CASE(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

/* ---- a store in a fresh directory, with an estate or two in it ---- */

enum { USERS = 6, FOREIGNERS = 2, PENDING = 4 /* the user who is not active */ };

struct fixture {
    char directory[64];
    struct sio_log log;
    struct store_config config;
    struct store *store;
    struct uuid estate, foreign_estate;
    struct uuid users[USERS];
    struct uuid foreigners[FOREIGNERS];
    struct uuid talk; /* a group conversation of users 0, 1 and 2 */
};

/* A different id for each number, the same in every run. */
CONTRACT_HELPER struct uuid test_id(unsigned kind, unsigned number) {
    struct uuid id = {{0x11, 0x22, (uint8_t)kind, (uint8_t)(number >> 8), (uint8_t)number}};
    id.b[6] = 0x40;
    id.b[8] = 0x80;
    return id;
}

CONTRACT_HELPER int remove_entry(const char *path, const struct stat *st, int flag, struct FTW *ftw) {
    return remove(path);
}

CONTRACT_HELPER void store_start(struct fixture *f) {
    assert_int_equal(backend->open(&f->config, &f->store), SIO_ERR_OK);
}

CONTRACT_HELPER void store_stop(struct fixture *f) {
    store_close(f->store);
    f->store = NULL;
}

CONTRACT_HELPER struct store_import_record estate_record(struct uuid id, const char *name) {
    return (struct store_import_record){
        .kind = IMPORT_ESTATE,
        .line = 1,
        .estate = {.id = id, .name = sio_span_cstr(name), .email = SIO_SPAN("e@x")}};
}

CONTRACT_HELPER struct store_import_record user_record(struct uuid id, struct uuid estate, enum role role,
                                                       const char *email) {
    return (struct store_import_record){.kind = IMPORT_USER,
                                        .line = 2,
                                        .user = {.id = id,
                                                 .estate = estate,
                                                 .role = role,
                                                 .status = USER_ACTIVE,
                                                 .email = sio_span_cstr(email),
                                                 .first_name = sio_span_cstr(email),
                                                 .last_name = SIO_SPAN("Last"),
                                                 .picture_url = SIO_SPAN("http://p/1.png")}};
}

CONTRACT_HELPER struct store_import *import_call(struct fixture *f, const struct store_import_record *records,
                                                 size_t count) {
    struct store_import *op = store_op_new(STORE_IMPORT, NULL, NULL, NULL);
    op->records = records;
    op->record_count = count;
    store_call(f->store, &op->op);
    return op;
}

CONTRACT_HELPER void import_ok(struct fixture *f, const struct store_import_record *records, size_t count) {
    struct store_import *op = import_call(f, records, count);
    assert_int_equal(op->op.fault, FAULT_NONE);
    store_op_free(&op->op);
}

/* The residents are named u0 … u5: an Admin, security, and residents. */
CONTRACT_HELPER void people_import(struct fixture *f) {
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

CONTRACT_HELPER struct store_conversation_create *create_call(struct fixture *f, enum conversation_type type,
                                                              struct uuid creator, const struct uuid *users,
                                                              size_t count) {
    struct store_conversation_create *op = store_op_new(STORE_CONVERSATION_CREATE, NULL, NULL, NULL);
    op->estate = f->estate;
    op->creator = creator;
    op->type = type;
    op->title = SIO_SPAN("Talk");
    op->users = users;
    op->user_count = count;
    store_call(f->store, &op->op);
    return op;
}

CONTRACT_HELPER int setup(void **state) {
    struct fixture *f = mem_new(struct fixture);
    memcpy(f->directory, "/tmp/store-test-XXXXXX", sizeof "/tmp/store-test-XXXXXX");
    if (!mkdtemp(f->directory)) return -1;
    sio_log_init(&f->log, STDERR_FILENO, getenv("STORE_TEST_LOG") ? SIO_LOG_DEBUG : (enum sio_log_level) - 1);
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

CONTRACT_HELPER int teardown(void **state) {
    struct fixture *f = *state;
    if (f->store) store_close(f->store);
    nftw(f->directory, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    free(f);
    return 0;
}

/* ---- operations in one line ---- */

CONTRACT_HELPER struct store_message_add *message_new(struct uuid conversation, struct uuid sender,
                                                      const char *content, const char *client_id) {
    struct store_message_add *op = store_op_new(STORE_MESSAGE_ADD, NULL, NULL, NULL);
    op->conversation = conversation;
    op->sender = sender;
    op->type = MESSAGE_TEXT;
    op->content = sio_span_cstr(content);
    op->client_message_id = sio_span_cstr(client_id);
    return op;
}

/* Adds one that must succeed. */
CONTRACT_HELPER struct message_row message_add(struct fixture *f, struct uuid conversation,
                                               struct uuid sender, const char *content) {
    struct store_message_add *op = message_new(conversation, sender, content, NULL);
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    struct message_row row = op->row; /* its spans are not used by those who want more than ids */
    store_op_free(&op->op);
    return row;
}

CONTRACT_HELPER struct store_conversation_load *load_call(struct fixture *f, struct uuid conversation,
                                                          bool details, struct uuid user) {
    struct store_conversation_load *op = store_op_new(STORE_CONVERSATION_LOAD, NULL, NULL, NULL);
    op->conversation = conversation;
    op->with_details = details;
    op->user = user;
    store_call(f->store, &op->op);
    return op;
}

CONTRACT_HELPER struct store_message_page *page_call(struct fixture *f, struct uuid conversation,
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

CONTRACT_HELPER enum fault advance(struct fixture *f, struct uuid conversation, struct uuid user,
                                   struct uuid message, bool *moved, uint64_t *seq) {
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

CONTRACT_HELPER enum fault leave(struct fixture *f, struct uuid conversation, struct uuid user) {
    struct store_participant_leave *op = store_op_new(STORE_PARTICIPANT_LEAVE, NULL, NULL, NULL);
    op->conversation = conversation;
    op->user = user;
    enum fault fault = store_call(f->store, &op->op);
    store_op_free(&op->op);
    return fault;
}

CONTRACT_HELPER enum fault join(struct fixture *f, struct uuid conversation, struct uuid user, bool *added) {
    struct store_participant_add *op = store_op_new(STORE_PARTICIPANT_ADD, NULL, NULL, NULL);
    op->conversation = conversation;
    op->user = user;
    enum fault fault = store_call(f->store, &op->op);
    if (added) *added = op->added;
    if (fault == FAULT_NONE) assert_true(uuid_eq(&op->row.user, &user) && op->row.left_at == 0);
    store_op_free(&op->op);
    return fault;
}

CONTRACT_HELPER struct store_estate_group *group_call(struct fixture *f, struct uuid estate) {
    struct store_estate_group *op = store_op_new(STORE_ESTATE_GROUP, NULL, NULL, NULL);
    op->estate = estate;
    store_call(f->store, &op->op);
    return op;
}

CONTRACT_HELPER const struct participant_row *participant_in(const struct conversation_row *row,
                                                             struct uuid user) {
    for (size_t i = 0; i < row->participant_count; i++)
        if (uuid_eq(&row->participants[i].user, &user)) return &row->participants[i];
    return NULL;
}

static const struct uuid nil;

/* All users there are. */
static inline size_t user_count(struct fixture *f) {
    struct store_user_list *op = store_op_new(STORE_USER_LIST, NULL, NULL, NULL);
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    size_t count = op->user_count;
    store_op_free(&op->op);
    return count;
}
