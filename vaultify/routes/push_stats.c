/* The outbox's figures of the last seconds, for all who ask. */
#include "routes/push_stats.h"

#include "base/must.h"

void push_stats_init(struct push_stats *stats) {
    *stats = (struct push_stats){.asked_at_ms = -PUSH_STATS_KEPT_MS};
    must(pthread_mutex_init(&stats->lock, NULL) == 0);
}

void push_stats_fini(struct push_stats *stats) { pthread_mutex_destroy(&stats->lock); }

/* A clock that was set back makes what is kept old, too. */
bool push_stats_ask(struct push_stats *stats, int64_t now_ms, bool at_once) {
    pthread_mutex_lock(&stats->lock);
    int64_t age_ms = now_ms - stats->asked_at_ms;
    bool ask = at_once || age_ms < 0 || age_ms >= PUSH_STATS_KEPT_MS;
    if (ask) stats->asked_at_ms = now_ms;
    pthread_mutex_unlock(&stats->lock);
    return ask;
}

void push_stats_put(struct push_stats *stats, const struct store_push_stats *said) {
    pthread_mutex_lock(&stats->lock);
    stats->last = *said;
    stats->last.op = (struct store_op){0};
    stats->said_of_ms = stats->asked_at_ms;
    stats->known = true;
    pthread_mutex_unlock(&stats->lock);
}

bool push_stats_get(struct push_stats *stats, struct store_push_stats *out, int64_t *of_ms) {
    pthread_mutex_lock(&stats->lock);
    bool known = stats->known;
    *out = stats->last;
    *of_ms = stats->said_of_ms;
    pthread_mutex_unlock(&stats->lock);
    return known;
}
