/* A simulated loop's turn: input, timers, tasks, end-of-turn work, in the order of the real one, each with a budget
 * that the seed decides; and when the loop wakes. */
#include "base/mem.h"
#include "base/must.h"
#include "loop/sim/sim_state.h"

enum {
    STEP_US = 30,        /* the longest that one callback takes */
    BUDGET_WORK = 20,    /* the smallest budgets are below this */
    BUDGET_MANY = 10000, /* the usual budget: everything */
    CUT_PER_MILLE = 100, /* of budgets that are small */
    DEPTH_MOST = 3,      /* turns within turns */
};

/* ---- end-of-turn work ---- */

void loop_at_turn_end(struct sio_loop *loop, struct loop_turn *turn) {
    must(sim_loop_is_mine(loop));
    if (turn->queued) return;
    turn->queued = true;
    turn->next = NULL;
    *loop->turn_last = turn;
    loop->turn_last = &turn->next;
}

void loop_turn_cancel(struct sio_loop *loop, struct loop_turn *turn) {
    must(sim_loop_is_mine(loop));
    if (!turn->queued) return;
    struct loop_turn **at = &loop->turn_first;
    while (*at != turn) at = &(*at)->next;
    *at = turn->next;
    if (loop->turn_last == &turn->next) loop->turn_last = at;
    turn->queued = false;
}

static struct loop_turn *take_turn(struct sio_loop *loop) {
    struct loop_turn *turn = loop->turn_first;
    if (turn == NULL) return NULL;
    loop->turn_first = turn->next;
    if (turn->next == NULL) loop->turn_last = &loop->turn_first;
    turn->queued = false;
    return turn;
}

static void run_turns(struct sio_loop *loop, uint64_t budget) {
    for (struct loop_turn *turn; budget > 0 && (turn = take_turn(loop)) != NULL; budget--) {
        sim_pass(loop->sim, STEP_US);
        turn->run(turn);
    }
}

static void run_tasks(struct sio_loop *loop, uint64_t budget) {
    if (loop->inbox == NULL) loop->inbox = mailbox_take(&loop->mailbox);
    for (struct sio_task *task; budget > 0 && (task = loop->inbox) != NULL; budget--) {
        loop->inbox = task->next;
        sim_pass(loop->sim, STEP_US);
        task->run(task);
    }
}

static uint64_t draw_budget(struct sio_loop *loop) {
    return sim_chance(loop->sim, CUT_PER_MILLE) ? 1 + sim_random(loop->sim, BUDGET_WORK) : BUDGET_MANY;
}

bool sim_has_work(const struct sio_loop *loop) {
    return loop->turn_first != NULL || loop->inbox != NULL || !mailbox_empty(&loop->mailbox);
}

void sim_turn_last(struct sio_loop *loop) {
    for (int round = 0; sim_has_work(loop) && round < BUDGET_MANY; round++) {
        run_tasks(loop, UINT64_MAX);
        run_turns(loop, UINT64_MAX);
    }
}

/* ---- waking ---- */

static void wake_fire(struct sim_event *event) { sim_turn(container_of(event, struct sio_loop, wake)); }

static void wake_within(struct sio_loop *loop, uint64_t delay_us) {
    uint64_t at_us = loop->sim->now_us + delay_us;
    if (loop->ended || (loop->wake.place != 0 && loop->wake.at_us <= at_us)) return;
    sim_event_set(loop->sim, &loop->wake, delay_us, wake_fire);
}

void sim_wake(struct sio_loop *loop) {
    const struct sim_weather *w = &loop->sim->weather;
    bool pause = sim_chance(loop->sim, w->pause_per_mille);
    wake_within(loop, sim_random(loop->sim, (uint64_t)(pause ? w->pause_us : w->wake_us) + 1));
}

static void wake_for_timers(struct sio_loop *loop) {
    uint64_t next_ms = timer_wheel_next_ms(&loop->wheel), now_us = loop->sim->now_us;
    if (next_ms == UINT64_MAX) return;
    wake_within(loop, next_ms * 1000 > now_us ? next_ms * 1000 - now_us : 0);
}

/* ---- a turn ---- */

/* The loop's own thread, as the functions called meanwhile see it. */
void sim_turn(struct sio_loop *loop) {
    struct sim *sim = loop->sim;
    struct sio_loop *outer = sim->here;
    must(!loop->in_turn);
    if (loop->ended) return;
    sim_event_cancel(sim, &loop->wake);
    sim->here = loop;
    sim->depth++;
    loop->in_turn = true;
    sim_pass(sim, STEP_US);
    sim_note(sim, "turn", loop->index, sim->depth);
    uint64_t woke_us = loop->now_us = sim->now_us;
    bool more = sim_io_input(loop);
    loop->now_us = sim->now_us;
    timer_wheel_advance(&loop->wheel, loop->now_us / 1000);
    run_tasks(loop, draw_budget(loop));
    run_turns(loop, draw_budget(loop));
    if (loop->stop) {
        sim_turn_last(loop);
        loop->ended = true;
    }
    sim_io_free_closed(loop);
    if (sim->now_us - woke_us > loop->turn_max_us) loop->turn_max_us = sim->now_us - woke_us;
    loop->in_turn = false;
    sim->depth--;
    sim->here = outer;
    if (more || sim_has_work(loop)) sim_wake(loop);
    wake_for_timers(loop);
}

uint64_t loop_turn_max_us(struct sio_loop *loop, bool reset) {
    uint64_t max_us = loop->turn_max_us;
    if (reset) loop->turn_max_us = 0;
    return max_us;
}

/* Only who sleeps can wake: a loop whose turn is under way further out cannot run here. */
void sim_preempt(struct sim *sim) {
    struct loop_group *group = sim->group;
    if (group == NULL || !group->running || sim->locks > 0 || sim->depth >= DEPTH_MOST) return;
    if (!sim_chance(sim, sim->weather.preempt_per_mille)) return;
    struct sio_loop *loop = group->loops[sim_random(sim, group->count)];
    if (!loop->in_turn && !loop->ended) sim_turn(loop);
}
