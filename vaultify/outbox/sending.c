/* Requests: notes from a courier's queues are handed to the service, and what it answers is judged. */
#include "base/mem.h"
#include "outbox/inside.h"

enum { HOST_LOOK_MS = 500 /* whether a host that has its share has gone silent */ };

struct sending {
    struct list node; /* in the courier's sendings */
    struct courier *courier;
    struct arena arena;
    struct push_request request;
    struct item **items;
    struct push_note *notes;
    struct push_verdict *verdicts;
    size_t count;
    uint32_t epoch; /* the courier's trouble, when it was sent */
    uint64_t started_us;
    bool abandoned; /* its items went back already */
};

static struct sending *sending_new(struct courier *courier) {
    struct sending *s = mem_new(struct sending);
    s->courier = courier;
    s->epoch = courier->trouble.epoch;
    s->started_us = courier->outbox->world.monotonic_us(courier->outbox->world.ctx);
    arena_init(&s->arena);
    list_init(&s->node);
    return s;
}

static void sending_free(struct sending *s) {
    list_remove(&s->node);
    arena_fini(&s->arena);
    free(s);
}

static void observe(const struct sending *s) {
    const struct outbox *outbox = s->courier->outbox;
    uint64_t now_us = outbox->world.monotonic_us(outbox->world.ctx);
    metrics_observe_us(outbox->config.metrics, METRIC_PUSH_SECONDS, s->courier->name, now_us - s->started_us);
}

/* ---- a token of ours ---- */

static void authorized(const struct push_response *response, void *data) {
    struct sending *s = data;
    struct courier *courier = s->courier;
    outbox_read_clock(courier->outbox);
    observe(s);
    if (!s->abandoned) {
        struct push_verdict verdict = {0};
        courier->provider->ops->authorized(courier->provider, response, courier->outbox->wall_ms, &verdict);
        courier->asking = false;
        verdict.all = true;
        if (verdict.result != PUSH_SENT) courier_rest(courier, &verdict);
    }
    sending_free(s);
}

/* A key that needs one has a token, or gets one; else the service rests. */
static bool courier_authorized(struct courier *courier) {
    const struct push_provider_ops *ops = courier->provider->ops;
    struct outbox *outbox = courier->outbox;
    if (!ops->authorize) return true;
    if (courier->asking) return false;
    struct sending *s = sending_new(courier);
    struct push_verdict verdict = {0};
    switch (ops->authorize(courier->provider, outbox->wall_ms, &s->arena, &s->request, &verdict)) {
    case PUSH_AUTH_READY: sending_free(s); return true;
    case PUSH_AUTH_ASK:
        courier->asking = true;
        list_insert(&courier->sendings, &s->node);
        outbox->world.send(outbox->world.ctx, &s->request, authorized, s);
        return false;
    case PUSH_AUTH_FAILED: courier_rest(courier, &verdict);
    }
    sending_free(s);
    return false;
}

/* ---- taking from the queues ---- */

static bool may_go(struct courier *courier, struct item *item) {
    struct outbox *outbox = courier->outbox;
    switch (host_admits(item->host, outbox->now_ms)) {
    case HOST_GO: return true;
    case HOST_FULL: outbox_next_at(outbox, outbox->now_ms + HOST_LOOK_MS); return false;
    case HOST_RESTS: break;
    }
    list_remove(&item->node);
    courier->queued--;
    int64_t rest_ms = (int64_t)host_rest_ms(item->host, outbox->now_ms);
    item_put_back(courier, item, outbox->wall_ms + rest_ms, "its server rests");
    return false;
}

static struct item *queue_pop(struct courier *courier, struct list *queue) {
    list_each (queue, node) {
        struct item *item = container_of(node, struct item, node);
        if (!may_go(courier, item)) continue;
        list_remove(node);
        if (!item->test) courier->queued--;
        return item;
    }
    return NULL;
}

static struct item *courier_pop(struct courier *courier, enum courier_queue last) {
    struct item *item = NULL;
    for (unsigned q = 0; q <= last && !item; q++) item = queue_pop(courier, &courier->queues[q]);
    return item;
}

static unsigned batch_max(const struct push_provider *provider) {
    return provider->batch_limit ? provider->batch_limit : provider->ops->batch_max;
}

/* A paced service that takes several in a request waits for as many as could go in one, rather than take them a few
 * at a time. */
