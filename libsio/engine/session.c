/* Engine.IO sessions: opening, heartbeat, what arrives, what is sent, and the one way to end. */
#include "base/mem.h"
#include "base/must.h"
#include "base/span.h"
#include "engine/internal.h"

enum {
    SESSION_LINGER_MS = 30000,
    SESSION_FAREWELL_MS = 250, /* for a GET that was sent before its client closed, and comes behind */
};

static void session_turn(struct loop_turn *turn);
static void session_part(struct engine_session *s);
static void heartbeat_fire(struct sio_timer *timer);

/* ---- opening ---- */

static void handshake_keep(struct engine_session *s, const struct net_request *request,
                           struct net_conn *conn) {
    char address[NET_ADDRESS_TEXT];
    net_conn_address(conn, address);
    struct sio_span from = sio_span_cstr(address);
    struct handshake *h = mem_alloc(sizeof(*h) + request->headers.n + request->query.n + from.n);
    char *at = h->bytes;
    h->headers = span_put(&at, request->headers);
    h->query = span_put(&at, request->query);
    h->address = span_put(&at, from);
    s->handshake = h;
}

struct engine_session *session_new(struct engine *engine, const struct endpoint *endpoint,
                                   const struct net_request *request, struct net_conn *conn,
                                   uint8_t protocol) {
    struct engine_session *s = mem_new(struct engine_session);
    struct sio_loop *loop = net_conn_loop(conn);
    struct engine_loop *l = engine_loop_of(engine, loop);
    s->owner = ENGINE_SESSION;
    s->engine = engine;
    s->endpoint = endpoint;
    s->protocol = protocol;
    s->loop = loop;
    s->turn.run = session_turn;
    s->slot = slots_add(&l->sessions, s);
    sid_make(&engine->key, loop, s->slot, s->sid);
    handshake_keep(s, request, conn);
    atomic_fetch_add_explicit(&l->session_count, 1, memory_order_relaxed);
    unjoined_add(s);
    return s;
}

struct rcbuf *session_open_frame(const struct engine_session *s, bool can_upgrade) {
    const struct sio_config *c = s->engine->config;
    bool offered = can_upgrade && c->allow_upgrades && (c->transports & SIO_WEBSOCKET);
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    sio_strbuf_printf(
        &text,
        "0{\"sid\":\"%.*s\",\"upgrades\":[%s],\"pingInterval\":%u,\"pingTimeout\":%u,\"maxPayload\":%zu}",
        SID_TEXT, s->sid, offered ? "\"websocket\"" : "", c->ping_interval_ms, c->ping_timeout_ms,
        c->max_payload_bytes);
    struct rcbuf *frame = net_frame_new(WS_TEXT, sio_strbuf_as_span(&text));
    sio_strbuf_fini(&text);
    return frame;
}

/* ---- heartbeat ----
 *
 * Version 4: a ping of ours, then a pong in time, then the next ping an interval later.
 * Version 3: the client pings, and is gone when no ping has come for an interval and the timeout. */

static enum sio_err session_send(struct engine_session *s, struct rcbuf *const *frames, uint32_t count) {
    return s->conn ? session_send_frames(s, frames, count) : polling_send(s, frames, count);
}

static void wait_for_pong(struct engine_session *s, uint64_t late) {
    /* Timers are coarse: the ping's delay is taken off, so that the peer's time ends when it expects it to. Of a
     * stalled server's delay no more than half. */
    uint32_t timeout = s->engine->config->ping_timeout_ms;
    s->waiting_for_pong = true;
    s->extended = false;
    sio_timer_start(s->loop, &s->timer, timeout - (late < timeout / 2 ? late : timeout / 2), heartbeat_fire);
}

static void heartbeat_fire(struct sio_timer *timer) {
    struct engine_session *s = container_of(timer, struct engine_session, timer);
    if (s->waiting_for_pong || s->protocol == 3) {
        session_end(s, SIO_PING_TIMEOUT, false);
        return;
    }
    wait_for_pong(s, sio_loop_now_ms(s->loop) - timer->due_ms);
    /* A full queue has its own end (engine_send's callers), and no pong will come then. */
    (void)!session_send(s, &s->engine->ping, 1);
}

