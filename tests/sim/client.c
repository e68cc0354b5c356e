/* The Socket.IO client of the simulation. */
#include "client.h"

#include <stdlib.h>

#include "base/mem.h"

enum {
    JOIN_AGAIN_US = 500 * 1000,
    AGAIN_SOON_US = 200 * 1000,
    AGAIN_LATE_US = 8 * 1000 * 1000,
    BURST_MOST = 12,
};

static const char *const ns_texts[NAMESPACES] = {"", "/side,"};

static uint64_t draw(struct client *c, uint64_t below) { return sim_random(c->run->sim, below); }
static bool chance(struct client *c, uint32_t per_mille) { return sim_chance(c->run->sim, per_mille); }

/* ---- packets ---- */

struct incoming {
    char type; /* '0' CONNECT … '6' BINARY_ACK */
    unsigned attachments, ns;
    bool has_id;
    uint32_t id;
    struct sio_span json;
};

static uint32_t take_digits(struct sio_span *text) {
    uint32_t value = 0;
    for (; text->n > 0 && text->p[0] >= '0' && text->p[0] <= '9'; *text = sio_span_skip(*text, 1))
        value = value * 10 + (uint32_t)(text->p[0] - '0');
    return value;
}

static bool read_packet(struct sio_span text, struct incoming *out) {
    *out = (struct incoming){0};
    if (text.n == 0 || text.p[0] < '0' || text.p[0] > '6') return false;
    out->type = text.p[0];
    text = sio_span_skip(text, 1);
    if (out->type >= '5') {
        out->attachments = take_digits(&text);
        if (text.n == 0 || text.p[0] != '-' || out->attachments > PAYLOAD_ATTACHMENTS) return false;
        text = sio_span_skip(text, 1);
    }
    if (text.n > 0 && text.p[0] == '/') {
        if (!sio_span_starts(text, sio_span_cstr(ns_texts[1]))) return false;
        text = sio_span_skip(text, strlen(ns_texts[1]));
        out->ns = 1;
    }
    size_t before = text.n;
    out->id = take_digits(&text);
    out->has_id = text.n < before;
    out->json = text;
    return true;
}

/* An event or ack with its payload's attachments. `name`: with its comma, or nothing. */
static void send_payload(struct client *c, unsigned ns, const char *type, const uint32_t *id,
                         const char *name, const struct payload *p) {
    struct sio_strbuf text = {0}, args = {0};
    if (p->attachments > 0)
        sio_strbuf_printf(&text, "%c%u-", type[1], p->attachments);
    else
        sio_strbuf_char(&text, type[0]);
    sio_strbuf_span(&text, sio_span_cstr(ns_texts[ns]));
    if (id) sio_strbuf_printf(&text, "%u", *id);
    payload_args(p, &args);
    sio_strbuf_printf(&text, "[%s", name);
    sio_strbuf_span(&text, sio_span_skip(sio_strbuf_as_span(&args), 1));
    eio_send(&c->eio, false, sio_strbuf_as_span(&text));
    for (unsigned i = 0; i < p->attachments; i++) {
        sio_strbuf_clear(&args);
        payload_attachment(p, i, &args);
        eio_send(&c->eio, true, sio_strbuf_as_span(&args));
    }
    sio_strbuf_fini(&text);
    sio_strbuf_fini(&args);
}

/* ---- joining and leaving ---- */

static void ask(struct client *c, unsigned ns) {
    struct session *s = c->sessions[ns];
    if (!s) {
        s = c->sessions[ns] = ledger_session(&c->run->ledger, c->index, c->connection, ns);
        s->to_be_refused = chance(c, 80);
    }
    s->asked = true;
    s->eager = !s->to_be_refused && !s->away && chance(c, 300);
    struct sio_strbuf text = {0};
    struct session *named = s->away ? ledger_attempt(&c->run->ledger, s, c->connection) : s;
    s->connection = c->connection;
    sio_strbuf_printf(&text, "0%s{\"session\":%u", ns_texts[ns], named->index);
    if (s->away) sio_strbuf_printf(&text, ",\"pid\":\"%s\"", s->pid);
    if (s->away && s->offset[0]) sio_strbuf_printf(&text, ",\"offset\":\"%s\"", s->offset);
    sio_strbuf_char(&text, '}');
    eio_send(&c->eio, false, sio_strbuf_as_span(&text));
    sio_strbuf_fini(&text);
}

