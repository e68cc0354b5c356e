/* One loop's state, shared by the files of this folder and by nobody else. */
#pragma once
#include <stdatomic.h>
#include <uv.h>

#include "loop/loop.h"
#include "loop/mailbox.h"
#include "loop/timer_wheel.h"

enum {
    LOOP_BUDGET_US = 20 * 1000, /* of input, of tasks, and of end-of-turn work, each */
    LOOP_EVENTS_A_LOOK = 16,    /* descriptors handled between two looks at the clock */
    LOOP_RANDOM_BYTES = 512,    /* fetched from the kernel at a time */
    LOOP_LAST_US = 2000 * 1000, /* for what is still to be run when the loop ends */
    LOOP_LATE_ROUNDS = 64,      /* of posts between loops that have all ended */
    LOOP_MAX_COUNT = 64,
    LOOP_SIGNALS = 3,
};

struct loop_group {
    const struct sio_log *log;
    unsigned count;
    bool running; /* written before the threads start and after they ended */
    struct sio_loop *loops[LOOP_MAX_COUNT];
    struct loop_signal {
        uv_signal_t signal; /* data: the group */
        void (*fn)(void *data);
        void *data;
    } signals[LOOP_SIGNALS];
    unsigned signal_count;
};

struct sio_loop {
    uv_loop_t uv;
    uv_prepare_t prepare;
    uv_idle_t idle;   /* active: there is work left, so do not sleep */
    uv_timer_t timer; /* for the wheel's next slot; stopped while no timer runs */
    uv_async_t async;
    struct loop_group *group;
    unsigned index;
    char *read_buffer;

    struct timer_wheel wheel;
    struct sio_task *inbox; /* taken from the mailbox, not yet run */
    struct loop_turn *turn_first, **turn_last;

    bool awake;       /* since the last sleep something has happened */
    unsigned events;  /* descriptors handled since then */
    uint64_t woke_us; /* when the turn began */
    uint64_t now_us;  /* the clock, as it was read last */
    _Atomic uint64_t turn_max_us;

    char random[LOOP_RANDOM_BYTES];
    size_t random_left;

    _Alignas(64) struct mailbox mailbox; /* what other threads write, on a cache line of its own */
    atomic_bool stop;
};

/* Programmer's check: is this the loop's thread, or is nobody running? */
bool loop_is_mine(const struct sio_loop *loop);

uint64_t loop_clock_us(void);                    /* monotonic */
uint64_t loop_clock_look(struct sio_loop *loop); /* reads it into now_us */

/* turn.c. Every callback of libuv begins with loop_turn_begin. */
void loop_turn_init(struct sio_loop *loop);
void loop_turn_begin(struct sio_loop *loop);
void loop_turn_prepare(uv_prepare_t *prepare);
bool loop_has_work(const struct sio_loop *loop);
void loop_turn_last(struct sio_loop *loop); /* all that is left, without a budget */

/* loop_io.c: tells the owner of a descriptor still watched that the loop ends. */
void loop_io_sweep(uv_handle_t *handle);
