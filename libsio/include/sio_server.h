/* A server's life: made, listening, running, stopped, freed; and what it counts. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "sio_api.h"
#include "sio_config.h"
#include "sio_err.h"
#include "sio_loop.h"

SIO_BEGIN

struct sio_server;

/* SIO_ERR_INVALID with a line in the log when the configuration makes no sense; it is copied. The caller frees. */
enum sio_err sio_server_new(const struct sio_config *config, struct sio_server **out) SIO_MUST_CHECK;

/* Before sio_server_run, as often as wished. `port` 0 takes a free one. SIO_ERR_IN_USE, SIO_ERR_DENIED, SIO_ERR_INVALID,
 * SIO_ERR_IO. */
enum sio_err sio_server_listen(struct sio_server *server, const char *host, uint16_t port) SIO_MUST_CHECK;

/* The same with TLS 1.2 and 1.3 (https and wss). Files in PEM: the certificate with those between it and its root,
 * in this order, and its private key, without a passphrase. SIO_ERR_INVALID also when they cannot be used; the log
 * says why. Handshakes have head_timeout_ms of the configuration. */
struct sio_tls {
    const char *chain_file, *key_file;
};
enum sio_err sio_server_listen_tls(struct sio_server *server, const char *host, uint16_t port,
                                   const struct sio_tls *tls) SIO_MUST_CHECK;
/* [any thread, also a signal handler] Reads the files anew, on loop 0: connections that begin afterwards get the
 * new certificate, open ones go on. Files that cannot be used are an error in the log, and the old ones stay. */
void sio_server_reload_tls(struct sio_server *server);

/* A Unix socket, mode 0600, for HTTP requests of this machine; an old file in its place is replaced. */
enum sio_err sio_server_listen_unix(struct sio_server *server, const char *path) SIO_MUST_CHECK;

uint16_t sio_server_port(const struct sio_server *server); /* of the first listener */

/* Starts the threads and returns once the server is stopped; loop 0 is the calling thread. */
enum sio_err sio_server_run(struct sio_server *server) SIO_MUST_CHECK;

/* [any thread, also a signal handler] Stops accepting and reading, waits until no hold is left, closes every
 * connection so that clients come back by themselves, sends what is queued, ends sio_server_run. Of what a hold's work
 * sends, a polling client gets what the request takes along that waits already: its next one is not accepted any more. */
void sio_server_stop(struct sio_server *server);

/* [any thread] A hold keeps a stopping server from closing connections: one for each piece of accepted work.
 */
void sio_server_hold(struct sio_server *server);
void sio_server_release(struct sio_server *server);

/* After sio_server_run returned, or without it. By then everything that was handed out (struct sio_connect,
 * struct sio_http_request) has been answered. */
void sio_server_free(struct sio_server *server);

/* [any thread] */
unsigned sio_server_loop_count(const struct sio_server *server);
struct sio_loop *sio_server_loop(const struct sio_server *server, unsigned index);

struct sio_stats {
    uint64_t connections;        /* open TCP connections */
    uint64_t sessions;           /* open Engine.IO sessions */
    uint64_t sockets;            /* connected Socket.IO sockets */
    uint64_t events_in;          /* events received, since the start */
    uint64_t packets_out;        /* packets delivered to a socket's queue, since the start */
    uint64_t dropped;            /* packets not sent because of SIO_MAY_DROP and SIO_VOLATILE */
    uint64_t slow_closed;        /* clients closed because they were slow (SIO_MUST, stalled_bytes) */
    uint64_t refused;            /* requests and packets refused as malformed or over a limit, and
                                    sessions dropped above max_unjoined */
    uint64_t tls_failed;         /* connections that never finished their handshake, plain HTTP among them */
    uint64_t recovered;          /* clients that went on with their session, since the start */
    uint64_t recovery_unknown;   /* that could not: their session was unknown or over, */
    uint64_t recovery_offset;    /* or they named an event that it never got, */
    uint64_t recovery_too_much;  /* or more was missed than is kept, or than out_queue_bytes */
    uint64_t recovery_sessions;  /* waiting for their clients */
    uint64_t recovery_log_bytes; /* of events kept */
    uint64_t dynamic_namespaces; /* made by sio_server_namespace_match, and there now */
    uint64_t turn_max_us;        /* the longest turn of any loop since the last call with `reset` */
};
/* [any thread] Sums over all loops. */
void sio_server_stats(struct sio_server *server, struct sio_stats *out, bool reset);

SIO_END
