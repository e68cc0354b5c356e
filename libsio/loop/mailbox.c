/* The mailbox of a loop. */
#include "loop/mailbox.h"

bool mailbox_put(struct mailbox *box, struct sio_task *task) { return mailbox_put_list(box, task, task); }

bool mailbox_put_list(struct mailbox *box, struct sio_task *newest, struct sio_task *oldest) {
    struct sio_task *before = atomic_load_explicit(&box->newest, memory_order_relaxed);
    do {
        oldest->next = before;
    } while (!atomic_compare_exchange_weak_explicit(&box->newest, &before, newest, memory_order_release,
                                                    memory_order_relaxed));
    return before == NULL;
}

/* Turns a list over; the first becomes the last. */
struct sio_task *mailbox_reverse(struct sio_task *task) {
    struct sio_task *reversed = NULL;
    while (task != NULL) {
        struct sio_task *next = task->next;
        task->next = reversed;
        reversed = task;
        task = next;
    }
    return reversed;
}

struct sio_task *mailbox_take(struct mailbox *box) {
    if (mailbox_empty(box)) return NULL; /* the usual case, without taking the cache line from the senders */
    return mailbox_reverse(atomic_exchange_explicit(&box->newest, NULL, memory_order_acquire));
}

bool mailbox_empty(const struct mailbox *box) {
    return atomic_load_explicit(&box->newest, memory_order_relaxed) == NULL;
}
