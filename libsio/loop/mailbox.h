/* A mailbox: many threads put tasks in, one takes them all out. Lock-free; a stack that the taker turns over,
 * so tasks of one thread keep their order. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>

#include "sio_loop.h"

struct mailbox {
    _Atomic(struct sio_task *) newest; /* zeroed to begin */
};

/* [any thread, also a signal handler] true: the box was empty, so its owner may be asleep and must be woken.
 */
bool mailbox_put(struct mailbox *box, struct sio_task *task);
/* The same for several, linked by `next` from the newest to the oldest. */
bool mailbox_put_list(struct mailbox *box, struct sio_task *newest, struct sio_task *oldest);

/* Turns a list over: the first becomes the last. */
struct sio_task *mailbox_reverse(struct sio_task *task);

/* [owner] Everything, the oldest first, linked by `next`; NULL when empty. */
struct sio_task *mailbox_take(struct mailbox *box);

bool mailbox_empty(const struct mailbox *box);
