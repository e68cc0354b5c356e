/* The worker when services fail: they rest and are tried again, the others go on, nothing is lost or sent twice. */
#include "outbox/testing/post.h"

static struct fake_answer busy_for_minutes(struct fake_service *service, const struct push_note *notes,
                                           size_t count) {
    return (struct fake_answer){.status = 429, .about_all = true, .retry_after_ms = 5 * MINUTE_MS};
}

enum { TIMEOUT_MS = 15000 };
static struct fake_answer hang(struct fake_service *service, const struct push_note *notes, size_t count) {
    return (struct fake_answer){.transport = PUSH_TIMED_OUT, .latency_ms = TIMEOUT_MS};
}

static struct fake_answer bad_certificate(struct fake_service *service, const struct push_note *notes,
                                          size_t count) {
    return (struct fake_answer){.transport = PUSH_CERTIFICATE};
}

/* ---- conversations in number ---- */

/* Direct and group conversations between the residents who are active, `count` of them with one message each. */
static void talk_in(struct post *p, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        struct store_conversation_create *op =
            create_call(p->store, CONVERSATION_GROUP, p->store->users[0], &p->store->users[1], 2);
        assert_int_equal(op->op.fault, FAULT_NONE);
        message_add(p->store, op->row.id, p->store->users[0], "hello");
        store_op_free(&op->op);
    }
}

static size_t taken_from(struct post *p, enum push_service service) {
    size_t count = 0;
    for (size_t i = 0; i < p->world.taken_count; i++) count += p->world.taken[i].service == service;
    return count;
}

/* ---- rests ---- */

static void test_a_rest_does_not_stop_the_others(void **state) {
    struct post *p = *state;
    p->fcm->answer = busy;
    device(p, 1, PUSH_FCM, "of u1");
    device(p, 2, PUSH_EXPO, "of u2");
    talk_in(p, 100);
    fake_run(&p->world, 5000);
    assert_int_equal(taken_from(p, PUSH_EXPO), 100);
    assert_int_equal(taken_from(p, PUSH_FCM), 0);
    p->fcm->answer = good;
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(taken_from(p, PUSH_FCM), 100);
    assert_nothing_waits(p);
}

static void test_429_for_an_hour_is_few_requests_and_two_lines(void **state) {
    struct post *p = *state;
    p->fcm->answer = busy;
    device(p, 1, PUSH_FCM, "of u1");
    talk_in(p, 100);
    fake_run(&p->world, HOUR_MS);
    unsigned window_and_tries = FCM_WINDOW + 20;
    assert_in_range(p->fcm->requests, FCM_WINDOW, window_and_tries);
    p->fcm->answer = good;
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(p->world.taken_count, 100);
    assert_log(p, "service=fcm", 2);
    assert_log(p, "left alone", 1);
    assert_log(p, "well again", 1);
}

static struct fake_answer nonsense(struct fake_service *service, const struct push_note *notes,
                                   size_t count) {
    return (struct fake_answer){.status = 500};
}

static void test_nonsense_to_each_push_is_said_once_a_minute_at_most(void **state) {
    struct post *p = *state;
    p->fcm->answer = nonsense;
    device(p, 1, PUSH_FCM, "of u1");
    talk_in(p, 100);
    fake_run(&p->world, 100);
    assert_log(p, "service=fcm", 0);
    fake_run(&p->world, MINUTE_MS);
    assert_in_range(log_lines(p, "again and again service=fcm"), 1, 2);
    p->fcm->answer = good;
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(p->world.taken_count, 100);
    assert_in_range(log_lines(p, "service=fcm"), 1, 2);
}

static void test_retry_after_is_kept_to(void **state) {
    struct post *p = *state;
    p->fcm->answer = busy_for_minutes;
    device(p, 1, PUSH_FCM, "of u1");
    talk_in(p, 1);
    fake_run(&p->world, 5 * MINUTE_MS - 1000);
    assert_int_equal(p->fcm->requests, 1);
    p->fcm->answer = good;
    assert_true(fake_run_until_taken(&p->world, 1, 2000));
}

static void test_attempts_are_not_counted_while_a_service_rests(void **state) {
    struct post *p = *state;
    p->fcm->answer = busy;
    device(p, 1, PUSH_FCM, "of u1");
    talk_in(p, 1);
    fake_run(&p->world, HOUR_MS);
    struct store_push_tidy *tidy = store_op_new(STORE_PUSH_TIDY, NULL, NULL, NULL);
    tidy->jobs_before = clock_ms;
    tidy->dead_max = 100;
    store_call(p->store->store, &tidy->op);
    store_op_free(&tidy->op);
    struct store_push_dead_list *list = store_op_new(STORE_PUSH_DEAD_LIST, NULL, NULL, NULL);
    list->limit = 10;
    store_call(p->store->store, &list->op);
    assert_int_equal(list->count, 1);
    assert_int_equal(list->rows[0].attempts, 0);
    store_op_free(&list->op);
}

