/* The contract of push.h: devices and settings. Written against the port alone. */
#include "store/contract_push.h"

/* ---- devices ---- */

static void test_device_put(void **state) {
    struct fixture *f = *state;
    struct store_device_put *op = device_put(f, f->users[0], SERVICE, "t", "phone");
    assert_int_equal(op->op.fault, FAULT_NONE);
    assert_true(op->created && op->row.created_at == clock_ms && op->row.last_seen_at == clock_ms);
    struct uuid id = op->row.id;
    store_op_free(&op->op);

    int64_t first_ms = clock_ms++;
    op = device_put(f, f->users[0], OTHER_SERVICE, "t", "phone");
    assert_true(!op->created && uuid_eq(&op->row.id, &id) && op->row.created_at == first_ms);
    store_op_free(&op->op);

    struct store_device_list *list = devices_of(f, f->users[0]);
    assert_int_equal(list->count, 1);
    const struct device_row *row = &list->rows[0];
    assert_true(uuid_eq(&row->id, &id) && uuid_eq(&row->user, &f->users[0]));
    assert_true(row->platform == DEVICE_ANDROID && row->service == OTHER_SERVICE);
    assert_true(sio_span_is(row->token, "t") && sio_span_is(row->device_id, "phone"));
    assert_true(row->keys.n == 3 && memcmp(row->keys.p, "k\0y", 3) == 0);
    assert_true(row->created_at == first_ms && row->last_seen_at == clock_ms);
    store_op_free(&list->op);
    assert_tokens(f, f->users[1], "");
    assert_tokens(f, test_id(9, 9), "");
}

static void test_device_put_refused(void **state) {
    struct fixture *f = *state;
    struct store_device_put *op = device_put(f, test_id(9, 9), SERVICE, "t", "");
    assert_int_equal(op->op.fault, FAULT_USER_UNKNOWN);
    store_op_free(&op->op);
}

/* Whoever logs in on a phone gets its pushes, and whoever logged out does not. */
static void test_token_has_one_user(void **state) {
    struct fixture *f = *state;
    struct uuid first = device_add(f, f->users[0], SERVICE, "t"),
                second = device_add(f, f->users[1], SERVICE, "t");
    assert_false(uuid_eq(&first, &second));
    assert_tokens(f, f->users[0], "");
    assert_tokens(f, f->users[1], "t");
}

static void test_token_rotates(void **state) {
    struct fixture *f = *state;
    store_op_free(&device_put(f, f->users[0], SERVICE, "old", "phone")->op);
    store_op_free(&device_put(f, f->users[0], SERVICE, "tablet", "tablet")->op);
    store_op_free(&device_put(f, f->users[1], SERVICE, "theirs", "phone")->op);
    clock_ms++;
    store_op_free(&device_put(f, f->users[0], SERVICE, "new", "phone")->op);
    assert_tokens(f, f->users[0], "new,tablet");
    assert_tokens(f, f->users[1], "theirs"); /* a device_id means something to one user alone */

    device_add(f, f->users[0], SERVICE, "nameless");
    device_add(f, f->users[0], SERVICE, "nameless too");
    assert_tokens(f, f->users[0], "nameless too,nameless,new,tablet");
}

static void test_devices_have_a_limit(void **state) {
    struct fixture *f = *state;
    char token[16];
    for (int i = 0; i < STORE_DEVICES_A_USER; i++, clock_ms++) {
        snprintf(token, sizeof token, "t%d", i);
        device_add(f, f->users[0], SERVICE, token);
    }
    device_add(f, f->users[0], SERVICE, "t0"); /* seen again: t1 is the oldest now */
    clock_ms -= 1000;                          /* the clock was set back: the newest one stays all the same */
    device_add(f, f->users[0], SERVICE, "last");
    struct store_device_list *list = devices_of(f, f->users[0]);
    bool t0 = false, t1 = false, last = false;
    for (size_t i = 0; i < list->count; i++) {
        t0 |= sio_span_is(list->rows[i].token, "t0");
        t1 |= sio_span_is(list->rows[i].token, "t1");
        last |= sio_span_is(list->rows[i].token, "last");
    }
    assert_int_equal(list->count, STORE_DEVICES_A_USER);
    assert_true(t0 && !t1 && last);
    store_op_free(&list->op);
}

static void test_device_remove(void **state) {
    struct fixture *f = *state;
    struct uuid a = device_add(f, f->users[0], SERVICE, "a");
    device_add(f, f->users[0], SERVICE, "b");
    assert_int_equal(device_remove(f, f->users[1], "a", nil), FAULT_DEVICE_NOT_FOUND);
    assert_int_equal(device_remove(f, f->users[1], "", a), FAULT_DEVICE_NOT_FOUND);
    assert_int_equal(device_remove(f, f->users[0], "c", nil), FAULT_DEVICE_NOT_FOUND);
    assert_int_equal(device_remove(f, test_id(9, 9), "a", nil), FAULT_DEVICE_NOT_FOUND);
    assert_int_equal(device_remove(f, f->users[0], "", a), FAULT_NONE);
    assert_tokens(f, f->users[0], "b");
    assert_int_equal(device_remove(f, f->users[0], "b", nil), FAULT_NONE);
    assert_int_equal(device_remove(f, f->users[0], "b", nil), FAULT_DEVICE_NOT_FOUND);
    assert_tokens(f, f->users[0], "");
}

