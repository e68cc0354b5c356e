/* A client: one Engine.IO session and the namespaces it joins; packets are put together here and find their
 * socket. */
#include "base/mem.h"
#include "base/must.h"
#include "socket/internal.h"

/* ---- a new session ---- */

static void joining_fire(struct sio_timer *timer) {
    struct client *client = container_of(timer, struct joining, timer)->client;
    engine_close(client->session, SIO_FORCED_CLOSE);
}

void client_opened(struct engine_session *session) {
    struct client *c = mem_new(struct client);
    c->session = session;
    c->server = engine_session_server(session);
    c->joining = mem_new(struct joining);
    c->joining->client = c;
    engine_session_set_data(session, c);
    sio_timer_start(engine_session_loop(session), &c->joining->timer, c->server->config.connect_timeout_ms,
                    joining_fire);
    if (client_is_old(c)) old_client_opened(c);
}

static void joining_end(struct client *c) {
    if (!c->joining) return;
    sio_timer_stop(engine_session_loop(c->session), &c->joining->timer);
    free(c->joining);
    c->joining = NULL;
}

void client_joined(struct client *c) {
    joining_end(c);
    /* With one namespace nobody can ask for the handshake's headers again. */
    const struct sio_server *s = c->server;
    if (s->namespaces && !s->namespaces->next && !s->families) engine_session_forget_handshake(c->session);
}

/* ---- receiving ---- */

void client_malformed(struct client *c) {
    if (!c->session) return;
    count_one(&server_here(c->server, engine_session_loop(c->session))->refused);
    engine_close(c->session, SIO_FORCED_CLOSE);
}

static bool read_text(const struct client *c, struct sio_span message, struct sio_wire *out) {
    return sio_wire_parse(message, out) && out->attachments <= c->server->config.max_attachments;
}

/* ---- a binary packet, until its last attachment has come ---- */

static void partial_free(struct partial *p, struct sio_loop *loop) {
    if (!p) return;
    sio_timer_stop(loop, &p->timer);
    for (uint32_t i = 0; i < p->have; i++) free((void *)p->attachments[i].p);
    free(p->text);
    free(p);
}

static void partial_late(struct sio_timer *timer) {
    client_malformed(container_of(timer, struct partial, timer)->client);
}

/* Attachments for a namespace that nobody has joined are not waited for. */
static void partial_begin(struct client *c, struct sio_span text, const struct sio_wire *wire) {
    if (!client_socket(c, wire->ns) && !connect_find(c, wire->ns)) {
        client_malformed(c);
        return;
    }
    struct partial *p = mem_zalloc(sizeof(*p) + wire->attachments * sizeof(struct sio_span));
    p->client = c;
    p->text = mem_dup(text.p, text.n);
    p->bytes = text.n;
    bool again = read_text(c, sio_span_of(p->text, text.n), &p->wire);
    must(again);
    c->partial = p;
    sio_timer_start(engine_session_loop(c->session), &p->timer, c->server->config.partial_timeout_ms,
                    partial_late);
}

static void partial_add(struct client *c, struct sio_span attachment) {
    struct partial *p = c->partial;
    struct sio_loop *loop = engine_session_loop(c->session);
    p->bytes += attachment.n;
    if (p->bytes > c->server->config.partial_bytes) {
        client_malformed(c);
        return;
    }
    p->attachments[p->have++] = sio_span_of(mem_dup(attachment.p, attachment.n), attachment.n);
    if (p->have < p->wire.attachments) return;
    c->partial = NULL;
    client_packet(c, &p->wire, p->attachments);
    partial_free(p, loop);
}

/* A packet's text, or an attachment of the one that is begun. */
static void receive_text(struct client *c, bool binary, struct sio_span message) {
    struct sio_wire wire;
    if (binary != (c->partial != NULL)) {
        client_malformed(c);
    } else if (binary) {
        partial_add(c, message);
    } else if (!read_text(c, message, &wire)) {
        client_malformed(c);
    } else if (wire.attachments) {
        partial_begin(c, message, &wire);
    } else if (client_is_old(c)) {
        old_client_packet(c, &wire, NULL);
    } else {
        client_packet(c, &wire, NULL);
    }
}

/* A whole packet. */
static void receive_msgpack(struct client *c, bool binary, struct sio_span message) {
    struct sio_wire wire;
    struct sio_span attachments[SIO_MAX_ATTACHMENTS];
    struct sio_strbuf json;
    sio_strbuf_init(&json);
    if (binary && sio_msgpack_parse(message, &json, attachments, &wire) &&
        wire.attachments <= c->server->config.max_attachments)
        client_packet(c, &wire, attachments);
    else
        client_malformed(c);
    sio_strbuf_fini(&json);
}

void client_message(struct engine_session *session, bool binary, struct sio_span message) {
    struct client *c = engine_session_data(session);
    if (c->server->config.parser == SIO_PARSER_MSGPACK)
        receive_msgpack(c, binary, message);
    else
        receive_text(c, binary, message);
}

struct sio_socket *client_socket(const struct client *c, struct sio_span ns) {
    for (struct sio_socket *s = c->sockets; s; s = s->next_of_client)
        if (sio_span_eq(namespace_name(s->ns), ns)) return s;
    return NULL;
}

void client_packet(struct client *c, const struct sio_wire *wire, const struct sio_span *attachments) {
    struct sio_connect *connect = connect_find(c, wire->ns);
    struct sio_socket *socket = client_socket(c, wire->ns);
    if (wire->type == SIO_CONNECT) {
        if (connect || socket)
            client_malformed(c);
        else
            connect_begin(c, wire);
        return;
    }
    if (connect) {
        connect_wait(connect, wire, attachments);
        return;
    }
    if (!socket) {
        client_malformed(c);
        return;
    }
    switch (wire->type) {
    case SIO_DISCONNECT: socket_end(socket, SIO_CLIENT_DISCONNECT); break;
    case SIO_EVENT:
    case SIO_BINARY_EVENT:
        if (wire->json.n) socket_event(socket, wire, attachments);
        break;
    case SIO_ACK:
    case SIO_BINARY_ACK: ack_received(socket, wire, attachments); break;
    case SIO_CONNECT:
    case SIO_CONNECT_ERROR: client_malformed(c); break;
    }
}

/* ---- sending to the client itself ---- */

void client_too_slow(struct client *c) {
    count_one(&server_here(c->server, engine_session_loop(c->session))->slow_closed);
    sio_log_info(c->server->config.log, "a slow receiver is closed: its queue is full");
    engine_close_later(c->session, SIO_TRANSPORT_ERROR);
}

void client_send(struct client *c, struct sio_packet *p) {
    if (c->session && engine_send(c->session, p->frames, p->count) == SIO_ERR_LIMIT) client_too_slow(c);
    sio_packet_unref(p);
}

/* ---- the end ---- */

void client_closed(struct engine_session *session, enum sio_reason reason) {
    struct client *c = engine_session_data(session);
    struct sio_loop *loop = engine_session_loop(session);
    joining_end(c);
    partial_free(c->partial, loop);
    c->partial = NULL;
    c->session = NULL;
    connect_client_gone(c);
    while (c->sockets) socket_end(c->sockets, reason);
    free_later(loop, c);
}
