/* One connection's state, shared by the files of this folder and by nobody else.
 *
 *   NET_HEAD ──head with a body──▶ NET_BODY ──its last byte──▶ NET_WAITING
 *   NET_HEAD ──head without a body───────────────────────────▶ NET_WAITING
 *   NET_WAITING ──net_respond, keep-alive──▶ NET_HEAD
 *   NET_WAITING ──net_respond, last one────▶ NET_FLUSHING
 *   NET_WAITING ──net_upgrade──────────────▶ NET_WEBSOCKET
 *   NET_WEBSOCKET ──net_close──▶ NET_ENDING ──peer's close──▶ NET_FLUSHING
 *   NET_WEBSOCKET ──peer's close, or broken frames──────────▶ NET_FLUSHING
 *   NET_HEAD, NET_BODY ──refused (400, 408, 413, 431 …), net_close──▶ NET_FLUSHING
 *   NET_FLUSHING ──all is out──▶ NET_LINGERING (perhaps) ──▶ NET_CLOSED
 *
 *   from everywhere: failure, time, net_abort, NET_MOVE ──▶ NET_CLOSED ──end of turn──▶ freed */
#pragma once
#include "base/list.h"
#include "codec/http1.h"
#include "codec/ws_frame.h"
#include "net/conn.h"
#include "net/out_queue.h"
#include "net/tls.h"
#include "sio_strbuf.h"

enum net_state {
    NET_HEAD,      /* between two requests, or inside a head */
    NET_BODY,      /* inside a body */
    NET_WAITING,   /* for net_respond or net_upgrade */
    NET_WEBSOCKET, /* open */
    NET_ENDING,    /* our close frame is queued or sent, the peer's is awaited */
    NET_FLUSHING,  /* nothing more is taken; what is queued goes out */
    NET_LINGERING, /* our side is ended; what the peer still sends is thrown away, so that it can read ours */
    NET_CLOSED,
};

enum {
    NET_LINGER_MS = 1000,               /* for a peer that sends nothing more */
    NET_LINGER_ROUNDS = 15,             /* so many of them for one that goes on sending */
    NET_LINGER_BYTES = 4 * 1024 * 1024, /* thrown away at most, besides one WebSocket message */
    NET_DEFLATED_READ_BYTES =
        8 * 1024, /* at once, where messages are compressed: a thousand times as much may be in it */
    NET_PIPELINED_BYTES = 64 * 1024, /* of answers that wait, and no further request is begun */
    NET_PONGS_QUEUED = 16,           /* beyond these only the newest ping is answered */
    NET_WRITEV_BUFFERS = 1024,       /* IOV_MAX */
    NET_CONTROL_BYTES = 125,         /* payload of a ping, pong or close frame */
};

enum { CLOSE_PROTOCOL_ERROR = 1002, CLOSE_INVALID_DATA = 1007, CLOSE_TOO_BIG = 1009 };

/* Mutable bytes to be taken from the front. */
struct bytes {
    char *p;
    size_t n;
};
static inline void bytes_skip(struct bytes *b, size_t n) {
    b->p += n;
    b->n -= n;
}

/* Input that came before it can be taken: behind a request that waits for its answer, or while paused. */
struct net_ahead {
    struct sio_strbuf text;
    size_t taken;
};

/* A request, from its first byte to its answer. */
struct net_http {
    struct sio_strbuf head_text; /* the request's spans point into it */
    struct sio_strbuf body;
    size_t look_at; /* a head without its end is looked at again when it has so many bytes */
    struct http1_head head;
    struct http1_chunked chunked;
    struct net_request request;
    size_t body_limit;
    bool in_call, answered; /* freed by on_request's caller then: the callee may still read it */
};

/* A WebSocket frame or message that has not come whole. */
struct ws_cut {
    char head_text[WS_HEAD_MAX_BYTES];
    uint8_t head_n; /* of a head that is cut itself */
    bool in_frame;  /* `head` is read, its payload under way */
    struct ws_head head;
    uint64_t taken; /* payload bytes of this frame */
    char control[NET_CONTROL_BYTES];
    enum ws_opcode opcode; /* of the message under way; WS_CONTINUATION: none */
    bool deflated;         /* that message */
    uint32_t utf8;
    struct sio_strbuf message;
};

