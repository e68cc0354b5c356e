/* Leaving a conversation, and bringing somebody into one. */
#include "chat/inside.h"

/* ---- leave ---- */

struct leaving {
    struct use_case base;
    chat_done done;
    void *data;
};

static void leave_end(struct leaving *l, enum fault fault) {
    l->done(fault, l->data);
    use_case_free(&l->base);
}

static void left(struct store_op *op) {
    struct leaving *l = op->data;
    struct chat_user *me = l->base.me;
    struct conversation *c = l->base.conversation;
    if (op->fault != FAULT_NONE) {
        struct participant *p = participant_get(&c->participants, &me->id);
        if (p) p->leaving = false;
        leave_end(l, op->fault);
    } else {
        conversation_left(c, &me->id);
        l->done(FAULT_NONE, l->data);
        typing_end(me, c);
        list_left(me, &c->id);
        use_case_free(&l->base);
    }
    store_op_free(op);
}

/* Marked at once, so that nothing more of the user's is let in behind this. */
static void leave_entered(struct use_case *u, enum fault fault) {
    struct leaving *l = container_of(u, struct leaving, base);
    if (fault == FAULT_NONE && u->conversation->estate_group) fault = FAULT_FORBIDDEN;
    if (fault != FAULT_NONE) {
        leave_end(l, fault);
        return;
    }
    participant_get(&u->conversation->participants, &u->me->id)->leaving = true;
    struct store_participant_leave *op = store_op_new(STORE_PARTICIPANT_LEAVE, u->me->estate->loop, left, l);
    op->conversation = u->wanted;
    op->user = u->me->id;
    store_submit(u->me->estate->chat->store, &op->op);
}

void chat_leave(struct chat_user *me, const struct uuid *conversation, chat_done done, void *data) {
    struct leaving *l = use_case_begin(me, struct leaving);
    if (!l) {
        done(FAULT_BUSY, data);
        return;
    }
    l->done = done;
    l->data = data;
    conversation_enter(&l->base, conversation, leave_entered);
}

/* ---- bring in ---- */

struct adding {
    struct use_case base;
    struct uuid user;
    chat_participant_done done;
    void *data;
};

static void add_end(struct adding *a, enum fault fault, const struct participant_row *row) {
    a->done(fault, fault == FAULT_NONE ? row : NULL, a->data);
    use_case_free(&a->base);
}

static void added(struct store_op *op) {
    const struct store_participant_add *add = container_of(op, struct store_participant_add, op);
    struct adding *a = op->data;
    struct chat_user *user = estate_user(a->base.me->estate, &a->user);
    if (op->fault == FAULT_NONE) {
        conversation_joined(a->base.conversation, &a->user, add->row.is_admin);
        if (user) list_joined(user, &a->base.conversation->id);
    }
    add_end(a, op->fault, &add->row);
    store_op_free(op);
}

/* In the estate group whoever is an Admin today; elsewhere who was made the conversation's admin. */
static bool may_add(const struct chat_user *me, const struct conversation *c) {
    if (c->estate_group) return me->role == ROLE_ADMIN || me->role == ROLE_SUPER_ADMIN;
    return participant_get(&c->participants, &me->id)->admin;
}

static enum fault add_check(const struct adding *a) {
    const struct conversation *c = a->base.conversation;
    if (c->type != CONVERSATION_GROUP || !may_add(a->base.me, c)) return FAULT_FORBIDDEN;
    return estate_active_user(a->base.me->estate, &a->user) ? FAULT_NONE : FAULT_USER_NOT_FOUND;
}

static void add_entered(struct use_case *u, enum fault fault) {
    struct adding *a = container_of(u, struct adding, base);
    if (fault == FAULT_NONE) fault = add_check(a);
    if (fault != FAULT_NONE) {
        add_end(a, fault, NULL);
        return;
    }
    struct store_participant_add *op = store_op_new(STORE_PARTICIPANT_ADD, u->me->estate->loop, added, a);
    op->conversation = u->wanted;
    op->user = a->user;
    store_submit(u->me->estate->chat->store, &op->op);
}

void chat_participant_add(struct chat_user *me, const struct uuid *conversation, const struct uuid *user,
                          chat_participant_done done, void *data) {
    struct adding *a = use_case_begin(me, struct adding);
    if (!a) {
        done(FAULT_BUSY, NULL, data);
        return;
    }
    a->user = *user;
    a->done = done;
    a->data = data;
    conversation_enter(&a->base, conversation, add_entered);
}
