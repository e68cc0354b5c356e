/* Who may be owed a push: a conversation's participants slice by slice, and watches that are due. */
#include "store/sqlite/columns.h"
#include "store/sqlite/ops.h"

enum { PARTICIPANTS_A_READ = 5000 /* looked at, most of them perhaps in vain: some milliseconds */ };

struct candidates {
    struct arena *arena;
    struct push_candidate *rows;
    size_t count, capacity;
};

static struct push_candidate *candidate_add(struct candidates *list) {
    list->rows = query_room(list->arena, list->rows, list->count, &list->capacity, sizeof *list->rows);
    return &list->rows[list->count++];
}

/* FROM users u, participants p */
#define CANDIDATE_COLUMNS                                                                                    \
    "u.user_key, u.id, u.status, p.is_muted, p.muted_until, p.notifications_enabled, " PREFERENCES_COLUMNS

static void columns_candidate(struct query *q, struct arena *arena, int64_t now, struct push_candidate *out) {
    out->user_key = query_get_i64(q);
    out->user = query_get_uuid(q);
    out->active = columns_user_status(q) == USER_ACTIVE;
    bool muted = query_get_bool(q);
    int64_t until = query_get_i64(q);
    out->muted = muted && (until == 0 || now < until);
    out->notifications_enabled = query_get_bool(q);
    columns_preferences(q, arena, &out->preferences);
}

/* ---- fan-outs ---- */

struct fanout {
    int64_t key, conversation_key, after_user_key;
    uint64_t from_seq, to_seq;
    bool emergency;
    struct uuid conversation, estate;
    bool joins;            /* an earlier one */
    struct fanout *joined; /* a list of those that join this one */
};

static size_t fanouts_read(struct query *q, uint32_t limit, struct fanout *rows) {
    size_t count = 0;
    query_put_i64(q, limit);
    while (query_step(q)) {
        struct fanout *f = &rows[count++];
        *f = (struct fanout){0};
        f->key = query_get_i64(q);
        f->conversation_key = query_get_i64(q);
        f->after_user_key = query_get_i64(q);
        f->from_seq = (uint64_t)query_get_i64(q);
        f->to_seq = (uint64_t)query_get_i64(q);
        f->emergency = query_get_bool(q);
        f->conversation = query_get_uuid(q);
        f->estate = query_get_uuid(q);
    }
    return count;
}

#define FANOUT_COLUMNS                                                                                       \
    "f.fanout_key, f.conversation_key, f.after_user_key, f.from_seq, f.to_seq, f.emergency, c.id, e.id"
#define FANOUT_JOINS                                                                                         \
    " CROSS JOIN conversations c USING (conversation_key) CROSS JOIN estates e USING (estate_key)"

/* Emergencies first, then in the order of commits. */
static size_t fanouts_load(struct db *db, uint32_t limit, struct fanout *rows) {
    struct query q = query_begin(db, "SELECT " FANOUT_COLUMNS
                                     " FROM push_fanouts f INDEXED BY push_fanouts_emergency" FANOUT_JOINS
                                     " WHERE f.emergency = 1 ORDER BY f.fanout_key LIMIT ?");
    size_t count = fanouts_read(&q, limit, rows);
    if (count == limit) return count;
    q = query_begin(db, "SELECT " FANOUT_COLUMNS " FROM push_fanouts f NOT INDEXED" FANOUT_JOINS
                        " WHERE f.emergency = 0 ORDER BY f.fanout_key LIMIT ?");
    return count + fanouts_read(&q, limit - (uint32_t)count, rows + count);
}

/* The latest before row `i` that is of its conversation; NULL: there is none. */
static struct fanout *fanout_before(struct fanout *rows, size_t i) {
    for (size_t k = i; k-- > 0;)
        if (rows[k].conversation_key == rows[i].conversation_key && !rows[k].joins) return &rows[k];
    return NULL;
}

/* Where much is said, each commit has a fan-out. They become one, whose newest message is that of all: else each of them
 * would be gone through with all participants. So do emergencies; what lies between ranges that do not meet is of the other
 * kind. */
