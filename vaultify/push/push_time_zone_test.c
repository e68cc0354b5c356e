/* Time zones: known instants of the system's database and of a file made here, names that are none, quiet hours. */
#include "push/time_zone.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/timefmt.h"
#include "push/tz_rule.h"
#include "push/tzif.h"
#include "sio_strbuf.h"

static int64_t at(const char *text) {
    int64_t ms;
    assert_true(time_parse(sio_span_cstr(text), &ms));
    return ms;
}

static void assert_local(struct time_zones *zones, const char *zone, const char *utc, const char *local) {
    unsigned minute = time_zone_minute(zones, sio_span_cstr(zone), at(utc));
    char text[16];
    snprintf(text, sizeof text, "%02u:%02u", minute / 60, minute % 60);
    if (strcmp(text, local) != 0) print_error("%s in %s: ", utc, zone);
    assert_string_equal(text, local);
}

/* What the clocks showed, or will show. */
static const struct {
    const char *zone, *utc, *local;
} known[] = {
    {"Africa/Lagos", "2026-01-15T12:00:00Z", "13:00"},
    {"Africa/Lagos", "2026-07-15T23:30:00Z", "00:30"},
    {"Africa/Lagos", "2090-07-15T12:00:00Z", "13:00"},
    {"Europe/Paris", "2026-03-29T00:59:59.999Z", "01:59"}, /* the clocks go forward */
    {"Europe/Paris", "2026-03-29T01:00:00Z", "03:00"},
    {"Europe/Paris", "2026-10-25T00:59:59.999Z", "02:59"}, /* and back */
    {"Europe/Paris", "2026-10-25T01:00:00Z", "02:00"},
    {"Europe/Paris", "2090-03-26T00:59:59Z", "01:59"}, /* beyond the last transition of the file */
    {"Europe/Paris", "2090-03-26T01:00:00Z", "03:00"},
    {"Europe/Paris", "2090-10-29T00:59:59Z", "02:59"},
    {"Europe/Paris", "2090-10-29T01:00:00Z", "02:00"},
    {"America/New_York", "2026-03-08T06:59:00Z", "01:59"},
    {"America/New_York", "2026-03-08T07:00:00Z", "03:00"},
    {"America/New_York", "2026-11-01T05:59:00Z", "01:59"},
    {"America/New_York", "2026-11-01T06:00:00Z", "01:00"},
    {"America/New_York", "2100-07-04T12:00:00Z", "08:00"},
    {"America/New_York", "1969-12-31T23:59:59.999Z", "18:59"}, /* before 1970 */
    {"Asia/Kolkata", "2026-06-01T00:00:00Z", "05:30"},
    {"Asia/Kolkata", "2077-12-01T18:30:00Z", "00:00"},
    {"Australia/Lord_Howe", "2026-01-01T00:00:00Z", "11:00"}, /* half an hour of daylight saving */
    {"Australia/Lord_Howe", "2026-04-04T14:59:00Z", "01:59"},
    {"Australia/Lord_Howe", "2026-04-04T15:00:00Z", "01:30"},
    {"Australia/Lord_Howe", "2026-10-03T15:29:00Z", "01:59"},
    {"Australia/Lord_Howe", "2026-10-03T15:30:00Z", "02:30"},
    {"Australia/Lord_Howe", "2080-07-01T00:00:00Z", "10:30"},
    {"Etc/GMT+12", "2026-01-01T00:00:00Z", "12:00"},
    {"UTC", "2026-01-01T00:00:59Z", "00:00"},
    {"Nowhere/Nothing", "2026-01-01T06:07:00Z", "06:07"},
    {"", "2026-01-01T06:07:00Z", "06:07"},
};

static void known_instants(void **state) {
    struct time_zones *zones = time_zones_new(NULL);
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_local(zones, known[i].zone, known[i].utc, known[i].local);
    time_zones_free(zones);
}

/* ---- names ---- */

