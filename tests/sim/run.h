/* One seed: a server, its application, its clients, and the story they play. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "ledger.h"
#include "loop/sim/sim.h"
#include "sio.h"

enum { RUN_CLIENTS_MOST = 6, RUN_FAILURE_BYTES = 300 };

struct run_totals { /* summed over all seeds */
    uint64_t seeds, failed;
    uint64_t sessions, emitted, arrived, events_up, acks, server_acks;
    uint64_t cuts, silences, upgrades, probes_lost, app_closes, refused, timeouts, stops, recoveries;
    uint64_t turns_us; /* virtual time */
};

/* How the seed's story goes; drawn once. */
struct story {
    unsigned loops, clients, namespaces;
    uint32_t cut_per_mille;   /* of a client's actions */
    uint32_t close_per_mille; /* of the application's */
    uint32_t pace_us;         /* the longest between two actions of one client, or of one loop */
    bool stops_midway;        /* the server stops while everything is going on */
    bool tight_queues;        /* slow receivers may be closed */
    bool recovers;            /* connection state recovery is on */
    bool large;               /* some payloads are */
    uint64_t quiet_at_us, judged_at_us, gone_at_us;
};

struct client;
struct app;

struct run {
    uint64_t seed;
    struct run_totals *totals;
    struct sim *sim;
    struct sio_config config;
    struct story story;
    struct sio_server *server;
    struct ledger ledger;
    struct app *app;
    struct client *clients;
    struct sim_event quiet, judged, gone;
    bool is_quiet, is_stopping, is_over;
    unsigned connections;            /* of clients, so far */
    char failure[RUN_FAILURE_BYTES]; /* the first one; empty: none */
};

/* Something is not as it must be. The first failure of a seed is kept. */
void run_fail(struct run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* May the server end a connection for no reason that the story knows of? */
bool run_is_rough(const struct run *run);

struct run_result {
    uint64_t trace;
    char failure[RUN_FAILURE_BYTES];
};

/* Plays one seed to its end. */
void run_seed(uint64_t seed, bool trace, struct run_totals *totals, struct run_result *result);
