/* What a push says and where it goes: a job with its message, device, texts and badge. */
#include "store/sqlite/columns.h"
#include "store/sqlite/conversations.h"
#include "store/sqlite/ops.h"

#define TEXT_CHARACTERS "2000" /* of the content: no service carries more */

static void columns_broadcast(struct query *q, struct push_job_row *out) {
    struct sio_span type = query_peek_text(q); /* empty: is none */
    out->is_broadcast = broadcast_type_parse(type, &out->broadcast);
}

/* False: the job, its device or its message has gone. */
static bool row_load(struct db *db, int64_t key, struct arena *arena, struct push_job_row *out,
                     int64_t *user_key) {
    struct query q =
        query_begin(db, "SELECT u.user_key, j.id, j.emergency, j.attempts, j.created_at, j.seq, c.id, "
                        "c.type, c.title, u.locale,"
                        " m.id, m.type, substr(m.content, 1, " TEXT_CHARACTERS "), s.first_name, s.last_name,"
                        " CASE WHEN m.type = 'system' AND json_valid(m.metadata)"
                        "  THEN json_extract(m.metadata, '$.broadcast_type') END, " DEVICE_COLUMNS
                        " FROM push_jobs j CROSS JOIN devices d USING (device_key) CROSS JOIN users u ON "
                        "u.user_key = j.user_key"
                        " CROSS JOIN conversations c USING (conversation_key)"
                        " CROSS JOIN messages m INDEXED BY messages_by_seq"
                        "  ON m.conversation_key = j.conversation_key AND m.seq = j.seq"
                        " CROSS JOIN users s ON s.user_key = m.sender_key WHERE j.job_key = ?");
    query_put_i64(&q, key);
    bool found = query_step(&q);
    if (found) {
        *user_key = query_get_i64(&q);
        out->key = key;
        out->id = query_get_uuid(&q);
        out->emergency = query_get_bool(&q);
        out->attempts = (uint32_t)query_get_i64(&q);
        out->created_at = query_get_i64(&q);
        out->seq = (uint64_t)query_get_i64(&q);
        out->conversation = query_get_uuid(&q);
        out->conversation_type = columns_conversation_type(&q);
        out->title = query_get_text(&q, arena);
        out->locale = query_get_text(&q, arena);
        out->message = query_get_uuid(&q);
        out->type = columns_message_type(&q);
        out->content = query_get_text(&q, arena);
        out->sender_first_name = query_get_text(&q, arena);
        out->sender_last_name = query_get_text(&q, arena);
        columns_broadcast(&q, out);
        columns_device(&q, arena, &out->device);
    }
    query_end(&q);
    return found;
}

enum fault read_push_load(struct db *db, struct store_op *base) {
    struct store_push_load *op = (struct store_push_load *)base;
    struct arena *arena = &op->op.arena;
    struct push_job_row *rows = arena_array(arena, struct push_job_row, op->job_count);
    int64_t user_key, counted_key = 0; /* a user's jobs lie side by side: one for each device */
    uint64_t badge = 0;
    op->count = 0;
    for (size_t i = 0; i < op->job_count; i++) {
        struct push_job_row *row = &rows[op->count];
        if (!row_load(db, op->jobs[i], arena, row, &user_key)) continue;
        if (user_key != counted_key) badge = conversations_unread(db, user_key);
        counted_key = user_key;
        row->badge = badge;
        op->count++;
    }
    op->rows = rows;
    return FAULT_NONE;
}