static void heartbeat_begin(struct engine_session *s) {
    const struct sio_config *c = s->engine->config;
    uint64_t wait =
        s->protocol == 3 ? (uint64_t)c->ping_interval_ms + c->ping_timeout_ms : c->ping_interval_ms;
    s->waiting_for_pong = false;
    sio_timer_start(s->loop, &s->timer, wait, heartbeat_fire);
}

/* The first packet behind a ping shows that the client lives, though its pong may be stuck behind much else: once it
 * gets its time anew. */
static void heartbeat_heard(struct engine_session *s) {
    if (!s->waiting_for_pong || s->extended) return;
    s->extended = true;
    sio_timer_start(s->loop, &s->timer, s->engine->config->ping_timeout_ms, heartbeat_fire);
}

bool session_expired(struct engine_session *s) {
    bool waits = s->waiting_for_pong || s->protocol == 3;
    if (s->state != SESSION_OPEN || !waits || sio_loop_now_ms(s->loop) < s->timer.due_ms) return false;
    session_end(s, SIO_PING_TIMEOUT, false);
    return true;
}

void session_start(struct engine_session *s) {
    s->state = SESSION_OPEN;
    unjoined_look(s);
    heartbeat_begin(s);
    s->endpoint->handlers.on_open(s);
}

/* ---- receiving ---- */

/* Only one side may ping: the server in version 4, the client in version 3. */
static bool receive_ping(struct engine_session *s) {
    if (s->protocol == 4) {
        session_end(s, SIO_TRANSPORT_ERROR, false);
        return false;
    }
    heartbeat_begin(s);
    (void)!session_send(s, &s->engine->pong, 1); /* a full queue has its own end */
    return true;
}

static bool receive_pong(struct engine_session *s) {
    if (s->protocol == 3) {
        session_end(s, SIO_TRANSPORT_ERROR, false);
        return false;
    }
    heartbeat_begin(s);
    return true;
}

/* Over polling the client's own GET may have been sent before and come later: it is not to find the session gone. */
static void receive_close(struct engine_session *s) {
    if (s->polling && !s->polling->get) {
        session_part(s);
        return;
    }
    polling_answer(s, s->engine->noop);
    session_end(s, SIO_TRANSPORT_CLOSE, false);
}

bool session_receive(struct engine_session *s, const struct eio_packet *packet) {
    if (packet->type != EIO_PONG) heartbeat_heard(s);
    switch (packet->type) {
    case EIO_MESSAGE:
        s->endpoint->handlers.on_message(s, packet->binary, packet->data);
        return s->state == SESSION_OPEN;
    case EIO_PING: return receive_ping(s);
    case EIO_PONG: return receive_pong(s);
    case EIO_CLOSE: receive_close(s); return false;
    case EIO_OPEN:
    case EIO_UPGRADE:
    case EIO_NOOP: return true; /* nothing a server has to do with them */
    }
    return true;
}

/* ---- sending ---- */

enum sio_err engine_send(struct engine_session *s, struct rcbuf *const *frames, uint32_t count) {
    if (s->state != SESSION_OPEN || s->doomed) return SIO_ERR_CLOSED;
    return session_send(s, frames, count);
}

bool engine_writable(const struct engine_session *s) {
    if (s->state != SESSION_OPEN || s->doomed) return false;
    return s->conn ? net_conn_queued(s->conn) == 0 : s->polling->get && s->polling->count == 0;
}

/* ---- the end ---- */

void session_free(struct engine_session *s) {
    if (!s) return;
    sio_timer_stop(s->loop, &s->timer); /* one that lingers has neighbours in the wheel */
    if (s->polling) {                   /* the server is gone: an answer would outlive it */
        if (s->polling->post) engine_abort(s->engine, s->polling->post);
        s->polling->post = NULL;
        polling_free(s->polling);
    }
    free(s->handshake);
    free(s);
}

static void session_turn(struct loop_turn *turn) {
    struct engine_session *s = container_of(turn, struct engine_session, turn);
    if (s->state == SESSION_CLOSED) {
        session_free(s);
    } else if (s->doomed && s->state == SESSION_OPEN) {
        session_end(s, s->doom_reason, true);
    } else if (s->polling) {
        polling_flush(s);
        unpolled_look(s->polling);
    }
}

