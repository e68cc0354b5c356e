/* A server for the tests of libsio: its options, its namespaces, and who came and went.
 *
 * "/" is for everyone and obeys the events of events.c; "/gate" decides as gate.c says; "/other" is for
 * everyone; families.c makes others on demand; the path /engine/ is Engine.IO alone (engine.c). Members of the
 * room "watchers" of "/" are told who comes and goes in all of them. */
#include "features.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- threads ---- */

struct thread {
    struct app *app;
    void (*run)(struct app *app, void *data);
    void *data;
};

static void *thread_run(void *data) {
    struct thread t = *(struct thread *)data;
    free(data);
    t.run(t.app, t.data);
    sio_server_release(t.app->server);
    return NULL;
}

void app_thread(struct app *app, void (*run)(struct app *app, void *data), void *data) {
    struct thread *t = mem_new(struct thread);
    pthread_t thread;
    *t = (struct thread){.app = app, .run = run, .data = data};
    sio_server_hold(app->server);
    if (pthread_create(&thread, NULL, thread_run, t) != 0) abort();
    pthread_detach(thread);
}

/* ---- who comes and goes ---- */

static void tell(struct app *app, struct sio_span event, struct sio_socket *socket, const char *reason) {
    struct sio_strbuf args;
    struct sio_json_writer w;
    sio_strbuf_init(&args);
    sio_json_begin(&w, &args);
    sio_json_array_open(&w);
    sio_json_string(&w, sio_namespace_name(sio_socket_namespace(socket)));
    sio_json_string(&w, sio_socket_id(socket));
    sio_json_string(&w, sio_span_cstr(reason));
    sio_json_array_close(&w);
    struct sio_packet *p = sio_packet_event(app->main, event, sio_strbuf_as_span(&args));
    sio_broadcast(app->main, &(struct sio_target){.rooms = &SIO_SPAN("watchers"), .room_count = 1}, p,
                  SIO_MUST);
    sio_packet_unref(p);
    sio_strbuf_fini(&args);
}

void came(struct sio_socket *socket, void *data) {
    struct app *app = data;
    atomic_fetch_add(&app->connects, 1);
    if (sio_socket_namespace(socket) == app->main && !sio_socket_recovered(socket)) {
        struct person *p = mem_new(struct person);
        sio_socket_set_data(socket, p);
    }
    tell(app, SIO_SPAN("came"), socket, sio_socket_recovered(socket) ? "recovered" : "");
    if (sio_socket_in(socket, SIO_SPAN("shown out"))) sio_socket_disconnect(socket, SIO_LEAVE);
    if (sio_socket_in(socket, SIO_SPAN("thrown out"))) sio_socket_disconnect(socket, SIO_CLOSE_CONNECTION);
}

/* Another socket of the same connection goes with this one. */
static void take_along(struct app *app, struct sio_socket *socket) {
    if (!sio_socket_in(socket, SIO_SPAN("dominoes"))) return;
    struct sio_socket *next = sio_socket_find(app->server, app->domino);
    if (!next) return;
    bool all = sio_socket_in(next, SIO_SPAN("and the connection"));
    sio_socket_disconnect(next, all ? SIO_CLOSE_CONNECTION : SIO_LEAVE);
}

void went(struct sio_socket *socket, enum sio_reason reason, void *data) {
    struct app *app = data;
    atomic_fetch_add(&app->disconnects, 1);
    take_along(app, socket);
    if (reason == SIO_SERVER_SHUTTING_DOWN) { /* nobody can be told any more */
        printf("went: %s\n", sio_reason_text(reason));
        fflush(stdout);
    }
    tell(app, SIO_SPAN("went"), socket, sio_reason_text(reason));
    if (sio_socket_namespace(socket) != app->main) return;
    stream_end(sio_socket_data(socket));
}

static void forget(void *person, void *app) {
    atomic_fetch_add(&((struct app *)app)->forgotten, 1);
    free(person);
}