static void fanouts_join(struct fanout *rows, size_t count) {
    for (size_t i = 1; i < count; i++) {
        struct fanout *f = &rows[i], *before = fanout_before(rows, i);
        if (!before || before->emergency != f->emergency || before->after_user_key ||
            before->to_seq + 1 != f->from_seq)
            continue;
        before->to_seq = f->to_seq;
        f->joins = true;
        f->joined = before->joined;
        before->joined = f;
    }
}

/* The newest message of a range; seq 0: there is none. */
struct newest {
    uint64_t seq;
    int64_t sender_key;
};

static struct newest newest_find(struct db *db, const struct fanout *f) {
    struct newest newest = {0};
    struct query q = query_begin(db, "SELECT seq, sender_key FROM messages INDEXED BY messages_by_seq"
                                     " WHERE conversation_key = ? AND seq BETWEEN ? AND ? AND deleted_at = 0"
                                     " ORDER BY seq DESC LIMIT 1");
    query_put_i64(&q, f->conversation_key);
    query_put_i64(&q, (int64_t)f->from_seq);
    query_put_i64(&q, (int64_t)f->to_seq);
    if (query_step(&q)) {
        newest.seq = (uint64_t)query_get_i64(&q);
        newest.sender_key = query_get_i64(&q);
    }
    query_end(&q);
    return newest;
}

/* The newest by others, of which its sender may be owed one; 0: there is none. */
static uint64_t newest_of_others(struct db *db, const struct fanout *f, const struct newest *newest) {
    struct query q = query_begin(db, "SELECT seq FROM messages INDEXED BY messages_by_seq"
                                     " WHERE conversation_key = ? AND seq BETWEEN ? AND ? AND deleted_at = 0"
                                     " AND sender_key <> ? ORDER BY seq DESC LIMIT 1");
    query_put_i64(&q, f->conversation_key);
    query_put_i64(&q, (int64_t)f->from_seq);
    query_put_i64(&q, (int64_t)newest->seq);
    query_put_i64(&q, newest->sender_key);
    uint64_t seq = query_step(&q) ? (uint64_t)query_get_i64(&q) : 0;
    query_end(&q);
    return seq;
}

/* The next participants of a fan-out; `owed`: has a device and has not read it all. */
static struct query slice_begin(struct db *db, const struct fanout *f, uint64_t newest_seq, unsigned limit) {
    struct query q = query_begin(
        db, "SELECT CASE WHEN p.left_at = 0 AND p.last_read_seq < ?3 THEN EXISTS (SELECT 1 FROM devices d"
            "  INDEXED BY devices_by_user WHERE d.user_key = p.user_key AND ?4 >> d.service & 1) ELSE 0 END,"
            " p.last_read_seq, " CANDIDATE_COLUMNS " FROM participants p CROSS JOIN users u USING (user_key)"
            " WHERE p.conversation_key = ?1 AND p.user_key > ?2 ORDER BY p.user_key LIMIT ?5");
    query_put_i64(&q, f->conversation_key);
    query_put_i64(&q, f->after_user_key);
    query_put_i64(&q, (int64_t)newest_seq);
    query_put_i64(&q, db->push_services);
    query_put_i64(&q, limit);
    return q;
}

/* One operation on its way through the fan-outs. */
struct slices {
    struct db *db;
    struct store_push_candidates *op;
    struct candidates list;
    uint32_t limit;
    unsigned looked_at;
    struct push_mark *marks;
};

static void participant_read(struct query *q, struct slices *s, const struct fanout *f,
                             const struct newest *newest, struct push_mark *mark) {
    bool owed = query_get_bool(q);
    uint64_t read_seq = (uint64_t)query_get_i64(q);
    struct push_candidate c = {
        .conversation_key = f->conversation_key,
        .conversation = f->conversation,
        .estate = f->estate,
        .emergency = f->emergency,
    };
    columns_candidate(q, s->list.arena, s->op->now, &c);
    c.seq = newest->seq;
    if (owed && c.user_key == newest->sender_key) c.seq = newest_of_others(s->db, f, newest);
    if (owed && read_seq < c.seq) *candidate_add(&s->list) = c;
    mark->after_user_key = c.user_key;
    s->looked_at++;
}

