/* Reactions to messages: the store knows whether the user may see the message. */
#include "chat/inside.h"

struct reacting {
    struct use_case base;
    chat_reaction_done added;
    chat_done removed;
    void *data;
};

static bool emoji_has_size(struct sio_span emoji) { return emoji.n > 0 && emoji.n <= EMOJI_MAX_BYTES; }

/* Blanks and control characters of Unicode, as UTF-8. What joins and varies emoji (U+200D, U+FE0F) is none. */
static const struct sio_span not_in_emoji[] = {
    SIO_SPAN("\x7f"),         SIO_SPAN("\xc2\xa0"),     SIO_SPAN("\xe1\x9a\x80"), SIO_SPAN("\xe2\x80\x80"),
    SIO_SPAN("\xe2\x80\x81"), SIO_SPAN("\xe2\x80\x82"), SIO_SPAN("\xe2\x80\x83"), SIO_SPAN("\xe2\x80\x84"),
    SIO_SPAN("\xe2\x80\x85"), SIO_SPAN("\xe2\x80\x86"), SIO_SPAN("\xe2\x80\x87"), SIO_SPAN("\xe2\x80\x88"),
    SIO_SPAN("\xe2\x80\x89"), SIO_SPAN("\xe2\x80\x8a"), SIO_SPAN("\xe2\x80\xa8"), SIO_SPAN("\xe2\x80\xa9"),
    SIO_SPAN("\xe2\x80\xaf"), SIO_SPAN("\xe2\x81\x9f"), SIO_SPAN("\xe3\x80\x80"), SIO_SPAN("\xef\xbb\xbf"),
};

/* U+0000 to U+0020, U+0080 to U+009F, and those of the table. */
static bool begins_blank(struct sio_span text) {
    unsigned char c = (unsigned char)text.p[0];
    if (c <= ' ') return true;
    if (c == 0xc2 && text.n > 1 && (unsigned char)text.p[1] < 0xa0) return true;
    for (size_t i = 0; i < sizeof not_in_emoji / sizeof not_in_emoji[0]; i++)
        if (sio_span_starts(text, not_in_emoji[i])) return true;
    return false;
}

static enum fault emoji_check(struct sio_span emoji) {
    if (!emoji_has_size(emoji)) return FAULT_INVALID_PAYLOAD;
    for (size_t i = 0; i < emoji.n; i++)
        if (begins_blank(sio_span_of(emoji.p + i, emoji.n - i))) return FAULT_EMOJI_INVALID;
    return FAULT_NONE;
}

static void add_done(struct store_op *op) {
    const struct store_reaction_add *add = container_of(op, struct store_reaction_add, op);
    struct reacting *r = op->data;
    r->added(op->fault, op->fault == FAULT_NONE ? &add->row : NULL, r->data);
    use_case_free(&r->base);
    store_op_free(op);
}

void chat_reaction_add(struct chat_user *me, const struct uuid *message, struct sio_span emoji,
                       chat_reaction_done done, void *data) {
    enum fault fault = emoji_check(emoji);
    struct reacting *r = fault == FAULT_NONE ? use_case_begin(me, struct reacting) : NULL;
    if (!r) {
        done(fault != FAULT_NONE ? fault : FAULT_BUSY, NULL, data);
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

void chat_reaction_remove(struct chat_user *me, const struct uuid *message, struct sio_span emoji,
                          chat_done done, void *data) {
    struct reacting *r = emoji_has_size(emoji) ? use_case_begin(me, struct reacting) : NULL;
    if (!r) {
        done(emoji_has_size(emoji) ? FAULT_BUSY : FAULT_INVALID_PAYLOAD, data);
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
