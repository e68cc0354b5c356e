/* Packets to clients: what they say gets its form here, encoded once, as ready frames that every receiver
 * shares. */
#include "base/mem.h"
#include "base/must.h"
#include "codec/ws_frame.h"
#include "socket/internal.h"

/* ---- the form on the wire ---- */

static struct sio_packet *packet_new(size_t frames) {
    struct sio_packet *p = mem_alloc(sizeof(*p) + frames * sizeof(struct rcbuf *));
    atomic_init(&p->refs, 1);
    p->count = (uint32_t)frames;
    return p;
}

static void set_first(struct sio_packet *p, enum ws_opcode opcode, const struct sio_strbuf *bytes) {
    p->frames[0] = net_frame_new(opcode, sio_strbuf_as_span(bytes));
    p->head_n = (uint8_t)(p->frames[0]->n - bytes->n);
}

/* A text message "4…", and one binary message for each attachment. */
static struct sio_packet *text_frames(const struct sio_outgoing *says, struct sio_strbuf *bytes) {
    struct sio_packet *p = packet_new(1 + says->attachment_count);
    sio_strbuf_char(bytes, '4');
    sio_wire_write(bytes, says);
    set_first(p, WS_TEXT, bytes);
    for (size_t i = 0; i < says->attachment_count; i++)
        p->frames[1 + i] = net_frame_new(WS_BINARY, says->attachments[i]);
    return p;
}

static struct sio_packet *msgpack_frame(const struct sio_outgoing *says, struct sio_strbuf *bytes) {
    struct sio_packet *p = packet_new(1);
    sio_msgpack_write(bytes, says);
    set_first(p, WS_BINARY, bytes);
    return p;
}

static struct sio_packet *encode(const struct sio_server *server, const struct sio_outgoing *says) {
    struct sio_strbuf bytes;
    sio_strbuf_init(&bytes);
    sio_strbuf_reserve(&bytes, says->json.n + says->name.n + says->ns.n + 40);
    struct sio_packet *p =
        server->config.parser == SIO_PARSER_MSGPACK ? msgpack_frame(says, &bytes) : text_frames(says, &bytes);
    sio_strbuf_fini(&bytes);
    return p;
}

/* ---- what is said ---- */

/* The official client of today ends a connection on which more than ten come. */
static bool too_many(const struct sio_namespace *ns, size_t count) {
    const struct sio_config *c = &ns->server->config;
    if (count <= c->max_attachments) return false;
    sio_log_error(c->log, "a packet with %zu attachments is not sent: max_attachments is %u", count,
                  c->max_attachments);
    return true;
}

struct sio_packet *packet_event(const struct sio_namespace *ns, const uint64_t *ack, struct sio_span name,
                                struct sio_span args, const struct sio_span *attachments, size_t count) {
    must(args.n >= 2 && args.p[0] == '[');
    if (too_many(ns, count)) return NULL;
    return encode(ns->server, &(struct sio_outgoing){.type = SIO_EVENT,
                                                     .ns = namespace_name(ns),
                                                     .id = ack,
                                                     .name = name,
                                                     .json = args,
                                                     .attachments = attachments,
                                                     .attachment_count = count});
}

struct sio_packet *packet_ack(const struct sio_namespace *ns, uint64_t id, struct sio_span args,
                              const struct sio_span *attachments, size_t count) {
    must(args.n >= 2 && args.p[0] == '[');
    if (too_many(ns, count)) return NULL;
    return encode(ns->server, &(struct sio_outgoing){.type = SIO_ACK,
                                                     .ns = namespace_name(ns),
                                                     .id = &id,
                                                     .json = args,
                                                     .attachments = attachments,
                                                     .attachment_count = count});
}

struct sio_packet *packet_connect(const struct sio_socket *s) {
    if (client_is_old(s->client)) /* it knows its id already */
        return encode(s->ns->server,
                      &(struct sio_outgoing){.type = SIO_CONNECT, .ns = namespace_name(s->ns)});
    struct sio_strbuf json;
    struct sio_json_writer w;
    sio_strbuf_init(&json);
    sio_json_begin(&w, &json);
    sio_json_object_open(&w);
    sio_json_key(&w, SIO_SPAN("sid"));
    sio_json_string(&w, sio_socket_id(s));
    if (s->session) {
        sio_json_key(&w, SIO_SPAN("pid"));
        sio_json_string(&w, sio_span_of(s->session->pid, SID_TEXT));
    }
    sio_json_object_close(&w);
    struct sio_packet *p = encode(s->ns->server, &(struct sio_outgoing){.type = SIO_CONNECT,
                                                                        .ns = namespace_name(s->ns),
                                                                        .json = sio_strbuf_as_span(&json)});
    sio_strbuf_fini(&json);
    return p;
}

