/* The one table of what is counted, and the counters: any thread adds, without a lock; the page of /metrics is
 * written from the table (Prometheus text format 0.0.4). Lives as long as the program's one instance, made in app/. */
#pragma once
#include <stdint.h>

#include "sio_strbuf.h"

/*    name                      exposed as                              label name   help */
#define METRIC_COUNTER_TABLE(X)                                                                              \
    X(EVENTS, "vaultify_events_total", "event", "Client events handled, by name")                            \
    X(EVENTS_REFUSED, "vaultify_events_refused_total", "code", "Client events refused, by the error's code") \
    X(PUSH_RESULTS, "vaultify_push_total", "provider,outcome", "Pushes by provider and outcome")             \
    X(PUSH_PAUSES, "vaultify_push_pauses_total", "provider", "Times a provider was left alone for a while")  \
    X(PUSH_DEVICES_DROPPED, "vaultify_push_devices_dropped_total", "provider",                               \
      "Devices forgotten: dead tokens")

#define METRIC_HISTOGRAM_TABLE(X)                                                                            \
    X(EVENT_SECONDS, "vaultify_event_duration_seconds", "From a client event's arrival to its answer")       \
    X(COMMIT_SECONDS, "vaultify_commit_duration_seconds", "Commits of the store, to disk")                   \
    X(PUSH_SECONDS, "vaultify_push_duration_seconds", "Requests to push providers")

enum metric_counter {
#define METRIC_ENUM(name, ...) METRIC_##name,
    METRIC_COUNTER_TABLE(METRIC_ENUM) METRIC_COUNTER_COUNT_
};
enum metric_histogram { METRIC_HISTOGRAM_TABLE(METRIC_ENUM) METRIC_HISTOGRAM_COUNT_ };
#undef METRIC_ENUM

struct metrics;
struct metrics *metrics_new(void);
void metrics_free(struct metrics *metrics);

/* `labels`: the values, by commas in the order of the table's names, from the program's own fixed words (never from a client). A NULL
 * `metrics` counts nothing. Cheap enough for every event: a look-up in a small table that only grows, then one atomic addition. */
void metrics_add(struct metrics *metrics, enum metric_counter counter, const char *labels, uint64_t n);
void metrics_observe_us(struct metrics *metrics, enum metric_histogram histogram, uint64_t us);

/* Everything counted, as text. */
void metrics_write(struct metrics *metrics, struct sio_strbuf *out);

/* One line of a gauge that somebody else knows; `labels` is `name="value",…` or NULL; HELP and TYPE are written when `help` is not NULL. */
void metrics_write_gauge(struct sio_strbuf *out, const char *name, const char *labels, const char *help,
                         double value);
