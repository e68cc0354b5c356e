/* A budget: a limit that all namespaces of a server share, for what each keeps so that clients can come back. */
#pragma once
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct recovery_budget { /* [any thread] */
    size_t most;
    atomic_size_t used, holders;
};

void recovery_budget_init(struct recovery_budget *budget, size_t most);
/* Somebody has something to keep, whether there is room for it or not; and has not any more. */
void recovery_budget_enter(struct recovery_budget *budget);
void recovery_budget_leave(struct recovery_budget *budget);
/* In between: *own is what it keeps, and its alone. */
void recovery_budget_add(struct recovery_budget *budget, size_t *own, size_t n);
void recovery_budget_sub(struct recovery_budget *budget, size_t *own, size_t n);
/* Must who keeps so much let its oldest go? Asked after each add, and from time to time. */
bool recovery_budget_exceeded(const struct recovery_budget *budget, size_t own);
