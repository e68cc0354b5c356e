/* Outgoing HTTPS: one curl multi handle, moved by a thread of its own. A request goes from hand to hand by lists:
 *
 *     spare ──send──> outgoing ──> under_way ──> ended ──run──> spare
 *     '---- owner ---'          '--- thread ---'         '-- owner --'
 */
#include "push/http.h"

#include <curl/curl.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/must.h"
#include "push/http_transfer.h"

enum {
    STREAMS_A_CONNECTION = 1000,     /* the peer's own limit counts when it is lower */
    CONNECTIONS_MAX = 256,           /* to all hosts together */
    CONNECTION_LIFETIME_S = 60 * 60, /* then a new one is opened: names may have moved */
    WAIT_MAX_MS = 24 * 60 * 60 * 1000,
};

struct push_http {
    struct push_http_config config;
    pthread_t thread;

    /* the owner's */
    struct list spare;
    unsigned count;         /* sent, and not told yet */
    int64_t timed_out_at_s; /* the latest; connections from before it may be stuck. 0: none was */

    /* the thread's */
    CURLM *multi;
    struct list under_way;

    /* of both, under the mutex */
    pthread_mutex_t mutex;
    pthread_cond_t news; /* for the owner: something has ended, or `woken` */
    struct list outgoing, ended;
    bool woken, closing;
};

const char *push_transport_text(enum push_transport transport) {
    static const char *const texts[] = {
        [PUSH_ANSWERED] = "answered",       [PUSH_UNREACHABLE] = "unreachable",
        [PUSH_TIMED_OUT] = "timed out",     [PUSH_BROKEN] = "connection broken",
        [PUSH_CERTIFICATE] = "certificate", [PUSH_FORBIDDEN] = "forbidden address",
    };
    must((unsigned)transport < sizeof texts / sizeof *texts);
    return texts[transport];
}

void push_http_config_init(struct push_http_config *config) {
    *config =
        (struct push_http_config){.timeout_ms = 15000, .connect_timeout_ms = 5000, .connections_a_host = 4};
}

static CURLM *multi_new(const struct push_http_config *config) {
    CURLM *multi = curl_multi_init();
    if (!multi) return NULL;
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)STREAMS_A_CONNECTION);
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)config->connections_a_host);
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS_MAX);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX);
    return multi;
}

/* curl would say it of each request instead. */
static bool authorities_are_there(const struct push_http_config *config) {
    if (!config->ca_file) return true;
    X509_STORE *store = X509_STORE_new();
    bool ok = store && X509_STORE_load_file(store, config->ca_file) == 1;
    X509_STORE_free(store);
    ERR_clear_error();
    if (!ok)
        sio_log_error(config->log, "push: --push-ca: %s cannot be read, or holds no certificate in PEM",
                      config->ca_file);
    return ok;
}

/* Signals are for the threads that wait for them. */
static bool start_thread(struct push_http *http, void *(*run)(void *data)) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool ok = pthread_create(&http->thread, NULL, run, http) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return ok;
}

static void init_locks(struct push_http *http) {
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&http->news, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&http->mutex, NULL);
}

static void destroy(struct push_http *http) {
    if (http->multi) curl_multi_cleanup(http->multi);
    pthread_cond_destroy(&http->news);
    pthread_mutex_destroy(&http->mutex);
    curl_global_cleanup();
    free(http);
}

static void *run(void *data);

enum sio_err push_http_new(const struct push_http_config *config, struct push_http **out) {
    if (!authorities_are_there(config)) return SIO_ERR_INVALID;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return SIO_ERR_IO;
    struct push_http *http = mem_new(struct push_http);
    http->config = *config;
    http->multi = multi_new(config);
    list_init(&http->spare);
    list_init(&http->outgoing);
    list_init(&http->under_way);
    list_init(&http->ended);
    init_locks(http);
    if (!http->multi || !start_thread(http, run)) {
        destroy(http);
        return SIO_ERR_IO;
    }
    *out = http;
    return SIO_ERR_OK;
}

static void move_all(struct list *from, struct list *to) {
    list_each (from, node) {
        list_remove(node);
        list_insert(to, node);
    }
}

static struct http_transfer *transfer_of(struct list *node) {
    return container_of(node, struct http_transfer, node);
}

/* ---- the owner sends ---- */

