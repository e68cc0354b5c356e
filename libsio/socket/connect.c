/* Joining a namespace: CONNECT, the decision of the namespace's owner, what waits meanwhile, and the answer.
 *
 *   ASKED ──accept──▶ ADMITTED ──next turn──▶ begun: on_connect, then what waited
 *     │               (has a socket, is in its rooms, CONNECT is answered)
 *     └────refuse───▶ CONNECT_ERROR
 *
 * Who is not asked because the client comes back to its session is asked yet when that session cannot go on.
 *
 * When the client goes first, the object waits for the decision alone. */
#include "base/mem.h"
#include "codec/http1.h"
#include "socket/internal.h"

/* ---- asked ---- */

static void answer_error(struct client *client, struct sio_span ns, struct sio_span message) {
    client_send(client, packet_connect_error(client, ns, message, (struct sio_span){0}));
}

/* With a reference; NULL, and the client is told why. */
static struct sio_namespace *find_or_refuse(struct client *client, const struct sio_wire *wire) {
    struct sio_server *server = client->server;
    enum sio_err why = SIO_ERR_OK;
    if (client->namespaces >= server->config.max_namespaces) {
        answer_error(client, wire->ns, SIO_SPAN("Too many namespaces"));
        return NULL;
    }
    struct sio_namespace *ns = namespace_find(server, wire->ns);
    if (!ns) ns = family_find(server, wire->ns, wire->json, &why);
    if (!ns)
        answer_error(client, wire->ns,
                     why == SIO_ERR_LIMIT ? SIO_SPAN("Too many dynamic namespaces")
                                          : SIO_SPAN("Invalid namespace"));
    return ns;
}

void connect_begin(struct client *client, const struct sio_wire *wire) {
    struct sio_namespace *ns = find_or_refuse(client, wire);
    if (!ns) return;
    struct sio_connect *c = mem_zalloc(sizeof(*c) + wire->json.n);
    c->client = client;
    c->loop = engine_session_loop(client->session);
    c->ns = ns;
    c->waiting_end = &c->waiting;
    c->auth_n = wire->json.n;
    if (c->auth_n) memcpy(c->auth, wire->json.p, c->auth_n);
    c->next = client->connects;
    client->connects = c;
    client->namespaces++;
    engine_session_deciding(client->session, true);
    if (recovery_concerns(c))
        recovery_connect(c);
    else
        connect_ask(c);
}

void connect_ask(struct sio_connect *c) {
    const struct sio_handlers *h = &c->ns->handlers;
    c->asked = h->on_connecting && !(c->session && c->ns->server->config.recovery.skip_connecting);
    if (c->asked)
        h->on_connecting(c, h->data);
    else
        sio_connect_accept(c, NULL, 0, sio_connect_former_data(c), NULL);
}

struct sio_connect *connect_find(const struct client *client, struct sio_span ns) {
    for (struct sio_connect *c = client->connects; c; c = c->next)
        if (sio_span_eq(namespace_name(c->ns), ns)) return c;
    return NULL;
}

struct sio_span sio_connect_auth(const struct sio_connect *c) {
    return sio_span_of(c->auth, c->auth_n);
}

struct sio_span sio_connect_header(const struct sio_connect *c, struct sio_span name) {
    return c->client ? http1_header(engine_session_headers(c->client->session), name) : (struct sio_span){0};
}

struct sio_span sio_connect_query(const struct sio_connect *c) {
    return c->client ? engine_session_query(c->client->session) : (struct sio_span){0};
}

struct sio_span sio_connect_address(const struct sio_connect *c) {
    return c->client ? engine_session_address(c->client->session) : (struct sio_span){0};
}

struct sio_namespace *sio_connect_namespace(const struct sio_connect *c) {
    return c->ns;
}

struct sio_loop *sio_connect_loop(const struct sio_connect *c) {
    return c->loop;
}

/* ---- what waits ---- */

static void waiting_free(struct waiting *w) {
    for (uint32_t i = 0; i < w->wire.attachments; i++) free((void *)w->attachments[i].p);
    free((void *)w->wire.json.p);
    free(w);
}

static struct sio_span span_dup(struct sio_span s) { return sio_span_of(mem_dup(s.p, s.n), s.n); }

void connect_wait(struct sio_connect *c, const struct sio_wire *wire, const struct sio_span *attachments) {
    size_t own = sizeof(struct waiting) + wire->attachments * sizeof(struct sio_span),
           bytes = own + wire->json.n;
    for (uint32_t i = 0; i < wire->attachments; i++) bytes += attachments[i].n;
    c->waiting_bytes += bytes;
    if (c->waiting_bytes > c->client->server->config.pending_bytes) {
        client_malformed(c->client);
        return;
    }
    struct waiting *w = mem_zalloc(own);
    w->wire = *wire;
    w->wire.ns = namespace_name(c->ns);
    w->wire.json = span_dup(wire->json);
    for (uint32_t i = 0; i < wire->attachments; i++) w->attachments[i] = span_dup(attachments[i]);
    *c->waiting_end = w;
    c->waiting_end = &w->next;
}

static void replay(struct sio_connect *c, struct client *client, struct sio_socket *socket) {
    for (struct waiting *w = c->waiting, *next; w; w = next) {
        next = w->next;
        if (!socket->ended) client_packet(client, &w->wire, w->attachments);
        waiting_free(w);
    }
}

/* ---- decided ---- */

void connect_free(struct sio_connect *c) {
    namespace_unref(c->ns);
    free(c->rooms);
    free(c->refusal);
    free(c);
}

static void unlink_from_client(struct sio_connect *c) {
    struct sio_connect **at = &c->client->connects;
    while (*at != c) at = &(*at)->next;
    *at = c->next;
}

