/* The recovery of a namespace: its log, its sessions by pid, and the end of both in time. */
#include "base/base64.h"
#include "base/mem.h"
#include "base/must.h"
#include "socket/internal.h"

enum {
    SWEEPS = 8,       /* steps in the time for which something is kept */
    SWEEP_MIN_MS = 10 /* a step at least */
};

/* ---- life ---- */

static void sweep_begin(struct sio_task *task);

static const struct sio_recovery *config_of(const struct sio_namespace *ns) {
    return &ns->server->config.recovery;
}

/* A connection may be dead for a whole heartbeat before its socket ends, and what was sent meanwhile is missed. */
static void choose_steps(struct recovery *r, const struct sio_config *c) {
    uint64_t keep_ms = (uint64_t)c->recovery.max_disconnection_ms + c->ping_interval_ms + c->ping_timeout_ms;
    r->step_ms = keep_ms / SWEEPS < SWEEP_MIN_MS ? SWEEP_MIN_MS : (uint32_t)(keep_ms / SWEEPS);
    r->steps = (uint32_t)(keep_ms / r->step_ms) + 1;
}

void recovery_open(struct sio_namespace *ns) {
    uint8_t random[RECOVERY_TAG * 3 / 4];
    unsigned loops = sio_server_loop_count(ns->server);
    if (!config_of(ns)->max_disconnection_ms) return;
    struct recovery *r = ns->recovery = mem_new(struct recovery);
    struct sio_loop *here = sio_loop_here();
    pthread_mutex_init(&r->mutex, NULL);
    recovery_log_init(&r->log, &ns->server->recovery_bytes);
    map_init(&r->sessions, NULL);
    list_init(&r->away);
    choose_steps(r, &ns->server->config);
    r->sweep_task.run = sweep_begin;
    sio_loop_random(here ? here : sio_server_loop(ns->server, 0), random, sizeof(random));
    must(base64url_encode(r->tag, random, sizeof(random)) == RECOVERY_TAG);
    r->lanes = mem_new_array(struct lane, loops);
    for (unsigned i = 0; i < loops; i++) lane_init(&r->lanes[i], ns, sio_server_loop(ns->server, i));
}

static void tell_forgotten(struct sio_namespace *ns, void *socket_data) {
    if (ns->handlers.on_forget) ns->handlers.on_forget(socket_data, ns->handlers.data);
}

void recovery_close(struct sio_namespace *ns) {
    struct recovery *r = ns->recovery;
    struct recovery_session *s;
    if (!r) return;
    if (r->sweeping) sio_timer_stop(r->lanes[0].loop, &r->sweep_timer);
    for (uint32_t c = 0; (s = map_next(&r->sessions, &c)) != NULL;) {
        tell_forgotten(ns, s->data);
        recovery_session_free(s);
    }
    map_fini(&r->sessions);
    recovery_log_fini(&r->log);
    pthread_mutex_destroy(&r->mutex);
    free(r->lanes);
    free(r);
    ns->recovery = NULL;
}

void recovery_stats(struct sio_namespace *ns, struct sio_stats *sums) {
    struct recovery *r = ns->recovery;
    if (!r) return;
    recovery_lock(ns);
    sums->recovery_sessions += r->away_count;
    sums->recovery_log_bytes += r->log.bytes;
    recovery_unlock(ns);
}

/* ---- orders ---- */

void recovery_lock(struct sio_namespace *ns) {
    if (ns->recovery) pthread_mutex_lock(&ns->recovery->mutex);
}

void recovery_unlock(struct sio_namespace *ns) {
    if (ns->recovery) pthread_mutex_unlock(&ns->recovery->mutex);
}

void recovery_post(struct sio_namespace *ns, struct sio_loop *loop, struct sio_task *work, uint64_t *after) {
    if (!ns->recovery) {
        sio_loop_post(loop, work);
        return;
    }
    recovery_lock(ns);
    if (after) *after = recovery_log_last(&ns->recovery->log);
    lane_post(&ns->recovery->lanes[sio_loop_index(loop)], work, 0, false);
    recovery_unlock(ns);
}