static void names(void **state) {
    static const char *const good[] = {"UTC", "Europe/Paris", "America/Argentina/Buenos_Aires", "Etc/GMT+12",
                                       "America/Port-au-Prince"};
    static const char *const none[] = {"",
                                       "Europe",
                                       "Europe/",
                                       "/Europe/Paris",
                                       "Europe//Paris",
                                       "europe/paris",
                                       "../zoneinfo/Europe/Paris",
                                       "Europe/../Europe/Paris",
                                       "./UTC",
                                       "Europe/Paris ",
                                       " UTC",
                                       "tzdata.zi",
                                       "zone.tab",
                                       "/etc/passwd",
                                       "../../../etc/passwd",
                                       "Europe/Par\303\255s",
                                       "Europe\\Paris",
                                       "Europe%2fParis",
                                       "right/UTC/",
                                       "Utc\n"};
    struct time_zones *zones = time_zones_new(NULL);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(time_zone_known(zones, sio_span_cstr(good[i])));
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(time_zone_known(zones, sio_span_cstr(none[i])));
    assert_false(time_zone_known(zones, sio_span_of("UTC\0", 4)));
    assert_false(time_zone_known(zones, sio_span_of("Europe/Paris\0x", 14)));
    time_zones_free(zones);
}

static void without_a_database_there_is_utc(void **state) {
    struct time_zones *zones = time_zones_new("/nowhere/at/all");
    assert_true(time_zone_known(zones, SIO_SPAN("UTC")));
    assert_false(time_zone_known(zones, SIO_SPAN("Europe/Paris")));
    assert_local(zones, "Europe/Paris", "2026-07-01T12:00:00Z", "12:00");
    assert_local(zones, "UTC", "2026-07-01T12:00:00Z", "12:00");
    time_zones_free(zones);
}

/* ---- files made here ---- */

static void add_number(struct sio_strbuf *out, uint64_t v, unsigned bytes) {
    while (bytes--) sio_strbuf_char(out, (char)(v >> (8 * bytes)));
}

static void add_head(struct sio_strbuf *out, char version, uint32_t times, uint32_t types, uint32_t names) {
    sio_strbuf_lit(out, "TZif");
    sio_strbuf_char(out, version);
    for (int i = 0; i < 15; i++) add_number(out, 0, 1); /* reserved */
    for (int i = 0; i < 3; i++) add_number(out, 0, 4);  /* ut, standard, leaps */
    add_number(out, times, 4);
    add_number(out, types, 4);
    add_number(out, names, 4);
}

static void add_type(struct sio_strbuf *out, int32_t offset_s, uint8_t name_at) {
    add_number(out, (uint32_t)offset_s, 4);
    add_number(out, 0, 1);
    add_number(out, name_at, 1);
}

/* A slim file, as new zic programs write them: no 32-bit part to speak of, and the rule from the last transition on. LMT
 * until 1900, then +1. */
static void slim_file(struct sio_strbuf *out, const char *rule) {
    add_head(out, '2', 0, 1, 1);
    add_type(out, 0, 0);
    add_number(out, 0, 1);
    add_head(out, '2', 1, 2, 8);
    add_number(out, (uint64_t)(at("1900-01-01T00:00:00Z") / 1000), 8);
    add_number(out, 1, 1);
    add_type(out, 561, 0);
    add_type(out, 3600, 4);
    sio_strbuf_add(out, "LMT\0CET", 8);
    sio_strbuf_printf(out, "\n%s\n", rule);
}

/* A version 1 file of two transitions. */
static void old_file(struct sio_strbuf *out, uint32_t second_time, uint8_t second_type) {
    add_head(out, 0, 2, 2, 4);
    add_number(out, 1000, 4);
    add_number(out, second_time, 4);
    add_number(out, 1, 1);
    add_number(out, second_type, 1);
    add_type(out, 0, 0);
    add_type(out, -7200, 0);
    sio_strbuf_add(out, "ABC", 4);
}

static struct tzif *parse(const struct sio_strbuf *file) { return tzif_parse(sio_strbuf_as_span(file)); }

static void write_file(const char *path, const struct sio_strbuf *file) {
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(file->p, 1, file->n, out), file->n);
    assert_int_equal(fclose(out), 0);
}

static void a_slim_file_lives_from_its_rule(void **state) {
    char directory[] = "/tmp/vaultify_zones_XXXXXX", path[64];
    struct sio_strbuf file;
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/Slim", directory);
    sio_strbuf_init(&file);
    slim_file(&file, "CET-1CEST,M3.5.0,M10.5.0/3");
    write_file(path, &file);

    struct time_zones *zones = time_zones_new(directory);
    assert_true(time_zone_known(zones, SIO_SPAN("Slim")));
    assert_int_equal(unlink(path), 0); /* it is kept */
    assert_int_equal(rmdir(directory), 0);
    assert_local(zones, "Slim", "1899-12-31T23:59:00Z", "00:08");
    assert_local(zones, "Slim", "2026-03-29T00:59:59Z", "01:59");
    assert_local(zones, "Slim", "2026-03-29T01:00:00Z", "03:00");
    assert_local(zones, "Slim", "2026-10-25T01:00:00Z", "02:00");
    assert_local(zones, "Slim", "9999-07-01T12:00:00Z", "14:00");
    time_zones_free(zones);
    sio_strbuf_fini(&file);
}