static void test_a_bad_certificate_rests_after_a_few(void **state) {
    struct post *p = *state;
    p->fcm->answer = bad_certificate;
    device(p, 1, PUSH_FCM, "of u1");
    talk_in(p, 100);
    fake_run(&p->world, HOUR_MS);
    assert_in_range(p->fcm->requests, 3, FCM_WINDOW + 30);
    assert_log(p, "left alone", 1);
    p->fcm->answer = good;
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(p->world.taken_count, 100);
    assert_nothing_waits(p);
}

/* ---- those that hang ---- */

static void test_a_service_that_hangs_holds_no_more_than_its_window(void **state) {
    struct post *p = *state;
    p->fcm->answer = hang;
    device(p, 1, PUSH_FCM, "of u1");
    device(p, 2, PUSH_EXPO, "of u2");
    talk_in(p, 300);
    for (int i = 0; i < 360; i++) {
        fake_run(&p->world, 10000);
        assert_in_range(p->world.outbox->couriers[PUSH_FCM].held, 0, 2 * FCM_WINDOW);
    }
    assert_int_equal(p->fcm->notes_in_flight_most, FCM_WINDOW);
    assert_int_equal(taken_from(p, PUSH_EXPO), 300);
    p->fcm->answer = good;
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(taken_from(p, PUSH_FCM), 300);
    assert_nothing_waits(p);
}

static struct fake_answer one_host_hangs(struct fake_service *service, const struct push_note *notes,
                                         size_t count) {
    bool hangs = sio_span_starts(notes[0].target.token, SIO_SPAN("https://hangs"));
    return hangs ? hang(service, notes, count) : good(service, notes, count);
}

static void test_a_web_push_server_that_hangs_does_not_stop_the_others(void **state) {
    struct post *p = *state;
    p->webpush->answer = one_host_hangs;
    device(p, 1, PUSH_WEBPUSH, "https://hangs.example/1");
    device(p, 2, PUSH_WEBPUSH, "https://works.example/2");
    talk_in(p, 300);
    fake_run(&p->world, 2 * MINUTE_MS);
    assert_int_equal(p->world.taken_count, 300);
    fake_run(&p->world, HOUR_MS);
    assert_in_range(p->webpush->requests, 300, 300 + FCM_WINDOW + 20);
    assert_log(p, "host=hangs.example", 1);
    p->webpush->answer = good;
    fake_run(&p->world, HOUR_MS);
    assert_int_equal(p->world.taken_count, 600);
    assert_log(p, "host=hangs.example", 2);
    assert_nothing_waits(p);
}

/* What a server says of one user's subscriptions, which may be anything the user made up. */
static struct fake_answer one_user_is_refused(struct fake_service *service, const struct push_note *notes,
                                              size_t count) {
    bool bad = sio_span_starts(notes[0].target.token, SIO_SPAN("https://push.example/bad"));
    return (struct fake_answer){.status = bad ? 429 : 200};
}

static void test_one_users_subscriptions_do_not_stop_those_of_others(void **state) {
    struct post *p = *state;
    char token[64];
    p->webpush->answer = one_user_is_refused;
    for (unsigned i = 0; i < STORE_DEVICES_A_USER; i++) {
        snprintf(token, sizeof token, "https://push.example/bad/%u", i);
        device(p, 1, PUSH_WEBPUSH, token);
    }
    device(p, 2, PUSH_WEBPUSH, "https://push.example/good");
    for (unsigned i = 1; i <= 4; i++) {
        talk_in(p, 10);
        fake_run(&p->world, MINUTE_MS);
        assert_int_equal(p->world.taken_count, 10 * i);
    }
    assert_log(p, "left alone", 0);
}

/* ---- everything at random ---- */

enum { SEEDS = 4, ROUNDS = 40, TALKS = 6 };

static struct fake_answer at_random(struct fake_service *service, const struct push_note *notes,
                                    size_t count) {
    static const struct fake_answer answers[] = {
        {.status = 200},
        {.status = 200, .latency_ms = 700},
        {.status = 500},
        {.status = 503, .about_all = true},
        {.status = 429, .retry_after_ms = 3000},
        {.status = 429, .retry_after_ms = 20000, .about_all = true},
        {.status = 401},
        {.transport = PUSH_TIMED_OUT, .latency_ms = TIMEOUT_MS},
        {.transport = PUSH_BROKEN},
        {.transport = PUSH_UNREACHABLE},
    };
    return answers[fake_random(service->world) % (sizeof answers / sizeof *answers)];
}

/* The last message of each conversation. */
struct sent {
    struct uuid conversation[TALKS];
    uint64_t seq[TALKS];
};

