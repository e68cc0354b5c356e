/* Looking for people of one's own estate by name, page by page. */
#include "chat/inside.h"

struct looking {
    struct use_case base;
    struct store_resident_page *op; /* made at once: it keeps what is looked for until it is its turn */
    chat_residents_done done;
    void *data;
};

static void look_end(struct looking *l, enum fault fault) {
    l->done(fault, fault == FAULT_NONE ? l->op : NULL, l->data);
    store_op_free(&l->op->op);
    use_case_free(&l->base);
}

static void page_done(struct store_op *op) { look_end(op->data, op->fault); }

static void turn(struct use_case *u, enum fault fault) {
    struct looking *l = container_of(u, struct looking, base);
    if (fault == FAULT_NONE)
        store_submit(u->me->estate->chat->store, &l->op->op);
    else
        look_end(l, fault);
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

static struct sio_span trimmed(struct sio_span text) {
    while (text.n > 0 && is_blank(text.p[0])) text = sio_span_skip(text, 1);
    while (text.n > 0 && is_blank(text.p[text.n - 1])) text.n--;
    return text;
}

static enum fault check(const struct chat_user *me, const struct chat_resident_search *in) {
    enum fault fault = chat_check_estate(me, &in->estate);
    if (fault != FAULT_NONE) return fault;
    bool page = in->page > 0 && in->limit > 0 && in->limit <= PAGE_LIMIT_MAX;
    return page && in->name.n <= STORE_SEARCH_BYTES ? FAULT_NONE : FAULT_INVALID_PAYLOAD;
}

void chat_residents(struct chat_user *me, const struct chat_resident_search *in, chat_residents_done done,
                    void *data) {
    enum fault fault = check(me, in);
    struct looking *l = fault == FAULT_NONE ? use_case_begin_read(me, struct looking) : NULL;
    if (!l) {
        done(fault != FAULT_NONE ? fault : FAULT_BUSY, NULL, data);
        return;
    }
    l->op = store_op_new(STORE_RESIDENT_PAGE, me->estate->loop, page_done, l);
    l->op->estate = in->estate;
    l->op->search = arena_span(&l->op->op.arena, trimmed(in->name));
    l->op->page = in->page;
    l->op->limit = in->limit;
    l->done = done;
    l->data = data;
    long_read_need(&l->base, turn);
}
