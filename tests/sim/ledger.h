/* What was sent, to whom, when, and what has arrived: the simulation's memory, and its judge.
 *
 * Everything that the server's side sends belongs to a stream: one a loop, and one for the thread that is none. Within
 * a stream emissions are numbered. Every socket must see the numbers of a stream grow, must miss none that was for it,
 * and must see none that was not.
 *
 * Joining and leaving are changes. For what comes later in the same stream a change holds at once, also for other
 * streams if it was made on the socket's own loop; otherwise within SETTLE_US. Between the two an emission may arrive
 * or not. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sio.h"
#include "sio_strbuf.h"

struct run;

enum {
    SETTLE_US = 3 * 1000 * 1000, /* the longest that a post or a change is on its way */
    STREAMS_MOST = 9,            /* eight loops, and the outside */
    NAMESPACES = 2,
    ROOMS_FIXED = 3,   /* chosen when joining, for the socket's life */
    ROOMS_CHANGED = 3, /* joined and left at any time */
    ROOMS = ROOMS_FIXED + ROOMS_CHANGED,
    PID_BYTES = 64,
};

struct change {
    uint64_t order; /* 0: has not happened */
    uint64_t at_us;
    unsigned stream;
    bool at_once; /* for every stream */
};

struct stay { /* in a room */
    unsigned room;
    struct change joined, left;
    bool doubtful; /* the connection ended while a change was on its way */
};

struct away { /* between a connection that broke and the one that recovered the session */
    struct change from, to;
};

struct session { /* one client in one namespace, from its CONNECT to its end; recovered, it goes on */
    struct run *run;
    unsigned index, client, connection, ns, fixed_rooms;

    /* at the server */
    struct sio_ref ref;
    char id[20];
    struct change accepted, connected, disconnected;
    bool is_back; /* an attempt that was recovered, as the server says */
    struct away *aways;
    size_t away_count;
    struct stay *stays;
    size_t stay_count;
    uint32_t up_received;
    bool up_may_skip; /* what was on the way when the connection broke */
    bool to_be_refused;
    bool ended_by_app;

    /* at the client */
    bool asked, joined, over;
    bool eager;              /* it sends before its CONNECT is answered */
    bool away;               /* it hopes to be recovered */
    bool returning;          /* its CONNECT says that it is, and the server's owner has not heard of it yet */
    struct session *attempt; /* the newest to be recovered: a session in its place if it fails */
    struct session *predecessor; /* of an attempt */
    char pid[PID_BYTES], offset[PID_BYTES];
    bool cut_down;            /* what is on the way to the client may be lost */
    bool cut_up;              /* … to the server */
    uint64_t silent_since_us; /* 0: its connection is not silent */
    uint32_t last_number[STREAMS_MOST];
    uint64_t last_at_us; /* when the newest thing that arrived was sent */
    uint8_t *received;   /* a bit for each emission */
    size_t received_bytes;
    uint32_t up_sent, up_sent_before; /* … the newest recovery */
    uint8_t *acks;                    /* by number: ACK_… */
    size_t ack_capacity;
};

enum { ACK_NONE, ACK_WANTED, ACK_ANSWERED };

struct emission {
    unsigned stream, ns;
    uint32_t number; /* from 1 */
    uint64_t order, at_us;
    bool must;                 /* SIO_MUST; others may be dropped */
    struct session *one, *but; /* the only receiver, or NULL; who is left out, or NULL */
    unsigned rooms, except;    /* bits; no room at all: everyone */
    unsigned attachments;
    bool ack_asked;
    unsigned ack_done;
};

struct ledger {
    struct run *run;
    uint64_t order;
    struct emission **emissions;
    size_t emission_count, emission_capacity;
    struct session **sessions;
    size_t session_count;
    struct emission **streams[STREAMS_MOST]; /* by number - 1 */
    uint32_t stream_counts[STREAMS_MOST];
};

void ledger_init(struct ledger *ledger, struct run *run);
void ledger_fini(struct ledger *ledger);

struct session *ledger_session(struct ledger *ledger, unsigned client, unsigned connection, unsigned ns);
/* Did the application end a session of this connection? Then the connection may end too: an event that was on its way
 * to a namespace that is left is a fault of the protocol. */
bool ledger_ended_by_app(const struct ledger *ledger, unsigned connection);
void ledger_change(struct ledger *ledger, struct change *change, bool at_once); /* it happens now, here */
/* The room's change is made at once, or by an order; false: an earlier one may still be on its way. */
bool ledger_may_change(const struct session *session, unsigned room, uint64_t now_us);
void ledger_join(struct ledger *ledger, struct session *session, unsigned room, bool at_once);
void ledger_leave(struct ledger *ledger, struct session *session, unsigned room, bool at_once);
bool ledger_in(const struct session *session, unsigned room);

/* Its connection has broken, and it may come back. */
void ledger_goes_away(struct session *session);
/* It asks to be recovered. */
struct session *ledger_attempt(struct ledger *ledger, struct session *session, unsigned connection);
/* It is recovered: as the client learns, and as the server's owner learns, whoever is first. */
void ledger_returns(struct session *session);
void ledger_comes_back(struct ledger *ledger, struct session *attempt);
/* Whether it is in a room after all, as the server knows it. */
void ledger_set_room(struct ledger *ledger, struct session *session, unsigned room, bool in);

/* A new emission of this thread's stream, to be filled in. */
struct emission *ledger_emission(struct ledger *ledger, unsigned ns);

/* Something arrived at the client. */
void ledger_arrived(struct ledger *ledger, struct session *session, unsigned stream, uint32_t number);
void ledger_ack_wanted(struct session *session, uint32_t number);
void ledger_ack_arrived(struct session *session, uint32_t number);

/* Everything that could be said against a session by now. `rest`: nothing is on its way any more. */
void ledger_judge(struct ledger *ledger, struct session *session, bool rest);
