/* The reader threads: several reads that wait together share one snapshot. */
#include "store/sqlite/reader.h"

#include "store/backend.h"
#include "store/sqlite/ops.h"

enum { READS_A_SNAPSHOT = 32 };

static read_fn *const reads[STORE_OP_COUNT_] = {
    [STORE_USER_GET] = read_user_get,
    [STORE_ESTATE_LOAD] = read_estate_load,
    [STORE_USER_CONVERSATIONS] = read_user_conversations,
    [STORE_CONVERSATION_LOAD] = read_conversation_load,
    [STORE_CONVERSATION_PAGE] = read_conversation_page,
    [STORE_MESSAGE_PAGE] = read_message_page,
    [STORE_USER_LIST] = read_user_list,
};

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
        struct queue_batch batch = queue_take(r->queue, READS_A_SNAPSHOT, r->share, -1);
        for (struct store_op *op = batch.refused, *next; op; op = next) {
            next = op->next;
            store_result_post(op, FAULT_BUSY);
        }
        if (batch.closed) return;
        if (batch.ops) batch_run(r, batch.ops);
    }
}
