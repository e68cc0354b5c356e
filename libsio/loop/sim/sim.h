/* A simulated world for one thread: several loops, their clock, and a network in memory, all driven by one seed.
 *
 * Linked instead of the files over libuv, it gives everything that loop/loop.h and sio_loop.h promise, so that the
 * whole of libsio runs on it unchanged. Nothing in it depends on real time, on threads or on the kernel: the same seed
 * and the same program give the same trace.
 *
 * What the seed decides: when a loop wakes, how many tasks and turns it does before it sleeps again, whether another
 * loop does a turn of its own in the middle of this one's (between two posts, as threads would), in how many pieces
 * bytes travel and how late, how much a read or a write takes.
 *
 * A program makes a simulation, then a server (whose loop_group_new finds the simulation of its thread), then sets
 * events and connects peers; loop_group_run is what lets time pass, for the loops and for the peers alike. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/span.h"

struct sim;

/* How rough the world is. Drawn by sim_weather_draw, or chosen. */
struct sim_weather {
    uint32_t delay_us;           /* the longest ordinary way of bytes from end to end */
    uint32_t stall_us;           /* the longest of the rare long ones */
    uint32_t wake_us;            /* the longest ordinary sleep of a loop that has something to do */
    uint32_t pause_us;           /* the longest of the rare long ones */
    uint32_t buffer_bytes;       /* that one direction of a connection holds */
    uint32_t stall_per_mille;    /* of deliveries */
    uint32_t pause_per_mille;    /* of wake-ups */
    uint32_t partial_per_mille;  /* of reads, writes and deliveries */
    uint32_t preempt_per_mille;  /* of posts: another loop has a turn meanwhile */
    uint32_t no_watch_per_mille; /* of descriptors: the system watches no more of them */
};

/* One a thread, from here to sim_free. `trace`: what happens is written to the standard output. */
struct sim *sim_new(uint64_t seed, bool trace);
void sim_free(struct sim *sim); /* after loop_group_free */

/* Between calm and rough. sim_new has drawn one already. */
void sim_weather_draw(struct sim *sim, struct sim_weather *out);
struct sim_weather *sim_weather(struct sim *sim);

uint64_t sim_now_us(const struct sim *sim);
uint64_t sim_random(struct sim *sim, uint64_t below); /* 0 … below-1 */
bool sim_chance(struct sim *sim, uint32_t per_mille);

/* loop_group_run ends at that time, or after so many events, whatever the loops still do; sim_overdue says that it
 * was so. */
void sim_limit(struct sim *sim, uint64_t until_us, uint64_t events);
bool sim_overdue(const struct sim *sim);

/* Adds a line to the trace. `what` is a literal. */
void sim_note(struct sim *sim, const char *what, uint64_t a, uint64_t b);
uint64_t sim_trace(const struct sim *sim); /* a hash of all lines so far */

/* ---- events outside of the loops: what clients do, and when ---- */

/* Embed one, zeroed. */
struct sim_event {
    uint64_t at_us, order; /* events of one time run in an order that the seed decides */
    size_t place;          /* in the heap, from 1; 0: not set */
    void (*fire)(struct sim_event *event);
};

/* Fires once, on no loop; sets it anew when it is set already. Inside `fire` it may be set again or freed. */
void sim_event_set(struct sim *sim, struct sim_event *event, uint64_t delay_us,
                   void (*fire)(struct sim_event *event));
void sim_event_cancel(struct sim *sim, struct sim_event *event); /* also when it is not set */

/* ---- peers: the far ends of connections ---- */

struct sim_peer;

/* Connects to a listener. `ready` is called, on no loop, whenever there may be something new: bytes, room to write,
 * the end; never inside another call. Never NULL: if nobody listens, the connection fails later. */
struct sim_peer *sim_connect(struct sim *sim, uint16_t port, void (*ready)(void *data), void *data);

/* Bytes read (> 0), 0: the other side has ended, -1: nothing there now, -2: the connection failed. */
ssize_t sim_peer_read(struct sim_peer *peer, void *p, size_t n);
/* Bytes written (>= 0, perhaps fewer than given), -2: the connection failed. */
ssize_t sim_peer_write(struct sim_peer *peer, struct sio_span bytes);

/* What happens to a connection; the peer is gone afterwards and `ready` is not called again. */
enum sim_end_kind {
    SIM_CLOSE,   /* what was written still arrives, then the end */
    SIM_RESET,   /* the other side sees a failure; bytes on the way may be lost */
    SIM_SILENCE, /* nothing arrives any more in either direction, and nobody is told */
};
void sim_peer_end(struct sim_peer *peer, enum sim_end_kind kind);
