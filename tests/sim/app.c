/* The application: joining, events, acks, streams, rooms, disconnects. */
#include "app.h"

#include "base/mem.h"
#include "base/must.h"
#include "payload.h"

enum { ACK_TIMEOUT_LONG_MS = 60 * 1000, LATER_MOST_MS = 300 };

struct emitter { /* one a loop */
    struct sio_timer timer;
    struct app *app;
    struct sio_loop *loop;
};

struct app {
    struct run *run;
    struct sio_namespace *namespaces[NAMESPACES];
    struct emitter *emitters;
    struct sim_event outside; /* the thread that is no loop */
    uint64_t asked, decided, connected, gone, disconnected;
};

static uint64_t draw(struct app *app, uint64_t below) { return sim_random(app->run->sim, below); }
static bool chance(struct app *app, uint32_t per_mille) { return sim_chance(app->run->sim, per_mille); }

static const char *const room_names[ROOMS] = {"red", "green", "blue", "garden", "kitchen", "attic"};

static size_t room_spans(unsigned rooms, struct sio_span out[ROOMS]) {
    size_t n = 0;
    for (unsigned room = 0; room < ROOMS; room++)
        if (rooms >> room & 1) out[n++] = sio_span_cstr(room_names[room]);
    return n;
}

static struct session *session_of(const struct sio_socket *socket) { return sio_socket_data(socket); }

/* Work for a loop, now or after a while there; the server is held meanwhile. */
struct errand {
    struct sio_task task;
    struct sio_timer timer;
    struct app *app;
    struct sio_loop *loop;
    uint32_t delay_ms;
    void (*run)(struct errand *errand);
    struct session *session;
    struct sio_connect *connect;
    struct sio_ack ack;
    struct payload payload;
};

static void errand_end(struct errand *e) {
    struct sio_server *server = e->app->run->server;
    e->run(e);
    free(e);
    sio_server_release(server);
}

static void errand_timer(struct sio_timer *timer) { errand_end(container_of(timer, struct errand, timer)); }

static void errand_task(struct sio_task *task) {
    struct errand *e = container_of(task, struct errand, task);
    if (e->delay_ms > 0)
        sio_timer_start(e->loop, &e->timer, e->delay_ms, errand_timer);
    else
        errand_end(e);
}

/* On any loop, at any time. */
static void errand_send(struct app *app, const struct errand *what) {
    struct errand *e = mem_dup(what, sizeof(*what));
    e->app = app;
    e->loop = sio_server_loop(app->run->server, (unsigned)draw(app, app->run->story.loops));
    e->delay_ms = chance(app, 300) ? (uint32_t)draw(app, LATER_MOST_MS) : 0;
    e->task.run = errand_task;
    sio_server_hold(app->run->server);
    sio_loop_post(e->loop, &e->task);
}

/* ---- joining ---- */

/* It had been let in, perhaps, and ended before anybody was told of it. */
static void gone(void *data) {
    struct session *s = data;
    s->run->app->gone++;
    ledger_change(&s->run->ledger, &s->disconnected, true);
}

static void decide(struct app *app, struct session *s, struct sio_connect *connect) {
    app->decided++;
    if (s->to_be_refused) {
        s->to_be_refused = false;
        app->run->totals->refused++;
        sio_connect_refuse(connect, SIO_SPAN("not yet"), SIO_SPAN("{\"again\":true}"));
        return;
    }
    struct sio_span rooms[ROOMS];
    size_t n = room_spans(s->fixed_rooms, rooms);
    ledger_change(&app->run->ledger, &s->accepted, false);
    sio_connect_accept(connect, rooms, n, s, gone);
}

static void decide_later(struct errand *e) { decide(e->app, e->session, e->connect); }

static void on_connecting(struct sio_connect *connect, void *data) {
    struct app *app = data;
    int64_t index;
    struct sio_span value = sio_json_member(sio_connect_auth(connect), SIO_SPAN("session"));
    must(sio_json_to_i64(value, &index) && (size_t)index < app->run->ledger.session_count);
    struct session *s = app->run->ledger.sessions[index];
    app->asked++;
    if (chance(app, 500))
        decide(app, s, connect);
    else
        errand_send(app, &(struct errand){.run = decide_later, .session = s, .connect = connect});
}

