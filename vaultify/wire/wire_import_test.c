/* The import file: good lines, and every kind of bad one with its number and reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/import.h"

#define E "00000000-0000-7000-8000-0000000000ee"
#define U "00000000-0000-7000-8000-0000000000aa"
#define V "00000000-0000-7000-8000-0000000000bb"
#define C "00000000-0000-7000-8000-00000000000c"

static struct arena arena;
static struct store_import_record *records;
static size_t count;
static struct sio_span error;
static uint32_t error_line;

static bool parse(const char *text) {
    return wire_import_parse(sio_span_cstr(text), &arena, &records, &count, &error, &error_line);
}

#define ESTATE "{\"estate\":{\"estate_id\":\"" E "\",\"name\":\"Palm\"}}"
#define USER                                                                                                 \
    "{\"user\":{\"user_id\":\"" U "\",\"estate_id\":\"" E                                                    \
    "\",\"role\":\"Security Personnel\",\"email\":\"a@b\","                                                  \
    "\"first_name\":\"Ada\",\"last_name\":\"Obi\",\"password_hash\":\"x\"}}"

static void a_whole_file(void **state) {
    assert_true(parse(
        "\xEF\xBB\xBF" ESTATE "\r\n\n  \n" USER "\n"
        "{\"conversation\":{\"conversation_id\":\"" C "\",\"estate_id\":\"" E "\",\"type\":\"group\","
        "\"title\":\"Palm Estate Group\",\"metadata\":{\"a\": 1},\"created_at\":\"2026-01-01 12:00:00\","
        "\"participants\":[\"" U "\",{\"user_id\":\"" V "\",\"is_admin\":true,"
        "\"notifications_enabled\":false}]}}"));
    assert_int_equal(count, 3);
    assert_int_equal(records[0].kind, IMPORT_ESTATE);
    assert_true(sio_span_is(records[0].estate.name, "Palm"));
    assert_int_equal(records[1].kind, IMPORT_USER);
    assert_int_equal(records[1].line, 4);
    assert_int_equal(records[1].user.role, ROLE_SECURITY);
    assert_int_equal(records[1].user.status, USER_ACTIVE);
    assert_int_equal(records[1].user.estate.b[15], 0xee);
    const struct conversation_row *c = &records[2].conversation;
    assert_int_equal(records[2].line, 5);
    assert_true(c->estate_group);
    assert_int_equal(c->created_at, 1767268800000);
    assert_true(sio_span_is(c->metadata, "{\"a\":1}"));
    assert_int_equal(c->participant_count, 2);
    assert_int_equal(c->participants[0].user.b[15], 0xaa);
    assert_false(c->participants[0].is_admin);
    assert_true(c->participants[0].notifications_enabled);
    assert_true(c->participants[1].is_admin);
    assert_false(c->participants[1].notifications_enabled);
}

#define PERSON(rest)                                                                                         \
    "{\"user\":{\"user_id\":\"" U                                                                            \
    "\",\"role\":\"Admin\",\"email\":\"a@b\",\"first_name\":\"A\",\"last_name\":\"O\"" rest "}}"

static void settings_of_pushes(void **state) {
    assert_true(parse(PERSON(",\"locale\":\"fr\",\"time_zone\":\"Africa/"
                             "Lagos\",\"quiet_from\":\"22:00\",\"quiet_to\":\"07:30\"")));
    const struct preferences_row *preferences = &records[0].user.preferences;
    assert_true(sio_span_is(preferences->locale, "fr"));
    assert_true(sio_span_is(preferences->time_zone, "Africa/Lagos"));
    assert_int_equal(preferences->quiet_from, 22 * 60);
    assert_int_equal(preferences->quiet_to, 7 * 60 + 30);
    assert_true(parse(PERSON("")));
    preferences = &records[0].user.preferences;
    assert_int_equal(preferences->quiet_from, preferences->quiet_to); /* not given */
    assert_false(parse(PERSON(",\"quiet_from\":\"22:00\"")));
    assert_false(parse(PERSON(",\"quiet_to\":\"22:00\"")));
    assert_true(parse("{\"conversation\":{\"conversation_id\":\"" C "\",\"estate_id\":\"" E
                      "\",\"type\":\"group\","
                      "\"participants\":[{\"user_id\":\"" U
                      "\",\"is_muted\":true,\"muted_until\":\"2026-01-01T12:00:00Z\"}]}}"));
    const struct participant_row *p = records[0].conversation.participants;
    assert_true(p->is_muted && p->notifications_enabled);
    assert_int_equal(p->muted_until, 1767268800000);
}

