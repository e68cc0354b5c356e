/* Answers to polls and POSTs: packets as one body in the session's form, compressed when that is worth it, and the header
 * lines that go with it. */
#include "base/base64.h"
#include "codec/eio3_payload.h"
#include "codec/http1.h"
#include "codec/http_encoding.h"
#include "codec/jsonp.h"
#include "engine/internal.h"

enum { POLLING_SEPARATOR = 0x1e };

/* ---- bodies ---- */

static void add_text(struct sio_strbuf *out, struct sio_span packet) {
    if (out->n) sio_strbuf_char(out, POLLING_SEPARATOR);
    sio_strbuf_span(out, packet);
}

static void add_bytes(struct sio_strbuf *out, struct sio_span message) {
    add_text(out, SIO_SPAN("b"));
    char *at = sio_strbuf_reserve(out, BASE64_SIZE(message.n));
    out->n += base64_encode(at, message.p, message.n);
}

enum form { FORM_4, FORM_3_TEXT, FORM_3_BINARY };

static const struct {
    struct sio_span content_type;
    void (*add_text)(struct sio_strbuf *out, struct sio_span packet);
    void (*add_bytes)(struct sio_strbuf *out, struct sio_span message);
} forms[] = {
    [FORM_4] = {{"text/plain; charset=UTF-8", 25}, add_text, add_bytes},
    [FORM_3_TEXT] = {{"text/plain; charset=UTF-8", 25}, eio3_text_add, eio3_text_add_bytes},
    [FORM_3_BINARY] = {{"application/octet-stream", 24}, eio3_binary_add, eio3_binary_add_bytes},
};

/* Version 3 has bytes as bytes where the client can read them, but only in bodies that hold some. */
static enum form choose_form(const struct engine_session *s, struct rcbuf *const *frames, uint32_t count) {
    bool binary = false;
    if (s->protocol == 4) return FORM_4;
    if (s->base64 || s->polling->jsonp) return FORM_3_TEXT;
    for (uint32_t i = 0; i < count && !binary; i++) (void)frame_payload(frames[i], &binary);
    return binary ? FORM_3_BINARY : FORM_3_TEXT;
}

static void write_body(const struct engine_session *s, enum form form, struct rcbuf *const *frames,
                       uint32_t count, struct sio_strbuf *out) {
    for (uint32_t i = 0; i < count; i++) {
        bool binary;
        struct sio_span payload = frame_payload(frames[i], &binary);
        if (binary)
            forms[form].add_bytes(out, payload);
        else
            forms[form].add_text(out, payload);
    }
    if (!s->polling->jsonp) return;
    struct sio_strbuf script;
    sio_strbuf_init(&script);
    jsonp_wrap(&script, sio_span_cstr(s->polling->jsonp_index), sio_strbuf_as_span(out));
    sio_strbuf_fini(out);
    *out = script;
}

/* ---- answers ---- */

static void respond(struct engine *engine, struct net_conn *conn, struct sio_strbuf *lines,
                    struct sio_span body) {
    struct rcbuf *shared = rcbuf_copy(body);
    net_conn_set_data(conn, NULL);
    net_respond(conn, 200, sio_strbuf_as_span(lines), shared, false);
    rcbuf_unref(shared);
    sio_strbuf_fini(lines);
}

static void begin_lines(struct sio_strbuf *lines, struct sio_span content_type) {
    sio_strbuf_init(lines);
    sio_strbuf_lit(lines, "Content-Type: ");
    sio_strbuf_span(lines, content_type);
    sio_strbuf_lit(lines, "\r\nCache-Control: no-store\r\n");
}

/* Compresses `body` in its place. */
static void compress(const struct engine *engine, const struct net_request *request, struct sio_strbuf *body,
                     struct sio_strbuf *lines) {
    size_t least = engine->config->http_compression_bytes;
    if (least == 0 || body->n < least) return;
    enum http_encoding encoding =
        http_encoding_choose(http1_header(request->headers, SIO_SPAN("accept-encoding")));
    if (encoding == HTTP_IDENTITY) return;
    struct sio_strbuf coded;
    sio_strbuf_init(&coded);
    http_encode(encoding, sio_strbuf_as_span(body), &coded);
    sio_strbuf_fini(body);
    *body = coded;
    sio_strbuf_printf(lines, "Content-Encoding: %s\r\n", http_encoding_name(encoding));
}

void answer_poll(struct engine_session *s, struct net_conn *conn, const struct net_request *request,
                 struct rcbuf *const *frames, uint32_t count) {
    enum form form = choose_form(s, frames, count);
    struct sio_strbuf lines, body;
    sio_strbuf_init(&body);
    begin_lines(&lines, forms[form].content_type);
    write_body(s, form, frames, count, &body);
    compress(s->engine, request, &body, &lines);
    headers_poll(s, request, &lines);
    respond(s->engine, conn, &lines, sio_strbuf_as_span(&body));
    sio_strbuf_fini(&body);
}

void answer_post(struct engine *engine, struct net_conn *conn, const struct net_request *request) {
    struct sio_strbuf lines;
    begin_lines(&lines, SIO_SPAN("text/html")); /* text/plain makes some browsers offer a download */
    headers_success(engine, request, &lines);
    respond(engine, conn, &lines, SIO_SPAN("ok"));
}