uint64_t recovery_last(const struct sio_namespace *ns) {
    return ns->recovery ? atomic_load_explicit(&ns->recovery->last, memory_order_acquire) : 0;
}

static void sweep_wanted(struct sio_namespace *ns) {
    struct recovery *r = ns->recovery;
    if (r->sweeping) return;
    r->sweeping = true;
    recovery_budget_enter(&ns->server->recovery_bytes);
    recovery_budget_enter(&ns->server->recovery_away);
    namespace_ref(ns); /* while anything is kept, so is the namespace */
    sio_loop_post(sio_server_loop(ns->server, 0), &r->sweep_task);
}

uint64_t recovery_log_order(struct sio_namespace *ns, enum logged_action action, struct sio_packet **packet,
                            struct sio_span room, const struct sio_target *target, struct sio_span single) {
    struct recovery *r = ns->recovery;
    char offset[RECOVERY_OFFSET_MAX];
    sweep_wanted(ns);
    if (action == LOGGED_EMIT) {
        size_t n = recovery_offset_write(r->tag, recovery_log_last(&r->log) + 1, offset);
        *packet = packet_with_offset(ns->server, *packet, sio_span_of(offset, n));
    }
    struct logged *l = logged_new(action, *packet, *packet ? packet_bytes(*packet) : 0, room, target, single);
    uint64_t seq = recovery_log_add(&r->log, l);
    logged_unref(l);
    atomic_store_explicit(&r->last, seq, memory_order_release);
    return seq;
}

/* ---- forgetting ---- */

struct forgotten {
    struct sio_task task;
    struct sio_namespace *ns;
    void *socket_data;
};

static void forget_run(struct sio_task *task) {
    struct forgotten *f = container_of(task, struct forgotten, task);
    tell_forgotten(f->ns, f->socket_data);
    namespace_unref(f->ns);
    free(f);
}

void recovery_forget_later(struct sio_namespace *ns, struct sio_loop *loop, void *socket_data) {
    struct forgotten *f = mem_new(struct forgotten);
    *f = (struct forgotten){.task = {.run = forget_run}, .ns = ns, .socket_data = socket_data};
    namespace_ref(ns);
    sio_loop_post(loop, &f->task);
}

void recovery_take_back(struct recovery_session *s) {
    struct recovery *r = s->ns->recovery;
    list_remove(&s->in_away);
    recovery_budget_sub(&s->ns->server->recovery_away, &r->away_count, 1);
}

/* Under the mutex. */
static void remove_session(struct recovery_session *s) {
    struct recovery *r = s->ns->recovery;
    map_del(&r->sessions, sio_span_of(s->pid, SID_TEXT));
    if (s->state == RECOVERY_AWAY) recovery_take_back(s);
}

void recovery_drop(struct recovery_session *s) {
    recovery_lock(s->ns);
    remove_session(s);
    recovery_unlock(s->ns);
    recovery_session_free(s);
}

static struct recovery_session *first_away(const struct recovery *r) {
    return list_empty(&r->away) ? NULL : container_of(r->away.next, struct recovery_session, in_away);
}

/* Under the mutex. */
static void forget_expired(struct recovery *r, uint64_t now_ms) {
    for (struct recovery_session *s; (s = first_away(r)) != NULL;) {
        bool expired = s->until_ms < now_ms;
        if (!expired && !recovery_budget_exceeded(&s->ns->server->recovery_away, r->away_count)) return;
        remove_session(s);
        recovery_forget_later(s->ns, sio_server_loop(s->ns->server, s->socket.loop), s->data);
        recovery_session_free(s);
    }
}

/* ---- time ---- */

static void sweep_fire(struct sio_timer *timer);

static void sweep_begin(struct sio_task *task) {
    struct recovery *r = container_of(task, struct recovery, sweep_task);
    sio_timer_start(r->lanes[0].loop, &r->sweep_timer, r->step_ms, sweep_fire);
}

