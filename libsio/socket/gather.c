/* What all receivers answer, or who they are: collected on their loops, brought to the loop that asked, told once.
 *
 *   each loop: a part; asks or lists its receivers ──nothing open──▶ posted home
 *   home: takes the parts in ──the last one──▶ the owner's `done`, and everything is freed
 *
 * The gathering is alive until its last part is home, so the parts and the orders need no references. */
#include "socket/gather.h"

#include "base/mem.h"
#include "base/span.h"
#include "socket/internal.h"

struct gathered { /* of one socket; one allocation */
    struct gathered *next;
    struct sio_ref socket;
    struct sio_span id;
    struct sio_span args; /* of an answer */
    size_t count;
    struct sio_span list[]; /* attachments, or rooms */
};

struct gathering {
    struct sio_namespace *ns;
    struct sio_loop *home;
    struct sio_task task; /* when there is no part */
    atomic_size_t bytes;
    /* asking */
    struct sio_packet *packet;
    uint64_t id;
    uint32_t timeout_ms;
    /* at home */
    unsigned parts;
    struct gathered *first;
    size_t count, receivers, omitted;
    bool timed_out;
    void (*answered)(const struct sio_answers *answers, void *data); /* NULL: only listing */
    void (*fetched)(const struct sio_sockets *sockets, void *data);
    void *data;
};

struct part {
    struct sio_task task;
    struct gathering *gathering;
    struct gathered *first;
    uint32_t open; /* answers not there yet, and one while it asks */
    size_t count, receivers, omitted;
    bool timed_out;
};

struct asked { /* one receiver, until it answers or does not, at its end at the latest */
    struct part *part;
    struct sio_socket *socket;
};

/* ---- what is kept, within the limit ---- */

static size_t bytes_of(const struct sio_span *list, size_t count) {
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) bytes += list[i].n;
    return bytes;
}

/* Counted as omitted when there is no room for it. */
static void keep(struct part *part, const struct sio_socket *socket, struct sio_span args,
                 const struct sio_span *list, size_t count) {
    struct gathering *g = part->gathering;
    struct gathered *kept;
    struct sio_span id = sio_socket_id(socket);
    size_t bytes = sizeof(*kept) + count * sizeof(*list) + id.n + args.n + bytes_of(list, count);
    size_t before = atomic_fetch_add_explicit(&g->bytes, bytes, memory_order_relaxed);
    size_t limit = g->ns->server->config.max_gathered_bytes;
    if (before > limit || bytes > limit - before) {
        atomic_fetch_sub_explicit(&g->bytes, bytes, memory_order_relaxed);
        part->omitted++;
        return;
    }
    kept = mem_alloc(bytes);
    char *at = (char *)(kept->list + count);
    kept->socket = sio_socket_ref(socket);
    kept->count = count;
    kept->id = span_put(&at, id);
    kept->args = span_put(&at, args);
    for (size_t i = 0; i < count; i++) kept->list[i] = span_put(&at, list[i]);
    kept->next = part->first;
    part->first = kept;
    part->count++;
}

/* ---- on each loop ---- */

static void part_run(struct sio_task *task);

static struct part *part_new(struct gathering *g) {
    struct part *part = mem_new(struct part);
    part->task.run = part_run;
    part->gathering = g;
    part->open = 1;
    return part;
}

static void part_close_one(struct part *part) {
    if (--part->open == 0) sio_loop_post(part->gathering->home, &part->task);
}

static void asked_done(const struct sio_answer *answer, void *data) {
    struct asked *a = data;
    struct part *part = a->part;
    if (answer->args.n) keep(part, a->socket, answer->args, answer->attachments, answer->attachment_count);
    part->timed_out = part->timed_out || answer->timed_out;
    free(a);
    part_close_one(part);
}

static void visit_ask(struct sio_socket *s, void *data) {
    struct part *part = data;
    struct gathering *g = part->gathering;
    struct asked *a = mem_new(struct asked);
    a->part = part;
    a->socket = s;
    part->receivers++;
    part->open++;
    ack_expect(s, g->id, g->timeout_ms, asked_done, a);
    socket_deliver(s, g->packet, SIO_MUST);
}

