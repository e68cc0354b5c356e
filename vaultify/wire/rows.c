/* Rows as JSON objects in snake_case. */
#include "wire/rows.h"

#include "base/timefmt.h"
#include "push/note.h"

void wire_put_uuid(struct sio_json_writer *w, const struct uuid *id) {
    char text[UUID_TEXT + 1];
    if (uuid_is_nil(id)) {
        sio_json_null(w);
        return;
    }
    uuid_format(id, text);
    sio_json_string(w, sio_span_of(text, UUID_TEXT));
}

void wire_put_text(struct sio_json_writer *w, struct sio_span text) {
    if (text.n == 0)
        sio_json_null(w);
    else
        sio_json_string(w, text);
}

void wire_put_time(struct sio_json_writer *w, int64_t unix_ms) {
    char text[TIME_TEXT + 1];
    if (unix_ms == 0) {
        sio_json_null(w);
        return;
    }
    time_format(unix_ms, text);
    sio_json_string(w, sio_span_of(text, TIME_TEXT));
}

static void put_uuid(struct sio_json_writer *w, struct sio_span key, const struct uuid *id) {
    sio_json_key(w, key);
    wire_put_uuid(w, id);
}

static void put_text(struct sio_json_writer *w, struct sio_span key, struct sio_span text) {
    sio_json_key(w, key);
    wire_put_text(w, text);
}

static void put_time(struct sio_json_writer *w, struct sio_span key, int64_t unix_ms) {
    sio_json_key(w, key);
    wire_put_time(w, unix_ms);
}

static void put_number(struct sio_json_writer *w, struct sio_span key, uint64_t v) {
    sio_json_key(w, key);
    sio_json_i64(w, (int64_t)v);
}

static void put_bool(struct sio_json_writer *w, struct sio_span key, bool v) {
    sio_json_key(w, key);
    sio_json_bool(w, v);
}

static void put_raw(struct sio_json_writer *w, struct sio_span key, struct sio_span json) {
    sio_json_key(w, key);
    sio_json_raw(w, json);
}

/* ---- messages ---- */

/* Who somebody is, in short; the object is left open for more. */
static void person_open(struct sio_json_writer *w, const struct uuid *id, struct sio_span first,
                        struct sio_span last) {
    sio_json_object_open(w);
    put_uuid(w, SIO_SPAN("user_id"), id);
    sio_json_key(w, SIO_SPAN("first_name"));
    sio_json_string(w, first);
    sio_json_key(w, SIO_SPAN("last_name"));
    sio_json_string(w, last);
}

static void put_sender(struct sio_json_writer *w, const struct message_row *row) {
    sio_json_key(w, SIO_SPAN("sender"));
    if (uuid_is_nil(&row->sender)) {
        sio_json_null(w);
        return;
    }
    person_open(w, &row->sender, row->sender_first_name, row->sender_last_name);
    put_text(w, SIO_SPAN("profile_picture_url"), row->sender_picture_url);
    sio_json_object_close(w);
}

void wire_put_message_members(struct sio_json_writer *w, const struct message_row *row) {
    put_uuid(w, SIO_SPAN("message_id"), &row->id);
    put_uuid(w, SIO_SPAN("conversation_id"), &row->conversation);
    put_uuid(w, SIO_SPAN("sender_user_id"), &row->sender);
    put_text(w, SIO_SPAN("type"), message_type_text(row->type));
    put_text(w, SIO_SPAN("content"), row->content);
    put_raw(w, SIO_SPAN("metadata"), row->metadata);
    put_uuid(w, SIO_SPAN("reply_to_message_id"), &row->reply_to);
    put_text(w, SIO_SPAN("status"), message_status_text(row->status));
    put_time(w, SIO_SPAN("edited_at"), row->edited_at);
    put_time(w, SIO_SPAN("deleted_at"), row->deleted_at);
    put_time(w, SIO_SPAN("created_at"), row->created_at);
    put_time(w, SIO_SPAN("updated_at"), row->updated_at);
    put_number(w, SIO_SPAN("seq"), row->seq);
    put_text(w, SIO_SPAN("client_message_id"), row->client_message_id);
    put_sender(w, row);
}

void wire_put_message(struct sio_json_writer *w, const struct message_row *row) {
    sio_json_object_open(w);
    wire_put_message_members(w, row);
    sio_json_object_close(w);
}

void wire_put_reaction(struct sio_json_writer *w, const struct reaction_row *row) {
    sio_json_object_open(w);
    put_uuid(w, SIO_SPAN("reaction_id"), &row->id);
    put_uuid(w, SIO_SPAN("message_id"), &row->message);
    put_uuid(w, SIO_SPAN("user_id"), &row->user);
    put_text(w, SIO_SPAN("emoji"), row->emoji);
    put_time(w, SIO_SPAN("created_at"), row->created_at);
    sio_json_key(w, SIO_SPAN("user"));
    person_open(w, &row->user, row->first_name, row->last_name);
    sio_json_object_close(w);
    sio_json_object_close(w);
}

