/* A connection: bytes of a descriptor in, HTTP/1.1 requests and WebSocket messages out. Belongs to one loop.
 *
 *   HEAD ──head complete──▶ BODY ──body complete──▶ WAITING ──net_respond──▶ HEAD (keep-alive) or CLOSING
 *                                                      └─net_upgrade──▶ WEBSOCKET ──▶ CLOSING
 *
 * HTTP state is allocated with the first byte of a request and freed with its answer; a WebSocket connection
 * keeps no buffer unless a frame or message is cut in two. */
#pragma once
#include "base/rcbuf.h"
#include "base/span.h"
#include "codec/ws_frame.h"
#include "loop/loop.h"
#include "sio.h"
#include "sio_err.h"
#include "sio_strbuf.h"

struct net_conn;

/* One request; lives until it is answered or the connection is closed. Spans point into the connection's
 * buffer. */
struct net_request {
    struct sio_span method, path,
        query;               /* path and query as they came, still percent-encoded: url_query reads them */
    struct sio_span headers; /* the raw header lines: http1_header (codec/http1.h) reads them */
    struct sio_span body;
    int version;    /* 10 or 11 */
    bool websocket; /* asks for an upgrade to websocket */
};

enum net_verdict_kind { NET_GO_ON, NET_MOVE, NET_REFUSE };
struct net_verdict {
    enum net_verdict_kind kind;
    size_t body_limit_bytes; /* NET_GO_ON: a longer body is answered 413 and the connection closed */
    unsigned loop; /* NET_MOVE, another loop: a new connection begins there with all bytes read, with on_open
                      and on_head; this one is gone after on_head, without on_close */
    int status;    /* NET_REFUSE: see on_refused */
};

/* The answer to a request that is refused; it ends the connection. */
struct net_refusal {
    int status;
    struct sio_strbuf lines, body; /* whole header lines, as for net_respond */
};

/* What the owner of a listener does with its connections. All on the connection's loop. */
struct net_handlers {
    void (*on_open)(
        struct net_conn *conn); /* a new connection, also after NET_MOVE; may set the user pointer */
    struct net_verdict (*on_head)(struct net_conn *conn,
                                  const struct net_request *request); /* body not yet there */
    /* The connection refuses a request by itself (400, 408, 413, 431, 501, 505), or on the verdict's word. Of a
     * request whose head is not right or not whole there is what http1_head_parse has found so far, or nothing. May
     * change the answer, which has neither lines nor a body of its own. */
    void (*on_refused)(struct net_conn *conn, const struct net_request *request, struct net_refusal *answer);
    void (*on_request)(struct net_conn *conn,
                       const struct net_request *request); /* answer now or later, once */
    /* A whole message, unmasked; UTF-8 checked when text. Lives during the call. */
    void (*on_message)(struct net_conn *conn, bool binary, struct sio_span message);
    /* All that was queued has been handed to the kernel (told after a queue had been waiting). */
    void (*on_drained)(struct net_conn *conn);
    /* The last call; `reason` as far as the transport can tell (TRANSPORT_CLOSE: the peer ended it;
     * TRANSPORT_ERROR: protocol error or failure; FORCED_CLOSE: net_close by us). A request that was not
     * answered is forgotten. */
    void (*on_close)(struct net_conn *conn, enum sio_reason reason);
};

struct net_limits {
    size_t head_bytes; /* 431 above */
    uint32_t
        head_timeout_ms; /* from a request's first byte, also from accept to the first byte; 408, closed */
    uint32_t body_timeout_ms;
    uint32_t keepalive_ms;     /* between two requests */
    size_t message_bytes;      /* of one WebSocket message; 1009 above, also across fragments */
    size_t out_queue_bytes;    /* net_send fails above */
    uint32_t close_timeout_ms; /* for the peer's close frame after ours; 5000 */
};

/* The limit for what waits, on each loop, on all connections whose peers do not read. Above it the one that
 * has taken nothing for the longest time is closed (SIO_TRANSPORT_ERROR), but never the one that took
 * something last. A buffer that waits for many receivers counts in parts. */
struct net_stalled;
struct net_stalled *net_stalled_new(unsigned loops, size_t limit_bytes); /* of all loops together */
void net_stalled_free(struct net_stalled *stalled);                      /* once the loops have ended */
uint64_t net_stalled_closed(const struct net_stalled *stalled);          /* since the start; any thread */