void echo(struct sio_socket *socket, const struct sio_event *event, void *data) {
    struct sio_namespace *ns = sio_socket_namespace(socket);
    struct sio_packet *p =
        sio_packet_event_binary(ns, event->name, event->args, event->attachments, event->attachment_count);
    sio_emit(ns, sio_socket_ref(socket), p, SIO_MUST);
    sio_packet_unref(p);
    sio_ack_send_binary(ns, event->ack, event->args, event->attachments, event->attachment_count);
}

/* ---- options ---- */

/* Those that are numbers; each is a member of sio_config. */
#define NUMBERS(X)                                                                                           \
    X("threads", threads)                                                                                    \
    X("ping-interval", ping_interval_ms)                                                                     \
    X("ping-timeout", ping_timeout_ms)                                                                       \
    X("upgrade-timeout", upgrade_timeout_ms)                                                                 \
    X("connect-timeout", connect_timeout_ms)                                                                 \
    X("max-payload", max_payload_bytes)                                                                      \
    X("out-queue", out_queue_bytes)                                                                          \
    X("polling-queue", polling_queue_bytes)                                                                  \
    X("stalled", stalled_bytes)                                                                              \
    X("unjoined-sessions", max_unjoined)                                                                     \
    X("max-unjoined", max_unjoined_bytes)                                                                    \
    X("pending", pending_bytes)                                                                              \
    X("max-attachments", max_attachments)                                                                    \
    X("partial-bytes", partial_bytes)                                                                        \
    X("partial-timeout", partial_timeout_ms)                                                                 \
    X("max-namespaces", max_namespaces)                                                                      \
    X("max-dynamic-namespaces", max_dynamic_namespaces)                                                      \
    X("max-namespace-bytes", max_namespace_bytes)                                                            \
    X("max-gathered", max_gathered_bytes)                                                                    \
    X("max-connections", max_connections)                                                                    \
    X("stop-timeout", stop_timeout_ms)                                                                       \
    X("deflate", deflate.enabled)                                                                            \
    X("recovery", recovery.max_disconnection_ms)                                                             \
    X("recovery-bytes", recovery.max_bytes)                                                                  \
    X("recovery-sessions", recovery.max_sessions)                                                            \
    X("recovery-skip-connecting", recovery.skip_connecting)                                                  \
    X("http-compression", http_compression_bytes)                                                            \
    X("allow-upgrades", allow_upgrades)                                                                      \
    X("eio3", allow_eio3)                                                                                    \
    X("cors-credentials", cors.credentials)

/* Those that are texts. */
#define TEXTS(X)                                                                                             \
    X("cors", cors.origins)                                                                                  \
    X("cors-methods", cors.methods)                                                                          \
    X("path", path)                                                                                          \
    X("cookie", cookie.name)

static const struct option names[] = {
#define NUMBER(text, member) {text, required_argument, NULL, 1},
#define TEXT(text, member)   {text, required_argument, NULL, 2},
    NUMBERS(NUMBER) TEXTS(TEXT){"parser", required_argument, NULL, 3},
    {"transports", required_argument, NULL, 4},
    {0},
};

static void option_text(struct sio_config *c, const char *name, const char *value) {
#define SET_TEXT(text, member)                                                                               \
    if (sio_span_is(sio_span_cstr(name), text)) c->member = value;
    TEXTS(SET_TEXT)
}

static bool option_number(struct sio_config *c, const char *name, unsigned long long n) {
#define SET(text, member)                                                                                    \
    if (sio_span_is(sio_span_cstr(name), text)) {                                                            \
        c->member = n;                                                                                       \
        return true;                                                                                         \
    }
    NUMBERS(SET)
    return false;
}

/* "polling,websocket" */
static unsigned transports_of(struct sio_span list) {
    unsigned all = 0;
    while (list.p) {
        struct sio_span one = sio_span_cut(&list, ',');
        all |= sio_span_is(one, "polling") ? SIO_POLLING : sio_span_is(one, "websocket") ? SIO_WEBSOCKET : 0;
    }
    return all;
}

