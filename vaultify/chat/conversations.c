/* Conversations for REST: made, shown one by one, listed. */
#include "chat/inside.h"

/* ---- one with its details ---- */

struct showing {
    struct use_case base;
    bool created;
    uint32_t participants; /* at most; 0: all */
    chat_conversation_done done;
    void *data;
};

static void show_end(struct showing *s, enum fault fault, const struct conversation_row *row) {
    s->done(fault, fault == FAULT_NONE ? row : NULL, s->created, s->data);
    use_case_free(&s->base);
}

/* The row without those who have left; the same row when nobody has. */
static struct conversation_row present_only(struct arena *arena, const struct conversation_row *row) {
    struct conversation_row present = *row;
    struct participant_row *kept = arena_array(arena, struct participant_row, row->participant_count + 1);
    size_t n = 0;
    for (size_t i = 0; i < row->participant_count; i++)
        if (row->participants[i].left_at == 0) kept[n++] = row->participants[i];
    present.participants = kept;
    present.participant_count = n;
    return present;
}

static void show_loaded(struct store_op *op) {
    struct store_conversation_load *load = container_of(op, struct store_conversation_load, op);
    struct showing *s = op->data;
    struct conversation_row row = {0};
    enum fault fault = op->fault;
    if (fault == FAULT_NONE && !estate_is(s->base.me->estate, &load->row.estate))
        fault = FAULT_CONVERSATION_NOT_FOUND;
    if (fault == FAULT_NONE) row = present_only(&op->arena, &load->row);
    show_end(s, fault, &row);
    store_op_free(op);
}

static void show_load(struct showing *s, const struct uuid *conversation) {
    struct chat_user *me = s->base.me;
    struct store_conversation_load *load =
        store_op_new(STORE_CONVERSATION_LOAD, me->estate->loop, show_loaded, s);
    load->conversation = *conversation;
    load->with_details = true;
    load->user = me->id;
    load->participant_limit = s->participants;
    store_submit(me->estate->chat->store, &load->op);
}

/* `s` as it was made; NULL: there is too much under way. */
static struct showing *show_begin(struct showing *s, chat_conversation_done done, void *data) {
    if (!s) {
        done(FAULT_BUSY, NULL, false, data);
        return NULL;
    }
    s->done = done;
    s->data = data;
    return s;
}

static void wanted_turn(struct use_case *u, enum fault fault) {
    struct showing *s = container_of(u, struct showing, base);
    if (fault == FAULT_NONE)
        show_load(s, &u->wanted);
    else
        show_end(s, fault, NULL);
}

static void get_turn(struct use_case *u, enum fault fault) {
    if (fault == FAULT_NONE)
        conversation_enter(u, &u->wanted, wanted_turn);
    else
        wanted_turn(u, fault);
}

void chat_conversation_get(struct chat_user *me, const struct uuid *conversation, uint32_t participants,
                           chat_conversation_done done, void *data) {
    struct showing *s = show_begin(use_case_begin_read(me, struct showing), done, data);
    if (!s) return;
    s->base.wanted = *conversation;
    s->participants = participants;
    long_read_need(&s->base, get_turn);
}

/* ---- the estate group ---- */

static void group_turn(struct use_case *u, enum fault fault) {
    struct showing *s = container_of(u, struct showing, base);
    if (fault == FAULT_NONE)
        show_load(s, &u->me->estate->group);
    else
        show_end(s, fault, NULL);
}

static void group_ready(struct use_case *u, enum fault fault) {
    if (fault == FAULT_NONE)
        long_read_need(u, group_turn);
    else
        group_turn(u, fault);
}

void chat_estate_group(struct chat_user *me, const struct uuid *estate, struct sio_span title,
                       uint32_t participants, chat_conversation_done done, void *data) {
    enum fault fault = chat_check_estate(me, estate);
    if (fault == FAULT_NONE && title.n > TITLE_MAX_BYTES) fault = FAULT_INVALID_PAYLOAD;
    if (fault != FAULT_NONE) {
        done(fault, NULL, false, data);
        return;
    }
    struct showing *s = show_begin(use_case_begin_read(me, struct showing), done, data);
    if (!s) return;
    s->participants = participants;
    group_need(&s->base, &me->id, title, group_ready, &s->created);
}

/* ---- create ---- */

/* A new one is empty; of one that was there already, what was said in it and what is unread are to be read. */
static void create_done(struct store_op *op) {
    struct store_conversation_create *create = container_of(op, struct store_conversation_create, op);
    struct showing *s = op->data;
    struct chat_estate *estate = s->base.me->estate;
    struct conversation_row row = {0};
    enum fault fault = op->fault;
    if (fault == FAULT_NONE) {
        row = present_only(&op->arena, &create->row);
        s->created = create->created;
        conversation_put(estate, &row);
        for (size_t i = 0; i < row.participant_count; i++) {
            struct chat_user *user = estate_user(estate, &row.participants[i].user);
            if (user) list_joined(user, &row.id);
        }
    }
    if (fault == FAULT_NONE && !s->created) {
        s->base.wanted = row.id;
        long_read_need(&s->base, wanted_turn);
    } else {
        show_end(s, fault, &row);
    }
    store_op_free(op);
}

