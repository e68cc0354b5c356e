/* Sockets: one client in one namespace; their table, their events, their end. */
#include "base/mem.h"
#include "base/must.h"
#include "socket/internal.h"

/* ---- start ---- */

static void namespace_add(struct sio_socket *s) {
    struct namespace_loop *nl = &s->ns->loops[s->loop];
    if (nl->count == nl->capacity) {
        nl->capacity = nl->capacity ? nl->capacity * 2 : 16;
        nl->sockets = mem_realloc(nl->sockets, nl->capacity * sizeof(struct sio_socket *));
    }
    s->index = nl->count;
    nl->sockets[nl->count++] = s;
}

static void namespace_remove(struct sio_socket *s) {
    struct namespace_loop *nl = &s->ns->loops[s->loop];
    struct sio_socket *last = nl->sockets[--nl->count];
    nl->sockets[s->index] = last;
    last->index = s->index;
}

struct sio_socket *socket_new(struct client *client, struct sio_namespace *ns, void *data) {
    struct sio_loop *loop = engine_session_loop(client->session);
    struct server_loop *sl = server_here(client->server, loop);
    struct sio_socket *s = mem_new(struct sio_socket);
    s->client = client;
    s->ns = ns;
    namespace_ref(ns);
    s->data = data;
    s->loop = (uint16_t)sio_loop_index(loop);
    s->slot = slots_add(&sl->sockets, s);
    s->generation = slots_generation(&sl->sockets, s->slot);
    sid_make(&client->server->key, loop, s->slot, s->id);
    s->next_of_client = client->sockets;
    client->sockets = s;
    namespace_add(s);
    if (client_is_old(client)) old_client_name(s);
    count_one(&sl->socket_count);
    return s;
}

/* ---- what the owner asks ---- */

struct sio_span sio_socket_id(const struct sio_socket *s) {
    return s->has_long_id ? s->long_id : sio_span_of(s->id, SID_TEXT);
}

struct sio_ref sio_socket_ref(const struct sio_socket *s) {
    return (struct sio_ref){.slot = s->slot, .generation = s->generation, .loop = s->loop};
}

struct sio_socket *sio_socket_find(struct sio_server *server, struct sio_ref ref) {
    if (ref.generation == 0) return NULL;
    struct sio_socket *s = slots_get(&server->loops[ref.loop].sockets, ref.slot);
    return s && s->generation == ref.generation ? s : NULL;
}

struct sio_namespace *sio_socket_namespace(const struct sio_socket *s) {
    return s->ns;
}
struct sio_server *sio_socket_server(const struct sio_socket *s) {
    return s->ns->server;
}
struct sio_loop *sio_socket_loop(const struct sio_socket *s) {
    return sio_server_loop(s->ns->server, s->loop);
}
void *sio_socket_data(const struct sio_socket *s) { return s->data; }
void sio_socket_set_data(struct sio_socket *s, void *data) { s->data = data; }

/* The directory is told first, so that an order that is after this one comes here. */
void socket_join(struct sio_socket *s, struct sio_span room, uint64_t after) {
    if (s->ended) return;
    rooms_join(s, room);
    if (s->session) recovery_joined(s, room, after ? after : recovery_last(s->ns));
}

void sio_socket_join(struct sio_socket *s, struct sio_span room) { socket_join(s, room, 0); }

void sio_socket_leave(struct sio_socket *s, struct sio_span room) {
    if (sio_span_eq(sio_socket_id(s), room)) return; /* everybody's own */
    rooms_leave(s, room);
    if (s->session) recovery_left(s, room);
}

bool sio_socket_in(const struct sio_socket *s, struct sio_span room) {
    for (uint32_t i = 0; i < s->room_count; i++)
        if (sio_span_eq(sio_span_of(s->rooms[i].room->name, s->rooms[i].room->name_n), room)) return true;
    return false;
}

/* ---- events ---- */

/* The array behind its first item, as an array of its own: the comma becomes the bracket. `json` is copied
 * for that. */
