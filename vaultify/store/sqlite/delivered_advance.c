/* A message has arrived at a device: no push is owed up to it, and the position of what has arrived moves forward. */
#include "store/sqlite/conversations.h"
#include "store/sqlite/messages.h"
#include "store/sqlite/ops.h"
#include "store/sqlite/push_cancel.h"
#include "store/sqlite/push_delivered.h"

/* Passed at once and looked at one by one; of more it is not asked who sent them. */
enum { LOOKED_AT = 100 };

struct position {
    bool in; /* the user is in the conversation */
    uint64_t seq;
};

/* Reading implies that it has arrived. */
static struct position position_find(struct db *db, int64_t conversation_key, int64_t user_key) {
    struct query q = query_begin(db, "SELECT max(last_delivered_seq, last_read_seq) FROM participants"
                                     " WHERE conversation_key = ? AND user_key = ? AND left_at = 0");
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, user_key);
    struct position position = {.in = query_step(&q)};
    if (position.in) position.seq = (uint64_t)query_get_i64(&q);
    query_end(&q);
    return position;
}

static void position_write(struct db *db, int64_t conversation_key, int64_t user_key, uint64_t seq) {
    struct query q = query_begin(
        db, "UPDATE participants SET last_delivered_seq = ? WHERE conversation_key = ? AND user_key = ?");
    query_put_i64(&q, (int64_t)seq);
    query_put_i64(&q, conversation_key);
    query_put_i64(&q, user_key);
    query_run(&q);
}

/* Who sent what is passed, the user's own messages not counted. */
struct senders {
    unsigned count; /* 2: several */
    int64_t only;   /* of count 1 */
};

static struct senders senders_between(struct db *db, const struct message_ref *message, int64_t user_key,
                                      uint64_t from) {
    struct senders senders = {.count = message->sender_key != user_key, .only = message->sender_key};
    if (message->seq == from + 1) return senders;
    if (message->seq - from > LOOKED_AT) return (struct senders){.count = 2};
    struct query q =
        query_begin(db, "SELECT DISTINCT sender_key FROM messages INDEXED BY messages_by_seq"
                        " WHERE conversation_key = ? AND seq > ? AND seq <= ? AND sender_key <> ? LIMIT 2");
    query_put_i64(&q, message->conversation_key);
    query_put_i64(&q, (int64_t)from);
    query_put_i64(&q, (int64_t)message->seq);
    query_put_i64(&q, user_key);
    for (senders.count = 0; query_step(&q); senders.count++) senders.only = query_get_i64(&q);
    return senders;
}

static struct uuid user_id(struct db *db, int64_t user_key) {
    struct query q = query_begin(db, "SELECT id FROM users WHERE user_key = ?");
    query_put_i64(&q, user_key);
    struct uuid id = query_step(&q) ? query_get_uuid(&q) : (struct uuid){{0}};
    query_end(&q);
    return id;
}

static void advance(struct writer *w, struct store_delivered_advance *op, const struct message_ref *message,
                    int64_t user_key, uint64_t from) {
    struct senders senders = senders_between(&w->db, message, user_key, from);
    if (senders.count == 0) return;
    position_write(&w->db, message->conversation_key, user_key, message->seq);
    op->moved = true;
    if (senders.count == 1) op->only_sender = user_id(&w->db, senders.only);
}

enum fault write_delivered_advance(struct writer *w, struct store_op *base) {
    struct store_delivered_advance *op = (struct store_delivered_advance *)base;
    struct conversation_entry *conversation = writer_conversation(w, &op->conversation);
    struct user_entry *user = writer_user(w, &op->user);
    struct position position = {0};
    if (conversation && user) position = position_find(&w->db, conversation->key, user->key);
    if (!position.in) return FAULT_CONVERSATION_NOT_FOUND;
    struct message_ref message = message_find(&w->db, &op->message);
    if (message.conversation_key != conversation->key) return FAULT_MESSAGE_NOT_FOUND;
    push_delivered_note(w, user->key, conversation->key, message.seq);
    push_cancel(w, user->key, conversation->key, message.seq);
    if (op->keep && message.seq > position.seq) advance(w, op, &message, user->key, position.seq);
    op->seq = message.seq;
    op->delivered_at = w->now;
    return FAULT_NONE;
}