static bool options_read(struct sio_config *c, int argc, char **argv) {
    int which, index;
    while ((which = getopt_long(argc, argv, "", names, &index)) != -1) {
        unsigned long long n;
        if (which == 2)
            option_text(c, names[index].name, optarg);
        else if (which == 3 && sio_span_is(sio_span_cstr(optarg), "msgpack"))
            c->parser = SIO_PARSER_MSGPACK;
        else if (which == 4)
            c->transports = transports_of(sio_span_cstr(optarg));
        else if (which != 1 || !sio_span_to_u64(sio_span_cstr(optarg), &n) || n > UINT32_MAX ||
                 !option_number(c, names[index].name, n))
            return false;
    }
    return optind == argc;
}

/* ---- /bare: a WebSocket alone that soon asks whether somebody is there; who goes is told to the watchers ---- */

static void bare_message(struct sio_websocket *websocket, bool binary, struct sio_span message, void *data) {
    if (sio_websocket_send(websocket, binary, message) != SIO_ERR_OK) sio_websocket_close(websocket, 1011);
}

static void bare_close(struct sio_websocket *websocket, enum sio_reason reason, void *data) {
    struct app *app = data;
    struct sio_span watchers = SIO_SPAN("watchers");
    struct sio_strbuf args;
    sio_strbuf_init(&args);
    sio_strbuf_printf(&args, "[\"%s\"]", sio_reason_text(reason));
    struct sio_packet *packet = sio_packet_event(app->main, SIO_SPAN("bare went"), sio_strbuf_as_span(&args));
    sio_broadcast(app->main, &(struct sio_target){.rooms = &watchers, .room_count = 1}, packet, SIO_MUST);
    sio_packet_unref(packet);
    sio_strbuf_fini(&args);
}

static const struct sio_websocket_handlers bare_handlers = {.on_message = bare_message,
                                                            .on_close = bare_close};
static const struct sio_websocket_limits bare_limits = {.max_message_bytes = 1000, .silence_ms = 400};

/* ---- */

static enum sio_err serve(struct app *app) {
    struct sio_handlers handlers = {
        .on_connect = came, .on_event = main_event, .on_disconnect = went, .on_forget = forget, .data = app};
    app->main = sio_server_namespace(app->server, "/", &handlers);
    sio_server_websocket(app->server, "/bare", &bare_handlers, &bare_limits, app);
    handlers.on_forget = NULL;
    handlers.on_event = echo;
    app->other = sio_server_namespace(app->server, "/other", &handlers);
    handlers.on_connecting = gate_connecting;
    app->gate = sio_server_namespace(app->server, "/gate", &handlers);
    sio_server_namespace(app->server, "/silent", NULL);
    engine_serve_echo(app);
    families_make(app);
    hooks_serve(app);
    sio_server_on_http(app->server, route, app);
    sio_server_on_http_head(app->server, route_body_limit, app);
    sio_server_on_http_refused(app->server, answer_refused, app);
    enum sio_err e = sio_server_listen(app->server, "127.0.0.1", 0);
    if (e != SIO_ERR_OK) return e;
    printf("features is listening on http://127.0.0.1:%u\n", sio_server_port(app->server));
    fflush(stdout);
    return sio_server_run(app->server);
}

int main(int argc, char **argv) {
    struct app app = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    struct sio_config config;
    struct sio_log log;
    sio_log_init(&log, 2, SIO_LOG_INFO);
    sio_config_init(&config);
    config.log = &log;
    config.stop_on_signals = true;
    if (!options_read(&config, argc, argv) || sio_server_new(&config, &app.server) != SIO_ERR_OK) return 2;
    enum sio_err e = serve(&app);
    gate_release_all(&app);
    sio_server_free(app.server);
    printf("forgotten: %lu\n", atomic_load(&app.forgotten));
    return e == SIO_ERR_OK ? 0 : 1;
}
