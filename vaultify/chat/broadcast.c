/* A broadcast to a whole estate: a system message of the estate group, told to the estate's live room. */
#include "chat/inside.h"

struct broadcasting {
    struct use_case base;
    struct store_message_add *add;
    enum broadcast_type type;
    chat_message_done done;
    void *data;
};

static bool role_may(enum role role) {
    return role == ROLE_ADMIN || role == ROLE_SECURITY || role == ROLE_SUPER_ADMIN;
}

static enum fault check(const struct chat_user *me, const struct chat_announce *in) {
    const struct chat_config *config = &me->estate->chat->config;
    const struct uuid *estate = uuid_is_nil(&in->estate) ? &me->estate->id : &in->estate;
    if (!estate_is(me->estate, estate) || !role_may(me->role)) return FAULT_FORBIDDEN;
    if (in->content.n == 0 || in->type >= BROADCAST_COUNT_) return FAULT_INVALID_PAYLOAD;
    if (in->content.n > config->content_max_bytes ||
        in->metadata.n > (size_t)config->metadata_max_bytes + CHAT_BROADCAST_TYPE_BYTES)
        return FAULT_CONTENT_TOO_LARGE;
    return FAULT_NONE;
}

static void fail(struct broadcasting *b, enum fault fault) {
    b->done(fault, NULL, false, b->data);
    use_case_free(&b->base);
}

static void stored(struct store_op *op) {
    struct broadcasting *b = op->data;
    struct chat_estate *estate = b->base.me->estate;
    const struct chat_out *out = &estate->chat->out;
    if (op->fault != FAULT_NONE) {
        fail(b, op->fault);
    } else {
        struct chat_person from = chat_me(b->base.me);
        b->done(FAULT_NONE, &b->add->row, false, b->data);
        out->estate_broadcast(out->ctx, &estate->id, &b->add->row, b->type, &from);
        use_case_free(&b->base);
    }
    store_op_free(op);
}

static void grouped(struct use_case *u, enum fault fault) {
    struct broadcasting *b = container_of(u, struct broadcasting, base);
    struct chat_estate *estate = u->me->estate;
    if (fault == FAULT_NONE) fault = user_fault(u->me);
    if (fault != FAULT_NONE) {
        store_op_free(&b->add->op);
        fail(b, fault);
        return;
    }
    struct conversation *group = conversation_cached(estate, &estate->group);
    if (group) typing_end(u->me, group);
    b->add->conversation = estate->group;
    store_submit(estate->chat->store, &b->add->op);
}

void chat_broadcast(struct chat_user *me, const struct chat_announce *in, chat_message_done done,
                    void *data) {
    enum fault fault = check(me, in);
    struct broadcasting *b = fault == FAULT_NONE ? use_case_begin(me, struct broadcasting) : NULL;
    if (!b) {
        done(fault != FAULT_NONE ? fault : FAULT_BUSY, NULL, false, data);
        return;
    }
    b->type = in->type;
    b->done = done;
    b->data = data;
    const struct message_input message = {
        .type = MESSAGE_SYSTEM, .content = in->content, .metadata = in->metadata};
    b->add = message_add_new(&b->base, &message, stored);
    b->add->emergency = in->type == BROADCAST_EMERGENCY;
    group_need(&b->base, &(struct uuid){0}, (struct sio_span){0}, grouped, NULL);
}
