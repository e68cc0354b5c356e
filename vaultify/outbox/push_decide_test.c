/* The decision table: each combination of sockets, acknowledgement, mute, notifications, quiet hours and
 * emergency → push or not; every one of them is in exactly one row, and decided as the row says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "outbox/decide.h"

/* What a row admits of each column: a set of bits; `any` is all of them. */
enum {
    any = 7,
    no = 1 << false,
    yes = 1 << true,
    offline = 1 << CHAT_OFFLINE,
    connected = 1 << CHAT_CONNECTED,
    confirms = 1 << CHAT_CONFIRMS,
    fresh = 1 << PUSH_FRESH,
    ack = 1 << PUSH_AWAITS_ACK,
    ping = 1 << PUSH_AWAITS_PING,
};

/* clang-format off */
static const struct row {
    unsigned sockets, waited_for, active, muted, enabled, quiet, emergency;
    enum push_decision decision;
} table[] = {
    /* sockets             waited for  active  muted  enabled  quiet  emergency  decision */
    {  any,                any,        no,     any,   any,     any,   any,       PUSH_NO        },

    {  any,                any,        yes,    yes,   any,     any,   no,        PUSH_NO        },
    {  any,                any,        yes,    no,    no,      any,   no,        PUSH_NO        },
    {  any,                any,        yes,    no,    yes,     yes,   no,        PUSH_NO        },

    {  offline,            fresh,      yes,    no,    yes,     no,    no,        PUSH_SEND      },
    {  connected,          fresh,      yes,    no,    yes,     no,    no,        PUSH_WAIT_PING },
    {  confirms,           fresh,      yes,    no,    yes,     no,    no,        PUSH_WAIT_ACK  },
    {  any,                ack,        yes,    no,    yes,     no,    no,        PUSH_SEND      },
    {  offline,            ping,       yes,    no,    yes,     no,    no,        PUSH_SEND      },
    {  connected|confirms, ping,       yes,    no,    yes,     no,    no,        PUSH_NO        },

    {  offline,            fresh,      yes,    any,   any,     any,   yes,       PUSH_SEND      },
    {  connected,          fresh,      yes,    any,   any,     any,   yes,       PUSH_WAIT_PING },
    {  confirms,           fresh,      yes,    any,   any,     any,   yes,       PUSH_WAIT_ACK  },
    {  any,                ack,        yes,    any,   any,     any,   yes,       PUSH_SEND      },
    {  offline,            ping,       yes,    any,   any,     any,   yes,       PUSH_SEND      },
    {  connected|confirms, ping,       yes,    any,   any,     any,   yes,       PUSH_NO        },
};
/* clang-format on */
enum { ROWS = sizeof table / sizeof *table, REACHES = 3, WAITS = 3, SWITCHES = 1 << 5 };

static bool admits(unsigned set, unsigned value) { return set >> value & 1; }

static bool row_covers(const struct row *row, const struct push_case *c) {
    return admits(row->sockets, c->reach) && admits(row->waited_for, c->wait) &&
           admits(row->active, c->active) && admits(row->muted, c->muted) &&
           admits(row->enabled, c->notifications_enabled) && admits(row->quiet, c->quiet_now) &&
           admits(row->emergency, c->emergency);
}

static struct push_case case_of(unsigned reach, unsigned wait, unsigned switches) {
    return (struct push_case){.reach = (enum chat_reach)reach,
                              .wait = (enum push_wait)wait,
                              .active = switches & 1,
                              .muted = switches & 2,
                              .notifications_enabled = switches & 4,
                              .quiet_now = switches & 8,
                              .emergency = switches & 16};
}

static void check(const struct push_case *c) {
    unsigned rows = 0;
    for (size_t i = 0; i < ROWS; i++) {
        if (!row_covers(&table[i], c)) continue;
        assert_int_equal(push_decide(c), table[i].decision);
        rows++;
    }
    assert_int_equal(rows, 1);
}

static void test_every_combination_is_in_one_row_and_decided_as_it_says(void **state) {
    for (unsigned reach = 0; reach < REACHES; reach++)
        for (unsigned wait = 0; wait < WAITS; wait++)
            for (unsigned switches = 0; switches < SWITCHES; switches++) {
                struct push_case c = case_of(reach, wait, switches);
                check(&c);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_combination_is_in_one_row_and_decided_as_it_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
