/* Presence as others see it: several devices, the grace period, and a bound on what a large estate hears. */
#include "chat/testing/world.h"

static void one_announcement_for_all_devices(void **state) {
    struct world w;
    struct answer phone = {0}, tablet = {0}, online = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 2, 1);
    world_connect(&w, 1, 1, &phone);
    world_run(&w);
    assert_int_equal(phone.fault, FAULT_NONE);
    assert_int_equal(phone.n, 1); /* the group */
    assert_int_equal(phone.lines_then, 0);
    world_connect(&w, 1, 1, &tablet);
    world_run(&w);
    world_expect(&w, "online u1");

    world_disconnect(&w, 1, 1);
    world_pass(&w, 60000);
    world_expect(&w, "");
    world_online(&w, 2, 1, 1, &online);
    world_run(&w);
    assert_int_equal(online.n, 1);
    world_disconnect(&w, 1, 1);
    world_pass(&w, 4900);
    world_expect(&w, "");
    world_pass(&w, 200);
    world_expect(&w, "offline u1");
    world_online(&w, 2, 1, 1, &online);
    world_run(&w);
    assert_int_equal(online.n, 0);
    world_close(&w);
}

static void coming_back_in_the_grace_period_is_no_news(void **state) {
    struct world w;
    world_open(&w, NULL);
    world_put_users(&w, 1, 1, 1);
    world_connect(&w, 1, 1, NULL);
    world_run(&w);
    world_expect(&w, "online u1");
    for (int i = 0; i < 5; i++) {
        world_disconnect(&w, 1, 1);
        world_pass(&w, 4000);
        world_connect(&w, 1, 1, NULL);
        world_pass(&w, 20000);
    }
    world_expect(&w, "");
    world_close(&w);
}

static void epoch_act(struct chat_user *me, const void *in, struct answer *answer) {
    answer->seq = chat_connection_epoch(me);
}

static void late_end_act(struct chat_user *me, const void *in, struct answer *answer) {
    chat_disconnect(me, *(const uint32_t *)in, false, false);
}

/* A socket that was ended with the user's suspension goes when the user is back already, on another one. */
static void a_late_end_is_not_counted_twice(void **state) {
    struct world w;
    struct answer epoch = {0}, online = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 2, 1);
    world_connect(&w, 1, 1, NULL);
    world_run(&w);
    world_act(&w, 1, 1, epoch_act, NULL, 0, &epoch);
    world_run(&w);
    uint32_t old = (uint32_t)epoch.seq;
    world_put_user(&w, 1, 1, ROLE_RESIDENCE, USER_SUSPENDED);
    world_changed(&w, 1);
    world_run(&w);
    world_put_user(&w, 1, 1, ROLE_RESIDENCE, USER_ACTIVE);
    world_changed(&w, 1);
    world_run(&w);
    world_connect(&w, 1, 1, NULL);
    world_run(&w);
    world_forget(&w);
    world_act(&w, 1, 1, late_end_act, &old, sizeof old, NULL);
    world_pass(&w, 60000);
    world_expect(&w, "");
    world_online(&w, 2, 1, 1, &online);
    world_run(&w);
    assert_int_equal(online.n, 1);
    world_close(&w);
}

static void only_their_own_estate_is_shown(void **state) {
    struct world w;
    struct answer foreign = {0}, unknown = {0}, alone = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 1, 1);
    world_put_users(&w, 2, 1, 2);
    world_put_user(&w, 3, 0, ROLE_SUPER_ADMIN, USER_ACTIVE);
    world_online(&w, 1, 1, 2, &foreign);
    world_online(&w, 1, 1, 99, &unknown);
    world_online(&w, 3, 0, 0, &alone);
    world_run(&w);
    assert_int_equal(foreign.fault, FAULT_FORBIDDEN);
    assert_int_equal(unknown.fault, FAULT_FORBIDDEN);
    assert_int_equal(alone.fault, FAULT_FORBIDDEN);
    world_connect(&w, 3, 0, &alone);
    world_run(&w);
    assert_int_equal(alone.fault, FAULT_NONE);
    assert_int_equal(alone.n, 0);
    world_expect(&w, "");
    world_close(&w);
}

static void unknown_and_inactive_users_stay_out(void **state) {
    struct world w;
    struct answer unknown = {0}, pending = {0}, suspended = {0};
    world_open(&w, NULL);
    world_put_user(&w, 1, 1, ROLE_RESIDENCE, USER_PENDING);
    world_put_user(&w, 2, 1, ROLE_RESIDENCE, USER_SUSPENDED);
    world_connect(&w, 1, 1, &pending);
    world_connect(&w, 2, 1, &suspended);
    world_connect(&w, 9, 1, &unknown);
    world_run(&w);
    assert_int_equal(pending.fault, FAULT_USER_INACTIVE);
    assert_int_equal(suspended.fault, FAULT_USER_INACTIVE);
    assert_int_equal(unknown.fault, FAULT_USER_UNKNOWN);
    world_expect(&w, "");
    world_close(&w);
}

