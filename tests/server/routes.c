/* The HTTP routes: answered at once, by a timer, and from another thread; small and big. */
#include <stdio.h>
#include <stdlib.h>

#include "features.h"

struct later {
    struct sio_timer timer;
    struct app *app;
    struct sio_http_request *request;
};

static void answer(struct sio_http_request *request, const char *text) {
    struct sio_http_header_line line = {SIO_SPAN("Content-Type"), SIO_SPAN("text/plain")};
    sio_http_respond(request, 200, &line, 1, sio_span_cstr(text));
}

static void later_fire(struct sio_timer *timer) {
    struct later *l = container_of(timer, struct later, timer);
    answer(l->request, "later");
    sio_server_release(l->app->server);
    free(l);
}

static void answer_later(struct app *app, struct sio_http_request *request) {
    struct later *l = mem_new(struct later);
    l->app = app;
    l->request = request;
    sio_server_hold(app->server);
    unsigned long long ms;
    if (!sio_span_to_u64(request->query, &ms)) ms = 100;
    sio_timer_start(request->loop, &l->timer, (uint32_t)ms, later_fire);
}

static void answer_thread(struct app *app, void *request) { answer(request, "thread"); }

static void member(struct sio_json_writer *w, struct sio_span name, struct sio_span text) {
    sio_json_key(w, name);
    sio_json_string(w, text);
}

/* What is known of a request. */
static void put_request(struct sio_json_writer *w, const struct sio_http_request *r) {
    member(w, SIO_SPAN("method"), r->method);
    member(w, SIO_SPAN("path"), r->path);
    member(w, SIO_SPAN("query"), r->query);
    member(w, SIO_SPAN("body"), r->body);
    member(w, SIO_SPAN("address"), r->address);
    member(w, SIO_SPAN("header"), sio_http_header(r, SIO_SPAN("x-test")));
}

static void answer_echo(struct sio_http_request *r) {
    struct sio_strbuf out;
    struct sio_json_writer w;
    sio_strbuf_init(&out);
    sio_json_begin(&w, &out);
    sio_json_object_open(&w);
    put_request(&w, r);
    sio_json_object_close(&w);
    struct sio_http_header_line lines[] = {{SIO_SPAN("Content-Type"), SIO_SPAN("application/json")},
                                           {SIO_SPAN("X-Method"), r->method}};
    sio_http_respond(r, 201, lines, 2, sio_strbuf_as_span(&out));
    sio_strbuf_fini(&out);
}

/* "/unsaid" and what has no path are left alone, as by the reference; "/elsewhere" gets another status; all else is told
 * what is known of it. */
void answer_refused(struct sio_http_request *r, int status, void *data) {
    struct sio_strbuf out;
    struct sio_json_writer w;
    if (r->path.n == 0 || sio_span_is(r->path, "/unsaid")) return;
    sio_strbuf_init(&out);
    sio_json_begin(&w, &out);
    sio_json_object_open(&w);
    sio_json_key(&w, SIO_SPAN("refused"));
    sio_json_i64(&w, status);
    put_request(&w, r);
    sio_json_object_close(&w);
    struct sio_http_header_line line = {SIO_SPAN("Content-Type"), SIO_SPAN("application/json")};
    sio_http_respond(r, sio_span_is(r->path, "/elsewhere") ? 429 : status, &line, 1,
                     sio_strbuf_as_span(&out));
    sio_strbuf_fini(&out);
}

void stats_write(struct app *app, struct sio_strbuf *out, bool reset) {
    struct sio_stats s;
    struct sio_json_writer w;
    sio_server_stats(app->server, &s, reset);
    const struct {
        struct sio_span name;
        uint64_t value;
    } all[] = {
        {SIO_SPAN("connections"), s.connections},
        {SIO_SPAN("sessions"), s.sessions},
        {SIO_SPAN("sockets"), s.sockets},
        {SIO_SPAN("eventsIn"), s.events_in},
        {SIO_SPAN("packetsOut"), s.packets_out},
        {SIO_SPAN("dropped"), s.dropped},
        {SIO_SPAN("dynamicNamespaces"), s.dynamic_namespaces},
        {SIO_SPAN("made"), atomic_load(&app->made)},
        {SIO_SPAN("droppedNamespaces"), atomic_load(&app->dropped)},
        {SIO_SPAN("slowClosed"), s.slow_closed},
        {SIO_SPAN("refused"), s.refused},
        {SIO_SPAN("turnMaxUs"), s.turn_max_us},
        {SIO_SPAN("connecting"), atomic_load(&app->connecting)},
        {SIO_SPAN("connects"), atomic_load(&app->connects)},
        {SIO_SPAN("disconnects"), atomic_load(&app->disconnects)},
        {SIO_SPAN("gone"), atomic_load(&app->gone)},
        {SIO_SPAN("engineSockets"), atomic_load(&app->engine_sockets)},
        {SIO_SPAN("forgotten"), atomic_load(&app->forgotten)},
        {SIO_SPAN("recovered"), s.recovered},
        {SIO_SPAN("recoveryUnknown"), s.recovery_unknown},
        {SIO_SPAN("recoveryOffset"), s.recovery_offset},
        {SIO_SPAN("recoveryTooMuch"), s.recovery_too_much},
        {SIO_SPAN("recoverySessions"), s.recovery_sessions},
        {SIO_SPAN("recoveryLogBytes"), s.recovery_log_bytes},
    };
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
        sio_json_key(&w, all[i].name);
        sio_json_i64(&w, (int64_t)all[i].value);
    }
    sio_json_object_close(&w);
}

static void answer_stats(struct app *app, struct sio_http_request *r) {
    struct sio_strbuf out;
    sio_strbuf_init(&out);
    stats_write(app, &out, sio_span_is(r->query, "reset"));
    sio_http_respond(r, 200, NULL, 0, sio_strbuf_as_span(&out));
    sio_strbuf_fini(&out);
}

static void answer_big(struct sio_http_request *r) {
    unsigned long long n;
    if (!sio_span_to_u64(r->query, &n)) n = 0;
    char *bytes = mem_alloc(n + 1);
    memset(bytes, 'x', n);
    sio_http_respond(r, 200, NULL, 0, sio_span_of(bytes, n));
    free(bytes);
}

/* "x-limit: N", on "/echo" alone. */
size_t route_body_limit(const struct sio_http_request *request, void *data) {
    unsigned long long n;
    bool limited = sio_span_is(request->path, "/echo") && request->body.n == 0 && data &&
                   sio_span_to_u64(sio_http_header(request, SIO_SPAN("x-limit")), &n);
    return limited ? n : SIZE_MAX;
}

void route(struct sio_http_request *request, void *data) {
    struct app *app = data;
    if (sio_span_is(request->path, "/now"))
        answer(request, "now");
    else if (sio_span_is(request->path, "/later"))
        answer_later(app, request);
    else if (sio_span_is(request->path, "/thread"))
        app_thread(app, answer_thread, request);
    else if (sio_span_is(request->path, "/echo"))
        answer_echo(request);
    else if (sio_span_is(request->path, "/big"))
        answer_big(request);
    else if (sio_span_is(request->path, "/stats"))
        answer_stats(app, request);
    else
        sio_http_respond(request, 404, NULL, 0, SIO_SPAN("nothing here"));
}
