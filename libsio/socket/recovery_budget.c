/* Who adds makes room for it by itself, so that the whole is never more than the limit and no namespace touches another.
 *
 * That alone would be unfair: the first to fill the budget would leave nothing for others. So whoever has more than an
 * equal part leaves an eighth of the whole free: those who have less grow into it, he leaves it free again, and so on
 * until all who want as much have the same. */
#include "socket/recovery_budget.h"

#include "base/must.h"

enum { FREE_PART = 8 };

void recovery_budget_init(struct recovery_budget *b, size_t most) {
    b->most = most;
    atomic_init(&b->used, 0);
    atomic_init(&b->holders, 0);
}

void recovery_budget_enter(struct recovery_budget *b) {
    atomic_fetch_add_explicit(&b->holders, 1, memory_order_relaxed);
}

void recovery_budget_leave(struct recovery_budget *b) {
    must(atomic_fetch_sub_explicit(&b->holders, 1, memory_order_relaxed) > 0);
}

void recovery_budget_add(struct recovery_budget *b, size_t *own, size_t n) {
    atomic_fetch_add_explicit(&b->used, n, memory_order_relaxed);
    *own += n;
}

void recovery_budget_sub(struct recovery_budget *b, size_t *own, size_t n) {
    must(n <= *own);
    *own -= n;
    atomic_fetch_sub_explicit(&b->used, n, memory_order_relaxed);
}

bool recovery_budget_exceeded(const struct recovery_budget *b, size_t own) {
    size_t used = atomic_load_explicit(&b->used, memory_order_relaxed);
    size_t holders = atomic_load_explicit(&b->holders, memory_order_relaxed);
    if (own == 0 || used > b->most) return own > 0;
    return own > b->most / holders && used > b->most - b->most / FREE_PART;
}
