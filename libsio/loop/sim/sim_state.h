/* The simulation's state, shared by the files of this folder and by nobody else. */
#pragma once
#include "base/list.h"
#include "loop/loop.h"
#include "loop/mailbox.h"
#include "loop/sim/sim.h"
#include "loop/timer_wheel.h"
#include "sio_strbuf.h"

enum { SIM_MAX_LOOPS = 64, SIM_FIRST_FD = 1 << 20 /* no descriptor of the kernel's */ };

struct sim_end;

struct sim {
    uint64_t seed_state, now_us, trace;
    bool printing, overdue;
    struct sim_weather weather;
    struct sim_event **heap; /* from 1 */
    size_t heap_n, heap_capacity;
    uint64_t until_us, events_left;
    struct loop_group *group;
    struct sio_loop *here;
    unsigned depth; /* turns within turns */
    unsigned locks; /* that are held */
    struct sim_end **descriptors;
    size_t descriptor_count;
    struct list listeners;
    struct list arrivals; /* connections that have reached no listener yet */
};

struct loop_group {
    struct sim *sim;
    const struct sio_log *log;
    unsigned count;
    bool running;
    struct sio_loop *loops[SIM_MAX_LOOPS];
};

struct sio_loop {
    struct loop_group *group;
    struct sim *sim;
    unsigned index;
    char *read_buffer;
    struct timer_wheel wheel;
    struct mailbox mailbox;
    struct sio_task *inbox; /* taken from the mailbox, not yet run */
    struct loop_turn *turn_first, **turn_last;
    struct list ios;     /* struct loop_io */
    struct list closing; /* the same, freed when the turn ends */
    struct sim_event wake;
    uint64_t now_us; /* the clock, as it was read last */
    uint64_t turn_max_us;
    bool in_turn, stop, ended;
};

/* ---- sim.c ---- */
struct sim *sim_of_thread(void);
/* The next event, taken out, and time moved to it; NULL: nothing will ever happen. */
struct sim_event *sim_next(struct sim *sim);
void sim_pass(struct sim *sim, uint32_t most_us); /* a little time passes */

/* ---- sim_turn.c ---- */
void sim_turn(struct sio_loop *loop);
bool sim_has_work(const struct sio_loop *loop);
void sim_turn_last(struct sio_loop *loop);
/* There is something to do: the loop wakes soon. */
void sim_wake(struct sio_loop *loop);
/* Perhaps another loop has a turn, now, in the middle of whatever is going on here. */
void sim_preempt(struct sim *sim);
bool sim_loop_is_mine(const struct sio_loop *loop);

/* ---- sim_link.c: two ends, and a flow of bytes in each direction ---- */

struct sim_flow {
    struct sio_strbuf bytes; /* not yet read: first those that have arrived */
    size_t arrived, capacity;
    bool ended, end_arrived; /* the writer writes no more; … and the reader can see it */
    struct sim_event delivery;
    struct sim_link *link;
};

struct sim_end {
    struct sim *sim;
    struct sim_link *link;
    int side;    /* it reads link->flows[side] and writes the other */
    bool failed; /* reset by the other side or by the network */
    bool closed;
    struct sim_event reset;               /* on its way to this end */
    void (*changed)(struct sim_end *end); /* something may have become possible; NULL: nobody looks */
    void *owner;
};

struct sim_link {
    struct sim_flow flows[2];
    struct sim_end ends[2];
    bool silent;
};

struct sim_link *sim_link_new(struct sim *sim);
int sim_end_events(const struct sim_end *end); /* LOOP_… that are there */
ssize_t sim_end_read(struct sim_end *end, void *p, size_t n);
ssize_t sim_end_write(struct sim_end *end, const struct iovec *iov, int count);
void sim_end_finish(struct sim_end *end); /* writes no more */
void sim_end_close(struct sim_end *end);  /* frees the link once both have */
void sim_end_reset(struct sim_end *end);  /* the same; the other side fails */
void sim_end_vanish(struct sim_end *end); /* the same; the other side never learns of it */

/* ---- sim_io.c ---- */
int sim_descriptor_new(struct sim *sim, struct sim_end *end);
/* Calls whoever is ready; true if somebody still is. */
bool sim_io_input(struct sio_loop *loop);
void sim_io_free_closed(struct sio_loop *loop);
void sim_io_sweep(struct sio_loop *loop);

/* ---- sim_listen.c ---- */
void sim_arrive_later(struct sim_end *end, uint16_t port); /* at its listener */
void sim_listen_input(struct sio_loop *loop);
bool sim_listen_waits(const struct sio_loop *loop);
void sim_listen_sweep(struct sim *sim);
