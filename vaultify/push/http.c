/* Outgoing HTTPS: one curl multi handle, and easy handles that go from request to request. */
#include "push/http.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/list.h"
#include "base/mem.h"
#include "base/must.h"
#include "sio_strbuf.h"

enum {
    HTTPS_PORT = 443,
    STREAMS_A_CONNECTION = 1000,     /* the peer's own limit counts when it is lower */
    CONNECTIONS_MAX = 256,           /* to all hosts together */
    BUFFER_BYTES = 4096,             /* of a request for its answer: these are short */
    UPLOAD_BUFFER_BYTES = 16384,     /* the least that curl takes */
    CONNECTION_LIFETIME_S = 60 * 60, /* then a new one is opened: names may have moved */
    RETRY_AFTER_MAX_S = 24 * 60 * 60,
    WAIT_MAX_MS = 24 * 60 * 60 * 1000,
};

/* An easy handle, and the request that it carries now. */
struct transfer {
    struct list node; /* in under_way or spare */
    struct push_http *http;
    CURL *easy;
    struct curl_slist *headers;
    struct sio_strbuf body;
    size_t received_bytes; /* head and body */
    bool guarded, refused;
    void (*done)(const struct push_response *response, void *data);
    void *data;
    char error[CURL_ERROR_SIZE];
};

struct push_http {
    struct push_http_config config;
    CURLM *multi;
    struct list under_way, spare;
    unsigned count; /* under way */
    bool closing;
    int64_t timed_out_at_s; /* the latest; connections from before it may be stuck. 0: none was */
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

enum sio_err push_http_new(const struct push_http_config *config, struct push_http **out) {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return SIO_ERR_IO;
    CURLM *multi = curl_multi_init();
    if (!multi) {
        curl_global_cleanup();
        return SIO_ERR_IO;
    }
    curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    curl_multi_setopt(multi, CURLMOPT_MAX_CONCURRENT_STREAMS, (long)STREAMS_A_CONNECTION);
    curl_multi_setopt(multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)config->connections_a_host);
    curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS_MAX);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX);
    struct push_http *http = mem_new(struct push_http);
    http->config = *config;
    http->multi = multi;
    list_init(&http->under_way);
    list_init(&http->spare);
    *out = http;
    return SIO_ERR_OK;
}

