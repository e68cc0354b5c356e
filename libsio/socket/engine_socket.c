/* Engine.IO endpoints of the application's own: sessions without Socket.IO on them (sio_engine.h). */
#include "sio_engine.h"

#include "base/mem.h"
#include "base/must.h"
#include "codec/http1.h"
#include "socket/internal.h"

struct engine_endpoint {
    struct engine_endpoint *next;
    struct sio_server *server;
    struct sio_engine_handlers handlers;
};

struct sio_engine_socket {
    struct engine_session *session; /* NULL once closed */
    struct engine_endpoint *endpoint;
    struct sio_loop *loop;
    void *data;
    char id[SID_TEXT];
};

/* ---- what the engine tells ---- */

static void opened(struct engine_session *session) {
    struct sio_engine_socket *s = mem_new(struct sio_engine_socket);
    s->session = session;
    s->endpoint = engine_session_endpoint_data(session);
    s->loop = engine_session_loop(session);
    memcpy(s->id, engine_session_id(session).p, SID_TEXT);
    engine_session_set_data(session, s);
    engine_session_joined(session);
    const struct sio_engine_handlers *h = &s->endpoint->handlers;
    if (h->on_open) h->on_open(s, h->data);
}

static void received(struct engine_session *session, bool binary, struct sio_span message) {
    struct sio_engine_socket *s = engine_session_data(session);
    const struct sio_engine_handlers *h = &s->endpoint->handlers;
    count_one(&server_here(s->endpoint->server, s->loop)->events_in);
    if (h->on_message) h->on_message(s, binary, message, h->data);
}

static void closed(struct engine_session *session, enum sio_reason reason) {
    struct sio_engine_socket *s = engine_session_data(session);
    const struct sio_engine_handlers *h = &s->endpoint->handlers;
    s->session = NULL;
    if (h->on_close) h->on_close(s, reason, h->data);
    free_later(s->loop, s);
}

/* ---- what the application asks ---- */

struct sio_span sio_engine_id(const struct sio_engine_socket *s) {
    return sio_span_of(s->id, SID_TEXT);
}
struct sio_server *sio_engine_server(const struct sio_engine_socket *s) {
    return s->endpoint->server;
}
struct sio_loop *sio_engine_loop(const struct sio_engine_socket *s) {
    return s->loop;
}
void *sio_engine_data(const struct sio_engine_socket *s) { return s->data; }
void sio_engine_set_data(struct sio_engine_socket *s, void *data) { s->data = data; }

struct sio_span sio_engine_header(const struct sio_engine_socket *s, struct sio_span name) {
    return s->session ? http1_header(engine_session_headers(s->session), name) : (struct sio_span){0};
}

struct sio_span sio_engine_address(const struct sio_engine_socket *s) {
    return s->session ? engine_session_address(s->session) : (struct sio_span){0};
}

static struct rcbuf *text_frame(struct sio_span message) {
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    sio_strbuf_char(&text, '4');
    sio_strbuf_span(&text, message);
    struct rcbuf *frame = net_frame_new(WS_TEXT, sio_strbuf_as_span(&text));
    sio_strbuf_fini(&text);
    return frame;
}

enum sio_err sio_engine_send(struct sio_engine_socket *s, bool binary, struct sio_span message) {
    if (!s->session) return SIO_ERR_CLOSED;
    struct rcbuf *frame = binary ? net_frame_new(WS_BINARY, message) : text_frame(message);
    enum sio_err e = engine_send(s->session, &frame, 1);
    rcbuf_unref(frame);
    if (e == SIO_ERR_OK) count_one(&server_here(s->endpoint->server, s->loop)->packets_out);
    return e;
}

void sio_engine_close(struct sio_engine_socket *s) {
    if (s->session) engine_close(s->session, SIO_FORCED_CLOSE);
}

/* ---- life ---- */

void sio_server_engine(struct sio_server *server, const char *path,
                       const struct sio_engine_handlers *handlers) {
    static const struct engine_handlers sessions = {
        .on_open = opened, .on_message = received, .on_close = closed};
    must(!server->ran && path[0] == '/');
    struct engine_endpoint *e = mem_new(struct engine_endpoint);
    e->server = server;
    e->handlers = *handlers;
    e->next = server->engine_endpoints;
    server->engine_endpoints = e;
    engine_serve(server->engine, sio_span_cstr(path), &sessions, e);
}

void engine_endpoints_free(struct sio_server *server) {
    while (server->engine_endpoints) {
        struct engine_endpoint *e = server->engine_endpoints;
        server->engine_endpoints = e->next;
        free(e);
    }
}
