/* Reactions to messages: the store knows whether the user may see the message. */
#include "chat/inside.h"

struct reacting {
    struct use_case base;
    chat_reaction_done added;
    chat_done removed;
    void *data;
};

static bool emoji_is_valid(struct span emoji) { return emoji.n > 0 && emoji.n <= EMOJI_MAX_BYTES; }

static void add_done(struct store_op *op) {
    const struct store_reaction_add *add = container_of(op, struct store_reaction_add, op);
    struct reacting *r = op->data;
    r->added(op->fault, op->fault == FAULT_NONE ? &add->row : NULL, r->data);
    use_case_free(&r->base);
    store_op_free(op);
}

void chat_reaction_add(struct chat_user *me, const struct uuid *message, struct span emoji,
                       chat_reaction_done done, void *data) {
    struct reacting *r = emoji_is_valid(emoji) ? use_case_begin(me, struct reacting) : NULL;
    if (!r) {
        done(emoji_is_valid(emoji) ? FAULT_BUSY : FAULT_INVALID_PAYLOAD, NULL, data);
        return;
    }
    r->added = done;
    r->data = data;
    struct store_reaction_add *add = store_op_new(STORE_REACTION_ADD, me->estate->loop, add_done, r);
    add->message = *message;
    add->user = me->id;
    add->emoji = arena_span(&add->op.arena, emoji);
    store_submit(me->estate->chat->store, &add->op);
}

static void remove_done(struct store_op *op) {
    struct reacting *r = op->data;
    r->removed(op->fault, r->data);
    use_case_free(&r->base);
    store_op_free(op);
}

void chat_reaction_remove(struct chat_user *me, const struct uuid *message, struct span emoji, chat_done done,
                          void *data) {
    struct reacting *r = emoji_is_valid(emoji) ? use_case_begin(me, struct reacting) : NULL;
    if (!r) {
        done(emoji_is_valid(emoji) ? FAULT_BUSY : FAULT_INVALID_PAYLOAD, data);
        return;
    }
    r->removed = done;
    r->data = data;
    struct store_reaction_remove *op = store_op_new(STORE_REACTION_REMOVE, me->estate->loop, remove_done, r);
    op->message = *message;
    op->user = me->id;
    op->emoji = arena_span(&op->op.arena, emoji);
    store_submit(me->estate->chat->store, &op->op);
}