/* The others, each once, and `me`; FAULT_USER_NOT_FOUND unless all are active users of the estate. */
static enum fault participants_collect(struct chat_user *me, const struct chat_new_conversation *in,
                                       struct uuid *users, size_t *count) {
    struct chat_estate *estate = me->estate;
    uint32_t mark = ++estate->mark_number;
    me->mark = mark;
    users[0] = me->id;
    size_t n = 1;
    for (size_t i = 0; i < in->user_count; i++) {
        struct chat_user *user = estate_active_user(estate, &in->users[i]);
        if (!user) return FAULT_USER_NOT_FOUND;
        if (user->mark == mark) continue;
        user->mark = mark;
        users[n++] = user->id;
    }
    *count = n;
    return in->type == CONVERSATION_DIRECT && n != 2 ? FAULT_DIRECT_NEEDS_ONE : FAULT_NONE;
}

static enum fault create_check(const struct chat_user *me, const struct chat_new_conversation *in) {
    const struct uuid *estate = uuid_is_nil(&in->estate) ? &me->estate->id : &in->estate;
    if (!estate_is(me->estate, estate)) return FAULT_FORBIDDEN;
    if (in->type >= CONVERSATION_COUNT_ || in->title.n > TITLE_MAX_BYTES) return FAULT_INVALID_PAYLOAD;
    return FAULT_NONE;
}

void chat_conversation_create(struct chat_user *me, const struct chat_new_conversation *in,
                              chat_conversation_done done, void *data) {
    enum fault fault = create_check(me, in);
    if (fault != FAULT_NONE) {
        done(fault, NULL, false, data);
        return;
    }
    struct showing *s = show_begin(use_case_begin(me, struct showing), done, data);
    if (!s) return;
    struct store_conversation_create *create =
        store_op_new(STORE_CONVERSATION_CREATE, me->estate->loop, create_done, s);
    struct uuid *users = arena_array(&create->op.arena, struct uuid, in->user_count + 1);
    fault = participants_collect(me, in, users, &create->user_count);
    if (fault != FAULT_NONE) {
        store_op_free(&create->op);
        show_end(s, fault, NULL);
        return;
    }
    create->estate = me->estate->id;
    create->creator = me->id;
    create->type = in->type;
    create->title = arena_span(&create->op.arena, in->title);
    create->users = users;
    store_submit(me->estate->chat->store, &create->op);
}

/* ---- list ---- */

struct listing {
    struct use_case base;
    struct chat_listing in;
    chat_conversations_done done;
    void *data;
};

static void list_done(struct store_op *op) {
    struct listing *l = op->data;
    l->done(op->fault, op->fault == FAULT_NONE ? container_of(op, struct store_conversation_page, op) : NULL,
            l->data);
    use_case_free(&l->base);
    store_op_free(op);
}

static void list_turn(struct use_case *u, enum fault fault) {
    struct listing *l = container_of(u, struct listing, base);
    if (fault != FAULT_NONE) {
        l->done(fault, NULL, l->data);
        use_case_free(u);
        return;
    }
    struct store_conversation_page *op =
        store_op_new(STORE_CONVERSATION_PAGE, u->me->estate->loop, list_done, l);
    op->user = u->me->id;
    op->estate = u->me->estate->id;
    op->unread_only = l->in.unread_only;
    op->page = l->in.page;
    op->limit = l->in.limit;
    op->participant_limit = LISTED_PARTICIPANTS;
    store_submit(u->me->estate->chat->store, &op->op);
}

static enum fault list_check(const struct chat_user *me, const struct chat_listing *in) {
    if (!uuid_is_nil(&in->estate) && !estate_is(me->estate, &in->estate)) return FAULT_FORBIDDEN;
    return in->page == 0 || in->limit == 0 || in->limit > PAGE_LIMIT_MAX ? FAULT_INVALID_PAYLOAD : FAULT_NONE;
}

/* What a user has in an estate that he moved away from is not shown any more, so it is always his present
 * estate that is asked for; without one there is nothing. */
void chat_conversation_list(struct chat_user *me, const struct chat_listing *in, chat_conversations_done done,
                            void *data) {
    enum fault fault = list_check(me, in);
    const struct store_conversation_page nothing = {.user = me->id, .page = in->page, .limit = in->limit};
    if (fault != FAULT_NONE || me->estate->key.alone) {
        done(fault, fault == FAULT_NONE ? &nothing : NULL, data);
        return;
    }
    struct listing *l = use_case_begin_read(me, struct listing);
    if (!l) {
        done(FAULT_BUSY, NULL, data);
        return;
    }
    l->in = *in;
    l->done = done;
    l->data = data;
    long_read_need(&l->base, list_turn);
}
