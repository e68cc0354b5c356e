/* For tests: the real embedded store in a directory of its own, whose answers can be kept back or replaced by
 * faults. */
#pragma once
#include "store/push.h"

struct slow_store {
    struct store store;
    struct store *real;
    char directory[64];
    bool late[STORE_OP_COUNT_];       /* answers of this kind wait for slow_store_let_go */
    enum fault fail[STORE_OP_COUNT_]; /* not FAULT_NONE: the operation is not done, this is its result */
    unsigned long submitted[STORE_OP_COUNT_];
    unsigned running; /* with the real store */
    struct kept_answer *first_kept, **last_kept;
};

void slow_store_open(struct slow_store *store);
void slow_store_close(struct slow_store *store); /* removes the directory too */

bool slow_store_busy(void *store); /* for virtual_run */

/* Gives all answers kept so far, in their order. */
void slow_store_let_go(struct slow_store *store);
