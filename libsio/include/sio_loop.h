/* Loops: one thread each, with its own clock, timers and mailbox. Whatever belongs to a loop is touched by
 * its thread alone; other threads post to it. */
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "sio_api.h"

SIO_BEGIN

struct sio_loop;

/* The loop of the calling thread, or NULL on a thread that is none. */
struct sio_loop *sio_loop_here(void);

/* 0 … count-1, fixed for the life of the server. Any thread. */
unsigned sio_loop_index(const struct sio_loop *loop);

/* ---- posting ---- */

/* Embed one in your own structure. It belongs to the loop from the post until `run` is called on the loop's
 * thread; `run` may free it or post it again. */
struct sio_task {
    struct sio_task *next; /* the mailbox's own */
    void (*run)(struct sio_task *task);
};

/* Any thread, also the loop's own (then it runs in the loop's next turn, never inside this call). Tasks
 * posted by one thread run in the order in which it posted them. Never blocks, never fails. */
void sio_loop_post(struct sio_loop *loop, struct sio_task *task);

/* The same for a list linked by `next`, the first to run first, with one wake-up; the tasks stay single pieces of work,
 * between which the loop does other things when they take long. NULL is fine. */
void sio_loop_post_list(struct sio_loop *loop, struct sio_task *first);

/* ---- time and randomness: the only ones the core may use ---- */

/* Monotonic, from an arbitrary start, fresh once a turn. */
uint64_t sio_loop_now_ms(const struct sio_loop *loop);
/* Since 1970 UTC. */
int64_t sio_loop_wall_ms(const struct sio_loop *loop);
/* `n` cryptographically strong random bytes. */
void sio_loop_random(struct sio_loop *loop, void *out, size_t n);

/* ---- timers: on the loop's own thread only ---- */

/* Embed one, zeroed. Costs no allocation; starting and stopping are O(1); resolution is 10 ms, never early.
 */
struct sio_timer {
    struct sio_timer *prev, *next; /* the wheel's own; NULL while stopped */
    uint64_t due_ms;
    void (*fire)(struct sio_timer *timer);
};

/* Fires once, `delay_ms` from now; restarts when it runs already. Inside `fire` the timer is stopped and may
 * be started again or freed. */
void sio_timer_start(struct sio_loop *loop, struct sio_timer *timer, uint64_t delay_ms,
                     void (*fire)(struct sio_timer *timer));
void sio_timer_stop(struct sio_loop *loop, struct sio_timer *timer); /* also when it does not run */
static inline int sio_timer_running(const struct sio_timer *timer) { return timer->next != NULL; }

SIO_END
