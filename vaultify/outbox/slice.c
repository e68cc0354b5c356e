/* A slice: some candidates, from the store's question to the commit of what was decided about them. One of each
 * source is under way at a time; 50,000 residents of a broadcast are fifty of them, between which all else goes on. */
#include "base/mem.h"
#include "outbox/decide.h"
#include "outbox/inside.h"

/* Messages that come one by one are looked at together: each look, and what follows from it, is commits between theirs. */
enum { GATHER_MS = 50 };

void slice_init(struct slice *s, struct outbox *outbox, enum slice_source source) {
    *s = (struct slice){.outbox = outbox, .source = source, .wanted = true};
}

/* What it waits for stays. */
static void slice_end(struct slice *s) {
    store_op_free(s->op);
    *s = (struct slice){.outbox = s->outbox,
                        .source = s->source,
                        .wanted = s->wanted,
                        .due_at = s->due_at,
                        .not_before_ms = s->not_before_ms};
}

void slice_fini(struct slice *s) { store_op_free(s->op); }

/* ---- writing what was decided ---- */

/* Watches: those that are due may be more than were read. Fan-outs: until none is left. */
static bool may_be_more(const struct slice *s) {
    return s->source == SLICE_FANOUTS ? s->mark_count > 0 : s->count == STORE_PUSH_BATCH_MAX;
}

static void decided(struct outbox *outbox, struct store_op *op, void *data) {
    struct slice *s = data;
    const struct store_push_decide *decide = (const void *)op;
    for (unsigned i = 0; i < PUSH_SERVICE_COUNT_; i++)
        if (decide->services >> i & 1) outbox->couriers[i].wanted = true;
    s->wanted |= may_be_more(s);
    if (s->count == STORE_PUSH_BATCH_MAX) s->not_before_ms = 0; /* a broadcast: on with it */
    store_op_free(op);
    slice_end(s);
}

static bool is_quiet(struct outbox *outbox, const struct preferences_row *p) {
    if (p->quiet_from < 0 || p->quiet_to < 0) return false;
    unsigned minute = time_zone_minute(outbox->zones, p->time_zone, outbox->wall_ms);
    return quiet_hours_cover(p->quiet_from, p->quiet_to, minute);
}

static struct push_decided decide_one(struct outbox *outbox, const struct push_candidate *c,
                                      enum chat_reach reach) {
    const struct push_case facts = {.reach = reach,
                                    .wait = c->wait,
                                    .active = c->active,
                                    .muted = c->muted,
                                    .notifications_enabled = c->notifications_enabled,
                                    .quiet_now = is_quiet(outbox, &c->preferences),
                                    .emergency = c->emergency};
    struct push_decided d = {.user_key = c->user_key,
                             .conversation_key = c->conversation_key,
                             .seq = c->seq,
                             .emergency = c->emergency,
                             .decision = push_decide(&facts)};
    if (d.decision == PUSH_WAIT_ACK) d.due_at = outbox->wall_ms + outbox->config.unacked_after_ms;
    if (d.decision == PUSH_WAIT_PING) d.due_at = outbox->wall_ms + outbox->config.ping_window_ms;
    return d;
}

static void decide_all(struct slice *s) {
    struct outbox *outbox = s->outbox;
    struct store_push_decide *op = store_op_new(STORE_PUSH_DECIDE, NULL, NULL, NULL);
    struct push_decided *all = arena_array(&op->op.arena, struct push_decided, s->count);
    for (size_t i = 0; i < s->count; i++) {
        all[i] = decide_one(outbox, &s->candidates[i], s->reach[i]);
        outbox->watches.due_at = earlier(outbox->watches.due_at, all[i].due_at);
    }
    op->decided = all;
    op->decided_count = s->count;
    op->marks = s->marks;
    op->mark_count = s->mark_count;
    outbox_ask(outbox, &op->op, decided, s);
}

/* ---- asking who is there ---- */

/* One estate's users. It outlives the worker if the loops have stopped before it was answered. */
struct question {
    struct letter letter;
    struct chat_reach_query query;
    struct mailbox *mailbox;
    struct slice *slice;
    size_t first; /* of the slice's candidates */
    struct arena arena;
};

static void question_free(struct question *q) {
    mailbox_unref(q->mailbox);
    arena_fini(&q->arena);
    free(q);
}

static void question_drop(struct letter *letter) {
    question_free(container_of(letter, struct question, letter));
}

