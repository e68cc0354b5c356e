/* Sending to many: which loops, which sockets there, each once; and the same for joining, leaving and
 * disconnecting. */
#include "base/mem.h"
#include "socket/internal.h"

enum action { ACTION_EMIT, ACTION_JOIN, ACTION_LEAVE, ACTION_DISCONNECT, ACTION_CLOSE };

struct order {
    enum action action;
    enum sio_delivery delivery;
    struct sio_namespace *ns;
    struct sio_packet *packet; /* of ACTION_EMIT */
    struct span room;          /* of ACTION_JOIN and ACTION_LEAVE */
    struct sio_target target;
};

/* One order for several loops: its texts are copied once, each loop has its own task. */
struct shared_order {
    atomic_uint refs;
    struct order order;
    struct order_task {
        struct sio_task task;
        struct shared_order *shared;
        bool own; /* see server_begin_own */
    } tasks[];
};

/* ---- one socket ---- */

void socket_deliver(struct sio_socket *s, struct sio_packet *packet, enum sio_delivery delivery) {
    struct engine_session *session = s->client->session;
    struct server_loop *sl = &s->ns->server->loops[s->loop];
    if (!session || s->ended) return;
    enum err e = delivery == SIO_VOLATILE && !engine_writable(session)
                     ? ERR_LIMIT
                     : engine_send(session, packet->frames, packet->count);
    if (e == ERR_OK) {
        count_one(&sl->packets_out);
    } else if (e == ERR_LIMIT && delivery != SIO_MUST) {
        count_one(&sl->dropped);
    } else if (e == ERR_LIMIT) {
        client_too_slow(s->client);
    }
}

struct emit_task {
    struct sio_task task;
    struct sio_namespace *ns;
    struct sio_ref to;
    struct sio_packet *packet;
    enum sio_delivery delivery;
    bool own;
};

static void emit_run(struct sio_task *task) {
    struct emit_task *t = container_of(task, struct emit_task, task);
    server_end_own(t->ns->server, t->own);
    struct sio_socket *s = sio_socket_find(t->ns->server, t->to);
    if (s && s->ns == t->ns) socket_deliver(s, t->packet, t->delivery);
    sio_packet_unref(t->packet);
    free(t);
}

void sio_emit(struct sio_namespace *ns, struct sio_ref to, struct sio_packet *packet,
              enum sio_delivery delivery) {
    if (to.generation == 0) return;
    struct sio_loop *loop = sio_server_loop(ns->server, to.loop);
    if (server_at_once(ns->server, loop)) {
        struct sio_socket *s = sio_socket_find(ns->server, to);
        if (s && s->ns == ns) socket_deliver(s, packet, delivery);
        return;
    }
    struct emit_task *t = mem_new(struct emit_task);
    *t = (struct emit_task){.task = {.run = emit_run},
                            .ns = ns,
                            .to = to,
                            .packet = packet_ref(packet),
                            .delivery = delivery,
                            .own = server_begin_own(ns->server, loop)};
    sio_loop_post(loop, &t->task);
}

/* ---- the sockets of one loop ---- */

static struct sio_socket *socket_by_id(struct sio_namespace *ns, unsigned here, struct span id) {
    unsigned loop;
    uint32_t slot;
    if (!sid_parse(&ns->server->key, id, &loop, &slot) || loop != here) return NULL;
    struct sio_socket *s = slots_get(&ns->server->loops[here].sockets, slot);
    return s && s->ns == ns && sid_eq(s->id, id) ? s : NULL;
}

/* A socket whose mark is the present one has been seen, or is excepted. One that is just ending is in its
 * rooms still, but receives nothing. */
static uint32_t next_mark(struct namespace_loop *nl) {
    if (++nl->mark == 0) {
        for (uint32_t i = 0; i < nl->count; i++) nl->sockets[i]->mark = 0;
        nl->mark = 1;
    }
    return nl->mark;
}

typedef void (*visit_fn)(struct sio_socket *socket, void *data);

static void visit_marked(struct sio_socket *const *list, uint32_t count, uint32_t mark, visit_fn visit,
                         void *data) {
    for (uint32_t i = 0; i < count; i++) {
        struct sio_socket *s = list[i];
        if (s->mark == mark || s->ended) continue;
        s->mark = mark;
        visit(s, data);
    }
}