static void a_name_has_a_length(void **state) {
    char directory[] = "/tmp/vaultify_zones_XXXXXX",
         name[] = "LlanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogochOverLand";
    char path[128];
    struct sio_strbuf file;
    assert_non_null(mkdtemp(directory));
    sio_strbuf_init(&file);
    slim_file(&file, "GMT0");
    struct time_zones *zones = time_zones_new(directory);
    for (size_t n = TIME_ZONE_NAME_MAX; n <= TIME_ZONE_NAME_MAX + 1; n++) {
        snprintf(path, sizeof path, "%s/%.*s", directory, (int)n, name);
        write_file(path, &file);
        assert_int_equal(time_zone_known(zones, sio_span_of(name, n)), n == TIME_ZONE_NAME_MAX);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(directory), 0);
    time_zones_free(zones);
    sio_strbuf_fini(&file);
}

static void an_old_file(void **state) {
    struct sio_strbuf file;
    sio_strbuf_init(&file);
    old_file(&file, 2000, 0);
    struct tzif *zone = parse(&file);
    assert_non_null(zone);
    assert_int_equal(tzif_offset_s(zone, -5), 0);
    assert_int_equal(tzif_offset_s(zone, 999), 0);
    assert_int_equal(tzif_offset_s(zone, 1000), -7200);
    assert_int_equal(tzif_offset_s(zone, 1999), -7200);
    assert_int_equal(tzif_offset_s(zone, 2000), 0);
    assert_int_equal(tzif_offset_s(zone, 1ll << 40), 0);
    tzif_free(zone);
    sio_strbuf_fini(&file);
}

static void assert_refused(struct sio_strbuf *file) {
    assert_null(parse(file));
    sio_strbuf_clear(file);
}

static void damaged_files(void **state) {
    struct sio_strbuf file;
    sio_strbuf_init(&file);
    old_file(&file, 1000, 0); /* not ascending */
    assert_refused(&file);
    old_file(&file, 2000, 2); /* no such type */
    assert_refused(&file);
    slim_file(&file, "CET-1CEST"); /* a summer without dates */
    assert_refused(&file);
    slim_file(&file, "CET-1");
    file.p[0] = 'X';
    assert_refused(&file);
    slim_file(&file, "CET-1");
    file.p[4] = '1'; /* there is no such version */
    assert_refused(&file);
    slim_file(&file, "CET-1");
    file.p[32] = '\x7f'; /* two thousand million transitions */
    assert_refused(&file);
    slim_file(&file, "CET-1");
    size_t n = file.n;
    for (size_t cut = 0; cut < n; cut++) assert_null(tzif_parse(sio_span_of(file.p, cut)));
    struct tzif *whole = parse(&file);
    assert_non_null(whole);
    tzif_free(whole);
    sio_strbuf_fini(&file);
}

/* ---- rules ---- */

static void assert_rule(const char *text, const char *utc, int32_t offset_s) {
    struct tz_rule rule;
    assert_true(tz_rule_parse(sio_span_cstr(text), &rule));
    assert_int_equal(tz_rule_offset_s(&rule, at(utc) / 1000), offset_s);
}

