/* The conversations of an estate that are in use: who is in them, read when needed, the least used forgotten
 * first.
 *
 * A conversation stays while it is pinned (by use cases, typing, receipts) or being read; otherwise it stands
 * in the estate's idle list and may go. Whoever is not in the conversation learns nothing from waiting: it is
 * read for its own participants only. */
#include "chat/inside.h"

static void load_start(struct conversation *c);

/* ---- create ---- */

struct conversation *conversation_cached(const struct chat_estate *estate, const struct uuid *id) {
    return map_get(&estate->conversations, uuid_span(id));
}

static struct conversation *conversation_new(struct chat_estate *estate, const struct uuid *id) {
    struct conversation *c = mem_new(struct conversation);
    c->id = *id;
    c->estate = estate;
    list_init(&c->in_idle);
    participant_set_init(&c->participants, estate->conversations.seed);
    map_put(&estate->conversations, uuid_span(&c->id), c);
    return c;
}

static void conversation_free(struct conversation *c) {
    struct chat_estate *estate = c->estate;
    list_remove(&c->in_idle);
    estate->participant_slots -= c->participants.capacity;
    participant_set_fini(&c->participants);
    free(c->changes);
    free(c);
}

static void conversation_forget(struct conversation *c) {
    map_del(&c->estate->conversations, uuid_span(&c->id));
    conversation_free(c);
}

/* ---- which may go ---- */

static bool cache_is_full(const struct chat_estate *estate) {
    uint64_t max = estate->chat->config.conversation_cache;
    return estate->conversations.count > max || estate->participant_slots > max * CACHED_PARTICIPANTS_EACH;
}

static void settle(struct conversation *c) {
    struct chat_estate *estate = c->estate;
    list_remove(&c->in_idle);
    if (c->pins > 0 || c->loading) return;
    list_insert(&estate->idle_conversations, &c->in_idle);
    while (cache_is_full(estate) && !list_empty(&estate->idle_conversations))
        conversation_forget(container_of(estate->idle_conversations.next, struct conversation, in_idle));
}

void conversation_pin(struct conversation *c) {
    c->pins++;
    list_remove(&c->in_idle);
}

void conversation_unpin(struct conversation *c) {
    must(c->pins > 0);
    c->pins--;
    settle(c);
}

/* ---- participants ---- */

static void set_add(struct conversation *c, const struct uuid *user, bool admin) {
    uint32_t before = c->participants.capacity;
    participant_add(&c->participants, user, admin);
    c->estate->participant_slots += c->participants.capacity - before;
}

static void note(struct conversation *c, const struct uuid *user, bool joined, bool admin) {
    if (c->loading) change_note(&c->changes, &c->change_count, &c->change_capacity, user, joined, admin);
}

void conversation_joined(struct conversation *c, const struct uuid *user, bool admin) {
    note(c, user, true, admin);
    if (c->known) set_add(c, user, admin);
}

void conversation_left(struct conversation *c, const struct uuid *user) {
    note(c, user, false, false);
    if (c->known) participant_remove(&c->participants, user);
}

bool conversation_is_large(const struct conversation *c) {
    return c->participants.count > c->estate->chat->config.large_conversation;
}

static void participants_set(struct conversation *c, const struct conversation_row *row) {
    struct participant_set old = c->participants;
    participant_set_init(&c->participants, c->estate->conversations.seed);
    c->estate->participant_slots -= old.capacity;
    for (size_t i = 0; i < row->participant_count; i++) {
        const struct participant_row *p = &row->participants[i];
        if (p->left_at == 0) set_add(c, &p->user, p->is_admin);
    }
    for (uint32_t i = 0; i < c->change_count; i++) {
        const struct membership_change *change = &c->changes[i];
        if (change->joined)
            set_add(c, &change->id, change->admin);
        else
            participant_remove(&c->participants, &change->id);
    }
    for (uint32_t i = 0; i < old.capacity; i++) {
        struct participant *p =
            old.slots[i].leaving ? participant_get(&c->participants, &old.slots[i].user) : NULL;
        if (p) p->leaving = true;
    }
    participant_set_fini(&old);
}

static void conversation_set(struct conversation *c, const struct conversation_row *row) {
    c->type = row->type;
    c->estate_group = row->estate_group;
    participants_set(c, row);
    c->change_count = 0;
    c->known = true;
    c->stale = false;
}