static int64_t now_s(void) {
    struct timespec now;
    must(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
    return now.tv_sec;
}

/* ---- what curl asks while a request is under way ---- */

/* The guard: the address is the one that is connected to now, whatever the name resolved to before. */
static bool may_connect(const struct transfer *t, const struct sockaddr *address) {
    if (!t->guarded) return true;
    if (!push_address_is_public(address)) return false; /* of other families none is */
    in_port_t port = address->sa_family == AF_INET ? ((const struct sockaddr_in *)address)->sin_port
                                                   : ((const struct sockaddr_in6 *)address)->sin6_port;
    return port == htons(HTTPS_PORT);
}

static curl_socket_t on_open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address) {
    struct transfer *t = data;
    if (!may_connect(t, &address->addr)) {
        t->refused = true;
        return CURL_SOCKET_BAD;
    }
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    /* A connection whose packets vanish must end by itself: its streams time out one by one, and curl would go on
     * using it. When the kernel does not know the option, that takes longer. */
    unsigned timeout_ms = t->http->config.timeout_ms;
    if (fd >= 0) (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* A connection that another request has made may be used too, so the address is looked at once more. */
static int on_connected(void *data, char *peer, char *local, int peer_port, int local_port) {
    struct transfer *t = data;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address = {0};
    if (inet_pton(AF_INET, peer, &address.v4.sin_addr) == 1) {
        address.v4.sin_family = AF_INET;
        address.v4.sin_port = htons((uint16_t)peer_port);
    } else if (inet_pton(AF_INET6, peer, &address.v6.sin6_addr) == 1) {
        address.v6.sin6_family = AF_INET6;
        address.v6.sin6_port = htons((uint16_t)peer_port);
    }
    t->refused = !may_connect(t, &address.any);
    return t->refused ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

static size_t on_bytes(struct transfer *t, size_t n) {
    if (n > PUSH_RESPONSE_MAX_BYTES - t->received_bytes) return 0;
    t->received_bytes += n;
    return n;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data) {
    return on_bytes(data, size * count);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
    struct transfer *t = data;
    size_t n = on_bytes(t, size * count);
    sio_strbuf_add(&t->body, bytes, n);
    return n;
}

/* ---- a transfer ---- */

#define SET(option, value) must(curl_easy_setopt(t->easy, (option), (value)) == CURLE_OK)

static void set_tls(struct transfer *t) {
    const char *ca_file = t->http->config.ca_file;
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (!ca_file) return;
    SET(CURLOPT_CAINFO, ca_file);
    SET(CURLOPT_CAPATH, NULL);
}

/* What stays the same for all requests of a handle. */
static void set_up(struct transfer *t) {
    const struct push_http_config *config = &t->http->config;
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_QUICK_EXIT, 1L); /* a resolver that hangs is not waited for */
    SET(CURLOPT_PROXY, "");      /* none from the environment */
    SET(CURLOPT_PROTOCOLS_STR, "https");
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_PIPEWAIT,
        1L); /* rather a stream of a connection that is being made than one more connection */
    SET(CURLOPT_TCP_KEEPALIVE, 1L);
    SET(CURLOPT_TIMEOUT_MS, (long)config->timeout_ms);
    SET(CURLOPT_CONNECTTIMEOUT_MS, (long)config->connect_timeout_ms);
    SET(CURLOPT_BUFFERSIZE, (long)BUFFER_BYTES);
    SET(CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER_BYTES);
    SET(CURLOPT_USERAGENT, "Vaultify/" VAULTIFY_VERSION);
    SET(CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    SET(CURLOPT_OPENSOCKETDATA, t);
    SET(CURLOPT_PREREQFUNCTION, on_connected);
    SET(CURLOPT_PREREQDATA, t);
    SET(CURLOPT_HEADERFUNCTION, on_header);
    SET(CURLOPT_HEADERDATA, t);
    SET(CURLOPT_WRITEFUNCTION, on_body);
    SET(CURLOPT_WRITEDATA, t);
    SET(CURLOPT_PRIVATE, t);
    SET(CURLOPT_ERRORBUFFER, t->error);
    set_tls(t);
}

static struct transfer *transfer_new(struct push_http *http) {
    struct transfer *t = mem_new(struct transfer);
    list_init(&t->node);
    sio_strbuf_init(&t->body);
    t->http = http;
    t->easy = curl_easy_init();
    must(t->easy); /* memory is out */
    set_up(t);
    return t;
}

static void transfer_free(struct transfer *t) {
    list_remove(&t->node);
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    sio_strbuf_fini(&t->body);
    free(t);
}

static struct transfer *take_spare(struct push_http *http) {
    if (list_empty(&http->spare)) return transfer_new(http);
    struct transfer *t = container_of(http->spare.next, struct transfer, node);
    list_remove(&t->node);
    return t;
}

static void add_header(struct transfer *t, const char *line) {
    struct curl_slist *longer = curl_slist_append(t->headers, line);
    must(longer); /* memory is out */
    t->headers = longer;
}

static void set_headers(struct transfer *t, const struct push_request *request) {
    must(request->header_count <= PUSH_HEADERS_MAX);
    for (unsigned i = 0; i < request->header_count; i++) add_header(t, request->headers[i]);
    SET(CURLOPT_HTTPHEADER, t->headers);
}

/* How old a connection may be. After a time-out none from before is trusted: over HTTP/2 a stuck one takes stream
 * after stream. */
static long lifetime_s(const struct push_http *http) {
    int64_t since_s = now_s() - http->timed_out_at_s;
    if (!http->timed_out_at_s || since_s > CONNECTION_LIFETIME_S) return CONNECTION_LIFETIME_S;
    return since_s > 1 ? (long)since_s : 1;
}

static void set_request(struct transfer *t, const struct push_request *request) {
    t->received_bytes = 0;
    t->guarded = request->guarded;
    t->refused = false;
    t->error[0] = 0;
    set_headers(t, request);
    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_MAXLIFETIME_CONN, lifetime_s(t->http));
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n);
    SET(CURLOPT_POSTFIELDS, request->body.n ? request->body.p : "");
}

