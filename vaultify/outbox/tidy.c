/* Once a minute: pushes too old to be of use become dead letters, and devices, dead letters and receipts that nobody
 * needs any more go. */
#include "outbox/inside.h"

enum {
    TIDY_EVERY_MS = 60000,
    DEAD_LETTERS_MAX = 100000,
};
static const int64_t day_ms = 24 * 3600 * 1000;
enum { DEAD_LETTER_DAYS = 30, RECEIPT_DAYS = 1 };

static void tidied(struct outbox *outbox, struct store_op *op, void *data) {
    const struct store_push_tidy *tidy = (const void *)op;
    if (tidy->jobs > 0)
        sio_log_warn(outbox->config.log, "push: too old to be sent, dead letters now pushes=%u", tidy->jobs);
    if (tidy->devices > 0)
        sio_log_info(outbox->config.log, "push: devices not seen for long are forgotten devices=%u",
                     tidy->devices);
    outbox->tidying = false;
    outbox->tidy_at_ms = outbox->now_ms + (tidy->more ? 0 : TIDY_EVERY_MS);
    store_op_free(op);
}

void outbox_tidy_turn(struct outbox *outbox) {
    if (outbox->tidying || outbox->draining) return;
    if (outbox->now_ms < outbox->tidy_at_ms) {
        outbox_next_at(outbox, outbox->tidy_at_ms);
        return;
    }
    struct store_push_tidy *op = store_op_new(STORE_PUSH_TIDY, NULL, NULL, NULL);
    int64_t now = outbox->wall_ms;
    op->jobs_before = now - outbox->config.max_age_ms;
    op->devices_before = now - outbox->config.device_max_age_days * day_ms;
    op->dead_before = now - DEAD_LETTER_DAYS * day_ms;
    op->dead_max = DEAD_LETTERS_MAX;
    op->receipts_before = now - RECEIPT_DAYS * day_ms;
    outbox->tidying = true;
    outbox_ask(outbox, &op->op, tidied, NULL);
}
