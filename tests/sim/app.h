/* The simulation's application on libsio: decides who joins, answers events, and emits from every loop and from
 * outside, in numbered streams. */
#pragma once
#include "run.h"

struct app;

struct app *app_new(struct run *run); /* before the server runs: makes the namespaces */
void app_start(struct app *app);
void app_free(struct app *app); /* after sio_server_free */

/* Once the server has stopped: what was asked has been answered, who came has gone. */
void app_judge(struct app *app);