struct net_conn {
    struct sio_loop *loop;
    const struct net_options *options;
    void *data;
    struct loop_io *io; /* NULL once closed */
    struct tls *tls;    /* NULL: plain */
    struct sio_timer timer;
    struct loop_turn turn;
    struct out_queue out;
    size_t message_limit;   /* bytes of one WebSocket message */
    struct list in_stalled; /* see stalled.h; alone: stands nowhere */
    struct net_http *http;
    struct ws_cut *cut;
    struct net_ahead *ahead;
    struct rcbuf *pong;   /* for the newest of too many pings */
    uint32_t thrown_away; /* bytes while flushing and lingering */
    uint8_t ip[16];
    uint8_t family; /* 4, 6; 0: none */
    uint8_t state;  /* enum net_state */
    uint8_t reason; /* enum sio_reason, once it is known why it ends */
    uint8_t pongs;  /* queued since the queue was empty */
    uint8_t rounds; /* of lingering, so far */
    uint8_t
        deflate_bits; /* of the window that our compressed messages may use; 0: permessage-deflate is off */
    bool local : 1;
    bool served : 1; /* has had an answer: idle now, not new */
    bool paused : 1;
    bool blocked : 1; /* the kernel takes no more for now */
    bool waited : 1;  /* … so on_drained is owed */
    bool failed : 1;  /* writing failed; told at the end of the turn */
    bool peer_ended : 1;
    bool upgraded : 1;    /* is or was a WebSocket */
    bool linger : 1;      /* after flushing */
    bool close_after : 1; /* this answer is the last */
    bool tell : 1;        /* closed before it began: on_close is owed */
    bool keeps_pace : 1;  /* see net_keep_pace */
    bool alive : 1;       /* see net_conn_take_alive */
};

/* ---- conn.c ---- */

void conn_set_state(struct net_conn *conn, enum net_state state); /* the one setter; checks the move */
void conn_turn_later(struct net_conn *conn);
void conn_timer(struct net_conn *conn, uint32_t delay_ms);
void conn_update_timer(struct net_conn *conn); /* after a change of state or of what is queued */
void conn_push(struct net_conn *conn, struct rcbuf *buffer); /* takes the reference; leaves with the turn */
/* Writes what it can; no callback. */
void conn_write(struct net_conn *conn);
/* The last state but one: flush, then linger or not. */
void conn_flush_and_end(struct net_conn *conn, bool linger, enum sio_reason reason);
/* Takes `tls` too; it may be NULL. */
struct net_conn *conn_new(struct sio_loop *loop, int fd, struct tls *tls, const struct net_options *options);
void conn_open(struct net_conn *conn);
void conn_leave(struct net_conn *conn); /* to NET_CLOSED, without on_close; freed at the end of the turn */
/* All the input there is now; what cannot be taken yet is kept. */
void conn_input(struct net_conn *conn, char *p, size_t n);

/* ---- http_request.c, http_answer.c, move.c ---- */

void http_take_head(struct net_conn *conn, struct bytes *in);
void http_take_body(struct net_conn *conn, struct bytes *in);
/* What there is to know of the request that has begun to come; it may be nothing. */
struct net_request http_known(const struct net_conn *conn);
void http_refuse(struct net_conn *conn, int status);
void http_free(struct net_http *http);
void conn_move(struct net_conn *conn, unsigned loop, struct bytes *rest);

/* ---- ws_receive.c, ws_send.c, ws_deflate.c ---- */

void ws_take(struct net_conn *conn, struct bytes *in);
void ws_cut_free(struct ws_cut *cut);
void ws_pong(struct net_conn *conn, struct sio_span payload);
/* Our close frame, behind a pong that is owed. `payload`: as it is sent. */
void ws_push_close(struct net_conn *conn, struct sio_span payload);
void ws_fail(struct net_conn *conn, uint16_t code);
/* Of a handshake: appends the answer's line, if permessage-deflate is agreed. false: the offer is refused. */
bool ws_deflate_agree(struct net_conn *conn, struct sio_span headers,
                      struct sio_strbuf *answer) SIO_MUST_CHECK;
/* What the connection is to be sent for this frame: itself, or its compressed form, which the frame keeps. */
struct rcbuf *ws_deflated(struct net_conn *conn, struct rcbuf *frame);
/* Appends what the payload holds; 0, or the close code. */
uint16_t ws_inflate(struct net_conn *conn, struct sio_span payload, bool text,
                    struct sio_strbuf *message) SIO_MUST_CHECK;
