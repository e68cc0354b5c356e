/* A server: its configuration, its listeners, its loops; connections are dealt to the loops in turn. */
#include <netinet/in.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/must.h"
#include "socket/internal.h"

/* ---- configuration ---- */

void sio_config_init(struct sio_config *c) {
    *c = (struct sio_config){
        .path = "/socket.io/",
        .transports = SIO_POLLING | SIO_WEBSOCKET,
        .allow_upgrades = true,
        .ping_interval_ms = 25000,
        .ping_timeout_ms = 20000,
        .upgrade_timeout_ms = 10000,
        .connect_timeout_ms = 45000,
        .head_timeout_ms = 10000,
        .body_timeout_ms = 30000,
        .keepalive_ms = 5000,
        .max_payload_bytes = 1000000,
        .max_unjoined = 50000,
        .max_unjoined_bytes = 65536,
        .http_compression_bytes = 1024,
        .max_http_head_bytes = 16384,
        .max_http_body_bytes = 1024 * 1024,
        .max_local_body_bytes = 256 * 1024 * 1024,
        .out_queue_bytes = 4 * 1024 * 1024,
        .polling_queue_bytes = 16 * 1024 * 1024,
        .stalled_bytes = 256 * 1024 * 1024,
        .pending_bytes = 256 * 1024,
        .max_attachments = 10,
        .partial_bytes = 16 * 1024 * 1024,
        .partial_timeout_ms = 30000,
        .max_namespaces = 32,
        .max_dynamic_namespaces = 10000,
        .max_namespace_bytes = 256,
        .max_gathered_bytes = 16 * 1024 * 1024,
        .max_connections = 1000000,
        .stop_timeout_ms = 8000,
        .recovery = {.max_bytes = 32 * 1024 * 1024, .max_sessions = 100000},
        .deflate = {.threshold_bytes = 1024, .max_bytes = 1024 * 1024, .level = 6, .memory = 8},
        .cookie = {.path = "/", .same_site = "Lax", .http_only = true},
    };
}