void wire_put_message_full(struct sio_json_writer *w, const struct message_row *row) {
    sio_json_object_open(w);
    wire_put_message_members(w, row);
    sio_json_key(w, SIO_SPAN("reply_to_message"));
    if (row->reply)
        wire_put_message(w, row->reply);
    else
        sio_json_null(w);
    sio_json_key(w, SIO_SPAN("reactions"));
    sio_json_array_open(w);
    for (size_t i = 0; i < row->reaction_count; i++) wire_put_reaction(w, &row->reactions[i]);
    sio_json_array_close(w);
    sio_json_object_close(w);
}

/* ---- conversations ---- */

/* How somebody wants to be told is nobody else's affair: of others it reads as that of one who has just come. */
static void put_settings(struct sio_json_writer *w, const struct participant_row *row, bool own) {
    put_bool(w, SIO_SPAN("is_muted"), own && row->is_muted);
    put_bool(w, SIO_SPAN("is_pinned"), own && row->is_pinned);
    put_bool(w, SIO_SPAN("is_archived"), own && row->is_archived);
    put_bool(w, SIO_SPAN("notifications_enabled"), !own || row->notifications_enabled);
}

void wire_put_participant(struct sio_json_writer *w, const struct uuid *conversation,
                          const struct participant_row *row, const struct uuid *reader) {
    sio_json_object_open(w);
    put_uuid(w, SIO_SPAN("conversation_id"), conversation);
    put_uuid(w, SIO_SPAN("user_id"), &row->user);
    put_bool(w, SIO_SPAN("is_admin"), row->is_admin);
    put_settings(w, row, uuid_eq(&row->user, reader));
    put_uuid(w, SIO_SPAN("last_read_message_id"), &row->last_read_message);
    put_number(w, SIO_SPAN("last_read_seq"), row->last_read_seq);
    put_number(w, SIO_SPAN("last_delivered_seq"), row->last_delivered_seq);
    put_time(w, SIO_SPAN("joined_at"), row->joined_at);
    put_time(w, SIO_SPAN("left_at"), row->left_at);
    sio_json_key(w, SIO_SPAN("user"));
    person_open(w, &row->user, row->first_name, row->last_name);
    put_text(w, SIO_SPAN("role"), role_text(row->role));
    put_text(w, SIO_SPAN("profile_picture_url"), row->picture_url);
    sio_json_object_close(w);
    sio_json_object_close(w);
}

static void put_participants(struct sio_json_writer *w, const struct conversation_row *row,
                             const struct uuid *reader) {
    sio_json_key(w, SIO_SPAN("participants"));
    sio_json_array_open(w);
    for (size_t i = 0; i < row->participant_count; i++)
        if (row->participants[i].left_at == 0)
            wire_put_participant(w, &row->id, &row->participants[i], reader);
    sio_json_array_close(w);
}

void wire_put_conversation(struct sio_json_writer *w, const struct conversation_row *row,
                           const struct uuid *reader) {
    sio_json_object_open(w);
    put_uuid(w, SIO_SPAN("conversation_id"), &row->id);
    put_uuid(w, SIO_SPAN("estate_id"), &row->estate);
    put_uuid(w, SIO_SPAN("created_by_user_id"), &row->created_by);
    put_text(w, SIO_SPAN("type"), conversation_type_text(row->type));
    put_text(w, SIO_SPAN("title"), row->title);
    put_text(w, SIO_SPAN("photo_url"), row->photo_url);
    put_raw(w, SIO_SPAN("metadata"), row->metadata);
    put_time(w, SIO_SPAN("created_at"), row->created_at);
    put_time(w, SIO_SPAN("updated_at"), row->updated_at);
    put_bool(w, SIO_SPAN("is_estate_group"), row->estate_group);
    put_time(w, SIO_SPAN("last_activity_at"), row->last_activity_at);
    put_number(w, SIO_SPAN("last_seq"), row->last_seq);
    put_number(w, SIO_SPAN("participant_count"), row->participant_total);
    put_number(w, SIO_SPAN("unread_count"), row->unread_count);
    sio_json_key(w, SIO_SPAN("last_message"));
    if (row->last_message)
        wire_put_message(w, row->last_message);
    else
        sio_json_null(w);
    put_participants(w, row, reader);
    sio_json_object_close(w);
}

/* ---- users ---- */

