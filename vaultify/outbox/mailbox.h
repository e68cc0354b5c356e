/* What other threads hand to the worker: letters, opened on the worker's thread in the order they came. */
#pragma once
#include <stdbool.h>

struct letter {
    struct letter *next;
    void (*open)(struct letter *letter); /* on the worker's thread; the letter is its own to free */
    void (*drop)(struct letter *letter); /* instead, when the box is closed; any thread */
};

struct mailbox;

/* `wake` is called on the sender's thread, until the box is closed. */
struct mailbox *mailbox_new(void (*wake)(void *ctx), void *ctx);
/* Whoever may post after the worker has ended holds a reference. Any thread. */
struct mailbox *mailbox_ref(struct mailbox *box);
void mailbox_unref(struct mailbox *box);

void mailbox_post(struct mailbox *box, struct letter *letter); /* any thread */
void mailbox_wake(struct mailbox *box);                        /* any thread */

void mailbox_open(
    struct mailbox *box); /* opens all that have come; what comes meanwhile is for the next time */
void mailbox_close(struct mailbox *box); /* from now on all are dropped */
