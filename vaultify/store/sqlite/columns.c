/* Rows of rows.h out of query columns. */
#include "store/sqlite/columns.h"

#define DEFINE_WORD_COLUMN(kind, linkage)                                                                    \
    linkage enum kind columns_##kind(struct query *q) {                                                      \
        enum kind v = (enum kind)0;                                                                          \
        if (!kind##_parse(query_peek_text(q), &v)) db_fail(q->db, SQLITE_CORRUPT);                           \
        return v;                                                                                            \
    }
DEFINE_WORD_COLUMN(role, )
DEFINE_WORD_COLUMN(user_status, )
DEFINE_WORD_COLUMN(conversation_type, )
DEFINE_WORD_COLUMN(message_type, )
DEFINE_WORD_COLUMN(message_status, static)
DEFINE_WORD_COLUMN(device_platform, static)

void columns_estate(struct query *q, struct arena *arena, struct estate_row *out) {
    out->id = query_get_uuid(q);
    out->name = query_get_text(q, arena);
    out->email = query_get_text(q, arena);
    out->address = query_get_text(q, arena);
    out->created_at = query_get_i64(q);
    out->updated_at = query_get_i64(q);
}

void columns_preferences(struct query *q, struct arena *arena, struct preferences_row *out) {
    out->locale = query_get_text(q, arena);
    out->time_zone = query_get_text(q, arena);
    out->quiet_from = (int32_t)query_get_i64(q);
    out->quiet_to = (int32_t)query_get_i64(q);
}

void columns_user(struct query *q, struct arena *arena, struct user_row *out) {
    out->id = query_get_uuid(q);
    out->estate = query_get_uuid(q);
    out->role = columns_role(q);
    out->status = columns_user_status(q);
    out->email = query_get_text(q, arena);
    out->first_name = query_get_text(q, arena);
    out->last_name = query_get_text(q, arena);
    out->picture_url = query_get_text(q, arena);
    out->created_at = query_get_i64(q);
    out->updated_at = query_get_i64(q);
    columns_preferences(q, arena, &out->preferences);
}

void columns_conversation(struct query *q, struct arena *arena, struct conversation_row *out) {
    out->id = query_get_uuid(q);
    out->estate = query_get_uuid(q);
    out->created_by = query_get_uuid(q);
    out->type = columns_conversation_type(q);
    out->estate_group = query_get_bool(q);
    out->title = query_get_text(q, arena);
    out->photo_url = query_get_text(q, arena);
    out->metadata = query_get_text(q, arena);
    out->created_at = query_get_i64(q);
    out->updated_at = query_get_i64(q);
    out->last_activity_at = query_get_i64(q);
    out->last_seq = (uint64_t)query_get_i64(q);
    out->participant_total = (size_t)query_get_i64(q);
}

void columns_participant(struct query *q, struct arena *arena, struct participant_row *out) {
    out->user = query_get_uuid(q);
    out->is_admin = query_get_bool(q);
    out->is_muted = query_get_bool(q);
    out->is_pinned = query_get_bool(q);
    out->is_archived = query_get_bool(q);
    out->notifications_enabled = query_get_bool(q);
    out->muted_until = query_get_i64(q);
    out->joined_at = query_get_i64(q);
    out->left_at = query_get_i64(q);
    out->last_read_seq = (uint64_t)query_get_i64(q);
    out->last_delivered_seq = (uint64_t)query_get_i64(q);
    out->last_read_message = query_get_uuid(q);
    out->role = columns_role(q);
    out->first_name = query_get_text(q, arena);
    out->last_name = query_get_text(q, arena);
    out->picture_url = query_get_text(q, arena);
}

void columns_message(struct query *q, struct arena *arena, struct message_row *out) {
    out->id = query_get_uuid(q);
    out->sender = query_get_uuid(q);
    out->seq = (uint64_t)query_get_i64(q);
    out->type = columns_message_type(q);
    out->status = columns_message_status(q);
    out->content = query_get_text(q, arena);
    out->metadata = query_get_text(q, arena);
    out->client_message_id = query_get_text(q, arena);
    out->reply_to = query_get_uuid(q);
    out->created_at = query_get_i64(q);
    out->updated_at = query_get_i64(q);
    out->edited_at = query_get_i64(q);
    out->deleted_at = query_get_i64(q);
    out->sender_first_name = query_get_text(q, arena);
    out->sender_last_name = query_get_text(q, arena);
    out->sender_picture_url = query_get_text(q, arena);
}

void columns_reaction(struct query *q, struct arena *arena, struct reaction_row *out) {
    out->id = query_get_uuid(q);
    out->user = query_get_uuid(q);
    out->emoji = query_get_text(q, arena);
    out->created_at = query_get_i64(q);
    out->first_name = query_get_text(q, arena);
    out->last_name = query_get_text(q, arena);
}

void columns_device(struct query *q, struct arena *arena, struct device_row *out) {
    out->id = query_get_uuid(q);
    out->user = query_get_uuid(q);
    out->platform = columns_device_platform(q);
    out->service = (uint8_t)query_get_i64(q);
    out->token = query_get_text(q, arena);
    out->keys = query_get_bytes(q, arena);
    out->device_id = query_get_text(q, arena);
    out->created_at = query_get_i64(q);
    out->last_seen_at = query_get_i64(q);
}