static void rules(void **state) {
    assert_rule("<-03>3", "2026-01-01T00:00:00Z", -3 * 3600);
    assert_rule("<+0545>-5:45", "2026-01-01T00:00:00Z", 5 * 3600 + 45 * 60);
    assert_rule("LMT0:09:21", "2026-01-01T00:00:00Z", -561);
    assert_rule("NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-12-31T23:00:00Z", 13 * 3600); /* over new year */
    assert_rule("NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-07-01T00:00:00Z", 12 * 3600);
    assert_rule("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-12-01T00:00:00Z", 0); /* winter is what is saved */
    assert_rule("IST-1GMT0,M10.5.0,M3.5.0/1", "2026-07-01T00:00:00Z", 3600);
    assert_rule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z",
                -2 * 3600); /* the evening before */
    assert_rule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -3600);
    assert_rule("IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-26T23:59:59Z", 2 * 3600); /* Friday after a Thursday */
    assert_rule("IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-27T00:00:00Z", 3 * 3600);
    assert_rule("AAA0BBB,J60/0,J61/0", "2024-02-29T12:00:00Z", 0); /* 1 March, leap year or not */
    assert_rule("AAA0BBB,J60/0,J61/0", "2024-03-01T12:00:00Z", 3600);
    assert_rule("AAA0BBB,J60/0,J61/0", "2025-03-01T12:00:00Z", 3600);
    assert_rule("AAA0BBB,59/0,60/0", "2024-02-29T12:00:00Z", 3600); /* counted with leap days */
    assert_rule("AAA0BBB,59/0,60/0", "2025-03-01T12:00:00Z", 3600);
    assert_rule("XXX3EDT4,0/0,J365/23", "2026-01-01T02:59:59Z", -4 * 3600); /* summer for ever */
    assert_rule("XXX3EDT4,0/0,J365/23", "2026-01-01T03:00:00Z", -4 * 3600);
    assert_rule("XXX3EDT4,0/0,J365/23", "2026-06-01T00:00:00Z", -4 * 3600);
}

static void no_rules(void **state) {
    static const char *const none[] = {"",
                                       "X",
                                       "AB1",
                                       "CET",
                                       "CET-",
                                       "CET-25",
                                       "CET-1:60",
                                       "CET-1CEST",
                                       "CET-1CEST,",
                                       "CET-1CEST,M3.5.0",
                                       "CET-1CEST,M3.5.0,",
                                       "CET-1CEST,M3.5.0,M10.5.0/168",
                                       "CET-1CEST,M0.5.0,M10.5.0",
                                       "CET-1CEST,M13.5.0,M10.5.0",
                                       "CET-1CEST,M3.0.0,M10.5.0",
                                       "CET-1CEST,M3.6.0,M10.5.0",
                                       "CET-1CEST,M3.5.7,M10.5.0",
                                       "CET-1CEST,M3.5.0,M10.5.0,",
                                       "CET-1CEST,J0,J365",
                                       "CET-1CEST,J1,J366",
                                       "CET-1CEST,366,1",
                                       "<CET-1",
                                       "<C>-1",
                                       "CET 1",
                                       "CET-99999999999999999999",
                                       "CET-1CEST,M3.5.0/2:,M10.5.0",
                                       " CET-1"};
    struct tz_rule rule;
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        if (tz_rule_parse(sio_span_cstr(none[i]), &rule)) fail_msg("'%s' was taken", none[i]);
    }
}

/* ---- many threads ---- */

static void *ask_often(void *data) {
    for (int i = 0; i < 300; i++) {
        size_t k = (size_t)i % (sizeof known / sizeof *known);
        assert_local(data, known[k].zone, known[k].utc, known[k].local);
    }
    return NULL;
}

static void any_thread(void **state) {
    struct time_zones *zones = time_zones_new(NULL);
    pthread_t threads[4];
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_create(&threads[i], NULL, ask_often, zones), 0);
    for (int i = 0; i < 4; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
    time_zones_free(zones);
}

/* ---- quiet hours ---- */

static void quiet_hours(void **state) {
    static const struct {
        int from, to;
        unsigned minute;
        bool quiet;
    } rows[] = {
        {60, 120, 59, false},     {60, 120, 60, true},     {60, 120, 119, true},    {60, 120, 120, false},
        {1320, 420, 1319, false}, {1320, 420, 1320, true}, {1320, 420, 1439, true}, {1320, 420, 0, true},
        {1320, 420, 419, true},   {1320, 420, 420, false}, {0, 0, 0, false},        {600, 600, 600, false},
        {0, 1439, 0, true},       {0, 1439, 1439, false},  {1, 0, 0, false},        {1, 0, 1, true},
        {1439, 0, 1439, true},    {1439, 0, 0, false},     {-1, -1, 0, false},      {-1, 420, 0, false},
        {1320, -1, 1320, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(quiet_hours_cover(rows[i].from, rows[i].to, rows[i].minute), rows[i].quiet);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_instants),
        cmocka_unit_test(names),
        cmocka_unit_test(without_a_database_there_is_utc),
        cmocka_unit_test(a_slim_file_lives_from_its_rule),
        cmocka_unit_test(a_name_has_a_length),
        cmocka_unit_test(an_old_file),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(rules),
        cmocka_unit_test(no_rules),
        cmocka_unit_test(any_thread),
        cmocka_unit_test(quiet_hours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