static size_t paced_room(struct courier *courier, size_t batch) {
    struct outbox *outbox = courier->outbox;
    uint32_t wanted = (uint32_t)(courier->queued < batch ? courier->queued : batch);
    uint32_t allowed = pace_allows(&courier->pace, outbox->now_ms);
    uint64_t next_ms = pace_next_ms(&courier->pace, wanted > 0 ? wanted : 1);
    if (next_ms <= outbox->now_ms) return allowed;
    outbox_next_at(outbox, next_ms);
    return 0;
}

/* How many notes may go now, and how far down the queues. Tests go at once, whatever rests. */
static size_t allowance(struct courier *courier, enum courier_queue *last) {
    struct outbox *outbox = courier->outbox;
    unsigned in_flight = atomic_load_explicit(&courier->in_flight, memory_order_relaxed);
    size_t room =
        in_flight < courier->provider->in_flight_max ? courier->provider->in_flight_max - in_flight : 0;
    bool waits = trouble_rests(&courier->trouble, outbox->now_ms) ||
                 (trouble_probes(&courier->trouble, outbox->now_ms) && in_flight > 0);
    *last = waits ? QUEUE_TESTS : QUEUE_OTHERS;
    size_t batch = batch_max(courier->provider);
    size_t paced = paced_room(courier, batch);
    if (paced < room) room = paced;
    return room < batch ? room : batch;
}

static size_t take(struct courier *courier, struct sending *s) {
    enum courier_queue last;
    size_t room = allowance(courier, &last);
    s->items = arena_array(&s->arena, struct item *, room);
    while (s->count < room && (s->items[s->count] = courier_pop(courier, last))) s->count++;
    return s->count;
}

/* ---- there and back ---- */

static void judge_all(struct sending *s) {
    for (size_t i = 0; i < s->count; i++) item_judged(s->courier, s->items[i], &s->verdicts[i]);
}

static void answered(const struct push_response *response, void *data) {
    struct sending *s = data;
    struct courier *courier = s->courier;
    outbox_read_clock(courier->outbox);
    observe(s);
    if (!s->abandoned) {
        atomic_fetch_sub_explicit(&courier->in_flight, (unsigned)s->count, memory_order_relaxed);
        courier->provider->ops->judge(courier->provider, s->notes, s->count, response,
                                      courier->outbox->wall_ms, s->verdicts);
        courier_learn(courier, s->items[0], s->epoch, response, s->verdicts, s->count);
        judge_all(s);
    }
    sending_free(s);
}

static void send_off(struct sending *s) {
    struct courier *courier = s->courier;
    struct outbox *outbox = courier->outbox;
    host_sent(s->items[0]->host, outbox->now_ms);
    list_insert(&courier->sendings, &s->node);
    atomic_fetch_add_explicit(&courier->in_flight, (unsigned)s->count, memory_order_relaxed);
    outbox->world.send(outbox->world.ctx, &s->request, answered, s);
}

/* False: nothing may go now. */
static bool send_some(struct courier *courier) {
    struct sending *s = sending_new(courier);
    if (take(courier, s) == 0) {
        sending_free(s);
        return false;
    }
    pace_take(&courier->pace, (uint32_t)s->count);
    s->notes = arena_array(&s->arena, struct push_note, s->count);
    s->verdicts = arena_array(&s->arena, struct push_verdict, s->count);
    for (size_t i = 0; i < s->count; i++) s->notes[i] = s->items[i]->note;
    if (courier->provider->ops->build(courier->provider, s->notes, s->count, courier->outbox->wall_ms,
                                      &s->arena, &s->request, s->verdicts)) {
        send_off(s);
        return true;
    }
    judge_all(s);
    sending_free(s);
    return true;
}

static bool courier_has_work(const struct courier *courier) {
    return courier->queued > 0 || !list_empty(&courier->queues[QUEUE_TESTS]);
}

void courier_send(struct courier *courier) {
    while (courier_has_work(courier) && courier_authorized(courier) && send_some(courier)) {
    }
}

/* ---- stopping ---- */

void courier_abandon(struct courier *courier) {
    list_each (&courier->sendings, node) {
        struct sending *s = container_of(node, struct sending, node);
        if (s->abandoned) continue;
        s->abandoned = true;
        for (size_t i = 0; i < s->count; i++)
            item_put_back(courier, s->items[i], courier->outbox->wall_ms, "the server stops");
    }
    atomic_store_explicit(&courier->in_flight, 0, memory_order_relaxed);
}
