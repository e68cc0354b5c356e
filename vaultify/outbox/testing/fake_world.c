/* The worker's world in virtual time. */
#include "outbox/testing/fake_world.h"

#include "base/mem.h"
#include "base/must.h"

enum { LATENCY_DEFAULT_MS = 5, STORE_PATIENCE_S = 60 };

static const struct fake_answer taken = {.status = 200};

/* ---- services ---- */

/* What a request's body points to, as `build` made it. */
struct parcel {
    struct fake_service *service;
    const struct push_note *notes; /* NULL: asks for receipts */
    size_t count;
};

static void request_of(struct fake_service *service, const struct push_note *notes, size_t count,
                       struct arena *arena, struct push_request *out) {
    struct parcel *parcel = arena_new(arena, struct parcel);
    *parcel = (struct parcel){service, notes, count};
    *out = (struct push_request){.url = "https://fake/", .body = sio_span_of(parcel, sizeof *parcel)};
}

static bool build(struct push_provider *p, const struct push_note *notes, size_t count, int64_t now_ms,
                  struct arena *arena, struct push_request *out, struct push_verdict *verdicts) {
    request_of(container_of(p, struct fake_service, provider), notes, count, arena, out);
    return true;
}

static enum push_result result_of(int status) {
    switch (status) {
    case 200: return PUSH_SENT;
    case 410: return PUSH_TOKEN_DEAD;
    case 401: return PUSH_KEY_PROBLEM;
    default: return PUSH_REFUSED;
    }
}

static void judge_one(const struct fake_service *service, const struct push_note *note,
                      const struct push_response *response, struct push_verdict *verdict) {
    if (push_verdict_common(verdict, response)) {
        verdict->all |= response->body.n > 0;
        return;
    }
    push_verdict_status(verdict, result_of(response->status), response);
    verdict->all = verdict->result == PUSH_KEY_PROBLEM;
    if (verdict->result == PUSH_TOKEN_DEAD) verdict->dead_since = service->dead_since;
    if (verdict->result == PUSH_SENT && service->gives_receipts)
        snprintf(verdict->receipt, sizeof verdict->receipt, "%.*s", (int)note->target.token.n,
                 note->target.token.p);
}

static void judge(struct push_provider *p, const struct push_note *notes, size_t count,
                  const struct push_response *response, int64_t now_ms, struct push_verdict *verdicts) {
    for (size_t i = 0; i < count; i++)
        judge_one(container_of(p, struct fake_service, provider), &notes[i], response, &verdicts[i]);
}

static void build_receipts(struct push_provider *p, const struct sio_span *ids, size_t count,
                           struct arena *arena, struct push_request *out) {
    request_of(container_of(p, struct fake_service, provider), NULL, count, arena, out);
}

static void judge_receipts(struct push_provider *p, const struct sio_span *ids, size_t count,
                           const struct push_response *response, struct push_verdict *verdicts) {
    struct fake_service *service = container_of(p, struct fake_service, provider);
    for (size_t i = 0; i < count; i++) verdicts[i].result = service->receipt(service, ids[i]);
}

static void stay_open(struct push_provider *p) {}

static struct fake_answer take_all(struct fake_service *service, const struct push_note *notes,
                                   size_t count) {
    return taken;
}

struct fake_service *fake_service_on(struct fake_world *world, enum push_service service, unsigned batch_max,
                                     uint32_t in_flight_max, uint32_t per_second) {
    struct fake_service *s = &world->services[service];
    *s = (struct fake_service){.ops = {.service = service,
                                       .batch_max = batch_max,
                                       .build = build,
                                       .judge = judge,
                                       .build_receipts = build_receipts,
                                       .judge_receipts = judge_receipts,
                                       .close = stay_open},
                               .world = world,
                               .answer = take_all};
    s->provider = (struct push_provider){&s->ops, per_second, in_flight_max};
    return s;
}

/* ---- requests ---- */

