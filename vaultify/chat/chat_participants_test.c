/* The participant set: what was added is there, what was removed is not, at every size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "chat/participant_set.h"

static struct uuid id(unsigned n) {
    return (struct uuid){.b = {1, 2, 3, [14] = (uint8_t)(n >> 8), (uint8_t)n}};
}

static void like_a_table_of_flags(void **state) {
    enum { USERS = 3000, STEPS = 200000 };
    static const uint64_t seed[2] = {1, 2};
    static bool in[USERS];
    struct participant_set set;
    uint32_t count = 0, x = 12345;
    participant_set_init(&set, seed);
    for (unsigned step = 0; step < STEPS; step++) {
        x = x * 1664525 + 1013904223;
        unsigned n = (x >> 8) % USERS;
        struct uuid user = id(n);
        assert_int_equal(participant_get(&set, &user) != NULL, in[n]);
        if (x >> 31)
            participant_add(&set, &user, n % 2);
        else
            participant_remove(&set, &user);
        count += (uint32_t)((x >> 31) - in[n]);
        in[n] = x >> 31;
        assert_int_equal(set.count, count);
    }
    for (unsigned n = 0; n < USERS; n++) {
        struct uuid user = id(n);
        struct participant *p = participant_get(&set, &user);
        assert_int_equal(p != NULL, in[n]);
        if (p) assert_int_equal(p->admin, n % 2);
    }
    participant_set_fini(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(like_a_table_of_flags)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
