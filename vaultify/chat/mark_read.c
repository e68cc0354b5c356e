/* Moving a read position forward, and telling it. */
#include "chat/inside.h"

struct reading {
    struct use_case base;
    struct uuid message;
    struct sio_ref socket;
    chat_read_done done;
    void *data;
};

static void fail(struct reading *r, enum fault fault) {
    r->done(fault, 0, 0, false, r->data);
    use_case_free(&r->base);
}

static void advanced(struct store_op *op) {
    const struct store_read_advance *advance = container_of(op, struct store_read_advance, op);
    struct reading *r = op->data;
    if (op->fault != FAULT_NONE) {
        fail(r, op->fault);
    } else {
        const struct receipt receipt = {
            .sender = advance->sender,
            .reader = r->base.me->id,
            .message = r->message,
            .seq = advance->seq,
            .read_at = advance->read_at,
            .except_socket = r->socket,
        };
        r->done(FAULT_NONE, advance->seq, advance->read_at, advance->moved, r->data);
        if (advance->moved) receipt_tell(r->base.conversation, &receipt);
        use_case_free(&r->base);
    }
    store_op_free(op);
}

static void entered(struct use_case *u, enum fault fault) {
    struct reading *r = container_of(u, struct reading, base);
    if (fault != FAULT_NONE) {
        fail(r, fault);
        return;
    }
    struct store_read_advance *advance = store_op_new(STORE_READ_ADVANCE, u->me->estate->loop, advanced, r);
    advance->conversation = u->wanted;
    advance->user = u->me->id;
    advance->message = r->message;
    store_submit(u->me->estate->chat->store, &advance->op);
}

void chat_mark_read(struct chat_user *me, const struct uuid *conversation, const struct uuid *message,
                    struct sio_ref reading_socket, chat_read_done done, void *data) {
    struct reading *r = use_case_begin(me, struct reading);
    if (!r) {
        done(FAULT_BUSY, 0, 0, false, data);
        return;
    }
    r->message = *message;
    r->socket = reading_socket;
    r->done = done;
    r->data = data;
    conversation_enter(&r->base, conversation, entered);
}
