/* A connection's life: its states, what it waits for, reading, flushing, the end. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "base/mem.h"
#include "base/must.h"
#include "net/stalled.h"

/* What an idle WebSocket connection costs besides the loop's watcher. */
_Static_assert(sizeof(struct net_conn) <= 256, "an idle connection is to be small");

static void conn_turn(struct loop_turn *turn);
static void conn_ready(void *data, int events);

/* ---- states ---- */

#define TO(state) (1u << (state))
static const unsigned moves[] = {
    [NET_HEAD] = TO(NET_BODY) | TO(NET_WAITING) | TO(NET_FLUSHING) | TO(NET_CLOSED),
    [NET_BODY] = TO(NET_WAITING) | TO(NET_FLUSHING) | TO(NET_CLOSED),
    [NET_WAITING] = TO(NET_HEAD) | TO(NET_WEBSOCKET) | TO(NET_FLUSHING) | TO(NET_CLOSED),
    [NET_WEBSOCKET] = TO(NET_ENDING) | TO(NET_FLUSHING) | TO(NET_CLOSED),
    [NET_ENDING] = TO(NET_FLUSHING) | TO(NET_CLOSED),
    [NET_FLUSHING] = TO(NET_LINGERING) | TO(NET_CLOSED),
    [NET_LINGERING] = TO(NET_CLOSED),
    [NET_CLOSED] = 0,
};
#undef TO

void conn_set_state(struct net_conn *conn, enum net_state state) {
    must(moves[conn->state] & (1u << state));
    conn->state = (uint8_t)state;
}

/* Too much is waiting to be sent for another message to be answered. */
static bool is_stalled(const struct net_conn *conn) {
    return conn->blocked || conn->out.bytes > conn->options->limits.out_queue_bytes;
}

/* The same for another request: of those that come together the answers go out a few at a time, so that no loop has to
 * hold all answers to all that its connections ask in one turn. */
static bool is_answering(const struct net_conn *conn) {
    return is_stalled(conn) || conn->out.bytes > NET_PIPELINED_BYTES;
}

static bool takes_input(const struct net_conn *conn) {
    switch (conn->state) {
    case NET_HEAD: return !conn->paused && !is_answering(conn);
    case NET_BODY: return !conn->paused;
    case NET_WEBSOCKET: return !conn->paused && !(conn->keeps_pace && is_stalled(conn));
    case NET_ENDING: return true;
    default: return false;
    }
}

static bool keeps_input(const struct net_conn *conn) { return conn->state <= NET_WEBSOCKET; }

static size_t ahead_bytes(const struct net_conn *conn) {
    return conn->ahead != NULL ? conn->ahead->text.n - conn->ahead->taken : 0;
}

static bool wants_to_read(const struct net_conn *conn) {
    if (conn->peer_ended) return false;
    switch (conn->state) {
    case NET_WAITING: return !conn->paused && ahead_bytes(conn) < conn->options->limits.head_bytes;
    case NET_FLUSHING:
    case NET_LINGERING: return true;
    default: return conn->ahead == NULL && takes_input(conn);
    }
}

static void update_wish(struct net_conn *conn) {
    if (conn->state == NET_CLOSED) return;
    int wish = conn->blocked || (conn->tls != NULL && tls_is_blocked(conn->tls)) ? LOOP_WRITABLE : 0;
    if (wants_to_read(conn))
        wish |= LOOP_READABLE;
    else if (conn->state == NET_WAITING)
        wish |= LOOP_HANGUP; /* an aborted request is to be noticed */
    loop_io_want(conn->io, wish);
    if (conn->ahead != NULL && takes_input(conn)) conn_turn_later(conn);
}

/* ---- made ---- */

