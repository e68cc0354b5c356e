/* What the engine's own files share. */
#pragma once
#include <stdatomic.h>

#include "base/list.h"
#include "codec/packets.h"
#include "engine/cors.h"
#include "engine/engine.h"
#include "sio_strbuf.h"

#include "sio_handshake.h"

/* Those dropped first are first. */
enum unjoined_rank { UNJOINED_IDLE, UNJOINED_POLLING, UNJOINED_WEBSOCKET, UNJOINED_RANKS };

struct unjoined {
    uint32_t count, room;
    struct list ranks[UNJOINED_RANKS]; /* of handshakes, the oldest first; not those being decided */
};

struct unpolled {
    struct list sessions; /* their struct polling; who has polled least recently is first */
    size_t weight, limit; /* bytes of all their queues in memory */
};

struct engine_loop { /* one a loop, touched by its thread alone but for the counters */
    struct slots sessions;
    struct unjoined unjoined;
    struct unpolled unpolled;
    bool stopping;
    atomic_ulong session_count, refused, unpolled_closed;
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
    bool files_are_routes; /* see engine_leave_files */
    void *data;
    struct net_options net;
    struct sid_key key;
    atomic_ulong connections, websockets;
    struct rcbuf *ping, *pong, *pong_probe, *noop, *close;       /* ready frames */
    void (*decide)(struct sio_handshake *handshake, void *data); /* NULL: everyone may come in */
    void *decide_data;
    void (*add_headers)(struct sio_headers *headers, void *data); /* NULL: none */
    void *add_headers_data;
    struct engine_loop *loops; /* one a loop, by index */
};

enum session_state { SESSION_OPENING, SESSION_OPEN, SESSION_LINGERING, SESSION_CLOSED };

/* What a session needs only while it polls. */
struct polling {
    struct net_conn *get; /* a GET that waits for packets, or NULL */
    const struct net_request *get_request;
    struct net_conn *post;              /* a POST whose body is on the way, or NULL */
    const struct net_request *farewell; /* that POST has closed the session: its answer waits a moment */
    struct net_conn *probe;             /* a WebSocket on the way to take over, or NULL */
    bool probed;                        /* its "2probe" was answered */
    bool probe_base64;                  /* see engine_session.base64 */
    bool parting;                       /* closed by the client, whose last GET may be on the way */
    bool jsonp;                         /* answers are scripts, bodies are forms */
    char jsonp_index[12];               /* digits */
    struct rcbuf **queue;               /* packets that wait for a GET */
    uint32_t count, capacity;
    uint32_t weighed; /* so many of the first; see unpolled.c */
    size_t bytes, weight;
    struct list in_unpolled;  /* alone: stands nowhere */
    struct sio_timer upgrade; /* first the no-ops, at last the end of the probe */
    uint64_t upgrade_until_ms;
    struct engine_session *session;
};

/* What is kept of a session's beginning, at least until it has joined a namespace. */
struct handshake {
    struct engine_session *session;
    struct list in_unjoined;
    struct sio_span headers, query, address;
    char bytes[];
};

struct engine_session {
    enum engine_owner owner; /* ENGINE_SESSION; first, see engine.h */
    uint8_t state;
    uint8_t protocol;      /* 4 or 3 */
    bool base64;           /* the peer takes no bytes on its present transport */
    bool waiting_for_pong; /* version 4 */
    bool extended;         /* … and the wait has been made longer, once */
    bool deciding;         /* see engine_session_deciding */
    bool joined;           /* see engine_session_joined */
    bool doomed;           /* ends at the end of this turn */
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
                                   const struct net_request *request, struct net_conn *conn,
                                   uint8_t protocol);
/* After the loops have ended; NULL is fine. */
void session_free(struct engine_session *s);
/* Tells on_open and starts the heartbeat. */
void session_start(struct engine_session *s);
/* Is its sign of life overdue to the millisecond? Then the session is ended, before its timer sees it. */
bool session_expired(struct engine_session *s);
/* The open packet, "0{…}". The reference is the caller's. */
struct rcbuf *session_open_frame(const struct engine_session *s, bool can_upgrade);
/* One packet that the peer sent on its present transport. false: it was malformed and the session is closed.
 */
bool session_receive(struct engine_session *s, const struct eio_packet *packet);
/* Ends, and tells a WebSocket or a waiting GET. `linger`: a polling peer with neither is told by its next request. */
void session_end(struct engine_session *s, enum sio_reason reason, bool linger);
/* Out of every table, without another word; memory is given back when this turn's callbacks are done. */
void session_gone(struct engine_session *s);

/* ---- unjoined.c: sessions that have joined nothing; for one that has, look and remove do nothing ---- */
void unjoined_init(struct unjoined *u, uint32_t room);
void unjoined_add(struct engine_session *s); /* a new one */
/* It stands where it belongs: it has begun or ended, polls, stops polling, has a WebSocket, is being decided. */
void unjoined_look(struct engine_session *s);
void unjoined_remove(struct engine_session *s); /* it is about to have joined, or is gone */
/* For one more, and ends another if need be. false: there is none, all are being decided. */
bool unjoined_make_room(struct engine_loop *l);

/* ---- unpolled.c: what waits between two polls ---- */
void unpolled_init(struct unpolled *u, size_t limit);
/* At the end of a turn: more waits, perhaps. May drop what waits for others, or for itself. */
void unpolled_look(struct polling *p);
/* So many of the first packets, with so many bytes, are about to leave the queue. */
void unpolled_taken(struct polling *p, uint32_t count, size_t bytes);

