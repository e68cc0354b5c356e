/* A device says that it has got a message: no push is owed for it, nor for what came before it. */
#include "chat/inside.h"
#include "store/push.h"

struct delivering {
    struct use_case base;
    struct uuid message;
    chat_done done;
    void *data;
};

static void end(struct delivering *d, enum fault fault) {
    d->done(fault, d->data);
    use_case_free(&d->base);
}

static void noted(struct store_op *op) {
    end(op->data, op->fault);
    store_op_free(op);
}

static void entered(struct use_case *u, enum fault fault) {
    struct delivering *d = container_of(u, struct delivering, base);
    if (fault != FAULT_NONE) {
        end(d, fault);
        return;
    }
    struct store_push_delivered *delivered =
        store_op_new(STORE_PUSH_DELIVERED, u->me->estate->loop, noted, d);
    delivered->conversation = u->wanted;
    delivered->user = u->me->id;
    delivered->message = d->message;
    store_submit(u->me->estate->chat->store, &delivered->op);
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