/* A room's members, and the one socket whose id the name is. */
static void visit_room(struct sio_namespace *ns, unsigned loop, struct span name, uint32_t mark,
                       visit_fn visit, void *data) {
    struct room *r = rooms_find(&ns->loops[loop], name);
    struct sio_socket *owner = socket_by_id(ns, loop, name);
    if (r) visit_marked(r->members, r->count, mark, visit, data);
    if (owner) visit_marked(&owner, 1, mark, visit, data);
}

static void mark_only(struct sio_socket *socket, void *data) {}

/* Calls `visit` once for each receiver on this loop. `visit` may not change rooms. */
static void visit_receivers(struct sio_namespace *ns, unsigned loop, const struct sio_target *t,
                            visit_fn visit, void *data) {
    struct namespace_loop *nl = &ns->loops[loop];
    uint32_t mark = next_mark(nl);
    for (size_t i = 0; i < t->except_count; i++) visit_room(ns, loop, t->except[i], mark, mark_only, NULL);
    if (t->except_socket.generation && t->except_socket.loop == loop) {
        struct sio_socket *single = sio_socket_find(ns->server, t->except_socket);
        if (single && single->ns == ns) single->mark = mark;
    }
    if (t->room_count == 0) visit_marked(nl->sockets, nl->count, mark, visit, data);
    for (size_t i = 0; i < t->room_count; i++) visit_room(ns, loop, t->rooms[i], mark, visit, data);
}

/* ---- doing it on one loop ---- */

static void visit_emit(struct sio_socket *s, void *data) {
    const struct order *o = data;
    socket_deliver(s, o->packet, o->delivery);
}

struct collected {
    struct sio_socket **sockets;
    uint32_t count, capacity;
};

static void visit_collect(struct sio_socket *s, void *data) {
    struct collected *c = data;
    if (c->count == c->capacity) {
        c->capacity = c->capacity ? c->capacity * 2 : 16;
        c->sockets = mem_realloc(c->sockets, c->capacity * sizeof(struct sio_socket *));
    }
    c->sockets[c->count++] = s;
}

/* What changes rooms works on a list of its own. */
static void change_members(const struct order *o, unsigned loop) {
    struct collected c = {0};
    visit_receivers(o->ns, loop, &o->target, visit_collect, &c);
    for (uint32_t i = 0; i < c.count; i++) {
        struct sio_socket *s = c.sockets[i];
        switch (o->action) {
        case ACTION_JOIN: sio_socket_join(s, o->room); break;
        case ACTION_LEAVE: sio_socket_leave(s, o->room); break;
        case ACTION_DISCONNECT: sio_socket_disconnect(s, false); break;
        case ACTION_CLOSE: sio_socket_disconnect(s, true); break;
        case ACTION_EMIT: break;
        }
    }
    free(c.sockets);
    if (o->action == ACTION_JOIN) directory_release(&o->ns->directory, o->room, loop);
}

static void order_run_here(const struct order *o, unsigned loop) {
    if (o->action == ACTION_EMIT)
        visit_receivers(o->ns, loop, &o->target, visit_emit, (void *)o);
    else
        change_members(o, loop);
}

static void shared_unref(struct shared_order *shared) {
    if (atomic_fetch_sub_explicit(&shared->refs, 1, memory_order_acq_rel) != 1) return;
    if (shared->order.packet) sio_packet_unref(shared->order.packet);
    free(shared);
}

static void order_task_run(struct sio_task *task) {
    struct order_task *t = container_of(task, struct order_task, task);
    struct shared_order *shared = t->shared;
    server_end_own(shared->order.ns->server, t->own);
    order_run_here(&shared->order, sio_loop_index(sio_loop_here()));
    shared_unref(shared);
}

/* ---- giving it to the loops ---- */

static uint64_t all_loops(const struct sio_server *server) {
    unsigned n = sio_server_loop_count(server);
    return n == 64 ? UINT64_MAX : (1ULL << n) - 1;
}

static uint64_t target_loops(struct sio_namespace *ns, const struct sio_target *t) {
    if (t->room_count == 0) return all_loops(ns->server);
    uint64_t loops = 0;
    for (size_t i = 0; i < t->room_count; i++) {
        unsigned loop;
        uint32_t slot;
        loops |= directory_loops(&ns->directory, t->rooms[i]);
        if (sid_parse(&ns->server->key, t->rooms[i], &loop, &slot) &&
            loop < sio_server_loop_count(ns->server))
            loops |= 1ULL << loop;
    }
    return loops;
}

