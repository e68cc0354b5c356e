/* Stopping: no more accepting and reading; the accepted work ends, then every connection, then the loops.
 *
 *   RUNNING ──sio_server_stop──▶ DRAINING ──no hold left, or late──▶ CLOSING
 *   CLOSING ──no WebSocket left, or late──▶ the loops end */
#include "base/mem.h"
#include "socket/internal.h"

enum { PHASE_RUNNING, PHASE_DRAINING, PHASE_CLOSING };
enum {
    STOP_LOOK_MS = 10,
    STOP_CLOSE_MS = 1500, /* for clients to answer our close; the rest is cut */
};

/* ---- asking ---- */

void sio_server_stop(struct sio_server *s) {
    if (!atomic_exchange(&s->stop_asked, true)) loop_post_and_wake(sio_server_loop(s, 0), &s->stop_task);
}

static void stop_signal(void *server) { sio_server_stop(server); }

void sio_server_hold(struct sio_server *s) { atomic_fetch_add_explicit(&s->holds, 1, memory_order_relaxed); }
void sio_server_release(struct sio_server *s) {
    atomic_fetch_sub_explicit(&s->holds, 1, memory_order_release);
}

/* ---- on every loop ---- */

struct loop_step {
    struct sio_task task;
    struct sio_server *server;
    void (*step)(struct sio_server *server, struct sio_loop *loop);
};

static void step_run(struct sio_task *task) {
    struct loop_step *t = container_of(task, struct loop_step, task);
    t->step(t->server, sio_loop_here());
    free(t);
}

static void on_all_loops(struct sio_server *s,
                         void (*step)(struct sio_server *server, struct sio_loop *loop)) {
    for (unsigned i = 0; i < sio_server_loop_count(s); i++) {
        struct loop_step *t = mem_new(struct loop_step);
        t->task.run = step_run;
        t->server = s;
        t->step = step;
        sio_loop_post(sio_server_loop(s, i), &t->task);
    }
}

static void stop_reading(struct sio_server *s, struct sio_loop *loop) {
    engine_stop_reading(s->engine, loop);
    websockets_stop_reading(s, loop);
}

static void close_all(struct sio_server *s, struct sio_loop *loop) {
    engine_close_all(s->engine, loop);
    websockets_close_all(s, loop);
}

/* ---- the phases, on loop 0 ---- */

static void stop_look(struct sio_timer *timer);

static void look_again(struct sio_server *s) {
    sio_timer_start(sio_server_loop(s, 0), &s->stop_timer, STOP_LOOK_MS, stop_look);
}

static void begin_draining(struct sio_task *task) {
    struct sio_server *s = container_of(task, struct sio_server, stop_task);
    for (struct listener *l = s->listeners; l; l = l->next) {
        loop_listener_close(l->listener);
        l->listener = NULL;
    }
    on_all_loops(s, stop_reading);
    s->stop_phase = PHASE_DRAINING;
    s->stop_deadline_ms = sio_loop_now_ms(sio_server_loop(s, 0)) + s->config.stop_timeout_ms;
    look_again(s);
}

static void begin_closing(struct sio_server *s, uint64_t now) {
    long left = atomic_load(&s->holds);
    if (left > 0) sio_log_warn(s->config.log, "stopping with unfinished work: count=%ld", left);
    s->stop_phase = PHASE_CLOSING;
    s->closing_since_ms = now;
    s->stop_deadline_ms = now + STOP_CLOSE_MS;
    on_all_loops(s, close_all);
    look_again(s);
}

static void stop_look(struct sio_timer *timer) {
    struct sio_server *s = container_of(timer, struct sio_server, stop_timer);
    uint64_t now = sio_loop_now_ms(sio_server_loop(s, 0));
    bool late = now >= s->stop_deadline_ms;
    if (s->stop_phase == PHASE_DRAINING &&
        (late || atomic_load_explicit(&s->holds, memory_order_acquire) <= 0))
        begin_closing(s, now);
    else if (s->stop_phase == PHASE_CLOSING && now > s->closing_since_ms + STOP_LOOK_MS &&
             (late || engine_websocket_count(s->engine) == 0))
        loop_group_stop(s->group);
    else
        look_again(s);
}

void stop_prepare(struct sio_server *s) {
    s->stop_task.run = begin_draining;
    if (s->config.stop_on_signals) loop_on_stop_signals(s->group, stop_signal, s);
}