static void sweep_fire(struct sio_timer *timer) {
    struct recovery *r = container_of(timer, struct recovery, sweep_timer);
    struct sio_namespace *ns = r->lanes[0].ns;
    recovery_lock(ns);
    recovery_log_age(&r->log, r->steps);
    forget_expired(r, sio_loop_now_ms(r->lanes[0].loop));
    bool more = r->sweeping = r->log.count || r->away_count;
    if (more) sweep_begin(&r->sweep_task);
    recovery_unlock(ns);
    if (more) return;
    recovery_budget_leave(&ns->server->recovery_bytes);
    recovery_budget_leave(&ns->server->recovery_away);
    namespace_unref(ns);
}

/* ---- sessions ---- */

struct recovery_session *recovery_begin(struct sio_socket *socket, uint64_t start) {
    struct sio_namespace *ns = socket->ns;
    struct recovery_session *s = recovery_session_new(ns, start);
    char ref[RECOVERY_REF_NAME];
    uint8_t random[SID_TEXT * 3 / 4];
    sio_loop_random(sio_socket_loop(socket), random, sizeof(random));
    must(base64url_encode(s->pid, random, sizeof(random)) == SID_TEXT);
    memcpy(s->sid, socket->id, SID_TEXT);
    s->socket = sio_socket_ref(socket);
    recovery_session_join(s, recovery_ref_name(s->socket, ref), start, true);
    recovery_lock(ns);
    map_put(&ns->recovery->sessions, sio_span_of(s->pid, SID_TEXT), s);
    recovery_unlock(ns);
    return s;
}

void recovery_joined(struct sio_socket *socket, struct sio_span room, uint64_t after) {
    struct lane *lane = &socket->ns->recovery->lanes[socket->loop];
    if (after > lane->late) lane->late = after;
    recovery_session_join(socket->session, room, after, false);
}

static uint64_t seen_by(const struct sio_socket *socket) {
    struct recovery *r = socket->ns->recovery;
    recovery_lock(socket->ns);
    uint64_t seen = lane_seen(&r->lanes[socket->loop], recovery_log_last(&r->log));
    recovery_unlock(socket->ns);
    return seen;
}

void recovery_left(struct sio_socket *socket, struct sio_span room) {
    recovery_session_leave(socket->session, room, seen_by(socket));
}

void recovery_ending(struct sio_socket *socket) { socket->session->saved_at = seen_by(socket); }

/* Under the mutex. */
void recovery_put_away(struct recovery_session *s, uint64_t now_ms) {
    struct recovery *r = s->ns->recovery;
    sweep_wanted(s->ns);
    s->state = RECOVERY_AWAY;
    list_insert(&r->away, &s->in_away);
    recovery_budget_add(&s->ns->server->recovery_away, &r->away_count, 1);
    forget_expired(r, now_ms);
}

static bool may_come_back(enum sio_reason reason) {
    static const bool may[] = {
        [SIO_TRANSPORT_CLOSE] = true, [SIO_TRANSPORT_ERROR] = true,      [SIO_PING_TIMEOUT] = true,
        [SIO_FORCED_CLOSE] = true,    [SIO_SERVER_SHUTTING_DOWN] = true,
    };
    return (size_t)reason < sizeof(may) / sizeof(*may) && may[reason];
}

void recovery_ended(struct sio_socket *socket, enum sio_reason reason) {
    struct recovery_session *s = socket->session;
    struct sio_namespace *ns = s->ns;
    bool owned = socket->begun || socket->recovered; /* else sio_connect_accept's `gone` has the data */
    socket->session = NULL;
    s->data = socket->data;
    recovery_lock(ns);
    bool keep = owned && may_come_back(reason);
    if (keep) {
        uint64_t now_ms = sio_loop_now_ms(sio_socket_loop(socket));
        s->until_ms = now_ms + config_of(ns)->max_disconnection_ms;
        recovery_put_away(s, now_ms);
    } else {
        remove_session(s);
    }
    recovery_unlock(ns);
    if (keep) return;
    if (owned) tell_forgotten(ns, s->data);
    recovery_session_free(s);
}
