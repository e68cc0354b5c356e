/* Who is typing where: one state for each user and conversation, which ends by itself. */
#include "chat/inside.h"

struct typing {
    struct list in_user;
    struct chat_user *user;
    struct conversation *conversation; /* pinned */
    struct sio_timer timeout;
    bool forwarded; /* the others were told of the start, so they are told of the end */
};

struct typing_case {
    struct use_case base;
    bool is_typing;
    chat_done done;
    void *data;
};

static struct typing *typing_find(const struct chat_user *user, const struct conversation *c) {
    list_each (&user->typing, node) {
        struct typing *t = container_of(node, struct typing, in_user);
        if (t->conversation == c) return t;
    }
    return NULL;
}

static void tell(const struct typing *t, bool is_typing) {
    const struct chat_out *out = &t->user->estate->chat->out;
    struct chat_person person = chat_me(t->user);
    if (t->forwarded) out->user_typing(out->ctx, &t->conversation->id, &person, is_typing);
}

/* ---- the end of one ---- */

static void end(struct typing *t) {
    struct chat_user *user = t->user;
    tell(t, false);
    sio_timer_stop(user->estate->loop, &t->timeout);
    list_remove(&t->in_user);
    user->typing_count--;
    user->estate->live--;
    conversation_unpin(t->conversation);
    free(t);
    user_free_if_gone(user);
}

static void timeout_fire(struct sio_timer *timer) { end(container_of(timer, struct typing, timeout)); }

void typing_end(struct chat_user *user, const struct conversation *c) {
    struct typing *t = typing_find(user, c);
    if (t) end(t);
}

void typing_end_all(struct chat_user *user) {
    list_each (&user->typing, node) end(container_of(node, struct typing, in_user));
}

void typing_free_all(struct chat_user *user) {
    list_each (&user->typing, node) {
        list_remove(node);
        free(container_of(node, struct typing, in_user));
    }
}

/* ---- the start ---- */

/* In a large conversation only the first few starts of a second are forwarded. */
static bool may_forward(struct conversation *c, uint64_t now_ms) {
    if (!conversation_is_large(c)) return true;
    if (c->typing_starts == 0 || now_ms - c->typing_second_ms >= SECOND_MS) {
        c->typing_second_ms = now_ms;
        c->typing_starts = 0;
    }
    if (c->typing_starts >= TYPING_STARTS_A_SECOND) return false;
    c->typing_starts++;
    return true;
}

static struct typing *typing_new(struct chat_user *user, struct conversation *c) {
    if (user->typing_count >= TYPING_A_USER) end(container_of(user->typing.next, struct typing, in_user));
    struct typing *t = mem_new(struct typing);
    t->user = user;
    t->conversation = c;
    t->forwarded = may_forward(c, estate_now(user->estate));
    conversation_pin(c);
    list_insert(&user->typing, &t->in_user);
    user->typing_count++;
    user->estate->live++;
    return t;
}

static void typing_go_on(struct chat_user *user, struct conversation *c) {
    struct typing *t = typing_find(user, c);
    bool starts = !t;
    if (starts) t = typing_new(user, c);
    sio_timer_start(user->estate->loop, &t->timeout, user->estate->chat->config.typing_timeout_ms,
                    timeout_fire);
    if (starts) tell(t, true);
}

static void entered(struct use_case *u, enum fault fault) {
    struct typing_case *t = container_of(u, struct typing_case, base);
    t->done(fault, t->data);
    if (fault == FAULT_NONE && t->is_typing)
        typing_go_on(u->me, u->conversation);
    else if (fault == FAULT_NONE)
        typing_end(u->me, u->conversation);
    use_case_free(u);
}

void chat_typing(struct chat_user *me, const struct uuid *conversation, bool is_typing, chat_done done,
                 void *data) {
    struct typing_case *t = use_case_begin(me, struct typing_case);
    if (!t) {
        done(FAULT_BUSY, data);
        return;
    }
    t->is_typing = is_typing;
    t->done = done;
    t->data = data;
    conversation_enter(&t->base, conversation, entered);
}
