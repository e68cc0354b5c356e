/* A chat in one page: rooms to join and to leave, who is in them, who types, and what is said. With the official
 * client:
 *
 *     const socket = io('http://localhost:3000', { auth: { username: 'Ada' } });
 *     socket.emit('join', '#lobby', ({ members }) => …);       the others hear 'joined', '#lobby', 'Ada'
 *     socket.emit('say', '#lobby', 'hello', ({ ok }) => …);    … 'said', '#lobby', 'Ada', 'hello'
 *     socket.emit('typing', '#lobby', true);                   … 'typing', '#lobby', 'Ada', true
 *     socket.emit('who', '#lobby', ({ members }) => …);
 *     socket.emit('leave', '#lobby', ({ ok }) => …);           … 'left', '#lobby', 'Ada'
 *
 * An answer is {ok: true, …} or {ok: false, error}. Nothing is kept of what was said. There is one loop thread, so
 * that nothing here needs a lock. */
#include <sio.h>
#include <stdio.h>
#include <stdlib.h>

enum { NAME_BYTES = 64, ROOM_BYTES = 64, TEXT_BYTES = 4096, ROOMS = 16 /* that one member may be in */ };

struct chat {
    struct sio_namespace *ns;
    struct member *first;
};

struct member {
    struct member *prev, *next;
    struct sio_socket *socket;
    char name[NAME_BYTES];
    size_t name_n;
    char rooms[ROOMS][ROOM_BYTES]; /* NUL-terminated; empty: free */
};

static struct sio_span name_of(const struct member *m) { return sio_span_of(m->name, m->name_n); }

/* ---- coming and going ---- */

/* The text of a JSON string that takes at most `size` bytes with its quotes; an empty one counts as none. */
static bool text_of(struct sio_span value, char *out, size_t size, size_t *n) {
    if (sio_json_kind(value) != SIO_JSON_STRING || value.n > size) return false;
    *n = sio_json_string_decode(value, out);
    return *n > 0;
}

static void on_connecting(struct sio_connect *connect, void *data) {
    struct sio_span username = sio_json_member(sio_connect_auth(connect), SIO_SPAN("username"));
    struct member *m = calloc(1, sizeof(*m));
    if (m && text_of(username, m->name, sizeof(m->name), &m->name_n)) {
        sio_connect_accept(connect, NULL, 0, m, free);
        return;
    }
    free(m);
    sio_connect_refuse(connect, SIO_SPAN("auth.username is missing or too long"), SIO_SPAN(""));
}

static void on_connect(struct sio_socket *socket, void *data) {
    struct chat *chat = data;
    struct member *m = sio_socket_data(socket);
    m->socket = socket;
    m->next = chat->first;
    if (m->next) m->next->prev = m;
    chat->first = m;
}

/* To the others in the room: EVENT room, name[, more]. */
static void tell(struct chat *chat, struct member *from, const char *event, struct sio_span room,
                 struct sio_span more, enum sio_delivery delivery) {
    struct sio_strbuf args;
    struct sio_json_writer w;
    sio_strbuf_init(&args);
    sio_json_begin(&w, &args);
    sio_json_array_open(&w);
    sio_json_string(&w, room);
    sio_json_string(&w, name_of(from));
    if (more.n) sio_json_raw(&w, more);
    sio_json_array_close(&w);
    struct sio_packet *packet = sio_packet_event(chat->ns, sio_span_cstr(event), sio_strbuf_as_span(&args));
    struct sio_target others = {
        .rooms = &room, .room_count = 1, .except_socket = sio_socket_ref(from->socket)};
    sio_broadcast(chat->ns, &others, packet, delivery);
    sio_packet_unref(packet);
    sio_strbuf_fini(&args);
}

static void on_disconnect(struct sio_socket *socket, enum sio_reason reason, void *data) {
    struct chat *chat = data;
    struct member *m = sio_socket_data(socket);
    for (int i = 0; i < ROOMS; i++)
        if (m->rooms[i][0]) tell(chat, m, "left", sio_span_cstr(m->rooms[i]), SIO_SPAN(""), SIO_MUST);
    if (m->next) m->next->prev = m->prev;
    *(m->prev ? &m->prev->next : &chat->first) = m->next;
    free(m);
}

/* ---- what a member may ask for: each returns what is wrong, or NULL ---- */

struct request {
    struct chat *chat;
    struct member *member;
    struct sio_span room;
    struct sio_span more;           /* the argument behind it, as JSON; empty: none */
    struct sio_json_writer *answer; /* an open object */
};

static const char *who(struct request *r) {
    if (!sio_socket_in(r->member->socket, r->room)) return "you are not in this room";
    sio_json_key(r->answer, SIO_SPAN("members"));
    sio_json_array_open(r->answer);
    for (struct member *m = r->chat->first; m; m = m->next)
        if (sio_socket_in(m->socket, r->room)) sio_json_string(r->answer, name_of(m));
    sio_json_array_close(r->answer);
    return NULL;
}

/* The member's slot that holds this room; an empty name finds a free slot. */
static char *slot_of(struct member *m, struct sio_span room) {
    for (int i = 0; i < ROOMS; i++)
        if (sio_span_is(room, m->rooms[i])) return m->rooms[i];
    return NULL;
}