static void drop_waiting(struct sio_connect *c) {
    for (struct waiting *w = c->waiting, *next; w; w = next) {
        next = w->next;
        waiting_free(w);
    }
    c->waiting = NULL;
}

void connect_client_gone(struct client *client) {
    for (struct sio_connect *c = client->connects; c; c = c->next) {
        c->client = NULL;
        c->socket = NULL;
        drop_waiting(c);
    }
    client->connects = NULL;
}

static void send_missed(struct sio_socket *s, struct missed *missed) {
    for (uint32_t i = 0; i < missed->count; i++)
        socket_deliver_logged(s, missed->list[i]->packet, SIO_MUST, missed->list[i]->seq);
    missed_fini(missed);
}

static bool make_socket(struct sio_connect *c, struct missed *missed) {
    if (recovery_concerns(c)) return recovery_admit(c, missed);
    c->socket = socket_new(c->client, c->ns, c->socket_data);
    for (size_t i = 0; i < c->room_count; i++) rooms_join(c->socket, c->rooms[i]);
    return true;
}

/* Makes the socket and puts it into its rooms; on the loop, before anything emitted later can be delivered
 * there. false: not before the owner has been asked. */
static bool admit(struct sio_connect *c) {
    struct missed missed = {0};
    if (!c->client) {
        recovery_give_back(c);
    } else if (make_socket(c, &missed)) {
        engine_session_joined(c->client->session);
        send_missed(c->socket, &missed);
        client_send(c->client, packet_connect(c->socket));
    } else {
        return false;
    }
    for (size_t i = 0; i < c->room_count; i++)
        directory_release(&c->ns->directory, c->rooms[i], sio_loop_index(c->loop));
    return true;
}

static void data_not_taken(struct sio_connect *c) {
    if (c->gone && !c->recovered) c->gone(c->socket_data);
}

static void begin(struct sio_connect *c) {
    struct client *client = c->client;
    struct sio_socket *socket = c->socket;
    if (!client) {
        data_not_taken(c);
        return;
    }
    unlink_from_client(c);
    if (socket->ended) { /* disconnected between its admission and now */
        drop_waiting(c);
        data_not_taken(c);
        return;
    }
    socket->begun = true;
    client_joined(client);
    if (c->ns->handlers.on_connect) c->ns->handlers.on_connect(socket, c->ns->handlers.data);
    replay(c, client, socket);
}

static void run_begin(struct sio_task *task) {
    struct sio_connect *c = container_of(task, struct sio_connect, task);
    begin(c);
    connect_free(c);
}

static void run_ask(struct sio_task *task) {
    struct sio_connect *c = container_of(task, struct sio_connect, task);
    free(c->rooms);
    c->rooms = NULL;
    if (c->client)
        connect_ask(c);
    else
        connect_free(c);
}

/* The owner is called in a turn of its own: neither what a lane does early nor what he calls himself may do that. */
static void admit_then_tell(struct sio_connect *c) {
    c->task.run = admit(c) ? run_begin : run_ask;
    sio_loop_post(c->loop, &c->task);
}

static void run_accept(struct sio_task *task) {
    struct sio_connect *c = container_of(task, struct sio_connect, task);
    server_end_own(c->ns->server, c->own);
    if (c->ns->recovery) {
        admit_then_tell(c);
        return;
    }
    admit(c);
    run_begin(task);
}

static void run_refuse(struct sio_task *task) {
    struct sio_connect *c = container_of(task, struct sio_connect, task);
    recovery_refuse(c);
    if (c->client) {
        struct sio_span all = sio_span_of(c->refusal, c->refusal_n);
        unlink_from_client(c);
        c->client->namespaces--;
        engine_session_deciding(c->client->session, c->client->connects != NULL);
        drop_waiting(c);
        client_send(c->client, packet_connect_refused(c->client, namespace_name(c->ns),
                                                      sio_span_head(all, c->refusal_message_n),
                                                      sio_span_skip(all, c->refusal_message_n)));
    }
    connect_free(c);
}

static void copy_rooms(struct sio_connect *c, const struct sio_span *rooms, size_t count) {
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) bytes += rooms[i].n;
    c->rooms = mem_alloc(count * sizeof(*rooms) + bytes + 1);
    c->room_count = count;
    char *at = (char *)(c->rooms + count);
    for (size_t i = 0; i < count; i++) {
        memcpy(at, rooms[i].p, rooms[i].n);
        c->rooms[i] = sio_span_of(at, rooms[i].n);
        at += rooms[i].n;
    }
}

void sio_connect_accept(struct sio_connect *c, const struct sio_span *rooms, size_t room_count,
                        void *socket_data, void (*gone)(void *socket_data)) {
    copy_rooms(c, rooms, room_count);
    c->socket_data = socket_data;
    c->gone = gone;
    for (size_t i = 0; i < room_count; i++)
        directory_hold(&c->ns->directory, c->rooms[i], sio_loop_index(c->loop));
    if (server_at_once(c->ns->server, c->loop)) {
        c->after = recovery_last(c->ns);
        admit_then_tell(c);
    } else {
        c->task.run = run_accept;
        c->own = server_begin_own(c->ns->server, c->loop);
        recovery_post(c->ns, c->loop, &c->task, &c->after);
    }
}

void sio_connect_refuse(struct sio_connect *c, struct sio_span message, struct sio_span data) {
    c->refusal = mem_alloc(message.n + data.n + 1);
    c->refusal_message_n = message.n;
    c->refusal_n = message.n + data.n;
    if (message.n) memcpy(c->refusal, message.p, message.n);
    if (data.n) memcpy(c->refusal + message.n, data.p, data.n);
    c->task.run = run_refuse;
    sio_loop_post(c->loop, &c->task);
}
