/* Reading conversations: one, a user's ids, a user's list by latest activity. */
#include "store/sqlite/conversations.h"

#include "store/sqlite/columns.h"
#include "store/sqlite/messages.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/users.h"

enum { CONVERSATION_PAGE_MAX = 100, UNREAD_COUNTED = 10000 };

struct conversation_ref conversation_find(struct db *db, const struct uuid *id) {
    struct conversation_ref ref = {0};
    struct query q = query_begin(
        db, "SELECT conversation_key, estate_key, type, last_seq FROM conversations WHERE id = ?");
    query_put_uuid(&q, id);
    if (query_step(&q)) {
        ref.key = query_get_i64(&q);
        ref.estate_key = query_get_i64(&q);
        ref.type = columns_conversation_type(&q);
        ref.last_seq = (uint64_t)query_get_i64(&q);
    }
    query_end(&q);
    return ref;
}

/* ---- participants ---- */

bool participant_is_in(struct db *db, int64_t conversation_key, int64_t user_key) {
    struct query q = query_begin(
        db, "SELECT 1 FROM participants WHERE conversation_key = ? AND user_key = ? AND left_at = 0");
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, user_key);
    bool in = query_step(&q);
    query_end(&q);
    return in;
}

bool participant_load(struct db *db, struct arena *arena, int64_t conversation_key, int64_t user_key,
                      struct participant_row *out) {
    struct query q =
        query_begin(db, "SELECT " PARTICIPANT_COLUMNS " FROM participants p JOIN users u USING (user_key)"
                        " WHERE p.conversation_key = ? AND p.user_key = ?");
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, user_key);
    bool found = query_step(&q);
    if (found) columns_participant(&q, arena, out);
    query_end(&q);
    return found;
}

static void participants_read(struct query *q, struct arena *arena, struct conversation_row *out) {
    struct participant_row *rows = NULL;
    size_t count = 0, capacity = 0;
    while (query_step(q)) {
        rows = query_room(arena, rows, count, &capacity, sizeof *rows);
        columns_participant(q, arena, &rows[count++]);
    }
    out->participants = rows;
    out->participant_count = count;
}

static void participants_load_all(struct db *db, struct arena *arena, int64_t key,
                                  struct conversation_row *out) {
    struct query q =
        query_begin(db, "SELECT " PARTICIPANT_COLUMNS " FROM participants p JOIN users u USING (user_key)"
                        " WHERE p.conversation_key = ? ORDER BY p.joined_at, p.user_key");
    query_put_i64(&q, key);
    participants_read(&q, arena, out);
}

/* The first ones to join of those who are still in it; ordered by an index, so that a large group costs no
 * more than a small one. */
static void participants_load_first(struct db *db, struct arena *arena, int64_t key, uint32_t limit,
                                    struct conversation_row *out) {
    struct query q =
        query_begin(db, "SELECT " PARTICIPANT_COLUMNS " FROM participants p INDEXED BY participants_by_join"
                        " CROSS JOIN users u USING (user_key) WHERE p.conversation_key = ? AND p.left_at = 0"
                        " ORDER BY p.joined_at, p.user_key LIMIT ?");
    query_put_i64(&q, key);
    query_put_i64(&q, limit);
    participants_read(&q, arena, out);
}

static bool participants_have(const struct conversation_row *row, const struct uuid *user) {
    for (size_t i = 0; i < row->participant_count; i++)
        if (uuid_eq(&row->participants[i].user, user)) return true;
    return false;
}

/* The first ones; the last of them gives way to the user, who joined later, if they are without him. */
static void participants_load_some(struct db *db, struct arena *arena, int64_t key, int64_t user_key,
                                   uint32_t limit, struct conversation_row *out) {
    participants_load_first(db, arena, key, limit > 0 ? limit : 1, out);
    struct participant_row own;
    if (out->participant_count == out->participant_total ||
        !participant_load(db, arena, key, user_key, &own) || own.left_at != 0 ||
        participants_have(out, &own.user))
        return;
    struct participant_row *rows = arena_array(arena, struct participant_row, out->participant_count);
    memcpy(rows, out->participants, out->participant_count * sizeof *rows);
    rows[out->participant_count - 1] = own;
    out->participants = rows;
}

