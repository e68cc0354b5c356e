/* Long-polling: packets wait in a queue until GETs take them; a POST brings packets. */
#include "base/mem.h"
#include "base/must.h"
#include "codec/base64.h"
#include "codec/http1.h"
#include "engine/internal.h"

enum {
    POLLING_SEPARATOR = 0x1e,
    POLLING_QUEUE_FIRST = 4,
    POLLING_ANSWER_BYTES = 1024 * 1024, /* one packet may be larger; the rest goes with the next GET */
};

struct polling *polling_new(struct engine_session *s) {
    struct polling *p = mem_new(struct polling);
    p->session = s;
    return p;
}

static void queue_forget(struct polling *p, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        p->bytes -= p->queue[i]->n;
        rcbuf_unref(p->queue[i]);
    }
    p->count -= count;
    if (p->count > 0) memmove(p->queue, p->queue + count, p->count * sizeof(*p->queue));
}

void polling_free(struct polling *p) {
    if (p->post) net_conn_set_data(p->post, NULL); /* its body is still read and answered */
    sio_timer_stop(p->session->loop, &p->upgrade);
    queue_forget(p, p->count);
    free(p->queue);
    free(p);
}

/* ---- answers ---- */

/* `body`'s reference is the caller's and given away. */
static void respond(struct engine *engine, struct net_conn *conn, const struct net_request *request,
                    struct span content_type, struct rcbuf *body) {
    struct strbuf lines;
    strbuf_init(&lines);
    strbuf_lit(&lines, "Content-Type: ");
    strbuf_span(&lines, content_type);
    strbuf_lit(&lines, "\r\nCache-Control: no-store\r\n");
    cors_headers(&engine->config->cors, request->headers, &lines);
    net_conn_set_data(conn, NULL);
    net_respond(conn, 200, strbuf_as_span(&lines), body, false);
    rcbuf_unref(body);
    strbuf_fini(&lines);
}

void polling_respond(struct engine *engine, struct net_conn *conn, const struct net_request *request,
                     struct span body) {
    respond(engine, conn, request, SPAN("text/plain; charset=UTF-8"), rcbuf_copy(body));
}

/* Takes the waiting GET out of the session. */
static struct net_conn *take_get(struct polling *p) {
    struct net_conn *conn = p->get;
    p->get = NULL;
    return conn;
}

void polling_answer(struct engine_session *s, struct span text) {
    if (!s->polling || !s->polling->get) return;
    const struct net_request *request = s->polling->get_request;
    polling_respond(s->engine, take_get(s->polling), request, text);
}

/* ---- the queue ---- */

void polling_push(struct engine_session *s, struct rcbuf *frame) {
    struct polling *p = s->polling;
    if (p->count == p->capacity) {
        p->capacity = p->capacity ? p->capacity * 2 : POLLING_QUEUE_FIRST;
        p->queue = mem_realloc(p->queue, p->capacity * sizeof(struct rcbuf *));
    }
    p->queue[p->count++] = rcbuf_ref(frame);
    p->bytes += frame->n;
    if (p->get) loop_at_turn_end(s->loop, &s->turn);
}

/* As with a WebSocket, an empty queue takes frames of any size: a large message says nothing about its
 * receiver. */
enum err polling_send(struct engine_session *s, struct rcbuf *const *frames, uint32_t count) {
    size_t limit = s->engine->config->polling_queue_bytes, waiting = s->polling->bytes, bytes = 0;
    for (uint32_t i = 0; i < count; i++) bytes += frames[i]->n;
    if (waiting > 0 && (waiting > limit || bytes > limit - waiting)) return ERR_LIMIT;
    for (uint32_t i = 0; i < count; i++) polling_push(s, frames[i]);
    return ERR_OK;
}

static size_t packet_size(const struct rcbuf *frame) {
    bool binary;
    size_t n = frame->n - frame_payload(frame, &binary);
    return binary ? 1 + BASE64_SIZE(n) : n;
}

static char *packet_write(char *out, const struct rcbuf *frame) {
    bool binary;
    size_t at = frame_payload(frame, &binary), n = frame->n - at;
    if (binary) {
        *out++ = 'b';
        return out + base64_encode(out, frame->p + at, n);
    }
    memcpy(out, frame->p + at, n);
    return out + n;
}

/* How many packets, the first in any case, go into one answer, and its size. */
static uint32_t answer_count(const struct polling *p, size_t *size) {
    uint32_t count = 1;
    *size = packet_size(p->queue[0]);
    for (; count < p->count; count++) {
        size_t more = 1 + packet_size(p->queue[count]);
        if (*size + more > POLLING_ANSWER_BYTES) break;
        *size += more;
    }
    return count;
}

void polling_flush(struct engine_session *s) {
    struct polling *p = s->polling;
    if (!p->get || p->count == 0) return;
    size_t size;
    uint32_t count = answer_count(p, &size);
    struct rcbuf *body = rcbuf_new(size);
    char *at = body->p;
    for (uint32_t i = 0; i < count; i++) {
        if (i) *at++ = POLLING_SEPARATOR;
        at = packet_write(at, p->queue[i]);
    }
    queue_forget(p, count);
    const struct net_request *request = p->get_request;
    respond(s->engine, take_get(p), request, SPAN("text/plain; charset=UTF-8"), body);
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
    if (p->count > 0) {
        polling_flush(s);
    } else if (s->state == SESSION_LINGERING) {
        polling_answer(s, SPAN("1"));
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

/* Version 4 has no binary bodies: a client that sends one speaks another protocol. */
static bool is_octet_stream(const struct net_request *request) {
    return span_is(http1_header(request->headers, SPAN("content-type")), "application/octet-stream");
}

void polling_post(struct engine_session *s, struct net_conn *conn, const struct net_request *request) {
    struct span rest = request->body, text;
    bool first = true;
    if (is_octet_stream(request)) {
        request_refuse(s->engine, conn, request, 400);
        session_end(s, SIO_TRANSPORT_ERROR, false);
        return;
    }
    while (s->state == SESSION_OPEN && !s->doomed && eio_payload_next(&rest, &first, &text)) {
        struct eio_packet packet;
        if (!eio_packet_parse(text, &packet)) {
            session_end(s, SIO_PARSE_ERROR, false);
            break;
        }
        char *decoded = NULL;
        if (packet.binary) {
            decoded = mem_alloc(packet.data.n * 3 / 4 + 3);
            packet.data = span_of(decoded, base64_decode_lenient(decoded, packet.data));
        }
        bool open = session_receive(s, &packet);
        free(decoded);
        if (!open) break;
    }
    respond(s->engine, conn, request, SPAN("text/html"), rcbuf_copy(SPAN("ok")));
}
