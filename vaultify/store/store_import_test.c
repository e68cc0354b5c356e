/* The contract of store.h: imports, all or nothing and repeatable. Written against store.h alone. */
#include "store/contract.h"

static void test_import_repeated(void **state) {
    struct fixture *f = *state;
    const struct participant_row members[] = {{.user = f->users[0], .is_admin = true}, {.user = f->users[1]}};
    struct store_import_record records[] = {
        estate_record(test_id(1, 7), "New"),
        user_record(test_id(2, 70), test_id(1, 7), ROLE_RESIDENCE, "new"),
        {.kind = IMPORT_CONVERSATION,
         .conversation = {.id = test_id(5, 1),
                          .estate = f->estate,
                          .created_by = f->users[0],
                          .type = CONVERSATION_DIRECT,
                          .participants = members,
                          .participant_count = 2}},
    };
    struct store_import *op = import_call(f, records, 3);
    assert_int_equal(op->op.fault, FAULT_NONE);
    assert_true(op->estates_written == 1 && op->users_written == 1 && op->conversations_written == 1);
    assert_int_equal(op->estate_count, 2);
    store_op_free(&op->op);

    op = import_call(f, records, 3); /* a repeat changes nothing */
    assert_int_equal(op->op.fault, FAULT_NONE);
    assert_true(op->estates_written == 0 && op->users_written == 0 && op->conversations_written == 0);
    assert_int_equal(op->estate_count, 0);
    store_op_free(&op->op);

    records[1].user.first_name = SIO_SPAN("Renamed");
    records[2].conversation.title = SIO_SPAN("Titled");
    op = import_call(f, records, 3);
    assert_true(op->estates_written == 0 && op->users_written == 1 && op->conversations_written == 1);
    store_op_free(&op->op);
    struct store_conversation_load *loaded = load_call(f, test_id(5, 1), false, nil);
    assert_true(sio_span_is(loaded->row.title, "Titled") &&
                participant_in(&loaded->row, f->users[0])->is_admin);
    store_op_free(&loaded->op);

    /* The direct conversation that was imported is the one that create finds. */
    struct store_conversation_create *direct = create_call(f, CONVERSATION_DIRECT, f->users[1], f->users, 1);
    struct uuid imported = test_id(5, 1);
    assert_true(!direct->created && uuid_eq(&direct->row.id, &imported));
    store_op_free(&direct->op);
}

static void test_import_all_or_nothing(void **state) {
    struct fixture *f = *state;
    const struct participant_row foreign = {.user = f->foreigners[0]}, nobody = {.user = test_id(9, 9)};
    const struct store_import_record good = user_record(test_id(2, 71), f->estate, ROLE_RESIDENCE, "good");
    struct store_import_record conversation = {.kind = IMPORT_CONVERSATION,
                                               .line = 2,
                                               .conversation = {.id = test_id(5, 2),
                                                                .estate = f->estate,
                                                                .type = CONVERSATION_GROUP,
                                                                .participants = &foreign,
                                                                .participant_count = 1}};
    struct store_import_record bad[] = {
        user_record(test_id(2, 72), test_id(9, 9), ROLE_RESIDENCE, "bad"), /* no such estate */
        user_record(test_id(2, 72), f->estate, ROLE_RESIDENCE, "u0"),      /* a known e-mail address */
        user_record(test_id(2, 72), f->estate, ROLE_RESIDENCE, "good"),    /* an earlier record's */
        user_record(test_id(2, 72), f->estate, ROLE_RESIDENCE, ""),
        conversation, /* a participant of another estate */
        conversation, /* one who does not exist */
        conversation, /* a direct one with one participant */
        conversation, /* no such estate */
        conversation, /* the one that is there, moved */
    };
    bad[5].conversation.participants = &nobody;
    bad[6].conversation.type = CONVERSATION_DIRECT;
    bad[6].conversation.participants = &(struct participant_row){.user = f->users[0]};
    bad[7].conversation.estate = test_id(9, 9);
    bad[8].conversation.id = f->talk;
    bad[8].conversation.estate = f->foreign_estate;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct store_import_record records[] = {good, bad[i]};
        struct store_import *op = import_call(f, records, 2);
        assert_int_equal(op->op.fault, FAULT_INVALID_PAYLOAD);
        assert_int_equal(op->error_line, 2);
        assert_true(op->error.n > 10 && op->users_written == 0);
        store_op_free(&op->op);
        assert_int_equal(user_count(f), USERS + FOREIGNERS);
    }
}

static struct conversation_row group_state(struct fixture *f, struct uuid group, struct uuid user,
                                           struct participant_row *out) {
    struct store_conversation_load *op = load_call(f, group, false, nil);
    assert_int_equal(op->op.fault, FAULT_NONE);
    const struct participant_row *p = participant_in(&op->row, user);
    *out = p ? *p : (struct participant_row){0};
    struct conversation_row row = op->row;
    store_op_free(&op->op);
    return row;
}

