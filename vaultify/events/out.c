/* What chat tells, as Socket.IO events to rooms: each encoded once, whatever the number of receivers. */
#include "events/call.h"
#include "wire/payloads.h"
#include "wire/rooms.h"

/* ---- one event on its way out ---- */

struct out {
    struct sio_strbuf args;
    struct sio_json_writer w;
};

static void out_open(struct out *out) {
    sio_strbuf_init(&out->args);
    sio_json_begin(&out->w, &out->args);
    sio_json_array_open(&out->w);
}

static void out_send(struct out *out, struct events *events, enum server_event event,
                     const struct sio_target *target) {
    const struct server_event_row *row = &server_event_rows[event];
    sio_json_array_close(&out->w);
    struct sio_packet *packet =
        sio_packet_event(events->ns, sio_span_cstr(row->name), sio_strbuf_as_span(&out->args));
    sio_broadcast(events->ns, target, packet, row->delivery);
    sio_packet_unref(packet);
    sio_strbuf_fini(&out->args);
}

static void out_send_room(struct out *out, struct events *events, enum server_event event,
                          const struct wire_room *room) {
    struct sio_span to = wire_room_span(room);
    out_send(out, events, event, &(struct sio_target){.rooms = &to, .room_count = 1});
}

/* To everyone in `room` but the sockets of one user. */
static void out_send_others(struct out *out, struct events *events, enum server_event event,
                            const struct wire_room *room, const struct uuid *user) {
    struct wire_room own = wire_room_user(user);
    struct sio_span to = wire_room_span(room), except = wire_room_span(&own);
    out_send(out, events, event,
             &(struct sio_target){.rooms = &to, .room_count = 1, .except = &except, .except_count = 1});
}

/* ---- messages ---- */

static void new_message(void *ctx, const struct message_row *message) {
    struct out out;
    struct wire_room room = wire_room_conversation(&message->conversation);
    out_open(&out);
    wire_new_message(&out.w, message);
    out_send_room(&out, ctx, SERVER_NEW_MESSAGE, &room);
}

enum { ONLY_MAX = 2 };

static void message_read(void *ctx, const struct uuid *conversation, const struct uuid *message, uint64_t seq,
                         const struct uuid *reader, int64_t read_at, const struct uuid *only,
                         size_t only_count, struct sio_ref except_socket) {
    struct out out;
    struct wire_room rooms[ONLY_MAX] = {wire_room_conversation(conversation)};
    struct sio_span names[ONLY_MAX];
    size_t count = only_count < ONLY_MAX ? only_count : ONLY_MAX;
    for (size_t i = 0; i < count; i++) rooms[i] = wire_room_user(&only[i]);
    if (count == 0) count = 1;
    for (size_t i = 0; i < count; i++) names[i] = wire_room_span(&rooms[i]);
    out_open(&out);
    wire_message_read(&out.w, conversation, message, seq, reader, read_at);
    out_send(&out, ctx, SERVER_MESSAGE_READ,
             &(struct sio_target){.rooms = names, .room_count = count, .except_socket = except_socket});
}

static void message_delivered(void *ctx, const struct uuid *conversation, const struct uuid *message,
                              uint64_t seq, const struct uuid *user, int64_t delivered_at,
                              const struct uuid *only) {
    struct out out;
    struct wire_room room = only ? wire_room_user(only) : wire_room_conversation(conversation);
    out_open(&out);
    wire_message_delivered(&out.w, conversation, message, seq, user, delivered_at);
    out_send_others(&out, ctx, SERVER_MESSAGE_DELIVERED, &room, user);
}

static void user_typing(void *ctx, const struct uuid *conversation, const struct chat_person *user,
                        bool is_typing) {
    struct out out;
    struct wire_room room = wire_room_conversation(conversation);
    out_open(&out);
    wire_user_typing(&out.w, conversation, user, is_typing);
    out_send_others(&out, ctx, SERVER_USER_TYPING, &room, &user->id);
}