/* ---- one conversation ---- */

static bool row_load(struct db *db, struct arena *arena, int64_t key, struct conversation_row *out) {
    struct query q = query_begin(db, "SELECT " CONVERSATION_COLUMNS " FROM conversations c"
                                     " JOIN estates e USING (estate_key)"
                                     " LEFT JOIN users u ON u.user_key = c.created_by"
                                     " WHERE c.conversation_key = ?");
    query_put_i64(&q, key);
    bool found = query_step(&q);
    if (found) columns_conversation(&q, arena, out);
    query_end(&q);
    return found;
}

bool conversation_load(struct db *db, struct arena *arena, int64_t key, struct conversation_row *out) {
    if (!row_load(db, arena, key, out)) return false;
    participants_load_all(db, arena, key, out);
    return true;
}

/* FROM participants p JOIN conversations c; ?1 the user's key, ?2 UNREAD_COUNTED. Newer than the read position, by
 * others, not deleted. Counted one by one up to UNREAD_COUNTED; above it everything behind the read position counts, so
 * that nobody's backlog holds up readers. */
#define UNREAD_COLUMNS                                                                                       \
    "(SELECT count(*) FROM (SELECT 1 FROM messages m INDEXED BY messages_by_seq"                             \
    "  WHERE m.conversation_key = p.conversation_key AND m.seq > p.last_read_seq AND m.sender_key <> ?1"     \
    "  AND m.deleted_at = 0 LIMIT ?2)), c.last_seq - p.last_read_seq"

static uint64_t columns_unread(struct query *q) {
    uint64_t counted = (uint64_t)query_get_i64(q), behind = (uint64_t)query_get_i64(q);
    return counted < UNREAD_COUNTED ? counted : behind;
}

/* Nobody's who is no participant. */
static uint64_t unread_count(struct db *db, int64_t key, int64_t user_key) {
    struct query q =
        query_begin(db, "SELECT " UNREAD_COLUMNS
                        " FROM participants p CROSS JOIN conversations c USING (conversation_key)"
                        " WHERE p.conversation_key = ?3 AND p.user_key = ?1");
    query_put_i64(&q, user_key);
    query_put_i64(&q, UNREAD_COUNTED);
    query_put_i64(&q, key);
    uint64_t count = query_step(&q) ? columns_unread(&q) : 0;
    query_end(&q);
    return count;
}

uint64_t conversations_unread(struct db *db, int64_t user_key) {
    struct query q =
        query_begin(db, "SELECT " UNREAD_COLUMNS " FROM participants p INDEXED BY participants_by_user"
                        " CROSS JOIN conversations c USING (conversation_key)"
                        " WHERE p.user_key = ?1 AND p.left_at = 0 AND p.last_read_seq < c.last_seq");
    query_put_i64(&q, user_key);
    query_put_i64(&q, UNREAD_COUNTED);
    uint64_t count = 0;
    while (query_step(&q)) count += columns_unread(&q);
    return count;
}

static void details_load(struct db *db, struct arena *arena, int64_t key, int64_t user_key,
                         struct conversation_row *out) {
    out->last_message = message_load_newest(db, arena, &out->id, key);
    out->unread_count = out->last_message ? unread_count(db, key, user_key) : 0;
}

enum fault read_conversation_load(struct db *db, struct store_op *base) {
    struct store_conversation_load *op = (struct store_conversation_load *)base;
    struct arena *arena = &op->op.arena;
    struct conversation_ref ref = conversation_find(db, &op->conversation);
    if (!ref.key || !row_load(db, arena, ref.key, &op->row)) return FAULT_CONVERSATION_NOT_FOUND;
    int64_t user_key = user_find(db, &op->user);
    if (op->participant_limit)
        participants_load_some(db, arena, ref.key, user_key, op->participant_limit, &op->row);
    else
        participants_load_all(db, arena, ref.key, &op->row);
    if (op->with_details) details_load(db, arena, ref.key, user_key, &op->row);
    return FAULT_NONE;
}

/* ---- a user's conversations ---- */

