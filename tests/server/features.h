/* What the files of the test server share: a server on sio.h alone, whose events let a client drive the rest
 * of it. */
#pragma once
#include <pthread.h>
#include <sio.h>
#include <stdatomic.h>

#include "base/mem.h"

struct held; /* a CONNECT that waits for the event "release" */

struct app {
    struct sio_server *server;
    struct sio_namespace *main, *gate, *other;
    struct sio_family *rooms, *teams;
    atomic_ulong made, dropped; /* namespaces of the rooms' family */
    atomic_ulong connecting, connects, disconnects, gone, forgotten, engine_sockets;
    pthread_mutex_t mutex;
    struct held *held;     /* under the mutex */
    struct sio_ref domino; /* the last who sent "domino"; for tests that are alone */
};

/* Of one socket of "/". */
struct person {
    uint64_t asked;             /* "who" events */
    uint64_t up_next, up_wrong; /* "up" events must count from 0 without a gap */
    struct stream *stream;      /* of "down" events; NULL before it begins */
};

/* Runs on a thread of its own; the server does not close connections before it is done. */
void app_thread(struct app *app, void (*run)(struct app *app, void *data), void *data);

/* ---- features.c: what several namespaces do ---- */
void echo(struct sio_socket *socket, const struct sio_event *event, void *app);
void came(struct sio_socket *socket, void *app);
void went(struct sio_socket *socket, enum sio_reason reason, void *app);

/* ---- families.c ---- */
void families_make(struct app *app);

/* ---- events.c: the namespace "/" ---- */
void stream_end(struct person *person);
void main_event(struct sio_socket *socket, const struct sio_event *event, void *app);

/* ---- orders.c ---- */
/* Does the orders of a JSON array, one after the other, on this thread. `self`: who asked. */
void orders_run(struct app *app, struct sio_ref self, struct sio_span orders);

/* ---- gate.c: the namespace "/gate" ---- */
void gate_connecting(struct sio_connect *connect, void *app);
/* Decides a held CONNECT: `answer` is an object as in its auth payload. false: there is none of that key. */
bool gate_release(struct app *app, struct sio_span key, struct sio_span answer);
/* Accepts all that are still held. */
void gate_release_all(struct app *app);

/* ---- engine.c: Engine.IO alone ---- */
void engine_serve_echo(struct app *app);

/* ---- hooks.c: handshakes and header lines ---- */
void hooks_serve(struct app *app);

/* ---- routes.c ---- */
void route(struct sio_http_request *request, void *app);
size_t route_body_limit(const struct sio_http_request *request, void *app);
void answer_refused(struct sio_http_request *request, int status, void *app);
void stats_write(struct app *app, struct sio_strbuf *out, bool reset);

/* ---- small things ---- */

/* A string value without its quotes; the tests' names need no escapes. */
static inline struct sio_span text_of(struct sio_span value) {
    return sio_json_kind(value) == SIO_JSON_STRING ? sio_span_of(value.p + 1, value.n - 2)
                                                   : (struct sio_span){0};
}
static inline uint32_t number_of(struct sio_span value, uint32_t otherwise) {
    int64_t n;
    return sio_json_to_i64(value, &n) && n >= 0 && n <= UINT32_MAX ? (uint32_t)n : otherwise;
}
/* true: the connection is closed; "all": after all its namespaces are left; else this one alone is */
static inline enum sio_leave leave_of(struct sio_span value) {
    if (sio_span_is(text_of(value), "all")) return SIO_LEAVE_ALL;
    return sio_json_kind(value) == SIO_JSON_TRUE ? SIO_CLOSE_CONNECTION : SIO_LEAVE;
}
static inline bool is_true(struct sio_span value) { return sio_json_kind(value) == SIO_JSON_TRUE; }
/* At most `max` strings of an array. */
static inline size_t texts_of(struct sio_span array, struct sio_span *out, size_t max) {
    struct sio_span item;
    size_t n = 0;
    for (size_t cursor = 0; n < max && sio_json_next_item(array, &cursor, &item);) out[n++] = text_of(item);
    return n;
}
