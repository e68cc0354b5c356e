/* One seed's story: drawn, set up, played in three acts, judged.
 *
 *   everything goes on ──quiet──▶ what is on its way arrives ──judged──▶ goodbyes, and silent ones time out ──gone──▶
 *   nothing is left, the server stops
 *
 * Or the server stops while everything goes on. */
#include "run.h"

#include <stdarg.h>
#include <stdio.h>

#include "app.h"
#include "base/mem.h"
#include "base/must.h"
#include "client.h"

#define SECOND_US UINT64_C(1000000)
enum { EVENTS_MOST = 20 * 1000 * 1000 };

void run_fail(struct run *run, const char *format, ...) {
    va_list args;
    sim_note(run->sim, "FAILURE", 0, 0);
    if (run->failure[0] != '\0') return;
    va_start(args, format);
    vsnprintf(run->failure, sizeof(run->failure), format, args);
    va_end(args);
}

bool run_is_rough(const struct run *run) {
    return run->story.tight_queues || sim_weather(run->sim)->no_watch_per_mille > 0;
}

/* ---- drawn ---- */

static uint64_t draw(struct run *run, uint64_t below) { return sim_random(run->sim, below); }

static void draw_story(struct run *run) {
    uint64_t length_us = 4 * SECOND_US + draw(run, 10 * SECOND_US), now_us = sim_now_us(run->sim);
    struct story *s = &run->story;
    *s = (struct story){
        .loops = 1 + (unsigned)draw(run, 4),
        .clients = 1 + (unsigned)draw(run, RUN_CLIENTS_MOST),
        .namespaces = 1 + (unsigned)draw(run, NAMESPACES),
        .cut_per_mille = sim_chance(run->sim, 350) ? 0 : (uint32_t)draw(run, 60),
        .close_per_mille = sim_chance(run->sim, 500) ? 0 : (uint32_t)draw(run, 15),
        .pace_us = 50 * 1000 + (uint32_t)draw(run, 500 * 1000),
        .stops_midway = sim_chance(run->sim, 250),
        .tight_queues = sim_chance(run->sim, 80),
        .large = sim_weather(run->sim)->buffer_bytes >= 16384 && sim_chance(run->sim, 300),
        .recovers = sim_chance(run->sim, 500),
        .quiet_at_us = now_us + length_us,
    };
    s->judged_at_us = s->quiet_at_us + 40 * SECOND_US;
    s->gone_at_us = s->judged_at_us + 120 * SECOND_US;
}

static void draw_config(struct run *run) {
    struct sio_config *c = &run->config;
    sio_config_init(c);
    c->threads = run->story.loops;
    c->ping_interval_ms = 1000 + (uint32_t)draw(run, 24000);
    c->ping_timeout_ms = 8000 + (uint32_t)draw(run, 12000);
    c->upgrade_timeout_ms = 3000 + (uint32_t)draw(run, 7000);
    c->connect_timeout_ms = 10000 + (uint32_t)draw(run, 20000);
    if (run->story.recovers) {
        c->recovery.max_disconnection_ms = 1000 + (uint32_t)draw(run, 30000);
        if (sim_chance(run->sim, 300)) c->recovery.max_bytes = 2000 + draw(run, 50000);
        if (sim_chance(run->sim, 200)) c->recovery.max_sessions = 1 + (uint32_t)draw(run, 3);
    }
    if (!run->story.tight_queues) return;
    c->out_queue_bytes = 1000 + draw(run, 10000);
    c->polling_queue_bytes = 1000 + draw(run, 10000);
    c->stalled_bytes = 20000 + draw(run, 100000);
}

/* ---- played ---- */

static void stop(struct run *run) {
    run->is_stopping = run->is_quiet = true;
    sim_note(run->sim, "stop", 0, 0);
    sio_server_stop(run->server);
}

static void quiet_fire(struct sim_event *event) {
    struct run *run = container_of(event, struct run, quiet);
    run->is_quiet = true;
    if (!run->story.stops_midway) return;
    run->totals->stops++;
    stop(run);
}

static void judged_fire(struct sim_event *event) {
    struct run *run = container_of(event, struct run, judged);
    run->is_over = true;
    for (size_t i = 0; i < run->ledger.session_count; i++) {
        struct session *s = run->ledger.sessions[i];
        if (s->asked && !s->over && !s->cut_down && !s->joined)
            run_fail(run, "session %u waits for its CONNECT", s->index);
        ledger_judge(&run->ledger, s, true);
    }
    for (unsigned i = 0; i < run->story.clients; i++) client_go(&run->clients[i]);
}

static void gone_fire(struct sim_event *event) {
    struct run *run = container_of(event, struct run, gone);
    struct sio_stats stats;
    sio_server_stats(run->server, &stats, false);
    if (stats.connections + stats.sessions + stats.sockets > 0)
        run_fail(run, "%llu connections, %llu sessions, %llu sockets are left",
                 (unsigned long long)stats.connections, (unsigned long long)stats.sessions,
                 (unsigned long long)stats.sockets);
    stop(run);
}

static void set(struct run *run, struct sim_event *event, uint64_t at_us,
                void (*fire)(struct sim_event *event)) {
    sim_event_set(run->sim, event, at_us - sim_now_us(run->sim), fire);
}

static void play(struct run *run) {
    const struct story *s = &run->story;
    set(run, &run->quiet, s->quiet_at_us, quiet_fire);
    set(run, &run->judged, s->judged_at_us, judged_fire);
    set(run, &run->gone, s->gone_at_us, gone_fire);
    sim_limit(run->sim, s->gone_at_us + 60 * SECOND_US, EVENTS_MOST);
    app_start(run->app);
    for (unsigned i = 0; i < s->clients; i++) client_start(&run->clients[i], run, i);
    must(sio_server_run(run->server) == SIO_ERR_OK);
    if (sim_overdue(run->sim)) run_fail(run, "the server does not come to its end");
    run->totals->turns_us += sim_now_us(run->sim);
}

static void judge_all(struct run *run) {
    for (size_t i = 0; i < run->ledger.session_count; i++)
        ledger_judge(&run->ledger, run->ledger.sessions[i], true);
    app_judge(run->app);
}

/* ---- life ---- */

void run_seed(uint64_t seed, bool trace, struct run_totals *totals, struct run_result *result) {
    struct run run = {.seed = seed, .totals = totals, .sim = sim_new(seed, trace)};
    draw_story(&run);
    draw_config(&run);
    must(sio_server_new(&run.config, &run.server) == SIO_ERR_OK);
    must(sio_server_listen(run.server, "127.0.0.1", 0) == SIO_ERR_OK);
    ledger_init(&run.ledger, &run);
    run.app = app_new(&run);
    run.clients = mem_new_array(struct client, run.story.clients);
    play(&run);
    for (unsigned i = 0; i < run.story.clients; i++) client_fini(&run.clients[i]);
    sio_server_free(run.server);
    judge_all(&run);
    app_free(run.app);
    result->trace = sim_trace(run.sim);
    memcpy(result->failure, run.failure, sizeof(result->failure));
    sim_event_cancel(run.sim, &run.quiet);
    sim_event_cancel(run.sim, &run.judged);
    sim_event_cancel(run.sim, &run.gone);
    ledger_fini(&run.ledger);
    free(run.clients);
    sim_free(run.sim);
    totals->seeds++;
    totals->failed += result->failure[0] != '\0';
}
