/* Senders, each with a conversation of its own whose other participants are offline with a phone: messages that
 * become pushes, and messages at a fixed rate. */
#include <inttypes.h>

#include "base/mem.h"
#include "client.h"
#include "process.h"
#include "push_count.h"
#include "works.h"

enum {
    STALL_US = 10000000, /* no push for so long: there will be no more */
    SETTLE_US = 500000,
};

struct state {
    struct run *run;
    struct load_client **clients; /* the senders */
    char (*conversations)[37];
    uint32_t sent, total, acked, refused;
    uint64_t *sent_at_us; /* by number */
    uint32_t *latency_us; /* in the order of the answers */
};

/* ---- what both have ---- */

/* One conversation id a line, in the file named by BENCH_CONVERSATIONS. */
static void read_conversations(struct state *s) {
    const char *path = getenv("BENCH_CONVERSATIONS");
    FILE *f = path ? fopen(path, "r") : NULL;
    s->conversations = mem_array(s->run->count, sizeof *s->conversations);
    for (uint32_t i = 0; i < s->run->count; i++) {
        if (f && fscanf(f, "%36s", s->conversations[i]) == 1) continue;
        fprintf(stderr, "load: too few conversations\n");
        exit(1);
    }
    fclose(f);
}

static void send_next(struct state *s) {
    struct load_client *sender = s->clients[s->sent % s->run->count];
    struct sio_strbuf json;
    sio_strbuf_init(&json);
    sio_strbuf_printf(
        &json,
        "{\"conversationId\":\"%s\",\"content\":\"The visitor at gate 4 has arrived, shall I let him in?\"}",
        s->conversations[sender->index]);
    s->sent_at_us[s->sent] = load_now_us();
    load_emit(sender, s->sent++, "send_message", sio_strbuf_as_span(&json));
    sio_strbuf_fini(&json);
}

static void receive(struct load_client *c, int kind, uint64_t ack, struct sio_span json) {
    struct state *s = load_data(c->load);
    if (kind != 3) return;
    if (!memmem(json.p, json.n, "\"ok\":true", 9) && s->refused++ == 0)
        fprintf(stderr, "load: refused: %.*s\n", (int)json.n, json.p);
    s->latency_us[s->acked++] = (uint32_t)(load_now_us() - s->sent_at_us[ack]);
}

static struct load *begin(struct state *s, struct run *run) {
    *s = (struct state){.run = run, .total = run->count * run->rounds};
    s->sent_at_us = mem_new_array(uint64_t, s->total);
    s->latency_us = mem_new_array(uint32_t, s->total);
    s->clients = mem_new_array(struct load_client *, run->count);
    read_conversations(s);
    struct load *l = load_new(run->port, &(struct load_handlers){.on_packet = receive, .data = s});
    for (uint32_t i = 0; i < run->count; i++) s->clients[i] = load_connect(l, run->tokens[i], i);
    while (load_joined_count(l) < run->count) load_turn(l, 100);
    for (uint64_t begun = load_now_us(); load_now_us() - begun < SETTLE_US;) load_turn(l, 10);
    return l;
}

static void end(struct state *s, struct load *l) {
    load_free(l);
    free(s->clients);
    free(s->conversations);
    free(s->sent_at_us);
    free(s->latency_us);
}

/* ---- pushes ---- */

/* The first part of a run is not measured: connections are made, caches are filled. */
struct measured {
    uint64_t pushes, at_us, cpu_us;
};

static struct measured measure(const struct run *run, uint64_t pushes) {
    return (struct measured){pushes, load_now_us(), process_cpu_us(run->pid)};
}

void work_push(struct run *run) {
    struct state s;
    const char *path = getenv("BENCH_PUSH_COUNT");
    struct push_count *count = push_count_map(path ? path : "");
    struct load *l = begin(&s, run);
    uint64_t base = count->pushes, expected = (uint64_t)s.total * run->receivers, seen = 0,
             rss_before = process_rss_bytes(run->pid), rss_most = 0;
    struct measured from = measure(run, 0), to = from;
    while (seen < expected && load_now_us() - to.at_us < STALL_US) {
        while (s.sent < s.total &&
               (uint64_t)s.sent * run->receivers < seen + (uint64_t)run->window * run->receivers)
            send_next(&s);
        load_turn(l, 1);
        uint64_t rss = process_rss_bytes(run->pid), pushes = count->pushes - base;
        if (rss > rss_most) rss_most = rss;
        if (pushes == seen) continue;
        seen = pushes;
        to = measure(run, seen);
        if (from.pushes == 0 && seen >= expected / 10) from = to;
    }
    double pushes = (double)(to.pushes - from.pushes);
    printf("{\"work\":\"push\",\"expected\":%" PRIu64 ",\"pushes\":%" PRIu64 ",\"refused\":%" PRIu64
           ",\"connections\":%" PRIu64
           ",\"pushes_per_s\":%.0f,\"cpu_us_per_push\":%.2f,\"rss_mib_before\":%.1f,"
           "\"rss_mib_most\":%.1f}\n",
           expected, seen, count->refused + s.refused, count->connections,
           pushes * 1e6 / (double)(to.at_us - from.at_us), (double)(to.cpu_us - from.cpu_us) / pushes,
           (double)rss_before / (1 << 20), (double)rss_most / (1 << 20));
    end(&s, l);
}

/* ---- a fixed rate ---- */

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

void work_paced(struct run *run) {
    struct state s;
    struct load *l = begin(&s, run);
    uint64_t cpu = process_cpu_us(run->pid), begun = load_now_us();
    while (s.acked < s.total && load_open_count(l) == run->count) {
        uint64_t due = (load_now_us() - begun) * run->rate / 1000000;
        while (s.sent < s.total && s.sent < due) send_next(&s);
        load_turn(l, 1);
    }
    double used = (double)(process_cpu_us(run->pid) - cpu), wall = (double)(load_now_us() - begun);
    qsort(s.latency_us, s.acked, sizeof *s.latency_us, by_value);
    printf("{\"work\":\"paced\",\"messages\":%u,\"refused\":%u,\"messages_per_s\":%.0f,\"cpu_us_per_"
           "message\":%.2f,"
           "\"ack_p50_ms\":%.3f,\"ack_p99_ms\":%.3f}\n",
           s.acked, s.refused, s.acked * 1e6 / wall, used / s.acked, s.latency_us[s.acked / 2] / 1e3,
           s.latency_us[(uint64_t)s.acked * 99 / 100] / 1e3);
    end(&s, l);
}
