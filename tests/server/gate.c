/* The namespace whose door the client's auth payload works: {decide, refuse, data, rooms, delay, key}. `decide`
 * is "now", "later" (a timer), "thread", "hold" (until "release"), or "kicked" (everybody is disconnected by
 * another thread just before the acceptance). */
#include <stdlib.h>

#include "features.h"

struct held {
    struct held *next;
    struct app *app;
    struct sio_connect *connect;
    struct sio_timer timer;
    size_t auth_n;
    char auth[];
};

static void count_gone(void *app) { atomic_fetch_add(&((struct app *)app)->gone, 1); }

static void decide(struct app *app, struct sio_connect *connect, struct sio_span answer) {
    struct sio_span rooms[16], refuse = text_of(sio_json_member(answer, SIO_SPAN("refuse")));
    if (refuse.n) {
        sio_connect_refuse(connect, refuse, sio_json_member(answer, SIO_SPAN("data")));
        return;
    }
    size_t n = texts_of(sio_json_member(answer, SIO_SPAN("rooms")), rooms, 15);
    if (sio_connect_recovered(connect)) rooms[n++] = SIO_SPAN("came back");
    sio_connect_accept(connect, rooms, n, app, count_gone);
}

/* ---- later ---- */

static struct held *held_new(struct app *app, struct sio_connect *connect) {
    struct sio_span auth = sio_connect_auth(connect);
    struct held *h = mem_zalloc(sizeof(*h) + auth.n);
    h->app = app;
    h->connect = connect;
    h->auth_n = auth.n;
    if (auth.n) memcpy(h->auth, auth.p, auth.n);
    return h;
}

static void held_decide(struct app *app, void *data) {
    struct held *h = data;
    decide(app, h->connect, sio_span_of(h->auth, h->auth_n));
    free(h);
}

static void held_fire(struct sio_timer *timer) {
    struct held *h = container_of(timer, struct held, timer);
    struct app *app = h->app;
    held_decide(app, h);
    sio_server_release(app->server);
}

static void decide_later(struct app *app, struct sio_connect *connect, uint32_t delay_ms) {
    sio_server_hold(app->server);
    sio_timer_start(sio_connect_loop(connect), &held_new(app, connect)->timer, delay_ms, held_fire);
}

/* ---- held ---- */

static void held_keep(struct app *app, struct held *h) {
    pthread_mutex_lock(&app->mutex);
    h->next = app->held;
    app->held = h;
    pthread_mutex_unlock(&app->mutex);
}

static struct held *held_take(struct app *app, struct sio_span key) {
    pthread_mutex_lock(&app->mutex);
    struct held **at = &app->held;
    while (
        *at && key.n &&
        !sio_span_eq(text_of(sio_json_member(sio_span_of((*at)->auth, (*at)->auth_n), SIO_SPAN("key"))), key))
        at = &(*at)->next;
    struct held *h = *at;
    if (h) *at = h->next;
    pthread_mutex_unlock(&app->mutex);
    return h;
}

bool gate_release(struct app *app, struct sio_span key, struct sio_span answer) {
    struct held *h = held_take(app, key);
    if (!h) return false;
    decide(app, h->connect, answer);
    free(h);
    return true;
}

void gate_release_all(struct app *app) {
    for (struct held *h; (h = held_take(app, (struct sio_span){0})) != NULL;) held_decide(app, h);
}

/* ---- asked ---- */

static void *disconnect_all(void *app) {
    sio_sockets_disconnect(((struct app *)app)->gate, &(struct sio_target){0}, SIO_LEAVE);
    return NULL;
}

static void kicked(struct app *app, struct sio_connect *connect) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, disconnect_all, app) != 0) abort();
    pthread_join(thread, NULL);
    decide(app, connect, (struct sio_span){0});
}

void gate_connecting(struct sio_connect *connect, void *data) {
    struct app *app = data;
    struct sio_span auth = sio_connect_auth(connect);
    struct sio_span how = text_of(sio_json_member(auth, SIO_SPAN("decide")));
    atomic_fetch_add(&app->connecting, 1);
    if (sio_span_is(how, "thread"))
        app_thread(app, held_decide, held_new(app, connect));
    else if (sio_span_is(how, "hold"))
        held_keep(app, held_new(app, connect));
    else if (sio_span_is(how, "kicked"))
        kicked(app, connect);
    else if (sio_span_is(how, "later"))
        decide_later(app, connect, number_of(sio_json_member(auth, SIO_SPAN("delay")), 50));
    else
        decide(app, connect, auth);
}
