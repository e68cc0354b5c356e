/* Tests of the simulated world: time, order, bytes, ends, and that a seed is all there is to it. */
#include "loop/sim/sim.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/mem.h"
#include "loop/loop.h"
#include "sio_strbuf.h"

enum { LOOPS = 3, TASKS = 50, BYTES = 20000, SECOND_US = 1000 * 1000 };

struct world {
    struct sim *sim;
    struct loop_group *group;
    struct loop_listener *listener;
    struct sim_event stop;
};

static void stop_fire(struct sim_event *event) {
    loop_group_stop(container_of(event, struct world, stop)->group);
}

static void world_open(struct world *w, uint64_t seed) {
    *w = (struct world){.sim = sim_new(seed, false)};
    assert_int_equal(loop_group_new(LOOPS, NULL, &w->group), SIO_ERR_OK);
    sim_weather(w->sim)->no_watch_per_mille = 0;
}

static void world_run(struct world *w, uint64_t us) {
    sim_event_set(w->sim, &w->stop, us, stop_fire);
    assert_int_equal(loop_group_run(w->group), SIO_ERR_OK);
}

static void world_close(struct world *w) {
    loop_group_free(w->group);
    sim_free(w->sim);
}

/* ---- posts ---- */

struct relay {
    struct sio_task task;
    struct world *world;
    unsigned from, number;
    unsigned (*seen)[LOOPS];
};

/* Each loop posts numbered tasks to loop 0: of one sender in order. */
static void relay_arrived(struct sio_task *task) {
    struct relay *r = container_of(task, struct relay, task);
    assert_int_equal(sio_loop_index(sio_loop_here()), 0);
    assert_int_equal(r->number, (*r->seen)[r->from]);
    (*r->seen)[r->from]++;
    free(r);
}

static void relay_sent(struct sio_task *task) {
    struct relay *first = container_of(task, struct relay, task);
    for (unsigned i = 0; i < TASKS; i++) {
        struct relay *r = mem_dup(first, sizeof(*first));
        r->number = i;
        r->task.run = relay_arrived;
        assert_ptr_equal(sio_loop_here(), loop_group_at(first->world->group, first->from));
        sio_loop_post(loop_group_at(first->world->group, 0), &r->task);
    }
    free(first);
}

static void test_posts_of_one_sender_stay_in_order(void **state) {
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct world w;
        unsigned seen[LOOPS] = {0};
        world_open(&w, seed);
        for (unsigned i = 0; i < LOOPS; i++) {
            struct relay *r = mem_new(struct relay);
            *r = (struct relay){.task = {.run = relay_sent}, .world = &w, .from = i, .seen = &seen};
            sio_loop_post(loop_group_at(w.group, i), &r->task);
        }
        world_run(&w, SECOND_US);
        for (unsigned i = 0; i < LOOPS; i++) assert_int_equal(seen[i], TASKS);
        world_close(&w);
    }
}

/* ---- timers ---- */

struct alarm_clock {
    struct sio_timer timer;
    struct world *world;
    uint64_t fired_us;
};

static void alarm_fire(struct sio_timer *timer) {
    struct alarm_clock *a = container_of(timer, struct alarm_clock, timer);
    a->fired_us = sim_now_us(a->world->sim);
}

static void test_timers_fire_in_virtual_time(void **state) {
    struct world w;
    world_open(&w, 1);
    struct alarm_clock a = {.world = &w};
    uint64_t began_us = sim_now_us(w.sim);
    sio_timer_start(loop_group_at(w.group, 1), &a.timer, 3600 * 1000, alarm_fire);
    world_run(&w, UINT64_C(7200) * SECOND_US);
    assert_in_range(a.fired_us - began_us, UINT64_C(3600) * SECOND_US, UINT64_C(3601) * SECOND_US);
    world_close(&w);
}

static void spin(struct sim_event *event) {}

static void test_a_limit_ends_a_run(void **state) {
    struct world w;
    struct sim_event never = {0};
    world_open(&w, 2);
    sim_limit(w.sim, sim_now_us(w.sim) + SECOND_US, UINT64_MAX);
    sim_event_set(w.sim, &never, UINT64_C(100) * SECOND_US, spin);
    assert_int_equal(loop_group_run(w.group), SIO_ERR_OK);
    assert_true(sim_overdue(w.sim));
    world_close(&w);
}

/* ---- bytes ---- */

/* The server's end echoes; the peer's sends BYTES and reads them again. */
struct echo {
    struct world world;
    struct sim_peer *peer;
    struct loop_io *io;
    struct sio_strbuf back;
    size_t sent, received;
    ssize_t last;
    bool ended;
};

