/* For tests: loops in virtual time, all on the test's own thread, in place of libsio's. Time stands still
 * while anything is left to do; other threads may post. One server at a time. */
#pragma once
#include "sio.h"

struct sio_server *virtual_server_new(unsigned loops);
void virtual_server_free(struct sio_server *server);

/* Runs what is posted until nothing is left; while `busy` (may be NULL) says that some thread will still
 * post, waits for it. */
void virtual_run(bool (*busy)(void *data), void *data);

/* Lets `ms` pass, firing timers at their time, and runs everything that comes of it. */
void virtual_advance(uint64_t ms, bool (*busy)(void *data), void *data);

uint64_t virtual_now_ms(void);
long virtual_holds(void);
