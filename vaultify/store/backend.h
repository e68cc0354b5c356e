/* What every storage back-end needs besides store.h: the size of an operation, and giving results back. */
#pragma once
#include "store/store.h"

/* The operation's structure and all bytes its inputs point to. Pure; the same before and after it ran. */
size_t store_op_bytes(const struct store_op *op);

/* Gives a list of finished operations, linked by `next`, back to their callers, in its order for each loop:
 * one wake-up a loop, however long the list. Those without a loop have `done` called here and now. No operation
 * of the list may be touched afterwards. Any thread; it is the "store's own thread" of store.h. */
void store_results_post(struct store_op *list);

/* The same for one operation with this result. */
void store_result_post(struct store_op *op, enum fault fault);
