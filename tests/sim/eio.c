/* The simulated Engine.IO client: what it asks, what it is told, how it changes its transport and how it ends. */
#include "eio.h"

#include "base/base64.h"
#include "base/mem.h"
#include "base/must.h"
#include "codec/packets.h"
#include "frames.h"

enum {
    POST_BYTES = 50 * 1000,
    POLL_PAUSE_US = 20 * 1000, /* the longest between an answer and the next poll */
    PROBE_AFTER_US = 500 * 1000,
    SID_CHARACTERS = 20,
};

struct eio_queued {
    struct eio_queued *next;
    bool binary;
    size_t n;
    char bytes[]; /* a text packet with its type, or binary alone */
};

static void flush(struct eio *eio);
static void try_switch(struct eio *eio);

/* ---- the end ---- */

static void forget_first(struct eio *eio) {
    struct eio_queued *q = eio->first;
    eio->first = q->next;
    if (eio->first == NULL) eio->last = &eio->first;
    free(q);
}

void eio_cut(struct eio *eio, enum sim_end_kind kind) {
    if (eio->closed) return;
    eio->closed = true;
    sim_event_cancel(eio->sim, &eio->poll);
    sim_event_cancel(eio->sim, &eio->probe);
    sim_event_cancel(eio->sim, &eio->alarm);
    wire_end(&eio->get.wire, kind);
    wire_end(&eio->post.wire, kind);
    wire_end(&eio->ws, kind);
    while (eio->first != NULL) forget_first(eio);
}

static void end(struct eio *eio, enum eio_end how, const char *why) {
    if (eio->closed) return;
    eio_cut(eio, SIM_CLOSE);
    eio->on_closed(eio, how, why);
}

bool eio_cut_probe(struct eio *eio, enum sim_end_kind kind) {
    if (!eio->probing || eio->pausing) return false;
    eio->probing = false;
    wire_end(&eio->ws, kind);
    return true;
}

static void alarm_fire(struct sim_event *event) {
    end(container_of(event, struct eio, alarm), EIO_BROKEN, "no ping came");
}

/* ---- packets ---- */

static void queue(struct eio *eio, bool binary, struct sio_span bytes) {
    struct eio_queued *q = mem_alloc(sizeof(*q) + bytes.n);
    *q = (struct eio_queued){.binary = binary, .n = bytes.n};
    if (bytes.n > 0) memcpy(q->bytes, bytes.p, bytes.n);
    *eio->last = q;
    eio->last = &q->next;
}

static void probe_fire(struct sim_event *event);

static void opened(struct eio *eio, struct sio_span text) {
    const char *sid = memmem(text.p, text.n, "\"sid\":\"", 7);
    if (eio->open || sid == NULL || (size_t)(text.p + text.n - sid) < 7 + SID_CHARACTERS) {
        end(eio, EIO_BROKEN, "an open packet that is none");
        return;
    }
    memcpy(eio->sid, sid + 7, SID_CHARACTERS);
    eio->open = true;
    sim_event_set(eio->sim, &eio->alarm, eio->patience_us, alarm_fire);
    if (eio->mode == EIO_UPGRADES)
        sim_event_set(eio->sim, &eio->probe, sim_random(eio->sim, PROBE_AFTER_US), probe_fire);
    eio->on_open(eio);
}

static void message_base64(struct eio *eio, struct sio_span text) {
    char *bytes = mem_alloc(text.n * 3 / 4 + 3);
    eio->on_message(eio, true, sio_span_of(bytes, base64_decode_lenient(bytes, text)));
    free(bytes);
}

static void take_packet(struct eio *eio, struct sio_span text) {
    if (text.n == 0 || (!eio->open && text.p[0] != '0')) {
        end(eio, EIO_BROKEN, "no open packet");
        return;
    }
    switch (text.p[0]) {
    case '0': opened(eio, text); return;
    case '1': end(eio, EIO_SERVER_CLOSED, "1"); return;
    case '2':
        sim_event_set(eio->sim, &eio->alarm, eio->patience_us, alarm_fire);
        queue(eio, false, SIO_SPAN("3"));
        flush(eio);
        return;
    case '4': eio->on_message(eio, false, sio_span_skip(text, 1)); return;
    case 'b': message_base64(eio, sio_span_skip(text, 1)); return;
    case '6': return;
    default: end(eio, EIO_BROKEN, "a packet of an unknown type"); return;
    }
}

