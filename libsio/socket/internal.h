/* What the socket layer's files share: the server, namespaces, clients, sockets, rooms. */
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "base/list.h"
#include "base/map.h"
#include "codec/packets.h"
#include "engine/engine.h"
#include "sio.h"
#include "sio_strbuf.h"
#include "socket/recovery.h"

enum { SERVER_MAX_LOOPS = 64, DIRECTORY_STRIPES = 64, DIRECTORY_FEW_STRIPES = 4 };

/* ---- the directory: which loops have receivers for a room; the one table that loops share ---- */

struct directory_stripe {
    pthread_mutex_t mutex;
    struct map rooms; /* name → struct directory_entry */
};

struct directory {
    unsigned loops, stripe_count;
    struct directory_stripe *stripes;
};

/* ---- rooms of one namespace on one loop ---- */

struct room {
    struct sio_socket **members; /* `one` while there is room in it */
    uint32_t count, capacity;
    struct sio_socket *one[1];
    uint32_t name_n;
    char name[];
};

struct membership { /* a socket's place in a room */
    struct room *room;
    uint32_t index; /* in room->members */
};

/* ---- namespaces ---- */

struct namespace_loop {          /* touched by its loop's thread alone */
    struct map rooms;            /* name → struct room */
    struct sio_socket **sockets; /* everyone on this loop */
    uint32_t count, capacity;
    uint32_t mark; /* see broadcast.c */
};

struct sio_namespace {
    struct sio_server *server;
    struct sio_handlers handlers;
    struct directory directory;
    struct namespace_loop *loops;
    struct recovery *recovery; /* NULL: not wanted */
    struct sio_namespace *next;
    struct sio_family *family; /* NULL: made before the server ran, and there as long as it */
    atomic_uint refs;          /* of a family's child, see family.c */
    void *data;                /* of a family's child */
    atomic_ullong next_ack;    /* ids of acks that this side asks for */
    uint32_t name_n;
    char name[];
};

/* ---- clients: one a session; sockets: one a joined namespace ---- */

struct partial {            /* a binary packet whose attachments have not all arrived */
    struct sio_timer timer; /* the end of the wait for them */
    struct client *client;
    char *text;
    struct sio_wire wire; /* points into `text` */
    size_t bytes;
    uint32_t have;
    struct sio_span attachments[]; /* each its own allocation */
};

struct client {
    struct engine_session *session; /* NULL once closed */
    struct sio_server *server;
    struct sio_socket *sockets;   /* by next_of_client */
    struct sio_connect *connects; /* being decided, by next */
    struct partial *partial;
    struct joining *joining; /* until the first namespace is joined */
    uint16_t namespaces;     /* sockets and connects */
};

struct joining { /* the connect timeout */
    struct sio_timer timer;
    struct client *client;
};

struct waiting { /* a packet that waits for the decision */
    struct waiting *next;
    struct sio_wire wire;          /* its JSON is its own allocation, */
    struct sio_span attachments[]; /* and so is each of these */
};

struct sio_connect {
    struct sio_task task;
    struct sio_connect *next;
    struct client *client; /* NULL once the client has gone */
    struct sio_loop *loop;
    struct sio_namespace *ns;
    struct sio_socket *socket;        /* once admitted, until it is begun */
    bool own;                         /* see server_begin_own */
    struct recovery_session *session; /* that its client comes back to, taken for it */
    struct sio_ref former;            /* that session's socket, while it is being ended */
    uint64_t after;                   /* its rooms are joined after this; see recovery.h */
    bool asked;                       /* its owner decided */
    bool recovered;                   /* the session has socket_data */
    struct waiting *waiting, **waiting_end;
    size_t waiting_bytes;
    /* the answer */
    bool accepted;
    struct sio_span *rooms; /* one allocation */
    size_t room_count;
    void *socket_data;
    void (*gone)(void *socket_data);
    char *refusal;
    size_t refusal_n, refusal_message_n; /* the message, then the data */
    size_t auth_n;
    char auth[];
};

/* What a socket was asked and has not answered. Clients name any id, and as often as they like: each is looked up. */
struct pending_acks {
    struct list in_order;
    struct map by_id;
};

struct pending_ack {
    struct list in_socket;
    struct sio_timer timer;
    struct sio_socket *socket;
    uint64_t id;
    void (*done)(const struct sio_answer *answer, void *data);
    void *data;
};