void push_http_send(struct push_http *http, const struct push_request *request,
                    void (*done)(const struct push_response *response, void *data), void *data) {
    must(!http->closing);
    struct transfer *t = take_spare(http);
    t->done = done;
    t->data = data;
    set_request(t, request);
    list_insert(&http->under_way, &t->node);
    http->count++;
    must(curl_multi_add_handle(http->multi, t->easy) == CURLM_OK);
}

/* ---- its end ---- */

static enum push_transport transport_of(const struct transfer *t, CURLcode code) {
    if (code == CURLE_OK) return PUSH_ANSWERED;
    if (t->refused) return PUSH_FORBIDDEN;
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT: return PUSH_UNREACHABLE;
    case CURLE_OPERATION_TIMEDOUT: return PUSH_TIMED_OUT;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR: return PUSH_CERTIFICATE;
    default: return PUSH_BROKEN;
    }
}

static void fill_answer(const struct transfer *t, struct push_response *response) {
    long status = 0;
    curl_off_t retry_after_s = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    if (retry_after_s > RETRY_AFTER_MAX_S) retry_after_s = RETRY_AFTER_MAX_S;
    response->status = (int)status;
    response->retry_after_ms = retry_after_s > 0 ? (uint32_t)retry_after_s * 1000 : 0;
    response->body = sio_strbuf_as_span(&t->body);
}

/* `done` may send again; so the handle is among the spare ones only after it, while the answer's bytes live. */
static void finish(struct transfer *t, enum push_transport transport) {
    struct push_http *http = t->http;
    struct push_response response = {.transport = transport};
    if (transport == PUSH_ANSWERED) fill_answer(t, &response);
    if (transport == PUSH_TIMED_OUT) http->timed_out_at_s = now_s();
    must(curl_multi_remove_handle(http->multi, t->easy) == CURLM_OK);
    list_remove(&t->node);
    http->count--;
    t->done(&response, t->data);
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    sio_strbuf_clear(&t->body);
    list_insert(&http->spare, &t->node);
}

/* How many ended. */
static unsigned finish_all(struct push_http *http) {
    unsigned ended = 0;
    int left;
    for (CURLMsg *m; (m = curl_multi_info_read(http->multi, &left));) {
        struct transfer *t = NULL;
        CURLcode code = m->data.result; /* the message does not live beyond the handle's removal */
        curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &t);
        if (code != CURLE_OK) sio_log_debug(http->config.log, "push: a request failed: %s", t->error);
        finish(t, transport_of(t, code));
        ended++;
    }
    return ended;
}

static unsigned move(struct push_http *http) {
    int running;
    must(curl_multi_perform(http->multi, &running) == CURLM_OK);
    return finish_all(http);
}

void push_http_run(struct push_http *http, uint32_t timeout_ms) {
    if (move(http)) return;
    int wait_ms = timeout_ms > WAIT_MAX_MS ? WAIT_MAX_MS : (int)timeout_ms;
    must(curl_multi_poll(http->multi, NULL, 0, wait_ms, NULL) == CURLM_OK);
    move(http);
}

void push_http_wake(struct push_http *http) { (void)curl_multi_wakeup(http->multi); }

unsigned push_http_under_way(const struct push_http *http) { return http->count; }

void push_http_free(struct push_http *http) {
    if (!http) return;
    http->closing = true;
    list_each (&http->under_way, node) finish(container_of(node, struct transfer, node), PUSH_BROKEN);
    list_each (&http->spare, node) transfer_free(container_of(node, struct transfer, node));
    curl_multi_cleanup(http->multi);
    curl_global_cleanup();
    free(http);
}