/* ---- frames.c ---- */
/* The payload of a ready frame: a packet "4…", or the bytes of a message. */
struct sio_span frame_payload(const struct rcbuf *frame, bool *binary);
/* To the session's WebSocket, in the form that the peer takes. */
enum sio_err session_send_frames(struct engine_session *s, struct rcbuf *const *frames,
                                 uint32_t count) SIO_MUST_CHECK;

/* ---- headers.c ---- */
/* The lines of a 200 or 101: cross-origin access, the program's own. */
void headers_success(struct engine *engine, const struct net_request *request, struct sio_strbuf *lines);
/* The same for a poll's answer, with the cookie of a handshake. */
void headers_poll(const struct engine_session *s, const struct net_request *request,
                  struct sio_strbuf *lines);

/* ---- answer.c ---- */
void answer_poll(struct engine_session *s, struct net_conn *conn, const struct net_request *request,
                 struct rcbuf *const *frames, uint32_t count);
void answer_post(struct engine *engine, struct net_conn *conn, const struct net_request *request);

/* ---- incoming.c: what is malformed ends the session ---- */
void incoming_message(struct engine_session *s, bool binary, struct sio_span message); /* on its WebSocket */
void incoming_post(struct engine_session *s, const struct net_request *request);
/* Is the body declared as bytes? */
bool incoming_is_bytes(const struct net_request *request);

/* ---- engine.c ---- */
/* Ends a connection at once. */
void engine_abort(struct engine *engine, struct net_conn *conn);

/* ---- polling.c ---- */
struct polling *polling_new(struct engine_session *s, const struct net_request *request);
void polling_free(struct polling *p);
enum sio_err polling_send(struct engine_session *s, struct rcbuf *const *frames,
                          uint32_t count) SIO_MUST_CHECK;
void polling_drop(struct polling *p);                             /* all that waits */
void polling_push(struct engine_session *s, struct rcbuf *frame); /* whatever the limit */
/* Answers the waiting GET, if there is one, with as much as one answer takes. */
void polling_flush(struct engine_session *s);
void polling_get(struct engine_session *s, struct net_conn *conn, const struct net_request *request);
/* A POST's head is there. false: another one's body is on the way, which ends the session. */
bool polling_post_begin(struct engine_session *s, struct net_conn *conn);
/* The POST is whole, whatever becomes of it: the connection is nobody's until its answer. */
void polling_post_end(struct net_conn *conn);
void polling_post(struct engine_session *s, struct net_conn *conn, const struct net_request *request);
/* Answers the waiting GET, if there is one, with this packet alone. */
void polling_answer(struct engine_session *s, struct rcbuf *frame);
/* The client has closed: nothing is left to say but "6", to a GET that it had sent before. */
void polling_farewell(struct engine_session *s);

/* ---- upgrade.c ---- */
void upgrade_begin(struct engine_session *s, struct net_conn *conn, bool base64);
void upgrade_message(struct engine_session *s, bool binary, struct sio_span message);
void upgrade_abandon(struct engine_session *s);

/* ---- request.c ---- */
struct net_verdict request_head(struct net_conn *conn, const struct net_request *request);
void request_handle(struct net_conn *conn, const struct net_request *request);
/* A request is refused by its connection. */
void request_refused(struct net_conn *conn, const struct net_request *request, struct net_refusal *answer);
/* An answer without content, with the CORS lines. */
void request_refuse(struct engine *engine, struct net_conn *conn, const struct net_request *request,
                    int status);

/* ---- refusal.c ---- */

/* What Engine.IO tells a request that it cannot serve: name, code, status, message. */
#define REFUSAL_TABLE(X)                                                                                     \
    X(TRANSPORT_UNKNOWN, 0, 400, "Transport unknown")                                                        \
    X(SID_UNKNOWN, 1, 400, "Session ID unknown")                                                             \
    X(BAD_METHOD, 2, 400, "Bad handshake method")                                                            \
    X(BAD_REQUEST, 3, 400, "Bad request")                                                                    \
    X(FORBIDDEN, 4, 403, "Forbidden")                                                                        \
    X(PROTOCOL, 5, 400, "Unsupported protocol version")

enum refusal {
#define REFUSAL_ENUM(name, code, status, message) REFUSAL_##name,
    REFUSAL_TABLE(REFUSAL_ENUM)
#undef REFUSAL_ENUM
        REFUSAL_NONE
};
/* Tells it; an empty `message` is the table's. */
void refuse(struct engine *engine, struct net_conn *conn, const struct net_request *request, enum refusal why,
            struct sio_span message);

/* ---- parameter.c ---- */

/* A query parameter of at most 63 bytes; longer ones are none of ours. */
struct parameter {
    char bytes[64];
    size_t n;
};
/* Empty if absent. */
struct sio_span parameter(const struct net_request *request, struct sio_span name, struct parameter *out);
bool has_parameter(const struct net_request *request, struct sio_span name, struct parameter *out);
/* 4, or 3 where it is allowed; 0: none of them. Literals alone: "04" is no version. */
uint8_t protocol_of(const struct engine *engine, const struct net_request *request);
/* Does the client say that it takes no bytes? */
bool wants_base64(const struct net_request *request);

/* ---- handshake.c ---- */
/* A request for a new session. */
void handshake_begin(struct engine *engine, const struct endpoint *endpoint, struct net_conn *conn,
                     const struct net_request *request, struct sio_span transport);
/* Its connection has ended before it was decided. */
void handshake_gone(struct net_conn *conn);