static void keep_peer(struct net_conn *conn, const struct sockaddr *peer) {
    if (peer == NULL) return;
    if (peer->sa_family == AF_INET) {
        conn->family = 4;
        memcpy(conn->ip, &((const struct sockaddr_in *)peer)->sin_addr, 4);
    } else if (peer->sa_family == AF_INET6) {
        const struct in6_addr *ip = &((const struct sockaddr_in6 *)peer)->sin6_addr;
        bool mapped = IN6_IS_ADDR_V4MAPPED(ip);
        conn->family = mapped ? 4 : 6;
        memcpy(conn->ip, mapped ? &ip->s6_addr[12] : &ip->s6_addr[0], mapped ? 4 : 16);
    }
}

struct net_conn *conn_new(struct sio_loop *loop, int fd, struct tls *tls, const struct net_options *options) {
    struct net_conn *conn = mem_new(struct net_conn);
    conn->loop = loop;
    conn->options = options;
    conn->state = NET_HEAD;
    conn->reason = SIO_TRANSPORT_CLOSE;
    conn->turn.run = conn_turn;
    conn->message_limit = options->limits.message_bytes;
    list_init(&conn->in_stalled);
    conn->io = loop_io_new(loop, fd, conn_ready, conn);
    conn->tls = tls;
    if (tls != NULL) tls_watch(tls, conn->io);
    return conn;
}

void conn_open(struct net_conn *conn) {
    if (conn->options->handlers.on_open != NULL) conn->options->handlers.on_open(conn);
    if (conn->state == NET_CLOSED) return;
    if (conn->io == NULL) { /* it could not be watched */
        conn_set_state(conn, NET_CLOSED);
        conn->tell = true;
        conn_turn_later(conn);
        return;
    }
    conn_timer(conn, conn->options->limits.head_timeout_ms);
    update_wish(conn);
}

struct net_conn *net_conn_new(struct sio_loop *loop, int fd, const struct sockaddr *peer, bool local,
                              struct net_tls *tls, const struct net_options *options) {
    struct net_conn *conn = conn_new(loop, fd, tls != NULL ? tls_new(tls) : NULL, options);
    conn->local = local;
    keep_peer(conn, peer);
    conn_open(conn);
    return conn;
}

struct sio_loop *net_conn_loop(const struct net_conn *conn) {
    return conn->loop;
}
void *net_conn_data(const struct net_conn *conn) { return conn->data; }
void net_conn_set_data(struct net_conn *conn, void *data) { conn->data = data; }
const struct net_options *net_conn_options(const struct net_conn *conn) { return conn->options; }
bool net_conn_local(const struct net_conn *conn) { return conn->local; }
size_t net_conn_queued(const struct net_conn *conn) { return conn->out.bytes; }

void net_conn_set_message_limit(struct net_conn *conn, size_t bytes) { conn->message_limit = bytes; }

bool net_conn_is_websocket(const struct net_conn *conn) { return conn->upgraded; }

void net_keep_pace(struct net_conn *conn) { conn->keeps_pace = true; }

bool net_conn_take_alive(struct net_conn *conn) {
    bool alive = conn->alive;
    conn->alive = false;
    return alive;
}

void net_conn_address(const struct net_conn *conn, char out[NET_ADDRESS_TEXT]) {
    if (conn->family == 0 ||
        !inet_ntop(conn->family == 4 ? AF_INET : AF_INET6, conn->ip, out, NET_ADDRESS_TEXT))
        snprintf(out, NET_ADDRESS_TEXT, "%s", conn->local ? "local" : "unknown");
}

/* ---- input ---- */

static void keep_ahead(struct net_conn *conn, struct bytes in) {
    if (conn->ahead == NULL) conn->ahead = mem_new(struct net_ahead);
    struct net_ahead *ahead = conn->ahead;
    if (ahead->taken > ahead->text.n / 2) {
        ahead->text.n -= ahead->taken;
        memmove(ahead->text.p, ahead->text.p + ahead->taken, ahead->text.n);
        ahead->taken = 0;
    }
    sio_strbuf_add(&ahead->text, in.p, in.n);
}

static void ahead_free(struct net_ahead *ahead) {
    if (ahead == NULL) return;
    sio_strbuf_fini(&ahead->text);
    free(ahead);
}

