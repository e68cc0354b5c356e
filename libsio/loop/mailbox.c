/* The mailbox of a loop. */
#include "loop/mailbox.h"

bool mailbox_put(struct mailbox *box, struct sio_task *task) {
    struct sio_task *newest = atomic_load_explicit(&box->newest, memory_order_relaxed);
    do {
        task->next = newest;
    } while (!atomic_compare_exchange_weak_explicit(&box->newest, &newest, task, memory_order_release,
                                                    memory_order_relaxed));
    return newest == NULL;
}

struct sio_task *mailbox_take(struct mailbox *box) {
    if (mailbox_empty(box)) return NULL; /* the usual case, without taking the cache line from the senders */
    struct sio_task *task = atomic_exchange_explicit(&box->newest, NULL, memory_order_acquire);
    struct sio_task *oldest = NULL;
    while (task != NULL) {
        struct sio_task *older = task->next;
        task->next = oldest;
        oldest = task;
        task = older;
    }
    return oldest;
}

bool mailbox_empty(const struct mailbox *box) {
    return atomic_load_explicit(&box->newest, memory_order_relaxed) == NULL;
}