struct sio_packet *packet_connect_error(const struct client *client, struct sio_span ns,
                                        struct sio_span message, struct sio_span data) {
    struct sio_strbuf json;
    struct sio_json_writer w;
    sio_strbuf_init(&json);
    sio_json_begin(&w, &json);
    sio_json_object_open(&w);
    sio_json_key(&w, SIO_SPAN("message"));
    sio_json_string(&w, message);
    if (data.n) {
        sio_json_key(&w, SIO_SPAN("data"));
        sio_json_raw(&w, data);
    }
    sio_json_object_close(&w);
    struct sio_packet *p = encode(
        client->server,
        &(struct sio_outgoing){.type = SIO_CONNECT_ERROR, .ns = ns, .json = sio_strbuf_as_span(&json)});
    sio_strbuf_fini(&json);
    return p;
}

/* An old client is told the data, or else the message alone. */
struct sio_packet *packet_connect_refused(const struct client *client, struct sio_span ns,
                                          struct sio_span message, struct sio_span data) {
    if (!client_is_old(client)) return packet_connect_error(client, ns, message, data);
    struct sio_strbuf json;
    struct sio_json_writer w;
    sio_strbuf_init(&json);
    sio_json_begin(&w, &json);
    if (data.n)
        sio_json_raw(&w, data);
    else
        sio_json_string(&w, message);
    struct sio_packet *p = encode(
        client->server,
        &(struct sio_outgoing){.type = SIO_CONNECT_ERROR, .ns = ns, .json = sio_strbuf_as_span(&json)});
    sio_strbuf_fini(&json);
    return p;
}

struct sio_packet *packet_disconnect(const struct sio_namespace *ns) {
    return encode(ns->server, &(struct sio_outgoing){.type = SIO_DISCONNECT, .ns = namespace_name(ns)});
}

/* ---- connection state recovery ---- */

struct sio_packet *packet_with_offset(const struct sio_server *server, const struct sio_packet *packet,
                                      struct sio_span offset) {
    struct sio_packet *p = packet_new(packet->count);
    struct sio_span event = sio_span_skip(rcbuf_span(packet->frames[0]), packet->head_n);
    bool msgpack = server->config.parser == SIO_PARSER_MSGPACK;
    struct sio_strbuf bytes;
    sio_strbuf_init(&bytes);
    sio_strbuf_reserve(&bytes, event.n + offset.n + 8);
    if (msgpack)
        sio_msgpack_write_longer(&bytes, event, offset);
    else
        sio_wire_write_longer(&bytes, event, offset);
    set_first(p, msgpack ? WS_BINARY : WS_TEXT, &bytes);
    for (uint32_t i = 1; i < p->count; i++) p->frames[i] = rcbuf_ref(packet->frames[i]);
    sio_strbuf_fini(&bytes);
    return p;
}

size_t packet_bytes(const struct sio_packet *packet) {
    size_t bytes = sizeof(*packet);
    for (uint32_t i = 0; i < packet->count; i++) bytes += packet->frames[i]->n;
    return bytes;
}

/* ---- the owner's packets ---- */

struct sio_packet *sio_packet_event_binary(const struct sio_namespace *ns, struct sio_span name,
                                           struct sio_span args, const struct sio_span *attachments,
                                           size_t count) {
    return packet_event(ns, NULL, name, args, attachments, count);
}

struct sio_packet *sio_packet_event(const struct sio_namespace *ns, struct sio_span name,
                                    struct sio_span args) {
    return packet_event(ns, NULL, name, args, NULL, 0);
}

void sio_packet_unref(struct sio_packet *p) {
    if (!p || atomic_fetch_sub_explicit(&p->refs, 1, memory_order_acq_rel) != 1) return;
    for (uint32_t i = 0; i < p->count; i++) rcbuf_unref(p->frames[i]);
    free(p);
}
