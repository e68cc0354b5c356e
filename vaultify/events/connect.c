/* A socket's life in the product: its token is checked, its user loaded, its rooms joined; its token expires;
 * it goes. */
#include "base/mem.h"
#include "events/member.h"
#include "wire/payloads.h"
#include "wire/rooms.h"

enum {
    EXPIRY_STEP_MS = 3600000, /* a token may live for years, a timer need not */
    LEAVE_RETRY_MS = 200,     /* when the estate was too busy to note that somebody went */
    LEAVE_TRIES = 300,
};

/* ---- joining ---- */

struct joining {
    struct chat_call chat;
    struct sio_connect *connect;
    struct member *member;
};

static void joining_refuse(struct sio_connect *connect, enum fault fault) {
    struct sio_strbuf data;
    sio_strbuf_init(&data);
    sio_strbuf_printf(&data, "{\"code\":\"%s\"}", fault_code(fault));
    sio_connect_refuse(connect, sio_span_cstr(fault_message(fault)), sio_strbuf_as_span(&data));
    sio_strbuf_fini(&data);
}

/* The token of CONNECT's auth object, else (absent, null or empty) of the Authorization header. */
static enum fault token_verify(struct events *events, struct sio_connect *connect,
                               struct auth_identity *identity) {
    char text[AUTH_TOKEN_MAX_BYTES + 2];
    struct sio_span token = sio_json_member(sio_connect_auth(connect), SIO_SPAN("token"));
    enum sio_json_kind kind = sio_json_kind(token);
    if (kind == SIO_JSON_NONE || kind == SIO_JSON_NULL || sio_span_is(token, "\"\""))
        token = auth_bearer(sio_connect_header(connect, SIO_SPAN("authorization")));
    else if (kind != SIO_JSON_STRING || token.n > sizeof text)
        return FAULT_TOKEN_INVALID;
    else
        token = sio_span_of(text, sio_json_string_decode(token, text));
    return auth_verify(events->auth, token, sio_loop_wall_ms(sio_connect_loop(connect)), identity);
}

static void member_leave(struct member *member, bool lost);
static void member_gone(void *data) { member_leave(data, false); }

static void joining_accept(struct joining *joining, const struct uuid *conversations, size_t count) {
    struct member *member = joining->member;
    struct wire_room *rooms = mem_new_array(struct wire_room, count + 2);
    struct sio_span *names = mem_new_array(struct sio_span, count + 2);
    size_t n = 0;
    rooms[n++] = wire_room_user(&member->user);
    if (!uuid_is_nil(&member->estate)) rooms[n++] = wire_room_estate(&member->estate);
    for (size_t i = 0; i < count; i++) rooms[n++] = wire_room_conversation(&conversations[i]);
    for (size_t i = 0; i < n; i++) names[i] = wire_room_span(&rooms[i]);
    sio_connect_accept(joining->connect, names, n, member, member_gone);
    free(names);
    free(rooms);
}

static void joining_done(enum fault fault, struct chat_user *me, const struct uuid *conversations,
                         size_t count, void *data) {
    struct joining *joining = data;
    if (fault == FAULT_NONE) {
        joining->member->estate = chat_me(me).estate;
        joining->member->epoch = chat_connection_epoch(me);
        joining_accept(joining, conversations, count);
    } else {
        joining_refuse(joining->connect, fault);
        free(joining->member);
    }
    free(joining);
}

static void joining_run(struct chat_call *chat, struct chat_user *me, enum fault fault) {
    struct joining *joining = container_of(chat, struct joining, chat);
    if (fault != FAULT_NONE)
        joining_done(fault, NULL, NULL, 0, joining);
    else
        chat_connect(me, joining_done, joining);
}

void member_on_connecting(struct sio_connect *connect, void *data) {
    struct events *events = data;
    struct auth_identity identity;
    enum fault fault = token_verify(events, connect, &identity);
    if (fault != FAULT_NONE) {
        joining_refuse(connect, fault);
        return;
    }
    struct joining *joining = mem_new(struct joining);
    joining->chat = (struct chat_call){.user = identity.user, .run = joining_run};
    joining->connect = connect;
    joining->member = mem_new(struct member);
    joining->member->events = events;
    joining->member->user = identity.user;
    joining->member->expires_at = identity.expires_at;
    chat_enter(events->chat, &joining->chat);
}