static void join_fire(struct sim_event *event) {
    struct client *c = container_of(event, struct client, join);
    if (c->eio.closed || c->eio.leaving || c->run->is_stopping) return;
    for (unsigned ns = 0; ns < c->run->story.namespaces; ns++)
        if (c->wanted[ns] && (!c->sessions[ns] || !c->sessions[ns]->asked)) ask(c, ns);
}

static void join_later(struct client *c) {
    sim_event_set(c->run->sim, &c->join, draw(c, JOIN_AGAIN_US), join_fire);
}

static void session_over(struct client *c, unsigned ns, bool cut_down, bool cut_up) {
    struct session *s = c->sessions[ns];
    if (!s) return;
    s->over = true;
    s->cut_down |= cut_down;
    s->cut_up |= cut_up;
    c->sessions[ns] = NULL;
}

/* The connection has ended; of sessions that were left before, the goodbye may be lost as well. */
static void all_over(struct client *c, bool cut_down, bool cut_up) {
    for (unsigned ns = 0; ns < NAMESPACES; ns++) {
        session_over(c, ns, cut_down, cut_up);
        early_forget(&c->early[ns]);
    }
    for (size_t i = 0; i < c->run->ledger.session_count; i++) {
        struct session *s = c->run->ledger.sessions[i];
        if (s->client == c->index && s->connection == c->connection) s->cut_up |= cut_up;
    }
}

/* ---- what the server says ---- */

/* It is recovered if the pid is the old one. */
static void comeback_answered(struct client *c, unsigned ns, bool recovered) {
    struct session *s = c->sessions[ns];
    s->away = false;
    if (recovered) {
        ledger_returns(s);
        s->up_sent_before = s->up_sent;
        return;
    }
    session_over(c, ns, true, true);
    c->sessions[ns] = s->attempt;
    c->sessions[ns]->asked = true;
}

static void take(struct client *c, struct sio_span text, const struct sio_span *attachments);

/* What came before the answer belongs to a session that goes on; a new one has none. */
static void take_early(struct client *c, unsigned ns, bool goes_on) {
    struct early *list = c->early[ns];
    c->early[ns] = NULL;
    if (list != NULL && !goes_on) run_fail(c->run, "client %u: events before a session begins", c->index);
    for (struct early *e = goes_on ? list : NULL; e != NULL; e = e->next) {
        struct sio_span spans[PAYLOAD_ATTACHMENTS];
        for (unsigned i = 0; i < PAYLOAD_ATTACHMENTS; i++) spans[i] = sio_strbuf_as_span(&e->attachments[i]);
        take(c, sio_strbuf_as_span(&e->text), spans);
    }
    early_forget(&list);
}

static void connect_answered(struct client *c, const struct incoming *in) {
    struct session *s = c->sessions[in->ns];
    char pid[PID_BYTES] = "";
    struct sio_span value = sio_json_member(in->json, SIO_SPAN("pid"));
    if (!s || !s->asked || s->joined || value.n > PID_BYTES || (value.n == 0) == c->run->story.recovers) {
        run_fail(c->run, "client %u: CONNECT is answered unasked, or with a strange pid", c->index);
        return;
    }
    if (value.n > 2) memcpy(pid, value.p + 1, value.n - 2);
    bool goes_on = s->away && sio_span_is(sio_span_cstr(pid), s->pid);
    if (s->away) comeback_answered(c, in->ns, goes_on);
    s = c->sessions[in->ns];
    memcpy(s->pid, pid, sizeof(pid));
    s->joined = true;
    take_early(c, in->ns, goes_on);
}

static void disconnected(struct client *c, unsigned ns) {
    struct session *s = c->sessions[ns];
    if (!s || (!s->joined && c->left[ns])) return; /* it has left meanwhile */
    if (!ledger_ended_by_app(&c->run->ledger, s->connection))
        run_fail(c->run, "session %u is told to leave", s->index);
    session_over(c, ns, false, true);
    c->left[ns] = true;
    join_later(c);
}

static void refused(struct client *c, struct session *s) {
    if (!s || s->joined || s->to_be_refused) run_fail(c->run, "client %u: a strange refusal", c->index);
    if (s) s->asked = false;
    join_later(c);
}