void wire_put_user(struct sio_json_writer *w, const struct user_row *row) {
    person_open(w, &row->id, row->first_name, row->last_name);
    put_text(w, SIO_SPAN("email"), row->email);
    put_text(w, SIO_SPAN("status"), user_status_text(row->status));
    put_text(w, SIO_SPAN("role"), role_text(row->role));
    put_uuid(w, SIO_SPAN("estate_id"), &row->estate);
    put_text(w, SIO_SPAN("profile_picture_url"), row->picture_url);
    put_time(w, SIO_SPAN("created_at"), row->created_at);
    put_time(w, SIO_SPAN("updated_at"), row->updated_at);
    sio_json_object_close(w);
}

void wire_put_me(struct sio_json_writer *w, const struct user_row *row, struct sio_span estate_name) {
    person_open(w, &row->id, row->first_name, row->last_name);
    put_text(w, SIO_SPAN("email"), row->email);
    put_text(w, SIO_SPAN("role"), role_text(row->role));
    put_text(w, SIO_SPAN("status"), user_status_text(row->status));
    put_uuid(w, SIO_SPAN("estate_id"), &row->estate);
    put_text(w, SIO_SPAN("estate_name"), estate_name);
    put_text(w, SIO_SPAN("profile_picture_url"), row->picture_url);
    sio_json_object_close(w);
}

void wire_put_demo_user(struct sio_json_writer *w, const struct user_row *row, struct sio_span estate_name,
                        struct sio_span token) {
    person_open(w, &row->id, row->first_name, row->last_name);
    put_text(w, SIO_SPAN("role"), role_text(row->role));
    put_uuid(w, SIO_SPAN("estate_id"), &row->estate);
    put_text(w, SIO_SPAN("estate_name"), estate_name);
    put_text(w, SIO_SPAN("token"), token);
    sio_json_object_close(w);
}

void wire_put_resident(struct sio_json_writer *w, const struct user_row *row) {
    person_open(w, &row->id, row->first_name, row->last_name);
    put_text(w, SIO_SPAN("role"), role_text(row->role));
    put_text(w, SIO_SPAN("profile_picture_url"), row->picture_url);
    sio_json_object_close(w);
}

void wire_put_online(struct sio_json_writer *w, const struct chat_online *row) {
    person_open(w, &row->person.id, row->person.first_name, row->person.last_name);
    put_text(w, SIO_SPAN("role"), role_text(row->person.role));
    put_text(w, SIO_SPAN("profile_picture_url"), row->person.picture_url);
    put_time(w, SIO_SPAN("online_since"), row->online_since);
    sio_json_object_close(w);
}

/* ---- pushes ---- */

void wire_put_device(struct sio_json_writer *w, const struct device_row *row) {
    sio_json_object_open(w);
    put_uuid(w, SIO_SPAN("device_token_id"), &row->id);
    put_text(w, SIO_SPAN("platform"), device_platform_text(row->platform));
    put_text(w, SIO_SPAN("token"), row->token);
    put_text(w, SIO_SPAN("device_id"), row->device_id);
    put_time(w, SIO_SPAN("created_at"), row->created_at);
    put_time(w, SIO_SPAN("last_seen"), row->last_seen_at);
    sio_json_object_close(w);
}

static void put_minute(struct sio_json_writer *w, struct sio_span key, int32_t minute) {
    char text[16];
    int n = snprintf(text, sizeof text, "%02d:%02d", minute / 60, minute % 60);
    put_text(w, key, sio_span_of(text, (size_t)n));
}

void wire_put_preferences(struct sio_json_writer *w, const struct preferences_row *row) {
    sio_json_object_open(w);
    put_text(w, SIO_SPAN("locale"), row->locale);
    put_text(w, SIO_SPAN("timeZone"), row->time_zone);
    sio_json_key(w, SIO_SPAN("quietHours"));
    if (row->quiet_from >= 0) {
        sio_json_object_open(w);
        put_minute(w, SIO_SPAN("from"), row->quiet_from);
        put_minute(w, SIO_SPAN("to"), row->quiet_to);
        sio_json_object_close(w);
    } else {
        sio_json_null(w);
    }
    sio_json_object_close(w);
}

void wire_put_push_dead(struct sio_json_writer *w, const struct push_dead_row *row) {
    sio_json_object_open(w);
    put_number(w, SIO_SPAN("key"), (uint64_t)row->key);
    put_uuid(w, SIO_SPAN("user_id"), &row->user);
    put_uuid(w, SIO_SPAN("conversation_id"), &row->conversation);
    put_uuid(w, SIO_SPAN("device_token_id"), &row->device);
    put_text(w, SIO_SPAN("provider"), sio_span_cstr(push_service_text(row->service)));
    put_number(w, SIO_SPAN("attempts"), row->attempts);
    put_text(w, SIO_SPAN("error"), row->error);
    put_time(w, SIO_SPAN("created_at"), row->created_at);
    put_time(w, SIO_SPAN("died_at"), row->died_at);
    sio_json_object_close(w);
}
