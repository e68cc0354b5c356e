/* Receipts: what a service tells only later about pushes that it has taken. Asked for a batch at a time. */
#include "base/mem.h"
#include "outbox/inside.h"

enum { RECEIPTS_AGAIN_MS = 60000, RECEIPTS_LATER_MIN_MS = 60000 };

struct round {
    struct courier *courier;
    struct store_push_receipts *asked; /* the store's answer, which owns the rows */
    struct arena arena;
    struct push_request request;
    struct sio_span *ids;
};

static void round_free(struct round *round) {
    round->courier->receipts_under_way = false;
    store_op_free(&round->asked->op);
    arena_fini(&round->arena);
    free(round);
}

/* ---- what they say ---- */

static void settled(struct outbox *outbox, struct store_op *op, void *data) {
    struct courier *courier = data;
    const struct store_push_receipts_settle *settle = (const void *)op;
    if (settle->devices_dropped > 0)
        metrics_add(outbox->config.metrics, METRIC_PUSH_DEVICES_DROPPED, courier->name,
                    settle->devices_dropped);
    store_op_free(op);
}

static struct push_receipt_settled judge_one(struct courier *courier, const struct push_receipt_row *row,
                                             const struct push_verdict *verdict) {
    const struct push_provider_ops *ops = courier->provider->ops;
    int64_t now = courier->outbox->wall_ms;
    struct push_receipt_settled settled = {.key = row->key, .settle = PUSH_RECEIPT_DONE};
    if (verdict->result == PUSH_TOKEN_DEAD) settled.settle = PUSH_RECEIPT_TOKEN_DEAD;
    if (verdict->result == PUSH_REFUSED || verdict->result == PUSH_KEY_PROBLEM)
        courier_complain(courier, "a push that was taken was not delivered", verdict->reason);
    if (verdict->result == PUSH_RETRY && now - row->sent_at < (int64_t)ops->receipt_keep_ms) {
        uint32_t later_ms =
            verdict->retry_after_ms > RECEIPTS_LATER_MIN_MS ? verdict->retry_after_ms : RECEIPTS_LATER_MIN_MS;
        settled.settle = PUSH_RECEIPT_LATER;
        settled.due_at = now + later_ms;
        courier->receipts_due_at = earlier(courier->receipts_due_at, settled.due_at);
    }
    return settled;
}

static void settle_round(struct round *round, const struct push_verdict *verdicts) {
    struct courier *courier = round->courier;
    size_t count = round->asked->count;
    struct store_push_receipts_settle *op = store_op_new(STORE_PUSH_RECEIPTS_SETTLE, NULL, NULL, NULL);
    struct push_receipt_settled *all = arena_array(&op->op.arena, struct push_receipt_settled, count);
    for (size_t i = 0; i < count; i++) all[i] = judge_one(courier, &round->asked->rows[i], &verdicts[i]);
    op->settled = all;
    op->count = count;
    outbox_ask(courier->outbox, &op->op, settled, courier);
}

/* An answer that comes after the worker has stopped finds them in the store again. */
static void answered(const struct push_response *response, void *data) {
    struct round *round = data;
    struct courier *courier = round->courier;
    outbox_read_clock(courier->outbox);
    if (!courier->outbox->draining) {
        struct push_verdict *verdicts = arena_array(&round->arena, struct push_verdict, round->asked->count);
        courier->provider->ops->judge_receipts(courier->provider, round->ids, round->asked->count, response,
                                               verdicts);
        settle_round(round, verdicts);
    }
    round_free(round);
}

/* ---- asking ---- */

static void ask_service(struct round *round) {
    struct courier *courier = round->courier;
    struct outbox *outbox = courier->outbox;
    size_t count = round->asked->count;
    round->ids = arena_array(&round->arena, struct sio_span, count);
    for (size_t i = 0; i < count; i++) round->ids[i] = round->asked->rows[i].receipt;
    courier->provider->ops->build_receipts(courier->provider, round->ids, count, &round->arena,
                                           &round->request);
    outbox->world.send(outbox->world.ctx, &round->request, answered, round);
}

static void rows_came(struct outbox *outbox, struct store_op *op, void *data) {
    struct round *round = data;
    struct courier *courier = round->courier;
    bool full = round->asked->count == courier->provider->ops->receipts_max;
    courier->receipts_due_at =
        earlier(courier->receipts_due_at, full ? outbox->wall_ms : round->asked->next_due);
    if (op->fault == FAULT_NONE && round->asked->count > 0 && !outbox->draining)
        ask_service(round);
    else
        round_free(round);
}

static void ask_store(struct courier *courier) {
    struct round *round = mem_new(struct round);
    struct store_push_receipts *op = store_op_new(STORE_PUSH_RECEIPTS, NULL, NULL, NULL);
    round->courier = courier;
    round->asked = op;
    arena_init(&round->arena);
    op->service = (uint8_t)courier->provider->ops->service;
    op->limit = courier->provider->ops->receipts_max;
    op->now = courier->outbox->wall_ms;
    courier->receipts_under_way = true;
    courier->receipts_due_at = 0;
    outbox_ask(courier->outbox, &op->op, rows_came, round);
}

void courier_receipts_turn(struct courier *courier) {
    struct outbox *outbox = courier->outbox;
    if (courier->receipts_under_way || courier->receipts_due_at == 0) return;
    if (courier->trouble.failures > 0)
        outbox_next_at(outbox, outbox->now_ms + RECEIPTS_AGAIN_MS); /* first it must be well */
    else if (courier->receipts_due_at > outbox->wall_ms)
        outbox_next_at_wall(outbox, courier->receipts_due_at);
    else
        ask_store(courier);
}
