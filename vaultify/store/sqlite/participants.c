/* Participants: joining, leaving, coming back. */
#include "store/sqlite/participants.h"

#include "store/sqlite/conversations.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/push_cancel.h"
#include "store/sqlite/users.h"

struct participant_state participant_find(struct db *db, int64_t conversation_key, int64_t user_key) {
    struct query q =
        query_begin(db, "SELECT left_at FROM participants WHERE conversation_key = ? AND user_key = ?");
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, user_key);
    struct participant_state state = {.exists = query_step(&q)};
    if (state.exists) state.left = query_get_i64(&q) != 0;
    query_end(&q);
    return state;
}

void participant_total_add(struct writer *w, int64_t conversation_key, int64_t change) {
    if (change == 0) return;
    struct query q = query_begin(&w->db, "UPDATE conversations SET participant_total = participant_total + ?"
                                         " WHERE conversation_key = ?");
    query_put_i64(&q, change);
    query_put_i64(&q, conversation_key);
    query_run(&q);
}

void participant_insert(struct writer *w, int64_t conversation_key, int64_t user_key, bool is_admin) {
    struct query q =
        query_begin(&w->db, "INSERT INTO participants (conversation_key, user_key, is_admin, joined_at)"
                            " VALUES (?, ?, ?, ?)");
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, user_key);
    query_put_i64(&q, is_admin);
    query_put_i64(&q, w->now);
    query_run(&q);
    participant_total_add(w, conversation_key, 1);
    writer_audience_changed(w);
}

void participant_return(struct writer *w, int64_t conversation_key, int64_t user_key) {
    struct query q = query_begin(&w->db, "UPDATE participants SET left_at = 0, joined_at = ?"
                                         " WHERE conversation_key = ? AND user_key = ? AND left_at <> 0");
    query_put_i64(&q, w->now);
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, user_key);
    if (query_run(&q)) participant_total_add(w, conversation_key, db_changes(&w->db));
    writer_audience_changed(w);
}

bool participant_put(struct writer *w, int64_t conversation_key, int64_t user_key, bool is_admin) {
    struct participant_state state = participant_find(&w->db, conversation_key, user_key);
    if (state.exists && !state.left) return false;
    if (state.exists)
        participant_return(w, conversation_key, user_key);
    else
        participant_insert(w, conversation_key, user_key, is_admin);
    return true;
}

bool participant_leave(struct writer *w, int64_t conversation_key, int64_t user_key) {
    struct query q = query_begin(&w->db, "UPDATE participants SET left_at = ?"
                                         " WHERE conversation_key = ? AND user_key = ? AND left_at = 0");
    query_put_i64(&q, w->now);
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, user_key);
    if (!query_run(&q) || db_changes(&w->db) == 0) return false;
    participant_total_add(w, conversation_key, -1);
    push_cancel_all(w, user_key, conversation_key);
    return true;
}

/* ---- operations ---- */

enum fault write_participant_add(struct writer *w, struct store_op *base) {
    struct store_participant_add *op = (struct store_participant_add *)base;
    struct conversation_ref conversation = conversation_find(&w->db, &op->conversation);
    if (!conversation.key) return FAULT_CONVERSATION_NOT_FOUND;
    int64_t user_key = user_find_active(&w->db, &op->user, conversation.estate_key);
    if (!user_key) return FAULT_USER_NOT_FOUND;
    op->added = participant_put(w, conversation.key, user_key, false);
    participant_load(&w->db, &op->op.arena, conversation.key, user_key, &op->row);
    return FAULT_NONE;
}

enum fault write_participant_leave(struct writer *w, struct store_op *base) {
    struct store_participant_leave *op = (struct store_participant_leave *)base;
    struct conversation_ref conversation = conversation_find(&w->db, &op->conversation);
    int64_t user_key = user_find(&w->db, &op->user);
    if (!conversation.key || !user_key || !participant_leave(w, conversation.key, user_key))
        return FAULT_CONVERSATION_NOT_FOUND;
    return FAULT_NONE;
}
