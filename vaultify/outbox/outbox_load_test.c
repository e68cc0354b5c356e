/* The worker with many: an emergency overtakes thousands, a service gets no more a second than it allows, and a broadcast's
 * recipients are decided on in slices. */
#include "outbox/testing/post.h"

enum { RESIDENTS = CONTRACT_CROWD(10000), WIDE_WINDOW = 1000 };

static struct uuid resident_id(unsigned i) { return test_id(9, i); }

/* They are in the estate's group from then on. */
static void residents_move_in(struct post *p) {
    struct store_import_record *records = mem_new_array(struct store_import_record, RESIDENTS);
    char(*emails)[16] = mem_zalloc(RESIDENTS * sizeof *emails);
    for (unsigned i = 0; i < RESIDENTS; i++) {
        snprintf(emails[i], sizeof *emails, "r%u", i);
        records[i] = user_record(resident_id(i), p->store->estate, ROLE_RESIDENCE, emails[i]);
    }
    import_ok(p->store, records, RESIDENTS);
    free(emails);
    free(records);
}

static void device_came(struct store_op *op) {
    assert_int_equal(op->fault, FAULT_NONE);
    sem_post(op->data);
    store_op_free(op);
}

/* All at once, so that they are committed together. */
static void devices_register(struct post *p, enum push_service service) {
    char(*tokens)[16] = mem_zalloc(RESIDENTS * sizeof *tokens);
    sem_t came;
    sem_init(&came, 0, 0);
    for (unsigned i = 0; i < RESIDENTS; i++) {
        snprintf(tokens[i], sizeof *tokens, "token%u", i);
        struct store_device_put *op = store_op_new(STORE_DEVICE_PUT, NULL, device_came, &came);
        op->row = (struct device_row){.user = resident_id(i),
                                      .platform = DEVICE_ANDROID,
                                      .service = (uint8_t)service,
                                      .token = sio_span_cstr(tokens[i])};
        store_submit(p->store->store, &op->op);
    }
    for (unsigned i = 0; i < RESIDENTS; i++) sem_wait(&came);
    sem_destroy(&came);
    free(tokens);
}

static struct uuid group_of_all(struct post *p, enum push_service service) {
    residents_move_in(p);
    devices_register(p, service);
    struct store_estate_group *op = group_call(p->store, p->store->estate);
    struct uuid group = op->row.id;
    store_op_free(&op->op);
    return group;
}

static void test_no_second_sees_more_than_the_service_allows(void **state) {
    struct post *p = *state;
    struct uuid group = group_of_all(p, PUSH_EXPO);
    message_add(p->store, group, p->store->users[0], "hello all");
    assert_true(fake_run_until_taken(&p->world, RESIDENTS, MINUTE_MS));
    int64_t took_ms = p->world.taken[RESIDENTS - 1].at_ms - p->world.taken[0].at_ms;
    assert_in_range(took_ms, RESIDENTS * 1000 / EXPO_WINDOW, RESIDENTS * 1000 / EXPO_WINDOW * 5 / 4);
    for (size_t first = 0, last = 0; last < RESIDENTS; last++) {
        while (p->world.taken[last].at_ms - p->world.taken[first].at_ms >= 1000) first++;
        assert_in_range(last - first + 1, 1, EXPO_WINDOW);
    }
    fake_run(&p->world, 1000);
    assert_int_equal(p->world.taken_count, RESIDENTS);
}

static unsigned emergencies_among(struct post *p, size_t from, size_t to) {
    unsigned count = 0;
    for (size_t i = from; i < to; i++) count += p->world.taken[i].kind == PUSH_EMERGENCY;
    return count;
}

static void test_an_emergency_overtakes_thousands(void **state) {
    struct post *p = *state;
    struct uuid group = group_of_all(p, PUSH_EXPO);
    message_add(p->store, group, p->store->users[0], "hello all");
    assert_true(fake_run_until_taken(&p->world, 1000, MINUTE_MS));
    device(p, 1, PUSH_EXPO, "of u1");
    device(p, 2, PUSH_EXPO, "of u2");
    int64_t raised_at = clock_ms;
    size_t before = p->world.taken_count;
    emergency_add(p->store, p->store->talk, p->store->users[0]);
    fake_run(&p->world, 1000);
    assert_int_equal(emergencies_among(p, before, p->world.taken_count), 2);
    assert_true(taken_by(p, "of u1")->at_ms - raised_at < 1000);
    assert_true(fake_run_until_taken(&p->world, RESIDENTS + 2, MINUTE_MS));
}

/* Ten thousand are decided on while others' messages pass between the slices. */
static void test_a_fan_out_lets_others_pass(void **state) {
    struct post *p = *state;
    struct uuid group = group_of_all(p, PUSH_FCM);
    p->fcm->provider.in_flight_max = WIDE_WINDOW;
    device(p, 1, PUSH_EXPO, "of u1");
    message_add(p->store, group, p->store->users[0], "hello all");
    say(p, 0, "hello u1");
    assert_true(fake_run_until_taken(&p->world, RESIDENTS, HOUR_MS));
    assert_non_null(taken_by(p, "of u1"));
    assert_int_equal(p->fcm->notes_in_flight_most, WIDE_WINDOW);
    fake_run(&p->world, HOUR_MS);
    assert_nothing_waits(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        POST_CASE(no_second_sees_more_than_the_service_allows),
        POST_CASE(an_emergency_overtakes_thousands),
        POST_CASE(a_fan_out_lets_others_pass),
    };
    return CONTRACT_RUN(tests);
}
