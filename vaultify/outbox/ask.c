/* An errand: one operation of the store, from the worker and back to it. */
#include "base/mem.h"
#include "base/must.h"
#include "outbox/inside.h"

enum { AGAIN_MS = 1000 };

struct errand {
    struct letter letter;
    struct list node; /* in again */
    uint64_t again_at_ms;
    bool failed; /* before; now it is tried again */
    struct outbox *outbox;
    struct store_op *op;
    outbox_answered *done;
    void *data;
};

/* [a thread of the store] */
static void store_answered(struct store_op *op) {
    struct errand *errand = op->data;
    mailbox_post(errand->outbox->mailbox, &errand->letter);
}

static void finish(struct errand *errand) {
    struct outbox *outbox = errand->outbox;
    outbox->asked--;
    errand->done(outbox, errand->op, errand->data);
    free(errand);
}

static bool nothing_happened(const struct store_op *op) {
    return op->fault == FAULT_BUSY || op->fault == FAULT_INTERNAL;
}

/* Said for the first that fails, and when the last of those has succeeded. */
static void note_failure(struct errand *errand) {
    if (errand->failed) return;
    errand->failed = true;
    if (errand->outbox->failing++ == 0)
        sio_log_warn(errand->outbox->config.log, "push: the store does not take part now, trying again");
}

static void note_success(struct errand *errand) {
    if (!errand->failed) return;
    if (--errand->outbox->failing == 0)
        sio_log_info(errand->outbox->config.log, "push: the store takes part again");
}

static void errand_open(struct letter *letter) {
    struct errand *errand = container_of(letter, struct errand, letter);
    struct outbox *outbox = errand->outbox;
    if (!nothing_happened(errand->op)) {
        note_success(errand);
        finish(errand);
        return;
    }
    note_failure(errand);
    errand->again_at_ms = outbox->draining ? 0 : outbox->now_ms + AGAIN_MS;
    list_insert(&outbox->again, &errand->node);
}

/* The worker does not close its box before every operation has come back. */
static void errand_drop(struct letter *letter) { must_fail("errand_drop", __FILE__, __LINE__); }

void outbox_ask(struct outbox *outbox, struct store_op *op, outbox_answered *done, void *data) {
    struct errand *errand = mem_new(struct errand);
    *errand = (struct errand){.letter = {.open = errand_open, .drop = errand_drop},
                              .outbox = outbox,
                              .op = op,
                              .done = done,
                              .data = data};
    op->done = store_answered;
    op->data = errand;
    outbox->asked++;
    store_submit(outbox->store, op);
}

void outbox_ask_again(struct outbox *outbox) {
    list_each (&outbox->again, node) {
        struct errand *errand = container_of(node, struct errand, node);
        if (!outbox->draining && errand->again_at_ms > outbox->now_ms) {
            outbox_next_at(outbox, errand->again_at_ms);
            continue;
        }
        list_remove(node);
        if (outbox->draining)
            finish(errand);
        else
            store_submit(outbox->store, errand->op);
    }
}
