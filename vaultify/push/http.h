/* Outgoing HTTPS over libcurl: many requests at once, multiplexed over HTTP/2, moved by a thread of its own, so
 * that whoever sends goes on making the next ones. With http_transfer.h all of push/ that knows curl. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "sio_err.h"
#include "sio_log.h"

enum { PUSH_HEADERS_MAX = 12, PUSH_RESPONSE_MAX_BYTES = 256 << 10 };

/* A POST. Everything is the caller's and lives until `done`. */
struct push_request {
    const char *url;                       /* https */
    const char *headers[PUSH_HEADERS_MAX]; /* "name: value" */
    unsigned header_count;
    struct sio_span body;
    /* The URL came from a user: port 443, no redirect, and the address that is connected to is checked in the very
     * moment: private, loopback, link-local, multicast, mapped and reserved ones are refused. */
    bool guarded;
};

enum push_transport {
    PUSH_ANSWERED,
    PUSH_UNREACHABLE,
    PUSH_TIMED_OUT,
    PUSH_BROKEN,
    PUSH_CERTIFICATE,
    PUSH_FORBIDDEN
};
const char *push_transport_text(enum push_transport transport);

struct push_response {
    enum push_transport
        transport; /* but for ANSWERED there is no status. FORBIDDEN: the guard refused the address */
    int status;
    uint32_t retry_after_ms; /* from Retry-After, seconds or a date; 0: none. At most a day */
    struct sio_span body;    /* at most PUSH_RESPONSE_MAX_BYTES (a longer one: BROKEN); lives during `done` */
};

struct push_http_config {
    const char *ca_file;         /* PEM, instead of the system's authorities; NULL: the system's */
    uint32_t timeout_ms;         /* of a request altogether; default 15000 */
    uint32_t connect_timeout_ms; /* default 5000 */
    unsigned connections_a_host; /* default 4; streams are multiplexed over them */
    const struct sio_log *log;
};
void push_http_config_init(struct push_http_config *config);

struct push_http;
/* SIO_ERR_INVALID: the file of authorities is none, which was logged. */
enum sio_err push_http_new(const struct push_http_config *config, struct push_http **out) SIO_MUST_CHECK;
/* Whatever is under way ends first with PUSH_BROKEN. */
void push_http_free(struct push_http *http);

/* The rest but for `wake`: one thread, the owner. `done` is called from push_http_run, exactly once, never inside `send`; it
 * may send more, but not while all is freed. */
void push_http_send(struct push_http *http, const struct push_request *request,
                    void (*done)(const struct push_response *response, void *data), void *data);
/* Tells what has ended. While nothing has, waits for at most `timeout_ms`, for that or for `wake`. */
void push_http_run(struct push_http *http, uint32_t timeout_ms);
void push_http_wake(struct push_http *http); /* any thread */
unsigned push_http_under_way(const struct push_http *http);

/* The guard's own rule, for tests: may a user's URL lead to this address? */
struct sockaddr;
bool push_address_is_public(const struct sockaddr *address);
