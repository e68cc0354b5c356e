/* A user's socket comes and goes: what it must hear is made ready before it counts as online. */
#include "chat/inside.h"

struct connecting {
    struct use_case base;
    chat_connect_done done;
    void *data;
};

/* One connection more, then the answer, then the world hears of it. */
static void connected(struct connecting *c) {
    struct chat_user *me = c->base.me;
    const struct conversation_list *list = me->list;
    me->connections++;
    me->estate->presence.connections++;
    sio_timer_stop(me->estate->loop, &me->grace);
    c->done(FAULT_NONE, me, list ? list->ids : NULL, list ? list->count : 0, c->data);
    presence_connected(me);
    use_case_free(&c->base);
}

static void refused(struct connecting *c, enum fault fault) {
    c->done(fault, c->base.me, NULL, 0, c->data);
    use_case_free(&c->base);
}

static void grouped(struct use_case *u, enum fault fault) {
    struct connecting *c = container_of(u, struct connecting, base);
    if (fault == FAULT_NONE) fault = user_fault(u->me);
    if (fault == FAULT_NONE)
        connected(c);
    else
        refused(c, fault);
}

/* Whose list lacks the group has left it, or nobody has put him in yet: the store knows. */
static void listed(struct use_case *u, enum fault fault) {
    const struct chat_estate *estate = u->me->estate;
    bool in_group =
        fault == FAULT_NONE && !uuid_is_nil(&estate->group) && list_has(u->me->list, &estate->group);
    if (fault != FAULT_NONE || in_group || u->me->status != USER_ACTIVE)
        grouped(u, fault);
    else
        group_need(u, &(struct uuid){0}, (struct sio_span){0}, grouped, NULL);
}

void chat_connect(struct chat_user *me, chat_connect_done done, void *data) {
    struct connecting *c = use_case_begin(me, struct connecting);
    if (!c) {
        done(FAULT_BUSY, me, NULL, 0, data);
        return;
    }
    c->done = done;
    c->data = data;
    if (me->estate->key.alone)
        grouped(&c->base, FAULT_NONE);
    else
        list_need(&c->base, listed);
}

enum fault chat_check_estate(const struct chat_user *me, const struct uuid *estate) {
    return estate_is(me->estate, estate) ? FAULT_NONE : FAULT_FORBIDDEN;
}
