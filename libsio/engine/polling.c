/* Long-polling: packets wait in a queue until GETs take them; a POST brings packets. */
#include "base/base64.h"
#include "base/mem.h"
#include "base/must.h"
#include "engine/internal.h"

enum {
    POLLING_QUEUE_FIRST = 4,
    POLLING_ANSWER_BYTES = 1024 * 1024, /* one packet may be larger; the rest goes with the next GET */
};

/* The function that JSONP answers call, as the first request names it: its digits. */
static void read_jsonp(struct polling *p, const struct net_request *request) {
    struct parameter j;
    p->jsonp = has_parameter(request, SIO_SPAN("j"), &j);
    size_t n = 0;
    for (size_t i = 0; p->jsonp && i < j.n && n + 1 < sizeof(p->jsonp_index); i++)
        if (j.bytes[i] >= '0' && j.bytes[i] <= '9') p->jsonp_index[n++] = j.bytes[i];
}

struct polling *polling_new(struct engine_session *s, const struct net_request *request) {
    struct polling *p = mem_new(struct polling);
    p->session = s;
    list_init(&p->in_unpolled);
    read_jsonp(p, request);
    return p;
}

static void queue_forget(struct polling *p, uint32_t count) {
    size_t bytes = 0;
    for (uint32_t i = 0; i < count; i++) bytes += p->queue[i]->n;
    unpolled_taken(p, count, bytes);
    for (uint32_t i = 0; i < count; i++) rcbuf_unref(p->queue[i]);
    p->bytes -= bytes;
    p->count -= count;
    if (p->count > 0) {
        memmove(p->queue, p->queue + count, p->count * sizeof(*p->queue));
        return;
    }
    free(p->queue); /* after a burst it may be large */
    p->queue = NULL;
    p->capacity = 0;
}

void polling_drop(struct polling *p) { queue_forget(p, p->count); }

/* A body that is on the way is still read and answered. */
static void let_go_of_post(struct polling *p) {
    if (!p->post) return;
    net_conn_set_data(p->post, NULL);
    if (p->farewell) answer_post(p->session->engine, p->post, p->farewell);
}

void polling_free(struct polling *p) {
    let_go_of_post(p);
    sio_timer_stop(p->session->loop, &p->upgrade);
    polling_drop(p);
    free(p);
}

/* ---- the queue ---- */

/* Takes the waiting GET out of the session. */
static struct net_conn *take_get(struct polling *p) {
    struct net_conn *conn = p->get;
    p->get = NULL;
    unjoined_look(p->session);
    return conn;
}

void polling_answer(struct engine_session *s, struct rcbuf *frame) {
    if (!s->polling || !s->polling->get) return;
    const struct net_request *request = s->polling->get_request;
    answer_poll(s, take_get(s->polling), request, &frame, 1);
}

void polling_push(struct engine_session *s, struct rcbuf *frame) {
    struct polling *p = s->polling;
    if (p->count == p->capacity) {
        p->capacity = p->capacity ? p->capacity * 2 : POLLING_QUEUE_FIRST;
        p->queue = mem_realloc(p->queue, p->capacity * sizeof(struct rcbuf *));
    }
    p->queue[p->count++] = rcbuf_ref(frame);
    p->bytes += frame->n;
    loop_at_turn_end(s->loop, &s->turn);
}

/* As with a WebSocket, an empty queue takes frames of any size: a large message says nothing about its
 * receiver. */
enum sio_err polling_send(struct engine_session *s, struct rcbuf *const *frames, uint32_t count) {
    size_t limit = s->engine->config->polling_queue_bytes, waiting = s->polling->bytes, bytes = 0;
    for (uint32_t i = 0; i < count; i++) bytes += frames[i]->n;
    if (waiting > 0 && (waiting > limit || bytes > limit - waiting)) return SIO_ERR_LIMIT;
    for (uint32_t i = 0; i < count; i++) polling_push(s, frames[i]);
    return SIO_ERR_OK;
}

static size_t packet_size(const struct rcbuf *frame) {
    bool binary;
    size_t n = frame_payload(frame, &binary).n;
    return binary ? 1 + BASE64_SIZE(n) : n;
}

/* How many packets, the first in any case, go into one answer. */
static uint32_t answer_count(const struct polling *p) {
    uint32_t count = 1;
    size_t size = packet_size(p->queue[0]);
    for (; count < p->count; count++) {
        size += 1 + packet_size(p->queue[count]);
        if (size > POLLING_ANSWER_BYTES) break;
    }
    return count;
}

void polling_flush(struct engine_session *s) {
    struct polling *p = s->polling;
    if (!p->get || p->count == 0) return;
    uint32_t count = answer_count(p);
    const struct net_request *request = p->get_request;
    answer_poll(s, take_get(p), request, p->queue, count);
    queue_forget(p, count);
}

/* ---- requests ---- */

void polling_get(struct engine_session *s, struct net_conn *conn, const struct net_request *request) {
    struct polling *p = s->polling;
    if (p->get) { /* two at once: neither can be answered in order */
        request_refuse(s->engine, conn, request, 400);
        session_end(s, SIO_TRANSPORT_ERROR, false);
        return;
    }
    p->get = conn;
    p->get_request = request;
    net_conn_set_data(conn, s);
    unjoined_look(s);
    if (p->count > 0) {
        polling_flush(s);
    } else if (s->state == SESSION_LINGERING) {
        polling_answer(s, p->parting ? s->engine->noop : s->engine->close);
        session_gone(s);
    }
}

bool polling_post_begin(struct engine_session *s, struct net_conn *conn) {
    struct polling *p = s->polling;
    if (!p->post) {
        p->post = conn;
        net_conn_set_data(conn, s);
        return true;
    }
    engine_abort(s->engine, p->post);
    p->post = NULL;
    p->farewell = NULL;
    session_end(s, SIO_TRANSPORT_ERROR, false);
    return false;
}

void polling_post_end(struct net_conn *conn) {
    struct engine_session *s = net_conn_data(conn);
    if (!s) return;
    must(s->owner == ENGINE_SESSION && s->polling && s->polling->post == conn);
    s->polling->post = NULL;
    net_conn_set_data(conn, NULL);
}

void polling_farewell(struct engine_session *s) {
    struct polling *p = s->polling;
    upgrade_abandon(s);
    polling_drop(p);
    p->parting = true;
}

/* The POST that has closed its session waits for its answer as long as the session lingers. */
static void hold_farewell(struct engine_session *s, struct net_conn *conn,
                          const struct net_request *request) {
    s->polling->post = conn;
    s->polling->farewell = request;
    net_conn_set_data(conn, s);
}

void polling_post(struct engine_session *s, struct net_conn *conn, const struct net_request *request) {
    if (s->protocol == 4 && incoming_is_bytes(request)) { /* version 4 has none: it speaks another protocol */
        request_refuse(s->engine, conn, request, 400);
        session_end(s, SIO_TRANSPORT_ERROR, false);
        return;
    }
    bool open = s->state == SESSION_OPEN;
    incoming_post(s, request);
    if (open && s->polling && s->polling->parting)
        hold_farewell(s, conn, request);
    else
        answer_post(s->engine, conn, request);
}
