/* A device says that it has got a message, and all before it: no push is owed for them, and who sent them is told. */
#include "chat/inside.h"

struct delivering {
    struct use_case base;
    struct uuid message;
    chat_done done;
    void *data;
};

/* Not to a sender who has left meanwhile, or moved to another estate. */
static void tell(const struct delivering *d, const struct store_delivered_advance *advance) {
    const struct conversation *c = d->base.conversation;
    const struct uuid *only = uuid_is_nil(&advance->only_sender) ? NULL : &advance->only_sender;
    if (only && (!participant_get(&c->participants, only) || !estate_active_user(c->estate, only))) return;
    const struct chat_out *out = &c->estate->chat->out;
    out->message_delivered(out->ctx, &c->id, &d->message, advance->seq, &d->base.me->id,
                           advance->delivered_at, only);
}

static void advanced(struct store_op *op) {
    const struct store_delivered_advance *advance = container_of(op, struct store_delivered_advance, op);
    struct delivering *d = op->data;
    d->done(op->fault, d->data);
    if (op->fault == FAULT_NONE && advance->moved) tell(d, advance);
    use_case_free(&d->base);
    store_op_free(op);
}

static void entered(struct use_case *u, enum fault fault) {
    struct delivering *d = container_of(u, struct delivering, base);
    if (fault != FAULT_NONE) {
        d->done(fault, d->data);
        use_case_free(u);
        return;
    }
    struct store_delivered_advance *advance =
        store_op_new(STORE_DELIVERED_ADVANCE, u->me->estate->loop, advanced, d);
    advance->conversation = u->wanted;
    advance->user = u->me->id;
    advance->message = d->message;
    advance->keep = !conversation_is_large(u->conversation);
    store_submit(u->me->estate->chat->store, &advance->op);
}

void chat_message_delivered(struct chat_user *me, const struct uuid *conversation, const struct uuid *message,
                            chat_done done, void *data) {
    struct delivering *d = use_case_begin(me, struct delivering);
    if (!d) {
        done(FAULT_BUSY, data);
        return;
    }
    d->message = *message;
    d->done = done;
    d->data = data;
    conversation_enter(&d->base, conversation, entered);
}
