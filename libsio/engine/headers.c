/* Header lines of Engine.IO's answers: cross-origin access, the cookie, and what the program adds. */
#include "codec/http1.h"
#include "engine/internal.h"

#include "sio_handshake.h"

struct sio_headers {
    struct sio_strbuf *lines;
    const struct net_request *request;
    bool initial;
};

/* ---- the program's own ---- */

enum sio_err sio_headers_add(struct sio_headers *h, struct sio_span name, struct sio_span value) {
    if (!http1_is_token(name) || !http1_is_value(value)) return SIO_ERR_INVALID;
    sio_strbuf_span(h->lines, name);
    sio_strbuf_lit(h->lines, ": ");
    sio_strbuf_span(h->lines, value);
    sio_strbuf_lit(h->lines, "\r\n");
    return SIO_ERR_OK;
}

bool sio_headers_initial(const struct sio_headers *h) { return h->initial; }

struct sio_span sio_headers_request(const struct sio_headers *h, struct sio_span name) {
    return http1_header(h->request->headers, name);
}

/* ---- the engine's ---- */

/* Old Internet Explorers took a session's packets for an attack. */
static bool fears_scripts(struct sio_span agent) {
    return agent.p && (memmem(agent.p, agent.n, ";MSIE", 5) || memmem(agent.p, agent.n, "Trident/", 8));
}

static bool is_initial(const struct net_request *request) {
    struct parameter sid;
    return parameter(request, SIO_SPAN("sid"), &sid).n == 0;
}

void headers_success(struct engine *engine, const struct net_request *request, struct sio_strbuf *lines) {
    struct sio_headers h = {.lines = lines, .request = request, .initial = is_initial(request)};
    if (!request->websocket && fears_scripts(http1_header(request->headers, SIO_SPAN("user-agent"))))
        sio_strbuf_lit(lines, "X-XSS-Protection: 0\r\n");
    cors_headers(&engine->config->cors, request->headers, lines);
    if (engine->add_headers) engine->add_headers(&h, engine->add_headers_data);
}

static void add_cookie(const struct sio_cookie *c, const char sid[SID_TEXT], struct sio_strbuf *lines) {
    sio_strbuf_printf(lines, "Set-Cookie: %s=%.*s", c->name, SID_TEXT, sid);
    if (c->max_age_s) sio_strbuf_printf(lines, "; Max-Age=%u", c->max_age_s);
    if (c->path) sio_strbuf_printf(lines, "; Path=%s", c->path);
    if (c->http_only) sio_strbuf_lit(lines, "; HttpOnly");
    if (c->secure) sio_strbuf_lit(lines, "; Secure");
    if (c->same_site) sio_strbuf_printf(lines, "; SameSite=%s", c->same_site);
    sio_strbuf_lit(lines, "\r\n");
}

void headers_poll(const struct engine_session *s, const struct net_request *request,
                  struct sio_strbuf *lines) {
    const struct sio_cookie *cookie = &s->engine->config->cookie;
    if (cookie->name && is_initial(request)) add_cookie(cookie, s->sid, lines);
    headers_success(s->engine, request, lines);
}

void engine_on_headers(struct engine *engine, void (*add)(struct sio_headers *headers, void *data),
                       void *data) {
    engine->add_headers = add;
    engine->add_headers_data = data;
}
