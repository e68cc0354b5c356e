/* The worker: its life, its thread, and one turn of its work. */
#include "outbox/outbox.h"

#include <errno.h>
#include <signal.h>

#include "base/mem.h"
#include "base/must.h"
#include "outbox/inside.h"

enum {
    UNACKED_AFTER_DEFAULT_MS = 20000,
    PING_WINDOW_DEFAULT_MS = 45000,
    MAX_AGE_DEFAULT_MS = 24 * 3600 * 1000,
    DEVICE_MAX_AGE_DEFAULT_DAYS = 270,
    IDLE_MS = 60000, /* the longest turn: the wall clock may have been set */
};

void outbox_config_init(struct outbox_config *config) {
    *config = (struct outbox_config){.unacked_after_ms = UNACKED_AFTER_DEFAULT_MS,
                                     .ping_window_ms = PING_WINDOW_DEFAULT_MS,
                                     .max_age_ms = MAX_AGE_DEFAULT_MS,
                                     .device_max_age_days = DEVICE_MAX_AGE_DEFAULT_DAYS};
    push_config_init(&config->push);
}

/* ---- making ---- */

static void parts_init(struct outbox *outbox, struct push_provider *const *providers) {
    list_init(&outbox->again);
    slice_init(&outbox->fanouts, outbox, SLICE_FANOUTS);
    slice_init(&outbox->watches, outbox, SLICE_WATCHES);
    for (unsigned i = 0; i < PUSH_SERVICE_COUNT_; i++)
        courier_init(&outbox->couriers[i], outbox, providers[i]);
}

enum sio_err outbox_make(const struct outbox_config *config, const struct outbox_world *world,
                         struct push_provider *const providers[PUSH_SERVICE_COUNT_], struct outbox **out) {
    struct outbox *outbox = mem_new(struct outbox);
    outbox->config = *config;
    outbox->world = *world;
    outbox->mailbox = mailbox_new(world->wake, world->ctx);
    outbox->zones = time_zones_new(NULL);
    outbox_read_clock(outbox);
    parts_init(outbox, providers);
    enum sio_err err = push_texts_open(config->push.texts_dir, config->log, &outbox->texts);
    if (err != SIO_ERR_OK) {
        outbox_free(outbox);
        return err;
    }
    *out = outbox;
    return SIO_ERR_OK;
}

void outbox_free(struct outbox *outbox) {
    if (!outbox) return;
    outbox->draining = true;
    outbox->world.close(outbox->world.ctx);
    for (unsigned i = 0; i < PUSH_SERVICE_COUNT_; i++) courier_fini(&outbox->couriers[i]);
    slice_fini(&outbox->fanouts);
    slice_fini(&outbox->watches);
    push_texts_close(outbox->texts);
    time_zones_free(outbox->zones);
    mailbox_close(outbox->mailbox);
    mailbox_unref(outbox->mailbox);
    free(outbox);
}

uint32_t outbox_services(const struct outbox *outbox) {
    uint32_t services = 0;
    for (unsigned i = 0; i < PUSH_SERVICE_COUNT_; i++)
        if (outbox->couriers[i].provider) services |= 1u << i;
    return services;
}

/* ---- waking ---- */

static void wake(struct outbox *outbox, unsigned what) {
    unsigned before = atomic_fetch_or(&outbox->wakes, what);
    if ((before & what) != what) mailbox_wake(outbox->mailbox);
}

void outbox_wake(struct outbox *outbox) { wake(outbox, WAKE_ALL); }

/* [a thread of the store] */
static void fanouts_wait(void *data) { wake(data, WAKE_FANOUTS); }

static void take_wakes(struct outbox *outbox) {
    unsigned wakes = atomic_exchange(&outbox->wakes, 0);
    if (wakes) outbox->fanouts.wanted = true;
    if (wakes != WAKE_ALL) return;
    outbox->watches.wanted = true;
    for (unsigned i = 0; i < PUSH_SERVICE_COUNT_; i++) outbox->couriers[i].wanted = true;
}

/* ---- time ---- */

void outbox_read_clock(struct outbox *outbox) {
    outbox->now_ms = outbox->world.monotonic_us(outbox->world.ctx) / 1000;
    outbox->wall_ms = outbox->world.wall_ms(outbox->world.ctx);
}

void outbox_next_at(struct outbox *outbox, uint64_t monotonic_ms) {
    if (monotonic_ms < outbox->next_ms) outbox->next_ms = monotonic_ms;
}