/* permessage-deflate for those who ask for it; memory for it is made when a loop first needs it. */
struct net_deflate;
struct net_deflate *net_deflate_new(unsigned loops, const struct sio_deflate *settings);
void net_deflate_free(struct net_deflate *deflate); /* once the loops have ended; NULL is fine */

struct net_options { /* one a server, shared by all its connections, immutable while they live */
    struct net_handlers handlers;
    struct net_limits limits;
    struct net_stalled *stalled; /* NULL: no limit */
    struct net_deflate *deflate; /* NULL: offers are left alone */
    const struct sio_log *log;
    void *data; /* the server */
};

/* TLS 1.2 and 1.3 for the connections of a listener: its certificate. SIO_ERR_INVALID, with a line in the log: the
 * files are no certificate chain and its key. Both are read here and at each reload, which blocks. */
struct net_tls;
enum sio_err net_tls_new(const struct sio_tls *files, const struct sio_log *log,
                         struct net_tls **out) SIO_MUST_CHECK;
void net_tls_free(struct net_tls *tls); /* once the loops have been freed */
/* [any thread] For connections that begin from now on. SIO_ERR_INVALID: the old one goes on being used. */
enum sio_err net_tls_reload(struct net_tls *tls) SIO_MUST_CHECK;
uint64_t net_tls_failed(const struct net_tls *tls); /* [any thread] handshakes that never came to their end */

/* Takes the descriptor; `peer` may be NULL (Unix socket), `tls` too (plain). On the loop's thread. Never NULL; if
 * the system watches no more descriptors on_close follows. */
struct net_conn *net_conn_new(struct sio_loop *loop, int fd, const struct sockaddr *peer, bool local,
                              struct net_tls *tls, const struct net_options *options);

struct sio_loop *net_conn_loop(const struct net_conn *conn);
void *net_conn_data(const struct net_conn *conn);
void net_conn_set_data(struct net_conn *conn, void *data);
const struct net_options *net_conn_options(const struct net_conn *conn);
bool net_conn_local(const struct net_conn *conn);
bool net_conn_is_websocket(const struct net_conn *conn); /* also once it has ended */
/* The peer's IP address as text into `out`; "local" for a Unix socket. */
enum { NET_ADDRESS_TEXT = 46 };
void net_conn_address(const struct net_conn *conn, char out[NET_ADDRESS_TEXT]);

/* Answers the current request. `headers` are whole lines, each ended by CRLF; Content-Length, Connection and
 * Date are added. `body` gets a reference of the connection's own (NULL: empty). With `close` the connection
 * ends afterwards. Does nothing once the connection is ending. */
void net_respond(struct net_conn *conn, int status, struct sio_span headers, struct rcbuf *body, bool close);

/* 101 with Sec-WebSocket-Accept and `headers`; false (and answered with 400) when the handshake is not valid.
 */
bool net_upgrade(struct net_conn *conn, struct sio_span headers) SIO_MUST_CHECK;

/* A whole unmasked frame, one reference. [any thread] */
struct rcbuf *net_frame_new(enum ws_opcode opcode, struct sio_span payload);

/* Replaces the options' message_bytes for this connection. */
void net_conn_set_message_limit(struct net_conn *conn, size_t bytes);

/* Queues a whole ready frame (header and payload), with a reference of its own; leaves with everything else
 * of this turn in one writev. SIO_ERR_LIMIT: the queue is full, nothing was queued; an empty queue takes a frame
 * of any size. SIO_ERR_CLOSED. */
enum sio_err net_send(struct net_conn *conn, struct rcbuf *frame) SIO_MUST_CHECK;
/* The same for frames that belong together: all of them are queued, or none. */
enum sio_err net_send_all(struct net_conn *conn, struct rcbuf *const *frames, uint32_t count) SIO_MUST_CHECK;
size_t net_conn_queued(const struct net_conn *conn); /* bytes that wait */

/* For owners who answer what they read: from now on nothing is read while the peer leaves waiting what was sent
 * to it, or more waits than out_queue_bytes; and a queue with less than that takes a frame of any size. */
void net_keep_pace(struct net_conn *conn);

/* Has anything been received, or been taken after it had waited, since this was asked last? */
bool net_conn_take_alive(struct net_conn *conn);

/* WebSocket: sends what is queued, then a close frame (code 0: an empty one), then waits for the peer's.
 * HTTP: closes once the answer is out. on_close follows later. */
void net_close(struct net_conn *conn, uint16_t code);
/* At once, without on_close; the queue is thrown away. */
void net_abort(struct net_conn *conn);
/* Stops or goes on reading (stopping servers, backpressure). */
void net_pause(struct net_conn *conn, bool paused);
