/* The worker's mailbox: a list under a mutex, and a wake-up for the first letter in it. */
#include "outbox/mailbox.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"

struct mailbox {
    pthread_mutex_t lock;
    unsigned refs;
    bool closed;
    struct letter *first, **end;
    void (*wake)(void *ctx);
    void *ctx;
};

struct mailbox *mailbox_new(void (*wake)(void *ctx), void *ctx) {
    struct mailbox *box = mem_new(struct mailbox);
    pthread_mutex_init(&box->lock, NULL);
    box->refs = 1;
    box->end = &box->first;
    box->wake = wake;
    box->ctx = ctx;
    return box;
}

struct mailbox *mailbox_ref(struct mailbox *box) {
    pthread_mutex_lock(&box->lock);
    box->refs++;
    pthread_mutex_unlock(&box->lock);
    return box;
}

void mailbox_unref(struct mailbox *box) {
    pthread_mutex_lock(&box->lock);
    bool last = --box->refs == 0;
    pthread_mutex_unlock(&box->lock);
    if (!last) return;
    pthread_mutex_destroy(&box->lock);
    free(box);
}

void mailbox_post(struct mailbox *box, struct letter *letter) {
    letter->next = NULL;
    pthread_mutex_lock(&box->lock);
    bool closed = box->closed;
    if (!closed) {
        bool first = !box->first;
        *box->end = letter;
        box->end = &letter->next;
        if (first) box->wake(box->ctx);
    }
    pthread_mutex_unlock(&box->lock);
    if (closed) letter->drop(letter);
}

void mailbox_wake(struct mailbox *box) {
    pthread_mutex_lock(&box->lock);
    if (!box->closed) box->wake(box->ctx);
    pthread_mutex_unlock(&box->lock);
}

static struct letter *take(struct mailbox *box, bool close) {
    pthread_mutex_lock(&box->lock);
    struct letter *letters = box->first;
    box->first = NULL;
    box->end = &box->first;
    box->closed |= close;
    pthread_mutex_unlock(&box->lock);
    return letters;
}

void mailbox_open(struct mailbox *box) {
    for (struct letter *letter = take(box, false), *next; letter; letter = next) {
        next = letter->next;
        letter->open(letter);
    }
}

void mailbox_close(struct mailbox *box) {
    for (struct letter *letter = take(box, true), *next; letter; letter = next) {
        next = letter->next;
        letter->drop(letter);
    }
}