struct under_way {
    struct list node;
    struct parcel parcel;
    struct fake_answer answer;
    int64_t at_ms;
    void (*done)(const struct push_response *response, void *data);
    void *data;
};

static void note_in_flight(struct fake_service *service, size_t more) {
    service->notes_in_flight += (unsigned)more;
    if (service->notes_in_flight > service->notes_in_flight_most)
        service->notes_in_flight_most = service->notes_in_flight;
}

static void world_send(void *ctx, const struct push_request *request,
                       void (*done)(const struct push_response *response, void *data), void *data) {
    struct fake_world *world = ctx;
    struct under_way *u = mem_new(struct under_way);
    memcpy(&u->parcel, request->body.p, sizeof u->parcel);
    struct fake_service *service = u->parcel.service;
    u->answer = u->parcel.notes ? service->answer(service, u->parcel.notes, u->parcel.count) : taken;
    if (u->parcel.notes) {
        service->requests++;
        note_in_flight(service, u->parcel.count);
    } else {
        service->receipt_requests++;
    }
    u->at_ms = *world->wall_ms + (u->answer.latency_ms ? u->answer.latency_ms : LATENCY_DEFAULT_MS);
    u->done = done;
    u->data = data;
    list_insert(&world->requests, &u->node);
}

static void copy_text(char *to, size_t size, struct sio_span from) {
    snprintf(to, size, "%.*s", (int)from.n, from.n ? from.p : "");
}

static void remember(struct fake_world *world, const struct push_note *note) {
    world->taken = mem_realloc(world->taken, (world->taken_count + 1) * sizeof *world->taken);
    struct fake_push *push = &world->taken[world->taken_count++];
    *push = (struct fake_push){.service = note->target.service,
                               .conversation = note->conversation,
                               .message = note->message,
                               .seq = note->seq,
                               .badge = note->badge,
                               .kind = note->kind,
                               .at_ms = *world->wall_ms};
    copy_text(push->token, sizeof push->token, note->target.token);
    copy_text(push->body, sizeof push->body, note->body);
}

static void answer_now(struct fake_world *world, struct under_way *u) {
    const struct push_response response = {.transport = u->answer.transport,
                                           .status = u->answer.status,
                                           .retry_after_ms = u->answer.retry_after_ms,
                                           .body =
                                               u->answer.about_all ? SIO_SPAN("all") : (struct sio_span){0}};
    list_remove(&u->node);
    for (size_t i = 0; u->parcel.notes && i < u->parcel.count; i++) {
        u->parcel.service->notes_in_flight--;
        if (u->answer.transport == PUSH_ANSWERED && u->answer.status == 200)
            remember(world, &u->parcel.notes[i]);
    }
    u->done(&response, u->data);
    free(u);
}

static bool answer_due(struct fake_world *world) {
    bool any = false;
    list_each (&world->requests, node) {
        struct under_way *u = container_of(node, struct under_way, node);
        if (u->at_ms > *world->wall_ms) continue;
        answer_now(world, u);
        any = true;
    }
    return any;
}

/* ---- time ---- */

static int64_t world_wall(void *ctx) { return *((struct fake_world *)ctx)->wall_ms; }
static uint64_t world_monotonic(void *ctx) { return (uint64_t)world_wall(ctx) * 1000; }

static unsigned asked_of_store(const struct outbox *outbox) {
    unsigned again = 0;
    for (const struct list *node = outbox->again.next; node != &outbox->again; node = node->next) again++;
    return outbox->asked - again;
}

/* True: somebody has woken the worker, or the store did after a while. */
static bool await_wake(struct fake_world *world) {
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += STORE_PATIENCE_S;
    pthread_mutex_lock(&world->lock);
    while (!world->woken && asked_of_store(world->outbox) > 0)
        must(pthread_cond_timedwait(&world->waker, &world->lock, &end) == 0);
    bool woken = world->woken;
    world->woken = false;
    pthread_mutex_unlock(&world->lock);
    return woken;
}

