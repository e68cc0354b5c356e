/* The reader threads: several reads that wait together share one snapshot. */
#include "store/sqlite/reader.h"

#include "store/backend.h"
#include "store/sqlite/ops.h"

/* A long read takes up to some 20 ms, so a short one waits no longer than a few of those. */
static const unsigned reads_a_snapshot[QUEUE_LANES] = {[QUEUE_SHORT] = 32, [QUEUE_LONG] = 2};

static read_fn *const reads[STORE_OP_COUNT_] = {
    [STORE_USER_GET] = read_user_get,
    [STORE_ESTATE_LOAD] = read_estate_load,
    [STORE_RESIDENT_PAGE] = read_resident_page,
    [STORE_USER_CONVERSATIONS] = read_user_conversations,
    [STORE_CONVERSATION_LOAD] = read_conversation_load,
    [STORE_CONVERSATION_PAGE] = read_conversation_page,
    [STORE_MESSAGE_PAGE] = read_message_page,
    [STORE_USER_LIST] = read_user_list,
    [STORE_DEVICE_LIST] = read_device_list,
    [STORE_PREFERENCES_GET] = read_preferences_get,
    [STORE_PUSH_CANDIDATES] = read_push_candidates,
    [STORE_PUSH_WATCHES] = read_push_watches,
    [STORE_PUSH_LOAD] = read_push_load,
    [STORE_PUSH_RECEIPTS] = read_push_receipts,
    [STORE_PUSH_DEAD_LIST] = read_push_dead_list,
    [STORE_PUSH_STATS] = read_push_stats,
};

/* Pages, the rows of a conversation for showing it, and whatever the outbox reads are long; what lets somebody in is
 * short. */
enum queue_lane reader_lane(const struct store_op *op) {
    switch (op->kind) {
    case STORE_CONVERSATION_LOAD:
        return ((const struct store_conversation_load *)(const void *)op)->with_details ? QUEUE_LONG
                                                                                        : QUEUE_SHORT;
    case STORE_MESSAGE_PAGE:
    case STORE_CONVERSATION_PAGE:
    case STORE_RESIDENT_PAGE:
    case STORE_USER_LIST:
    case STORE_PUSH_CANDIDATES:
    case STORE_PUSH_WATCHES:
    case STORE_PUSH_LOAD:
    case STORE_PUSH_RECEIPTS:
    case STORE_PUSH_DEAD_LIST:
    case STORE_PUSH_STATS: return QUEUE_LONG;
    default: return QUEUE_SHORT;
    }
}

/* The snapshot begins with its first query, after the operations were taken from the queue: so each sees all
 * writes that were answered before it was submitted. */
static void batch_run(struct reader *r, struct store_op *ops) {
    struct db *db = &r->db;
    db_do(db, "BEGIN");
    bool begun = db->error == SQLITE_OK;
    for (struct store_op *op = ops, *next; op; op = next) {
        next = op->next;
        enum fault fault = begun ? reads[op->kind](db, op) : FAULT_INTERNAL;
        if (db->error != SQLITE_OK) fault = FAULT_INTERNAL;
        db_error_clear(db);                          /* one damaged row is not the others' failure */
        queue_release(r->queue, store_op_bytes(op)); /* first: who is answered finds room for the next one */
        store_result_post(op, fault);
    }
    db_error_clear(db);
    if (!sqlite3_get_autocommit(db->handle)) db_do(db, "COMMIT");
    db_error_clear(db);
}

void reader_run(struct reader *r) {
    for (;;) {
        struct queue_batch batch = queue_take(r->queue, reads_a_snapshot, r->share, -1);
        for (struct store_op *op = batch.refused, *next; op; op = next) {
            next = op->next;
            store_result_post(op, FAULT_BUSY);
        }
        if (batch.closed) return;
        if (batch.ops) batch_run(r, batch.ops);
    }
}