/* The owner's word and the client's must be the same: the client goes by the pid alone. */
static void came_back(struct app *app, struct session *attempt, struct sio_socket *socket) {
    struct session *s = attempt->predecessor;
    if (!s->disconnected.order) run_fail(app->run, "session %u is recovered before its end", s->index);
    if (!sio_span_eq(sio_socket_id(socket), sio_span_of(s->id, sizeof(s->id))))
        run_fail(app->run, "session %u is recovered with another id", s->index);
    sio_socket_set_data(socket, s);
    ledger_comes_back(&app->run->ledger, attempt);
    for (unsigned room = ROOMS_FIXED; room < ROOMS; room++)
        ledger_set_room(&app->run->ledger, s, room, sio_socket_in(socket, sio_span_cstr(room_names[room])));
    s->ref = sio_socket_ref(socket);
    app->run->totals->recoveries++;
}

static void on_connect(struct sio_socket *socket, void *data) {
    struct app *app = data;
    struct session *s = session_of(socket);
    app->connected++;
    if (sio_socket_recovered(socket)) {
        came_back(app, s, socket);
        return;
    }
    if (s->connected.order) run_fail(app->run, "session %u connects twice", s->index);
    app->run->totals->sessions++;
    s->ref = sio_socket_ref(socket);
    memcpy(s->id, sio_socket_id(socket).p, sizeof(s->id));
    ledger_change(&app->run->ledger, &s->connected, true);
}

/* A silent peer's end is noticed by the heartbeat at the latest. */
static void judge_end(struct app *app, const struct session *s, enum sio_reason reason) {
    const struct sio_config *c = &app->run->config;
    uint64_t most_us = (uint64_t)(c->ping_interval_ms + c->ping_timeout_ms) * 1000 + SETTLE_US;
    if (s->silent_since_us && s->disconnected.at_us - s->silent_since_us > most_us)
        run_fail(app->run, "session %u was silent for %llu ms", s->index,
                 (unsigned long long)(s->disconnected.at_us - s->silent_since_us) / 1000);
    if (reason == SIO_PING_TIMEOUT) app->run->totals->timeouts++;
    /* A new session in the place of an old one may not have been heard of: its client's goodbye names the old one. */
    bool healthy = s->joined && !s->over && !s->away && !s->returning && !s->cut_down && !s->cut_up &&
                   !app->run->is_stopping;
    if (healthy && !run_is_rough(app->run) && !ledger_ended_by_app(&app->run->ledger, s->connection))
        run_fail(app->run, "session %u is disconnected: %s", s->index, sio_reason_text(reason));
}

static void on_disconnect(struct sio_socket *socket, enum sio_reason reason, void *data) {
    struct app *app = data;
    struct session *s = session_of(socket);
    app->disconnected++;
    if (!s->connected.order || s->disconnected.order)
        run_fail(app->run, "session %u is disconnected, but not once", s->index);
    ledger_change(&app->run->ledger, &s->disconnected, true);
    judge_end(app, s, reason);
}

/* An attempt's data is given back: it was recovered, and ended before anybody was told of it. */
static void on_forget(void *socket_data, void *data) {
    struct app *app = data;
    struct session *s = ((struct session *)socket_data)->predecessor;
    if (!s || !s->returning) return;
    s->returning = false;
    if (!s->disconnected.order) ledger_change(&app->run->ledger, &s->disconnected, true);
}

/* ---- events from clients, and their acks ---- */

static void answer(struct app *app, const struct session *s, struct sio_ack ack, const struct payload *p) {
    struct sio_strbuf args = {0}, bytes[PAYLOAD_ATTACHMENTS] = {0};
    struct sio_span spans[PAYLOAD_ATTACHMENTS];
    payload_args(p, &args);
    for (unsigned i = 0; i < p->attachments; i++) {
        payload_attachment(p, i, &bytes[i]);
        spans[i] = sio_strbuf_as_span(&bytes[i]);
    }
    sio_ack_send_binary(app->namespaces[s->ns], ack, sio_strbuf_as_span(&args), spans, p->attachments);
    sio_strbuf_fini(&args);
    for (unsigned i = 0; i < p->attachments; i++) sio_strbuf_fini(&bytes[i]);
}

static void answer_later(struct errand *e) { answer(e->app, e->session, e->ack, &e->payload); }

