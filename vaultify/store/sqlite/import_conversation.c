/* A conversation of an import: made or brought up to date, its participants added. */
#include "store/sqlite/columns.h"
#include "store/sqlite/conversation_insert.h"
#include "store/sqlite/conversations.h"
#include "store/sqlite/estate_group.h"
#include "store/sqlite/import.h"
#include "store/sqlite/participants.h"
#include "store/sqlite/users.h"

struct plan {
    const struct conversation_row *row;
    int64_t estate_key, creator_key;
    int64_t *members;            /* the participants' keys, as in the record */
    struct conversation_ref old; /* key 0: it is new */
};

static bool refuse_id(struct import *im, const char *format, const struct uuid *id) {
    char text[UUID_TEXT + 1];
    uuid_format(id, text);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    return import_refuse(im, format, text);
#pragma GCC diagnostic pop
}

/* ---- checking ---- */

static bool members_check(struct import *im, struct plan *plan) {
    const struct conversation_row *row = plan->row;
    struct db *db = &im->w->db;
    plan->members = arena_array(&im->op->op.arena, int64_t, row->participant_count);
    for (size_t i = 0; i < row->participant_count; i++) {
        const struct uuid *id = &row->participants[i].user;
        struct query q = query_begin(db, "SELECT user_key, estate_key FROM users WHERE id = ?");
        query_put_uuid(&q, id);
        int64_t estate_key = 0;
        if (query_step(&q)) {
            plan->members[i] = query_get_i64(&q);
            estate_key = query_get_i64(&q);
        }
        query_end(&q);
        if (!plan->members[i]) return refuse_id(im, "The participant %s does not exist", id);
        if (estate_key != plan->estate_key)
            return refuse_id(im, "The participant %s is not of the conversation's estate", id);
    }
    return true;
}

static bool direct_check(struct import *im, const struct plan *plan) {
    if (plan->row->participant_count != 2 || plan->members[0] == plan->members[1])
        return import_refuse(im, "A direct conversation needs exactly two participants");
    int64_t same = conversation_find_pair(&im->w->db, plan->estate_key, plan->members[0], plan->members[1]);
    if (same != plan->old.key)
        return import_refuse(im, same ? "These two users have another direct conversation already"
                                      : "The participants of a direct conversation cannot be exchanged");
    return true;
}

static bool group_check(struct import *im, const struct plan *plan) {
    if (!plan->row->estate_group) return true;
    int64_t group = estate_group_find(&im->w->db, plan->estate_key);
    if (group && group != plan->old.key)
        return import_refuse(im, "The estate has another group conversation already");
    return true;
}

static bool plan_make(struct import *im, const struct conversation_row *row, struct plan *plan) {
    struct db *db = &im->w->db;
    *plan = (struct plan){.row = row, .estate_key = estate_key_find(db, &row->estate)};
    if (uuid_is_nil(&row->id)) return import_refuse(im, "A conversation needs an id");
    if (!plan->estate_key) return refuse_id(im, "The conversation's estate %s does not exist", &row->estate);
    if (!uuid_is_nil(&row->created_by) && !(plan->creator_key = user_find(db, &row->created_by)))
        return refuse_id(im, "The conversation's creator %s does not exist", &row->created_by);
    plan->old = conversation_find(db, &row->id);
    if (plan->old.key && plan->old.estate_key != plan->estate_key)
        return import_refuse(im, "A conversation cannot move to another estate");
    if (plan->old.key && plan->old.type != row->type)
        return import_refuse(im, "A conversation's type cannot change");
    if (row->estate_group && row->type != CONVERSATION_GROUP)
        return import_refuse(im, "An estate group is of type group");
    if (!members_check(im, plan)) return false;
    return row->type == CONVERSATION_DIRECT ? direct_check(im, plan) : group_check(im, plan);
}

/* ---- writing ---- */

