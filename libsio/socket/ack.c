/* Acknowledgements in both directions. */
#include "base/mem.h"
#include "socket/internal.h"

/* ---- answering a client ---- */

struct ack_task {
    struct sio_task task;
    struct sio_namespace *ns;
    struct sio_ack ack;
    size_t args_n;
    char args[];
};

static void ack_now(struct sio_namespace *ns, const struct sio_ack *ack, struct span args) {
    struct sio_socket *s = sio_socket_find(ns->server, ack->socket);
    if (!s) return;
    struct strbuf text;
    strbuf_init(&text);
    strbuf_char(&text, '4');
    sio_wire_begin(&text, SIO_ACK, 0, namespace_name(ns), true, ack->id);
    strbuf_span(&text, args);
    client_send_text(s->client, strbuf_as_span(&text));
    strbuf_fini(&text);
}

static void ack_run(struct sio_task *task) {
    struct ack_task *t = container_of(task, struct ack_task, task);
    ack_now(t->ns, &t->ack, span_of(t->args, t->args_n));
    free(t);
}

void sio_ack_send(struct sio_namespace *ns, struct sio_ack ack, struct span args) {
    if (!ack.wanted) return;
    struct sio_loop *loop = sio_server_loop(ns->server, ack.socket.loop);
    if (sio_loop_here() == loop) {
        ack_now(ns, &ack, args);
        return;
    }
    struct ack_task *t = mem_alloc(sizeof(*t) + args.n);
    t->task.run = ack_run;
    t->ns = ns;
    t->ack = ack;
    t->args_n = args.n;
    memcpy(t->args, args.p, args.n);
    sio_loop_post(loop, &t->task);
}

/* ---- asking a client ---- */

static void pending_end(struct pending_ack *p, struct span args) {
    list_remove(&p->in_socket);
    sio_timer_stop(sio_socket_loop(p->socket), &p->timer);
    if (p->done) p->done(args, p->data);
    free(p);
}

static void pending_timeout(struct sio_timer *timer) {
    pending_end(container_of(timer, struct pending_ack, timer), (struct span){0});
}

void sio_emit_with_ack(struct sio_socket *s, struct span name, struct span args, uint32_t timeout_ms,
                       void (*done)(struct span args, void *data), void *data) {
    if (s->ended) {
        if (done) done((struct span){0}, data);
        return;
    }
    if (!s->acks) {
        s->acks = mem_new(struct list);
        list_init(s->acks);
    }
    struct pending_ack *p = mem_new(struct pending_ack);
    p->socket = s;
    p->id = s->ns->server->loops[s->loop].next_ack++;
    p->done = done;
    p->data = data;
    list_insert(s->acks, &p->in_socket);
    sio_timer_start(sio_socket_loop(s), &p->timer, timeout_ms, pending_timeout);
    struct strbuf text;
    strbuf_init(&text);
    packet_event_text(&text, s->ns, 0, &p->id, name, args);
    client_send_text(s->client, strbuf_as_span(&text));
    strbuf_fini(&text);
}

void ack_received(struct sio_socket *s, uint64_t id, struct span args) {
    if (!s->acks || !args.n) return;
    list_each (s->acks, node) {
        struct pending_ack *p = container_of(node, struct pending_ack, in_socket);
        if (p->id == id) {
            pending_end(p, args);
            return;
        }
    }
}

void ack_forget_all(struct sio_socket *s) {
    if (!s->acks) return;
    while (!list_empty(s->acks))
        pending_end(container_of(s->acks->next, struct pending_ack, in_socket), (struct span){0});
    free(s->acks);
    s->acks = NULL;
}
