/* What is counted is on the page, in Prometheus' text format, whoever counts it at the same time. */
#include "metrics/metrics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/span.h"

enum { THREADS = 8, ROUNDS = 20000 };

/* The lines that begin with the text, on their own. */
static char *lines_of(struct metrics *metrics, const char *begin) {
    struct sio_strbuf page, found;
    sio_strbuf_init(&page);
    sio_strbuf_init(&found);
    metrics_write(metrics, &page);
    struct sio_span rest = sio_strbuf_as_span(&page);
    while (rest.n) {
        struct sio_span line = sio_span_cut(&rest, '\n');
        if (!sio_span_starts(line, sio_span_cstr(begin))) continue;
        sio_strbuf_span(&found, line);
        sio_strbuf_char(&found, '\n');
    }
    sio_strbuf_fini(&page);
    return sio_strbuf_take(&found);
}

static void expect(struct metrics *metrics, const char *begin, const char *lines) {
    char *found = lines_of(metrics, begin);
    assert_string_equal(found, lines);
    free(found);
}

static void every_metric_is_introduced_once(void **state) {
    struct metrics *metrics = metrics_new();
    struct sio_strbuf page;
    sio_strbuf_init(&page);
    metrics_write(metrics, &page);
#define METRIC_INTRODUCED(name, kind, exposed_as, labels, help)                                              \
    {                                                                                                        \
        const char *at = strstr(page.p, "# HELP " exposed_as " " help "\n# TYPE " exposed_as " ");           \
        assert_non_null(at);                                                                                 \
        assert_null(strstr(at + 1, "# HELP " exposed_as " "));                                               \
    }
    METRIC_TABLE(METRIC_INTRODUCED)
    sio_strbuf_fini(&page);
    metrics_free(metrics);
}

static void a_counter_counts(void **state) {
    struct metrics *metrics = metrics_new();
    metrics_add(metrics, METRIC_EVENTS, "typing", 0);
    expect(metrics, "vaultify_events_total", "vaultify_events_total{event=\"typing\"} 0\n");
    metrics_add(metrics, METRIC_EVENTS, "typing", 1);
    metrics_add(metrics, METRIC_EVENTS, "typing", UINT64_C(1) << 60);
    metrics_add(metrics, METRIC_EVENTS_REFUSED, "typing", 7); /* the same value of another metric */
    expect(metrics, "vaultify_events_total", "vaultify_events_total{event=\"typing\"} 1152921504606846977\n");
    metrics_free(metrics);
}

static void labels_stand_in_their_order_and_are_escaped(void **state) {
    struct metrics *metrics = metrics_new();
    metrics_add(metrics, METRIC_PUSH_RESULTS, "fcm,a\"b\\c\nd", 3);
    expect(metrics, "vaultify_push_total",
           "vaultify_push_total{provider=\"fcm\",outcome=\"a\\\"b\\\\c\\nd\"} 3\n");
    metrics_free(metrics);
}

/* On a bucket's bound it belongs to the bucket. */
static void a_histogram_is_cumulative(void **state) {
    struct metrics *metrics = metrics_new();
    static const uint64_t observed_us[] = {0, 100, 101, 2500, 1000000, 30000000, 30000001, 4000000000};
    for (size_t i = 0; i < sizeof observed_us / sizeof *observed_us; i++)
        metrics_observe_us(metrics, METRIC_COMMIT_SECONDS, "", observed_us[i]);
    expect(metrics, "vaultify_commit_duration_seconds",
           "vaultify_commit_duration_seconds_bucket{le=\"0.0001\"} 2\n"
           "vaultify_commit_duration_seconds_bucket{le=\"0.00025\"} 3\n"
           "vaultify_commit_duration_seconds_bucket{le=\"0.0005\"} 3\n"
           "vaultify_commit_duration_seconds_bucket{le=\"0.001\"} 3\n"
           "vaultify_commit_duration_seconds_bucket{le=\"0.0025\"} 4\n"
           "vaultify_commit_duration_seconds_bucket{le=\"0.005\"} 4\n"
           "vaultify_commit_duration_seconds_bucket{le=\"0.01\"} 4\n"
           "vaultify_commit_duration_seconds_bucket{le=\"0.025\"} 4\n"
           "vaultify_commit_duration_seconds_bucket{le=\"0.05\"} 4\n"
           "vaultify_commit_duration_seconds_bucket{le=\"0.1\"} 4\n"
           "vaultify_commit_duration_seconds_bucket{le=\"0.25\"} 4\n"
           "vaultify_commit_duration_seconds_bucket{le=\"0.5\"} 4\n"
           "vaultify_commit_duration_seconds_bucket{le=\"1\"} 5\n"
           "vaultify_commit_duration_seconds_bucket{le=\"2.5\"} 5\n"
           "vaultify_commit_duration_seconds_bucket{le=\"5\"} 5\n"
           "vaultify_commit_duration_seconds_bucket{le=\"10\"} 5\n"
           "vaultify_commit_duration_seconds_bucket{le=\"30\"} 6\n"
           "vaultify_commit_duration_seconds_bucket{le=\"+Inf\"} 8\n"
           "vaultify_commit_duration_seconds_sum 4061.002702\n"
           "vaultify_commit_duration_seconds_count 8\n");
    metrics_observe_us(metrics, METRIC_PUSH_SECONDS, "apns", 90);
    expect(metrics, "vaultify_push_duration_seconds_bucket{provider=\"apns\",le=\"0.0001\"}",
           "vaultify_push_duration_seconds_bucket{provider=\"apns\",le=\"0.0001\"} 1\n");
    expect(metrics, "vaultify_push_duration_seconds_sum",
           "vaultify_push_duration_seconds_sum{provider=\"apns\"} 0.000090\n");
    metrics_free(metrics);
}