/* ---- the token's end ---- */

static void expiry_fire(struct sio_timer *timer);

static void expiry_start(struct member *member) {
    struct sio_loop *loop = sio_loop_here();
    int64_t left_ms = member->expires_at - sio_loop_wall_ms(loop);
    if (left_ms > EXPIRY_STEP_MS) left_ms = EXPIRY_STEP_MS;
    sio_timer_start(loop, &member->expiry, left_ms > 0 ? (uint64_t)left_ms : 0, expiry_fire);
}

/* The connection is closed, not the namespace left: so a client comes back by itself, with a new token. */
static void expiry_fire(struct sio_timer *timer) {
    struct member *member = container_of(timer, struct member, expiry);
    struct events *events = member->events;
    if (sio_loop_wall_ms(sio_loop_here()) < member->expires_at) {
        expiry_start(member);
        return;
    }
    struct sio_socket *socket = sio_socket_find(events->server, member->socket);
    if (!socket) return;
    struct sio_span room = sio_socket_id(socket);
    struct sio_target target = {.rooms = &room, .room_count = 1};
    event_emit_error(events, member->socket, FAULT_TOKEN_EXPIRED, sio_span_of("", 0), sio_span_of("", 0));
    sio_sockets_disconnect(events->ns, &target, SIO_CLOSE_CONNECTION);
}

void member_on_connect(struct sio_socket *socket, void *data) {
    struct member *member = sio_socket_data(socket);
    member->socket = sio_socket_ref(socket);
    expiry_start(member);
}

/* ---- going ---- */

struct leaving {
    struct chat_call chat;
    struct events *events;
    uint32_t epoch; /* the member's, as is the next */
    bool confirms;
    bool lost; /* chat_disconnect says what that is */
    struct sio_timer retry;
    unsigned tries;
};

static void leaving_run(struct chat_call *chat, struct chat_user *me, enum fault fault);

static void leaving_enter(struct leaving *leaving) {
    leaving->chat.run = leaving_run;
    chat_enter_known(leaving->events->chat, &leaving->chat);
}

static void leaving_retry(struct sio_timer *timer) {
    leaving_enter(container_of(timer, struct leaving, retry));
}

/* A user whom chat no longer knows is offline for it already. */
static void leaving_run(struct chat_call *chat, struct chat_user *me, enum fault fault) {
    struct leaving *leaving = container_of(chat, struct leaving, chat);
    bool again = fault == FAULT_BUSY || fault == FAULT_INTERNAL;
    if (again && leaving->tries++ < LEAVE_TRIES) {
        sio_timer_start(sio_loop_here(), &leaving->retry, LEAVE_RETRY_MS, leaving_retry);
        return;
    }
    if (me)
        chat_disconnect(me, leaving->epoch, leaving->confirms, leaving->lost);
    else if (fault == FAULT_USER_INACTIVE || fault == FAULT_ESTATE_CHANGED)
        sio_log_debug(leaving->events->log, "a disconnect behind the user's end: %s", fault_code(fault));
    else
        sio_log_warn(leaving->events->log, "a disconnect was not noted: %s", fault_code(fault));
    free(leaving);
}

static void member_leave(struct member *member, bool lost) {
    struct leaving *leaving = mem_new(struct leaving);
    leaving->chat = (struct chat_call){.user = member->user, .estate = member->estate};
    leaving->events = member->events;
    leaving->epoch = member->epoch;
    leaving->confirms = member->confirms;
    leaving->lost = lost;
    leaving_enter(leaving);
    free(member);
}

/* What is sent to a socket arrives in order, or the connection breaks: one that was closed had got what came
 * before, one that only stopped answering may not have, nor one that was too slow to be kept. */
static bool lost_with(enum sio_reason reason) {
    return reason == SIO_PING_TIMEOUT || reason == SIO_TRANSPORT_ERROR;
}

void member_on_disconnect(struct sio_socket *socket, enum sio_reason reason, void *data) {
    struct member *member = sio_socket_data(socket);
    sio_timer_stop(sio_socket_loop(socket), &member->expiry);
    sio_socket_set_data(socket, NULL);
    member_leave(member, lost_with(reason));
}