static const char *join(struct request *r) {
    if (!slot_of(r->member, r->room)) {
        char *slot = slot_of(r->member, SIO_SPAN(""));
        if (!slot) return "you are in too many rooms";
        memcpy(slot, r->room.p, r->room.n); /* the slot is all zeros */
        sio_socket_join(r->member->socket, r->room);
        tell(r->chat, r->member, "joined", r->room, SIO_SPAN(""), SIO_MUST);
    }
    return who(r);
}

static const char *leave(struct request *r) {
    char *slot = slot_of(r->member, r->room);
    if (!slot) return "you are not in this room";
    tell(r->chat, r->member, "left", r->room, SIO_SPAN(""), SIO_MUST);
    sio_socket_leave(r->member->socket, r->room);
    memset(slot, 0, ROOM_BYTES);
    return NULL;
}

static const char *say(struct request *r) {
    if (!sio_socket_in(r->member->socket, r->room)) return "you are not in this room";
    if (sio_json_kind(r->more) != SIO_JSON_STRING) return "there is no text";
    if (r->more.n > TEXT_BYTES) return "the text is too long";
    tell(r->chat, r->member, "said", r->room, r->more, SIO_MUST);
    return NULL;
}

/* A receiver that is slow may do without it. */
static const char *typing(struct request *r) {
    enum sio_json_kind kind = sio_json_kind(r->more);
    if (!sio_socket_in(r->member->socket, r->room)) return "you are not in this room";
    if (kind != SIO_JSON_TRUE && kind != SIO_JSON_FALSE) return "true or false, please";
    tell(r->chat, r->member, "typing", r->room, r->more, SIO_VOLATILE);
    return NULL;
}

static const struct {
    const char *event;
    const char *(*run)(struct request *r);
} events[] = {{"join", join}, {"leave", leave}, {"say", say}, {"typing", typing}, {"who", who}};

/* ---- from the client ---- */

/* A room begins with '#': a socket's id is a room as well, and nobody may join that of another. */
static bool room_of(struct sio_span value, char room[ROOM_BYTES], size_t *n) {
    return text_of(value, room, ROOM_BYTES, n) && room[0] == '#' && !memchr(room, '\0', *n);
}

static const char *run(struct request *r, const struct sio_event *event) {
    char room[ROOM_BYTES];
    size_t cursor = 0, room_n = 0;
    struct sio_span value = {NULL, 0};
    sio_json_next_item(event->args, &cursor, &value);
    if (!room_of(value, room, &room_n)) return "there is no such room";
    r->room = sio_span_of(room, room_n);
    if (!sio_json_next_item(event->args, &cursor, &r->more)) r->more = SIO_SPAN("");
    for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
        if (sio_span_is(event->name, events[i].event)) return events[i].run(r);
    return "there is no such event";
}

static void on_event(struct sio_socket *socket, const struct sio_event *event, void *data) {
    struct sio_strbuf args;
    struct sio_json_writer w;
    struct request r = {.chat = data, .member = sio_socket_data(socket), .answer = &w};
    sio_strbuf_init(&args);
    sio_json_begin(&w, &args);
    sio_json_array_open(&w);
    sio_json_object_open(&w);
    const char *error = run(&r, event);
    sio_json_key(&w, SIO_SPAN("ok"));
    sio_json_bool(&w, !error);
    if (error) {
        sio_json_key(&w, SIO_SPAN("error"));
        sio_json_string(&w, sio_span_cstr(error));
    }
    sio_json_object_close(&w);
    sio_json_array_close(&w);
    sio_ack_send(r.chat->ns, event->ack, sio_strbuf_as_span(&args));
    sio_strbuf_fini(&args);
}

/* ---- */

int main(int argc, char **argv) {
    struct sio_log log;
    struct sio_config config;
    struct sio_server *server;
    struct chat chat = {0};
    uint16_t port = (uint16_t)(argc > 1 ? strtoul(argv[1], NULL, 10) : 3000);

    sio_log_init(&log, 2, SIO_LOG_INFO);
    sio_config_init(&config);
    config.threads = 1;
    config.cors.origins = "*";
    config.stop_on_signals = true;
    config.log = &log;
    if (sio_server_new(&config, &server) != SIO_ERR_OK) return 1;
    chat.ns = sio_server_namespace(server, "/",
                                   &(struct sio_handlers){.on_connecting = on_connecting,
                                                          .on_connect = on_connect,
                                                          .on_event = on_event,
                                                          .on_disconnect = on_disconnect,
                                                          .data = &chat});
    enum sio_err e = sio_server_listen(server, "127.0.0.1", port);
    if (e == SIO_ERR_OK) {
        printf("chat is listening on http://127.0.0.1:%u\n", sio_server_port(server));
        fflush(stdout);
        e = sio_server_run(server);
    }
    if (e != SIO_ERR_OK) fprintf(stderr, "chat: port %u: %s\n", port, sio_err_text(e));
    sio_server_free(server);
    return e == SIO_ERR_OK ? 0 : 1;
}