static void echo_ready(void *data, int events) {
    struct echo *e = data;
    char bytes[700];
    if (events & LOOP_ENDED) {
        loop_io_close(e->io);
        return;
    }
    if ((e->last = loop_io_read(e->io, bytes, sizeof(bytes))) > 0)
        sio_strbuf_add(&e->back, bytes, (size_t)e->last);
    struct iovec iov = {e->back.p, e->back.n};
    ssize_t n = e->back.n > 0 ? loop_io_writev(e->io, &iov, 1) : 0;
    if (e->last == 0 || e->last == -2 || n < 0) {
        e->ended = true;
        loop_io_close(e->io);
        return;
    }
    e->back.n -= (size_t)n;
    if (e->back.n > 0) memmove(e->back.p, e->back.p + n, e->back.n);
    loop_io_want(e->io, e->back.n > 0 ? LOOP_READABLE | LOOP_WRITABLE : LOOP_READABLE);
}

static void echo_accepted(void *data, int fd, const struct sockaddr *peer) {
    struct echo *e = data;
    e->io = loop_io_new(sio_loop_here(), fd, echo_ready, e);
    loop_io_want(e->io, LOOP_READABLE);
}

static char byte_at(size_t i) { return (char)(i * 7 + i / 256); }

static void peer_ready(void *data) {
    struct echo *e = data;
    char bytes[300];
    while (e->sent < BYTES) {
        char c = byte_at(e->sent);
        if (sim_peer_write(e->peer, sio_span_of(&c, 1)) != 1) break;
        e->sent++;
    }
    for (ssize_t n; (n = sim_peer_read(e->peer, bytes, sizeof(bytes))) > 0;)
        for (ssize_t i = 0; i < n; i++) assert_int_equal(bytes[i], byte_at(e->received++));
}

static void echo_open(struct echo *e, uint64_t seed) {
    *e = (struct echo){0};
    world_open(&e->world, seed);
    assert_int_equal(loop_listen_tcp(loop_group_at(e->world.group, 0), "127.0.0.1", 0, echo_accepted, e,
                                     &e->world.listener),
                     SIO_ERR_OK);
    e->peer = sim_connect(e->world.sim, loop_listener_port(e->world.listener), peer_ready, e);
    peer_ready(e);
    world_run(&e->world, UINT64_C(3600) * SECOND_US);
}

static void echo_close(struct echo *e) {
    loop_listener_close(e->world.listener);
    sio_strbuf_fini(&e->back);
    world_close(&e->world);
}

static void test_bytes_arrive_whole_and_in_order(void **state) {
    for (uint64_t seed = 0; seed < 30; seed++) {
        struct echo e;
        echo_open(&e, seed);
        assert_int_equal(e.received, BYTES);
        sim_peer_end(e.peer, SIM_CLOSE);
        echo_close(&e);
    }
}

static void test_ends_are_seen_or_not(void **state) {
    static const ssize_t seen[] = {[SIM_CLOSE] = 0, [SIM_RESET] = -2, [SIM_SILENCE] = 1};
    for (enum sim_end_kind kind = SIM_CLOSE; kind <= SIM_SILENCE; kind++) {
        struct echo e;
        echo_open(&e, 3);
        e.last = 1;
        sim_peer_end(e.peer, kind);
        world_run(&e.world, UINT64_C(10) * SECOND_US);
        assert_int_equal(e.last, seen[kind]);
        assert_int_equal(e.ended, kind != SIM_SILENCE);
        echo_close(&e);
    }
}

static void test_nobody_listens(void **state) {
    struct echo e = {0};
    char byte;
    world_open(&e.world, 4);
    e.peer = sim_connect(e.world.sim, 1, peer_ready, &e);
    world_run(&e.world, SECOND_US);
    assert_int_equal(sim_peer_read(e.peer, &byte, 1), -2);
    sim_peer_end(e.peer, SIM_CLOSE);
    world_close(&e.world);
}

/* ---- the seed ---- */

static uint64_t trace_of(uint64_t seed) {
    struct echo e;
    echo_open(&e, seed);
    uint64_t trace = sim_trace(e.world.sim);
    sim_peer_end(e.peer, SIM_RESET);
    echo_close(&e);
    return trace;
}

static void test_a_seed_gives_one_trace(void **state) {
    for (uint64_t seed = 0; seed < 10; seed++) assert_int_equal(trace_of(seed), trace_of(seed));
    assert_int_not_equal(trace_of(1), trace_of(2));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_posts_of_one_sender_stay_in_order),
        cmocka_unit_test(test_timers_fire_in_virtual_time),
        cmocka_unit_test(test_a_limit_ends_a_run),
        cmocka_unit_test(test_bytes_arrive_whole_and_in_order),
        cmocka_unit_test(test_ends_are_seen_or_not),
        cmocka_unit_test(test_nobody_listens),
        cmocka_unit_test(test_a_seed_gives_one_trace),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
