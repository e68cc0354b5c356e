/* Which conversations a user is in: read at the first need, kept current by what happens here, also while it
 * is being read. */
#include "chat/inside.h"

static void load_start(struct chat_user *user);

/* ---- a sorted array of ids ---- */

/* Where the id is, or belongs. */
static uint32_t position(const struct conversation_list *list, const struct uuid *id) {
    uint32_t low = 0, high = list->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (uuid_compare(&list->ids[middle], id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool list_has(const struct conversation_list *list, const struct uuid *conversation) {
    uint32_t at = position(list, conversation);
    return at < list->count && uuid_eq(&list->ids[at], conversation);
}

/* False: it was there. */
static bool ids_add(struct conversation_list *list, const struct uuid *id) {
    if (list_has(list, id)) return false;
    if (list->count == list->capacity) {
        list->capacity = list->capacity ? list->capacity * 2 : 4;
        list->ids = mem_realloc(list->ids, list->capacity * sizeof(*list->ids));
    }
    uint32_t at = position(list, id);
    memmove(&list->ids[at + 1], &list->ids[at], (list->count - at) * sizeof(*list->ids));
    list->ids[at] = *id;
    list->count++;
    return true;
}

/* False: it was not there. */
static bool ids_remove(struct conversation_list *list, const struct uuid *id) {
    if (!list_has(list, id)) return false;
    uint32_t at = position(list, id);
    list->count--;
    memmove(&list->ids[at], &list->ids[at + 1], (list->count - at) * sizeof(*list->ids));
    return true;
}

static int ids_order(const void *a, const void *b) { return uuid_compare(a, b); }

static void ids_set(struct conversation_list *list, const struct uuid *ids, size_t count) {
    list->ids = count ? mem_dup(ids, count * sizeof(*ids)) : NULL;
    list->count = list->capacity = (uint32_t)count;
    if (count > 1) qsort(list->ids, count, sizeof(*ids), ids_order);
}

/* ---- telling ---- */

static void tell_joined(const struct chat_user *user, const struct uuid *conversation) {
    const struct chat_out *out = &user->estate->chat->out;
    if (user->connections > 0) out->user_joined(out->ctx, &user->id, conversation);
}

static void tell_left(const struct chat_user *user, const struct uuid *conversation) {
    const struct chat_out *out = &user->estate->chat->out;
    if (user->connections > 0) out->user_left(out->ctx, &user->id, conversation);
}

static void tell_difference(const struct chat_user *user, const struct conversation_list *old,
                            const struct conversation_list *now) {
    for (uint32_t i = 0; i < now->count; i++)
        if (!list_has(old, &now->ids[i])) tell_joined(user, &now->ids[i]);
    for (uint32_t i = 0; i < old->count; i++)
        if (!list_has(now, &old->ids[i])) tell_left(user, &old->ids[i]);
}

/* ---- load ---- */

static struct conversation_list *list_of(struct chat_user *user) {
    if (!user->list) user->list = mem_new(struct conversation_list);
    return user->list;
}

static void list_replace(struct chat_user *user, const struct store_user_conversations *load) {
    struct conversation_list *list = user->list, old = *list;
    ids_set(list, load->conversations, load->count);
    for (uint32_t i = 0; i < list->change_count; i++) {
        const struct membership_change *change = &list->changes[i];
        if (change->joined)
            ids_add(list, &change->id);
        else
            ids_remove(list, &change->id);
    }
    list->change_count = 0;
    list->known = true;
    if (old.known) tell_difference(user, &old, list);
    free(old.ids);
}

static void load_done(struct store_op *op) {
    struct store_user_conversations *load = container_of(op, struct store_user_conversations, op);
    struct chat_user *user = op->data; /* a waiting use case keeps it */
    struct conversation_list *list = user->list;
    enum fault fault = op->fault;
    list->loading = false;
    if (list->load_again) {
        load_start(user);
    } else {
        if (fault == FAULT_NONE) list_replace(user, load);
        use_cases_resume(&list->waiting, fault);
    }
    store_op_free(op);
}

static void load_start(struct chat_user *user) {
    struct conversation_list *list = user->list;
    list->loading = true;
    list->load_again = false;
    list->change_count = 0;
    struct store_user_conversations *load =
        store_op_new(STORE_USER_CONVERSATIONS, user->estate->loop, load_done, user);
    load->user = user->id;
    store_submit(user->estate->chat->store, &load->op);
}

void list_need(struct use_case *u, void (*resume)(struct use_case *u, enum fault fault)) {
    struct conversation_list *list = list_of(u->me);
    u->resume = resume;
    if (list->known) {
        resume(u, FAULT_NONE);
        return;
    }
    use_cases_add(&list->waiting, u);
    if (!list->loading) load_start(u->me);
}

void list_refresh(struct use_case *u, void (*resume)(struct use_case *u, enum fault fault)) {
    struct conversation_list *list = list_of(u->me);
    u->resume = resume;
    use_cases_add(&list->waiting, u);
    if (list->loading)
        list->load_again = true;
    else
        load_start(u->me);
}

/* ---- change ---- */

static void note(struct conversation_list *list, const struct uuid *conversation, bool joined) {
    if (list->loading)
        change_note(&list->changes, &list->change_count, &list->change_capacity, conversation, joined, false);
}

void list_joined(struct chat_user *user, const struct uuid *conversation) {
    struct conversation_list *list = user->list;
    if (!list) return;
    note(list, conversation, true);
    if (list->known && ids_add(list, conversation)) tell_joined(user, conversation);
}

void list_left(struct chat_user *user, const struct uuid *conversation) {
    struct conversation_list *list = user->list;
    if (!list) return;
    note(list, conversation, false);
    if (list->known && ids_remove(list, conversation)) tell_left(user, conversation);
}

/* ---- the end ---- */

void list_drop(struct chat_user *user) {
    if (user->list && user->in_flight == 0 && user->connections == 0) list_free(user);
}

void list_free(struct chat_user *user) {
    if (!user->list) return;
    free(user->list->ids);
    free(user->list->changes);
    free(user->list);
    user->list = NULL;
}
