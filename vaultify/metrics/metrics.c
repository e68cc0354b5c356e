/* Counters and histograms: a hash table of label sets that only grows, each made once by whoever needs it first. */
#include "metrics/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <time.h>

#include "base/mem.h"
#include "base/must.h"
#include "base/span.h"

/*    at most, µs  the same in seconds, as it is written */
#define BUCKET_TABLE(X)                                                                                      \
    X(100, "0.0001")                                                                                         \
    X(250, "0.00025")                                                                                        \
    X(500, "0.0005")                                                                                         \
    X(1000, "0.001")                                                                                         \
    X(2500, "0.0025")                                                                                        \
    X(5000, "0.005")                                                                                         \
    X(10000, "0.01")                                                                                         \
    X(25000, "0.025")                                                                                        \
    X(50000, "0.05")                                                                                         \
    X(100000, "0.1")                                                                                         \
    X(250000, "0.25")                                                                                        \
    X(500000, "0.5")                                                                                         \
    X(1000000, "1")                                                                                          \
    X(2500000, "2.5")                                                                                        \
    X(5000000, "5")                                                                                          \
    X(10000000, "10")                                                                                        \
    X(30000000, "30")                                                                                        \
    X(UINT64_MAX, "+Inf")

static const struct {
    uint64_t us;
    const char *le;
} buckets[] = {
#define BUCKET_ROW(us, le) {us, le},
    BUCKET_TABLE(BUCKET_ROW)
#undef BUCKET_ROW
};
enum { BUCKETS = sizeof buckets / sizeof *buckets };

enum kind { COUNTER, HISTOGRAM };

static const struct {
    enum kind kind;
    const char *name, *labels, *help;
} metric_rows[] = {
#define METRIC_ROW(name, kind, exposed_as, labels, help) {kind, exposed_as, labels, help},
    METRIC_TABLE(METRIC_ROW)
#undef METRIC_ROW
};

/* One set of label values of one metric. On cache lines of its own: what different threads count does not meet. */
struct series {
    _Alignas(64) enum metric metric;
    char *values;
    _Atomic uint64_t value;    /* of a counter; the sum of a histogram, µs */
    _Atomic uint64_t counts[]; /* of a histogram: BUCKETS, not cumulative */
};

enum { SLOTS = 2 * METRICS_SERIES_MAX /* a power of two; half of them at most are full */ };

struct metrics {
    atomic_uint count;
    _Atomic(struct series *) slots[SLOTS];
};

struct metrics *metrics_new(void) {
    return mem_new(struct metrics);
}

static void series_free(struct series *series) {
    if (series) free(series->values);
    free(series);
}

void metrics_free(struct metrics *metrics) {
    for (unsigned i = 0; metrics && i < SLOTS; i++) series_free(atomic_load(&metrics->slots[i]));
    free(metrics);
}

/* ---- a set of label values ---- */

static unsigned commas(const char *text) {
    unsigned count = 0;
    while ((text = strchr(text, ','))) count++, text++;
    return count;
}

static struct series *series_new(enum metric metric, const char *values) {
    const char *labels = metric_rows[metric].labels;
    must(labels[0] ? commas(values) == commas(labels) : !values[0]);
    size_t size = sizeof(struct series);
    if (metric_rows[metric].kind == HISTOGRAM) size += BUCKETS * sizeof(uint64_t);
    struct series *series = aligned_alloc(64, (size + 63) / 64 * 64);
    must(series != NULL);
    memset(series, 0, size);
    series->metric = metric;
    series->values = mem_str(values, strlen(values));
    return series;
}

static bool series_is(const struct series *series, enum metric metric, const char *values) {
    return series->metric == metric && strcmp(series->values, values) == 0;
}

/* FNV-1a: the words are our own and few. */
static unsigned slot_of(enum metric metric, const char *values) {
    uint32_t hash = 2166136261u ^ (uint32_t)metric;
    for (const char *p = values; *p; p++) hash = (hash ^ (unsigned char)*p) * 16777619u;
    return (hash ^ hash >> 16) % SLOTS;
}

/* Takes the empty slot, or finds what another thread has just put there. */
static struct series *slot_fill(struct metrics *metrics, unsigned slot, enum metric metric,
                                const char *values) {
    struct series *made = series_new(metric, values), *there = NULL;
    if (atomic_compare_exchange_strong(&metrics->slots[slot], &there, made)) {
        must(atomic_fetch_add(&metrics->count, 1) < METRICS_SERIES_MAX);
        return made;
    }
    series_free(made);
    return there;
}

static struct series *series_get(struct metrics *metrics, enum metric metric, const char *values) {
    for (unsigned slot = slot_of(metric, values);; slot = (slot + 1) % SLOTS) {
        struct series *series = atomic_load_explicit(&metrics->slots[slot], memory_order_acquire);
        if (!series) series = slot_fill(metrics, slot, metric, values);
        if (series_is(series, metric, values)) return series;
    }
}

/* ---- counting ---- */

static void add(_Atomic uint64_t *to, uint64_t n) { atomic_fetch_add_explicit(to, n, memory_order_relaxed); }

