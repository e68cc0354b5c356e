/* Sending a message: checked, stored, answered, told, in this order. */
#include "chat/inside.h"

struct sending {
    struct use_case base;
    struct store_message_add *add;
    chat_message_done done;
    void *data;
};

static enum fault check(const struct chat_config *config, const struct chat_send *in) {
    if (in->content.n > config->content_max_bytes || in->metadata.n > config->metadata_max_bytes)
        return FAULT_CONTENT_TOO_LARGE;
    if (in->type == MESSAGE_SYSTEM) return FAULT_TYPE_SYSTEM;
    if (in->type >= MESSAGE_COUNT_) return FAULT_INVALID_PAYLOAD;
    if (in->client_message_id.n > CLIENT_ID_MAX_BYTES) return FAULT_INVALID_PAYLOAD;
    if (in->content.n > 0) return FAULT_NONE;
    if (in->type == MESSAGE_TEXT) return FAULT_TEXT_EMPTY;
    return in->metadata.n > 0 ? FAULT_NONE : FAULT_MESSAGE_EMPTY;
}

static void fail(struct sending *s, enum fault fault) {
    s->done(fault, NULL, false, s->data);
    use_case_free(&s->base);
}

/* Results come back in commit order, so the messages of a conversation are told in the order of their seq. */
static void stored(struct store_op *op) {
    struct sending *s = op->data;
    const struct store_message_add *add = s->add;
    const struct chat_out *out = &s->base.me->estate->chat->out;
    if (op->fault != FAULT_NONE) {
        fail(s, op->fault);
    } else {
        s->done(FAULT_NONE, &add->row, add->duplicate, s->data);
        if (!add->duplicate) out->new_message(out->ctx, &add->row);
        use_case_free(&s->base);
    }
    store_op_free(op);
}

static void entered(struct use_case *u, enum fault fault) {
    struct sending *s = container_of(u, struct sending, base);
    if (fault != FAULT_NONE) {
        store_op_free(&s->add->op);
        fail(s, fault);
        return;
    }
    typing_end(u->me, u->conversation);
    store_submit(u->me->estate->chat->store, &s->add->op);
}

void chat_send_message(struct chat_user *me, const struct chat_send *in, chat_message_done done, void *data) {
    enum fault fault = check(&me->estate->chat->config, in);
    struct sending *s = fault == FAULT_NONE ? use_case_begin(me, struct sending) : NULL;
    if (!s) {
        done(fault != FAULT_NONE ? fault : FAULT_BUSY, NULL, false, data);
        return;
    }
    s->done = done;
    s->data = data;
    const struct message_input message = {
        .conversation = in->conversation,
        .type = in->type,
        .content = in->content,
        .metadata = in->metadata,
        .client_message_id = in->client_message_id,
        .reply_to = in->reply_to,
    };
    s->add = message_add_new(&s->base, &message, stored);
    conversation_enter(&s->base, &in->conversation, entered);
}
