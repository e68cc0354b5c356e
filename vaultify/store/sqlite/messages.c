/* Reading messages: one, and a conversation's history by page or by seq. */
#include "store/sqlite/messages.h"

#include "store/sqlite/columns.h"
#include "store/sqlite/conversations.h"
#include "store/sqlite/ops.h"

enum { MESSAGE_PAGE_MAX = 1000 };

struct message_ref message_find(struct db *db, const struct uuid *id) {
    struct message_ref ref = {0};
    struct query q =
        query_begin(db, "SELECT message_key, conversation_key, sender_key, seq FROM messages WHERE id = ?");
    query_put_uuid(&q, id);
    if (query_step(&q)) {
        ref.key = query_get_i64(&q);
        ref.conversation_key = query_get_i64(&q);
        ref.sender_key = query_get_i64(&q);
        ref.seq = (uint64_t)query_get_i64(&q);
    }
    query_end(&q);
    return ref;
}

const struct message_row *message_load_newest(struct db *db, struct arena *arena,
                                              const struct uuid *conversation, int64_t conversation_key) {
    struct query q =
        query_begin(db, "SELECT " MESSAGE_COLUMNS " FROM messages m JOIN users u ON u.user_key = m.sender_key"
                        " WHERE m.conversation_key = ? ORDER BY m.seq DESC LIMIT 1");
    query_put_i64(&q, conversation_key);
    struct message_row *row = NULL;
    if (query_step(&q)) {
        row = arena_new(arena, struct message_row);
        columns_message(&q, arena, row);
        row->conversation = *conversation;
    }
    query_end(&q);
    return row;
}

bool message_load(struct db *db, struct arena *arena, const struct uuid *conversation, const struct uuid *id,
                  struct message_row *out) {
    struct query q = query_begin(db, "SELECT " MESSAGE_COLUMNS " FROM messages m"
                                     " JOIN users u ON u.user_key = m.sender_key WHERE m.id = ?");
    query_put_uuid(&q, id);
    bool found = query_step(&q);
    if (found) {
        columns_message(&q, arena, out);
        out->conversation = *conversation;
    }
    query_end(&q);
    return found;
}

/* The message replied to; NULL when it does not exist. */
static const struct message_row *reply_load(struct db *db, struct arena *arena,
                                            const struct uuid *conversation, const struct uuid *id) {
    struct message_row *row = arena_new(arena, struct message_row);
    return message_load(db, arena, conversation, id, row) ? row : NULL;
}

/* The first ones, found in their order by an index: a message with a thousand costs no more than one. */
static void reactions_load(struct db *db, struct arena *arena, int64_t message_key, struct message_row *out) {
    struct query q =
        query_begin(db, "SELECT " REACTION_COLUMNS " FROM reactions r INDEXED BY reactions_by_message"
                        " CROSS JOIN users u USING (user_key) WHERE r.message_key = ?"
                        " ORDER BY r.reaction_key LIMIT ?");
    query_put_i64(&q, message_key);
    query_put_i64(&q, STORE_SHOWN_REACTIONS);
    struct reaction_row *rows = NULL;
    size_t count = 0, capacity = 0;
    while (query_step(&q)) {
        rows = query_room(arena, rows, count, &capacity, sizeof *rows);
        rows[count].message = out->id;
        columns_reaction(&q, arena, &rows[count++]);
    }
    out->reactions = rows;
    out->reaction_count = count;
}

/* ---- history ---- */

/* The messages with after < seq < before: the first `limit` of them, or the last. Ascending either way. */
struct window {
    uint64_t after, before;
    uint32_t limit;
    bool newest;
};

/* seq has no gaps, so a page is a range of it. */
static struct window window_of(const struct store_message_page *op, uint64_t last_seq) {
    uint32_t limit = op->limit < 1 ? 1 : op->limit > MESSAGE_PAGE_MAX ? MESSAGE_PAGE_MAX : op->limit;
    struct window w = {.before = last_seq + 1, .limit = limit};
    switch (op->by) {
    case STORE_BY_PAGE: {
        uint64_t skipped = op->page > 1 ? (uint64_t)(op->page - 1) * limit : 0;
        w.before = skipped < last_seq ? last_seq - skipped + 1 : 1;
        w.newest = true;
        break;
    }
    case STORE_BY_AFTER_SEQ:
        w.after = op->after_seq;
        if (op->before_seq && op->before_seq < w.before) w.before = op->before_seq;
        break;
    case STORE_BY_BEFORE_SEQ:
        w.after = op->after_seq;
        if (op->before_seq < w.before) w.before = op->before_seq;
        w.newest = op->after_seq == 0; /* with both, from `after` on */
        break;
    }
    if (w.after > last_seq) w.after = last_seq;
    if (w.newest && w.before > w.limit + w.after + 1) w.after = w.before - w.limit - 1;
    return w;
}

/* Ascending for the first ones of the window, descending for the newest: the order in which rows are kept. */
static struct query window_query(struct db *db, const struct window *w) {
#define WINDOW_ROWS                                                                                          \
    "SELECT m.message_key, " MESSAGE_COLUMNS " FROM messages m JOIN users u ON u.user_key = m.sender_key"    \
    " WHERE m.conversation_key = ? AND m.seq > ? AND m.seq < ? ORDER BY m.seq "
    return w->newest ? query_begin(db, WINDOW_ROWS "DESC LIMIT ?") : query_begin(db, WINDOW_ROWS "LIMIT ?");
#undef WINDOW_ROWS
}

static void rows_reverse(struct message_row *rows, size_t count) {
    for (size_t i = 0, j = count; i + 1 < j; i++) {
        struct message_row row = rows[i];
        rows[i] = rows[--j];
        rows[j] = row;
    }
}

/* Rows are taken until the page is full, so what is left out was never copied. */
static size_t window_read(struct db *db, struct store_message_page *op, struct query *q,
                          struct message_row *rows) {
    struct arena *arena = &op->op.arena;
    uint64_t bytes = 0;
    size_t count = 0;
    while (query_step(q)) {
        struct message_row *row = &rows[count];
        int64_t key = query_get_i64(q);
        columns_message(q, arena, row);
        row->conversation = op->conversation;
        if (!uuid_is_nil(&row->reply_to))
            row->reply = reply_load(db, arena, &op->conversation, &row->reply_to);
        reactions_load(db, arena, key, row);
        bytes += message_row_json_bytes(row);
        op->truncated = count > 0 && bytes > op->bytes_max;
        if (op->truncated) break;
        count++;
    }
    query_end(q);
    return count;
}

enum fault read_message_page(struct db *db, struct store_op *base) {
    struct store_message_page *op = (struct store_message_page *)base;
    struct conversation_ref ref = conversation_find(db, &op->conversation);
    if (!ref.key) return FAULT_CONVERSATION_NOT_FOUND;
    op->total = ref.last_seq;
    struct window w = window_of(op, ref.last_seq);

    size_t room = w.before > w.after + 1 ? (size_t)(w.before - w.after - 1) : 0;
    if (room > w.limit) room = w.limit;
    struct message_row *rows = arena_array(&op->op.arena, struct message_row, room);
    struct query q = window_query(db, &w);
    query_put_i64(&q, ref.key);
    query_put_i64(&q, (int64_t)w.after);
    query_put_i64(&q, (int64_t)w.before);
    query_put_i64(&q, (int64_t)room);
    op->count = window_read(db, op, &q, rows);
    if (w.newest) rows_reverse(rows, op->count);
    op->rows = rows;
    return FAULT_NONE;
}