void conversation_put(struct chat_estate *estate, const struct conversation_row *row) {
    struct conversation *c = conversation_cached(estate, &row->id);
    if (!c) {
        c = conversation_new(estate, &row->id);
        conversation_set(c, row);
    } else {
        for (size_t i = 0; i < row->participant_count; i++) {
            const struct participant_row *p = &row->participants[i];
            if (p->left_at == 0) conversation_joined(c, &p->user, p->is_admin);
        }
    }
    settle(c);
}

/* ---- load ---- */

/* It is not to be had: the known one of a reload stays, to be tried again at its next use. */
static void load_failed(struct conversation *c, enum fault fault) {
    struct use_case_queue waiting = c->waiting;
    c->waiting = (struct use_case_queue){0};
    if (c->known) {
        c->stale = true;
        if (fault == FAULT_CONVERSATION_NOT_FOUND)
            conversation_set(c, &(struct conversation_row){.type = c->type});
        settle(c);
    } else {
        conversation_forget(c);
    }
    use_cases_resume(&waiting, fault);
}

static void load_done(struct store_op *op) {
    struct store_conversation_load *load = container_of(op, struct store_conversation_load, op);
    struct conversation *c = op->data;
    enum fault fault = op->fault;
    if (fault == FAULT_NONE && !uuid_eq(&load->row.estate, &c->estate->id))
        fault = FAULT_CONVERSATION_NOT_FOUND;
    c->loading = false;
    if (c->load_again) {
        load_start(c);
    } else if (fault == FAULT_NONE) {
        conversation_set(c, &load->row);
        conversation_pin(c);
        use_cases_resume(&c->waiting, FAULT_NONE);
        conversation_unpin(c);
    } else {
        load_failed(c, fault);
    }
    store_op_free(op);
}

static void load_start(struct conversation *c) {
    c->loading = true;
    c->load_again = false;
    c->change_count = 0;
    list_remove(&c->in_idle);
    struct store_conversation_load *load =
        store_op_new(STORE_CONVERSATION_LOAD, c->estate->loop, load_done, c);
    load->conversation = c->id;
    store_submit(c->estate->chat->store, &load->op);
}

/* ---- enter ---- */

static void enter_known(struct use_case *u, struct conversation *c) {
    struct participant *p = participant_get(&c->participants, &u->me->id);
    if (!p || p->leaving) {
        u->entered(u, FAULT_CONVERSATION_NOT_FOUND);
        return;
    }
    conversation_pin(c);
    u->conversation = c;
    u->entered(u, FAULT_NONE);
}

static void enter_try(struct use_case *u, enum fault fault) {
    struct chat_estate *estate = u->me->estate;
    struct conversation_list *list = u->me->list;
    struct conversation *c = conversation_cached(estate, &u->wanted);
    if (fault == FAULT_NONE) fault = user_fault(u->me);
    if (fault == FAULT_NONE && !c && list && list->known && !list_has(list, &u->wanted))
        fault = FAULT_CONVERSATION_NOT_FOUND;
    if (fault != FAULT_NONE) {
        u->entered(u, fault);
    } else if (!c && !(list && list->known)) {
        list_need(u, enter_try);
    } else if (c && c->known && !c->stale && !c->loading) {
        enter_known(u, c);
    } else {
        if (!c) c = conversation_new(estate, &u->wanted);
        u->resume = enter_try;
        use_cases_add(&c->waiting, u);
        if (!c->loading) load_start(c);
    }
}

void conversation_enter(struct use_case *u, const struct uuid *id,
                        void (*entered)(struct use_case *u, enum fault fault)) {
    u->wanted = *id;
    u->entered = entered;
    struct conversation_list *list = u->me->list;
    if (u->me->estate->key.alone)
        entered(u, FAULT_CONVERSATION_NOT_FOUND);
    else if (list && !list->known && list->waiting.head)
        list_need(u, enter_try); /* nobody overtakes */
    else
        enter_try(u, FAULT_NONE);
}

/* ---- the end ---- */

void conversations_outdated(struct chat_estate *estate) {
    list_each (&estate->idle_conversations, node)
        conversation_forget(container_of(node, struct conversation, in_idle));
    uint32_t cursor = 0;
    for (struct conversation *c; (c = map_next(&estate->conversations, &cursor));) {
        if (c->loading)
            c->load_again = true;
        else
            c->stale = true;
    }
}

void conversations_free(struct chat_estate *estate) {
    uint32_t cursor = 0;
    for (struct conversation *c; (c = map_next(&estate->conversations, &cursor));) {
        receipts_free(c);
        conversation_free(c);
    }
    map_fini(&estate->conversations);
}
