/* The estate group: made when it is first needed, filled with all active users. */
#include "store/sqlite/estate_group.h"

#include "sio_strbuf.h"
#include "store/sqlite/conversation_insert.h"
#include "store/sqlite/conversations.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/participants.h"
#include "store/sqlite/users.h"

int64_t estate_group_find(struct db *db, int64_t estate_key) {
    struct query q = query_begin(
        db, "SELECT conversation_key FROM conversations WHERE estate_key = ? AND estate_group = 1");
    query_put_i64(&q, estate_key);
    int64_t key = query_step(&q) ? query_get_i64(&q) : 0;
    query_end(&q);
    return key;
}

int64_t estate_group_fill(struct writer *w, int64_t estate_key, int64_t conversation_key) {
    struct query q =
        query_begin(&w->db, "INSERT INTO participants (conversation_key, user_key, is_admin, joined_at)"
                            " SELECT ?1, u.user_key, u.role IN (?2, ?3), ?4 FROM users u"
                            " WHERE u.estate_key = ?5 AND u.status = ?6 AND NOT EXISTS"
                            " (SELECT 1 FROM participants p"
                            "   WHERE p.conversation_key = ?1 AND p.user_key = u.user_key)");
    query_put_i64(&q, conversation_key);
    query_put_text(&q, role_text(ROLE_ADMIN));
    query_put_text(&q, role_text(ROLE_SUPER_ADMIN));
    query_put_i64(&q, w->now);
    query_put_i64(&q, estate_key);
    query_put_text(&q, user_status_text(USER_ACTIVE));
    int64_t added = query_run(&q) ? db_changes(&w->db) : 0;
    participant_total_add(w, conversation_key, added);
    if (added) writer_audience_changed(w);
    return added;
}

/* Who is noted when nobody asked for it by name: the first admin, else the first resident. */
static int64_t creator_find(struct db *db, int64_t estate_key) {
    struct query q = query_begin(db, "SELECT user_key FROM users WHERE estate_key = ? AND status = ?"
                                     " ORDER BY role IN (?, ?) DESC, user_key LIMIT 1");
    query_put_i64(&q, estate_key);
    query_put_text(&q, user_status_text(USER_ACTIVE));
    query_put_text(&q, role_text(ROLE_ADMIN));
    query_put_text(&q, role_text(ROLE_SUPER_ADMIN));
    int64_t key = query_step(&q) ? query_get_i64(&q) : 0;
    query_end(&q);
    return key;
}

static struct sio_span default_title(struct db *db, int64_t estate_key, struct arena *arena) {
    struct query q =
        query_begin(db, "SELECT name || CASE WHEN name LIKE '% Estate' THEN ' Group' ELSE ' Estate Group' END"
                        " FROM estates WHERE estate_key = ?");
    query_put_i64(&q, estate_key);
    struct sio_span title = query_step(&q) ? query_get_text(&q, arena) : (struct sio_span){NULL, 0};
    query_end(&q);
    return title;
}

static int64_t group_make(struct writer *w, struct store_estate_group *op, int64_t estate_key) {
    struct db *db = &w->db;
    struct conversation_row row = {
        .id = ids_next(&w->ids, w->now),
        .type = CONVERSATION_GROUP,
        .estate_group = true,
        .title = op->title.n ? op->title : default_title(db, estate_key, &op->op.arena),
        .created_at = w->now,
        .updated_at = w->now,
        .last_activity_at = w->now,
    };
    struct conversation_insert in = {.row = &row, .estate_key = estate_key};
    in.creator_key = uuid_is_nil(&op->creator) ? creator_find(db, estate_key) : user_find(db, &op->creator);
    return conversation_insert(w, &in);
}

enum fault write_estate_group(struct writer *w, struct store_op *base) {
    struct store_estate_group *op = (struct store_estate_group *)base;
    int64_t estate_key = estate_key_find(&w->db, &op->estate);
    if (!estate_key) return FAULT_FORBIDDEN;
    int64_t key = estate_group_find(&w->db, estate_key);
    op->created = key == 0;
    if (op->created) key = group_make(w, op, estate_key);
    estate_group_fill(w, estate_key, key);
    conversation_load(&w->db, &op->op.arena, key, &op->row);
    return FAULT_NONE;
}