static void nobody_counts_without_metrics(void **state) {
    metrics_add(NULL, METRIC_EVENTS, "typing", 1);
    metrics_observe_us(NULL, METRIC_EVENT_SECONDS, "typing", 1);
    metrics_free(NULL);
}

static void what_others_count(void **state) {
    struct sio_strbuf page;
    sio_strbuf_init(&page);
    metrics_write_gauge(&page, "a", NULL, "About a", 12345678901);
    metrics_write_counter(&page, "b_total", "x=\"1\"", "About b", 0.25);
    metrics_write_counter(&page, "b_total", "x=\"2\"", NULL, 0);
    assert_string_equal(page.p, "# HELP a About a\n# TYPE a gauge\na 12345678901\n"
                                "# HELP b_total About b\n# TYPE b_total counter\nb_total{x=\"1\"} 0.25\n"
                                "b_total{x=\"2\"} 0\n");
    sio_strbuf_fini(&page);
}

static void the_process_says_what_it_uses(void **state) {
    struct sio_strbuf page;
    double start = 0, resident = 0;
    sio_strbuf_init(&page);
    metrics_write_process(&page);
    const char *line = strstr(page.p, "\nprocess_start_time_seconds ");
    assert_non_null(line);
    assert_int_equal(sscanf(line, " process_start_time_seconds %lf", &start), 1);
    assert_true(start > (double)time(NULL) - 600 && start <= (double)time(NULL) + 2);
    line = strstr(page.p, "\nprocess_resident_memory_bytes ");
    assert_non_null(line);
    assert_int_equal(sscanf(line, " process_resident_memory_bytes %lf", &resident), 1);
    assert_true(resident > 100000);
    assert_non_null(strstr(page.p, "\nprocess_cpu_seconds_total "));
    assert_non_null(strstr(page.p, "\nprocess_open_fds "));
    sio_strbuf_fini(&page);
}

static void *count_all(void *data) {
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g"};
    for (int i = 0; i < ROUNDS; i++) {
        metrics_add(data, METRIC_EVENTS, names[i % 7], 1);
        metrics_observe_us(data, METRIC_EVENT_SECONDS, names[i % 7], 1000);
    }
    return NULL;
}

/* Of all threads that make the same set, one does; no addition is lost; a page may be written meanwhile. */
static void threads_count_together(void **state) {
    struct metrics *metrics = metrics_new();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_all, metrics), 0);
    for (int i = 0; i < 20; i++) free(lines_of(metrics, "nothing"));
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    char *lines = lines_of(metrics, "vaultify_events_total");
    unsigned long long sum = 0, one;
    unsigned count = 0;
    for (const char *p = lines; (p = strchr(p, ' ')); p++, count++)
        if (sscanf(p, "%llu", &one) == 1) sum += one;
    assert_int_equal(count, 7);
    assert_int_equal(sum, THREADS * ROUNDS);
    free(lines);
    metrics_free(metrics);
}

/* As many as there may be are found again, each by itself. */
static void a_full_table_still_answers(void **state) {
    struct metrics *metrics = metrics_new();
    char name[16];
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < METRICS_SERIES_MAX; i++) {
            snprintf(name, sizeof name, "n%d", i);
            metrics_add(metrics, METRIC_EVENTS, name, 1);
        }
    expect(metrics, "vaultify_events_total{event=\"n511\"}", "vaultify_events_total{event=\"n511\"} 2\n");
    metrics_free(metrics);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_metric_is_introduced_once),
        cmocka_unit_test(a_counter_counts),
        cmocka_unit_test(labels_stand_in_their_order_and_are_escaped),
        cmocka_unit_test(a_histogram_is_cumulative),
        cmocka_unit_test(nobody_counts_without_metrics),
        cmocka_unit_test(what_others_count),
        cmocka_unit_test(the_process_says_what_it_uses),
        cmocka_unit_test(threads_count_together),
        cmocka_unit_test(a_full_table_still_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
