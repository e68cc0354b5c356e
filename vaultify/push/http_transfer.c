/* An easy handle's settings, its callbacks, and what became of its request. */
#include "push/http_transfer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/must.h"

enum {
    HTTPS_PORT = 443,
    BUFFER_BYTES = 4096,         /* of a request for its answer: these are short */
    UPLOAD_BUFFER_BYTES = 16384, /* the least that curl takes */
    RETRY_AFTER_MAX_S = 24 * 60 * 60,
};

/* ---- what curl asks while a request is under way ---- */

/* The guard: the address is the one that is connected to now, whatever the name resolved to before. */
static bool may_connect(const struct http_transfer *t, const struct sockaddr *address) {
    if (!t->guarded) return true;
    if (!push_address_is_public(address)) return false; /* of other families none is */
    in_port_t port = address->sa_family == AF_INET ? ((const struct sockaddr_in *)address)->sin_port
                                                   : ((const struct sockaddr_in6 *)address)->sin6_port;
    return port == htons(HTTPS_PORT);
}

static curl_socket_t on_open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *address) {
    struct http_transfer *t = data;
    if (!may_connect(t, &address->addr)) {
        t->refused = true;
        return CURL_SOCKET_BAD;
    }
    int fd = socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    /* A connection whose packets vanish must end by itself: its streams time out one by one, and curl would go on
     * using it. When the kernel does not know the option, that takes longer. */
    unsigned timeout_ms = t->config->timeout_ms;
    if (fd >= 0) (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

/* A connection that another request has made may be used too, so the address is looked at once more. */
static int on_connected(void *data, char *peer, char *local, int peer_port, int local_port) {
    struct http_transfer *t = data;
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

static size_t on_bytes(struct http_transfer *t, size_t n) {
    if (n > PUSH_RESPONSE_MAX_BYTES - t->received_bytes) return 0;
    t->received_bytes += n;
    return n;
}

static size_t on_header(char *bytes, size_t size, size_t count, void *data) {
    return on_bytes(data, size * count);
}

static size_t on_body(char *bytes, size_t size, size_t count, void *data) {
    struct http_transfer *t = data;
    size_t n = on_bytes(t, size * count);
    sio_strbuf_add(&t->body, bytes, n);
    return n;
}

/* ---- its life ---- */

#define SET(option, value) must(curl_easy_setopt(t->easy, (option), (value)) == CURLE_OK)

static void set_tls(struct http_transfer *t) {
    const char *ca_file = t->config->ca_file;
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (!ca_file) return;
    SET(CURLOPT_CAINFO, ca_file);
    SET(CURLOPT_CAPATH, NULL);
}

/* What stays the same for all requests of a handle. */
static void set_up(struct http_transfer *t) {
    const struct push_http_config *config = t->config;
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

struct http_transfer *http_transfer_new(const struct push_http_config *config) {
    struct http_transfer *t = mem_new(struct http_transfer);
    list_init(&t->node);
    sio_strbuf_init(&t->body);
    t->config = config;
    t->easy = curl_easy_init();
    must(t->easy); /* memory is out */
    set_up(t);
    return t;
}

void http_transfer_free(struct http_transfer *t) {
    list_remove(&t->node);
    curl_easy_cleanup(t->easy);
    curl_slist_free_all(t->headers);
    sio_strbuf_fini(&t->body);
    free(t);
}

/* ---- a request ---- */

static void add_header(struct http_transfer *t, const char *line) {
    struct curl_slist *longer = curl_slist_append(t->headers, line);
    must(longer); /* memory is out */
    t->headers = longer;
}

static void set_headers(struct http_transfer *t, const struct push_request *request) {
    must(request->header_count <= PUSH_HEADERS_MAX);
    for (unsigned i = 0; i < request->header_count; i++) add_header(t, request->headers[i]);
    SET(CURLOPT_HTTPHEADER, t->headers);
}

void http_transfer_begin(struct http_transfer *t, const struct push_request *request, long lifetime_s) {
    t->received_bytes = 0;
    t->guarded = request->guarded;
    t->refused = false;
    t->error[0] = 0;
    set_headers(t, request);
    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_MAXLIFETIME_CONN, lifetime_s);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.n);
    SET(CURLOPT_POSTFIELDS, request->body.n ? request->body.p : "");
}

/* ---- its end ---- */

static enum push_transport transport_of(const struct http_transfer *t, CURLcode code) {
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

void http_transfer_end(struct http_transfer *t, CURLcode code) {
    t->transport = transport_of(t, code);
    if (code != CURLE_OK) sio_log_debug(t->config->log, "push: a request failed: %s", t->error);
}

static void fill_answer(const struct http_transfer *t, struct push_response *response) {
    long status = 0;
    curl_off_t retry_after_s = 0;
    curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_after_s);
    if (retry_after_s > RETRY_AFTER_MAX_S) retry_after_s = RETRY_AFTER_MAX_S;
    response->status = (int)status;
    response->retry_after_ms = retry_after_s > 0 ? (uint32_t)retry_after_s * 1000 : 0;
    response->body = sio_strbuf_as_span(&t->body);
}

void http_transfer_tell(struct http_transfer *t) {
    struct push_response response = {.transport = t->transport};
    if (t->transport == PUSH_ANSWERED) fill_answer(t, &response);
    t->done(&response, t->data);
    curl_slist_free_all(t->headers);
    t->headers = NULL;
    sio_strbuf_clear(&t->body);
}
