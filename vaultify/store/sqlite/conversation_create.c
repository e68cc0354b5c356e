/* Making a conversation; a direct one between the same two people is made once. */
#include "store/sqlite/conversation_insert.h"
#include "store/sqlite/conversations.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/participants.h"
#include "store/sqlite/users.h"

/* The keys of the creator and then of all others, each once; false: somebody is not an active user of the
 * estate. */
static bool members_find(struct writer *w, struct store_conversation_create *op, int64_t estate_key,
                         int64_t **out_keys, size_t *out_count) {
    struct map seen;
    map_init(&seen, NULL);
    int64_t *keys = arena_array(&op->op.arena, int64_t, op->user_count + 1);
    size_t count = 0;
    bool all = true;
    for (size_t i = 0; all && i <= op->user_count; i++) {
        const struct uuid *id = i == 0 ? &op->creator : &op->users[i - 1];
        if (map_put(&seen, uuid_span(id), op)) continue;
        keys[count] = user_find_active(&w->db, id, estate_key);
        all = keys[count++] != 0;
    }
    map_fini(&seen);
    *out_keys = keys;
    *out_count = count;
    return all;
}

int64_t conversation_find_pair(struct db *db, int64_t estate_key, int64_t user_a, int64_t user_b) {
    struct query q =
        query_begin(db, "SELECT conversation_key FROM conversations INDEXED BY conversations_by_pair"
                        " WHERE pair_low = min(?1, ?2) AND pair_high = max(?1, ?2) AND estate_key = ?3");
    query_put_i64(&q, user_a);
    query_put_i64(&q, user_b);
    query_put_i64(&q, estate_key);
    int64_t key = query_step(&q) ? query_get_i64(&q) : 0;
    query_end(&q);
    return key;
}

int64_t conversation_insert(struct writer *w, const struct conversation_insert *in) {
    const struct conversation_row *row = in->row;
    struct query q = query_begin(
        &w->db, "INSERT INTO conversations (id, estate_key, created_by, type, estate_group, pair_low,"
                " pair_high, title, photo_url, metadata, created_at, updated_at, last_activity_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5, min(?6, ?7), max(?6, ?7), ?8, ?9, ?10, ?11, ?12, ?13)");
    query_put_uuid(&q, &row->id);
    query_put_i64(&q, in->estate_key);
    query_put_key_or_null(&q, in->creator_key);
    query_put_text(&q, conversation_type_text(row->type));
    query_put_i64(&q, row->estate_group);
    query_put_key_or_null(&q, in->pair[0]);
    query_put_key_or_null(&q, in->pair[1]);
    query_put_text(&q, row->title);
    query_put_text(&q, row->photo_url);
    query_put_text(&q, row->metadata);
    query_put_i64(&q, row->created_at);
    query_put_i64(&q, row->updated_at);
    query_put_i64(&q, row->last_activity_at);
    return query_run(&q) ? sqlite3_last_insert_rowid(w->db.handle) : 0;
}

enum fault write_conversation_create(struct writer *w, struct store_op *base) {
    struct store_conversation_create *op = (struct store_conversation_create *)base;
    struct db *db = &w->db;
    bool direct = op->type == CONVERSATION_DIRECT;
    int64_t estate_key = estate_key_find(db, &op->estate), *members, key = 0;
    size_t count;
    if (!members_find(w, op, estate_key, &members, &count)) return FAULT_USER_NOT_FOUND;
    if (direct && count != 2) return FAULT_INVALID_PAYLOAD;

    if (direct) key = conversation_find_pair(db, estate_key, members[0], members[1]);
    op->created = key == 0;
    if (op->created) {
        struct conversation_row row = {
            .id = ids_next(&w->ids, w->now),
            .type = op->type,
            .title = op->title,
            .created_at = w->now,
            .updated_at = w->now,
            .last_activity_at = w->now,
        };
        struct conversation_insert in = {.row = &row, .estate_key = estate_key, .creator_key = members[0]};
        if (direct) in.pair[0] = members[0], in.pair[1] = members[1];
        key = conversation_insert(w, &in);
    }
    for (size_t i = 0; i < count; i++) participant_put(w, key, members[i], !direct && i == 0);
    conversation_load(db, &op->op.arena, key, &op->row);
    return FAULT_NONE;
}
