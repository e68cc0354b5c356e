/* What the engine's own files share. */
#pragma once
#include <stdatomic.h>

#include "base/strbuf.h"
#include "codec/packets.h"
#include "engine/cors.h"
#include "engine/engine.h"

struct engine_loop { /* one a loop, touched by its thread alone but for the counters */
    struct slots sessions;
    bool stopping;
    atomic_ulong session_count, refused;
};

struct endpoint { /* a path with sessions of its own */
    struct endpoint *next;
    struct engine_handlers handlers;
    void *data;
    uint32_t path_n;
    char path[];
};

struct engine {
    const struct sio_config *config;
    struct loop_group *group;
    struct engine_routes routes;
    struct endpoint *endpoints;
    void *data;
    struct net_options net;
    struct sid_key key;
    atomic_ulong connections, websockets, unjoined;
    struct rcbuf *ping, *pong_probe; /* ready frames */
    struct engine_loop *loops;       /* one a loop, by index */
};

enum session_state { SESSION_OPEN, SESSION_LINGERING, SESSION_CLOSED };

/* What a session needs only while it polls. */
struct polling {
    struct net_conn *get; /* a GET that waits for packets, or NULL */
    const struct net_request *get_request;
    struct net_conn *post;  /* a POST whose body is on the way, or NULL */
    struct net_conn *probe; /* a WebSocket on the way to take over, or NULL */
    bool probed;            /* its "2probe" was answered */
    struct rcbuf **queue;   /* packets that wait for a GET */
    uint32_t count, capacity;
    size_t bytes;
    struct sio_timer upgrade; /* first the no-ops, at last the end of the probe */
    uint64_t upgrade_until_ms;
    struct engine_session *session;
};

struct handshake {
    struct span headers, address;
    char bytes[];
};

struct engine_session {
    enum engine_owner owner; /* ENGINE_SESSION; first, see engine.h */
    uint8_t state;
    bool waiting_for_pong;
    bool joined; /* see engine_session_joined */
    bool doomed; /* ends at the end of this turn */
    uint8_t doom_reason;
    char sid[SID_TEXT];
    uint32_t slot;
    struct engine *engine;
    const struct endpoint *endpoint;
    struct sio_loop *loop;
    struct net_conn *conn;   /* the WebSocket; NULL while polling */
    struct polling *polling; /* NULL once on WebSocket */
    struct handshake *handshake;
    struct sio_timer timer; /* heartbeat; once lingering, the end of it */
    struct loop_turn turn;  /* what is to be done at the end of this turn */
    void *data;
};

/* Who has joined nothing may send little. `s` may be NULL: a session that does not exist has joined nothing. */
static inline size_t session_max_payload(const struct engine *engine, const struct engine_session *s) {
    const struct sio_config *c = engine->config;
    bool all = (s && s->joined) || c->max_payload_bytes < c->max_unjoined_bytes;
    return all ? c->max_payload_bytes : c->max_unjoined_bytes;
}

static inline struct engine_loop *engine_loop_of(struct engine *engine, const struct sio_loop *loop) {
    return &engine->loops[sio_loop_index(loop)];
}

/* ---- session.c ---- */
struct engine_session *session_new(struct engine *engine, const struct endpoint *endpoint,
                                   const struct net_request *request, struct net_conn *conn);
/* After the loops have ended; NULL is fine. */
void session_free(struct engine_session *s);
/* Tells on_open and starts the heartbeat. */
void session_start(struct engine_session *s);
/* Is the pong overdue to the millisecond? Then the session is ended, before its timer sees it. */
bool session_expired(struct engine_session *s);
/* The text of the open packet, "0{…}". */
void session_open_packet(const struct engine_session *s, bool can_upgrade, struct strbuf *out);
/* One packet that the peer sent on its present transport. false: it was malformed and the session is closed.
 */
bool session_receive(struct engine_session *s, const struct eio_packet *packet);
/* Ends, and tells a WebSocket or a waiting GET. `linger`: a polling peer with neither is told by its next request. */
void session_end(struct engine_session *s, enum sio_reason reason, bool linger);
/* Out of every table, without another word; memory is given back when this turn's callbacks are done. */
void session_gone(struct engine_session *s);
/* The frame's payload as a packet of a polling body: offset of its first byte, and whether it is binary. */
size_t frame_payload(const struct rcbuf *frame, bool *binary);

/* ---- engine.c ---- */
/* Ends a connection at once. */
void engine_abort(struct engine *engine, struct net_conn *conn);

/* ---- polling.c ---- */
struct polling *polling_new(struct engine_session *s);
void polling_free(struct polling *p);
enum err polling_send(struct engine_session *s, struct rcbuf *const *frames, uint32_t count) MUST_CHECK;
void polling_push(struct engine_session *s, struct rcbuf *frame); /* whatever the limit */
/* Answers the waiting GET, if there is one, with as much as one answer takes. */
void polling_flush(struct engine_session *s);
void polling_get(struct engine_session *s, struct net_conn *conn, const struct net_request *request);
/* A POST's head is there. false: another one's body is on the way, which ends the session. */
bool polling_post_begin(struct engine_session *s, struct net_conn *conn);
/* The POST is whole, whatever becomes of it: the connection is nobody's until its answer. */
void polling_post_end(struct net_conn *conn);
void polling_post(struct engine_session *s, struct net_conn *conn, const struct net_request *request);
void polling_respond(struct engine *engine, struct net_conn *conn, const struct net_request *request,
                     struct span body);
/* Answers the waiting GET, if there is one, with the packet `text` alone. */
void polling_answer(struct engine_session *s, struct span text);

/* ---- upgrade.c ---- */
void upgrade_begin(struct engine_session *s, struct net_conn *conn);
void upgrade_message(struct engine_session *s, bool binary, struct span message);
void upgrade_abandon(struct engine_session *s);

/* ---- request.c ---- */
struct net_verdict request_head(struct net_conn *conn, const struct net_request *request);
void request_handle(struct net_conn *conn, const struct net_request *request);
/* An answer without content, with the CORS lines. */
void request_refuse(struct engine *engine, struct net_conn *conn, const struct net_request *request,
                    int status);