static void event_came(struct client *c, struct session *s, const struct incoming *in,
                       const struct payload *p) {
    ledger_arrived(&c->run->ledger, s, p->sender, p->number);
    if (!in->has_id) return;
    struct payload answer = *p;
    if (chance(c, 200)) answer.attachments = 1;
    send_payload(c, in->ns, "36", &in->id, "", &answer);
}

/* An argument of the server's own stands at the end: the last that is a string. */
static void take_offset(struct session *s, struct sio_span *json) {
    if (json->n < 4 || json->p[json->n - 2] != '"') return;
    size_t at = json->n - 2;
    while (at > 1 && json->p[at - 1] != '"') at--;
    size_t n = json->n - 2 - at;
    if (n >= PID_BYTES || at < 3) return; /* the payload will not be what was sent */
    memcpy(s->offset, json->p + at, n);
    s->offset[n] = '\0';
    json->n = at - 1;
    ((char *)json->p)[json->n - 1] = ']';
}

static void take(struct client *c, struct sio_span text, const struct sio_span *attachments) {
    struct incoming in;
    struct payload p;
    if (!read_packet(text, &in)) {
        run_fail(c->run, "client %u: a packet that is none", c->index);
        return;
    }
    struct session *s = c->sessions[in.ns];
    switch (in.type) {
    case '0': connect_answered(c, &in); return;
    case '1': disconnected(c, in.ns); return;
    case '4': refused(c, s); return;
    default: break;
    }
    if ((!s || !s->joined) && c->left[in.ns]) return;
    if (s && !s->joined && s->asked && s->away) {
        early_keep(&c->early[in.ns], text, attachments, in.attachments);
        return;
    }
    if (in.type == '2' || in.type == '5') { /* behind the name */
        if (!sio_span_starts(in.json, SIO_SPAN("[\"down\","))) in.json.n = 0;
        in.json = sio_span_skip(in.json, in.json.n > 0 ? 7 : 0);
        if (in.json.n > 0) ((char *)in.json.p)[0] = '[';
        if (s && s->joined) take_offset(s, &in.json);
    }
    if (!s || !s->joined || !payload_read(in.json, attachments, in.attachments, c->run->story.large, &p))
        run_fail(c->run, "client %u: a packet before CONNECT, or damaged", c->index);
    else if (in.type == '2' || in.type == '5')
        event_came(c, s, &in, &p);
    else if (p.sender != s->index || p.number != in.id)
        run_fail(c->run, "session %u: a wrong ack", s->index);
    else
        ledger_ack_arrived(s, in.id);
}

static void take_partial(struct client *c) {
    struct sio_span spans[PAYLOAD_ATTACHMENTS];
    for (unsigned i = 0; i < c->attachment_count; i++) spans[i] = sio_strbuf_as_span(&c->attachments[i]);
    struct sio_strbuf text = c->partial;
    c->partial = (struct sio_strbuf){0};
    c->attachments_wanted = 0;
    take(c, sio_strbuf_as_span(&text), spans);
    sio_strbuf_fini(&text);
}

static void on_message(struct eio *eio, bool binary, struct sio_span message) {
    struct client *c = container_of(eio, struct client, eio);
    struct incoming in;
    c->heard_upgraded |= eio->on_websocket;
    if (binary != (c->attachments_wanted > 0)) {
        run_fail(c->run, "client %u: attachments out of their place", c->index);
    } else if (binary) {
        sio_strbuf_clear(&c->attachments[c->attachment_count]);
        sio_strbuf_span(&c->attachments[c->attachment_count++], message);
        if (c->attachment_count == c->attachments_wanted) take_partial(c);
    } else {
        sio_strbuf_clear(&c->partial);
        sio_strbuf_span(&c->partial, message);
        c->attachment_count = 0;
        c->attachments_wanted = read_packet(message, &in) ? in.attachments : 0;
        if (c->attachments_wanted == 0) take_partial(c);
    }
}

/* ---- connections ---- */

static void again_fire(struct sim_event *event);

static void come_again(struct client *c) {
    sim_event_cancel(c->run->sim, &c->act);
    sim_event_cancel(c->run->sim, &c->join);
    if (c->run->is_over || c->run->is_stopping) return;
    uint64_t most_us = chance(c, 300) ? AGAIN_LATE_US : AGAIN_SOON_US;
    sim_event_set(c->run->sim, &c->again, draw(c, most_us), again_fire);
}

