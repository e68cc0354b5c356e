/* HTTP as a simulated client speaks it: Content-Length alone, one request at a time. */
#include "http.h"

#include <stdlib.h>

#include "base/must.h"

/* The server ends idle connections after some seconds; a client that uses one just then cannot know whether its
 * request was heard, so it opens a new one in good time. */
enum { REUSE_WITHIN_US = 2000 * 1000 };

size_t http_answer_head(struct sio_span in, int *status, size_t *length) {
    const char *end = in.p != NULL ? memmem(in.p, in.n, "\r\n\r\n", 4) : NULL;
    if (end == NULL) return 0;
    size_t size = (size_t)(end - in.p) + 4;
    const char *at = memmem(in.p, size, "\r\nContent-Length: ", 18);
    *status = size > 12 ? (int)strtol(in.p + 9, NULL, 10) : 0;
    *length = at != NULL ? strtoul(at + 18, NULL, 10) : 0;
    return size;
}

static bool may_be_used(const struct http *http) {
    const struct wire *wire = &http->wire;
    return wire->peer != NULL && !wire->ended && !wire->failed && http->keep_alive &&
           sim_now_us(http->sim) - http->idle_us < REUSE_WITHIN_US;
}

static void news(struct wire *wire) {
    struct http *http = (struct http *)wire;
    int status;
    size_t length, head = http_answer_head(sio_strbuf_as_span(&wire->in), &status, &length);
    if (!http->busy) {
        if (wire->ended || wire->failed) wire_end(wire, SIM_CLOSE);
        return;
    }
    bool whole = head > 0 && wire->in.n - head >= length;
    if (!whole && !wire->ended && !wire->failed) return;
    struct sio_strbuf body = {0};
    if (whole) {
        sio_strbuf_add(&body, wire->in.p + head, length);
        wire_take(wire, head + length);
    }
    http->busy = false;
    http->idle_us = sim_now_us(http->sim);
    if (!whole || !http->keep_alive) wire_end(wire, SIM_CLOSE);
    http->done(http, whole ? status : 0, sio_strbuf_as_span(&body));
    sio_strbuf_fini(&body);
}

void http_ask(struct http *http, struct sio_span head, struct sio_span body) {
    must(!http->busy);
    if (!may_be_used(http)) {
        wire_end(&http->wire, SIM_CLOSE);
        wire_open(&http->wire, http->sim, http->port, news);
    }
    struct sio_strbuf text = {0};
    sio_strbuf_span(&text, head);
    sio_strbuf_printf(&text, "Host: sim\r\nConnection: %s\r\n", http->keep_alive ? "keep-alive" : "close");
    if (body.n > 0) sio_strbuf_printf(&text, "Content-Length: %zu\r\n", body.n);
    sio_strbuf_lit(&text, "\r\n");
    sio_strbuf_span(&text, body);
    http->busy = true;
    wire_send(&http->wire, sio_strbuf_as_span(&text));
    sio_strbuf_fini(&text);
}
