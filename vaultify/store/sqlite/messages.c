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

static void reactions_load(struct db *db, struct arena *arena, int64_t message_key, struct message_row *out) {
    struct query q =
        query_begin(db, "SELECT " REACTION_COLUMNS " FROM reactions r JOIN users u USING (user_key)"
                        " WHERE r.message_key = ? ORDER BY r.reaction_key");
    query_put_i64(&q, message_key);
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

enum fault read_message_page(struct db *db, struct store_op *base) {
    struct store_message_page *op = (struct store_message_page *)base;
    struct arena *arena = &op->op.arena;
    struct conversation_ref ref = conversation_find(db, &op->conversation);
    if (!ref.key) return FAULT_CONVERSATION_NOT_FOUND;
    op->total = ref.last_seq;
    struct window w = window_of(op, ref.last_seq);

    size_t room = w.before > w.after + 1 ? (size_t)(w.before - w.after - 1) : 0, count = 0;
    if (room > w.limit) room = w.limit;
    struct message_row *rows = arena_array(arena, struct message_row, room);
    int64_t *keys = arena_array(arena, int64_t, room);
    struct query q = query_begin(db, "SELECT m.message_key, " MESSAGE_COLUMNS
                                     " FROM messages m JOIN users u ON u.user_key = m.sender_key"
                                     " WHERE m.conversation_key = ? AND m.seq > ? AND m.seq < ?"
                                     " ORDER BY m.seq LIMIT ?");
    query_put_i64(&q, ref.key);
    query_put_i64(&q, (int64_t)w.after);
    query_put_i64(&q, (int64_t)w.before);
    query_put_i64(&q, (int64_t)room);
    while (query_step(&q)) {
        keys[count] = query_get_i64(&q);
        columns_message(&q, arena, &rows[count]);
        rows[count++].conversation = op->conversation;
    }
    for (size_t i = 0; i < count; i++) {
        if (!uuid_is_nil(&rows[i].reply_to))
            rows[i].reply = reply_load(db, arena, &op->conversation, &rows[i].reply_to);
        reactions_load(db, arena, keys[i], &rows[i]);
    }
    op->rows = rows;
    op->count = count;
    return FAULT_NONE;
}