static void test_import_and_groups(void **state) {
    struct fixture *f = *state;
    struct store_estate_group *op = group_call(f, f->estate);
    struct uuid group = op->row.id;
    store_op_free(&op->op);
    op = group_call(f, f->foreign_estate);
    struct uuid foreign_group = op->row.id;
    store_op_free(&op->op);
    struct participant_row p;

    /* A new active user is in the group at once; one who is not active is not. */
    struct store_import_record record = user_record(test_id(2, 80), f->estate, ROLE_RESIDENCE, "n0");
    import_ok(f, &record, 1);
    assert_int_equal(group_state(f, group, test_id(2, 80), &p).participant_total, USERS);
    assert_true(uuid_eq(&p.user, &record.user.id) && p.left_at == 0);
    record = user_record(test_id(2, 81), f->estate, ROLE_RESIDENCE, "n1");
    record.user.status = USER_SUSPENDED;
    import_ok(f, &record, 1);
    assert_int_equal(group_state(f, group, test_id(2, 81), &p).participant_total, USERS);

    /* Who moves away has left everything there, and is in the new estate's group. */
    record = user_record(f->users[1], f->foreign_estate, ROLE_RESIDENCE, "u1");
    struct store_import *moved = import_call(f, &record, 1);
    assert_true(moved->op.fault == FAULT_NONE && moved->estate_count == 2);
    store_op_free(&moved->op);
    assert_int_equal(group_state(f, group, f->users[1], &p).participant_total, USERS - 1);
    assert_int_not_equal(p.left_at, 0);
    group_state(f, f->talk, f->users[1], &p);
    assert_int_not_equal(p.left_at, 0);
    group_state(f, foreign_group, f->users[1], &p);
    assert_true(uuid_eq(&p.user, &f->users[1]) && p.left_at == 0);

    /* And back: in the group again, the other conversations stay left. */
    record.user.estate = f->estate;
    import_ok(f, &record, 1);
    assert_int_equal(group_state(f, group, f->users[1], &p).participant_total, USERS);
    assert_int_equal(p.left_at, 0);
    group_state(f, f->talk, f->users[1], &p);
    assert_int_not_equal(p.left_at, 0);

    /* No longer active: the estate is named, the participant stays. */
    record.user.status = USER_SUSPENDED;
    struct store_import *suspended = import_call(f, &record, 1);
    assert_true(suspended->estate_count == 1 && uuid_eq(&suspended->estates[0], &f->estate));
    store_op_free(&suspended->op);
    group_state(f, group, f->users[1], &p);
    assert_int_equal(p.left_at, 0);
}

static void test_import_group(void **state) {
    struct fixture *f = *state;
    struct store_import_record record = {
        .kind = IMPORT_CONVERSATION,
        .conversation = {
            .id = test_id(5, 3), .estate = f->estate, .type = CONVERSATION_GROUP, .estate_group = true}};
    import_ok(f, &record, 1);
    struct store_estate_group *op = group_call(f, f->estate);
    struct uuid imported = test_id(5, 3);
    assert_true(!op->created && uuid_eq(&op->row.id, &imported));
    assert_int_equal(op->row.participant_total, USERS - 1);
    store_op_free(&op->op);

    record.conversation.id = test_id(5, 4); /* there is one only */
    struct store_import *second = import_call(f, &record, 1);
    assert_int_equal(second->op.fault, FAULT_INVALID_PAYLOAD);
    store_op_free(&second->op);
}

static struct preferences_row preferences_of(struct fixture *f, struct uuid user, struct arena *arena) {
    struct store_user_get *op = store_op_new(STORE_USER_GET, NULL, NULL, NULL);
    op->user = user;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    struct preferences_row row = op->row.preferences;
    row.locale = arena_span(arena, row.locale);
    row.time_zone = arena_span(arena, row.time_zone);
    store_op_free(&op->op);
    return row;
}

/* What a record does not give is none for a new user, and stays as it is for a known one. */
static void test_import_preferences(void **state) {
    struct fixture *f = *state;
    struct arena arena;
    arena_init(&arena);
    struct store_import_record record = user_record(test_id(2, 80), f->estate, ROLE_RESIDENCE, "p");
    import_ok(f, &record, 1);
    struct preferences_row row = preferences_of(f, test_id(2, 80), &arena);
    assert_true(row.locale.n == 0 && row.time_zone.n == 0 && row.quiet_from == -1 && row.quiet_to == -1);

    record.user.preferences = (struct preferences_row){
        .locale = SIO_SPAN("ar"), .time_zone = SIO_SPAN("Asia/Riyadh"), .quiet_from = 1320, .quiet_to = 0};
    struct store_import *op = import_call(f, &record, 1);
    assert_int_equal(op->users_written, 1);
    store_op_free(&op->op);
    record.user.preferences = (struct preferences_row){0};
    op = import_call(f, &record, 1);
    assert_int_equal(op->users_written, 0);
    store_op_free(&op->op);
    row = preferences_of(f, test_id(2, 80), &arena);
    assert_true(sio_span_is(row.locale, "ar") && sio_span_is(row.time_zone, "Asia/Riyadh"));
    assert_true(row.quiet_from == 1320 && row.quiet_to == 0);
    arena_fini(&arena);
}

static void test_import_muted(void **state) {
    struct fixture *f = *state;
    const struct participant_row members[] = {
        {.user = f->users[0], .is_muted = true, .muted_until = 99, .notifications_enabled = true},
        {.user = f->users[1]}};
    const struct store_import_record record = {.kind = IMPORT_CONVERSATION,
                                               .conversation = {.id = test_id(5, 9),
                                                                .estate = f->estate,
                                                                .type = CONVERSATION_GROUP,
                                                                .participants = members,
                                                                .participant_count = 2}};
    import_ok(f, &record, 1);
    struct store_conversation_load *op = load_call(f, test_id(5, 9), false, nil);
    const struct participant_row *muted = participant_in(&op->row, f->users[0]);
    const struct participant_row *off = participant_in(&op->row, f->users[1]);
    assert_true(muted->is_muted && muted->muted_until == 99 && muted->notifications_enabled);
    assert_true(!off->is_muted && off->muted_until == 0 && !off->notifications_enabled);
    store_op_free(&op->op);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        CONTRACT_CASE(import_repeated),    CONTRACT_CASE(import_all_or_nothing),
        CONTRACT_CASE(import_and_groups),  CONTRACT_CASE(import_group),
        CONTRACT_CASE(import_preferences), CONTRACT_CASE(import_muted),
    };
    return CONTRACT_RUN(tests);
}