static void estate_broadcast(void *ctx, const struct uuid *estate, const struct message_row *message,
                             enum broadcast_type type, const struct chat_person *from) {
    struct out out;
    struct wire_room room = wire_room_estate(estate);
    out_open(&out);
    wire_estate_broadcast(&out.w, estate, message, type, from);
    out_send_room(&out, ctx, SERVER_ESTATE_BROADCAST, &room);
}

/* ---- presence ---- */

static void user_online(void *ctx, const struct uuid *estate, const struct chat_person *user, int64_t at) {
    struct out out;
    struct wire_room room = wire_room_estate(estate);
    out_open(&out);
    wire_user_online(&out.w, user, at);
    out_send_others(&out, ctx, SERVER_USER_ONLINE, &room, &user->id);
}

static void user_offline(void *ctx, const struct uuid *estate, const struct uuid *user, int64_t at) {
    struct out out;
    struct wire_room room = wire_room_estate(estate);
    out_open(&out);
    wire_user_offline(&out.w, user, at);
    out_send_others(&out, ctx, SERVER_USER_OFFLINE, &room, user);
}

static void presence_digest(void *ctx, const struct uuid *estate, const struct uuid *online,
                            size_t online_count, const struct uuid *offline, size_t offline_count,
                            uint64_t count) {
    struct out out;
    struct wire_room room = wire_room_estate(estate);
    out_open(&out);
    wire_presence_digest(&out.w, estate, online, online_count, offline, offline_count, count);
    out_send_room(&out, ctx, SERVER_PRESENCE_DIGEST, &room);
}

/* ---- rooms and ends ---- */

static void tell_membership(struct events *events, enum server_event event, const struct wire_room *user,
                            const struct uuid *conversation) {
    struct out out;
    out_open(&out);
    wire_membership(&out.w, conversation);
    out_send_room(&out, events, event, user);
}

static void user_joined(void *ctx, const struct uuid *user, const struct uuid *conversation) {
    struct events *events = ctx;
    struct wire_room own = wire_room_user(user), room = wire_room_conversation(conversation);
    struct sio_span to = wire_room_span(&own);
    sio_sockets_join(events->ns, &(struct sio_target){.rooms = &to, .room_count = 1}, wire_room_span(&room));
    tell_membership(events, SERVER_CONVERSATION_JOINED, &own, conversation);
}

static void user_left(void *ctx, const struct uuid *user, const struct uuid *conversation) {
    struct events *events = ctx;
    struct wire_room own = wire_room_user(user), room = wire_room_conversation(conversation);
    struct sio_span to = wire_room_span(&own);
    sio_sockets_leave(events->ns, &(struct sio_target){.rooms = &to, .room_count = 1}, wire_room_span(&room));
    tell_membership(events, SERVER_CONVERSATION_LEFT, &own, conversation);
}

static void user_revoked(void *ctx, const struct uuid *user, enum fault why) {
    struct events *events = ctx;
    struct wire_room own = wire_room_user(user);
    struct sio_span to = wire_room_span(&own);
    struct out out;
    out_open(&out);
    wire_error(&out.w, why, sio_span_of("", 0), sio_span_of("", 0));
    out_send_room(&out, events, SERVER_ERROR, &own);
    sio_sockets_disconnect(events->ns, &(struct sio_target){.rooms = &to, .room_count = 1},
                           SIO_CLOSE_CONNECTION);
}

void events_out(struct events *events, struct chat_out *out) {
    *out = (struct chat_out){.ctx = events,
                             .new_message = new_message,
                             .message_read = message_read,
                             .message_delivered = message_delivered,
                             .user_typing = user_typing,
                             .estate_broadcast = estate_broadcast,
                             .user_online = user_online,
                             .user_offline = user_offline,
                             .presence_digest = presence_digest,
                             .user_joined = user_joined,
                             .user_left = user_left,
                             .user_revoked = user_revoked};
}
