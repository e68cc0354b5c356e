/* Pacing, back-off, hosts and the mailbox, each by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/mem.h"
#include "outbox/hosts.h"
#include "outbox/mailbox.h"
#include "outbox/pace.h"
#include "outbox/trouble.h"

/* ---- pacing ---- */

enum { SECOND_MS = 1000, TEST_SECONDS = 20 };

/* Takes all that is allowed, looking every `step_ms`; the most in any second, and all together. */
static uint32_t most_in_a_second(uint32_t per_second, uint32_t step_ms, uint32_t *all) {
    static uint32_t taken[TEST_SECONDS * SECOND_MS];
    struct pace pace;
    uint32_t most = 0, window = 0;
    *all = 0;
    pace_init(&pace, per_second, 0);
    for (uint32_t ms = 0; ms < TEST_SECONDS * SECOND_MS; ms++) {
        taken[ms] = ms % step_ms == 0 ? pace_allows(&pace, ms) : 0;
        pace_take(&pace, taken[ms]);
        window += taken[ms] - (ms >= SECOND_MS ? taken[ms - SECOND_MS] : 0);
        if (window > most) most = window;
        *all += taken[ms];
    }
    return most;
}

static void test_no_second_sees_more_than_its_number(void **state) {
    static const uint32_t rates[] = {1, 2, 9, 10, 11, 99, 600, 9000};
    static const uint32_t steps[] = {1, 7, 50, 1000};
    for (size_t i = 0; i < sizeof rates / sizeof *rates; i++)
        for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
            uint32_t all;
            assert_in_range(most_in_a_second(rates[i], steps[k], &all), 1, rates[i]);
        }
}

static void test_most_of_what_is_allowed_is_used(void **state) {
    uint32_t all;
    most_in_a_second(600, 10, &all);
    assert_in_range(all, TEST_SECONDS * 600 * 9 / 10, TEST_SECONDS * 600);
    most_in_a_second(1, 10, &all);
    assert_in_range(all, TEST_SECONDS - 1, TEST_SECONDS);
}

static void test_without_a_limit_any_number_may_go(void **state) {
    struct pace pace;
    pace_init(&pace, 0, 5);
    pace_take(&pace, 1000000);
    assert_int_equal(pace_allows(&pace, 5), UINT32_MAX);
}

static void test_the_next_one_may_go_when_it_is_said(void **state) {
    struct pace pace;
    pace_init(&pace, 4, 0);
    pace_take(&pace, pace_allows(&pace, 0));
    uint64_t next = pace_next_ms(&pace, 1);
    assert_int_equal(next, 250);
    assert_int_equal(pace_allows(&pace, next - 1), 0);
    assert_int_equal(pace_allows(&pace, next), 1);
}

static void test_several_may_go_when_it_is_said(void **state) {
    struct pace pace;
    pace_init(&pace, 600, 0);
    assert_true(pace_next_ms(&pace, 60) == 0 &&
                pace_next_ms(&pace, 1000) == 0); /* never more than 60 at once */
    pace_take(&pace, pace_allows(&pace, 0));
    uint64_t next = pace_next_ms(&pace, 40);
    assert_in_range(next, 66, 75);
    assert_int_equal(pace_allows(&pace, next - 1), 39);
    assert_int_equal(pace_allows(&pace, next), 40);
}

/* ---- back-off ---- */

static void test_pauses_double_up_to_a_quarter_of_an_hour(void **state) {
    assert_int_equal(backoff_ms(1, 0), 1000);
    assert_int_equal(backoff_ms(2, 0), 2000);
    assert_int_equal(backoff_ms(10, 0), 512000);
    assert_int_equal(backoff_ms(11, 0), BACKOFF_MAX_MS);
    assert_int_equal(backoff_ms(UINT32_MAX, 0), BACKOFF_MAX_MS);
}

static void test_chance_takes_up_to_half(void **state) {
    for (uint32_t random = 0; random < 100000; random += 77)
        assert_in_range(backoff_ms(3, random), 2000, 4000);
    assert_int_equal(backoff_ms(3, 2000), 2000);
}

static void test_a_wish_goes_before_our_own_pause(void **state) {
    struct trouble t = {0};
    trouble_add(&t, 100, 7000, 0);
    assert_true(trouble_rests(&t, 7099) && !trouble_rests(&t, 7100));
    assert_true(trouble_probes(&t, 7100));
    trouble_end(&t);
    assert_false(trouble_probes(&t, 7100));
}