/* Those that have joined it need no look of their own. */
static void marks_add(struct slices *s, const struct push_mark *mark, const struct fanout *f) {
    s->marks[s->op->mark_count++] = *mark;
    for (const struct fanout *j = f->joined; j; j = j->joined)
        s->marks[s->op->mark_count++] = (struct push_mark){.fanout_key = j->key, .done = true};
}

/* False: there are as many candidates as were asked for, or enough participants were looked at. */
static bool fanout_read(struct slices *s, const struct fanout *f) {
    struct push_mark mark = {.fanout_key = f->key, .after_user_key = f->after_user_key, .to_seq = f->to_seq};
    struct newest newest = newest_find(s->db, f);
    struct query q = slice_begin(s->db, f, newest.seq, PARTICIPANTS_A_READ - s->looked_at);
    while (s->list.count < s->limit && query_step(&q)) participant_read(&q, s, f, &newest, &mark);
    query_end(&q);
    mark.done = s->list.count < s->limit && s->looked_at < PARTICIPANTS_A_READ;
    marks_add(s, &mark, f);
    return mark.done;
}

enum fault read_push_candidates(struct db *db, struct store_op *base) {
    struct store_push_candidates *op = (struct store_push_candidates *)base;
    struct arena *arena = &op->op.arena;
    struct slices s = {.db = db, .op = op, .list.arena = arena, .limit = push_limit(op->limit)};
    struct fanout *fanouts = arena_array(arena, struct fanout, s.limit);
    size_t count = fanouts_load(db, s.limit, fanouts);
    op->marks = s.marks = arena_array(arena, struct push_mark, count);
    op->mark_count = 0;
    fanouts_join(fanouts, count);
    for (size_t i = 0; i < count; i++)
        if (!fanouts[i].joins && !fanout_read(&s, &fanouts[i])) break;
    op->candidates = s.list.rows;
    op->candidate_count = s.list.count;
    return FAULT_NONE;
}

/* ---- watches ---- */

static int64_t next_due(struct db *db, int64_t now) {
    struct query q = query_begin(db, "SELECT min(due_at) FROM push_watches WHERE due_at > ?");
    query_put_i64(&q, now);
    int64_t at = query_step(&q) ? query_get_i64(&q) : 0;
    query_end(&q);
    return at;
}

enum fault read_push_watches(struct db *db, struct store_op *base) {
    struct store_push_watches *op = (struct store_push_watches *)base;
    struct candidates list = {.arena = &op->op.arena};
    struct query q = query_begin(
        db, "SELECT w.conversation_key, c.id, e.id, w.seq, w.emergency, w.wait, " CANDIDATE_COLUMNS
            " FROM push_watches w INDEXED BY push_watches_due CROSS JOIN users u USING (user_key)"
            " CROSS JOIN participants p USING (conversation_key, user_key)"
            " CROSS JOIN conversations c USING (conversation_key) CROSS JOIN estates e USING (estate_key)"
            " WHERE w.due_at <= ? ORDER BY w.due_at LIMIT ?");
    query_put_i64(&q, op->now);
    query_put_i64(&q, push_limit(op->limit));
    while (query_step(&q)) {
        struct push_candidate *c = candidate_add(&list);
        c->conversation_key = query_get_i64(&q);
        c->conversation = query_get_uuid(&q);
        c->estate = query_get_uuid(&q);
        c->seq = (uint64_t)query_get_i64(&q);
        c->emergency = query_get_bool(&q);
        c->wait = (enum push_wait)query_get_i64(&q);
        columns_candidate(&q, list.arena, op->now, c);
    }
    op->candidates = list.rows;
    op->candidate_count = list.count;
    op->next_due = next_due(db, op->now);
    return FAULT_NONE;
}