/* Within one second an estate hears of the first changes one by one, of the others together. */
static void the_rest_of_a_second_is_folded(void **state) {
    struct world w;
    world_open(&w, NULL);
    world_put_users(&w, 1, 50, 1);
    for (unsigned i = 1; i <= 50; i++) world_connect(&w, i, 1, NULL);
    world_run(&w);
    assert_int_equal(world_told(&w, "online"), 20);
    assert_int_equal(world_told(&w, "digest"), 0);
    world_forget(&w);
    world_pass(&w, 1100);
    world_expect(&w, "digest +30 -0 =50");
    world_pass(&w, 60000);
    world_expect(&w, "");
    world_close(&w);
}

static void on_and_off_in_one_window_cancel_out(void **state) {
    struct world w;
    struct chat_config config;
    chat_config_init(&config);
    config.presence_grace_ms = 10;
    config.presence_events_per_s = 0;
    world_open(&w, &config);
    world_put_users(&w, 1, 3, 1);
    world_connect(&w, 1, 1, NULL);
    world_pass(&w, 2000);
    world_expect(&w, "digest +1 -0 =1");
    world_connect(&w, 2, 1, NULL);
    world_pass(&w, 100);
    world_disconnect(&w, 2, 1);
    world_pass(&w, 100);
    world_connect(&w, 3, 1, NULL);
    world_pass(&w, 2000);
    world_expect(&w, "digest +1 -0 =2");
    world_close(&w);
}

/* 10,000 residents come back after a restart: naive, that is 50 million deliveries. */
static void a_large_estate_is_not_drowned(void **state) {
    enum { USERS = 10000, SECONDS = 30 };
    struct world w;
    world_open(&w, NULL);
    world_put_users(&w, 1, USERS, 1);
    for (unsigned i = 1; i <= USERS; i++) {
        world_connect(&w, i, 1, NULL);
        if (i % 500 == 0) world_pass(&w, 200); /* within 4 s */
    }
    world_pass(&w, 10000);
    assert_int_equal(w.sockets, USERS);
    assert_in_range(w.digests, 1, 14);
    assert_true(w.presence_deliveries <= 14ul * w.config.presence_deliveries_per_s);

    /* Now it stands; people come and go, five a second. */
    unsigned long before = w.presence_deliveries;
    for (unsigned second = 0; second < SECONDS; second++) {
        for (unsigned i = 1; i <= 5; i++) world_disconnect(&w, second * 5 + i, 1);
        world_pass(&w, 1000);
    }
    world_pass(&w, 10000);
    assert_true(w.presence_deliveries - before <=
                (SECONDS + 11) * (unsigned long)w.config.presence_deliveries_per_s);
    assert_true(w.presence_deliveries > before);
    world_close(&w);
}

/* More sockets than a second's budget: the digest comes less often than once a second. */
static void the_digest_interval_stretches(void **state) {
    struct world w;
    struct chat_config config;
    chat_config_init(&config);
    config.presence_deliveries_per_s = 10;
    config.presence_digest_max = 3;
    config.presence_grace_ms = 10;
    world_open(&w, &config);
    world_put_users(&w, 1, 50, 1);
    for (unsigned i = 1; i <= 50; i++) world_connect(&w, i, 1, NULL);
    world_pass(&w, 7000);
    world_forget(&w);
    w.presence_deliveries = w.digests = 0;
    for (unsigned i = 1; i <= 40; i++) {
        world_disconnect(&w, i, 1);
        world_pass(&w, 1000);
    }
    assert_true(w.presence_deliveries <= 10 * 42);
    assert_in_range(w.digests, 10, 20);
    assert_string_equal(w.lines[0], "digest +0 -3 =45"); /* after five seconds, three of five named */
    world_close(&w);
}

static void an_estate_nobody_uses_is_dropped(void **state) {
    struct world w;
    struct answer a = {0};
    world_open(&w, NULL);
    world_put_users(&w, 1, 1, 1);
    world_connect(&w, 1, 1, NULL);
    world_pass(&w, 3600000);
    assert_int_equal(w.store.submitted[STORE_ESTATE_LOAD], 1);
    world_disconnect(&w, 1, 1);
    world_pass(&w, 3600000);
    world_online(&w, 1, 1, 1, &a);
    world_run(&w);
    assert_int_equal(a.fault, FAULT_NONE);
    assert_int_equal(w.store.submitted[STORE_ESTATE_LOAD], 2);
    world_close(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_announcement_for_all_devices),
        cmocka_unit_test(coming_back_in_the_grace_period_is_no_news),
        cmocka_unit_test(a_late_end_is_not_counted_twice),
        cmocka_unit_test(only_their_own_estate_is_shown),
        cmocka_unit_test(unknown_and_inactive_users_stay_out),
        cmocka_unit_test(the_rest_of_a_second_is_folded),
        cmocka_unit_test(on_and_off_in_one_window_cancel_out),
        cmocka_unit_test(a_large_estate_is_not_drowned),
        cmocka_unit_test(the_digest_interval_stretches),
        cmocka_unit_test(an_estate_nobody_uses_is_dropped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