static void talks_make(struct post *p, struct sent *sent) {
    for (unsigned i = 0; i < TALKS; i++) {
        struct store_conversation_create *op =
            create_call(p->store, CONVERSATION_GROUP, p->store->users[0], &p->store->users[1], 2);
        sent->conversation[i] = op->row.id;
        store_op_free(&op->op);
    }
}

static void one_round(struct post *p, struct sent *sent) {
    unsigned i = fake_random(&p->world) % TALKS;
    sent->seq[i] = message_add(p->store, sent->conversation[i], p->store->users[0], "hello").seq;
    if (fake_random(&p->world) % 8 == 0) post_restart(p, fake_random(&p->world) % 2 * 1000);
    fake_run(&p->world, 1 + fake_random(&p->world) % 20000);
}

/* Each device has got each conversation's last message exactly once, and none twice. */
static void check_ledger(struct post *p, const struct sent *sent, const char *token) {
    for (unsigned i = 0; i < TALKS; i++) {
        unsigned last = 0;
        uint64_t before = 0;
        for (size_t k = 0; k < p->world.taken_count; k++) {
            const struct fake_push *push = &p->world.taken[k];
            if (strcmp(push->token, token) != 0 || !uuid_eq(&push->conversation, &sent->conversation[i]))
                continue;
            assert_true(push->seq > before);
            before = push->seq;
            last += push->seq == sent->seq[i];
        }
        assert_int_equal(last, sent->seq[i] != 0);
    }
}

static void play(struct post *p, uint64_t seed) {
    static const char *const tokens[] = {"fcm 1", "expo 1", "fcm 2", "https://push.example/2"};
    struct sent sent = {0};
    p->world.random = seed;
    p->world.taken_count = 0;
    p->fcm->answer = p->expo->answer = p->webpush->answer = at_random;
    talks_make(p, &sent);
    for (int i = 0; i < ROUNDS; i++) one_round(p, &sent);
    p->fcm->answer = p->expo->answer = p->webpush->answer = good;
    fake_run(&p->world, HOUR_MS);
    assert_nothing_waits(p);
    for (size_t i = 0; i < sizeof tokens / sizeof *tokens; i++) check_ledger(p, &sent, tokens[i]);
}

static void test_nothing_is_lost_and_nothing_twice_whatever_fails(void **state) {
    struct post *p = *state;
    device(p, 1, PUSH_FCM, "fcm 1");
    device(p, 1, PUSH_EXPO, "expo 1");
    device(p, 2, PUSH_FCM, "fcm 2");
    device(p, 2, PUSH_WEBPUSH, "https://push.example/2");
    const char *first = getenv("OUTBOX_SEED");
    for (uint64_t seed = 0; seed < SEEDS; seed++) play(p, seed + (first ? strtoull(first, NULL, 10) : 1));
}

/* ---- the store ---- */

static void test_metrics_tell_what_waits_and_who_rests(void **state) {
    struct post *p = *state;
    struct sio_strbuf page;
    p->fcm->answer = busy;
    device(p, 1, PUSH_FCM, "of u1");
    talk_in(p, 7);
    fake_run(&p->world, 30 * 1000);
    struct store_push_stats stats = stats_of(p);
    sio_strbuf_init(&page);
    outbox_write_metrics(p->world.outbox, &stats, clock_ms, &page);
    assert_non_null(strstr(page.p, "vaultify_push_waiting{provider=\"fcm\"} 7\n"));
    assert_non_null(strstr(page.p, "vaultify_push_resting{provider=\"fcm\"} 1\n"));
    assert_non_null(strstr(page.p, "vaultify_push_resting{provider=\"expo\"} 0\n"));
    static const char oldest[] = "vaultify_push_oldest_seconds{provider=\"fcm\"} ";
    assert_in_range(strtod(strstr(page.p, oldest) + sizeof oldest - 1, NULL), 29, 30);
    assert_non_null(strstr(page.p, "vaultify_push_devices 1\n"));
    assert_null(strstr(page.p, "apns"));
    sio_strbuf_fini(&page);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        POST_CASE(a_rest_does_not_stop_the_others),
        POST_CASE(429_for_an_hour_is_few_requests_and_two_lines),
        POST_CASE(nonsense_to_each_push_is_said_once_a_minute_at_most),
        POST_CASE(retry_after_is_kept_to),
        POST_CASE(attempts_are_not_counted_while_a_service_rests),
        POST_CASE(a_bad_certificate_rests_after_a_few),
        POST_CASE(a_service_that_hangs_holds_no_more_than_its_window),
        POST_CASE(a_web_push_server_that_hangs_does_not_stop_the_others),
        POST_CASE(one_users_subscriptions_do_not_stop_those_of_others),
        POST_CASE(nothing_is_lost_and_nothing_twice_whatever_fails),
        POST_CASE(metrics_tell_what_waits_and_who_rests),
    };
    return CONTRACT_RUN(tests);
}
