/* A message on its way to the store, its texts copied. */
#include "chat/inside.h"

struct store_message_add *message_add_new(struct use_case *u, const struct message_input *in,
                                          void (*done)(struct store_op *op)) {
    struct store_message_add *add = store_op_new(STORE_MESSAGE_ADD, u->me->estate->loop, done, u);
    add->conversation = in->conversation;
    add->sender = u->me->id;
    add->type = in->type;
    add->content = arena_span(&add->op.arena, in->content);
    add->metadata = arena_span(&add->op.arena, in->metadata);
    add->client_message_id = arena_span(&add->op.arena, in->client_message_id);
    add->reply_to = in->reply_to;
    return add;
}
