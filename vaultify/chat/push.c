/* What the outbox must hear of users who go: nobody is left who could still say that a message has arrived. */
#include "store/push.h"
#include "chat/inside.h"

struct going {
    struct use_case base;
};

/* A store that was too busy has lost nothing: what waits for the user comes due by itself, a little later. */
static void noted(struct store_op *op) {
    const struct store_push_user_gone *gone = container_of(op, struct store_push_user_gone, op);
    struct going *g = op->data;
    const struct chat_config *config = &g->base.me->estate->chat->config;
    if (op->fault != FAULT_NONE)
        sio_log_debug(config->log, "chat: that a user went was not noted for pushes: %s",
                      fault_code(op->fault));
    else if (gone->any)
        config->push_due(config->push_due_data);
    store_op_free(op);
    use_case_free(&g->base);
}

/* At the end of the last connection, not of the grace period: to whoever decides, the user is offline already. */
void push_user_gone(struct chat_user *user, bool lost) {
    struct chat *chat = user->estate->chat;
    if (!chat->config.push_due) return;
    struct going *g = use_case_new_unlimited(user, sizeof *g);
    struct store_push_user_gone *gone = store_op_new(STORE_PUSH_USER_GONE, user->estate->loop, noted, g);
    gone->user = user->id;
    gone->lost = lost;
    store_submit(chat->store, &gone->op);
}