static void pass(struct fake_world *world, uint32_t timeout_ms) {
    int64_t to_ms = *world->wall_ms + timeout_ms;
    if (to_ms > world->until_ms) to_ms = world->until_ms;
    list_each (&world->requests, node) {
        struct under_way *u = container_of(node, struct under_way, node);
        if (u->at_ms < to_ms) to_ms = u->at_ms;
    }
    must(++world->idle_turns < FAKE_RUNAWAY_TURNS);
    if (to_ms <= *world->wall_ms) return;
    *world->wall_ms = to_ms;
    world->idle_turns = 0;
}

static void world_run(void *ctx, uint32_t timeout_ms) {
    struct fake_world *world = ctx;
    if (!answer_due(world) && !await_wake(world)) pass(world, timeout_ms);
}

static void world_wake(void *ctx) {
    struct fake_world *world = ctx;
    pthread_mutex_lock(&world->lock);
    world->woken = true;
    pthread_cond_signal(&world->waker);
    pthread_mutex_unlock(&world->lock);
}

static void world_close(void *ctx) {
    struct fake_world *world = ctx;
    list_each (&world->requests, node) {
        struct under_way *u = container_of(node, struct under_way, node);
        u->answer = (struct fake_answer){.transport = PUSH_BROKEN};
        answer_now(world, u);
    }
}

static void world_reach(struct chat *chat, struct chat_reach_query *query) {
    struct fake_world *world = (void *)chat;
    for (size_t i = 0; i < query->count; i++) query->reach[i] = world->reach(&query->users[i]);
    query->done(query);
}

uint32_t fake_random(struct fake_world *world) {
    world->random = world->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(world->random >> 33);
}

static uint32_t world_random(void *ctx) { return fake_random(ctx); }

/* ---- life ---- */

void fake_world_init(struct fake_world *world, int64_t *wall_ms, uint64_t seed) {
    *world = (struct fake_world){.wall_ms = wall_ms, .random = seed, .taken_limit = SIZE_MAX};
    list_init(&world->requests);
    pthread_mutex_init(&world->lock, NULL);
    pthread_cond_init(&world->waker, NULL);
}

void fake_world_fini(struct fake_world *world) {
    pthread_mutex_destroy(&world->lock);
    pthread_cond_destroy(&world->waker);
    free(world->taken);
}

void fake_open(struct fake_world *world, const struct outbox_config *config, struct store *store) {
    const struct outbox_world around = {.wall_ms = world_wall,
                                        .monotonic_us = world_monotonic,
                                        .random = world_random,
                                        .send = world_send,
                                        .run = world_run,
                                        .wake = world_wake,
                                        .close = world_close,
                                        .reach = world_reach,
                                        .ctx = world};
    struct push_provider *providers[PUSH_SERVICE_COUNT_] = {0};
    for (unsigned i = 0; i < PUSH_SERVICE_COUNT_; i++)
        if (world->services[i].world) providers[i] = &world->services[i].provider;
    must(outbox_make(config, &around, providers, &world->outbox) == SIO_ERR_OK);
    outbox_begin(world->outbox, store, world->reach ? (void *)world : NULL);
}

void fake_stop(struct fake_world *world, uint32_t drain_ms) {
    world->until_ms = INT64_MAX;
    world->outbox->drain_ms = drain_ms;
    outbox_drain(world->outbox);
}

void fake_free(struct fake_world *world) {
    outbox_free(world->outbox);
    world->outbox = NULL;
}

void fake_run(struct fake_world *world, int64_t ms) {
    world->until_ms = *world->wall_ms + ms;
    while (*world->wall_ms < world->until_ms && world->taken_count < world->taken_limit)
        outbox_turn(world->outbox);
}

bool fake_run_until_taken(struct fake_world *world, size_t count, int64_t at_most_ms) {
    world->taken_limit = count;
    fake_run(world, at_most_ms);
    world->taken_limit = SIZE_MAX;
    return world->taken_count >= count;
}