static void take(struct net_conn *conn, struct bytes *in) {
    while (in->n > 0 && takes_input(conn)) {
        if (conn->state == NET_HEAD)
            http_take_head(conn, in);
        else if (conn->state == NET_BODY)
            http_take_body(conn, in);
        else
            ws_take(conn, in);
    }
}

void conn_input(struct net_conn *conn, char *p, size_t n) {
    struct bytes in = {p, n};
    if (conn->ahead == NULL) take(conn, &in);
    if (in.n > 0 && keeps_input(conn)) keep_ahead(conn, in);
}

/* What was kept is taken where it lies. Callbacks cannot add to it: only reading does, and that is the loop's
 * call alone. */
static void take_ahead(struct net_conn *conn) {
    struct net_ahead *ahead = conn->ahead;
    struct bytes in = {ahead->text.p + ahead->taken, ahead->text.n - ahead->taken};
    take(conn, &in);
    ahead->taken = ahead->text.n - in.n;
    if (in.n > 0 && keeps_input(conn)) return;
    conn->ahead = NULL;
    ahead_free(ahead);
}

/* ---- the end ---- */

void conn_leave(struct net_conn *conn) {
    conn_set_state(conn, NET_CLOSED);
    stalled_remove(conn);
    sio_timer_stop(conn->loop, &conn->timer);
    if (conn->io != NULL) loop_io_close(conn->io);
    conn->io = NULL;
    conn_turn_later(conn);
}

/* From the loop's calls only, never inside a call of the owner's. */
static void conn_end(struct net_conn *conn, enum sio_reason reason) {
    if (conn->tls != NULL && !conn->failed) tls_end_writing(conn->tls);
    conn_leave(conn);
    conn->options->handlers.on_close(conn, reason);
}

static void conn_free(struct net_conn *conn) {
    out_queue_clear(&conn->out);
    http_free(conn->http);
    ws_cut_free(conn->cut);
    ahead_free(conn->ahead);
    rcbuf_unref(conn->pong);
    tls_free(conn->tls);
    free(conn);
}

void conn_flush_and_end(struct net_conn *conn, bool linger, enum sio_reason reason) {
    conn_set_state(conn, NET_FLUSHING);
    conn->linger = linger;
    conn->reason = (uint8_t)reason;
    conn_timer(conn, conn->options->limits.close_timeout_ms);
    conn_turn_later(conn);
}

void net_abort(struct net_conn *conn) {
    if (conn->state != NET_CLOSED) conn_leave(conn);
}

/* All is out, and nothing more is to come. */
static void flushed(struct net_conn *conn) {
    if (!conn->linger || conn->peer_ended) {
        conn_end(conn, conn->reason);
        return;
    }
    conn_set_state(conn, NET_LINGERING);
    if (conn->tls != NULL) tls_end_writing(conn->tls);
    loop_io_end_writing(conn->io);
    conn->alive = false;
    conn_timer(conn, NET_LINGER_MS);
}

/* A peer on a slow line may have much on its way still: closing now would reset it before it has read our answer. */
static bool lingers_on(struct net_conn *conn) {
    bool more = net_conn_take_alive(conn) && ++conn->rounds < NET_LINGER_ROUNDS;
    if (more) conn_timer(conn, NET_LINGER_MS);
    return more;
}

/* ---- time ---- */

/* The moment when patience is at its end, whatever was waited for. */
static void conn_late(struct sio_timer *timer) {
    struct net_conn *conn = container_of(timer, struct net_conn, timer);
    bool silent = conn->state == NET_HEAD && conn->http == NULL && conn->served;
    if (conn->state == NET_LINGERING && lingers_on(conn)) return;
    if (conn->state > NET_WEBSOCKET)
        conn_end(conn, conn->reason);
    else if (!out_queue_empty(&conn->out))
        conn_end(conn, SIO_TRANSPORT_ERROR); /* the peer does not read */
    else if (conn->tls != NULL && !tls_is_ready(conn->tls))
        conn_end(conn, SIO_TRANSPORT_ERROR); /* there is no way to tell it anything */
    else if (silent)
        conn_end(conn, SIO_TRANSPORT_CLOSE);
    else
        http_refuse(conn, 408);
}

