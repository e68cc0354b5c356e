/* The configuration of a server: every limit and time with its unit and its default. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sio_api.h"
#include "sio_log.h"

SIO_BEGIN

/* Cross-origin access, for Engine.IO and HTTP routes alike. Strings are the caller's and outlive the server. It is
 * about what pages may read; browsers open WebSockets from any page. Who trusts cookies refuses foreign origins in
 * sio_server_on_handshake; who wants a token in CONNECT need not. */
struct sio_cors {
    const char *origins; /* "*", or a comma-separated list of exact origins; NULL: no CORS header at all */
    const char *methods; /* NULL: GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS */
    const char *headers; /* allowed request headers; NULL: those that the preflight asks for */
    bool credentials;    /* never together with "*" */
    uint32_t max_age_s;  /* how long a preflight may be remembered; 0: not said */
};

/* How Socket.IO packets are written; a server speaks one form, and its clients are made for it.
 *
 * With SIO_PARSER_MSGPACK (`socket.io-msgpack-parser` of the clients) a packet is one binary message, and what is
 * binary in it stands in its place. Arguments here stay JSON with placeholders and attachments; what msgpack can
 * say and JSON cannot becomes what JSON.stringify makes of it: undefined is null, and in an object no member; a
 * Date is its ISO text; NaN is null. Integers keep all their digits. A client is closed that sends text, binary
 * in CONNECT, map keys that are neither strings nor integers, or, beside binary, an object of its own in which
 * "_placeholder" is true. Reading costs more than JSON does: a fraction up to 3 microseconds, so a packet of
 * 1 MB of them a third of a second of its loop; a smaller max_payload_bytes bounds that. */
enum sio_parser { SIO_PARSER_JSON, SIO_PARSER_MSGPACK };

/* Connection state recovery: a client whose connection broke comes back to its session. It keeps its id, its
 * rooms and its data, and gets every event that it missed, once and in order. What is recovered are events
 * emitted with SIO_MUST without an acknowledgement; they carry one more argument at their end, a string that
 * the client remembers. If anything cannot be made up for, the client gets a new session (sio_socket_recovered
 * says which it is). All of it is in the memory of the process, and ends with it. */
struct sio_recovery {
    uint32_t max_disconnection_ms; /* how long a session waits for its client; default 0: no recovery. The
                                      reference server's own default is 120000 */
    size_t max_bytes; /* of events kept in all namespaces together; the oldest of the one that adds go first,
                         and one with more than an equal part leaves an eighth to others; default 32 MiB */
    uint32_t max_sessions; /* waiting in all namespaces together; the same; default 100000 */
    bool skip_connecting;  /* on_connecting is asked for new sessions alone, also in the place of one that
                             cannot go on; not for a client that comes back to its session */
};

/* permessage-deflate on WebSockets. Each message is compressed for itself, so that an idle connection keeps nothing
 * and a broadcast is compressed once for all its receivers. A client that asks for a small window (server_max_window_bits)
 * gets what is longer than that window as it is. */
struct sio_deflate {
    bool enabled;           /* default off: clients' offers are left alone */
    size_t threshold_bytes; /* shorter messages are sent as they are; default 1024 */
    size_t max_bytes;       /* longer ones too, for compressing occupies the loop; default 1 MiB */
    unsigned level;         /* 1 (fast) to 9 (small); default 6 */
    unsigned memory;        /* of a loop, 1 (least) to 9 (2^(memory + 9) bytes and 128 KiB); default 8 */
};

/* A cookie with the session's id, for load balancers; set by the answer to a polling handshake alone. Strings are the
 * caller's, outlive the server, and go into the header as they are. */
struct sio_cookie {
    const char *name;      /* NULL: no cookie; the usual one is "io" */
    const char *path;      /* default "/"; NULL: not said */
    const char *same_site; /* "Strict", "Lax" or "None"; default "Lax"; NULL: not said */
    bool http_only;        /* default true */
    bool secure;
    uint32_t max_age_s; /* 0: until the browser ends */
};

enum { SIO_POLLING = 1, SIO_WEBSOCKET = 2 }; /* bits of sio_config.transports */

