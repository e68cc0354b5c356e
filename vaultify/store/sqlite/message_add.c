/* Adding a message: the hot path. One INSERT; everything else comes from the writer's caches. */
#include "store/sqlite/messages.h"
#include "store/sqlite/ops.h"

/* The target must be a message of the same conversation. */
static bool reply_is_valid(struct writer *w, const struct store_message_add *op, int64_t conversation_key) {
    return uuid_is_nil(&op->reply_to) ||
           message_find(&w->db, &op->reply_to).conversation_key == conversation_key;
}

static bool message_insert(struct writer *w, const struct message_row *row, int64_t conversation_key,
                           int64_t sender_key) {
    struct query q = query_begin(
        &w->db, "INSERT INTO messages (id, conversation_key, seq, sender_key, type, status, content,"
                " metadata, client_message_id, reply_to, created_at, updated_at)"
                " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)"
                " ON CONFLICT (conversation_key, sender_key, client_message_id)"
                " WHERE client_message_id IS NOT NULL DO NOTHING");
    query_put_uuid(&q, &row->id);
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, (int64_t)row->seq);
    query_put_i64(&q, sender_key);
    query_put_text(&q, message_type_text(row->type));
    query_put_text(&q, message_status_text(row->status));
    query_put_text(&q, row->content);
    query_put_text(&q, row->metadata);
    query_put_text_or_null(&q, row->client_message_id);
    query_put_uuid_or_null(&q, &row->reply_to);
    query_put_i64(&q, row->created_at);
    return query_run(&q) && db_changes(&w->db) == 1;
}

enum fault write_message_add(struct writer *w, struct store_op *base) {
    struct store_message_add *op = (struct store_message_add *)base;
    struct arena *arena = &op->op.arena;
    struct message_row *row = &op->row;
    struct user_entry *sender = writer_user(w, &op->sender);
    struct conversation_entry *conversation = writer_conversation(w, &op->conversation);
    if (!sender || !conversation) return FAULT_CONVERSATION_NOT_FOUND;
    if (!reply_is_valid(w, op, conversation->key)) return FAULT_MESSAGE_NOT_FOUND;

    /* Time never goes back within a conversation, whatever the clock does. */
    int64_t at = w->now > conversation->last_activity_at ? w->now : conversation->last_activity_at;
    *row = (struct message_row){
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
    if (message_insert(w, row, conversation->key, sender->key)) {
        conversation->last_seq = row->seq;
        conversation->last_activity_at = at;
        writer_conversation_touch(w, conversation);
        return FAULT_NONE;
    }
    op->duplicate = message_load_by_client(&w->db, arena, &op->conversation, conversation->key, sender->key,
                                           op->client_message_id, row);
    return op->duplicate ? FAULT_NONE : FAULT_INTERNAL;
}
