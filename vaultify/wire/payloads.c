/* Event payloads as JSON objects in camelCase. */
#include "wire/payloads.h"

static void put_uuid(struct sio_json_writer *w, struct sio_span key, const struct uuid *id) {
    sio_json_key(w, key);
    wire_put_uuid(w, id);
}

static void put_string(struct sio_json_writer *w, struct sio_span key, struct sio_span text) {
    sio_json_key(w, key);
    sio_json_string(w, text);
}

static void put_time(struct sio_json_writer *w, struct sio_span key, int64_t at) {
    sio_json_key(w, key);
    wire_put_time(w, at);
}

static void put_number(struct sio_json_writer *w, struct sio_span key, uint64_t v) {
    sio_json_key(w, key);
    sio_json_i64(w, (int64_t)v);
}

/* ---- messages ---- */

void wire_new_message(struct sio_json_writer *w, const struct message_row *message) {
    sio_json_object_open(w);
    put_uuid(w, SIO_SPAN("conversationId"), &message->conversation);
    sio_json_key(w, SIO_SPAN("message"));
    wire_put_message(w, message);
    sio_json_object_close(w);
}

void wire_message_sent_members(struct sio_json_writer *w, const struct message_row *message) {
    put_uuid(w, SIO_SPAN("messageId"), &message->id);
    put_uuid(w, SIO_SPAN("conversationId"), &message->conversation);
    if (message->client_message_id.n > 0)
        put_string(w, SIO_SPAN("clientMessageId"), message->client_message_id);
    put_number(w, SIO_SPAN("seq"), message->seq);
    put_time(w, SIO_SPAN("createdAt"), message->created_at);
}

void wire_message_sent(struct sio_json_writer *w, const struct message_row *message) {
    sio_json_object_open(w);
    wire_message_sent_members(w, message);
    sio_json_object_close(w);
}

void wire_message_read(struct sio_json_writer *w, const struct uuid *conversation, const struct uuid *message,
                       uint64_t seq, const struct uuid *reader, int64_t read_at) {
    sio_json_object_open(w);
    put_uuid(w, SIO_SPAN("conversationId"), conversation);
    put_uuid(w, SIO_SPAN("messageId"), message);
    put_uuid(w, SIO_SPAN("readBy"), reader);
    put_time(w, SIO_SPAN("readAt"), read_at);
    put_number(w, SIO_SPAN("seq"), seq);
    sio_json_object_close(w);
}

void wire_message_delivered(struct sio_json_writer *w, const struct uuid *conversation,
                            const struct uuid *message, uint64_t seq, const struct uuid *user,
                            int64_t delivered_at) {
    sio_json_object_open(w);
    put_uuid(w, SIO_SPAN("conversationId"), conversation);
    put_uuid(w, SIO_SPAN("messageId"), message);
    put_uuid(w, SIO_SPAN("deliveredTo"), user);
    put_time(w, SIO_SPAN("deliveredAt"), delivered_at);
    put_number(w, SIO_SPAN("seq"), seq);
    sio_json_object_close(w);
}

/* ---- people ---- */

static void person_members(struct sio_json_writer *w, const struct chat_person *user) {
    put_uuid(w, SIO_SPAN("userId"), &user->id);
    put_string(w, SIO_SPAN("firstName"), user->first_name);
    put_string(w, SIO_SPAN("lastName"), user->last_name);
}

void wire_user_typing(struct sio_json_writer *w, const struct uuid *conversation,
                      const struct chat_person *user, bool is_typing) {
    sio_json_object_open(w);
    put_uuid(w, SIO_SPAN("conversationId"), conversation);
    person_members(w, user);
    sio_json_key(w, SIO_SPAN("isTyping"));
    sio_json_bool(w, is_typing);
    sio_json_object_close(w);
}

