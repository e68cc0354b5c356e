/* The group of everybody in an estate: made when it is first needed, once, however many ask at the same time.
 */
#include "chat/inside.h"

/* Everybody who waited goes on, a part of them each turn, before anybody who asks later. */
static void go_on(struct chat_estate *estate, enum fault fault) {
    for (struct use_case *u; (u = use_cases_take(&estate->group_waiting));) {
        u->fault = fault;
        use_cases_add(&estate->resuming, u);
    }
    estate_serve_waiting(estate);
}

static void group_made(struct store_op *op) {
    struct store_estate_group *made = container_of(op, struct store_estate_group, op);
    struct chat_estate *estate = op->data; /* a waiting use case keeps it */
    estate->group_pending = false;
    if (op->fault == FAULT_NONE) {
        const struct conversation_row *row = &made->row;
        estate->group = row->id;
        estate->group_settled = true;
        if (estate->group_created) *estate->group_created = made->created;
        conversation_put(estate, row);
        for (size_t i = 0; i < row->participant_count; i++) {
            struct chat_user *user = estate_user(estate, &row->participants[i].user);
            if (user && row->participants[i].left_at == 0) list_joined(user, &row->id);
        }
    }
    estate->group_created = NULL;
    go_on(estate, op->fault);
    store_op_free(op);
}

static void group_make(struct chat_estate *estate, const struct uuid *creator, struct sio_span title,
                       bool *created) {
    struct store_estate_group *make = store_op_new(STORE_ESTATE_GROUP, estate->loop, group_made, estate);
    make->estate = estate->id;
    make->creator = *creator;
    make->title = arena_span(&make->op.arena, title);
    estate->group_pending = true;
    estate->group_created = created;
    store_submit(estate->chat->store, &make->op);
}

void group_need(struct use_case *u, const struct uuid *creator, struct sio_span title,
                void (*resume)(struct use_case *u, enum fault fault), bool *created) {
    struct chat_estate *estate = u->me->estate;
    u->resume = resume;
    if (estate->group_settled && !estate->resuming.head) {
        resume(u, FAULT_NONE);
    } else if (estate->group_settled) {
        u->fault = FAULT_NONE;
        use_cases_add(&estate->resuming, u);
    } else {
        use_cases_add(&estate->group_waiting, u);
        if (!estate->group_pending) group_make(estate, creator, title, created);
    }
}