struct sio_socket {
    struct client *client;
    struct sio_namespace *ns;
    struct sio_socket *next_of_client;
    void *data;
    struct membership *rooms;
    uint32_t room_count, room_capacity;
    uint16_t loop;
    bool begun : 1; /* on_connect has been called */
    bool ended : 1;
    bool recovered : 1;
    bool has_long_id : 1;
    uint32_t slot, generation;
    uint32_t index; /* in namespace_loop.sockets */
    uint32_t mark;
    struct recovery_session *session; /* NULL without recovery */
    struct pending_acks *acks;        /* NULL while there was none */
    union {
        char id[SID_TEXT];
        struct sio_span long_id; /* an allocation; see old_client_name */
    };
};

/* ---- packets ---- */

struct sio_packet {
    atomic_uint refs;
    uint32_t count;
    uint8_t head_n;         /* bytes of the frame's own in frames[0] */
    struct rcbuf *frames[]; /* whole messages: a text, then one for each attachment; or one of msgpack */
};

/* ---- the server ---- */

struct server_loop { /* one a loop */
    struct slots sockets;
    uint32_t behind;        /* see server_begin_own */
    struct list websockets; /* see websocket.c */
    bool websockets_stopping;
    atomic_ulong socket_count, events_in, packets_out, dropped, slow_closed, refused;
};

struct sio_server {
    struct sio_config config;
    struct loop_group *group;
    struct engine *engine;
    struct sio_namespace *namespaces; /* made before it ran */
    struct sio_family *families;
    pthread_mutex_t children_mutex;
    struct map children; /* under the mutex: name → struct sio_namespace of a family */
    struct websocket_endpoint *endpoints;
    struct engine_endpoint *engine_endpoints;
    atomic_ulong recovery_outcomes[RECOVERY_OUTCOMES];
    struct recovery_budget recovery_bytes, recovery_away; /* away: sessions that wait */
    struct server_loop *loops;
    struct listener *listeners;
    uint16_t port;
    struct sid_key key;
    void (*on_http)(struct sio_http_request *request, void *data);
    void *http_data;
    size_t (*http_body_limit)(const struct sio_http_request *request, void *data); /* NULL: none */
    void *http_body_limit_data;
    void (*on_http_refused)(struct sio_http_request *request, int status, void *data); /* NULL: none */
    void *http_refused_data;
    atomic_uint next_loop;
    /* stopping, see stop.c */
    atomic_bool stop_asked;
    atomic_long holds;
    struct sio_task stop_task;
    struct sio_timer stop_timer;
    uint64_t stop_deadline_ms, closing_since_ms;
    int stop_phase;
    /* reading certificates anew, see tls.c */
    atomic_bool reload_asked;
    struct sio_task reload_task;
    bool ran;
};

struct listener {
    struct listener *next;
    struct sio_server *server;
    struct loop_listener *listener; /* NULL once closed */
    struct net_tls *tls;            /* NULL: plain */
    bool local;
};

static inline struct sio_span namespace_name(const struct sio_namespace *ns) {
    return sio_span_of(ns->name, ns->name_n);
}
static inline struct namespace_loop *namespace_here(struct sio_namespace *ns, const struct sio_loop *loop) {
    return &ns->loops[sio_loop_index(loop)];
}
static inline struct server_loop *server_here(struct sio_server *server, const struct sio_loop *loop) {
    return &server->loops[sio_loop_index(loop)];
}
/* What one thread asks for is done in that order. On its own loop most of it is done at once; while something
 * of its own is still on the way through the mailbox, everything else takes that way too. */
static inline bool server_at_once(struct sio_server *server, const struct sio_loop *loop) {
    return sio_loop_here() == loop && server_here(server, loop)->behind == 0;
}
/* Before posting to `loop`: true if this is its own thread. The task keeps it, and says server_end_own first.
 */
