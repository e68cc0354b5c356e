/* The table of events: complete, found by name, and its check finds what a careless row leaves out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "events/table.h"
#include "wire/who.h"

static void all_events_are_there(void **state) {
    static const char *const names[] = {"estate_broadcast",
                                        "join_estate_group",
                                        "leave_estate_group",
                                        "mark_as_read",
                                        "message_delivered",
                                        "send_message",
                                        "typing"};
    assert_int_equal(event_row_count, sizeof names / sizeof names[0]);
    for (size_t i = 0; i < event_row_count; i++)
        assert_string_equal(event_row_find(sio_span_cstr(names[i]))->name, names[i]);
}

static void other_names_are_unknown(void **state) {
    static const char *const names[] = {"", "a", "send_messag", "send_message_", "typing ", "Typing", "zz"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_ptr_equal(event_row_find(sio_span_cstr(names[i])), &event_row_unknown);
}

static void only_some_roles_speak_to_an_estate(void **state) {
    for (size_t i = 0; i < event_row_count; i++) {
        bool broadcast = strcmp(event_rows[i].name, "estate_broadcast") == 0;
        assert_int_equal(!(event_rows[i].who & WHO_ROLE(ROLE_RESIDENCE)), broadcast);
        assert_true(event_rows[i].who & WHO_ROLE(ROLE_ADMIN));
        assert_true(event_rows[i].who & WHO_ROLE(ROLE_SECURITY));
        assert_true(event_rows[i].who & WHO_ROLE(ROLE_SUPER_ADMIN));
    }
}

static void each_row_has_its_own_bucket(void **state) {
    bool used[WHO_EVENT_BUCKETS] = {false};
    for (size_t i = 0; i <= event_row_count; i++) {
        const struct event_row *row = i < event_row_count ? &event_rows[i] : &event_row_unknown;
        unsigned bucket = event_row_bucket(row);
        assert_true(bucket < WHO_EVENT_BUCKETS);
        assert_false(used[bucket]);
        used[bucket] = true;
    }
}

/* All rows with content draw from one bucket, so they have one rate; it is nobody's own. */
static void bytes_are_counted_where_content_is(void **state) {
    for (size_t i = 0; i < event_row_count; i++) {
        const struct event_row *row = &event_rows[i];
        assert_int_equal(row->bytes.per_second, row->with_content ? WHO_BYTES_A_SECOND : 0);
        assert_int_equal(row->bytes.burst, row->with_content ? WHO_BYTES_BURST : 0);
        assert_int_not_equal(event_row_bucket(row), WHO_BYTES_BUCKET);
    }
}

static void any_allowed_content_fits_its_payload(void **state) {
    struct wire_limits limits = {16384, 16384};
    assert_true(event_row_payload_max(event_row_find(SIO_SPAN("send_message")), &limits) >
                6 * (16384 + 16384));
    assert_int_equal(event_row_payload_max(event_row_find(SIO_SPAN("typing")), &limits), 4096);
}

static void the_table_is_right(void **state) {
    assert_int_equal(event_rows_check(event_rows, event_row_count, NULL), SIO_ERR_OK);
}

static void careless_rows_are_found(void **state) {
    const struct wire_shape unknown = {"Nobody", "knows it", NULL, NULL, 0};
    for (int what = 0; what < 13; what++) {
        struct event_row rows[2] = {event_rows[0], event_rows[1]};
        assert_int_equal(event_rows_check(rows, 2, NULL), SIO_ERR_OK);
        if (what == 0) rows[1].name = NULL;
        if (what == 1) rows[1].name = rows[0].name;
        if (what == 2) rows[1].who = 0;
        if (what == 3) rows[1].rate.per_second = 0;
        if (what == 4) rows[1].rate.burst = 0;
        if (what == 5) rows[1].payload_max_bytes = 0;
        if (what == 6) rows[1].payload = NULL;
        if (what == 7) rows[1].handle = NULL;
        if (what == 11) rows[1].summary = "";
        if (what == 12) rows[1].ack = &unknown;
        if (what == 8) rows[0].name = "zz";
        if (what == 9) rows[0].bytes.per_second = 0;               /* with content */
        if (what == 10) rows[1].bytes = (struct rate_limit){1, 1}; /* without */
        assert_int_equal(event_rows_check(rows, 2, NULL), SIO_ERR_INVALID);
    }
}

static void the_servers_events_are_right(void **state) {
    struct server_event_row rows[2] = {server_event_rows[0], server_event_rows[1]};
    assert_int_equal(server_event_rows_check(server_event_rows, SERVER_EVENT_COUNT_, NULL), SIO_ERR_OK);
    rows[1].name = rows[0].name;
    assert_int_equal(server_event_rows_check(rows, 2, NULL), SIO_ERR_INVALID);
    rows[1] = server_event_rows[1];
    rows[1].payload = NULL;
    assert_int_equal(server_event_rows_check(rows, 2, NULL), SIO_ERR_INVALID);
    rows[1] = server_event_rows[1];
    rows[1].summary = "";
    assert_int_equal(server_event_rows_check(rows, 2, NULL), SIO_ERR_INVALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_events_are_there),
        cmocka_unit_test(other_names_are_unknown),
        cmocka_unit_test(only_some_roles_speak_to_an_estate),
        cmocka_unit_test(each_row_has_its_own_bucket),
        cmocka_unit_test(bytes_are_counted_where_content_is),
        cmocka_unit_test(any_allowed_content_fits_its_payload),
        cmocka_unit_test(the_table_is_right),
        cmocka_unit_test(careless_rows_are_found),
        cmocka_unit_test(the_servers_events_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
