/* Durable messages: users in pairs, each with a window of unacknowledged messages in their direct
 * conversation. */
#include <inttypes.h>

#include "base/mem.h"
#include "client.h"
#include "process.h"
#include "works.h"

struct sender {
    char conversation[40]; /* empty until known */
    uint32_t sent, acked;
    uint64_t *sent_at; /* by number */
};

struct state {
    struct run *run;
    struct sender *senders;
    uint64_t acked, delivered, refused;
    uint32_t *latency_us;
};

static void send_one(struct load_client *c) {
    struct state *s = load_data(c->load);
    struct sender *me = &s->senders[c->index];
    struct sio_strbuf json;
    sio_strbuf_init(&json);
    sio_strbuf_printf(
        &json,
        "{\"conversationId\":\"%s\",\"content\":\"The visitor at gate 4 has arrived, shall I let him in?\","
        "\"type\":\"text\",\"clientMessageId\":\"%u-%u\"}",
        me->conversation, c->index, me->sent);
    me->sent_at[me->sent] = load_now_us();
    load_emit(c, me->sent++, "send_message", sio_strbuf_as_span(&json));
    sio_strbuf_fini(&json);
}

static void receive(struct load_client *c, int kind, uint64_t ack, struct sio_span json) {
    struct state *s = load_data(c->load);
    struct sender *me = &s->senders[c->index];
    if (kind == 2) {
        s->delivered += sio_span_starts(json, SIO_SPAN("[\"new_message\""));
        return;
    }
    if (!memmem(json.p, json.n, "\"ok\":true", 9)) {
        if (s->refused++ == 0) fprintf(stderr, "load: refused: %.*s\n", (int)json.n, json.p);
    }
    s->latency_us[s->acked++] = (uint32_t)(load_now_us() - me->sent_at[ack]);
    me->acked++;
    if (me->sent < s->run->rounds) send_one(c);
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

/* One conversation id a line for each pair, in the file named by BENCH_CONVERSATIONS. */
static void read_conversations(struct state *s) {
    const char *path = getenv("BENCH_CONVERSATIONS");
    FILE *f = path ? fopen(path, "r") : NULL;
    char line[64];
    for (uint32_t i = 0; i + 1 < s->run->count; i += 2) {
        if (!f || !fgets(line, sizeof(line), f)) {
            fprintf(stderr, "load: too few conversations\n");
            exit(1);
        }
        for (uint32_t k = i; k < i + 2; k++)
            snprintf(s->senders[k].conversation, sizeof(s->senders[k].conversation), "%.36s", line);
    }
    if (f) fclose(f);
}

void work_send(struct run *run) {
    struct state s = {.run = run};
    uint64_t total = (uint64_t)run->count * run->rounds;
    s.senders = mem_new_array(struct sender, run->count);
    s.latency_us = mem_new_array(uint32_t, total);
    for (uint32_t i = 0; i < run->count; i++) s.senders[i].sent_at = mem_new_array(uint64_t, run->rounds);
    read_conversations(&s);
    struct load *l = load_new(run->port, &(struct load_handlers){.on_packet = receive, .data = &s});
    struct load_client **clients = mem_new_array(struct load_client *, run->count);
    for (uint32_t i = 0; i < run->count; i++) clients[i] = load_connect(l, run->tokens[i], i);
    while (load_joined_count(l) < run->count) load_turn(l, 100);
    for (uint64_t begun = load_now_us(); load_now_us() - begun < 500000;) load_turn(l, 10);
    uint64_t cpu = process_cpu_us(run->pid), begun = load_now_us();
    for (uint32_t w = 0; w < run->window && w < run->rounds; w++)
        for (uint32_t i = 0; i < run->count; i++) send_one(clients[i]);
    while (s.acked < total && load_open_count(l) == run->count) load_turn(l, 1000);
    double wall = (double)(load_now_us() - begun), used = (double)(process_cpu_us(run->pid) - cpu);
    for (uint64_t last = load_now_us(); s.delivered < 2 * total && load_now_us() - last < 5000000;)
        load_turn(l, 100);
    qsort(s.latency_us, s.acked, sizeof(*s.latency_us), by_value);
    printf("{\"work\":\"send\",\"users\":%u,\"messages\":%" PRIu64 ",\"refused\":%" PRIu64
           ",\"delivered\":%" PRIu64
           ",\"messages_per_s\":%.0f,\"cpu_us_per_message\":%.2f,\"ack_p50_ms\":%.2f,\"ack_p99_ms\":%.2f}\n",
           run->count, s.acked, s.refused, s.delivered, (double)s.acked * 1e6 / wall, used / (double)s.acked,
           s.latency_us[s.acked / 2] / 1e3, s.latency_us[s.acked * 99 / 100] / 1e3);
    load_free(l);
    for (uint32_t i = 0; i < run->count; i++) free(s.senders[i].sent_at);
    free(s.senders);
    free(s.latency_us);
    free(clients);
}
