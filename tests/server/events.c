/* The events of "/": each is a row of the table at the end. */
#include <stdlib.h>

#include "features.h"

struct call {
    struct app *app;
    struct sio_socket *socket;
    const struct sio_event *event;
    struct sio_span first, second; /* of the arguments; empty if absent */
};

static void send(struct app *app, struct sio_ref to, struct sio_span name, struct sio_span args) {
    struct sio_packet *p = sio_packet_event(app->main, name, args);
    sio_emit(app->main, to, p, SIO_MUST);
    sio_packet_unref(p);
}

static void ack(const struct call *c, struct sio_span args) {
    sio_ack_send(c->app->main, c->event->ack, args);
}

/* ---- the socket itself ---- */

static void do_echo(const struct call *c) {
    const struct sio_event *e = c->event;
    struct sio_packet *p =
        sio_packet_event_binary(c->app->main, e->name, e->args, e->attachments, e->attachment_count);
    sio_emit(c->app->main, sio_socket_ref(c->socket), p, SIO_MUST);
    sio_packet_unref(p);
    sio_ack_send_binary(c->app->main, e->ack, e->args, e->attachments, e->attachment_count);
}

static void do_join(const struct call *c) {
    struct sio_span room;
    for (size_t cursor = 0; sio_json_next_item(c->event->args, &cursor, &room);)
        sio_socket_join(c->socket, text_of(room));
    ack(c, SIO_SPAN("[]"));
}

static void do_leave(const struct call *c) {
    sio_socket_leave(c->socket, text_of(c->first));
    ack(c, SIO_SPAN("[]"));
}

static void do_in(const struct call *c) {
    ack(c, sio_socket_in(c->socket, text_of(c->first)) ? SIO_SPAN("[true]") : SIO_SPAN("[false]"));
}

/* Its numbers are those of its data: how often it asked. */
static void do_who(const struct call *c) {
    struct person *p = sio_socket_data(c->socket);
    struct sio_span id = sio_socket_id(c->socket);
    struct sio_strbuf args;
    sio_strbuf_init(&args);
    sio_strbuf_printf(&args, "[\"%.*s\",%s,%llu]", (int)id.n, id.p,
                      sio_socket_recovered(c->socket) ? "true" : "false", (unsigned long long)++p->asked);
    ack(c, sio_strbuf_as_span(&args));
    sio_strbuf_fini(&args);
}

static void do_domino(const struct call *c) {
    c->app->domino = sio_socket_ref(c->socket);
    ack(c, SIO_SPAN("[]"));
}

/* Whatever follows finds a socket that has ended. */
static void do_disconnect(const struct call *c) {
    struct sio_ref ref = sio_socket_ref(c->socket);
    sio_socket_disconnect(c->socket, leave_of(c->first));
    sio_socket_disconnect(c->socket, SIO_CLOSE_CONNECTION);
    sio_socket_join(c->socket, SIO_SPAN("too late"));
    send(c->app, ref, SIO_SPAN("too late"), SIO_SPAN("[]"));
    ack(c, SIO_SPAN("[\"too late\"]"));
}

/* ---- many sockets ---- */

struct job {
    struct sio_ref self;
    size_t n;
    char orders[];
};

static void job_run(struct app *app, void *data) {
    struct job *job = data;
    orders_run(app, job->self, sio_span_of(job->orders, job->n));
    free(job);
}

/* [orders, on another thread?] */
static void do_orders(const struct call *c) {
    struct sio_ref self = sio_socket_ref(c->socket);
    if (is_true(c->second)) {
        struct job *job = mem_alloc(sizeof(*job) + c->first.n);
        job->self = self;
        job->n = c->first.n;
        memcpy(job->orders, c->first.p, c->first.n);
        app_thread(c->app, job_run, job);
    } else {
        orders_run(c->app, self, c->first);
    }
    ack(c, SIO_SPAN("[]"));
}

/* ---- acknowledgements that the server asks for ---- */

struct question {
    struct app *app;
    struct sio_ref asker;
    bool last; /* whoever answers, or does not, is disconnected */
};

static void answered(const struct sio_answer *answer, void *data) {
    struct question *q = data;
    struct sio_span args = answer->args.n ? answer->args : SIO_SPAN("[null]");
    struct sio_packet *p = sio_packet_event_binary(q->app->main, SIO_SPAN("answered"), args,
                                                   answer->attachments, answer->attachment_count);
    sio_broadcast(q->app->main, &(struct sio_target){.rooms = &SIO_SPAN("watchers"), .room_count = 1}, p,
                  SIO_MUST);
    sio_emit(q->app->main, q->asker, p, SIO_MUST);
    sio_packet_unref(p);
    struct sio_socket *asker = sio_socket_find(q->app->server, q->asker);
    if (q->last && asker) sio_socket_disconnect(asker, SIO_LEAVE);
    free(q);
}

