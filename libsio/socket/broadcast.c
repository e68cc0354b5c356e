/* Sending to many: which loops, which sockets there, each once; and the same for joining, leaving,
 * disconnecting, and for asking them something. */
#include "base/mem.h"
#include "base/span.h"
#include "socket/gather.h"
#include "socket/internal.h"

enum action { ACTION_EMIT, ACTION_JOIN, ACTION_LEAVE, ACTION_DISCONNECT, ACTION_GATHER };

struct order {
    enum action action;
    enum sio_delivery delivery;
    struct sio_namespace *ns;
    uint64_t seq;                /* of a logged order, see recovery.h; 0: of another */
    uint64_t after;              /* with recovery: the last number before it */
    struct sio_packet *packet;   /* of ACTION_EMIT */
    struct sio_span room;        /* of ACTION_JOIN and ACTION_LEAVE */
    enum sio_leave how;          /* of ACTION_DISCONNECT */
    struct gathering *gathering; /* of ACTION_GATHER */
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
    enum sio_err e = delivery == SIO_VOLATILE && !engine_writable(session)
                         ? SIO_ERR_LIMIT
                         : engine_send(session, packet->frames, packet->count);
    if (e == SIO_ERR_OK) {
        count_one(&sl->packets_out);
    } else if (e == SIO_ERR_LIMIT && delivery != SIO_MUST) {
        count_one(&sl->dropped);
    } else if (e == SIO_ERR_LIMIT) {
        client_too_slow(s->client);
    }
}

void socket_deliver_logged(struct sio_socket *s, struct sio_packet *packet, enum sio_delivery delivery,
                           uint64_t seq) {
    if (seq && s->session && !s->ended) s->session->sent = seq;
    socket_deliver(s, packet, delivery);
}

struct emit_task {
    struct sio_task task;
    struct sio_namespace *ns;
    struct sio_ref to;
    struct sio_packet *packet;
    enum sio_delivery delivery;
    uint64_t seq;
    bool own;
};

static void emit_run(struct sio_task *task) {
    struct emit_task *t = container_of(task, struct emit_task, task);
    server_end_own(t->ns->server, t->own);
    struct sio_socket *s = sio_socket_find(t->ns->server, t->to);
    if (s && s->ns == t->ns) socket_deliver_logged(s, t->packet, t->delivery, t->seq);
    sio_packet_unref(t->packet);
    namespace_unref(t->ns);
    free(t);
}

static struct sio_task *emit_task_new(struct sio_namespace *ns, struct sio_ref to, struct sio_packet *packet,
                                      enum sio_delivery delivery, uint64_t seq) {
    struct emit_task *t = mem_new(struct emit_task);
    namespace_ref(ns);
    *t = (struct emit_task){.task = {.run = emit_run},
                            .ns = ns,
                            .to = to,
                            .packet = packet_ref(packet),
                            .delivery = delivery,
                            .seq = seq,
                            .own = server_begin_own(ns->server, sio_server_loop(ns->server, to.loop))};
    return &t->task;
}

static void emit_here(struct sio_namespace *ns, struct sio_ref to, struct sio_packet *packet,
                      enum sio_delivery delivery, uint64_t seq) {
    struct sio_socket *s = sio_socket_find(ns->server, to);
    if (s && s->ns == ns) socket_deliver_logged(s, packet, delivery, seq);
}

/* Logged for the one socket's session; everything that was ordered before comes before it. */
static void emit_logged(struct sio_namespace *ns, struct sio_ref to, struct sio_packet *packet) {
    char name[RECOVERY_REF_NAME];
    struct lane *lane = &ns->recovery->lanes[to.loop];
    recovery_lock(ns);
    uint64_t seq = recovery_log_order(ns, LOGGED_EMIT, &packet, (struct sio_span){0}, &(struct sio_target){0},
                                      recovery_ref_name(to, name));
    bool direct = server_at_once(ns->server, lane->loop) && lane_may_run_early(lane);
    if (!direct) lane_post(lane, emit_task_new(ns, to, packet, SIO_MUST, seq), seq, false);
    recovery_unlock(ns);
    if (direct) {
        lane_run_early(lane);
        emit_here(ns, to, packet, SIO_MUST, seq);
    }
    sio_packet_unref(packet);
}