void metrics_add(struct metrics *metrics, enum metric counter, const char *values, uint64_t n) {
    must(metric_rows[counter].kind == COUNTER);
    if (metrics) add(&series_get(metrics, counter, values)->value, n);
}

void metrics_observe_us(struct metrics *metrics, enum metric histogram, const char *values, uint64_t us) {
    must(metric_rows[histogram].kind == HISTOGRAM);
    if (!metrics) return;
    struct series *series = series_get(metrics, histogram, values);
    unsigned i = 0;
    while (us > buckets[i].us) i++;
    add(&series->counts[i], 1);
    add(&series->value, us);
}

uint64_t metrics_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* ---- the page ---- */

static void put_escaped(struct sio_strbuf *out, struct sio_span text) {
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '\n')
            sio_strbuf_lit(out, "\\n");
        else if (c == '\\' || c == '"')
            sio_strbuf_printf(out, "\\%c", c);
        else
            sio_strbuf_char(out, c);
    }
}

static void put_head(struct sio_strbuf *out, const char *name, const char *type, const char *help) {
    sio_strbuf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* name="value", for each label. */
static void put_labels(struct sio_strbuf *out, const struct series *series) {
    struct sio_span names = sio_span_cstr(metric_rows[series->metric].labels),
                    values = sio_span_cstr(series->values);
    while (names.n) {
        struct sio_span name = sio_span_cut(&names, ',');
        sio_strbuf_span(out, name);
        sio_strbuf_lit(out, "=\"");
        put_escaped(out, sio_span_cut(&values, ','));
        sio_strbuf_lit(out, "\"");
        if (names.n) sio_strbuf_char(out, ',');
    }
}

/* name_suffix{labels,le="…"}, without what is not there, and a blank. */
static void put_name(struct sio_strbuf *out, const struct series *series, const char *suffix,
                     const char *le) {
    bool labels = metric_rows[series->metric].labels[0] != 0;
    sio_strbuf_printf(out, "%s%s", metric_rows[series->metric].name, suffix);
    if (labels || le) sio_strbuf_char(out, '{');
    put_labels(out, series);
    if (labels && le) sio_strbuf_char(out, ',');
    if (le) sio_strbuf_printf(out, "le=\"%s\"", le);
    if (labels || le) sio_strbuf_char(out, '}');
    sio_strbuf_char(out, ' ');
}

static void put_counter(struct sio_strbuf *out, struct series *series) {
    put_name(out, series, "", NULL);
    sio_strbuf_printf(out, "%" PRIu64 "\n", atomic_load_explicit(&series->value, memory_order_relaxed));
}

/* _count is what the last bucket says: both come from the same look at the counts, while others go on counting. */
static void put_histogram(struct sio_strbuf *out, struct series *series) {
    uint64_t count = 0;
    for (unsigned i = 0; i < BUCKETS; i++) {
        count += atomic_load_explicit(&series->counts[i], memory_order_relaxed);
        put_name(out, series, "_bucket", buckets[i].le);
        sio_strbuf_printf(out, "%" PRIu64 "\n", count);
    }
    uint64_t sum_us = atomic_load_explicit(&series->value, memory_order_relaxed);
    put_name(out, series, "_sum", NULL);
    sio_strbuf_printf(out, "%" PRIu64 ".%06" PRIu64 "\n", sum_us / 1000000, sum_us % 1000000);
    put_name(out, series, "_count", NULL);
    sio_strbuf_printf(out, "%" PRIu64 "\n", count);
}

static void put_metric(struct metrics *metrics, enum metric metric, struct sio_strbuf *out) {
    bool counter = metric_rows[metric].kind == COUNTER;
    put_head(out, metric_rows[metric].name, counter ? "counter" : "histogram", metric_rows[metric].help);
    for (unsigned i = 0; i < SLOTS; i++) {
        struct series *series = atomic_load_explicit(&metrics->slots[i], memory_order_acquire);
        if (!series || series->metric != metric) continue;
        if (counter)
            put_counter(out, series);
        else
            put_histogram(out, series);
    }
}

void metrics_write(struct metrics *metrics, struct sio_strbuf *out) {
    for (int metric = 0; metric < METRIC_COUNT_; metric++) put_metric(metrics, (enum metric)metric, out);
}

/* ---- what others count ---- */

static void put_value(struct sio_strbuf *out, const char *name, const char *labels, double value) {
    if (labels)
        sio_strbuf_printf(out, "%s{%s} %.15g\n", name, labels, value);
    else
        sio_strbuf_printf(out, "%s %.15g\n", name, value);
}

void metrics_write_gauge(struct sio_strbuf *out, const char *name, const char *labels, const char *help,
                         double value) {
    if (help) put_head(out, name, "gauge", help);
    put_value(out, name, labels, value);
}

void metrics_write_counter(struct sio_strbuf *out, const char *name, const char *labels, const char *help,
                           double value) {
    if (help) put_head(out, name, "counter", help);
    put_value(out, name, labels, value);
}
