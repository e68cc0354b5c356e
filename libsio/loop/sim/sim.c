/* The simulated world itself: its randomness, its time, its events in order, and the trace of what happened. */
#include "loop/sim/sim.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/must.h"
#include "loop/sim/sim_state.h"

/* One world a thread, as a thread has one loop: loop.h's functions find theirs here. */
static _Thread_local struct sim *thread_sim;

struct sim *sim_of_thread(void) {
    must(thread_sim != NULL);
    return thread_sim;
}

struct sim *sim_new(uint64_t seed, bool trace) {
    must(thread_sim == NULL);
    struct sim *sim = mem_new(struct sim);
    sim->seed_state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    sim->now_us = 1000 * 1000;
    sim->trace = UINT64_C(0xcbf29ce484222325);
    sim->printing = trace;
    sim->until_us = sim->events_left = UINT64_MAX;
    list_init(&sim->listeners);
    list_init(&sim->arrivals);
    sim_weather_draw(sim, &sim->weather);
    thread_sim = sim;
    return sim;
}

void sim_free(struct sim *sim) {
    must(sim->group == NULL);
    sim_listen_sweep(sim);
    for (size_t i = 0; i < sim->descriptor_count; i++)
        if (sim->descriptors[i] != NULL) sim_end_close(sim->descriptors[i]);
    free(sim->descriptors);
    free(sim->heap);
    free(sim);
    thread_sim = NULL;
}

/* ---- randomness: SplitMix64 ---- */

static uint64_t draw(struct sim *sim) {
    uint64_t z = sim->seed_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t sim_random(struct sim *sim, uint64_t below) { return below <= 1 ? 0 : draw(sim) % below; }
bool sim_chance(struct sim *sim, uint32_t per_mille) { return sim_random(sim, 1000) < per_mille; }

static uint32_t up_to(struct sim *sim, uint32_t most) {
    return (uint32_t)sim_random(sim, (uint64_t)most + 1);
}

void sim_weather_draw(struct sim *sim, struct sim_weather *out) {
    *out = (struct sim_weather){
        .delay_us = up_to(sim, 80 * 1000),
        .stall_us = up_to(sim, 600 * 1000),
        .wake_us = up_to(sim, 500),
        .pause_us = up_to(sim, 100 * 1000),
        .buffer_bytes = 1024u << up_to(sim, 7),
        .stall_per_mille = up_to(sim, 30),
        .pause_per_mille = up_to(sim, 20),
        .partial_per_mille = up_to(sim, 500),
        .preempt_per_mille = up_to(sim, 300),
        .no_watch_per_mille = up_to(sim, 9) == 0 ? 2 : 0,
    };
}

struct sim_weather *sim_weather(struct sim *sim) {
    return &sim->weather;
}

/* ---- the trace ---- */

static void hash_word(struct sim *sim, uint64_t word) {
    sim->trace = (sim->trace ^ word) * UINT64_C(0x100000001b3);
    sim->trace ^= sim->trace >> 29;
}

void sim_note(struct sim *sim, const char *what, uint64_t a, uint64_t b) {
    for (const char *p = what; *p != '\0'; p++) hash_word(sim, (unsigned char)*p);
    hash_word(sim, sim->now_us);
    hash_word(sim, a);
    hash_word(sim, b);
    if (!sim->printing) return;
    char loop[8] = "-";
    if (sim->here != NULL) snprintf(loop, sizeof(loop), "%u", sim->here->index);
    printf("%10.6f %s %s %llu %llu\n", (double)sim->now_us / 1e6, loop, what, (unsigned long long)a,
           (unsigned long long)b);
}

uint64_t sim_trace(const struct sim *sim) { return sim->trace; }

/* ---- time and events: a heap by time, then by lot ---- */

uint64_t sim_now_us(const struct sim *sim) { return sim->now_us; }

void sim_pass(struct sim *sim, uint32_t most_us) { sim->now_us += sim_random(sim, (uint64_t)most_us + 1); }

void sim_limit(struct sim *sim, uint64_t until_us, uint64_t events) {
    sim->until_us = until_us;
    sim->events_left = events;
}

bool sim_overdue(const struct sim *sim) { return sim->overdue; }

static bool before(const struct sim_event *a, const struct sim_event *b) {
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void put(struct sim *sim, size_t place, struct sim_event *event) {
    sim->heap[place] = event;
    event->place = place;
}

static void rise(struct sim *sim, size_t at, struct sim_event *event) {
    for (; at > 1 && before(event, sim->heap[at / 2]); at /= 2) put(sim, at, sim->heap[at / 2]);
    put(sim, at, event);
}

static void sink(struct sim *sim, size_t at, struct sim_event *event) {
    for (size_t child; (child = at * 2) <= sim->heap_n; at = child) {
        if (child < sim->heap_n && before(sim->heap[child + 1], sim->heap[child])) child++;
        if (!before(sim->heap[child], event)) break;
        put(sim, at, sim->heap[child]);
    }
    put(sim, at, event);
}

void sim_event_cancel(struct sim *sim, struct sim_event *event) {
    size_t at = event->place;
    if (at == 0) return;
    struct sim_event *last = sim->heap[sim->heap_n--];
    event->place = 0;
    if (last == event) return;
    if (at > 1 && before(last, sim->heap[at / 2]))
        rise(sim, at, last);
    else
        sink(sim, at, last);
}

void sim_event_set(struct sim *sim, struct sim_event *event, uint64_t delay_us,
                   void (*fire)(struct sim_event *event)) {
    sim_event_cancel(sim, event);
    if (sim->heap_n + 1 >= sim->heap_capacity) {
        sim->heap_capacity = sim->heap_capacity ? sim->heap_capacity * 2 : 64;
        sim->heap = mem_realloc(sim->heap, sim->heap_capacity * sizeof(struct sim_event *));
    }
    event->at_us = sim->now_us + delay_us;
    event->order = draw(sim);
    event->fire = fire;
    rise(sim, ++sim->heap_n, event);
}

struct sim_event *sim_next(struct sim *sim) {
    if (sim->heap_n == 0) return NULL;
    struct sim_event *event = sim->heap[1];
    sim_event_cancel(sim, event);
    if (event->at_us > sim->now_us) sim->now_us = event->at_us;
    if (sim->now_us > sim->until_us || sim->events_left-- == 0) sim->overdue = true;
    return event;
}