void conn_timer(struct net_conn *conn, uint32_t delay_ms) {
    sio_timer_start(conn->loop, &conn->timer, delay_ms, conn_late);
}

/* How long a peer may go on reading nothing, or asking nothing. Heads, bodies and close handshakes have their
 * own clocks, which run from their beginning. */
void conn_update_timer(struct net_conn *conn) {
    const struct net_limits *limits = &conn->options->limits;
    bool idle = conn->state == NET_HEAD && conn->http == NULL && conn->served;
    bool answering = conn->state == NET_WAITING || (conn->state == NET_FLUSHING && !conn->upgraded);
    if (!idle && !answering) return;
    if (!out_queue_empty(&conn->out))
        conn_timer(conn, limits->body_timeout_ms);
    else if (idle)
        conn_timer(conn, limits->keepalive_ms);
    else
        sio_timer_stop(conn->loop, &conn->timer);
}

/* ---- writing ---- */

static void conn_fail(struct net_conn *conn) {
    conn->failed = true;
    conn_turn_later(conn);
}

void conn_push(struct net_conn *conn, struct rcbuf *buffer) {
    out_queue_push(&conn->out, buffer);
    conn_turn_later(conn);
}

static ssize_t write_some(struct net_conn *conn, const struct iovec *iov, int count) {
    return conn->tls != NULL ? tls_writev(conn->tls, iov, count) : loop_io_writev(conn->io, iov, count);
}

void conn_write(struct net_conn *conn) {
    struct iovec iov[NET_WRITEV_BUFFERS];
    bool waiting = conn->blocked;
    stalled_remove(conn);
    conn->blocked = false;
    if (conn->tls != NULL && !tls_flush(conn->tls)) conn_fail(conn);
    while (!out_queue_empty(&conn->out)) {
        int n = out_queue_fill(&conn->out, iov, NET_WRITEV_BUFFERS);
        size_t wanted = 0;
        for (int i = 0; i < n; i++) wanted += iov[i].iov_len;
        ssize_t sent = write_some(conn, iov, n);
        if (sent < 0) conn_fail(conn);
        if (sent < 0) return;
        out_queue_sent(&conn->out, (size_t)sent);
        conn->alive |= waiting && sent > 0;
        if ((size_t)sent < wanted) {
            conn->blocked = conn->waited = true;
            stalled_add(conn);
            return;
        }
        if (!out_queue_empty(&conn->out)) continue;
        conn->pongs = 0;
        if (conn->pong != NULL) out_queue_push(&conn->out, conn->pong);
        conn->pong = NULL;
    }
}

/* Writes, and does what follows from it. */
static void flush(struct net_conn *conn) {
    if (!conn->failed) conn_write(conn);
    if (conn->failed) {
        conn_end(conn, SIO_TRANSPORT_ERROR);
        return;
    }
    conn_update_timer(conn);
    if (!out_queue_empty(&conn->out)) return;
    if (conn->state == NET_FLUSHING) {
        flushed(conn);
    } else if (conn->waited) {
        conn->waited = false;
        if (conn->state == NET_WEBSOCKET && conn->options->handlers.on_drained != NULL)
            conn->options->handlers.on_drained(conn);
    }
}

/* ---- what the loop calls ---- */

void conn_turn_later(struct net_conn *conn) { loop_at_turn_end(conn->loop, &conn->turn); }

static void conn_turn(struct loop_turn *turn) {
    struct net_conn *conn = container_of(turn, struct net_conn, turn);
    if (conn->state == NET_CLOSED) {
        if (conn->tell) conn->options->handlers.on_close(conn, SIO_TRANSPORT_ERROR);
        conn_free(conn);
        return;
    }
    stalled_look(conn);
    if (!conn->blocked) flush(conn);
    if (conn->state != NET_CLOSED && conn->ahead != NULL && takes_input(conn)) take_ahead(conn);
    update_wish(conn);
}