/* The name of what must be more and is 0; NULL: nothing. */
static const char *config_zero(const struct sio_config *c) {
#define NEEDED(field)                                                                                        \
    { #field, c->field }
    const struct {
        const char *name;
        uint64_t value;
    } needed[] = {
        NEEDED(ping_interval_ms),    NEEDED(ping_timeout_ms),        NEEDED(upgrade_timeout_ms),
        NEEDED(connect_timeout_ms),  NEEDED(head_timeout_ms),        NEEDED(body_timeout_ms),
        NEEDED(keepalive_ms),        NEEDED(stop_timeout_ms),        NEEDED(partial_timeout_ms),
        NEEDED(max_payload_bytes),   NEEDED(max_unjoined),           NEEDED(max_unjoined_bytes),
        NEEDED(max_http_head_bytes), NEEDED(stalled_bytes),          NEEDED(max_connections),
        NEEDED(max_namespaces),      NEEDED(max_dynamic_namespaces), NEEDED(max_namespace_bytes),
        NEEDED(max_gathered_bytes),  NEEDED(max_attachments),        NEEDED(partial_bytes),
    };
#undef NEEDED
    for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
        if (needed[i].value == 0) return needed[i].name;
    return NULL;
}

static const char *config_fault(const struct sio_config *c) {
    if (!c->path || c->path[0] != '/') return "path needs a slash before it";
    if (!(c->transports & (SIO_POLLING | SIO_WEBSOCKET))) return "no transport";
    if (c->threads > SERVER_MAX_LOOPS) return "more than 64 threads";
    if (!c->deflate.level || c->deflate.level > 9 || !c->deflate.memory || c->deflate.memory > 9)
        return "compression of a level or memory that is not 1 to 9";
    if (c->max_attachments > SIO_MAX_ATTACHMENTS) return "more than 255 attachments";
    if (c->max_namespaces > UINT16_MAX) return "more than 65535 namespaces a client";
    if (c->out_queue_bytes > UINT32_MAX / 2 || c->polling_queue_bytes > UINT32_MAX / 2 ||
        c->max_payload_bytes > UINT32_MAX / 2)
        return "a queue above 2 GiB";
    if (c->parser != SIO_PARSER_JSON && c->parser != SIO_PARSER_MSGPACK) return "an unknown parser";
    if (c->recovery.max_disconnection_ms && (!c->recovery.max_bytes || !c->recovery.max_sessions))
        return "a recovery that keeps nothing";
    if (c->cors.credentials && c->cors.origins &&
        sio_span_is(sio_span_trim(sio_span_cstr(c->cors.origins)), "*"))
        return "CORS credentials together with any origin";
    return NULL;
}

/* false with a line in the log. */
static bool config_makes_sense(const struct sio_config *c) {
    const char *zero = config_zero(c), *fault = config_fault(c);
    if (zero)
        sio_log_error(c->log, "the server's configuration makes no sense: %s is 0", zero);
    else if (fault)
        sio_log_error(c->log, "the server's configuration makes no sense: %s", fault);
    return !zero && !fault;
}

static unsigned cores(void) {
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > SERVER_MAX_LOOPS ? SERVER_MAX_LOOPS : (unsigned)n;
}

/* ---- start ---- */

static const struct engine_routes routes = {
    .on_route_head = route_head,
    .on_route_refused = route_refused,
    .on_route = route_request,
    .on_route_close = route_closed,
    .on_bare_message = websocket_message,
    .on_bare_drained = websocket_drained,
    .on_bare_close = websocket_closed,
};

static const struct engine_handlers clients = {
    .on_open = client_opened,
    .on_message = client_message,
    .on_close = client_closed,
};

enum sio_err sio_server_new(const struct sio_config *config, struct sio_server **out) {
    if (!config_makes_sense(config)) return SIO_ERR_INVALID;
    struct sio_server *s = mem_new(struct sio_server);
    s->config = *config;
    recovery_budget_init(&s->recovery_bytes, config->recovery.max_bytes);
    recovery_budget_init(&s->recovery_away, config->recovery.max_sessions);
    enum sio_err e = loop_group_new(config->threads ? config->threads : cores(), config->log, &s->group);
    if (e != SIO_ERR_OK) {
        free(s);
        return e;
    }
    s->loops = mem_new_array(struct server_loop, loop_group_count(s->group));
    for (unsigned i = 0; i < loop_group_count(s->group); i++) list_init(&s->loops[i].websockets);
    s->engine = engine_new(&s->config, s->group, &routes, s);
    engine_serve(s->engine, sio_span_cstr(s->config.path), &clients, s);
    sio_loop_random(loop_group_at(s->group, 0), s->key.bytes, sizeof(s->key.bytes));
    pthread_mutex_init(&s->children_mutex, NULL);
    map_init(&s->children, NULL);
    stop_prepare(s);
    tls_prepare(s);
    *out = s;
    return SIO_ERR_OK;
}

void sio_server_on_handshake(struct sio_server *s,
                             void (*decide)(struct sio_handshake *handshake, void *data), void *data) {
    must(!s->ran);
    engine_on_handshake(s->engine, decide, data);
}

void sio_server_on_headers(struct sio_server *s, void (*add)(struct sio_headers *headers, void *data),
                           void *data) {
    must(!s->ran);
    engine_on_headers(s->engine, add, data);
}

unsigned sio_server_loop_count(const struct sio_server *s) { return loop_group_count(s->group); }
struct sio_loop *sio_server_loop(const struct sio_server *s, unsigned i) {
    return loop_group_at(s->group, i);
}

/* ---- listening ---- */

struct arrival { /* an accepted connection on its way to its loop */
    struct sio_task task;
    struct listener *listener;
    int fd;
    struct sockaddr_storage peer;
};

static void arrival_run(struct sio_task *task) {
    struct arrival *a = container_of(task, struct arrival, task);
    engine_accept(a->listener->server->engine, sio_loop_here(), a->fd, (struct sockaddr *)&a->peer,
                  a->listener->local, a->listener->tls);
    free(a);
}

static size_t sockaddr_size(const struct sockaddr *peer) {
    if (!peer) return 0;
    if (peer->sa_family == AF_INET) return sizeof(struct sockaddr_in);
    if (peer->sa_family == AF_INET6) return sizeof(struct sockaddr_in6);
    return sizeof(peer->sa_family);
}

static void accepted(void *data, int fd, const struct sockaddr *peer) {
    struct listener *l = data;
    struct sio_server *s = l->server;
    if (atomic_load(&s->stop_asked) || engine_connection_count(s->engine) >= s->config.max_connections) {
        loop_fd_close(fd);
        return;
    }
    unsigned next =
        atomic_fetch_add_explicit(&s->next_loop, 1, memory_order_relaxed) % sio_server_loop_count(s);
    struct arrival *a = mem_new(struct arrival);
    a->task.run = arrival_run;
    a->listener = l;
    a->fd = fd;
    if (peer) memcpy(&a->peer, peer, sockaddr_size(peer));
    sio_loop_post(sio_server_loop(s, next), &a->task);
}

static struct listener *listener_new(struct sio_server *s, bool local) {
    must(!s->ran);
    struct listener *l = mem_new(struct listener);
    l->server = s;
    l->local = local;
    return l;
}

static void listener_free(struct listener *l) {
    if (l->tls) net_tls_free(l->tls);
    free(l);
}

static enum sio_err listener_keep(struct listener *l, enum sio_err e) {
    if (e != SIO_ERR_OK) {
        listener_free(l);
        return e;
    }
    struct sio_server *s = l->server;
    if (!l->local && !s->port) s->port = loop_listener_port(l->listener);
    l->next = s->listeners;
    s->listeners = l;
    return SIO_ERR_OK;
}

enum sio_err sio_server_listen(struct sio_server *s, const char *host, uint16_t port) {
    struct listener *l = listener_new(s, false);
    return listener_keep(l, loop_listen_tcp(sio_server_loop(s, 0), host, port, accepted, l, &l->listener));
}

enum sio_err sio_server_listen_tls(struct sio_server *s, const char *host, uint16_t port,
                                   const struct sio_tls *tls) {
    struct listener *l = listener_new(s, false);
    enum sio_err e = net_tls_new(tls, s->config.log, &l->tls);
    if (e == SIO_ERR_OK) e = loop_listen_tcp(sio_server_loop(s, 0), host, port, accepted, l, &l->listener);
    return listener_keep(l, e);
}

enum sio_err sio_server_listen_unix(struct sio_server *s, const char *path) {
    struct listener *l = listener_new(s, true);
    return listener_keep(l, loop_listen_unix(sio_server_loop(s, 0), path, accepted, l, &l->listener));
}

uint16_t sio_server_port(const struct sio_server *s) { return s->port; }

/* ---- running ---- */

enum sio_err sio_server_run(struct sio_server *s) {
    must(!s->ran);
    s->ran = true;
    return loop_group_run(s->group);
}

struct deferred_free {
    struct sio_task task;
    void (*end)(void *p);
    void *p;
};

static void free_run(struct sio_task *task) {
    struct deferred_free *d = container_of(task, struct deferred_free, task);
    d->end(d->p);
    free(d);
}

void end_later(struct sio_loop *loop, void (*end)(void *p), void *p) {
    struct deferred_free *d = mem_new(struct deferred_free);
    d->task.run = free_run;
    d->end = end;
    d->p = p;
    sio_loop_post(loop, &d->task);
}

void free_later(struct sio_loop *loop, void *p) { end_later(loop, free, p); }

void sio_server_stats(struct sio_server *s, struct sio_stats *out, bool reset) {
    *out = (struct sio_stats){
        .connections = engine_connection_count(s->engine),
        .sessions = engine_session_count(s->engine),
        .slow_closed = engine_stalled_count(s->engine),
        .refused = engine_refused_count(s->engine),
        .tls_failed = tls_failed(s),
        .recovered = atomic_load(&s->recovery_outcomes[RECOVERY_DONE]),
        .recovery_unknown = atomic_load(&s->recovery_outcomes[RECOVERY_UNKNOWN]),
        .recovery_offset = atomic_load(&s->recovery_outcomes[RECOVERY_BAD_OFFSET]),
        .recovery_too_much = atomic_load(&s->recovery_outcomes[RECOVERY_TOO_MUCH]),
    };
    for (unsigned i = 0; i < sio_server_loop_count(s); i++) {
        struct server_loop *l = &s->loops[i];
        uint64_t turn = loop_turn_max_us(sio_server_loop(s, i), reset);
        out->sockets += atomic_load_explicit(&l->socket_count, memory_order_relaxed);
        out->events_in += atomic_load_explicit(&l->events_in, memory_order_relaxed);
        out->packets_out += atomic_load_explicit(&l->packets_out, memory_order_relaxed);
        out->dropped += atomic_load_explicit(&l->dropped, memory_order_relaxed);
        out->slow_closed += atomic_load_explicit(&l->slow_closed, memory_order_relaxed);
        out->refused += atomic_load_explicit(&l->refused, memory_order_relaxed);
        if (turn > out->turn_max_us) out->turn_max_us = turn;
    }
    for (struct sio_namespace *ns = s->namespaces; ns; ns = ns->next) recovery_stats(ns, out);
    families_stats(s, out);
}

/* ---- the end ---- */

void sio_server_free(struct sio_server *s) {
    /* Decisions and answers that came after the end, and connections that end now, find everything yet. */
    loop_group_run_late_work(s->group);
    for (struct listener *l = s->listeners; l; l = l->next)
        if (l->listener) loop_listener_close(l->listener);
    websockets_free(s);
    families_free(s);
    while (s->namespaces) {
        struct sio_namespace *ns = s->namespaces;
        s->namespaces = ns->next;
        namespace_free(ns);
    }
    engine_endpoints_free(s);
    for (unsigned i = 0; i < sio_server_loop_count(s); i++) slots_fini(&s->loops[i].sockets);
    engine_free(s->engine);
    free(s->loops);
    loop_group_free(s->group);
    while (s->listeners) { /* connections had their certificates until now */
        struct listener *l = s->listeners;
        s->listeners = l->next;
        listener_free(l);
    }
    free(s);
}