static struct span copy_span(char **at, struct span s) {
    if (s.n) memcpy(*at, s.p, s.n);
    struct span copy = span_of(*at, s.n);
    *at += s.n;
    return copy;
}

static struct shared_order *share(const struct order *o, unsigned task_count) {
    const struct sio_target *t = &o->target;
    size_t tasks = task_count * sizeof(struct order_task);
    size_t spans = (t->room_count + t->except_count) * sizeof(struct span);
    size_t bytes = o->room.n;
    for (size_t i = 0; i < t->room_count; i++) bytes += t->rooms[i].n;
    for (size_t i = 0; i < t->except_count; i++) bytes += t->except[i].n;
    struct shared_order *shared = mem_alloc(sizeof(*shared) + tasks + spans + bytes);
    struct span *list = (struct span *)((char *)(shared + 1) + tasks);
    char *at = (char *)list + spans;
    shared->order = *o;
    atomic_init(&shared->refs, task_count);
    if (o->packet) packet_ref(o->packet);
    shared->order.room = copy_span(&at, o->room);
    shared->order.target.rooms = list;
    for (size_t i = 0; i < t->room_count; i++) *list++ = copy_span(&at, t->rooms[i]);
    shared->order.target.except = list;
    for (size_t i = 0; i < t->except_count; i++) *list++ = copy_span(&at, t->except[i]);
    return shared;
}

/* This thread's loop, if it is one of this server's. */
static struct sio_loop *own_loop(const struct sio_server *server) {
    struct sio_loop *here = sio_loop_here();
    if (!here || sio_loop_index(here) >= sio_server_loop_count(server)) return NULL;
    return sio_server_loop(server, sio_loop_index(here)) == here ? here : NULL;
}

static void give(const struct order *o) {
    struct sio_namespace *ns = o->ns;
    struct sio_loop *here = own_loop(ns->server);
    uint64_t loops = target_loops(ns, &o->target);
    uint64_t own = here ? 1ULL << sio_loop_index(here) : 0;
    /* A disconnect calls the owner back, so it never runs inside the owner's own call. */
    bool direct = (loops & own) && server_at_once(ns->server, here) && o->action != ACTION_DISCONNECT &&
                  o->action != ACTION_CLOSE;
    uint64_t others = direct ? loops & ~own : loops;
    if (o->action == ACTION_JOIN)
        for (uint64_t left = loops; left; left &= left - 1)
            directory_hold(&ns->directory, o->room, (unsigned)__builtin_ctzll(left));
    if (others) {
        struct shared_order *shared =
            share(o, (unsigned)__builtin_popcountll(others)); /* gone with its last task */
        unsigned i = 0;
        for (uint64_t left = others; left; left &= left - 1, i++) {
            unsigned loop = (unsigned)__builtin_ctzll(left);
            struct sio_loop *to = sio_server_loop(ns->server, loop);
            struct order_task *t = &shared->tasks[i];
            *t = (struct order_task){
                .task = {.run = order_task_run}, .shared = shared, .own = server_begin_own(ns->server, to)};
            sio_loop_post(to, &t->task);
        }
    }
    if (direct) order_run_here(o, sio_loop_index(here));
}

void sio_broadcast(struct sio_namespace *ns, const struct sio_target *target, struct sio_packet *packet,
                   enum sio_delivery delivery) {
    give(&(struct order){
        .action = ACTION_EMIT, .delivery = delivery, .ns = ns, .packet = packet, .target = *target});
}

void sio_sockets_join(struct sio_namespace *ns, const struct sio_target *target, struct span room) {
    give(&(struct order){.action = ACTION_JOIN, .ns = ns, .room = room, .target = *target});
}

void sio_sockets_leave(struct sio_namespace *ns, const struct sio_target *target, struct span room) {
    give(&(struct order){.action = ACTION_LEAVE, .ns = ns, .room = room, .target = *target});
}

void sio_sockets_disconnect(struct sio_namespace *ns, const struct sio_target *target, bool close) {
    give(&(struct order){.action = close ? ACTION_CLOSE : ACTION_DISCONNECT, .ns = ns, .target = *target});
}