void session_gone(struct engine_session *s) {
    struct engine_loop *l = engine_loop_of(s->engine, s->loop);
    s->state = SESSION_CLOSED;
    sio_timer_stop(s->loop, &s->timer);
    slots_remove(&l->sessions, s->slot);
    atomic_fetch_sub_explicit(&l->session_count, 1, memory_order_relaxed);
    unjoined_remove(s);
    if (s->polling) {
        upgrade_abandon(s);
        polling_free(s->polling);
        s->polling = NULL;
    }
    loop_at_turn_end(s->loop, &s->turn);
}

static void linger_fire(struct sio_timer *timer) {
    session_gone(container_of(timer, struct engine_session, timer));
}

/* Tells a polling peer: with its waiting request, or with its next one that finds nothing else. Never in one answer
 * with packets, which the official client would read after the close. */
static void session_tell_polling(struct engine_session *s) {
    upgrade_abandon(s);
    if (s->polling->get && s->polling->count == 0) {
        polling_answer(s, s->engine->close);
        session_gone(s);
        return;
    }
    polling_flush(s);
    s->state = SESSION_LINGERING;
    sio_timer_start(s->loop, &s->timer, SESSION_LINGER_MS, linger_fire);
}

/* The polling client has closed, and its last GET is not here yet. */
static void session_part(struct engine_session *s) {
    if (s->state != SESSION_OPEN) return;
    s->state = SESSION_LINGERING;
    unjoined_look(s);
    s->endpoint->handlers.on_close(s, SIO_TRANSPORT_CLOSE);
    polling_farewell(s);
    sio_timer_start(s->loop, &s->timer, SESSION_FAREWELL_MS, linger_fire);
}

void session_end(struct engine_session *s, enum sio_reason reason, bool linger) {
    bool told = s->state == SESSION_OPEN; /* those above know of it */
    if (s->state > SESSION_OPEN) return;
    s->state = SESSION_LINGERING; /* nothing more is received or sent; a second end is none */
    if (s->conn) {
        net_conn_set_data(s->conn, NULL);
        net_close(s->conn, 0);
        s->conn = NULL;
    }
    if (told) s->endpoint->handlers.on_close(s, reason);
    if (s->polling && linger && s->joined) {
        session_tell_polling(s);
        return;
    }
    if (s->polling && linger)
        polling_flush(s); /* who has joined nothing is owed no more than a waiting GET takes */
    polling_answer(s, s->engine->close);
    session_gone(s);
}

void engine_close(struct engine_session *s, enum sio_reason reason) { session_end(s, reason, true); }

void engine_close_later(struct engine_session *s, enum sio_reason reason) {
    if (s->state != SESSION_OPEN || s->doomed) return;
    s->doomed = true;
    s->doom_reason = (uint8_t)reason;
    loop_at_turn_end(s->loop, &s->turn);
}

/* ---- what the layer above asks ---- */

void *engine_session_server(const struct engine_session *s) { return s->engine->data; }
void *engine_session_endpoint_data(const struct engine_session *s) { return s->endpoint->data; }
struct sio_span engine_session_id(const struct engine_session *s) {
    return sio_span_of(s->sid, SID_TEXT);
}
int engine_session_protocol(const struct engine_session *s) { return s->protocol; }
struct sio_loop *engine_session_loop(const struct engine_session *s) {
    return s->loop;
}
void *engine_session_data(const struct engine_session *s) { return s->data; }
void engine_session_set_data(struct engine_session *s, void *data) { s->data = data; }

void engine_session_deciding(struct engine_session *s, bool deciding) {
    s->deciding = deciding;
    unjoined_look(s);
}

void engine_session_joined(struct engine_session *s) {
    unjoined_remove(s);
    s->joined = true;
    if (s->conn) net_conn_set_message_limit(s->conn, session_max_payload(s->engine, s));
}

struct sio_span engine_session_headers(const struct engine_session *s) {
    return s->handshake ? s->handshake->headers : (struct sio_span){0};
}

struct sio_span engine_session_query(const struct engine_session *s) {
    return s->handshake ? s->handshake->query : (struct sio_span){0};
}

struct sio_span engine_session_address(const struct engine_session *s) {
    return s->handshake ? s->handshake->address : (struct sio_span){0};
}

void engine_session_forget_handshake(struct engine_session *s) {
    free(s->handshake);
    s->handshake = NULL;
}