static struct sio_span split_name(struct sio_span json, char *copy, struct sio_span *name_value) {
    size_t cursor = 0;
    bool there = sio_json_next_item(json, &cursor, name_value);
    must(there); /* sio_wire_parse saw it */
    size_t end = (size_t)(name_value->p - json.p) + name_value->n;
    while (json.p[end] != ',' && json.p[end] != ']') end++;
    if (json.p[end] == ']') return SIO_SPAN("[]");
    memcpy(copy, json.p + end, json.n - end);
    copy[0] = '[';
    return sio_span_of(copy, json.n - end);
}

void socket_event(struct sio_socket *s, const struct sio_wire *wire, const struct sio_span *attachments) {
    if (!s->ns->handlers.on_event) return;
    char stack[2048];
    char *copy = wire->json.n * 2 <= sizeof(stack) ? stack : mem_alloc(wire->json.n * 2);
    char *name = copy + wire->json.n;
    struct sio_span name_value;
    struct sio_event event = {
        .args = split_name(wire->json, copy, &name_value),
        .ack = {.socket = sio_socket_ref(s), .wanted = wire->has_id, .id = wire->id},
        .attachments = attachments,
        .attachment_count = wire->attachments,
    };
    event.name = sio_json_kind(name_value) == SIO_JSON_STRING
                     ? sio_span_of(name, sio_json_string_decode(name_value, name))
                     : name_value;
    count_one(&s->ns->server->loops[s->loop].events_in);
    s->ns->handlers.on_event(s, &event, s->ns->handlers.data);
    if (copy != stack) free(copy);
}

/* ---- the end ---- */

static void unlink_from_client(struct sio_socket *s) {
    struct sio_socket **at = &s->client->sockets;
    while (*at != s) at = &(*at)->next_of_client;
    *at = s->next_of_client;
    s->client->namespaces--;
}

static void socket_free(void *socket) {
    struct sio_socket *s = socket;
    namespace_unref(s->ns);
    if (s->has_long_id) free((void *)s->long_id.p);
    free(s);
}

void socket_end(struct sio_socket *s, enum sio_reason reason) {
    if (s->ended) return;
    struct server_loop *sl = &s->ns->server->loops[s->loop];
    s->ended = true;
    if (s->session) recovery_ending(s);
    unlink_from_client(s); /* before the owner is called, who may end the rest of the client */
    if (s->begun && s->ns->handlers.on_disconnect)
        s->ns->handlers.on_disconnect(s, reason, s->ns->handlers.data);
    ack_forget_all(s);
    if (s->session)
        recovery_ended(s, reason);
    else if (s->begun && s->ns->handlers.on_forget)
        s->ns->handlers.on_forget(s->data, s->ns->handlers.data);
    rooms_leave_all(s);
    namespace_remove(s);
    slots_remove(&sl->sockets, s->slot);
    atomic_fetch_sub_explicit(&sl->socket_count, 1, memory_order_relaxed);
    end_later(sio_socket_loop(s), socket_free, s);
}

static void leave(struct sio_socket *s) {
    client_send(s->client, packet_disconnect(s->ns));
    socket_end(s, SIO_SERVER_DISCONNECT);
}

void sio_socket_disconnect(struct sio_socket *s, enum sio_leave how) {
    if (s->ended) return;
    struct client *client = s->client; /* there until the next turn */
    if (how == SIO_LEAVE) leave(s);
    if (how == SIO_LEAVE_ALL)
        while (client->sockets) leave(client->sockets);
    if (how != SIO_LEAVE && client->session) engine_close(client->session, SIO_FORCED_CLOSE);
}

const char *sio_reason_text(enum sio_reason reason) {
    static const char *const texts[] = {
        [SIO_TRANSPORT_CLOSE] = "transport close",
        [SIO_TRANSPORT_ERROR] = "transport error",
        [SIO_PING_TIMEOUT] = "ping timeout",
        [SIO_PARSE_ERROR] = "parse error",
        [SIO_CLIENT_DISCONNECT] = "client namespace disconnect",
        [SIO_SERVER_DISCONNECT] = "server namespace disconnect",
        [SIO_FORCED_CLOSE] = "forced close",
        [SIO_SERVER_SHUTTING_DOWN] = "server shutting down",
    };
    must((size_t)reason < sizeof(texts) / sizeof(*texts));
    return texts[reason];
}