void outbox_next_at_wall(struct outbox *outbox, int64_t wall_ms) {
    if (wall_ms == 0) return;
    int64_t wait_ms = wall_ms - outbox->wall_ms;
    outbox_next_at(outbox, outbox->now_ms + (uint64_t)(wait_ms > 0 ? wait_ms : 0));
}

int64_t earlier(int64_t a, int64_t b) {
    if (a == 0 || b == 0) return a + b;
    return a < b ? a : b;
}

/* ---- working ---- */

void outbox_turn(struct outbox *outbox) {
    outbox_read_clock(outbox);
    outbox->next_ms = outbox->now_ms + IDLE_MS;
    mailbox_open(outbox->mailbox);
    take_wakes(outbox);
    outbox_ask_again(outbox);
    slice_turn(&outbox->fanouts);
    slice_turn(&outbox->watches);
    for (unsigned i = 0; i < PUSH_SERVICE_COUNT_; i++) courier_turn(&outbox->couriers[i]);
    outbox_tidy_turn(outbox);
    if (outbox->draining) outbox_next_at(outbox, outbox->drain_until_ms);
    uint64_t wait_ms = outbox->next_ms > outbox->now_ms ? outbox->next_ms - outbox->now_ms : 0;
    outbox->world.run(outbox->world.ctx, (uint32_t)wait_ms);
}

static bool is_stopping(struct outbox *outbox) { return atomic_load(&outbox->phase) == OUTBOX_STOPS; }

static void *work(void *data) {
    struct outbox *outbox = data;
    while (!is_stopping(outbox)) outbox_turn(outbox);
    outbox_drain(outbox);
    return NULL;
}

void outbox_begin(struct outbox *outbox, struct store *store, struct chat *chat) {
    must(!outbox->store);
    outbox->store = store;
    outbox->chat = chat;
    store_push_listen(store, outbox_services(outbox), fanouts_wait, outbox);
}

/* Signals are for the threads that wait for them. */
enum sio_err outbox_start(struct outbox *outbox, struct store *store, struct chat *chat) {
    sigset_t all, before;
    outbox_begin(outbox, store, chat);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    outbox->has_thread = pthread_create(&outbox->thread, NULL, work, outbox) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return outbox->has_thread ? SIO_ERR_OK : SIO_ERR_LIMIT;
}

/* ---- stopping ---- */

static unsigned in_flight(struct outbox *outbox) {
    unsigned count = 0;
    for (unsigned i = 0; i < PUSH_SERVICE_COUNT_; i++)
        count += atomic_load_explicit(&outbox->couriers[i].in_flight, memory_order_relaxed);
    return count;
}

static void await_services(struct outbox *outbox) {
    outbox->drain_until_ms = outbox->now_ms + outbox->drain_ms;
    while (in_flight(outbox) > 0 && outbox->now_ms < outbox->drain_until_ms) outbox_turn(outbox);
    for (unsigned i = 0; i < PUSH_SERVICE_COUNT_; i++) courier_abandon(&outbox->couriers[i]);
}

static void flush(struct outbox *outbox) {
    for (unsigned i = 0; i < PUSH_SERVICE_COUNT_; i++) courier_settle_flush(&outbox->couriers[i]);
}

/* The box is opened before each wait: the call that came with a letter may have ended an earlier one. */
static void await_store(struct outbox *outbox) {
    for (;;) {
        mailbox_open(outbox->mailbox);
        outbox_ask_again(outbox);
        flush(outbox);
        if (outbox->asked == 0) return;
        outbox->world.run(outbox->world.ctx, IDLE_MS);
    }
}

/* [the worker's thread] Nothing new begins; what is in flight may end, then goes back; what the store was asked is
 * awaited. Questions to chat are not: the loops may have stopped, and what they were about is in the store. */
void outbox_drain(struct outbox *outbox) {
    outbox->draining = true;
    outbox_read_clock(outbox);
    for (unsigned i = 0; i < PUSH_SERVICE_COUNT_; i++)
        courier_turn(&outbox->couriers[i]); /* what is queued goes back */
    await_services(outbox);
    await_store(outbox);
    mailbox_close(outbox->mailbox);
}

void outbox_stop(struct outbox *outbox, uint32_t drain_ms) {
    if (!outbox->has_thread) return;
    outbox->drain_ms = drain_ms;
    atomic_store(&outbox->phase, OUTBOX_STOPS);
    mailbox_wake(outbox->mailbox);
    pthread_join(outbox->thread, NULL);
    outbox->has_thread = false;
}

/* ---- for others ---- */

const struct push_config *outbox_push_config(const struct outbox *outbox) { return &outbox->config.push; }
struct time_zones *outbox_time_zones(const struct outbox *outbox) {
    return outbox->zones;
}
