/* The outbox's gauges, as text: what waits in the store, and how each service does. */
#include "outbox/inside.h"

enum { GAUGE_LABELS_TEXT = 64 };

struct gauge {
    const char *name, *help;
    double (*value)(const struct outbox *outbox, unsigned service, const struct store_push_stats *stats,
                    int64_t now_ms);
};

static double waiting(const struct outbox *outbox, unsigned service, const struct store_push_stats *stats,
                      int64_t now_ms) {
    return (double)stats->services[service].waiting;
}

static double dead(const struct outbox *outbox, unsigned service, const struct store_push_stats *stats,
                   int64_t now_ms) {
    return (double)stats->services[service].dead;
}

static double oldest_age(const struct outbox *outbox, unsigned service, const struct store_push_stats *stats,
                         int64_t now_ms) {
    int64_t at = stats->services[service].oldest_at;
    return at == 0 || at > now_ms ? 0 : (double)(now_ms - at) / 1000.0;
}

static double in_flight(const struct outbox *outbox, unsigned service, const struct store_push_stats *stats,
                        int64_t now_ms) {
    return atomic_load_explicit(&outbox->couriers[service].in_flight, memory_order_relaxed);
}

static double resting(const struct outbox *outbox, unsigned service, const struct store_push_stats *stats,
                      int64_t now_ms) {
    return atomic_load_explicit(&outbox->couriers[service].resting, memory_order_relaxed);
}

static const struct gauge of_each_service[] = {
    {"vaultify_push_waiting", "Pushes that wait to be sent", waiting},
    {"vaultify_push_oldest_seconds", "Age of the oldest push that waits", oldest_age},
    {"vaultify_push_dead_letters", "Pushes given up, for the operator to look at", dead},
    {"vaultify_push_in_flight", "Pushes being sent", in_flight},
    {"vaultify_push_resting", "1 while a provider fails and is left alone", resting},
};

static void write_gauge(const struct outbox *outbox, const struct gauge *gauge,
                        const struct store_push_stats *stats, int64_t now_ms, struct sio_strbuf *out) {
    const char *help = gauge->help;
    for (unsigned i = 0; i < PUSH_SERVICE_COUNT_; i++) {
        if (!outbox->couriers[i].provider && stats->services[i].waiting + stats->services[i].dead == 0)
            continue;
        char labels[GAUGE_LABELS_TEXT];
        snprintf(labels, sizeof labels, "provider=\"%s\"", push_service_text((enum push_service)i));
        metrics_write_gauge(out, gauge->name, labels, help, gauge->value(outbox, i, stats, now_ms));
        help = NULL;
    }
}

void outbox_write_metrics(struct outbox *outbox, const struct store_push_stats *stats, int64_t now_ms,
                          struct sio_strbuf *out) {
    for (size_t i = 0; i < sizeof of_each_service / sizeof *of_each_service; i++)
        write_gauge(outbox, &of_each_service[i], stats, now_ms, out);
    metrics_write_gauge(out, "vaultify_push_fanouts", NULL, "Commits whose recipients are not looked at yet",
                        (double)stats->fanouts);
    metrics_write_gauge(out, "vaultify_push_watches", NULL, "Users who may not have got a message yet",
                        (double)stats->watches);
    metrics_write_gauge(out, "vaultify_push_devices", NULL, "Devices registered for pushes",
                        (double)stats->devices);
    metrics_write_gauge(out, "vaultify_push_receipts", NULL, "Receipts not asked for yet",
                        (double)stats->receipts);
}