static int64_t conversation_add(struct import *im, const struct plan *plan) {
    int64_t now = im->w->now;
    struct conversation_row row = *plan->row;
    row.created_at = import_time(row.created_at, now);
    row.updated_at = import_time(row.updated_at, row.created_at);
    row.last_activity_at = import_time(row.last_activity_at, row.updated_at);
    if (row.last_activity_at > now) row.last_activity_at = now; /* new messages are never older than it */
    struct conversation_insert in = {
        .row = &row, .estate_key = plan->estate_key, .creator_key = plan->creator_key};
    if (row.type == CONVERSATION_DIRECT) {
        in.pair[0] = plan->members[0];
        in.pair[1] = plan->members[1];
    }
    return conversation_insert(im->w, &in);
}

/* Compares inside the statement: a row that is the same already is not written. A flag or time that the
 * record does not give stays as it is. */
static bool conversation_change(struct import *im, const struct plan *plan) {
    const struct conversation_row *row = plan->row;
    struct query q = query_begin(
        &im->w->db,
        "UPDATE conversations SET created_by = coalesce(?2, created_by), estate_group = max(?3, "
        "estate_group),"
        " title = ?4, photo_url = ?5, metadata = ?6, created_at = coalesce(?7, created_at),"
        " updated_at = coalesce(?8, ?9) WHERE conversation_key = ?1 AND ("
        " created_by IS NOT coalesce(?2, created_by) OR estate_group < ?3 OR title <> ?4 OR photo_url <> ?5"
        " OR metadata <> ?6 OR created_at <> coalesce(?7, created_at) OR updated_at <> coalesce(?8, "
        "updated_at))");
    query_put_i64(&q, plan->old.key);
    query_put_key_or_null(&q, plan->creator_key);
    query_put_i64(&q, row->estate_group);
    query_put_text(&q, row->title);
    query_put_text(&q, row->photo_url);
    query_put_text(&q, row->metadata);
    query_put_key_or_null(&q, row->created_at);
    query_put_key_or_null(&q, row->updated_at);
    query_put_i64(&q, im->w->now);
    return query_run(&q) && db_changes(&im->w->db) == 1;
}

static void member_add(struct import *im, const struct plan *plan, int64_t key, size_t i) {
    const struct participant_row *p = &plan->row->participants[i];
    uint64_t read_seq = p->last_read_seq < plan->old.last_seq ? p->last_read_seq : plan->old.last_seq;
    struct query q = query_begin(
        &im->w->db,
        "INSERT INTO participants (conversation_key, user_key, is_admin, is_muted, is_pinned, is_archived,"
        " notifications_enabled, muted_until, joined_at, left_at, last_read_seq, last_read_message)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    query_put_i64(&q, key);
    query_put_i64(&q, plan->members[i]);
    query_put_i64(&q, p->is_admin);
    query_put_i64(&q, p->is_muted);
    query_put_i64(&q, p->is_pinned);
    query_put_i64(&q, p->is_archived);
    query_put_i64(&q, p->notifications_enabled);
    query_put_i64(&q, p->muted_until);
    query_put_i64(&q, import_time(p->joined_at, im->w->now));
    query_put_i64(&q, p->left_at);
    query_put_i64(&q, (int64_t)read_seq);
    query_put_uuid_or_null(&q, &p->last_read_message);
    query_run(&q);
    participant_total_add(im->w, key, p->left_at == 0);
    writer_audience_changed(im->w);
}

/* Those who have a row keep it as it is. */
static bool members_add(struct import *im, const struct plan *plan, int64_t key) {
    bool added = false;
    for (size_t i = 0; i < plan->row->participant_count; i++) {
        if (participant_find(&im->w->db, key, plan->members[i]).exists) continue;
        member_add(im, plan, key, i);
        added = true;
    }
    return added;
}

bool import_conversation(struct import *im, const struct conversation_row *row) {
    struct plan plan;
    if (!plan_make(im, row, &plan)) return false;
    int64_t key = plan.old.key ? plan.old.key : conversation_add(im, &plan);
    bool changed = !plan.old.key || conversation_change(im, &plan);
    changed |= members_add(im, &plan, key);
    if (row->estate_group && changed) changed |= estate_group_fill(im->w, plan.estate_key, key) > 0;
    if (changed) {
        im->op->conversations_written++;
        import_estate_changed(im, plan.estate_key);
    }
    return true;
}
