/* Broadcasts to a whole estate: one at a time, and in a burst. */
#include "base/mem.h"
#include "client.h"
#include "process.h"
#include "works.h"

enum { CONNECT_WINDOW = 100, BURST_INTERVAL_US = 200, SETTLE_US = 500000, GIVE_UP_US = 120000000 };

struct state {
    uint64_t arrived; /* deliveries of announcements, by all sockets */
    uint64_t payload_bytes;
};

static void count_packet(struct load_client *c, int kind, uint64_t ack, struct sio_span json) {
    struct state *s = load_data(c->load);
    if (kind == 2 && sio_span_starts(json, SIO_SPAN("[\"estate_broadcast\""))) {
        s->arrived++;
        s->payload_bytes += json.n;
    }
}

static void turn_until(struct load *l, const uint64_t *value, uint64_t target) {
    uint64_t begun = load_now_us();
    while (*value < target) {
        load_turn(l, 100);
        if (load_now_us() - begun > GIVE_UP_US) {
            fprintf(stderr, "load: %llu of %llu arrived\n", (unsigned long long)*value,
                    (unsigned long long)target);
            exit(1);
        }
    }
}

static void settle(struct load *l) {
    for (uint64_t begun = load_now_us(); load_now_us() - begun < SETTLE_US;) load_turn(l, 10);
}

static struct load_client *connect_all(struct load *l, struct run *run) {
    struct load_client *first = NULL;
    for (uint32_t i = 0; i < run->count; i++) {
        struct load_client *c = load_connect(l, run->tokens[i], i);
        if (!first) first = c;
        while (load_open_count(l) - load_joined_count(l) >= CONNECT_WINDOW) load_turn(l, 100);
    }
    while (load_joined_count(l) < run->count) load_turn(l, 100);
    settle(l);
    return first;
}

static const struct sio_span announcement =
    SIO_SPAN("{\"message\":\"Water maintenance is scheduled for 2-4 PM today\",\"type\":\"maintenance\"}");

void work_broadcast(struct run *run) {
    struct state s = {0};
    struct load *l = load_new(run->port, &(struct load_handlers){.on_packet = count_packet, .data = &s});
    struct load_client *admin = connect_all(l, run);
    for (uint32_t i = 0; i < 10; i++) { /* to warm up */
        load_emit(admin, -1, "estate_broadcast", announcement);
        turn_until(l, &s.arrived, (uint64_t)run->count * (i + 1));
    }
    uint64_t before = s.arrived, cpu = process_cpu_us(run->pid), begun = load_now_us();
    for (uint32_t i = 0; i < run->rounds; i++) {
        load_emit(admin, -1, "estate_broadcast", announcement);
        turn_until(l, &s.arrived, before + (uint64_t)run->count * (i + 1));
    }
    double deliveries = (double)(s.arrived - before);
    printf("{\"work\":\"broadcast\",\"sockets\":%u,\"rounds\":%u,\"cpu_us_per_delivery\":%.3f,"
           "\"deliveries_per_s\":%.0f,\"payload_bytes\":%.0f}\n",
           run->count, run->rounds, (double)(process_cpu_us(run->pid) - cpu) / deliveries,
           deliveries * 1e6 / (double)(load_now_us() - begun), (double)s.payload_bytes / (double)s.arrived);
    load_free(l);
}

void work_burst(struct run *run) {
    struct state s = {0};
    struct load *l = load_new(run->port, &(struct load_handlers){.on_packet = count_packet, .data = &s});
    struct load_client *admin = connect_all(l, run);
    uint64_t cpu = process_cpu_us(run->pid), begun = load_now_us();
    for (uint32_t sent = 0; sent < run->rounds;) {
        uint64_t due = (load_now_us() - begun) / BURST_INTERVAL_US;
        for (; sent < run->rounds && sent <= due; sent++)
            load_emit(admin, -1, "estate_broadcast", announcement);
        load_turn(l, 0);
    }
    turn_until(l, &s.arrived, (uint64_t)run->count * run->rounds);
    double deliveries = (double)s.arrived;
    printf("{\"work\":\"burst\",\"sockets\":%u,\"rounds\":%u,\"cpu_us_per_delivery\":%.3f,\"deliveries_per_"
           "s\":%.0f}\n",
           run->count, run->rounds, (double)(process_cpu_us(run->pid) - cpu) / deliveries,
           deliveries * 1e6 / (double)(load_now_us() - begun));
    load_free(l);
}