static void act_fire(struct sim_event *event);

static void on_open(struct eio *eio) {
    struct client *c = container_of(eio, struct client, eio);
    c->opened_us = sim_now_us(c->run->sim);
    if (c->mute) return;
    join_fire(&c->join);
    sim_event_set(c->run->sim, &c->act, draw(c, c->run->story.pace_us), act_fire);
}

static void on_upgraded(struct eio *eio) {
    struct client *c = container_of(eio, struct client, eio);
    c->run->totals->upgrades++;
    sim_note(c->run->sim, "upgraded", c->index, 0);
}

static void on_probe_lost(struct eio *eio, uint64_t after_us) {
    struct client *c = container_of(eio, struct client, eio);
    struct run *run = c->run;
    uint64_t patience_us = (uint64_t)run->config.upgrade_timeout_ms * 1000;
    run->totals->probes_lost++;
    if (run->is_stopping || run_is_rough(run) || ledger_ended_by_app(&run->ledger, c->connection)) return;
    if (!eio->lazy_probe || after_us < patience_us || after_us > patience_us + SETTLE_US)
        run_fail(run, "client %u: its probe is closed after %llu ms", c->index,
                 (unsigned long long)after_us / 1000);
}

static void judge_patience(struct client *c) {
    uint64_t was_us = sim_now_us(c->run->sim) - c->opened_us;
    uint64_t most_us = (uint64_t)c->run->config.connect_timeout_ms * 1000 + SETTLE_US;
    c->run->totals->timeouts++;
    if (c->opened_us > 0 && was_us > most_us)
        run_fail(c->run, "client %u joins nothing for %llu ms", c->index, (unsigned long long)was_us / 1000);
}

static void on_closed(struct eio *eio, enum eio_end how, const char *why) {
    struct client *c = container_of(eio, struct client, eio);
    struct run *run = c->run;
    bool excused = c->mute || eio->leaving || run->is_stopping || run_is_rough(run) ||
                   ledger_ended_by_app(&run->ledger, c->connection);
    sim_note(run->sim, why, c->index, (uint64_t)how);
    if (!excused) run_fail(run, "client %u loses its connection: %s", c->index, why);
    if (c->mute) judge_patience(c);
    /* What was sent to the poll of a client that has just changed its transport is lost with the session. */
    bool between = eio->mode == EIO_UPGRADES && eio->on_websocket && !c->heard_upgraded;
    all_over(c, how != EIO_SERVER_CLOSED || between, how != EIO_LEFT);
    come_again(c);
}

static void again_fire(struct sim_event *event) {
    struct client *c = container_of(event, struct client, again);
    struct run *run = c->run;
    const struct sio_config *config = &run->config;
    c->eio =
        (struct eio){.sim = run->sim,
                     .path = config->path,
                     .port = sio_server_port(run->server),
                     .mode = (enum eio_mode)draw(c, EIO_MODES),
                     .keep_alive = chance(c, 500),
                     .lazy_probe = chance(c, 100),
                     .patience_us = (uint64_t)(config->ping_interval_ms + config->ping_timeout_ms) * 1000,
                     .on_open = on_open,
                     .on_message = on_message,
                     .on_upgraded = on_upgraded,
                     .on_probe_lost = on_probe_lost,
                     .on_closed = on_closed};
    c->connection = run->connections++;
    c->mute = !run->is_quiet && chance(c, 50);
    c->opened_us = 0;
    c->heard_upgraded = false;
    c->attachments_wanted = 0;
    for (unsigned ns = 0; ns < NAMESPACES; ns++) {
        c->wanted[ns] = ns == 0 || chance(c, 600);
        c->left[ns] = false;
    }
    eio_open(&c->eio);
}

/* ---- actions ---- */

/* Some send at once what the server has to keep until it has decided. */
static bool may_send(struct client *c, const struct session *s) {
    return s && (s->joined || (s->asked && s->eager));
}

static void send_event(struct client *c) {
    unsigned ns = (unsigned)draw(c, c->run->story.namespaces);
    struct session *s = c->sessions[ns];
    if (!may_send(c, s)) return;
    struct payload p = {.sender = s->index, .number = ++s->up_sent, .large_allowed = c->run->story.large};
    if (chance(c, 150)) p.attachments = 1 + (unsigned)draw(c, PAYLOAD_ATTACHMENTS);
    bool ack = chance(c, 400);
    if (ack) ledger_ack_wanted(s, p.number);
    send_payload(c, ns, "25", ack ? &p.number : NULL, "\"up\",", &p);
}

