/* The one table of what is counted, and the counters: any thread adds, without a lock; the page of /metrics is
 * written from the table (Prometheus text format 0.0.4). The program's one instance is made in app/. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "sio_strbuf.h"

/*    name                  kind       exposed as, its labels by commas, help */
#define METRIC_TABLE(X)                                                                                      \
    X(EVENTS, COUNTER, "vaultify_events_total", "event", "Client events answered")                           \
    X(EVENTS_REFUSED, COUNTER, "vaultify_events_refused_total", "code", "Client events refused")             \
    X(EVENT_SECONDS, HISTOGRAM, "vaultify_event_duration_seconds", "event",                                  \
      "From a client event's arrival to its answer")                                                         \
    X(COMMIT_SECONDS, HISTOGRAM, "vaultify_commit_duration_seconds", "", "Commits of the store, to disk")    \
    X(PUSH_RESULTS, COUNTER, "vaultify_push_total", "provider,outcome",                                      \
      "Attempts to push, by what came of them")                                                              \
    X(PUSH_PAUSES, COUNTER, "vaultify_push_pauses_total", "provider",                                        \
      "Times a provider was left alone for a while")                                                         \
    X(PUSH_DEVICES_DROPPED, COUNTER, "vaultify_push_devices_dropped_total", "provider",                      \
      "Devices forgotten: dead tokens")                                                                      \
    X(PUSH_SECONDS, HISTOGRAM, "vaultify_push_duration_seconds", "provider", "Requests to push providers")

enum metric {
#define METRIC_ENUM(name, ...) METRIC_##name,
    METRIC_TABLE(METRIC_ENUM) METRIC_COUNT_
#undef METRIC_ENUM
};

/* Sets of label values, all metrics together. They come from the program's own tables, so their number is known. */
enum { METRICS_SERIES_MAX = 512 };

struct metrics;
struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

/* `values`: of the metric's labels, by commas in their order; "" for a metric without any. The program's own fixed words,
 * never a client's or a provider's. With n = 0 the set is on the page from now on. A NULL `metrics` counts nothing. Cheap enough
 * for every event: a look-up in a small table that only grows, then one atomic addition (three of a histogram). */
void metrics_add(struct metrics *metrics, enum metric counter, const char *values, uint64_t n);
void metrics_observe_us(struct metrics *metrics, enum metric histogram, const char *values, uint64_t us);
/* What the microseconds above are taken from: monotonic, from an arbitrary start. */
uint64_t metrics_now_us(void);

/* Everything counted, as text. */
void metrics_write(struct metrics *metrics, struct sio_strbuf *out);

/* One line of what somebody else counts: a gauge, or a counter (whose name ends with _total). `labels` is `name="value",…` or
 * NULL; HELP and TYPE are written when `help` is not NULL, and all lines of one name follow each other. */
void metrics_write_gauge(struct sio_strbuf *out, const char *name, const char *labels, const char *help,
                         double value);
void metrics_write_counter(struct sio_strbuf *out, const char *name, const char *labels, const char *help,
                           double value);

/* Memory, CPU, descriptors, and since when: of this process, under the names that all exporters use. */
void metrics_write_process(struct sio_strbuf *out);