/* [timeout_ms, …]: the question has the event's own arguments. */
static void do_ask(const struct call *c) {
    struct question *q = mem_new(struct question);
    *q = (struct question){
        .app = c->app, .asker = sio_socket_ref(c->socket), .last = sio_span_is(text_of(c->second), "last")};
    sio_emit_binary_with_ack(c->socket, SIO_SPAN("question"), c->event->args, c->event->attachments,
                             c->event->attachment_count, number_of(c->first, 1000), answered, q);
}

/* ---- numbers in both directions ---- */

struct stream {
    struct sio_timer timer;
    struct app *app;
    struct sio_ref to;
    struct sio_loop *loop;
    uint32_t next, count;
};

enum { STREAM_BURST = 4, STREAM_EVERY_MS = 10 };

static void stream_fire(struct sio_timer *timer) {
    struct stream *s = container_of(timer, struct stream, timer);
    for (int i = 0; i < STREAM_BURST && s->next < s->count; i++) {
        struct sio_strbuf args;
        sio_strbuf_init(&args);
        sio_strbuf_printf(&args, "[%u]", s->next++);
        send(s->app, s->to, SIO_SPAN("down"), sio_strbuf_as_span(&args));
        sio_strbuf_fini(&args);
    }
    if (s->next < s->count) sio_timer_start(s->loop, timer, STREAM_EVERY_MS, stream_fire);
}

void stream_end(struct person *person) {
    if (person->stream) sio_timer_stop(person->stream->loop, &person->stream->timer);
    free(person->stream);
    person->stream = NULL;
}

static void do_stream(const struct call *c) {
    struct person *p = sio_socket_data(c->socket);
    stream_end(p);
    struct stream *s = p->stream = mem_new(struct stream);
    s->app = c->app;
    s->to = sio_socket_ref(c->socket);
    s->loop = sio_socket_loop(c->socket);
    s->count = number_of(c->first, 0);
    sio_timer_start(s->loop, &s->timer, 0, stream_fire);
}

static void do_up(const struct call *c) {
    struct person *p = sio_socket_data(c->socket);
    if (number_of(c->first, UINT32_MAX) != p->up_next) p->up_wrong++;
    p->up_next++;
}

static void do_up_total(const struct call *c) {
    struct person *p = sio_socket_data(c->socket);
    struct sio_strbuf args;
    sio_strbuf_init(&args);
    sio_strbuf_printf(&args, "[%llu,%llu]", (unsigned long long)p->up_next, (unsigned long long)p->up_wrong);
    ack(c, sio_strbuf_as_span(&args));
    sio_strbuf_fini(&args);
}

/* ---- the server ---- */

static void do_stats(const struct call *c) {
    struct sio_strbuf args;
    sio_strbuf_init(&args);
    sio_strbuf_char(&args, '[');
    stats_write(c->app, &args, false);
    sio_strbuf_char(&args, ']');
    ack(c, sio_strbuf_as_span(&args));
    sio_strbuf_fini(&args);
}

static void do_release(const struct call *c) {
    bool found = gate_release(c->app, text_of(c->first), c->second);
    ack(c, found ? SIO_SPAN("[true]") : SIO_SPAN("[false]"));
}

/* Accepted work that takes a while: the acknowledgement comes although the server stops meanwhile. */
struct work {
    struct sio_ack ack;
};

static void work_done(struct app *app, void *data) {
    struct work *w = data;
    nanosleep(&(struct timespec){.tv_nsec = 300 * 1000 * 1000}, NULL);
    sio_ack_send(app->main, w->ack, SIO_SPAN("[\"done\"]"));
    free(w);
}

static void do_work_and_stop(const struct call *c) {
    struct work *w = mem_new(struct work);
    w->ack = c->event->ack;
    app_thread(c->app, work_done, w);
    sio_server_stop(c->app->server);
}

/* ---- */

static const struct {
    const char *name;
    void (*run)(const struct call *call);
} events[] = {
    {"echo", do_echo},
    {"join", do_join},
    {"leave", do_leave},
    {"in", do_in},
    {"disconnect-me", do_disconnect},
    {"orders", do_orders},
    {"ask", do_ask},
    {"stream", do_stream},
    {"up", do_up},
    {"up-total", do_up_total},
    {"stats", do_stats},
    {"release", do_release},
    {"work-and-stop", do_work_and_stop},
    {"domino", do_domino},
    {"who", do_who},
};

void main_event(struct sio_socket *socket, const struct sio_event *event, void *app) {
    struct call call = {.app = app, .socket = socket, .event = event};
    size_t cursor = 0;
    if (sio_json_next_item(event->args, &cursor, &call.first))
        sio_json_next_item(event->args, &cursor, &call.second);
    for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
        if (sio_span_is(event->name, events[i].name)) events[i].run(&call);
}
