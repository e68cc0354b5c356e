/* Adding a message: the hot path. One INSERT; everything else comes from the writer's caches. */
#include "store/sqlite/messages.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/push_fanout.h"

/* The target must be a message of the same conversation. */
static bool reply_is_valid(struct writer *w, const struct store_message_add *op, int64_t conversation_key) {
    return uuid_is_nil(&op->reply_to) ||
           message_find(&w->db, &op->reply_to).conversation_key == conversation_key;
}

/* The number under which a client_message_id is looked for; 6 bytes in the index. */
static int64_t client_hash(const struct writer *w, int64_t sender_key, struct sio_span client_message_id) {
    const uint64_t mask = (UINT64_C(1) << 47) - 1;
    const uint64_t seed[2] = {w->client_hash_seed[0] ^ (uint64_t)sender_key, w->client_hash_seed[1]};
    return (int64_t)(hash_bytes(seed, client_message_id) & mask);
}

enum insert_result { INSERT_DONE, INSERT_HASH_TAKEN, INSERT_FAILED };

static enum insert_result message_insert(struct writer *w, const struct message_row *row,
                                         int64_t conversation_key, int64_t sender_key, int64_t hash) {
    struct query q = query_begin(
        &w->db, "INSERT INTO messages (id, conversation_key, seq, sender_key, type, status, content,"
                " metadata, client_message_id, client_hash, reply_to, created_at, updated_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12)"
                " ON CONFLICT (conversation_key, client_hash)"
                " WHERE client_hash IS NOT NULL DO NOTHING");
    query_put_uuid(&q, &row->id);
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, (int64_t)row->seq);
    query_put_i64(&q, sender_key);
    query_put_text(&q, message_type_text(row->type));
    query_put_text(&q, message_status_text(row->status));
    query_put_text(&q, row->content);
    query_put_text(&q, row->metadata);
    query_put_text_or_null(&q, row->client_message_id);
    if (row->client_message_id.n)
        query_put_i64(&q, hash);
    else
        query_put_null(&q);
    query_put_uuid_or_null(&q, &row->reply_to);
    query_put_i64(&q, row->created_at);
    if (!query_run(&q)) return INSERT_FAILED;
    return db_changes(&w->db) == 1 ? INSERT_DONE : INSERT_HASH_TAKEN;
}

/* Whoever has this hash: is it the same sender's same client_message_id? Then its message's id. */
static bool hash_holder_is_same(struct writer *w, const struct message_row *row, int64_t conversation_key,
                                int64_t sender_key, int64_t hash, struct uuid *out_id) {
    struct query q = query_begin(&w->db, "SELECT id, sender_key, client_message_id FROM messages"
                                         " WHERE conversation_key = ? AND client_hash = ?");
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, hash);
    bool same = false;
    if (query_step(&q)) {
        *out_id = query_get_uuid(&q);
        same = query_get_i64(&q) == sender_key && sio_span_eq(query_peek_text(&q), row->client_message_id);
    }
    query_end(&q);
    return same;
}

static void row_fill(struct writer *w, struct store_message_add *op, const struct user_entry *sender,
                     const struct conversation_entry *conversation) {
    struct arena *arena = &op->op.arena;
    /* Time never goes back within a conversation, whatever the clock does. */
    int64_t at = w->now > conversation->last_activity_at ? w->now : conversation->last_activity_at;
    op->row = (struct message_row){
        .id = ids_next(&w->ids, w->now),
        .conversation = op->conversation,
        .sender = op->sender,
        .seq = conversation->last_seq + 1,
        .type = op->type,
        .status = STATUS_SENT,
        .content = op->content,
        .metadata = op->metadata,
        .client_message_id = op->client_message_id,
        .reply_to = op->reply_to,
        .created_at = at,
        .updated_at = at,
        .sender_first_name = arena_span(arena, sender->first_name),
        .sender_last_name = arena_span(arena, sender->last_name),
        .sender_picture_url = arena_span(arena, sender->picture_url),
    };
}

enum fault write_message_add(struct writer *w, struct store_op *base) {
    struct store_message_add *op = (struct store_message_add *)base;
    struct message_row *row = &op->row;
    struct user_entry *sender = writer_user(w, &op->sender);
    struct conversation_entry *conversation = writer_conversation(w, &op->conversation);
    if (!sender || !conversation) return FAULT_CONVERSATION_NOT_FOUND;
    if (!reply_is_valid(w, op, conversation->key)) return FAULT_MESSAGE_NOT_FOUND;
    row_fill(w, op, sender, conversation);

    struct uuid first;
    int64_t hash = row->client_message_id.n ? client_hash(w, sender->key, row->client_message_id) : 0;
    enum insert_result result;
    while ((result = message_insert(w, row, conversation->key, sender->key, hash)) == INSERT_HASH_TAKEN) {
        if (hash_holder_is_same(w, row, conversation->key, sender->key, hash, &first)) {
            op->duplicate = message_load(&w->db, &op->op.arena, &op->conversation, &first, row);
            return FAULT_NONE;
        }
        hash++; /* another id with the same hash: one in 10^14 */
    }
    if (result == INSERT_FAILED) return FAULT_INTERNAL;
    conversation->last_seq = row->seq;
    conversation->last_activity_at = row->created_at;
    writer_conversation_touch(w, conversation);
    push_fanout_note(w, conversation, op->emergency);
    return FAULT_NONE;
}
