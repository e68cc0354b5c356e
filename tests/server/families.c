/* Namespaces made on demand: "/room-<number>" behind the door of gate.c, "/team/<name>" for those whose auth payload
 * names the team. Each knows when it was made; "to all" reaches every room. */
#include <stdlib.h>

#include "features.h"

struct made {
    uint64_t number;
};

static void *room_made(struct sio_span name, void *data) {
    struct app *app = data;
    struct made *m = mem_new(struct made);
    m->number = atomic_fetch_add(&app->made, 1) + 1;
    return m;
}

static void room_dropped(void *made, void *data) {
    struct app *app = data;
    atomic_fetch_add(&app->dropped, 1);
    free(made);
}

/* [name, number] */
static void answer_who(struct sio_namespace *ns, struct sio_ack ack) {
    const struct made *m = sio_namespace_data(ns);
    struct sio_strbuf args;
    struct sio_json_writer w;
    sio_strbuf_init(&args);
    sio_json_begin(&w, &args);
    sio_json_array_open(&w);
    sio_json_string(&w, sio_namespace_name(ns));
    sio_json_i64(&w, m ? (int64_t)m->number : 0);
    sio_json_array_close(&w);
    sio_ack_send(ns, ack, sio_strbuf_as_span(&args));
    sio_strbuf_fini(&args);
}

/* ---- an answer that outlives the socket's own stay ---- */

struct later {
    struct sio_namespace *ns;
    struct sio_ack ack;
};

static void answer_later(struct app *app, void *data) {
    struct later *l = data;
    nanosleep(&(struct timespec){.tv_nsec = 20 * 1000 * 1000}, NULL);
    answer_who(l->ns, l->ack);
    sio_namespace_unref(l->ns);
    free(l);
}

static void who_later(struct app *app, struct sio_socket *socket, const struct sio_event *event) {
    struct later *l = mem_new(struct later);
    *l = (struct later){.ns = sio_namespace_ref(sio_socket_namespace(socket)), .ack = event->ack};
    app_thread(app, answer_later, l);
}

static void room_event(struct sio_socket *socket, const struct sio_event *event, void *data) {
    struct app *app = data;
    if (sio_span_is(event->name, "who"))
        answer_who(sio_socket_namespace(socket), event->ack);
    else if (sio_span_is(event->name, "who later"))
        who_later(app, socket, event);
    else if (sio_span_is(event->name, "to all"))
        sio_family_broadcast(app->rooms, &(struct sio_target){.except_socket = sio_socket_ref(socket)},
                             SIO_SPAN("for all"), event->args, event->attachments, event->attachment_count,
                             SIO_MUST);
    else
        echo(socket, event, data);
}

static bool team_accepts(struct sio_span name, struct sio_span auth, void *data) {
    return sio_span_starts(name, SIO_SPAN("/team/")) && sio_json_kind(auth) == SIO_JSON_OBJECT &&
           sio_span_eq(text_of(sio_json_member(auth, SIO_SPAN("team"))), sio_span_skip(name, 6));
}

void families_make(struct app *app) {
    struct sio_handlers handlers = {.on_connecting = gate_connecting,
                                    .on_connect = came,
                                    .on_event = room_event,
                                    .on_disconnect = went,
                                    .data = app};
    struct sio_match rooms = {.pattern = "/room-[0-9]+|/Räume", .made = room_made, .dropped = room_dropped};
    struct sio_match teams = {.accepts = team_accepts};
    app->rooms = sio_server_namespace_match(app->server, &rooms, &handlers);
    app->teams = sio_server_namespace_match(app->server, &teams, &handlers);
    if (!app->rooms || !app->teams) abort();
}
