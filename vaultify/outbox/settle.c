/* What became of jobs, gathered for a moment so that many are written in one commit. */
#include "base/must.h"
#include "outbox/inside.h"

enum { SETTLE_MAX = 500, SETTLE_GATHER_MS = 20 };

static void settled(struct outbox *outbox, struct store_op *op, void *data) {
    struct courier *courier = data;
    const struct store_push_settle *settle = (const void *)op;
    must(courier->held >= settle->count);
    courier->held -= (unsigned)settle->count;
    courier->wanted = true; /* a newer message may have come for one of them */
    if (settle->devices_dropped > 0)
        metrics_add(outbox->config.metrics, METRIC_PUSH_DEVICES_DROPPED, courier->name,
                    settle->devices_dropped);
    store_op_free(op);
}

void courier_settle_flush(struct courier *courier) {
    struct store_push_settle *op = courier->settling;
    if (!op) return;
    courier->settling = NULL;
    outbox_ask(courier->outbox, &op->op, settled, courier);
}

static struct store_push_settle *gathering(struct courier *courier) {
    if (courier->settling) return courier->settling;
    struct store_push_settle *op = store_op_new(STORE_PUSH_SETTLE, NULL, NULL, NULL);
    courier->gathered = arena_array(&op->op.arena, struct push_settled, SETTLE_MAX);
    op->settled = courier->gathered;
    courier->settling = op;
    courier->settle_at_ms = courier->outbox->now_ms + SETTLE_GATHER_MS;
    return op;
}

void courier_settle(struct courier *courier, const struct push_settled *settled_job) {
    struct store_push_settle *op = gathering(courier);
    struct push_settled *slot = &courier->gathered[op->count++];
    *slot = *settled_job;
    slot->error = arena_span(&op->op.arena, settled_job->error);
    slot->receipt = arena_span(&op->op.arena, settled_job->receipt);
    if (op->count == SETTLE_MAX) courier_settle_flush(courier);
}

void courier_settle_turn(struct courier *courier) {
    if (!courier->settling) return;
    if (courier->outbox->now_ms >= courier->settle_at_ms)
        courier_settle_flush(courier);
    else
        outbox_next_at(courier->outbox, courier->settle_at_ms);
}
