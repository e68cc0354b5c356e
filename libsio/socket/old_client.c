/* Clients of Socket.IO 1 and 2, which speak Engine.IO 3: they find themselves in "/" without asking, put what they want to
 * say to a namespace's door into its name, and know their sockets by the session's id. */
#include "base/mem.h"
#include "codec/http1.h"
#include "codec/utf8.h"
#include "socket/internal.h"

bool client_is_old(const struct client *c) { return engine_session_protocol(c->session) == 3; }

void old_client_opened(struct client *c) {
    if (namespace_find(c->server, SIO_SPAN("/")))
        connect_begin(c, &(struct sio_wire){.type = SIO_CONNECT, .ns = SIO_SPAN("/")});
}

/* ---- a namespace's name with a query behind it ---- */

/* Percent-decoded, and certainly UTF-8. */
static void decode(struct sio_span in, struct sio_strbuf *out) {
    struct sio_strbuf plain;
    sio_strbuf_init(&plain);
    char *at = sio_strbuf_reserve(&plain, in.n);
    plain.n = url_decode(in, true, at);
    sio_strbuf_clear(out);
    utf8_repair(sio_strbuf_as_span(&plain), out);
    sio_strbuf_fini(&plain);
}

/* "a=1&b=2" as {"a":"1","b":"2"}; of parameters with one name the last counts, as of members. */
static void query_as_object(struct sio_span query, struct sio_strbuf *out) {
    struct sio_json_writer w;
    struct sio_strbuf name, value;
    sio_strbuf_init(&name);
    sio_strbuf_init(&value);
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    while (query.n) {
        struct sio_span text = sio_span_cut(&query, '&');
        struct sio_span before = sio_span_cut(&text, '=');
        if (!before.n && !text.p) continue; /* "&&" */
        decode(before, &name);
        decode(text, &value);
        sio_json_key_text(&w, sio_strbuf_as_span(&name));
        sio_json_string(&w, sio_strbuf_as_span(&value));
    }
    sio_json_object_close(&w);
    sio_strbuf_fini(&name);
    sio_strbuf_fini(&value);
}

void old_client_packet(struct client *c, const struct sio_wire *wire, const struct sio_span *attachments) {
    struct sio_wire plain = *wire;
    struct sio_span query = wire->ns;
    struct sio_strbuf auth;
    sio_strbuf_init(&auth);
    plain.ns = sio_span_cut(&query, '?');
    if (plain.type == SIO_CONNECT && query.n) {
        query_as_object(query, &auth);
        plain.json = sio_strbuf_as_span(&auth);
    }
    client_packet(c, &plain, attachments);
    sio_strbuf_fini(&auth);
}

/* ---- ids ---- */

void old_client_name(struct sio_socket *s) {
    struct sio_span sid = engine_session_id(s->client->session), ns = namespace_name(s->ns);
    if (sio_span_eq(ns, SIO_SPAN("/"))) {
        memcpy(s->id, sid.p, SID_TEXT);
    } else {
        char *id = mem_alloc(ns.n + 1 + sid.n);
        memcpy(id, ns.p, ns.n);
        id[ns.n] = '#';
        memcpy(id + ns.n + 1, sid.p, sid.n);
        s->long_id = sio_span_of(id, ns.n + 1 + sid.n);
        s->has_long_id = true;
    }
    rooms_join(s, sio_socket_id(s)); /* this id does not say where its socket is, as others do */
}