/* ---- polling ---- */

static void request_line(const struct eio *eio, struct sio_strbuf *out, const char *method,
                         const char *transport) {
    sio_strbuf_printf(out, "%s %s?EIO=4&transport=%s", method, eio->path, transport);
    if (eio->open) sio_strbuf_printf(out, "&sid=%s", eio->sid);
    sio_strbuf_lit(out, " HTTP/1.1\r\n");
}

static void poll_fire(struct sim_event *event) {
    struct eio *eio = container_of(event, struct eio, poll);
    struct sio_strbuf head = {0};
    if (eio->pausing) { /* it began to pause in between */
        try_switch(eio);
        return;
    }
    request_line(eio, &head, "GET", "polling");
    http_ask(&eio->get, sio_strbuf_as_span(&head), (struct sio_span){0});
    sio_strbuf_fini(&head);
}

static void poll_again(struct eio *eio) {
    if (eio->closed || eio->on_websocket) return;
    if (eio->pausing)
        try_switch(eio);
    else if (!eio->get.busy && eio->poll.place == 0)
        sim_event_set(eio->sim, &eio->poll, sim_random(eio->sim, POLL_PAUSE_US), poll_fire);
}

static void get_done(struct http *http, int status, struct sio_span body) {
    struct eio *eio = container_of(http, struct eio, get);
    struct sio_span packet;
    bool first = true;
    if (status != 200) {
        if (!eio->leaving) end(eio, EIO_BROKEN, status == 0 ? "a poll broke" : "a poll was refused");
        return;
    }
    while (!eio->closed && !eio->leaving && eio_payload_next(&body, &first, &packet))
        take_packet(eio, packet);
    if (!eio->leaving) poll_again(eio);
}

static void post_done(struct http *http, int status, struct sio_span body) {
    struct eio *eio = container_of(http, struct eio, post);
    if (status != 200 || !sio_span_is(body, "ok")) {
        end(eio, EIO_BROKEN, status == 0 ? "a POST broke" : "a POST was refused");
        return;
    }
    if (eio->leaving && eio->first == NULL) {
        end(eio, EIO_LEFT, "left");
        return;
    }
    flush(eio);
    try_switch(eio);
}

static void append_packet(struct sio_strbuf *body, const struct eio_queued *q) {
    if (body->n > 0) sio_strbuf_char(body, 0x1e);
    if (!q->binary) {
        sio_strbuf_add(body, q->bytes, q->n);
        return;
    }
    sio_strbuf_char(body, 'b');
    body->n += base64_encode(sio_strbuf_reserve(body, BASE64_SIZE(q->n)), q->bytes, q->n);
}

static void post_all(struct eio *eio) {
    struct sio_strbuf head = {0}, body = {0};
    request_line(eio, &head, "POST", "polling");
    sio_strbuf_lit(&head, "Content-Type: text/plain;charset=UTF-8\r\n");
    while (eio->first != NULL && (body.n == 0 || body.n + eio->first->n * 4 / 3 + 4 < POST_BYTES)) {
        append_packet(&body, eio->first);
        forget_first(eio);
    }
    http_ask(&eio->post, sio_strbuf_as_span(&head), sio_strbuf_as_span(&body));
    sio_strbuf_fini(&head);
    sio_strbuf_fini(&body);
}

/* ---- sending ---- */

static void flush(struct eio *eio) {
    if (eio->closed || !eio->open || eio->pausing || eio->first == NULL) return;
    if (!eio->on_websocket) {
        if (!eio->post.busy) post_all(eio);
        return;
    }
    for (; eio->first != NULL; forget_first(eio))
        frames_send(&eio->ws, eio->first->binary, sio_span_of(eio->first->bytes, eio->first->n));
}

void eio_send(struct eio *eio, bool binary, struct sio_span message) {
    if (eio->closed || eio->leaving) return;
    struct sio_strbuf packet = {0};
    if (!binary) sio_strbuf_char(&packet, '4');
    sio_strbuf_span(&packet, message);
    queue(eio, binary, sio_strbuf_as_span(&packet));
    sio_strbuf_fini(&packet);
    flush(eio);
}

void eio_leave(struct eio *eio) {
    if (eio->closed || eio->leaving) return;
    eio->leaving = true;
    sim_event_cancel(eio->sim, &eio->probe);
    sim_event_cancel(eio->sim, &eio->alarm);
    if (eio->on_websocket) {
        frames_close(&eio->ws);
        return;
    }
    if (eio->probing) wire_end(&eio->ws, SIM_CLOSE);
    eio->probing = eio->pausing = false;
    queue(eio, false, SIO_SPAN("1"));
    flush(eio);
}

