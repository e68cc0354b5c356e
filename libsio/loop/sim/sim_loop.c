/* Simulated loops: made, run one turn at a time in virtual time, posted to, stopped, freed. */
#include "base/mem.h"
#include "base/must.h"
#include "loop/sim/sim_state.h"

enum { LATE_ROUNDS = 64, WALL_START_S = 1767225600 /* 2026-01-01 */ };

struct sio_loop *sio_loop_here(void) {
    return sim_of_thread()->here;
}

bool sim_loop_is_mine(const struct sio_loop *loop) {
    return loop->sim->here == loop || !loop->group->running;
}

unsigned sio_loop_index(const struct sio_loop *loop) { return loop->index; }
unsigned loop_group_count(const struct loop_group *group) { return group->count; }
struct loop_group *loop_group_of(const struct sio_loop *loop) {
    return loop->group;
}
char *loop_read_buffer(struct sio_loop *loop) { return loop->read_buffer; }

struct sio_loop *loop_group_at(const struct loop_group *group, unsigned index) {
    must(index < group->count);
    return group->loops[index];
}

/* ---- made ---- */

static struct sio_loop *loop_new(struct loop_group *group, unsigned index) {
    struct sio_loop *loop = mem_new(struct sio_loop);
    loop->group = group;
    loop->sim = group->sim;
    loop->index = index;
    loop->read_buffer = mem_alloc(LOOP_READ_BYTES);
    loop->turn_last = &loop->turn_first;
    loop->now_us = group->sim->now_us;
    timer_wheel_init(&loop->wheel, loop->now_us / 1000);
    list_init(&loop->ios);
    list_init(&loop->closing);
    return loop;
}

enum sio_err loop_group_new(unsigned count, const struct sio_log *log, struct loop_group **out) {
    struct sim *sim = sim_of_thread();
    must(count > 0 && count <= SIM_MAX_LOOPS && sim->group == NULL);
    struct loop_group *group = mem_new(struct loop_group);
    group->sim = sim;
    group->log = log;
    group->count = count;
    for (unsigned i = 0; i < count; i++) group->loops[i] = loop_new(group, i);
    sim->group = group;
    *out = group;
    return SIO_ERR_OK;
}

/* ---- time and randomness ---- */

uint64_t sio_loop_now_ms(const struct sio_loop *loop) { return loop->now_us / 1000; }

int64_t sio_loop_wall_ms(const struct sio_loop *loop) {
    return (int64_t)WALL_START_S * 1000 + (int64_t)(loop->sim->now_us / 1000);
}

void sio_loop_random(struct sio_loop *loop, void *out, size_t n) {
    must(sim_loop_is_mine(loop));
    unsigned char *p = out;
    for (size_t i = 0; i < n; i++) p[i] = (unsigned char)sim_random(loop->sim, 256);
}

void sio_timer_start(struct sio_loop *loop, struct sio_timer *timer, uint64_t delay_ms,
                     void (*fire)(struct sio_timer *timer)) {
    must(sim_loop_is_mine(loop));
    const uint64_t longest_ms = UINT64_C(1) << 40;
    timer->fire = fire;
    uint64_t now_ms = (loop->sim->now_us + 999) / 1000;
    timer_wheel_start(&loop->wheel, timer, now_ms + (delay_ms < longest_ms ? delay_ms : longest_ms));
}

void sio_timer_stop(struct sio_loop *loop, struct sio_timer *timer) {
    must(sim_loop_is_mine(loop));
    timer_wheel_stop(&loop->wheel, timer);
}

/* ---- posting ---- */

void sio_loop_post(struct sio_loop *loop, struct sio_task *task) {
    task->next = NULL;
    sio_loop_post_list(loop, task);
}

/* Another thread may come between a sender's decision and its post, and between two posts. */
void sio_loop_post_list(struct sio_loop *loop, struct sio_task *first) {
    if (first == NULL) return;
    sim_preempt(loop->sim);
    sim_note(loop->sim, "post", loop->index, 0);
    struct sio_task *newest = mailbox_reverse(first);
    mailbox_put_list(&loop->mailbox, newest, first);
    sim_wake(loop);
    sim_preempt(loop->sim);
}

void loop_post_and_wake(struct sio_loop *loop, struct sio_task *task) { sio_loop_post(loop, task); }

/* ---- run ---- */

static bool all_ended(const struct loop_group *group) {
    for (unsigned i = 0; i < group->count; i++)
        if (!group->loops[i]->ended) return false;
    return true;
}

void loop_group_run_late_work(struct loop_group *group) {
    for (int round = 0; round < LATE_ROUNDS; round++) {
        bool ran = false;
        for (unsigned i = 0; i < group->count; i++) {
            struct sio_loop *loop = group->loops[i];
            if (!sim_has_work(loop)) continue;
            ran = true;
            group->sim->here = loop;
            sim_turn_last(loop);
            group->sim->here = NULL;
        }
        if (!ran) return;
    }
}

enum sio_err loop_group_run(struct loop_group *group) {
    struct sim *sim = group->sim;
    must(!group->running && sim->here == NULL);
    group->running = true;
    for (unsigned i = 0; i < group->count; i++) {
        group->loops[i]->ended = false;
        sim_wake(group->loops[i]);
    }
    while (!all_ended(group)) {
        struct sim_event *event = sim_next(sim);
        if (event == NULL || sim->overdue) loop_group_stop(group);
        if (event != NULL) event->fire(event);
    }
    for (unsigned i = 0; i < group->count; i++) group->loops[i]->stop = false;
    group->running = false;
    loop_group_run_late_work(group);
    return SIO_ERR_OK;
}

void loop_group_stop(struct loop_group *group) {
    for (unsigned i = 0; i < group->count; i++) {
        group->loops[i]->stop = true;
        sim_wake(group->loops[i]);
    }
}

/* Nobody sends signals here. */
void loop_on_stop_signals(struct loop_group *group, void (*fn)(void *data), void *data) {
    must(!group->running);
}
void loop_on_hangup_signal(struct loop_group *group, void (*fn)(void *data), void *data) {
    must(!group->running);
}

/* ---- freed ---- */

static void loop_free(struct sio_loop *loop) {
    sim_turn_last(loop);
    sim_io_sweep(loop);
    sim_turn_last(loop);
    sim_io_free_closed(loop);
    sim_event_cancel(loop->sim, &loop->wake);
    free(loop->read_buffer);
    free(loop);
}

void loop_group_free(struct loop_group *group) {
    if (group == NULL) return;
    must(!group->running);
    group->sim->group = NULL;
    for (unsigned i = 0; i < group->count; i++) loop_free(group->loops[i]);
    free(group);
}
