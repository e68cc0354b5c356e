/* Lanes: a loop's work of one namespace with recovery, in the order in which it was given.
 *
 * Each piece comes through the mailbox; but what the loop itself orders is done at once, so all that was given before is
 * done early then. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "sio_loop.h"

struct sio_namespace;

struct lane {
    struct sio_namespace *ns;
    struct sio_loop *loop;
    struct lane_work *incoming, **incoming_end; /* under the recovery's mutex */
    struct lane_work *first, **end;             /* the loop's */
    uint64_t late; /* somebody on this loop joined something after this: earlier orders are looked at twice */
};

void lane_init(struct lane *lane, struct sio_namespace *ns, struct sio_loop *loop);
/* Under the mutex. `seq`: of a logged order; 0: of another. `calls_owner`: it may not be done early. */
void lane_post(struct lane *lane, struct sio_task *work, uint64_t seq, bool calls_owner);
/* Under the mutex, on the loop. true: lane_run_early may be called, and will do all that was posted up to now. */
bool lane_may_run_early(struct lane *lane);
/* On the loop, without the mutex. */
void lane_run_early(struct lane *lane);
/* Under the mutex, on the loop: all logged orders for this loop up to this number are done. */
uint64_t lane_seen(const struct lane *lane, uint64_t last);
