/* The worker on its own thread, with the clocks and curl of the program: it starts, is woken from all sides, and stops. */
#include "store/contract_push.h"

#include <pthread.h>

#include "outbox/outbox.h"

enum { WAIT_STEP_US = 1000, WAIT_MAX_US = 20 * 1000 * 1000, WAKERS = 3, WAKES = 2000, DRAIN_MS = 100 };

/* Nobody listens there. */
static const char nowhere[] = "https://127.0.0.1:9";

static struct outbox *open_outbox(struct metrics *metrics) {
    struct outbox_config config;
    struct outbox *outbox;
    outbox_config_init(&config);
    config.push.expo.on = true;
    config.push.expo.base = nowhere;
    config.metrics = metrics;
    assert_int_equal(outbox_new(&config, &outbox), SIO_ERR_OK);
    assert_int_equal(outbox_services(outbox), 1u << PUSH_EXPO);
    assert_null(outbox_vapid_public_key(outbox));
    return outbox;
}

static bool has_counted(struct metrics *metrics, const char *line) {
    struct sio_strbuf page;
    sio_strbuf_init(&page);
    metrics_write(metrics, &page);
    bool found = strstr(page.p, line) != NULL;
    sio_strbuf_fini(&page);
    return found;
}

static void await_count(struct metrics *metrics, const char *line) {
    for (int us = 0; !has_counted(metrics, line); us += WAIT_STEP_US) {
        assert_true(us < WAIT_MAX_US);
        usleep(WAIT_STEP_US);
    }
}

static void *wake_often(void *outbox) {
    for (int i = 0; i < WAKES; i++) outbox_wake(outbox);
    return NULL;
}

static void wake_from_all_sides(struct outbox *outbox) {
    pthread_t threads[WAKERS];
    for (int i = 0; i < WAKERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, wake_often, outbox), 0);
    for (int i = 0; i < WAKERS; i++) pthread_join(threads[i], NULL);
}

struct answer {
    sem_t came;
    enum fault fault;
    char outcome[32];
};

static void tested(struct outbox_test *test, enum fault fault, const struct outbox_tested *devices,
                   size_t count) {
    struct answer *answer = test->data;
    answer->fault = fault;
    snprintf(answer->outcome, sizeof answer->outcome, "%s", count ? devices[0].outcome : "");
    sem_post(&answer->came);
}

static struct answer test_push_to(struct outbox *outbox, struct uuid user) {
    struct answer answer;
    struct outbox_test test = {.user = user, .done = tested, .data = &answer};
    sem_init(&answer.came, 0, 0);
    outbox_test(outbox, &test);
    sem_wait(&answer.came);
    sem_destroy(&answer.came);
    return answer;
}

static uint64_t waiting(struct fixture *f) {
    struct store_push_stats *op = store_op_new(STORE_PUSH_STATS, NULL, NULL, NULL);
    store_call(f->store, &op->op);
    uint64_t count = op->services[PUSH_EXPO].waiting;
    store_op_free(&op->op);
    return count;
}

static void test_it_works_and_stops(void **state) {
    struct fixture *f = *state;
    struct metrics *metrics = metrics_new();
    struct outbox *outbox = open_outbox(metrics);
    store_stop(f);
    store_start(f);
    assert_int_equal(outbox_start(outbox, f->store, NULL), SIO_ERR_OK);
    device_add(f, f->users[1], PUSH_EXPO, "ExponentPushToken[1]");
    message_add(f, f->talk, f->users[0], "hello");
    wake_from_all_sides(outbox);
    await_count(metrics, "vaultify_push_total{provider=\"expo\",outcome=\"retry\"} 1");
    struct answer answer = test_push_to(outbox, f->users[1]);
    assert_int_equal(answer.fault, FAULT_NONE);
    assert_string_equal(answer.outcome, "retry");
    outbox_stop(outbox, DRAIN_MS);
    assert_int_equal(waiting(f), 1);
    assert_int_equal(test_push_to(outbox, f->users[1]).fault, FAULT_INTERNAL);
    outbox_wake(outbox);
    store_stop(f);
    outbox_free(outbox);
    metrics_free(metrics);
}

static void test_one_that_was_never_started_is_freed(void **state) {
    struct outbox *outbox = open_outbox(NULL);
    outbox_stop(outbox, DRAIN_MS);
    outbox_free(outbox);
}

static void test_a_service_that_cannot_work_is_refused(void **state) {
    struct outbox_config config;
    struct outbox *outbox;
    outbox_config_init(&config);
    config.push.expo.on = true;
    config.push.fcm.credentials_json = "{}";
    assert_int_equal(outbox_new(&config, &outbox), SIO_ERR_INVALID);
    outbox_config_init(&config);
    config.push.texts_dir = "/nonexistent";
    assert_int_equal(outbox_new(&config, &outbox), SIO_ERR_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        CONTRACT_CASE(it_works_and_stops),
        CONTRACT_CASE(one_that_was_never_started_is_freed),
        CONTRACT_CASE(a_service_that_cannot_work_is_refused),
    };
    return CONTRACT_RUN(tests);
}