/* ---- hosts ---- */

enum { WINDOW = 8, SHARE = 6 };

static struct host *host_at(struct hosts *hosts, const char *url) {
    return host_ref(hosts, sio_span_cstr(url));
}

static void answer(struct host *host, enum host_news news, uint8_t user, uint64_t now_ms) {
    host_answered(host, news, &(struct uuid){{user}}, 0, "", now_ms, 0);
}

static void time_out(struct host *host, uint64_t now_ms) {
    host_sent(host, now_ms);
    answer(host, HOST_FAILS, 1, now_ms);
}

static void refuse(struct host *host, uint8_t user, uint64_t now_ms) {
    host_sent(host, now_ms);
    answer(host, HOST_REFUSES, user, now_ms);
}

static void test_a_host_is_its_name(void **state) {
    struct hosts *hosts = hosts_new(WINDOW, NULL);
    struct host *a = host_at(hosts, "https://a.example/x/1"), *b = host_at(hosts, "https://b.example/x/1");
    assert_ptr_not_equal(a, b);
    assert_ptr_equal(a, host_at(hosts, "https://a.example?q"));
    assert_ptr_equal(host_at(hosts, "none"), host_at(hosts, "none"));
    hosts_free(hosts);
}

static void test_a_host_has_a_share_and_no_more(void **state) {
    struct hosts *hosts = hosts_new(WINDOW, NULL);
    struct host *a = host_at(hosts, "https://a.example/"), *b = host_at(hosts, "https://b.example/");
    for (int i = 0; i < SHARE; i++) {
        assert_int_equal(host_admits(a, 0), HOST_GO);
        host_sent(a, 0);
    }
    assert_int_equal(host_admits(a, 0), HOST_FULL);
    assert_int_equal(host_admits(b, 0), HOST_GO);
    hosts_free(hosts);
}

static void test_a_silent_host_gets_no_more(void **state) {
    struct hosts *hosts = hosts_new(WINDOW, NULL);
    struct host *a = host_at(hosts, "https://a.example/");
    host_sent(a, 1000);
    assert_int_equal(host_admits(a, 3000), HOST_GO);
    assert_int_equal(host_admits(a, 3001), HOST_RESTS);
    answer(a, HOST_WELL, 1, 5000);
    assert_int_equal(host_admits(a, 60000), HOST_GO);
    hosts_free(hosts);
}

static void test_a_host_that_fails_rests_and_is_tried_with_one(void **state) {
    struct hosts *hosts = hosts_new(WINDOW, NULL);
    struct host *a = host_at(hosts, "https://a.example/");
    time_out(a, 0);
    time_out(a, 0);
    assert_int_equal(host_admits(a, 0), HOST_GO);
    time_out(a, 0);
    assert_int_equal(host_admits(a, 999), HOST_RESTS);
    assert_int_equal(host_rest_ms(a, 400), 600);
    assert_int_equal(host_admits(a, 1000), HOST_GO);
    host_sent(a, 1000);
    assert_int_equal(host_admits(a, 1000), HOST_FULL);
    answer(a, HOST_FAILS, 1, 1000); /* still not well: at once, and twice as long */
    assert_int_equal(host_admits(a, 2999), HOST_RESTS);
    host_sent(a, 3000);
    answer(a, HOST_WELL, 1, 3000);
    host_sent(a, 3000);
    assert_int_equal(host_admits(a, 3000), HOST_GO);
    hosts_free(hosts);
}

/* Nor in the end do they keep it from being tried by others. */
static void test_a_host_that_refuses_rests_when_it_was_several_users(void **state) {
    struct hosts *hosts = hosts_new(WINDOW, NULL);
    struct host *a = host_at(hosts, "https://a.example/");
    for (unsigned i = 0; i < 100; i++) refuse(a, (uint8_t)(i % 4), 0);
    assert_int_equal(host_admits(a, 0), HOST_GO);
    refuse(a, 4, 0);
    assert_int_equal(host_admits(a, 999), HOST_RESTS);
    for (unsigned i = 0; i < 100; i++) refuse(a, (uint8_t)(i % 5), 1000);
    assert_int_equal(host_admits(a, 1000), HOST_GO);
    refuse(a, 5, 1000);
    assert_int_equal(host_admits(a, 2999), HOST_RESTS);
    host_sent(a, 3000);
    answer(a, HOST_WELL, 6, 3000);
    for (unsigned i = 0; i < 4; i++) refuse(a, (uint8_t)i, 3000);
    assert_int_equal(host_admits(a, 3000), HOST_GO);
    hosts_free(hosts);
}