static void on_event(struct sio_socket *socket, const struct sio_event *event, void *data) {
    struct app *app = data;
    struct session *s = session_of(socket);
    struct payload p;
    bool whole = sio_span_is(event->name, "up") &&
                 payload_read(event->args, event->attachments, (unsigned)event->attachment_count,
                              app->run->story.large, &p);
    if (!whole || p.sender != s->index) {
        run_fail(app->run, "session %u: a damaged event", s->index);
        return;
    }
    if (s->up_may_skip && p.number > s->up_received) s->up_received = p.number - 1;
    s->up_may_skip = false;
    if (p.number != ++s->up_received) {
        run_fail(app->run, "session %u: event %u comes as the %uth", s->index, p.number, s->up_received);
        s->up_received = p.number;
    }
    app->run->totals->events_up++;
    if (!event->ack.wanted) return;
    p.attachments = (unsigned)draw(app, 4) == 0 ? 1 + (unsigned)draw(app, PAYLOAD_ATTACHMENTS) : 0;
    if (chance(app, 500))
        answer(app, s, event->ack, &p);
    else
        errand_send(app,
                    &(struct errand){.run = answer_later, .session = s, .ack = event->ack, .payload = p});
}

/* ---- emitting ---- */

/* Somebody who is in, on any loop; NULL: by chance nobody was found. */
static struct session *somebody(struct app *app, unsigned ns) {
    struct ledger *l = &app->run->ledger;
    for (int tries = 0; l->session_count > 0 && tries < 8; tries++) {
        struct session *s = l->sessions[draw(app, l->session_count)];
        if (s->ns == ns && s->connected.order && !s->disconnected.order) return s;
    }
    return NULL;
}

static unsigned some_rooms(struct app *app) { return 1u << draw(app, ROOMS) | 1u << draw(app, ROOMS); }

static struct emission *emission_new(struct app *app, unsigned ns, enum sio_delivery *delivery) {
    struct emission *e = ledger_emission(&app->run->ledger, ns);
    static const enum sio_delivery deliveries[] = {SIO_MUST, SIO_MUST,     SIO_MUST,
                                                   SIO_MUST, SIO_MAY_DROP, SIO_VOLATILE};
    *delivery = deliveries[draw(app, sizeof(deliveries) / sizeof(*deliveries))];
    e->must = *delivery == SIO_MUST;
    e->attachments = chance(app, 150) ? 1 + (unsigned)draw(app, PAYLOAD_ATTACHMENTS) : 0;
    app->run->totals->emitted++;
    sim_note(app->run->sim, "emit", e->stream, e->number);
    return e;
}

struct content {
    struct sio_strbuf args, bytes[PAYLOAD_ATTACHMENTS];
    struct sio_span attachments[PAYLOAD_ATTACHMENTS];
};

static void content_make(struct app *app, const struct emission *e, struct content *c) {
    struct payload p = {e->stream, e->number, e->attachments, app->run->story.large};
    *c = (struct content){0};
    payload_args(&p, &c->args);
    for (unsigned i = 0; i < e->attachments; i++) {
        payload_attachment(&p, i, &c->bytes[i]);
        c->attachments[i] = sio_strbuf_as_span(&c->bytes[i]);
    }
}

static void content_fini(struct content *c) {
    sio_strbuf_fini(&c->args);
    for (unsigned i = 0; i < PAYLOAD_ATTACHMENTS; i++) sio_strbuf_fini(&c->bytes[i]);
}

static struct sio_packet *packet_of(struct app *app, const struct emission *e) {
    struct sio_namespace *ns = app->namespaces[e->ns];
    struct content c;
    content_make(app, e, &c);
    struct sio_packet *packet =
        e->attachments ? sio_packet_event_binary(ns, SIO_SPAN("down"), sio_strbuf_as_span(&c.args),
                                                 c.attachments, e->attachments)
                       : sio_packet_event(ns, SIO_SPAN("down"), sio_strbuf_as_span(&c.args));
    content_fini(&c);
    return packet;
}

static void emit_to_one(struct app *app, unsigned ns) {
    struct session *s = somebody(app, ns);
    if (!s) return;
    enum sio_delivery delivery;
    struct emission *e = emission_new(app, ns, &delivery);
    e->one = s;
    struct sio_packet *packet = packet_of(app, e);
    struct sio_span id = sio_span_of(s->id, sizeof(s->id));
    if (chance(app, 700))
        sio_emit(app->namespaces[ns], s->ref, packet, delivery);
    else
        sio_broadcast(app->namespaces[ns], &(struct sio_target){.rooms = &id, .room_count = 1}, packet,
                      delivery);
    sio_packet_unref(packet);
}

