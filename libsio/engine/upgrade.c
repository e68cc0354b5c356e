/* The upgrade from polling to WebSocket: "2probe", "3probe", no-ops until the client pauses its polling, then
 * "5". */
#include "base/mem.h"
#include "codec/ws_frame.h"
#include "engine/internal.h"

enum {
    UPGRADE_FIRST_NOOP_MS =
        20, /* time for "3probe" to overtake the no-op, so that the client does not poll again */
    UPGRADE_NOOP_MS = 100,
};

void upgrade_abandon(struct engine_session *s) {
    struct polling *p = s->polling;
    if (!p || !p->probe) return;
    struct net_conn *probe = p->probe;
    p->probe = NULL;
    p->probed = false;
    sio_timer_stop(s->loop, &p->upgrade);
    net_conn_set_data(probe, NULL);
    net_close(probe, 0);
}

static void upgrade_timer(struct sio_timer *timer) {
    struct polling *p = container_of(timer, struct polling, upgrade);
    struct engine_session *s = p->session;
    uint64_t now = sio_loop_now_ms(s->loop);
    if (now >= p->upgrade_until_ms) {
        upgrade_abandon(s);
        return;
    }
    uint64_t left = p->upgrade_until_ms - now;
    if (p->probed) polling_answer(s, s->engine->noop);
    sio_timer_start(s->loop, timer, p->probed && left > UPGRADE_NOOP_MS ? UPGRADE_NOOP_MS : left,
                    upgrade_timer);
}

void upgrade_begin(struct engine_session *s, struct net_conn *conn, bool base64) {
    struct polling *p = s->polling;
    if (!p || p->probe ||
        s->state != SESSION_OPEN) { /* upgraded, or about to be: the first one goes on undisturbed */
        net_close(conn, 0);
        return;
    }
    uint32_t timeout = s->engine->config->upgrade_timeout_ms;
    p->probe = conn;
    p->probe_base64 = base64;
    p->upgrade_until_ms = sio_loop_now_ms(s->loop) + timeout;
    net_conn_set_data(conn, s);
    sio_timer_start(s->loop, &p->upgrade, timeout, upgrade_timer);
}

/* The WebSocket takes over: what waits for a poll goes there, in order. */
static void upgrade_finish(struct engine_session *s) {
    struct polling *p = s->polling;
    struct net_conn *conn = p->probe;
    p->probe = NULL;
    sio_timer_stop(s->loop, &p->upgrade);
    polling_answer(s, s->engine->close); /* a client that has paused does not wait for it */
    s->polling = NULL;
    s->conn = conn;
    unjoined_look(s);
    s->base64 = p->probe_base64;
    net_conn_set_message_limit(conn, session_max_payload(s->engine, s));
    enum sio_err e = session_send_frames(s, p->queue, p->count);
    polling_free(p);
    if (e != SIO_ERR_OK) engine_close_later(s, SIO_TRANSPORT_ERROR);
}

void upgrade_message(struct engine_session *s, bool binary, struct sio_span message) {
    struct polling *p = s->polling;
    if (!binary && !p->probed && sio_span_eq(message, SIO_SPAN("2probe"))) {
        p->probed = true;
        if (net_send(p->probe, s->engine->pong_probe) != SIO_ERR_OK) {
            upgrade_abandon(s);
            return;
        }
        sio_timer_start(s->loop, &p->upgrade, UPGRADE_FIRST_NOOP_MS, upgrade_timer);
    } else if (!binary && sio_span_eq(message, SIO_SPAN("5"))) {
        upgrade_finish(s);
    } else {
        upgrade_abandon(s);
    }
}
