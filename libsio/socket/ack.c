/* Acknowledgements in both directions. */
#include "base/mem.h"
#include "base/must.h"
#include "socket/internal.h"

/* ---- answering a client ---- */

struct ack_task {
    struct sio_task task;
    struct sio_namespace *ns;
    struct sio_ref to;
    struct sio_packet *packet;
    bool own; /* see server_begin_own */
};

/* Gives the packet's reference away. */
static void ack_deliver(struct sio_namespace *ns, struct sio_ref to, struct sio_packet *packet) {
    struct sio_socket *s = sio_socket_find(ns->server, to);
    if (s && s->ns == ns && !s->ended)
        client_send(s->client, packet);
    else
        sio_packet_unref(packet);
}

static void ack_run(struct sio_task *task) {
    struct ack_task *t = container_of(task, struct ack_task, task);
    server_end_own(t->ns->server, t->own);
    ack_deliver(t->ns, t->to, t->packet);
    namespace_unref(t->ns);
    free(t);
}

void sio_ack_send_binary(struct sio_namespace *ns, struct sio_ack ack, struct sio_span args,
                         const struct sio_span *attachments, size_t count) {
    if (!ack.wanted) return;
    struct sio_packet *packet = packet_ack(ns, ack.id, args, attachments, count);
    if (!packet) return;
    struct sio_loop *loop = sio_server_loop(ns->server, ack.socket.loop);
    if (server_at_once(ns->server, loop)) {
        ack_deliver(ns, ack.socket, packet);
        return;
    }
    struct ack_task *t = mem_new(struct ack_task);
    *t = (struct ack_task){.task = {.run = ack_run},
                           .ns = ns,
                           .to = ack.socket,
                           .packet = packet,
                           .own = server_begin_own(ns->server, loop)};
    namespace_ref(ns);
    recovery_post(ns, loop, &t->task, NULL);
}

void sio_ack_send(struct sio_namespace *ns, struct sio_ack ack, struct sio_span args) {
    sio_ack_send_binary(ns, ack, args, NULL, 0);
}

/* ---- asking a client ---- */

static const struct sio_answer no_answer;

static struct sio_span id_key(const uint64_t *id) { return sio_span_of((const char *)id, sizeof(*id)); }

static void pending_end(struct pending_ack *p, const struct sio_answer *answer) {
    list_remove(&p->in_socket);
    map_del(&p->socket->acks->by_id, id_key(&p->id));
    sio_timer_stop(sio_socket_loop(p->socket), &p->timer);
    if (p->done) p->done(answer, p->data);
    free(p);
}

static void pending_timeout(struct sio_timer *timer) {
    pending_end(container_of(timer, struct pending_ack, timer), &(struct sio_answer){.timed_out = true});
}

void ack_expect(struct sio_socket *s, uint64_t id, uint32_t timeout_ms,
                void (*done)(const struct sio_answer *answer, void *data), void *data) {
    if (!s->acks) {
        s->acks = mem_new(struct pending_acks);
        list_init(&s->acks->in_order);
        map_init(&s->acks->by_id, NULL);
    }
    struct pending_ack *p = mem_new(struct pending_ack);
    p->socket = s;
    p->id = id;
    p->done = done;
    p->data = data;
    list_insert(&s->acks->in_order, &p->in_socket);
    must(map_put(&s->acks->by_id, id_key(&p->id), p) == NULL);
    sio_timer_start(sio_socket_loop(s), &p->timer, timeout_ms, pending_timeout);
}

void sio_emit_binary_with_ack(struct sio_socket *s, struct sio_span name, struct sio_span args,
                              const struct sio_span *attachments, size_t count, uint32_t timeout_ms,
                              void (*done)(const struct sio_answer *answer, void *data), void *data) {
    uint64_t id = namespace_next_ack(s->ns);
    struct sio_packet *packet = s->ended ? NULL : packet_event(s->ns, &id, name, args, attachments, count);
    if (!packet) {
        if (done) done(&no_answer, data);
        return;
    }
    ack_expect(s, id, timeout_ms, done, data);
    emit_unlogged(s->ns, sio_socket_ref(s), packet, SIO_MUST); /* behind what this loop has emitted before */
    sio_packet_unref(packet);
}

void sio_emit_with_ack(struct sio_socket *s, struct sio_span name, struct sio_span args, uint32_t timeout_ms,
                       void (*done)(const struct sio_answer *answer, void *data), void *data) {
    sio_emit_binary_with_ack(s, name, args, NULL, 0, timeout_ms, done, data);
}

void ack_received(struct sio_socket *s, const struct sio_wire *wire, const struct sio_span *attachments) {
    if (!s->acks || !wire->json.n) return;
    struct pending_ack *p = map_get(&s->acks->by_id, id_key(&wire->id));
    if (p)
        pending_end(p, &(struct sio_answer){.args = wire->json,
                                            .attachments = attachments,
                                            .attachment_count = wire->attachments});
}

void ack_forget_all(struct sio_socket *s) {
    if (!s->acks) return;
    while (!list_empty(&s->acks->in_order))
        pending_end(container_of(s->acks->in_order.next, struct pending_ack, in_socket), &no_answer);
    map_fini(&s->acks->by_id);
    free(s->acks);
    s->acks = NULL;
}