static void nothing_at_all(void **state) {
    assert_true(parse(""));
    assert_int_equal(count, 0);
    assert_true(parse("\n\n"));
    assert_int_equal(count, 0);
}

static void a_title_is_not_everything(void **state) {
#define TALK(rest) "{\"conversation\":{\"conversation_id\":\"" C "\",\"estate_id\":\"" E "\"," rest "}}"
    assert_true(parse(TALK("\"type\":\"group\",\"title\":\"Estate Group\",\"is_estate_group\":false")));
    assert_false(records[0].conversation.estate_group);
    assert_true(parse(TALK("\"type\":\"group\",\"title\":\"All\",\"is_estate_group\":true")));
    assert_true(records[0].conversation.estate_group);
    assert_true(parse(TALK("\"type\":\"direct\",\"title\":\"Estate Group\"")));
    assert_false(records[0].conversation.estate_group);
    assert_int_equal(records[0].conversation.participant_count, 0);
}

static void bad_lines_are_named(void **state) {
    static const struct {
        const char *line, *reason;
    } bad[] = {
        {"{\"estate\":", "not valid JSON"},
        {"[]", "exactly one member"},
        {"{}", "exactly one member"},
        {"{\"estate\":{},\"user\":{}}", "exactly one member"},
        {"{\"house\":{}}", "an estate, a user or a conversation"},
        {"{\"user\":7}", "user must be an object"},
        {"{\"estate\":{\"estate_id\":\"" E "\"}}", "name is required"},
        {"{\"estate\":{\"estate_id\":\"x\",\"name\":\"a\"}}", "estateId must be a UUID"},
        {"{\"user\":{\"user_id\":\"" U "\",\"role\":\"King\"}}", "role must be one of"},
        {TALK("\"type\":\"group\",\"participants\":[7]"), "participants"},
        {TALK("\"type\":\"group\",\"participants\":[\"x\"]"), "participants"},
        {TALK("\"type\":\"group\",\"participants\":[{\"is_admin\":true}]"), "userId is required"},
        {TALK("\"type\":\"group\",\"participants\":{}"), "participants must be an array"},
        {TALK("\"type\":\"group\",\"created_at\":\"yesterday\""), "createdAt"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[500];
        snprintf(text, sizeof text, "%s\n\n%s\n%s\n", ESTATE, bad[i].line, USER);
        error_line = 0;
        assert_false(parse(text));
        assert_int_equal(error_line, 3);
        if (!memmem(error.p, error.n, bad[i].reason, strlen(bad[i].reason)))
            fail_msg("%s: \"%.*s\"", bad[i].line, (int)error.n, error.p);
    }
}

static void every_cut_is_survived(void **state) {
    static const char whole[] = ESTATE "\n" USER;
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        bool good = wire_import_parse(sio_span_of(whole, n), &arena, &records, &count, &error, &error_line);
        bool at_an_end = n == 0 || n == strlen(ESTATE) || n == strlen(ESTATE) + 1;
        assert_int_equal(good, at_an_end);
    }
}

static int each_begin(void **state) {
    arena_init(&arena);
    return 0;
}
static int each_end(void **state) {
    arena_fini(&arena);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_whole_file, each_begin, each_end),
        cmocka_unit_test_setup_teardown(settings_of_pushes, each_begin, each_end),
        cmocka_unit_test_setup_teardown(nothing_at_all, each_begin, each_end),
        cmocka_unit_test_setup_teardown(a_title_is_not_everything, each_begin, each_end),
        cmocka_unit_test_setup_teardown(bad_lines_are_named, each_begin, each_end),
        cmocka_unit_test_setup_teardown(every_cut_is_survived, each_begin, each_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
