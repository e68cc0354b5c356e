/* The works that the load program knows. Each prints one line of JSON. */
#pragma once
#include <stdint.h>

#include "auth/auth.h"

struct run {
    uint16_t port;
    int pid; /* of the server, for its CPU and memory */
    struct auth *auth;
    char **tokens; /* of each user, in the order of the users file */
    uint32_t user_count;
    uint32_t count, rounds, window;
    uint32_t receivers; /* who gets a push for a message */
    uint32_t rate;      /* messages a second */
};

/* User 0 (an Admin) announces `rounds` times to the `count` sockets of its estate, each time when the last
 * one has arrived everywhere. CPU a delivery. */
void work_broadcast(struct run *run);
/* The same, one each 200 µs without waiting. Deliveries a second, CPU a delivery. */
void work_burst(struct run *run);
/* `count` users connect, `window` at a time; `rounds` times over, the first not counted. CPU a user. */
void work_connect(struct run *run);
/* `count` users in pairs, each with `window` unacknowledged messages, `rounds` messages each. Messages a
 * second, CPU a message, latency of the acknowledgement. */
void work_send(struct run *run);
/* `count` users are connected and silent. Memory a user. */
void work_idle(struct run *run);
/* `count` users, each with a conversation of its own (BENCH_CONVERSATIONS) in which `receivers` others are offline with a phone,
 * send `rounds` messages each, by turns, at most `window` of them not pushed yet to all (BENCH_PUSH_COUNT is where the stand-in
 * counts). Pushes a second, CPU of the server a push, its memory. */
void work_push(struct run *run);
/* The same senders, `rate` messages a second altogether, whatever comes of them. Latency of the acknowledgement. */
void work_paced(struct run *run);
/* `count` users of one estate connect as fast as they can. Time until all are in. */
void work_storm(struct run *run);