/* To some rooms, or to everyone; but not to some rooms, or to one. */
static void emit_to_many(struct app *app, unsigned ns) {
    enum sio_delivery delivery;
    struct emission *e = emission_new(app, ns, &delivery);
    struct sio_span rooms[ROOMS], except[ROOMS];
    if (chance(app, 600)) e->rooms = some_rooms(app);
    if (chance(app, 300)) e->except = some_rooms(app);
    if (chance(app, 300)) e->but = somebody(app, ns);
    struct sio_target target = {.rooms = rooms, .except = except};
    target.room_count = room_spans(e->rooms, rooms);
    target.except_count = room_spans(e->except, except);
    if (e->but) target.except_socket = e->but->ref;
    struct sio_packet *packet = packet_of(app, e);
    sio_broadcast(app->namespaces[ns], &target, packet, delivery);
    sio_packet_unref(packet);
}

/* ---- asking a client ---- */

struct asking {
    struct app *app;
    struct emission *emission;
    bool patient; /* so much that only the socket's end excuses a missing answer */
};

static void answered(const struct sio_answer *answer, void *data) {
    struct asking *a = data;
    struct emission *e = a->emission;
    struct session *s = e->one;
    struct run *run = a->app->run;
    struct payload p;
    if (++e->ack_done > 1) run_fail(run, "%u:%u is answered twice", e->stream, e->number);
    bool excused = s->over || s->away || s->away_count > 0 || s->cut_down || s->cut_up ||
                   s->disconnected.order || run->is_stopping;
    if (answer->args.n == 0) {
        if (a->patient && !excused && !run_is_rough(run))
            run_fail(run, "%u:%u is not answered by session %u", e->stream, e->number, s->index);
    } else if (!payload_read(answer->args, answer->attachments, (unsigned)answer->attachment_count,
                             run->story.large, &p) ||
               p.sender != e->stream || p.number != e->number) {
        run_fail(run, "%u:%u gets a damaged answer", e->stream, e->number);
    } else {
        run->totals->server_acks++;
    }
    free(a);
}

static void ask_one(struct app *app, unsigned ns) {
    struct session *s = somebody(app, ns);
    struct sio_socket *socket = s ? sio_socket_find(app->run->server, s->ref) : NULL;
    if (!s || sio_server_loop(app->run->server, s->ref.loop) != sio_loop_here() || !socket) return;
    enum sio_delivery delivery;
    struct emission *e = emission_new(app, ns, &delivery);
    struct asking *a = mem_new(struct asking);
    struct content c;
    *a = (struct asking){.app = app, .emission = e, .patient = chance(app, 700)};
    e->one = s;
    e->must = e->ack_asked = true;
    content_make(app, e, &c);
    uint32_t timeout_ms = a->patient ? ACK_TIMEOUT_LONG_MS : 10 + (uint32_t)draw(app, 1000);
    sio_emit_binary_with_ack(socket, SIO_SPAN("down"), sio_strbuf_as_span(&c.args), c.attachments,
                             e->attachments, timeout_ms, answered, a);
    content_fini(&c);
}

/* ---- rooms and ends ---- */

static void change_room(struct app *app, unsigned ns) {
    struct run *run = app->run;
    struct session *s = somebody(app, ns);
    unsigned room = ROOMS_FIXED + (unsigned)draw(app, ROOMS_CHANGED);
    if (!s || !ledger_may_change(s, room, sim_now_us(run->sim))) return;
    bool here = sio_server_loop(run->server, s->ref.loop) == sio_loop_here();
    bool directly = here && chance(app, 500), leaves = ledger_in(s, room);
    struct sio_socket *socket = directly ? sio_socket_find(run->server, s->ref) : NULL;
    struct sio_span name = sio_span_cstr(room_names[room]), id = sio_span_of(s->id, sizeof(s->id));
    struct sio_target one = {.rooms = &id, .room_count = 1};
    if (directly && !socket) return;
    /* A change is written down once it is made, an order when it is given: what others send meanwhile may arrive. */
    if (directly) (leaves ? sio_socket_leave : sio_socket_join)(socket, name);
    (leaves ? ledger_leave : ledger_join)(&run->ledger, s, room, directly);
    if (!directly) (leaves ? sio_sockets_leave : sio_sockets_join)(app->namespaces[ns], &one, name);
}