static void question_open(struct letter *letter) {
    struct question *q = container_of(letter, struct question, letter);
    struct slice *s = q->slice;
    memcpy(s->reach + q->first, q->query.reach, q->query.count * sizeof *s->reach);
    question_free(q);
    if (--s->unanswered > 0) return;
    if (s->outbox->draining)
        slice_end(s);
    else
        decide_all(s);
}

/* [the estate's loop] */
static void chat_answered(struct chat_reach_query *query) {
    struct question *q = container_of(query, struct question, query);
    struct mailbox *box = mailbox_ref(q->mailbox);
    mailbox_post(box, &q->letter);
    mailbox_unref(box);
}

static void ask(struct slice *s, size_t first, size_t count) {
    struct question *q = mem_new(struct question);
    q->letter = (struct letter){.open = question_open, .drop = question_drop};
    q->mailbox = mailbox_ref(s->outbox->mailbox);
    q->slice = s;
    q->first = first;
    arena_init(&q->arena);
    struct uuid *users = arena_array(&q->arena, struct uuid, count);
    for (size_t i = 0; i < count; i++) users[i] = s->candidates[first + i].user;
    q->query = (struct chat_reach_query){.estate = s->candidates[first].estate,
                                         .users = users,
                                         .reach = arena_array(&q->arena, enum chat_reach, count),
                                         .count = count,
                                         .done = chat_answered};
    s->unanswered++;
    s->outbox->world.reach(s->outbox->chat, &q->query);
}

/* Neighbours of one estate are asked about together: a fan-out's all are. */
static void ask_all(struct slice *s) {
    size_t first = 0;
    s->unanswered = 1; /* until all are asked: answers may come in at once */
    for (size_t i = 1; i <= s->count; i++) {
        if (i < s->count && uuid_eq(&s->candidates[i].estate, &s->candidates[first].estate)) continue;
        ask(s, first, i - first);
        first = i;
    }
    s->unanswered--;
}

static void find_out(struct slice *s) {
    s->reach = arena_array(&s->op->arena, enum chat_reach, s->count); /* zeroed: all offline */
    if (s->count == 0 || !s->outbox->chat)
        decide_all(s);
    else
        ask_all(s);
}

/* ---- asking the store ---- */

static void rows_came(struct slice *s, struct store_op *op, bool any) {
    s->op = op;
    if (any && !s->outbox->draining && op->fault == FAULT_NONE) {
        find_out(s);
        return;
    }
    slice_end(s);
}

static void candidates_came(struct outbox *outbox, struct store_op *op, void *data) {
    struct slice *s = data;
    const struct store_push_candidates *answer = (const void *)op;
    s->candidates = answer->candidates;
    s->count = answer->candidate_count;
    s->marks = answer->marks;
    s->mark_count = answer->mark_count;
    rows_came(s, op, s->mark_count > 0);
}

static void watches_came(struct outbox *outbox, struct store_op *op, void *data) {
    struct slice *s = data;
    const struct store_push_watches *answer = (const void *)op;
    s->candidates = answer->candidates;
    s->count = answer->candidate_count;
    s->due_at = earlier(s->due_at, answer->next_due);
    rows_came(s, op, s->count > 0);
}

static void read_candidates(struct slice *s) {
    struct store_push_candidates *op = store_op_new(STORE_PUSH_CANDIDATES, NULL, NULL, NULL);
    op->limit = STORE_PUSH_BATCH_MAX;
    op->now = s->outbox->wall_ms;
    s->op = &op->op;
    outbox_ask(s->outbox, &op->op, candidates_came, s);
}

static void read_watches(struct slice *s) {
    struct store_push_watches *op = store_op_new(STORE_PUSH_WATCHES, NULL, NULL, NULL);
    op->limit = STORE_PUSH_BATCH_MAX;
    op->now = s->outbox->wall_ms;
    s->op = &op->op;
    outbox_ask(s->outbox, &op->op, watches_came, s);
}

void slice_turn(struct slice *s) {
    struct outbox *outbox = s->outbox;
    if (s->op || outbox->draining) return;
    if (!s->wanted && (s->due_at == 0 || s->due_at > outbox->wall_ms)) {
        outbox_next_at_wall(outbox, s->due_at);
        return;
    }
    if (outbox->now_ms < s->not_before_ms) {
        outbox_next_at(outbox, s->not_before_ms);
        return;
    }
    s->not_before_ms = outbox->now_ms + GATHER_MS;
    s->wanted = false;
    s->due_at = 0;
    if (s->source == SLICE_FANOUTS)
        read_candidates(s);
    else
        read_watches(s);
}
