/* Telling read positions: in a small conversation everybody at once; in a large one the message's sender and
 * the reader alone, once a second at most, the latest of each pair. */
#include "chat/inside.h"

struct waiting_receipt {
    struct receipt receipt; /* begins with its key: sender and reader */
    struct list in_order;
};

struct receipts {
    struct conversation *conversation; /* pinned */
    struct list in_order;              /* waiting_receipts, the oldest first */
    struct map by_pair;
    struct sio_timer second;
    uint32_t dropped; /* since the last second's end */
};

static struct sio_span pair_of(const struct receipt *r) { return sio_span_of(r, 2 * sizeof(struct uuid)); }
_Static_assert(offsetof(struct receipt, reader) == sizeof(struct uuid), "sender and reader are one key");

static void second_over(struct sio_timer *timer);

/* ---- telling ---- */

static void tell_all(const struct conversation *c, const struct receipt *r) {
    const struct chat_out *out = &c->estate->chat->out;
    out->message_read(out->ctx, &c->id, &r->message, r->seq, &r->reader, r->read_at, NULL, 0,
                      r->except_socket);
}

/* But for who has left meanwhile, or moved to another estate: a receipt speaks of the conversation. */
static void tell_two(const struct conversation *c, const struct receipt *r) {
    const struct chat_out *out = &c->estate->chat->out;
    struct uuid only[2];
    size_t count = 0;
    if (participant_get(&c->participants, &r->sender)) only[count++] = r->sender;
    if (participant_get(&c->participants, &r->reader)) only[count++] = r->reader;
    if (count == 0) return;
    out->message_read(out->ctx, &c->id, &r->message, r->seq, &r->reader, r->read_at, only, count,
                      r->except_socket);
}

/* ---- waiting ---- */

static struct receipts *receipts_of(struct conversation *c) {
    if (c->receipts) return c->receipts;
    struct receipts *all = mem_new(struct receipts);
    all->conversation = c;
    list_init(&all->in_order);
    map_init(&all->by_pair, NULL);
    conversation_pin(c);
    c->estate->live++;
    c->receipts = all;
    sio_timer_start(c->estate->loop, &all->second, SECOND_MS, second_over);
    return all;
}

static void receipt_wait(struct conversation *c, const struct receipt *r) {
    struct receipts *all = receipts_of(c);
    struct waiting_receipt *w = map_get(&all->by_pair, pair_of(r));
    if (w) {
        w->receipt = *r; /* the key's bytes stay the same */
        return;
    }
    if (all->by_pair.count >= RECEIPTS_A_CONVERSATION) {
        all->dropped++;
        return;
    }
    w = mem_new(struct waiting_receipt);
    w->receipt = *r;
    map_put(&all->by_pair, pair_of(&w->receipt), w);
    list_insert(&all->in_order, &w->in_order);
}

void receipt_tell(struct conversation *c, const struct receipt *receipt) {
    if (conversation_is_large(c))
        receipt_wait(c, receipt);
    else
        tell_all(c, receipt);
}

/* ---- once a second ---- */

static void receipt_take(struct receipts *all, struct waiting_receipt *w) {
    map_del(&all->by_pair, pair_of(&w->receipt));
    list_remove(&w->in_order);
}

static void second_over(struct sio_timer *timer) {
    struct receipts *all = container_of(timer, struct receipts, second);
    struct conversation *c = all->conversation;
    int told = 0;
    list_each (&all->in_order, node) {
        if (told++ == RECEIPTS_A_SECOND) break;
        struct waiting_receipt *w = container_of(node, struct waiting_receipt, in_order);
        receipt_take(all, w);
        tell_two(c, &w->receipt);
        free(w);
    }
    if (all->dropped > 0)
        sio_log_warn(c->estate->chat->config.log, "chat: read receipts not told count=%u", all->dropped);
    all->dropped = 0;
    if (!list_empty(&all->in_order)) {
        sio_timer_start(c->estate->loop, timer, SECOND_MS, second_over);
        return;
    }
    receipts_free(c);
    c->estate->live--;
    conversation_unpin(c);
}

/* ---- the end ---- */

void receipts_free(struct conversation *c) {
    struct receipts *all = c->receipts;
    if (!all) return;
    list_each (&all->in_order, node) free(container_of(node, struct waiting_receipt, in_order));
    map_fini(&all->by_pair);
    free(all);
    c->receipts = NULL;
}