static void visit_list(struct sio_socket *s, void *data) {
    struct part *part = data;
    struct sio_span *rooms = mem_new_array(struct sio_span, s->room_count + 1);
    size_t count = 0;
    for (uint32_t i = 0; i < s->room_count; i++) {
        struct sio_span name = sio_span_of(s->rooms[i].room->name, s->rooms[i].room->name_n);
        if (!sio_span_eq(name, sio_socket_id(s))) rooms[count++] = name; /* a recovered one is in that room */
    }
    keep(part, s, (struct sio_span){0}, rooms, count);
    part->receivers++;
    free(rooms);
}

void gathering_run_here(struct gathering *g, const struct sio_target *target, unsigned loop, uint64_t after) {
    struct part *part = part_new(g);
    if (g->answered)
        visit_receivers(g->ns, loop, target, after, visit_ask, part);
    else
        visit_receivers(g->ns, loop, target, UINT64_MAX, visit_list, part); /* who is there now */
    part_close_one(part);
}

/* ---- at home ---- */

static void gathering_free(struct gathering *g) {
    for (struct gathered *k = g->first, *next; k; k = next) {
        next = k->next;
        free(k);
    }
    sio_packet_unref(g->packet);
    namespace_unref(g->ns);
    free(g);
}

static void tell_answers(const struct gathering *g) {
    struct sio_answers all = {
        .count = g->count, .receivers = g->receivers, .omitted = g->omitted, .timed_out = g->timed_out};
    struct sio_answer_of *list = mem_new_array(struct sio_answer_of, g->count + 1), *at = list;
    for (const struct gathered *k = g->first; k; k = k->next)
        *at++ = (struct sio_answer_of){.socket = k->socket,
                                       .id = k->id,
                                       .args = k->args,
                                       .attachments = k->list,
                                       .attachment_count = k->count};
    all.list = list;
    g->answered(&all, g->data);
    free(list);
}

static void tell_sockets(const struct gathering *g) {
    struct sio_sockets all = {.count = g->count, .omitted = g->omitted};
    struct sio_socket_of *list = mem_new_array(struct sio_socket_of, g->count + 1), *at = list;
    for (const struct gathered *k = g->first; k; k = k->next)
        *at++ = (struct sio_socket_of){
            .socket = k->socket, .id = k->id, .rooms = k->list, .room_count = k->count};
    all.list = list;
    g->fetched(&all, g->data);
    free(list);
}

static void gathering_end(struct gathering *g) {
    if (g->answered)
        tell_answers(g);
    else
        tell_sockets(g);
    gathering_free(g);
}

static void part_run(struct sio_task *task) {
    struct part *part = container_of(task, struct part, task);
    struct gathering *g = part->gathering;
    struct gathered **end = &part->first;
    while (*end) end = &(*end)->next;
    *end = g->first;
    g->first = part->first;
    g->count += part->count;
    g->receivers += part->receivers;
    g->omitted += part->omitted;
    g->timed_out = g->timed_out || part->timed_out;
    free(part);
    if (--g->parts == 0) gathering_end(g);
}

static void end_run(struct sio_task *task) { gathering_end(container_of(task, struct gathering, task)); }

void gathering_expect(struct gathering *g, unsigned loops) {
    g->parts = loops;
    g->task.run = end_run;
    if (loops == 0) sio_loop_post(g->home, &g->task);
}

/* ---- asked for ---- */

static struct gathering *gathering_new(struct sio_namespace *ns, void *data) {
    struct gathering *g = mem_new(struct gathering);
    struct sio_loop *here = server_own_loop(ns->server);
    g->ns = ns;
    namespace_ref(ns);
    g->home = here ? here : sio_server_loop(ns->server, 0);
    g->data = data;
    return g;
}

void sio_broadcast_with_ack(struct sio_namespace *ns, const struct sio_target *target, struct sio_span name,
                            struct sio_span args, const struct sio_span *attachments, size_t attachment_count,
                            uint32_t timeout_ms, void (*done)(const struct sio_answers *answers, void *data),
                            void *data) {
    struct gathering *g = gathering_new(ns, data);
    g->id = namespace_next_ack(ns);
    g->packet = packet_event(ns, &g->id, name, args, attachments, attachment_count);
    g->timeout_ms = timeout_ms;
    g->answered = done;
    if (g->packet)
        order_gather(ns, target, g);
    else
        gathering_expect(g, 0);
}

void sio_sockets_fetch(struct sio_namespace *ns, const struct sio_target *target,
                       void (*done)(const struct sio_sockets *sockets, void *data), void *data) {
    struct gathering *g = gathering_new(ns, data);
    g->fetched = done;
    order_gather(ns, target, g);
}