static void end_one(struct app *app, unsigned ns) {
    struct run *run = app->run;
    struct session *s = somebody(app, ns);
    if (!s || s->ended_by_app) return;
    enum sio_leave how = (enum sio_leave)draw(app, SIO_CLOSE_CONNECTION + 1);
    bool here = sio_server_loop(run->server, s->ref.loop) == sio_loop_here();
    struct sio_socket *socket = here && chance(app, 500) ? sio_socket_find(run->server, s->ref) : NULL;
    struct sio_span id = sio_span_of(s->id, sizeof(s->id));
    s->ended_by_app = true;
    run->totals->app_closes++;
    sim_note(run->sim, "app ends session", s->index, how);
    if (socket)
        sio_socket_disconnect(socket, how);
    else
        sio_sockets_disconnect(app->namespaces[ns], &(struct sio_target){.rooms = &id, .room_count = 1}, how);
}

/* ---- the pace ---- */

static void act(struct app *app) {
    unsigned ns = (unsigned)draw(app, app->run->story.namespaces);
    uint64_t kind = draw(app, 100);
    if (chance(app, app->run->story.close_per_mille))
        end_one(app, ns);
    else if (kind < 40)
        emit_to_one(app, ns);
    else if (kind < 75)
        emit_to_many(app, ns);
    else if (kind < 88)
        change_room(app, ns);
    else
        ask_one(app, ns);
}

static void act_some(struct app *app) {
    for (uint64_t left = 1 + (chance(app, 200) ? draw(app, 12) : draw(app, 2)); left > 0; left--) act(app);
}

static void emitter_fire(struct sio_timer *timer) {
    struct emitter *e = container_of(timer, struct emitter, timer);
    if (e->app->run->is_quiet) return;
    act_some(e->app);
    sio_timer_start(e->loop, timer, draw(e->app, e->app->run->story.pace_us) / 1000, emitter_fire);
}

static void outside_fire(struct sim_event *event) {
    struct app *app = container_of(event, struct app, outside);
    if (app->run->is_quiet) return;
    act_some(app);
    sim_event_set(app->run->sim, event, draw(app, app->run->story.pace_us), outside_fire);
}

/* ---- life ---- */

struct app *app_new(struct run *run) {
    static const char *const names[NAMESPACES] = {"/", "/side"};
    struct app *app = mem_new(struct app);
    struct sio_handlers handlers = {.on_connecting = on_connecting,
                                    .on_connect = on_connect,
                                    .on_event = on_event,
                                    .on_disconnect = on_disconnect,
                                    .on_forget = on_forget,
                                    .data = app};
    app->run = run;
    app->emitters = mem_new_array(struct emitter, run->story.loops);
    for (unsigned i = 0; i < run->story.namespaces; i++)
        app->namespaces[i] = sio_server_namespace(run->server, names[i], &handlers);
    return app;
}

void app_start(struct app *app) {
    for (unsigned i = 0; i < app->run->story.loops; i++) {
        struct emitter *e = &app->emitters[i];
        e->app = app;
        e->loop = sio_server_loop(app->run->server, i);
        sio_timer_start(e->loop, &e->timer, 1, emitter_fire);
    }
    sim_event_set(app->run->sim, &app->outside, 1, outside_fire);
}

void app_free(struct app *app) {
    sim_event_cancel(app->run->sim, &app->outside);
    free(app->emitters);
    free(app);
}

void app_judge(struct app *app) {
    struct ledger *l = &app->run->ledger;
    if (app->asked != app->decided || app->connected != app->disconnected)
        run_fail(app->run, "asked %llu, decided %llu, connected %llu, disconnected %llu",
                 (unsigned long long)app->asked, (unsigned long long)app->decided,
                 (unsigned long long)app->connected, (unsigned long long)app->disconnected);
    for (size_t i = 0; i < l->emission_count; i++) {
        const struct emission *e = l->emissions[i];
        if (e->ack_asked && e->ack_done != 1)
            run_fail(app->run, "%u:%u was answered %u times", e->stream, e->number, e->ack_done);
    }
}
