/* What the store last said of the outbox, kept for some seconds: counting what waits is work for the store, and scraping must not
 * become its load. Any thread. */
#pragma once
#include <pthread.h>
#include <stdbool.h>

#include "store/push.h"

enum { PUSH_STATS_KEPT_MS = 5000 };

struct push_stats {
    pthread_mutex_t lock;
    struct store_push_stats last; /* its `op` means nothing */
    bool known;
    int64_t asked_at_ms, said_of_ms; /* when the store was asked last; for `last` */
};

void push_stats_init(struct push_stats *stats);
void push_stats_fini(struct push_stats *stats);

/* Should the store be asked now? True for one caller in PUSH_STATS_KEPT_MS, who then asks; the others do with what is known. And
 * for whoever wants to know how things stand `at_once`: the administrator. */
bool push_stats_ask(struct push_stats *stats, int64_t now_ms, bool at_once);
void push_stats_put(struct push_stats *stats, const struct store_push_stats *said);
/* False: nothing is known yet. `of_ms`: when the store was asked for it. */
bool push_stats_get(struct push_stats *stats, struct store_push_stats *out, int64_t *of_ms);