void wire_estate_broadcast(struct sio_json_writer *w, const struct uuid *estate,
                           const struct message_row *message, enum broadcast_type type,
                           const struct chat_person *from) {
    sio_json_object_open(w);
    put_string(w, SIO_SPAN("message"), message->content);
    put_string(w, SIO_SPAN("type"), broadcast_type_text(type));
    sio_json_key(w, SIO_SPAN("from"));
    sio_json_object_open(w);
    person_members(w, from);
    put_string(w, SIO_SPAN("role"), role_text(from->role));
    sio_json_object_close(w);
    put_time(w, SIO_SPAN("timestamp"), message->created_at);
    put_uuid(w, SIO_SPAN("estateId"), estate);
    put_uuid(w, SIO_SPAN("messageId"), &message->id);
    put_uuid(w, SIO_SPAN("conversationId"), &message->conversation);
    put_number(w, SIO_SPAN("seq"), message->seq);
    sio_json_object_close(w);
}

void wire_user_online(struct sio_json_writer *w, const struct chat_person *user, int64_t at) {
    sio_json_object_open(w);
    person_members(w, user);
    put_time(w, SIO_SPAN("timestamp"), at);
    sio_json_object_close(w);
}

void wire_user_offline(struct sio_json_writer *w, const struct uuid *user, int64_t at) {
    sio_json_object_open(w);
    put_uuid(w, SIO_SPAN("userId"), user);
    put_time(w, SIO_SPAN("timestamp"), at);
    sio_json_object_close(w);
}

static void put_uuids(struct sio_json_writer *w, struct sio_span key, const struct uuid *ids, size_t count) {
    sio_json_key(w, key);
    sio_json_array_open(w);
    for (size_t i = 0; i < count; i++) wire_put_uuid(w, &ids[i]);
    sio_json_array_close(w);
}

void wire_presence_digest(struct sio_json_writer *w, const struct uuid *estate, const struct uuid *online,
                          size_t online_count, const struct uuid *offline, size_t offline_count,
                          uint64_t count) {
    sio_json_object_open(w);
    put_uuid(w, SIO_SPAN("estateId"), estate);
    put_uuids(w, SIO_SPAN("online"), online, online_count);
    put_uuids(w, SIO_SPAN("offline"), offline, offline_count);
    put_number(w, SIO_SPAN("count"), count);
    sio_json_object_close(w);
}

void wire_membership(struct sio_json_writer *w, const struct uuid *conversation) {
    sio_json_object_open(w);
    put_uuid(w, SIO_SPAN("conversationId"), conversation);
    sio_json_object_close(w);
}

/* ---- refusals ---- */

static struct sio_span refusal_text(enum fault fault, struct sio_span message) {
    return message.n > 0 ? message : sio_span_cstr(fault_message(fault));
}

void wire_error(struct sio_json_writer *w, enum fault fault, struct sio_span message, struct sio_span event) {
    sio_json_object_open(w);
    put_string(w, SIO_SPAN("message"), refusal_text(fault, message));
    put_string(w, SIO_SPAN("code"), sio_span_cstr(fault_code(fault)));
    if (event.n > 0) put_string(w, SIO_SPAN("event"), event);
    sio_json_object_close(w);
}

void wire_ack_refused(struct sio_json_writer *w, enum fault fault, struct sio_span message,
                      uint32_t retry_after_ms) {
    sio_json_object_open(w);
    sio_json_key(w, SIO_SPAN("ok"));
    sio_json_bool(w, false);
    sio_json_key(w, SIO_SPAN("error"));
    sio_json_object_open(w);
    put_string(w, SIO_SPAN("code"), sio_span_cstr(fault_code(fault)));
    put_string(w, SIO_SPAN("message"), refusal_text(fault, message));
    if (retry_after_ms > 0) put_number(w, SIO_SPAN("retryAfterMs"), retry_after_ms);
    sio_json_object_close(w);
    sio_json_object_close(w);
}

/* ---- what a stored broadcast carries ---- */

void wire_broadcast_metadata(struct sio_strbuf *out, struct sio_span metadata, enum broadcast_type type) {
    struct sio_json_writer w;
    struct sio_span key, value;
    size_t cursor = 0;
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    while (sio_json_next_member(metadata, &cursor, &key, &value)) {
        if (sio_json_string_is(key, SIO_SPAN("broadcast_type"))) continue;
        sio_json_key(&w, sio_span_of(key.p + 1, key.n - 2)); /* escaped already */
        sio_json_raw(&w, value);
    }
    put_string(&w, SIO_SPAN("broadcast_type"), broadcast_type_text(type));
    sio_json_object_close(&w);
}