/* ---- the WebSocket, and the upgrade to it ---- */

static void probe_lost(struct eio *eio) {
    uint64_t after_us = sim_now_us(eio->sim) - eio->probe_opened_us;
    wire_end(&eio->ws, SIM_CLOSE);
    eio->probing = eio->pausing = false;
    eio->on_probe_lost(eio, after_us);
    flush(eio);
    poll_again(eio);
}

static void try_switch(struct eio *eio) {
    if (eio->closed || !eio->pausing || eio->get.busy || eio->post.busy) return;
    sim_event_cancel(eio->sim, &eio->poll);
    frames_send(&eio->ws, false, SIO_SPAN("5"));
    eio->probing = eio->pausing = false;
    eio->on_websocket = true;
    eio->on_upgraded(eio);
    flush(eio);
}

static void probe_text(struct eio *eio, struct sio_span text) {
    if (!sio_span_is(text, "3probe")) {
        end(eio, EIO_BROKEN, "a probe is told something");
    } else if (!eio->lazy_probe) {
        eio->pausing = true;
        try_switch(eio);
    }
}

static void ws_message(struct wire *wire, enum ws_opcode opcode, struct sio_span payload) {
    struct eio *eio = container_of(wire, struct eio, ws);
    if (opcode == WS_CLOSE) {
        if (!eio->leaving) frames_close(wire);
        if (eio->probing)
            probe_lost(eio);
        else
            end(eio, eio->leaving ? EIO_LEFT : EIO_SERVER_CLOSED, "a close frame");
    } else if (eio->leaving || opcode == WS_PONG) {
        return;
    } else if (eio->probing) {
        probe_text(eio, payload);
    } else if (opcode == WS_BINARY) {
        eio->on_message(eio, true, payload);
    } else {
        take_packet(eio, payload);
    }
}

static bool ws_switch(struct eio *eio) {
    int status;
    size_t length, n = http_answer_head(sio_strbuf_as_span(&eio->ws.in), &status, &length);
    if (n == 0) return false;
    if (status != 101 && eio->probing)
        probe_lost(eio);
    else if (status != 101)
        end(eio, EIO_BROKEN, "a WebSocket was refused");
    if (status != 101) return false;
    wire_take(&eio->ws, n);
    eio->switched = true;
    if (eio->probing) frames_send(&eio->ws, false, SIO_SPAN("2probe"));
    return true;
}

static void ws_news(struct wire *wire) {
    struct eio *eio = container_of(wire, struct eio, ws);
    if (!eio->switched && !ws_switch(eio) && !wire->ended && !wire->failed) return;
    while (wire->peer != NULL && eio->switched && frames_take(wire, ws_message)) continue;
    if (wire->peer == NULL || (!wire->ended && !wire->failed)) return;
    if (eio->probing)
        probe_lost(eio);
    else
        end(eio, EIO_BROKEN, "the WebSocket broke");
}

static void ws_open(struct eio *eio) {
    struct sio_strbuf head = {0};
    request_line(eio, &head, "GET", "websocket");
    sio_strbuf_lit(&head,
                   "Host: sim\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                   "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    wire_open(&eio->ws, eio->sim, eio->port, ws_news);
    wire_send(&eio->ws, sio_strbuf_as_span(&head));
    sio_strbuf_fini(&head);
}

static void probe_fire(struct sim_event *event) {
    struct eio *eio = container_of(event, struct eio, probe);
    eio->probing = true;
    eio->probe_opened_us = sim_now_us(eio->sim);
    ws_open(eio);
}

/* ---- the beginning ---- */

void eio_open(struct eio *eio) {
    struct http http = {.sim = eio->sim, .port = eio->port, .keep_alive = eio->keep_alive};
    eio->get = eio->post = http;
    eio->get.done = get_done;
    eio->post.done = post_done;
    eio->last = &eio->first;
    eio->on_websocket = eio->mode == EIO_WEBSOCKET;
    sim_event_set(eio->sim, &eio->alarm, eio->patience_us, alarm_fire);
    if (eio->on_websocket)
        ws_open(eio);
    else
        sim_event_set(eio->sim, &eio->poll, 0, poll_fire);
}