static inline bool server_begin_own(struct sio_server *server, const struct sio_loop *loop) {
    if (sio_loop_here() != loop) return false;
    server_here(server, loop)->behind++;
    return true;
}
static inline void server_end_own(struct sio_server *server, bool own) {
    if (own) server_here(server, sio_loop_here())->behind--;
}
/* Frees with `end`, or with free(), in the loop's next turn: what is on the stack now may still look at it. */
void end_later(struct sio_loop *loop, void (*end)(void *p), void *p);
void free_later(struct sio_loop *loop, void *p);
static inline void count_one(atomic_ulong *counter) {
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

/* directory.c: [any thread] */
void directory_init(struct directory *d, unsigned loops, unsigned stripes);
void directory_fini(struct directory *d);
/* A local room appeared on or vanished from a loop. */
void directory_set(struct directory *d, struct sio_span room, unsigned loop, bool present);
/* Somebody is about to join on that loop: it counts as present until released. */
void directory_hold(struct directory *d, struct sio_span room, unsigned loop);
void directory_release(struct directory *d, struct sio_span room, unsigned loop);
uint64_t directory_loops(struct directory *d, struct sio_span room); /* a bit for each loop */

/* rooms.c: on the loop */
void rooms_join(struct sio_socket *socket, struct sio_span room);
void rooms_leave(struct sio_socket *socket, struct sio_span room);
void rooms_leave_all(struct sio_socket *socket);
struct room *rooms_find(struct namespace_loop *nl, struct sio_span name);

/* namespace.c */
struct sio_namespace *namespace_new(struct sio_server *server, struct sio_span name, unsigned stripes);
/* Among those made before the server ran. */
struct sio_namespace *namespace_find(struct sio_server *server, struct sio_span name);
void namespace_free(struct sio_namespace *ns);

/* family.c: [any thread] */
/* For one client, with a reference; made if it is not there. NULL, *why: SIO_ERR_NOT_FOUND, or SIO_ERR_LIMIT when there are too
 * many. */
struct sio_namespace *family_find(struct sio_server *server, struct sio_span name, struct sio_span auth,
                                  enum sio_err *why);
void families_stats(struct sio_server *server, struct sio_stats *sums); /* adds what the children count */
void families_free(struct sio_server *server);
void child_unref(struct sio_namespace *ns);
/* Whatever keeps a namespace beyond a call holds it. Costs nothing for one that is no family's. */
static inline void namespace_ref(struct sio_namespace *ns) {
    if (ns->family) atomic_fetch_add_explicit(&ns->refs, 1, memory_order_relaxed);
}
static inline void namespace_unref(struct sio_namespace *ns) {
    if (ns->family) child_unref(ns);
}

/* client.c: the engine's handlers */
void client_opened(struct engine_session *session);
void client_message(struct engine_session *session, bool binary, struct sio_span message);
void client_closed(struct engine_session *session, enum sio_reason reason);
/* The peer broke the protocol. */
void client_malformed(struct client *client);
/* Its queue is full, and what it should get may not be dropped: counted, logged, closed at the end of the turn. */
void client_too_slow(struct client *client);
/* A whole packet; attachments are as many as wire->attachments. */
void client_packet(struct client *client, const struct sio_wire *wire, const struct sio_span *attachments);
struct sio_socket *client_socket(const struct client *client, struct sio_span ns);
void client_joined(struct client *client); /* a namespace was joined: no connect timeout any more */
/* A packet to the client alone, which it must get. Gives the reference away. */
void client_send(struct client *client, struct sio_packet *packet);

/* old_client.c: Socket.IO 1 and 2 */
bool client_is_old(const struct client *client);
void old_client_opened(struct client *client);
/* client_packet for such a client. */
void old_client_packet(struct client *client, const struct sio_wire *wire,
                       const struct sio_span *attachments);
/* Gives the socket the id by which its client knows it. */
void old_client_name(struct sio_socket *socket);

/* connect.c */
void connect_begin(struct client *client, const struct sio_wire *wire);
struct sio_connect *connect_find(const struct client *client, struct sio_span ns);
void connect_wait(struct sio_connect *connect, const struct sio_wire *wire,
                  const struct sio_span *attachments);
void connect_client_gone(struct client *client);
void connect_ask(struct sio_connect *connect); /* the owner, once the client's session has been looked for */
void connect_free(struct sio_connect *connect);

/* socket.c */
struct sio_socket *socket_new(struct client *client, struct sio_namespace *ns, void *data);
void socket_end(struct sio_socket *socket, enum sio_reason reason);
void socket_join(struct sio_socket *socket, struct sio_span room,
                 uint64_t after); /* `after`: see recovery.h */
void socket_event(struct sio_socket *socket, const struct sio_wire *wire, const struct sio_span *attachments);

/* ack.c */
/* Ids count for each namespace from 0, as the reference's do. */
static inline uint64_t namespace_next_ack(struct sio_namespace *ns) {
    return atomic_fetch_add_explicit(&ns->next_ack, 1, memory_order_relaxed);
}
/* The socket, which has not ended, is about to be asked under that id. */
void ack_expect(struct sio_socket *socket, uint64_t id, uint32_t timeout_ms,
                void (*done)(const struct sio_answer *answer, void *data), void *data);
void ack_received(struct sio_socket *socket, const struct sio_wire *wire, const struct sio_span *attachments);
void ack_forget_all(struct sio_socket *socket);

/* packet.c: every packet to a client is made here, with one reference, in the form that its receiver reads.
 * What goes to one client alone is told which, because old ones are answered in other words. */
struct sio_packet *packet_connect(const struct sio_socket *socket);
struct sio_packet *packet_connect_error(const struct client *client, struct sio_span ns,
                                        struct sio_span message, struct sio_span data);
/* The same when it is the owner of the namespace who refuses; `data` may be empty. */
struct sio_packet *packet_connect_refused(const struct client *client, struct sio_span ns,
                                          struct sio_span message, struct sio_span data);
struct sio_packet *packet_disconnect(const struct sio_namespace *ns);
/* `ack`: the id under which an answer is asked for; NULL: none. `args` is a JSON array. NULL with a line in the log: too
 * many attachments. */
struct sio_packet *packet_event(const struct sio_namespace *ns, const uint64_t *ack, struct sio_span name,
                                struct sio_span args, const struct sio_span *attachments, size_t count);
struct sio_packet *packet_ack(const struct sio_namespace *ns, uint64_t id, struct sio_span args,
                              const struct sio_span *attachments, size_t count);
/* The same event with a further argument, a string that needs no escapes. */
struct sio_packet *packet_with_offset(const struct sio_server *server, const struct sio_packet *packet,
                                      struct sio_span offset);
size_t packet_bytes(const struct sio_packet *packet);
static inline struct sio_packet *packet_ref(struct sio_packet *p) {
    atomic_fetch_add_explicit(&p->refs, 1, memory_order_relaxed);
    return p;
}

/* broadcast.c */
void socket_deliver(struct sio_socket *socket, struct sio_packet *packet, enum sio_delivery delivery);
/* The same for an order of that number, 0: not logged. */
void socket_deliver_logged(struct sio_socket *socket, struct sio_packet *packet, enum sio_delivery delivery,
                           uint64_t seq);
typedef void (*visit_fn)(struct sio_socket *socket, void *data);
/* Calls `visit` once for each receiver on this loop who was there after that number (recovery_last). `visit` may not
 * change rooms. */
void visit_receivers(struct sio_namespace *ns, unsigned loop, const struct sio_target *target, uint64_t after,
                     visit_fn visit, void *data);
/* This thread's loop, if it is one of this server's. */
struct sio_loop *server_own_loop(const struct sio_server *server);
struct gathering;
/* To every loop that may have receivers; `gathering` hears first of how many. */
void order_gather(struct sio_namespace *ns, const struct sio_target *target, struct gathering *gathering);
/* As sio_emit, in its place behind what was emitted before, but never made up for when the client misses it. `to` is
 * of a socket. */
void emit_unlogged(struct sio_namespace *ns, struct sio_ref to, struct sio_packet *packet,
                   enum sio_delivery delivery);

/* http.c: the engine's route handlers */
size_t route_head(struct net_conn *conn, const struct net_request *request);
void route_refused(struct net_conn *conn, const struct net_request *request, struct net_refusal *answer);
void route_request(struct net_conn *conn, const struct net_request *request);
void route_closed(struct net_conn *conn);

/* websocket.c: bare WebSockets */
struct websocket_endpoint *websocket_endpoint_find(struct sio_server *server,
                                                   struct sio_span path); /* or NULL */
/* Answers the handshake. */
void websocket_open(struct websocket_endpoint *endpoint, struct net_conn *conn);
/* The engine's handlers. */
void websocket_message(struct net_conn *conn, bool binary, struct sio_span message);
void websocket_drained(struct net_conn *conn);
void websocket_closed(struct net_conn *conn, enum sio_reason reason);
/* A stopping server, on each loop. */
void websockets_stop_reading(struct sio_server *server, struct sio_loop *loop);
void websockets_close_all(struct sio_server *server, struct sio_loop *loop);
/* The endpoints, and what the end of the loops has left. */
void websockets_free(struct sio_server *server);

/* engine_socket.c */
void engine_endpoints_free(struct sio_server *server);

/* tls.c */
void tls_prepare(struct sio_server *server);
uint64_t tls_failed(const struct sio_server *server);

/* stop.c */
void stop_prepare(struct sio_server *server);
