/* Collecting something from every receiver of a target, loop by loop, for the one who asked. */
#pragma once
#include "sio.h"

struct gathering;

/* Before the order for it is given to any loop: to how many. With none its owner is told at once, with a post. */
void gathering_expect(struct gathering *gathering, unsigned loops);
/* On one of these loops: asks the receivers there, or lists them. `after`: see visit_receivers. */
void gathering_run_here(struct gathering *gathering, const struct sio_target *target, unsigned loop,
                        uint64_t after);