static int64_t now_s(void) {
    struct timespec now;
    must(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return now.tv_sec;
}

/* How old a connection may be. After a time-out none from before is trusted: over HTTP/2 a stuck one takes stream
 * after stream. */
static long lifetime_s(const struct push_http *http) {
    int64_t since_s = now_s() - http->timed_out_at_s;
    if (!http->timed_out_at_s || since_s > CONNECTION_LIFETIME_S) return CONNECTION_LIFETIME_S;
    return since_s > 1 ? (long)since_s : 1;
}

static struct http_transfer *take_spare(struct push_http *http) {
    if (list_empty(&http->spare)) return http_transfer_new(&http->config);
    struct http_transfer *t = transfer_of(http->spare.next);
    list_remove(&t->node);
    return t;
}

void push_http_send(struct push_http *http, const struct push_request *request,
                    void (*done)(const struct push_response *response, void *data), void *data) {
    must(!http->closing);
    struct http_transfer *t = take_spare(http);
    t->done = done;
    t->data = data;
    http_transfer_begin(t, request, lifetime_s(http));
    http->count++;
    pthread_mutex_lock(&http->mutex);
    bool first = list_empty(&http->outgoing); /* else the thread has been woken already */
    list_insert(&http->outgoing, &t->node);
    pthread_mutex_unlock(&http->mutex);
    if (first) must(curl_multi_wakeup(http->multi) == CURLM_OK);
}

unsigned push_http_under_way(const struct push_http *http) { return http->count; }

/* ---- the thread moves ---- */

/* False: the owner is closing. */
static bool take_outgoing(struct push_http *http) {
    struct list taken;
    list_init(&taken);
    pthread_mutex_lock(&http->mutex);
    bool closing = http->closing;
    if (!closing) move_all(&http->outgoing, &taken);
    pthread_mutex_unlock(&http->mutex);
    list_each (&taken, node) must(curl_multi_add_handle(http->multi, transfer_of(node)->easy) == CURLM_OK);
    move_all(&taken, &http->under_way);
    return !closing;
}

static void hand_over_ended(struct push_http *http) {
    struct list ended;
    int left;
    list_init(&ended);
    for (CURLMsg *m; (m = curl_multi_info_read(http->multi, &left));) {
        struct http_transfer *t = NULL;
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
        http_transfer_end(t, m->data.result); /* the message does not live beyond the handle's removal */
        must(curl_multi_remove_handle(http->multi, t->easy) == CURLM_OK);
        list_remove(&t->node);
        list_insert(&ended, &t->node);
    }
    if (list_empty(&ended)) return;
    pthread_mutex_lock(&http->mutex);
    move_all(&ended, &http->ended);
    pthread_cond_signal(&http->news);
    pthread_mutex_unlock(&http->mutex);
}

static void *run(void *data) {
    struct push_http *http = data;
    int running;
    while (take_outgoing(http)) {
        must(curl_multi_perform(http->multi, &running) == CURLM_OK);
        hand_over_ended(http);
        must(curl_multi_poll(http->multi, NULL, 0, WAIT_MAX_MS, NULL) == CURLM_OK);
    }
    return NULL;
}

/* ---- the owner is told ---- */

static struct timespec deadline_in(uint32_t timeout_ms) {
    struct timespec at;
    if (timeout_ms > WAIT_MAX_MS) timeout_ms = WAIT_MAX_MS;
    must(clock_gettime(CLOCK_MONOTONIC, &at) == 0);
    at.tv_sec += timeout_ms / 1000;
    at.tv_nsec += timeout_ms % 1000 * 1000000L;
    if (at.tv_nsec < 1000000000L) return at;
    return (struct timespec){at.tv_sec + 1, at.tv_nsec - 1000000000L};
}

static void take_ended(struct push_http *http, uint32_t timeout_ms, struct list *out) {
    struct timespec deadline = deadline_in(timeout_ms);
    pthread_mutex_lock(&http->mutex);
    while (list_empty(&http->ended) && !http->woken)
        if (pthread_cond_timedwait(&http->news, &http->mutex, &deadline) != 0) break;
    http->woken = false;
    move_all(&http->ended, out);
    pthread_mutex_unlock(&http->mutex);
}

/* `done` may send again, but not with this handle yet: the answer's bytes live in it. */
static void tell(struct push_http *http, struct http_transfer *t) {
    if (t->transport == PUSH_TIMED_OUT) http->timed_out_at_s = now_s();
    list_remove(&t->node);
    http->count--;
    http_transfer_tell(t);
    list_insert(&http->spare, &t->node);
}

void push_http_run(struct push_http *http, uint32_t timeout_ms) {
    struct list ended;
    list_init(&ended);
    take_ended(http, timeout_ms, &ended);
    list_each (&ended, node) tell(http, transfer_of(node));
}

void push_http_wake(struct push_http *http) {
    pthread_mutex_lock(&http->mutex);
    http->woken = true;
    pthread_cond_signal(&http->news);
    pthread_mutex_unlock(&http->mutex);
}

/* ---- the end ---- */

static void stop_thread(struct push_http *http) {
    pthread_mutex_lock(&http->mutex);
    http->closing = true;
    pthread_mutex_unlock(&http->mutex);
    must(curl_multi_wakeup(http->multi) == CURLM_OK);
    must(pthread_join(http->thread, NULL) == 0);
}

/* What has no answer yet: it joins those that have. */
static void break_off(struct push_http *http) {
    list_each (&http->under_way, node)
        must(curl_multi_remove_handle(http->multi, transfer_of(node)->easy) == CURLM_OK);
    move_all(&http->outgoing, &http->under_way);
    list_each (&http->under_way, node) transfer_of(node)->transport = PUSH_BROKEN;
    move_all(&http->under_way, &http->ended);
}

void push_http_free(struct push_http *http) {
    if (!http) return;
    stop_thread(http);
    break_off(http);
    list_each (&http->ended, node) tell(http, transfer_of(node));
    list_each (&http->spare, node) http_transfer_free(transfer_of(node));
    destroy(http);
}
