/* Connecting: many users one after another, silent users kept, and a storm of one estate. */
#include "base/mem.h"
#include "client.h"
#include "process.h"
#include "works.h"

enum { SETTLE_US = 1500000 };

static void settle(struct load *l, uint64_t us) {
    for (uint64_t begun = load_now_us(); load_now_us() - begun < us;) load_turn(l, 10);
}

/* Everyone connects, at most `window` under way at once. */
static void connect_all(struct load *l, struct run *run, uint32_t window) {
    for (uint32_t i = 0; i < run->count; i++) {
        load_connect(l, run->tokens[i], i);
        while (load_open_count(l) - load_joined_count(l) >= window) load_turn(l, 100);
    }
    while (load_joined_count(l) < run->count) {
        load_turn(l, 100);
        if (load_open_count(l) < run->count) {
            fprintf(stderr, "load: a connection was lost\n");
            exit(1);
        }
    }
}

void work_connect(struct run *run) {
    double cpu = 0, wall = 0, users = 0;
    uint32_t rounds = run->rounds < 2 ? 2 : run->rounds;
    for (uint32_t i = 0; i < rounds; i++) {
        struct load *l = load_new(run->port, &(struct load_handlers){0});
        uint64_t cpu_before = process_cpu_us(run->pid), begun = load_now_us();
        connect_all(l, run, run->window);
        if (i) { /* the first makes groups and fills caches */
            cpu += (double)(process_cpu_us(run->pid) - cpu_before);
            wall += (double)(load_now_us() - begun);
            users += run->count;
        }
        settle(l, SETTLE_US);
        load_free(l);
        struct load *pause = load_new(run->port, &(struct load_handlers){0});
        settle(pause, SETTLE_US);
        load_free(pause);
    }
    printf(
        "{\"work\":\"connect\",\"users\":%u,\"rounds\":%u,\"cpu_us_per_user\":%.1f,\"users_per_s\":%.0f}\n",
        run->count, rounds - 1, cpu / users, users * 1e6 / wall);
}

void work_idle(struct run *run) {
    struct run warm = *run;
    warm.count = run->count < 200 ? run->count : 200;
    struct load *l = load_new(run->port, &(struct load_handlers){0});
    connect_all(l, &warm, 100);
    settle(l, SETTLE_US);
    load_free(l);
    l = load_new(run->port, &(struct load_handlers){0});
    settle(l, SETTLE_US);
    uint64_t before = process_rss_bytes(run->pid);
    connect_all(l, run, 100);
    settle(l, 2 * SETTLE_US);
    uint64_t after = process_rss_bytes(run->pid);
    printf("{\"work\":\"idle\",\"users\":%u,\"rss_before_bytes\":%llu,\"rss_after_bytes\":%llu,\"bytes_per_"
           "user\":%.0f}\n",
           run->count, (unsigned long long)before, (unsigned long long)after,
           ((double)after - (double)before) / run->count);
    load_free(l);
}

struct storm {
    uint64_t events, digests, bytes;
};

static void count_presence(struct load_client *c, int kind, uint64_t ack, struct sio_span json) {
    struct storm *s = load_data(c->load);
    s->events++;
    s->bytes += json.n;
    if (sio_span_starts(json, SIO_SPAN("[\"presence_digest\""))) s->digests++;
}

void work_storm(struct run *run) {
    struct storm s = {0};
    struct load *l = load_new(run->port, &(struct load_handlers){.on_packet = count_presence, .data = &s});
    uint64_t cpu = process_cpu_us(run->pid), begun = load_now_us();
    connect_all(l, run, UINT32_MAX);
    uint64_t in = load_now_us() - begun;
    settle(l, 2 * SETTLE_US);
    printf("{\"work\":\"storm\",\"users\":%u,\"all_in_s\":%.3f,\"cpu_us_per_user\":%.1f,\"presence_events\":%"
           "llu,"
           "\"presence_digests\":%llu,\"presence_bytes\":%llu}\n",
           run->count, (double)in / 1e6, (double)(process_cpu_us(run->pid) - cpu) / run->count,
           (unsigned long long)s.events, (unsigned long long)s.digests, (unsigned long long)s.bytes);
    load_free(l);
}
