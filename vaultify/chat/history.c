/* Reading the messages of a conversation, page by page. */
#include "chat/inside.h"

struct browsing {
    struct use_case base;
    struct chat_history in;
    chat_messages_done done;
    void *data;
};

static void end(struct browsing *b, enum fault fault, const struct store_message_page *page) {
    b->done(fault, fault == FAULT_NONE ? page : NULL, b->data);
    use_case_free(&b->base);
}

static void page_done(struct store_op *op) {
    end(op->data, op->fault, container_of(op, struct store_message_page, op));
    store_op_free(op);
}

static void entered(struct use_case *u, enum fault fault) {
    struct browsing *b = container_of(u, struct browsing, base);
    if (fault != FAULT_NONE) {
        end(b, fault, NULL);
        return;
    }
    struct store_message_page *op = store_op_new(STORE_MESSAGE_PAGE, u->me->estate->loop, page_done, b);
    op->conversation = b->in.conversation;
    op->by = b->in.by;
    op->page = b->in.page;
    op->limit = b->in.limit;
    op->after_seq = b->in.after_seq;
    op->before_seq = b->in.before_seq;
    store_submit(u->me->estate->chat->store, &op->op);
}

/* What the user may see is looked at when his turn has come. */
static void turn(struct use_case *u, enum fault fault) {
    struct browsing *b = container_of(u, struct browsing, base);
    if (fault == FAULT_NONE)
        conversation_enter(u, &b->in.conversation, entered);
    else
        end(b, fault, NULL);
}

static enum fault check(const struct chat_history *in) {
    bool page = in->by != STORE_BY_PAGE || in->page > 0;
    return page && in->limit > 0 && in->limit <= PAGE_LIMIT_MAX ? FAULT_NONE : FAULT_INVALID_PAYLOAD;
}

void chat_message_list(struct chat_user *me, const struct chat_history *in, chat_messages_done done,
                       void *data) {
    enum fault fault = check(in);
    struct browsing *b = fault == FAULT_NONE ? use_case_begin_read(me, struct browsing) : NULL;
    if (!b) {
        done(fault != FAULT_NONE ? fault : FAULT_BUSY, NULL, data);
        return;
    }
    b->in = *in;
    b->done = done;
    b->data = data;
    long_read_need(&b->base, turn);
}
