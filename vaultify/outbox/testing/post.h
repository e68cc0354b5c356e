/* What the worker's tests share: the real store with its people, a world of fake services around a worker, the log in a
 * file. Included by test programs alone. */
#pragma once
#include "store/contract_push.h"

#include "outbox/testing/fake_world.h"

enum {
    MINUTE_MS = 60 * 1000,
    HOUR_MS = 60 * MINUTE_MS,
    UNACKED_AFTER_MS = 20000,
    FCM_WINDOW = 20,
    EXPO_BATCH = 100,
    EXPO_WINDOW = 600,
};

struct post {
    struct fixture *store;
    struct sio_log log;
    FILE *log_file;
    struct outbox_config config;
    struct fake_world world;
    struct fake_service *fcm, *expo, *webpush; /* APNs is off */
};

/* How the residents can be reached. */
static enum chat_reach reachable[USERS];
static struct fixture *people;

static enum chat_reach reach_of(const struct uuid *user) {
    for (unsigned i = 0; i < USERS; i++)
        if (uuid_eq(user, &people->users[i])) return reachable[i];
    return CHAT_OFFLINE;
}

CONTRACT_HELPER enum push_result receipt_is_fine(struct fake_service *service, struct sio_span id) {
    return PUSH_SENT;
}

CONTRACT_HELPER void services_on(struct post *p) {
    p->fcm = fake_service_on(&p->world, PUSH_FCM, 1, FCM_WINDOW, 0);
    p->webpush = fake_service_on(&p->world, PUSH_WEBPUSH, 1, FCM_WINDOW, 0);
    p->expo = fake_service_on(&p->world, PUSH_EXPO, EXPO_BATCH, EXPO_WINDOW, EXPO_WINDOW);
    p->expo->gives_receipts = true;
    p->expo->receipt = receipt_is_fine;
    p->expo->ops.receipts_max = 1000;
    p->expo->ops.receipt_delay_ms = 15 * MINUTE_MS;
    p->expo->ops.receipt_keep_ms = 24 * HOUR_MS;
}

CONTRACT_HELPER int post_setup(void **state) {
    if (setup(state) != 0) return -1;
    struct post *p = mem_new(struct post);
    p->store = people = *state;
    memset(reachable, 0, sizeof reachable);
    store_stop(p->store);
    clock_ms = 1800000000000;
    p->store->config.wall_ms = clock_now;
    store_start(p->store);
    p->log_file = tmpfile();
    sio_log_init(&p->log, fileno(p->log_file), SIO_LOG_INFO);
    outbox_config_init(&p->config);
    p->config.log = &p->log;
    fake_world_init(&p->world, &clock_ms, 1);
    p->world.reach = reach_of;
    services_on(p);
    fake_open(&p->world, &p->config, p->store->store);
    *state = p;
    return 0;
}

CONTRACT_HELPER int post_teardown(void **state) {
    struct post *p = *state;
    fake_stop(&p->world, 0);
    store_stop(p->store);
    fake_free(&p->world);
    fake_world_fini(&p->world);
    fclose(p->log_file);
    *state = p->store;
    free(p);
    return teardown(state);
}

/* The worker has stopped: the store does too, and both begin anew on what was kept. */
CONTRACT_HELPER void post_start_again(struct post *p) {
    store_stop(p->store);
    fake_free(&p->world);
    store_start(p->store);
    fake_open(&p->world, &p->config, p->store->store);
}

CONTRACT_HELPER void post_restart(struct post *p, uint32_t drain_ms) {
    fake_stop(&p->world, drain_ms);
    post_start_again(p);
}

CONTRACT_HELPER void device(struct post *p, unsigned user, enum push_service service, const char *token) {
    device_add(p->store, p->store->users[user], (uint8_t)service, token);
}

CONTRACT_HELPER struct message_row say(struct post *p, unsigned user, const char *content) {
    return message_add(p->store, p->store->talk, p->store->users[user], content);
}

CONTRACT_HELPER const struct fake_push *taken_by(struct post *p, const char *token) {
    for (size_t i = 0; i < p->world.taken_count; i++)
        if (strcmp(p->world.taken[i].token, token) == 0) return &p->world.taken[i];
    return NULL;
}

CONTRACT_HELPER struct store_push_stats stats_of(struct post *p) {
    struct store_push_stats *op = store_op_new(STORE_PUSH_STATS, NULL, NULL, NULL);
    assert_int_equal(store_call(p->store->store, &op->op), FAULT_NONE);
    struct store_push_stats stats = *op;
    store_op_free(&op->op);
    return stats;
}

CONTRACT_HELPER void assert_nothing_waits(struct post *p) {
    struct store_push_stats stats = stats_of(p);
    assert_true(stats.fanouts == 0 && stats.watches == 0 && stats.receipts == 0);
    for (unsigned i = 0; i < PUSH_SERVICE_COUNT_; i++)
        assert_true(stats.services[i].waiting == 0 && stats.services[i].dead == 0);
}

/* So many lines of the log hold this text. */
CONTRACT_HELPER unsigned log_lines(struct post *p, const char *text) {
    char line[4096];
    unsigned count = 0;
    rewind(p->log_file);
    while (fgets(line, sizeof line, p->log_file)) count += strstr(line, text) != NULL;
    return count;
}

#define assert_log(p, text, count) assert_int_equal(log_lines((p), (text)), (count))

/* ---- what a service answers ---- */

CONTRACT_HELPER struct fake_answer good(struct fake_service *service, const struct push_note *notes,
                                        size_t count) {
    return (struct fake_answer){.status = 200};
}

CONTRACT_HELPER struct fake_answer busy(struct fake_service *service, const struct push_note *notes,
                                        size_t count) {
    return (struct fake_answer){.status = 429, .about_all = true};
}

CONTRACT_HELPER struct fake_answer dead(struct fake_service *service, const struct push_note *notes,
                                        size_t count) {
    return (struct fake_answer){.status = 410};
}

#define POST_CASE(name) cmocka_unit_test_setup_teardown(test_##name, post_setup, post_teardown)