/* ---- preferences ---- */

static struct store_preferences_set *preferences_new(struct uuid user, struct preferences_row row) {
    struct store_preferences_set *op = store_op_new(STORE_PREFERENCES_SET, NULL, NULL, NULL);
    op->user = user;
    op->row = row;
    return op;
}

static void assert_preferences(const struct preferences_row *row, const char *locale, const char *time_zone,
                               int quiet_from, int quiet_to) {
    assert_true(sio_span_is(row->locale, locale) && sio_span_is(row->time_zone, time_zone));
    assert_int_equal(row->quiet_from, quiet_from);
    assert_int_equal(row->quiet_to, quiet_to);
}

static void test_preferences(void **state) {
    struct fixture *f = *state;
    struct store_preferences_set *op = preferences_new(f->users[0], (struct preferences_row){0});
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE); /* sets nothing */
    assert_preferences(&op->row, "", "", -1, -1);
    store_op_free(&op->op);

    op = preferences_new(f->users[0],
                         (struct preferences_row){SIO_SPAN("fr"), SIO_SPAN("Europe/Paris"), 1320, 420});
    op->set_locale = op->set_time_zone = op->set_quiet = true;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    store_op_free(&op->op);

    op = preferences_new(f->users[0], (struct preferences_row){.quiet_from = -1, .quiet_to = -1});
    op->set_quiet = true;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_preferences(&op->row, "fr", "Europe/Paris", -1, -1);
    store_op_free(&op->op);

    struct store_preferences_get *get = store_op_new(STORE_PREFERENCES_GET, NULL, NULL, NULL);
    get->user = f->users[0];
    assert_int_equal(store_call(f->store, &get->op), FAULT_NONE);
    assert_preferences(&get->row, "fr", "Europe/Paris", -1, -1);
    store_op_free(&get->op);
}

static void test_preferences_of_nobody(void **state) {
    struct fixture *f = *state;
    struct store_preferences_get *get = store_op_new(STORE_PREFERENCES_GET, NULL, NULL, NULL);
    get->user = test_id(9, 9);
    assert_int_equal(store_call(f->store, &get->op), FAULT_USER_UNKNOWN);
    store_op_free(&get->op);
    struct store_preferences_set *op = preferences_new(test_id(9, 9), (struct preferences_row){0});
    op->set_locale = true;
    assert_int_equal(store_call(f->store, &op->op), FAULT_USER_UNKNOWN);
    store_op_free(&op->op);
}

/* ---- mutes ---- */

static struct store_mute_set *mute_new(struct uuid conversation, struct uuid user) {
    struct store_mute_set *op = store_op_new(STORE_MUTE_SET, NULL, NULL, NULL);
    op->conversation = conversation;
    op->user = user;
    return op;
}

static void test_mute_set(void **state) {
    struct fixture *f = *state;
    struct store_mute_set *op = mute_new(f->talk, f->users[1]);
    op->set_muted = op->is_muted = true;
    op->muted_until = clock_ms + 5;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_true(op->notifications_enabled);
    store_op_free(&op->op);

    op = mute_new(f->talk, f->users[1]);
    op->set_notifications = true;
    assert_int_equal(store_call(f->store, &op->op), FAULT_NONE);
    assert_true(op->is_muted && op->muted_until == clock_ms + 5 && !op->notifications_enabled);
    store_op_free(&op->op);

    struct store_conversation_load *load = load_call(f, f->talk, false, nil);
    const struct participant_row *row = participant_in(&load->row, f->users[1]);
    assert_true(row->is_muted && row->muted_until == clock_ms + 5 && !row->notifications_enabled);
    row = participant_in(&load->row, f->users[2]);
    assert_true(!row->is_muted && row->muted_until == 0 && row->notifications_enabled);
    store_op_free(&load->op);
}

static void test_mute_set_refused(void **state) {
    struct fixture *f = *state;
    assert_int_equal(leave(f, f->talk, f->users[2]), FAULT_NONE);
    const struct {
        struct uuid conversation, user;
    } cases[] = {{test_id(9, 9), f->users[0]},
                 {f->talk, test_id(9, 9)},
                 {f->talk, f->users[3]},
                 {f->talk, f->users[2]}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct store_mute_set *op = mute_new(cases[i].conversation, cases[i].user);
        op->set_muted = op->is_muted = true;
        assert_int_equal(store_call(f->store, &op->op), FAULT_CONVERSATION_NOT_FOUND);
        store_op_free(&op->op);
    }
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        PUSH_CASE(device_put),       PUSH_CASE(device_put_refused),    PUSH_CASE(token_has_one_user),
        PUSH_CASE(token_rotates),    PUSH_CASE(devices_have_a_limit),  PUSH_CASE(device_remove),
        PUSH_CASE(preferences),      PUSH_CASE(preferences_of_nobody), PUSH_CASE(mute_set),
        PUSH_CASE(mute_set_refused),
    };
    return CONTRACT_RUN(tests);
}