enum fault read_user_conversations(struct db *db, struct store_op *base) {
    struct store_user_conversations *op = (struct store_user_conversations *)base;
    struct query q = query_begin(db, "SELECT c.id FROM participants p INDEXED BY participants_by_user"
                                     " JOIN conversations c USING (conversation_key)"
                                     " WHERE p.user_key = ? AND p.left_at = 0 ORDER BY c.conversation_key");
    int64_t user_key = user_find(db, &op->user);
    query_put_i64(&q, user_key);
    struct uuid *ids = NULL;
    size_t count = 0, capacity = 0;
    while (query_step(&q)) {
        ids = query_room(&op->op.arena, ids, count, &capacity, sizeof *ids);
        ids[count++] = query_get_uuid(&q);
    }
    op->conversations = ids;
    op->count = count;
    return FAULT_NONE;
}

/* What is not read to its end is found without looking at messages: that costs the same whoever wrote them.
 *
 * Sorting the user's own conversations (some thousands at most, found by an index) is cheaper than an index
 * by activity, which every message would have to move. */
#define OWN_CONVERSATIONS                                                                                    \
    " FROM participants p INDEXED BY participants_by_user JOIN conversations c USING (conversation_key)"     \
    " WHERE p.user_key = ?1 AND p.left_at = 0 AND (?2 IS NULL OR c.estate_key = ?2)"                         \
    " AND (?3 = 0 OR p.last_read_seq < c.last_seq)"

struct own {
    int64_t user_key, estate_key; /* 0: every estate */
    bool unread_only;
};

static void own_put(struct query *q, const struct own *own) {
    query_put_i64(q, own->user_key);
    query_put_key_or_null(q, own->estate_key);
    query_put_i64(q, own->unread_only);
}

static uint64_t own_total(struct db *db, const struct own *own) {
    struct query q = query_begin(db, "SELECT count(*)" OWN_CONVERSATIONS);
    own_put(&q, own);
    uint64_t total = query_step(&q) ? (uint64_t)query_get_i64(&q) : 0;
    query_end(&q);
    return total;
}

static size_t own_page(struct db *db, const struct own *own, uint32_t limit, uint64_t offset,
                       int64_t keys[static CONVERSATION_PAGE_MAX]) {
    struct query q = query_begin(db, "SELECT c.conversation_key" OWN_CONVERSATIONS
                                     " ORDER BY c.last_activity_at DESC, c.conversation_key DESC"
                                     " LIMIT ?4 OFFSET ?5");
    own_put(&q, own);
    query_put_i64(&q, limit);
    query_put_i64(&q, (int64_t)offset);
    size_t count = 0;
    while (query_step(&q)) keys[count++] = query_get_i64(&q);
    return count;
}

enum fault read_conversation_page(struct db *db, struct store_op *base) {
    struct store_conversation_page *op = (struct store_conversation_page *)base;
    struct arena *arena = &op->op.arena;
    struct own own = {.user_key = user_find(db, &op->user), .unread_only = op->unread_only};
    if (!uuid_is_nil(&op->estate)) {
        own.estate_key = estate_key_find(db, &op->estate);
        if (!own.estate_key) return FAULT_NONE; /* nothing is in it */
    }
    uint32_t limit = op->limit < 1                       ? 1
                     : op->limit > CONVERSATION_PAGE_MAX ? CONVERSATION_PAGE_MAX
                                                         : op->limit;
    uint64_t offset = op->page > 1 ? (uint64_t)(op->page - 1) * limit : 0;

    int64_t keys[CONVERSATION_PAGE_MAX];
    op->total = own_total(db, &own);
    size_t count = own_page(db, &own, limit, offset, keys);
    struct conversation_row *rows = arena_array(arena, struct conversation_row, count);
    for (size_t i = 0; i < count; i++) {
        row_load(db, arena, keys[i], &rows[i]);
        participants_load_some(db, arena, keys[i], own.user_key, op->participant_limit, &rows[i]);
        details_load(db, arena, keys[i], own.user_key, &rows[i]);
    }
    op->rows = rows;
    op->count = count;
    return FAULT_NONE;
}
