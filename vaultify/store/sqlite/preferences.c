/* How a user wants to be told: language, time zone, quiet hours; and conversations that are to be quiet. */
#include "store/sqlite/columns.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/push_cancel.h"

static bool preferences_load(struct db *db, const struct uuid *user, struct arena *arena,
                             struct preferences_row *out) {
    struct query q = query_begin(db, "SELECT " PREFERENCES_COLUMNS " FROM users u WHERE u.id = ?");
    query_put_uuid(&q, user);
    bool found = query_step(&q);
    if (found) columns_preferences(&q, arena, out);
    query_end(&q);
    return found;
}

enum fault read_preferences_get(struct db *db, struct store_op *base) {
    struct store_preferences_get *op = (struct store_preferences_get *)base;
    return preferences_load(db, &op->user, &op->op.arena, &op->row) ? FAULT_NONE : FAULT_USER_UNKNOWN;
}

/* What is not to be set, from what is there. */
static bool preferences_complete(struct writer *w, struct store_preferences_set *op) {
    struct preferences_row old, *row = &op->row;
    if (!preferences_load(&w->db, &op->user, &op->op.arena, &old)) return false;
    if (!op->set_locale) row->locale = old.locale;
    if (!op->set_time_zone) row->time_zone = old.time_zone;
    if (!op->set_quiet) {
        row->quiet_from = old.quiet_from;
        row->quiet_to = old.quiet_to;
    }
    return true;
}

enum fault write_preferences_set(struct writer *w, struct store_op *base) {
    struct store_preferences_set *op = (struct store_preferences_set *)base;
    if (!preferences_complete(w, op)) return FAULT_USER_UNKNOWN;
    struct query q =
        query_begin(&w->db, "UPDATE users SET locale = ?, time_zone = ?, quiet_from = ?, quiet_to = ?"
                            " WHERE id = ?");
    query_put_text(&q, op->row.locale);
    query_put_text(&q, op->row.time_zone);
    query_put_i64(&q, op->row.quiet_from);
    query_put_i64(&q, op->row.quiet_to);
    query_put_uuid(&q, &op->user);
    query_run(&q);
    return FAULT_NONE;
}

/* ---- one conversation ---- */

/* What is not to be set, from what is there; false: is not in it. */
static bool mute_complete(struct writer *w, struct store_mute_set *op, int64_t conversation_key,
                          int64_t user_key) {
    struct query q =
        query_begin(&w->db, "SELECT is_muted, muted_until, notifications_enabled FROM participants"
                            " WHERE conversation_key = ? AND user_key = ? AND left_at = 0");
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, user_key);
    bool found = query_step(&q);
    if (found) {
        bool is_muted = query_get_bool(&q);
        int64_t muted_until = query_get_i64(&q);
        bool notifications_enabled = query_get_bool(&q);
        if (!op->set_muted) op->is_muted = is_muted, op->muted_until = muted_until;
        if (!op->set_notifications) op->notifications_enabled = notifications_enabled;
    }
    query_end(&q);
    return found;
}

static bool is_quiet(const struct store_mute_set *op, int64_t now) {
    return !op->notifications_enabled || (op->is_muted && (op->muted_until == 0 || now < op->muted_until));
}

enum fault write_mute_set(struct writer *w, struct store_op *base) {
    struct store_mute_set *op = (struct store_mute_set *)base;
    struct user_entry *user = writer_user(w, &op->user);
    struct conversation_entry *conversation = writer_conversation(w, &op->conversation);
    if (!user || !conversation || !mute_complete(w, op, conversation->key, user->key))
        return FAULT_CONVERSATION_NOT_FOUND;
    struct query q =
        query_begin(&w->db, "UPDATE participants SET is_muted = ?, muted_until = ?,"
                            " notifications_enabled = ? WHERE conversation_key = ? AND user_key = ?");
    query_put_i64(&q, op->is_muted);
    query_put_i64(&q, op->muted_until);
    query_put_i64(&q, op->notifications_enabled);
    query_put_i64(&q, conversation->key);
    query_put_i64(&q, user->key);
    query_run(&q);
    if (is_quiet(op, w->now)) push_cancel_normal(w, user->key, conversation->key);
    return FAULT_NONE;
}