/* The peer ends its side. Answers that it has asked for before still go out; a request that waits is over. */
static void peer_ended(struct net_conn *conn) {
    conn->peer_ended = true;
    if (!conn->blocked && !conn->failed) conn_write(conn);
    bool owed = !out_queue_empty(&conn->out) && !conn->failed;
    if (conn->state == NET_HEAD && owed)
        conn_flush_and_end(conn, false, SIO_TRANSPORT_CLOSE);
    else if (conn->state != NET_FLUSHING || !owed)
        conn_end(conn, conn->reason);
}

/* Of a message that is too long as much is heard out as one might have had. */
static void throw_away(struct net_conn *conn, size_t n) {
    size_t most = NET_LINGER_BYTES + (conn->upgraded ? conn->message_limit : 0);
    conn->thrown_away += (uint32_t)n;
    if (conn->thrown_away > most) conn_end(conn, conn->reason);
}

/* What is thrown away need not be deciphered. */
static ssize_t read_some(struct net_conn *conn, char *p, size_t room) {
    bool deciphered = conn->tls != NULL && conn->state < NET_FLUSHING;
    return deciphered ? tls_read(conn->tls, p, room) : loop_io_read(conn->io, p, room);
}

/* How much may be read at once, so that what is made of it neither lies in the way nor takes long. */
static size_t read_room(const struct net_conn *conn) {
    if (conn->deflate_bits != 0) return NET_DEFLATED_READ_BYTES;
    if (conn->state != NET_WAITING) return LOOP_READ_BYTES;
    size_t left = conn->options->limits.head_bytes - ahead_bytes(conn);
    return left < LOOP_READ_BYTES ? left : LOOP_READ_BYTES;
}

static void conn_read(struct net_conn *conn) {
    char *p = loop_read_buffer(conn->loop);
    ssize_t got = read_some(conn, p, read_room(conn));
    conn->alive |= got > 0;
    if (got == -2)
        conn_end(conn, conn->state == NET_FLUSHING || conn->state == NET_LINGERING ? conn->reason
                                                                                   : SIO_TRANSPORT_ERROR);
    else if (got == 0)
        peer_ended(conn);
    else if (got > 0 && (conn->state == NET_FLUSHING || conn->state == NET_LINGERING))
        throw_away(conn, (size_t)got);
    else if (got > 0)
        conn_input(conn, p, (size_t)got);
}

/* What TLS says behind the last bytes is learnt at once: the descriptor is not ready for it a second time. */
static void read_all(struct net_conn *conn) {
    conn_read(conn);
    bool over = conn->tls != NULL && tls_is_over(conn->tls);
    if (over && conn->state < NET_FLUSHING && wants_to_read(conn)) conn_read(conn);
}

static void conn_ready(void *data, int events) {
    struct net_conn *conn = data;
    if (events & LOOP_ENDED) {
        net_abort(conn);
        return;
    }
    if (events & LOOP_WRITABLE) flush(conn);
    if (conn->state != NET_CLOSED && (events & LOOP_READABLE) && wants_to_read(conn))
        read_all(conn);
    else if (conn->state != NET_CLOSED && (events & LOOP_HANGUP))
        peer_ended(conn);
    update_wish(conn);
}

/* ---- what the owner calls ---- */

void net_pause(struct net_conn *conn, bool paused) {
    if (conn->state == NET_CLOSED) return;
    conn->paused = paused;
    conn_turn_later(conn);
}

void net_close(struct net_conn *conn, uint16_t code) {
    char payload[2] = {(char)(code >> 8), (char)code};
    switch (conn->state) {
    case NET_WEBSOCKET:
        ws_push_close(conn, sio_span_of(payload, code == 0 ? 0 : sizeof(payload)));
        conn_set_state(conn, NET_ENDING);
        conn->reason = SIO_FORCED_CLOSE;
        conn_timer(conn, conn->options->limits.close_timeout_ms);
        conn_turn_later(conn);
        return;
    case NET_WAITING: conn->close_after = true; return;
    case NET_HEAD:
    case NET_BODY: conn_flush_and_end(conn, true, SIO_FORCED_CLOSE); return;
    default: return;
    }
}
