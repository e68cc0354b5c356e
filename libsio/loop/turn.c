/* A loop's turn: wake, input, timers, tasks, end-of-turn work, sleep.
 *
 * libuv calls back for descriptors, then our prepare hook just before it sleeps again; the hook does the rest
 * of the turn. When the input alone takes longer than the budget, the rest is done between two descriptors,
 * so that timers and fan-outs do not wait for thousands of busy connections. */
#include "base/mem.h"
#include "base/must.h"
#include "loop/loop_state.h"

void loop_turn_init(struct sio_loop *loop) { loop->turn_last = &loop->turn_first; }

void loop_at_turn_end(struct sio_loop *loop, struct loop_turn *turn) {
    must(loop_is_mine(loop));
    if (turn->queued) return;
    turn->queued = true;
    turn->next = NULL;
    *loop->turn_last = turn;
    loop->turn_last = &turn->next;
}

void loop_turn_cancel(struct sio_loop *loop, struct loop_turn *turn) {
    must(loop_is_mine(loop));
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

static void run_turns(struct sio_loop *loop, uint64_t until_us) {
    for (struct loop_turn *turn; loop_clock_us() < until_us && (turn = take_turn(loop)) != NULL;)
        turn->run(turn);
}

/* Tasks posted meanwhile, by these tasks too, are the next turn's. */
static void run_tasks(struct sio_loop *loop, uint64_t until_us) {
    if (loop->inbox == NULL) loop->inbox = mailbox_take(&loop->mailbox);
    for (struct sio_task *task; (task = loop->inbox) != NULL && loop_clock_us() < until_us;) {
        loop->inbox = task->next;
        task->run(task);
    }
}

/* Everything behind the input. */
static void finish_turn(struct sio_loop *loop) {
    loop_clock_look(loop);
    timer_wheel_advance(&loop->wheel, loop->now_us / 1000);
    run_tasks(loop, loop_clock_us() + LOOP_BUDGET_US);
    run_turns(loop, loop_clock_us() + LOOP_BUDGET_US);
    uint64_t took_us = loop_clock_look(loop) - loop->woke_us;
    uint64_t max_us = atomic_load_explicit(&loop->turn_max_us, memory_order_relaxed);
    while (took_us > max_us &&
           !atomic_compare_exchange_weak_explicit(&loop->turn_max_us, &max_us, took_us, memory_order_relaxed,
                                                  memory_order_relaxed)) {
    }
}

static void begin(struct sio_loop *loop) {
    loop->awake = true;
    loop->events = 0;
    loop->woke_us = loop_clock_look(loop);
}

void loop_turn_begin(struct sio_loop *loop) {
    if (!loop->awake) {
        begin(loop);
    } else if (++loop->events % LOOP_EVENTS_A_LOOK == 0 && loop_clock_us() - loop->woke_us > LOOP_BUDGET_US) {
        finish_turn(loop);
        begin(loop);
    }
}

uint64_t loop_turn_max_us(struct sio_loop *loop, bool reset) {
    return reset ? atomic_exchange_explicit(&loop->turn_max_us, 0, memory_order_relaxed)
                 : atomic_load_explicit(&loop->turn_max_us, memory_order_relaxed);
}

static void wake_only(uv_timer_t *timer) { (void)timer; /* the prepare hook looks at the wheel */ }
static void stay_awake(uv_idle_t *idle) { (void)idle; }

static void arm_timer(struct sio_loop *loop) {
    uint64_t next_ms = timer_wheel_next_ms(&loop->wheel);
    if (next_ms == UINT64_MAX) {
        uv_timer_stop(&loop->timer);
        return;
    }
    uint64_t next_us = next_ms * 1000;
    uint64_t wait_ms = next_us > loop->now_us ? (next_us - loop->now_us + 999) / 1000 : 0;
    uv_timer_start(&loop->timer, wake_only, wait_ms, 0);
}

bool loop_has_work(const struct sio_loop *loop) {
    return loop->turn_first != NULL || loop->inbox != NULL || !mailbox_empty(&loop->mailbox);
}

void loop_turn_last(struct sio_loop *loop) {
    uint64_t until_us = loop_clock_look(loop) + LOOP_LAST_US;
    while (loop_has_work(loop) && loop_clock_us() < until_us) {
        run_tasks(loop, UINT64_MAX);
        run_turns(loop, until_us);
    }
}

/* Just before sleeping. The mailbox is looked at last: whoever puts something in afterwards finds it empty
 * and wakes us. */
void loop_turn_prepare(uv_prepare_t *prepare) {
    struct sio_loop *loop = container_of(prepare, struct sio_loop, prepare);
    if (!loop->awake) begin(loop);
    finish_turn(loop);
    loop->awake = false;
    if (atomic_load_explicit(&loop->stop, memory_order_acquire)) {
        loop_turn_last(loop);
        uv_stop(&loop->uv);
        return;
    }
    arm_timer(loop);
    if (loop_has_work(loop))
        uv_idle_start(&loop->idle, stay_awake);
    else
        uv_idle_stop(&loop->idle);
}