static void test_hosts_are_bounded_and_those_in_use_are_kept(void **state) {
    struct hosts *hosts = hosts_new(WINDOW, NULL);
    struct host *kept = host_at(hosts, "https://kept.example/");
    char url[64];
    unsigned looked_after = 0;
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(url, sizeof url, "https://h%u.example/", i);
        struct host *host = host_at(hosts, url);
        looked_after += host != NULL;
        assert_ptr_not_equal(host, kept);
        if (i % 2) host_unref(host);
    }
    assert_int_equal(host_admits(NULL, 0), HOST_GO);
    assert_in_range(looked_after, 100, 999);
    assert_ptr_equal(kept, host_at(hosts, "https://kept.example/"));
    hosts_free(hosts);
}

/* ---- the mailbox ---- */

enum { SENDERS = 4, LETTERS = 20000 };

struct numbered {
    struct letter letter;
    unsigned sender, number;
};

static struct post_office {
    struct mailbox *box;
    unsigned next[SENDERS], dropped;
    bool in_order;
} office;

static void count_open(struct letter *letter) {
    struct numbered *n = container_of(letter, struct numbered, letter);
    office.in_order = office.in_order && office.next[n->sender] == n->number;
    office.next[n->sender]++;
    free(n);
}

static void count_drop(struct letter *letter) {
    office.dropped++;
    free(container_of(letter, struct numbered, letter));
}

static void no_wake(void *ctx) {}

static void post_one(unsigned sender, unsigned number) {
    struct numbered *n = mem_new(struct numbered);
    *n = (struct numbered){{.open = count_open, .drop = count_drop}, sender, number};
    mailbox_post(office.box, &n->letter);
}

static void *post_many(void *data) {
    unsigned sender = *(unsigned *)data;
    for (unsigned i = 0; i < LETTERS; i++) post_one(sender, i);
    return NULL;
}

static void test_letters_of_all_threads_come_in_order(void **state) {
    office = (struct post_office){.box = mailbox_new(no_wake, NULL), .in_order = true};
    pthread_t threads[SENDERS];
    unsigned senders[SENDERS], came = 0;
    for (unsigned i = 0; i < SENDERS; i++) {
        senders[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, post_many, &senders[i]), 0);
    }
    while (came < SENDERS * LETTERS) {
        mailbox_open(office.box);
        came = office.next[0] + office.next[1] + office.next[2] + office.next[3];
    }
    for (unsigned i = 0; i < SENDERS; i++) pthread_join(threads[i], NULL);
    assert_true(office.in_order);
    mailbox_close(office.box);
    mailbox_unref(office.box);
}

static void test_a_closed_box_drops_what_comes_and_what_was_in_it(void **state) {
    office = (struct post_office){.box = mailbox_new(no_wake, NULL), .in_order = true};
    post_one(0, 0);
    mailbox_close(office.box);
    post_one(0, 1);
    assert_int_equal(office.dropped, 2);
    assert_int_equal(office.next[0], 0);
    mailbox_unref(mailbox_ref(office.box));
    mailbox_unref(office.box);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_second_sees_more_than_its_number),
        cmocka_unit_test(test_most_of_what_is_allowed_is_used),
        cmocka_unit_test(test_without_a_limit_any_number_may_go),
        cmocka_unit_test(test_the_next_one_may_go_when_it_is_said),
        cmocka_unit_test(test_several_may_go_when_it_is_said),
        cmocka_unit_test(test_pauses_double_up_to_a_quarter_of_an_hour),
        cmocka_unit_test(test_chance_takes_up_to_half),
        cmocka_unit_test(test_a_wish_goes_before_our_own_pause),
        cmocka_unit_test(test_a_host_is_its_name),
        cmocka_unit_test(test_a_host_has_a_share_and_no_more),
        cmocka_unit_test(test_a_silent_host_gets_no_more),
        cmocka_unit_test(test_a_host_that_fails_rests_and_is_tried_with_one),
        cmocka_unit_test(test_a_host_that_refuses_rests_when_it_was_several_users),
        cmocka_unit_test(test_hosts_are_bounded_and_those_in_use_are_kept),
        cmocka_unit_test(test_letters_of_all_threads_come_in_order),
        cmocka_unit_test(test_a_closed_box_drops_what_comes_and_what_was_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
