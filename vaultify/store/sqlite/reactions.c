/* Reactions: one user's emoji on a message, each once. */
#include "store/sqlite/columns.h"
#include "store/sqlite/conversations.h"
#include "store/sqlite/messages.h"
#include "store/sqlite/ops.h"

/* The keys of a message and a user who is in its conversation; false: no such message for this user. */
static bool target_find(struct writer *w, const struct uuid *message, const struct uuid *user,
                        int64_t *out_message, int64_t *out_user) {
    struct message_ref ref = message_find(&w->db, message);
    struct user_entry *entry = writer_user(w, user);
    if (!ref.key || !entry || !participant_is_in(&w->db, ref.conversation_key, entry->key)) return false;
    *out_message = ref.key;
    *out_user = entry->key;
    return true;
}

static bool reaction_load(struct db *db, struct arena *arena, int64_t message_key, int64_t user_key,
                          struct sio_span emoji, struct reaction_row *out) {
    struct query q =
        query_begin(db, "SELECT " REACTION_COLUMNS " FROM reactions r JOIN users u USING (user_key)"
                        " WHERE r.message_key = ? AND r.user_key = ? AND r.emoji = ?");
    query_put_i64(&q, message_key);
    query_put_i64(&q, user_key);
    query_put_text(&q, emoji);
    bool found = query_step(&q);
    if (found) columns_reaction(&q, arena, out);
    query_end(&q);
    return found;
}

/* How many different ones of the user are on the message. */
static int64_t own_count(struct db *db, int64_t message_key, int64_t user_key) {
    struct query q = query_begin(db, "SELECT count(*) FROM reactions WHERE message_key = ? AND user_key = ?");
    query_put_i64(&q, message_key);
    query_put_i64(&q, user_key);
    int64_t count = query_step(&q) ? query_get_i64(&q) : 0;
    query_end(&q);
    return count;
}

enum fault write_reaction_add(struct writer *w, struct store_op *base) {
    struct store_reaction_add *op = (struct store_reaction_add *)base;
    int64_t message_key, user_key;
    if (!target_find(w, &op->message, &op->user, &message_key, &user_key)) return FAULT_MESSAGE_NOT_FOUND;

    op->row.message = op->message;
    if (reaction_load(&w->db, &op->op.arena, message_key, user_key, op->emoji, &op->row)) return FAULT_NONE;
    if (own_count(&w->db, message_key, user_key) >= STORE_OWN_REACTIONS) return FAULT_TOO_MANY_REACTIONS;

    struct uuid id = ids_next(&w->ids, w->now);
    struct query q =
        query_begin(&w->db, "INSERT INTO reactions (id, message_key, user_key, emoji, created_at)"
                            " VALUES (?, ?, ?, ?, ?)");
    query_put_uuid(&q, &id);
    query_put_i64(&q, message_key);
    query_put_i64(&q, user_key);
    query_put_text(&q, op->emoji);
    query_put_i64(&q, w->now);
    query_run(&q);
    reaction_load(&w->db, &op->op.arena, message_key, user_key, op->emoji, &op->row);
    return FAULT_NONE;
}

enum fault write_reaction_remove(struct writer *w, struct store_op *base) {
    struct store_reaction_remove *op = (struct store_reaction_remove *)base;
    int64_t message_key, user_key;
    if (!target_find(w, &op->message, &op->user, &message_key, &user_key)) return FAULT_MESSAGE_NOT_FOUND;

    struct query q =
        query_begin(&w->db, "DELETE FROM reactions WHERE message_key = ? AND user_key = ? AND emoji = ?");
    query_put_i64(&q, message_key);
    query_put_i64(&q, user_key);
    query_put_text(&q, op->emoji);
    return query_run(&q) && db_changes(&w->db) == 1 ? FAULT_NONE : FAULT_REACTION_NOT_FOUND;
}