static void leave_namespace(struct client *c) {
    unsigned ns = (unsigned)draw(c, c->run->story.namespaces);
    if (!c->sessions[ns] || !c->sessions[ns]->joined) return;
    struct sio_strbuf text = {0};
    sio_strbuf_printf(&text, "1%s", ns_texts[ns]);
    eio_send(&c->eio, false, sio_strbuf_as_span(&text));
    sio_strbuf_fini(&text);
    session_over(c, ns, true, false);
    c->left[ns] = true;
    join_later(c);
}

static void leave(struct client *c) {
    for (unsigned ns = 0; ns < NAMESPACES; ns++)
        if (c->sessions[ns]) c->sessions[ns]->cut_down = c->sessions[ns]->over = true;
    eio_leave(&c->eio);
}

/* It goes on as if nothing had been lost, until the server says otherwise. */
static void hope(struct client *c, unsigned ns, struct session *s) {
    ledger_goes_away(s);
    s->cut_up = false;
    c->sessions[ns] = s;
}

static void cut(struct client *c) {
    enum sim_end_kind kind = (enum sim_end_kind)draw(c, 3);
    c->run->totals->cuts++;
    if (kind == SIM_SILENCE) c->run->totals->silences++;
    for (unsigned ns = 0; ns < NAMESPACES; ns++)
        if (c->sessions[ns] && kind == SIM_SILENCE)
            c->sessions[ns]->silent_since_us = sim_now_us(c->run->sim);
    sim_note(c->run->sim, "cut", c->index, (uint64_t)kind);
    struct session *hopeful[NAMESPACES] = {0};
    for (unsigned ns = 0; ns < NAMESPACES && c->run->story.recovers; ns++) {
        struct session *s = c->sessions[ns];
        if (!s || (!s->joined && !s->away) || s->ended_by_app || chance(c, 200)) continue;
        hopeful[ns] = s;
        c->sessions[ns] = NULL;
    }
    all_over(c, true, true);
    for (unsigned ns = 0; ns < NAMESPACES; ns++)
        if (hopeful[ns]) hope(c, ns, hopeful[ns]);
    eio_cut(&c->eio, kind);
    come_again(c);
}

static void act_fire(struct sim_event *event) {
    struct client *c = container_of(event, struct client, act);
    if (c->run->is_quiet || c->eio.closed || c->eio.leaving) return;
    sim_event_set(c->run->sim, event, draw(c, c->run->story.pace_us), act_fire);
    uint64_t kind = draw(c, 100);
    if (chance(c, c->run->story.cut_per_mille))
        cut(c);
    else if (kind < 80)
        for (uint64_t left = 1 + (chance(c, 100) ? draw(c, BURST_MOST) : draw(c, 3)); left > 0; left--)
            send_event(c);
    else if (kind < 82)
        leave_namespace(c);
    else if (kind < 83)
        leave(c);
    else if (kind < 90 && c->run->story.cut_per_mille > 0)
        eio_cut_probe(&c->eio, (enum sim_end_kind)draw(c, 3));
}

/* ---- life ---- */

void client_start(struct client *c, struct run *run, unsigned index) {
    c->run = run;
    c->index = index;
    c->eio.closed = true;
    sim_event_set(run->sim, &c->again, draw(c, AGAIN_SOON_US), again_fire);
}

void client_go(struct client *c) {
    sim_event_cancel(c->run->sim, &c->again);
    if (c->eio.open && !c->eio.closed) {
        leave(c);
        return;
    }
    all_over(c, true, true);
    eio_cut(&c->eio, SIM_CLOSE);
}

void client_fini(struct client *c) {
    sim_event_cancel(c->run->sim, &c->again);
    sim_event_cancel(c->run->sim, &c->act);
    sim_event_cancel(c->run->sim, &c->join);
    all_over(c, true, true);
    eio_cut(&c->eio, SIM_CLOSE);
    sio_strbuf_fini(&c->partial);
    for (unsigned i = 0; i < PAYLOAD_ATTACHMENTS; i++) sio_strbuf_fini(&c->attachments[i]);
}
