/* Namespaces: what a program does when sockets come, speak and go, and who may join. */
#pragma once
#include <stddef.h>

#include "sio_api.h"
#include "sio_loop.h"
#include "sio_server.h"
#include "sio_span.h"

SIO_BEGIN

struct sio_namespace;
struct sio_socket;
struct sio_connect;
struct sio_event;

/* Why a socket was disconnected, in the words of Socket.IO. */
enum sio_reason {
    SIO_TRANSPORT_CLOSE,      /* "transport close" */
    SIO_TRANSPORT_ERROR,      /* "transport error" */
    SIO_PING_TIMEOUT,         /* "ping timeout" */
    SIO_PARSE_ERROR,          /* "parse error" */
    SIO_CLIENT_DISCONNECT,    /* "client namespace disconnect" */
    SIO_SERVER_DISCONNECT,    /* "server namespace disconnect" */
    SIO_FORCED_CLOSE,         /* "forced close" */
    SIO_SERVER_SHUTTING_DOWN, /* "server shutting down" */
};
const char *sio_reason_text(enum sio_reason reason);

/* All may be NULL. They run on the socket's loop. */
struct sio_handlers {
    /* A client asks to join. Answer with sio_connect_accept or sio_connect_refuse, exactly once, now or
     * later; what the client sends meanwhile waits and is then processed in order. NULL: everyone is
     * accepted. */
    void (*on_connecting)(struct sio_connect *connect, void *data);
    /* The socket is in; its CONNECT answer is queued. */
    void (*on_connect)(struct sio_socket *socket, void *data);
    void (*on_event)(struct sio_socket *socket, const struct sio_event *event, void *data);
    /* The last call for this socket; its rooms are still known. */
    void (*on_disconnect)(struct sio_socket *socket, enum sio_reason reason, void *data);
    /* The data of a socket that had its on_connect is not needed any more, and may be freed: right after
     * on_disconnect; with recovery (sio_config.h), if the client may come back, once it can no longer, which is
     * as late as sio_server_free. Then on_disconnect must leave the data alone. On the loop where the socket was
     * or where its client came back; once for each. */
    void (*on_forget)(void *socket_data, void *data);
    void *data;
};

/* Before sio_server_run, once for each name, which begins with a slash; "/" is the main namespace and exists only if it
 * is made here. Both arguments are copied. Lives as long as the server. */
struct sio_namespace *sio_server_namespace(struct sio_server *server, const char *name,
                                           const struct sio_handlers *handlers);

struct sio_span sio_namespace_name(const struct sio_namespace *ns);

/* ---- joining ---- */

/* What the client said is asked for before the answer, on sio_connect_loop, and lives until the callback in which it was
 * asked for returns; when the client has gone meanwhile, all but the auth payload is empty. A socket does not know it any
 * more: what is wanted later goes into `socket_data`. */

/* The JSON object of CONNECT; empty if none. A client of Socket.IO 2 has none; what it puts behind its namespace's name
 * ("/chat?token=x") comes as one, all values strings. */
struct sio_span sio_connect_auth(const struct sio_connect *connect);
/* A header of the handshake request; empty if absent. */
struct sio_span sio_connect_header(const struct sio_connect *connect, struct sio_span name);
/* The handshake request's query as it came, percent-encoded. */
struct sio_span sio_connect_query(const struct sio_connect *connect);
struct sio_span sio_connect_address(const struct sio_connect *connect); /* the peer's IP address, as text */
struct sio_namespace *sio_connect_namespace(const struct sio_connect *connect);
struct sio_loop *sio_connect_loop(const struct sio_connect *connect);

/* With recovery: does the client come back to a session that can go on? Its owner decides all the same (a token
 * may have expired), unless sio_recovery.skip_connecting. sio_connect_accept gives the socket `socket_data`, which
 * may be the former; if it is another one, on_forget is called for the former. `rooms` are joined besides those that
 * it was in. If too much happens before the answer, it becomes a new session, with `socket_data` and `rooms` alone. After
 * sio_connect_refuse the session is over. If the client has left meanwhile, its session waits again with the former
 * data, and `gone` is called for other data only. */
bool sio_connect_recovered(const struct sio_connect *connect);
void *sio_connect_former_data(const struct sio_connect *connect); /* NULL unless it comes back */

/* [any thread] Ends the decision; `connect` is gone. The socket joins `rooms` before anything emitted after
 * this call by the same thread can pass it by. `socket_data` becomes sio_socket_data. If the client has left
 * meanwhile, `gone` (when not NULL) is called on the loop instead of on_connect, so that socket_data can be
 * freed. */
void sio_connect_accept(struct sio_connect *connect, const struct sio_span *rooms, size_t room_count,
                        void *socket_data, void (*gone)(void *socket_data));
/* [any thread] CONNECT_ERROR {"message":…,"data":…}; `data` is JSON or empty. A client of Socket.IO 2 is told `data`
 * alone, or else `message`. */
void sio_connect_refuse(struct sio_connect *connect, struct sio_span message, struct sio_span data);

SIO_END