void emit_unlogged(struct sio_namespace *ns, struct sio_ref to, struct sio_packet *packet,
                   enum sio_delivery delivery) {
    struct sio_loop *loop = sio_server_loop(ns->server, to.loop);
    if (server_at_once(ns->server, loop))
        emit_here(ns, to, packet, delivery, 0);
    else
        recovery_post(ns, loop, emit_task_new(ns, to, packet, delivery, 0), NULL);
}

void sio_emit(struct sio_namespace *ns, struct sio_ref to, struct sio_packet *packet,
              enum sio_delivery delivery) {
    if (to.generation == 0 || !packet) return;
    if (ns->recovery && delivery == SIO_MUST)
        emit_logged(ns, to, packet);
    else
        emit_unlogged(ns, to, packet, delivery);
}

/* ---- the sockets of one loop ---- */

static struct sio_socket *socket_by_id(struct sio_namespace *ns, unsigned here, struct sio_span id) {
    unsigned loop;
    uint32_t slot;
    if (!sid_parse(&ns->server->key, id, &loop, &slot) || loop != here) return NULL;
    struct sio_socket *s = slots_get(&ns->server->loops[here].sockets, slot);
    return s && s->ns == ns && !s->has_long_id && sid_eq(s->id, id) ? s : NULL;
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

struct walk { /* over the receivers of one order */
    struct sio_namespace *ns;
    unsigned loop;
    uint32_t mark;
    bool old; /* the order is older than a join on this loop */
    uint64_t seq, after;
    visit_fn visit;
    void *data;
};

/* It came, or came into the room, after the order was given: with recovery what is delivered is what would be made up
 * for; and what is not logged would come behind later things that were made up for. `room` may be NULL. */
static bool too_new(const struct walk *w, const struct sio_socket *s, const struct sio_span *room) {
    if (!w->old || !s->session) return false;
    if (w->after < s->session->live) return true;
    return w->seq && room && !recovery_session_in(s->session, *room, w->seq);
}

static void visit_marked(const struct walk *w, struct sio_socket *const *list, uint32_t count,
                         const struct sio_span *room) {
    for (uint32_t i = 0; i < count; i++) {
        struct sio_socket *s = list[i];
        if (s->mark == w->mark || s->ended || too_new(w, s, room)) continue;
        s->mark = w->mark;
        if (w->visit) w->visit(s, w->data);
    }
}

/* A room's members, and the one socket whose id the name is. */
static void visit_room(const struct walk *w, struct sio_span name) {
    struct room *r = rooms_find(&w->ns->loops[w->loop], name);
    struct sio_socket *owner = socket_by_id(w->ns, w->loop, name);
    if (r) visit_marked(w, r->members, r->count, &name);
    if (owner) visit_marked(w, &owner, 1, &name);
}

static void except(const struct walk *w, const struct sio_target *t) {
    struct walk mark_only = *w;
    mark_only.visit = NULL;
    for (size_t i = 0; i < t->except_count; i++) visit_room(&mark_only, t->except[i]);
    if (!t->except_socket.generation || t->except_socket.loop != w->loop) return;
    struct sio_socket *single = sio_socket_find(w->ns->server, t->except_socket);
    if (single && single->ns == w->ns) single->mark = w->mark;
}

static void walk_receivers(struct walk *w, const struct sio_target *t) {
    struct namespace_loop *nl = &w->ns->loops[w->loop];
    w->mark = next_mark(nl);
    except(w, t);
    if (t->room_count == 0) visit_marked(w, nl->sockets, nl->count, NULL);
    for (size_t i = 0; i < t->room_count; i++) visit_room(w, t->rooms[i]);
}

static struct walk walk_new(struct sio_namespace *ns, unsigned loop, uint64_t after, visit_fn visit,
                            void *data) {
    bool old = ns->recovery && after < ns->recovery->lanes[loop].late;
    return (struct walk){.ns = ns, .loop = loop, .old = old, .after = after, .visit = visit, .data = data};
}

void visit_receivers(struct sio_namespace *ns, unsigned loop, const struct sio_target *target, uint64_t after,
                     visit_fn visit, void *data) {
    struct walk w = walk_new(ns, loop, after, visit, data);
    walk_receivers(&w, target);
}

static void visit_of_order(const struct order *o, unsigned loop, visit_fn visit, void *data) {
    struct walk w = walk_new(o->ns, loop, o->after, visit, data);
    w.seq = o->seq;
    walk_receivers(&w, &o->target);
}

/* ---- doing it on one loop ---- */

static void visit_emit(struct sio_socket *s, void *data) {
    const struct order *o = data;
    socket_deliver_logged(s, o->packet, o->delivery, o->seq);
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
    visit_of_order(o, loop, visit_collect, &c);
    for (uint32_t i = 0; i < c.count; i++) {
        struct sio_socket *s = c.sockets[i];
        switch (o->action) {
        case ACTION_JOIN: socket_join(s, o->room, o->seq); break;
        case ACTION_LEAVE: sio_socket_leave(s, o->room); break;
        case ACTION_DISCONNECT: sio_socket_disconnect(s, o->how); break;
        case ACTION_EMIT:
        case ACTION_GATHER: break;
        }
    }
    free(c.sockets);
    if (o->action == ACTION_JOIN) directory_release(&o->ns->directory, o->room, loop);
}

static void order_run_here(const struct order *o, unsigned loop) {
    if (o->action == ACTION_EMIT)
        visit_of_order(o, loop, visit_emit, (void *)o);
    else if (o->action == ACTION_GATHER)
        gathering_run_here(o->gathering, &o->target, loop, o->after);
    else
        change_members(o, loop);
}

static void shared_unref(struct shared_order *shared) {
    if (atomic_fetch_sub_explicit(&shared->refs, 1, memory_order_acq_rel) != 1) return;
    if (shared->order.packet) sio_packet_unref(shared->order.packet);
    namespace_unref(shared->order.ns);
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

static struct shared_order *share(const struct order *o, unsigned task_count) {
    const struct sio_target *t = &o->target;
    size_t tasks = task_count * sizeof(struct order_task);
    size_t spans = (t->room_count + t->except_count) * sizeof(struct sio_span);
    size_t bytes = o->room.n;
    for (size_t i = 0; i < t->room_count; i++) bytes += t->rooms[i].n;
    for (size_t i = 0; i < t->except_count; i++) bytes += t->except[i].n;
    struct shared_order *shared = mem_alloc(sizeof(*shared) + tasks + spans + bytes);
    struct sio_span *list = (struct sio_span *)((char *)(shared + 1) + tasks);
    char *at = (char *)list + spans;
    shared->order = *o;
    atomic_init(&shared->refs, task_count);
    if (o->packet) packet_ref(o->packet);
    namespace_ref(o->ns);
    shared->order.room = span_put(&at, o->room);
    shared->order.target.rooms = list;
    for (size_t i = 0; i < t->room_count; i++) *list++ = span_put(&at, t->rooms[i]);
    shared->order.target.except = list;
    for (size_t i = 0; i < t->except_count; i++) *list++ = span_put(&at, t->except[i]);
    return shared;
}

struct sio_loop *server_own_loop(const struct sio_server *server) {
    struct sio_loop *here = sio_loop_here();
    if (!here || sio_loop_index(here) >= sio_server_loop_count(server)) return NULL;
    return sio_server_loop(server, sio_loop_index(here)) == here ? here : NULL;
}

/* A disconnect calls the owner back, so it never runs inside the owner's own call. */
static bool calls_owner(const struct order *o) { return o->action == ACTION_DISCONNECT; }

static void hold_room(const struct order *o, uint64_t loops) {
    for (uint64_t left = loops; left; left &= left - 1)
        directory_hold(&o->ns->directory, o->room, (unsigned)__builtin_ctzll(left));
}

static void post_order(const struct order *o, uint64_t loops) {
    if (!loops) return;
    struct sio_namespace *ns = o->ns;
    struct shared_order *shared =
        share(o, (unsigned)__builtin_popcountll(loops)); /* gone with its last task */
    unsigned i = 0;
    for (uint64_t left = loops; left; left &= left - 1, i++) {
        unsigned loop = (unsigned)__builtin_ctzll(left);
        struct sio_loop *to = sio_server_loop(ns->server, loop);
        struct order_task *t = &shared->tasks[i];
        *t = (struct order_task){
            .task = {.run = order_task_run}, .shared = shared, .own = server_begin_own(ns->server, to)};
        if (ns->recovery)
            lane_post(&ns->recovery->lanes[loop], &t->task, o->seq, calls_owner(o));
        else
            sio_loop_post(to, &t->task);
    }
}

/* Does it on the loops that have receivers: on the own one at once, where that is possible. With recovery under its
 * mutex; a logged order first lets be done here what was ordered before. */
static void give(const struct order *o) {
    struct sio_namespace *ns = o->ns;
    struct sio_loop *here = server_own_loop(ns->server);
    uint64_t loops = target_loops(ns, &o->target);
    uint64_t own = here ? 1ULL << sio_loop_index(here) : 0;
    struct lane *lane = o->seq && here ? &ns->recovery->lanes[sio_loop_index(here)] : NULL;
    bool direct = (loops & own) && server_at_once(ns->server, here) && !calls_owner(o) &&
                  (!lane || lane_may_run_early(lane));
    if (o->action == ACTION_JOIN) hold_room(o, loops);
    if (o->action == ACTION_GATHER) gathering_expect(o->gathering, (unsigned)__builtin_popcountll(loops));
    post_order(o, direct ? loops & ~own : loops);
    recovery_unlock(ns);
    if (direct && lane) lane_run_early(lane);
    if (direct) order_run_here(o, sio_loop_index(here));
}

/* What a client may miss, and what decides who it is that misses it. */
static bool logged_as(const struct order *o, enum logged_action *action) {
    static const enum logged_action actions[] = {
        [ACTION_EMIT] = LOGGED_EMIT,
        [ACTION_JOIN] = LOGGED_JOIN,
        [ACTION_LEAVE] = LOGGED_LEAVE,
        [ACTION_DISCONNECT] = LOGGED_DISCONNECT,
    };
    if (o->action == ACTION_GATHER || (o->action == ACTION_EMIT && o->delivery != SIO_MUST)) return false;
    if (o->action == ACTION_DISCONNECT && o->how == SIO_CLOSE_CONNECTION) return false;
    *action = actions[o->action];
    return true;
}

static void order(struct order o) {
    enum logged_action action;
    recovery_lock(o.ns);
    bool logged = o.ns->recovery && logged_as(&o, &action);
    o.after = recovery_last(o.ns);
    if (logged) o.seq = recovery_log_order(o.ns, action, &o.packet, o.room, &o.target, (struct sio_span){0});
    give(&o);
    if (logged) sio_packet_unref(o.packet);
}

void sio_broadcast(struct sio_namespace *ns, const struct sio_target *target, struct sio_packet *packet,
                   enum sio_delivery delivery) {
    if (!packet) return;
    order((struct order){
        .action = ACTION_EMIT, .delivery = delivery, .ns = ns, .packet = packet, .target = *target});
}

void sio_sockets_join(struct sio_namespace *ns, const struct sio_target *target, struct sio_span room) {
    order((struct order){.action = ACTION_JOIN, .ns = ns, .room = room, .target = *target});
}

void sio_sockets_leave(struct sio_namespace *ns, const struct sio_target *target, struct sio_span room) {
    order((struct order){.action = ACTION_LEAVE, .ns = ns, .room = room, .target = *target});
}

void sio_sockets_disconnect(struct sio_namespace *ns, const struct sio_target *target, enum sio_leave how) {
    order((struct order){.action = ACTION_DISCONNECT, .ns = ns, .how = how, .target = *target});
}

void order_gather(struct sio_namespace *ns, const struct sio_target *target, struct gathering *gathering) {
    order((struct order){.action = ACTION_GATHER, .ns = ns, .gathering = gathering, .target = *target});
}