struct sio_config {
    const char *path;    /* of Engine.IO's requests, as a prefix; default "/socket.io/". What names something
                            below it without an EIO in its query goes to sio_server_on_http */
    unsigned transports; /* default SIO_POLLING | SIO_WEBSOCKET */
    bool allow_upgrades; /* false: clients are not told that they may change to WebSocket; default true */
    bool allow_eio3;     /* Engine.IO 3 as well: socket.io-client 1.x and 2.x; default false. By
                            their protocol a socket's id in "/" is that of its session: to be told to
                            nobody else */
    unsigned threads;    /* loops; default 0: one a core; at most 64 */
    uint32_t ping_interval_ms;   /* default 25000 */
    uint32_t ping_timeout_ms;    /* default 20000 */
    uint32_t upgrade_timeout_ms; /* from a probe's first byte to its end; default 10000 */
    uint32_t connect_timeout_ms; /* to join a first namespace; default 45000 */
    uint32_t head_timeout_ms;    /* from a request's first byte to its last header; default 10000 */
    uint32_t body_timeout_ms;    /* from there to its last body byte; default 30000 */
    uint32_t keepalive_ms;       /* an idle HTTP connection; default 5000 */
    size_t max_payload_bytes;    /* one Engine.IO packet or polling body, announced as maxPayload; default
                                    1000000 */
    size_t max_unjoined_bytes; /* the same until a session has joined its first namespace, the auth payload of
                                    its CONNECT included; not announced; default 65536 */
    uint32_t max_unjoined;     /* sessions that have joined no namespace yet, in equal parts for each loop;
                                  default 50000; above, the oldest is dropped: one without a waiting poll
                                  first, one with a WebSocket last, none whose CONNECT is being decided.
                                  When all are, the newcomer is refused with 503 */
    size_t
        http_compression_bytes; /* answers to polls from this size on are compressed for clients that accept it;
                                      default 1024; 0: never */
    size_t max_http_head_bytes;  /* default 16384 */
    size_t max_http_body_bytes;  /* of a route's request; default 1 MiB */
    size_t max_local_body_bytes; /* the same over a Unix socket; default 256 MiB */
    size_t out_queue_bytes;      /* waiting for one slow receiver; default 4 MiB; then sio_delivery decides */
    size_t polling_queue_bytes;  /* the same between two polls of a polling client; default 16 MiB */
    size_t stalled_bytes; /* waiting for all peers that do not read, answers to requests included, in equal
                                parts for each loop; default 256 MiB; above, the one that has read nothing for
                                the longest time is closed. What is the same for many counts once.
                                Between two polls of all polling clients together may wait as much again;
                                above, the one that has polled least recently is closed */
    size_t pending_bytes; /* received for one socket while its CONNECT is being decided; default 256 KiB */
    unsigned
        max_attachments;  /* of one packet, received or sent; default 10, the official client's own limit */
    size_t partial_bytes; /* of a packet of which attachments have yet to come; default 16 MiB */
    uint32_t partial_timeout_ms;     /* for them to come; default 30000 */
    unsigned max_namespaces;         /* joined by one connection; default 32 */
    uint32_t max_dynamic_namespaces; /* made by sio_server_namespace_match and there now; default 10000 */
    uint32_t max_namespace_bytes;    /* of such a one's name; a longer one matches nothing; default 256 */
    size_t max_gathered_bytes; /* kept for one sio_broadcast_with_ack or sio_sockets_fetch; default 16 MiB */
    uint32_t max_connections;  /* TCP connections altogether; default 1000000; more are closed at once */
    uint32_t stop_timeout_ms;  /* the longest that sio_server_stop may take; default 8000 */
    bool stop_on_signals;      /* SIGINT and SIGTERM call sio_server_stop; default false */
    bool reload_on_sighup;     /* SIGHUP calls sio_server_reload_tls; default false */
    enum sio_parser parser;    /* default SIO_PARSER_JSON */
    struct sio_deflate deflate;
    struct sio_recovery recovery;
    struct sio_cors cors;
    struct sio_cookie cookie;
    const struct sio_log *log; /* the caller's, outlives the server; default NULL: silent */
};

/* Fills in every default; what says none above is off, absent or 0. */
void sio_config_init(struct sio_config *config);

SIO_END
