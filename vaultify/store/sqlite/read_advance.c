/* Moving a read position forward. */
#include "store/sqlite/conversations.h"
#include "store/sqlite/messages.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/push_cancel.h"

enum fault write_read_advance(struct writer *w, struct store_op *base) {
    struct store_read_advance *op = (struct store_read_advance *)base;
    struct conversation_entry *conversation = writer_conversation(w, &op->conversation);
    if (!conversation) return FAULT_CONVERSATION_NOT_FOUND;
    int64_t conversation_key = conversation->key;
    struct user_entry *user = writer_user(w, &op->user);
    if (!user || !participant_is_in(&w->db, conversation_key, user->key)) return FAULT_CONVERSATION_NOT_FOUND;
    struct message_ref message = message_find(&w->db, &op->message);
    if (message.conversation_key != conversation_key) return FAULT_MESSAGE_NOT_FOUND;

    struct query q =
        query_begin(&w->db, "UPDATE participants SET last_read_seq = ?1, last_read_message = ?2"
                            " WHERE conversation_key = ?3 AND user_key = ?4 AND last_read_seq < ?1");
    query_put_i64(&q, (int64_t)message.seq);
    query_put_uuid(&q, &op->message);
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, user->key);
    op->moved = query_run(&q) && db_changes(&w->db) == 1;
    if (op->moved) push_cancel(w, user->key, conversation_key, message.seq);
    op->seq = message.seq;
    op->read_at = w->now;

    q = query_begin(&w->db, "SELECT id FROM users WHERE user_key = ?");
    query_put_i64(&q, message.sender_key);
    if (query_step(&q)) op->sender = query_get_uuid(&q);
    query_end(&q);
    return FAULT_NONE;
}
