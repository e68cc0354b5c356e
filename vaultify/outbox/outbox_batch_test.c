/* A service that takes several pushes in a request: requests are full as far as its rate allows, and one by one when it
 * asks for that. */
#include "outbox/testing/post.h"

enum { DEVICES = 2 * STORE_DEVICES_A_USER };

static void devices_of_two(struct post *p) {
    char token[32];
    p->expo->answer = good;
    for (unsigned i = 0; i < DEVICES; i++) {
        snprintf(token, sizeof token, "device %u", i);
        device(p, 1 + i % 2, PUSH_EXPO, token);
    }
}

/* After the first message the rate is used up, and comes back a few at a time. */
static void test_requests_are_as_full_as_the_rate_allows(void **state) {
    struct post *p = *state;
    devices_of_two(p);
    say(p, 0, "one");
    assert_true(fake_run_until_taken(&p->world, DEVICES, 1000));
    unsigned before = p->expo->requests;
    say(p, 0, "two");
    assert_true(fake_run_until_taken(&p->world, 2 * DEVICES, 1000));
    assert_int_equal(p->expo->requests - before, 1);
}

static void test_one_by_one_when_the_service_asks_for_it(void **state) {
    struct post *p = *state;
    devices_of_two(p);
    p->expo->provider.batch_limit = 1;
    say(p, 0, "one");
    assert_true(fake_run_until_taken(&p->world, DEVICES, 1000));
    assert_int_equal(p->expo->requests, DEVICES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        POST_CASE(requests_are_as_full_as_the_rate_allows),
        POST_CASE(one_by_one_when_the_service_asks_for_it),
    };
    return CONTRACT_RUN(tests);
}
