/* Sockets: one client in one namespace; its rooms, its events, and the acknowledgements it asks for. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "sio_api.h"
#include "sio_namespace.h"
#include "sio_server.h"
#include "sio_span.h"

SIO_BEGIN

/* A socket's address as a value: may be kept and used for ever, on any thread; finds nothing once the socket
 * is gone. */
struct sio_ref {
    uint32_t slot;
    uint32_t generation; /* 0: no socket */
    uint16_t loop;
};

/* 20 characters; those of Socket.IO 2 clients (allow_eio3) have "/namespace#" before them outside "/". */
struct sio_span sio_socket_id(const struct sio_socket *socket);
struct sio_ref sio_socket_ref(const struct sio_socket *socket);
/* On the loop that the reference names; NULL when the socket is gone. */
struct sio_socket *sio_socket_find(struct sio_server *server, struct sio_ref ref);
struct sio_namespace *sio_socket_namespace(const struct sio_socket *socket);
struct sio_server *sio_socket_server(const struct sio_socket *socket);
struct sio_loop *sio_socket_loop(const struct sio_socket *socket);
/* Went on with its client's session (sio_config.h): the client has what it missed, or gets it now. The id is the
 * old one, the sio_ref is new. */
bool sio_socket_recovered(const struct sio_socket *socket);
void *sio_socket_data(const struct sio_socket *socket);
void sio_socket_set_data(struct sio_socket *socket, void *data);

void sio_socket_join(struct sio_socket *socket, struct sio_span room); /* joining twice is joining once */
void sio_socket_leave(struct sio_socket *socket, struct sio_span room);
bool sio_socket_in(const struct sio_socket *socket, struct sio_span room);

/* How far a disconnect goes, and whether the client comes back. */
enum sio_leave {
    SIO_LEAVE,     /* this namespace is left: the client sees "io server disconnect" and stays away until
                             its user connects again; the connection and its other namespaces go on */
    SIO_LEAVE_ALL, /* all namespaces of the connection are left so, and it is closed */
    SIO_CLOSE_CONNECTION, /* without a word: the client sees "transport close" in all its namespaces, and comes
                             back by itself */
};

/* on_disconnect runs before this returns: SIO_SERVER_DISCONNECT, or SIO_FORCED_CLOSE for the last kind. The socket is
 * not to be used any more. */
void sio_socket_disconnect(struct sio_socket *socket, enum sio_leave how);

/* ---- events from clients ---- */

/* A client's wish for an acknowledgement, as a value: may be kept, used once, on any thread. */
struct sio_ack {
    struct sio_ref socket;
    bool wanted; /* false: sio_ack_send does nothing */
    uint64_t id;
};

/* Lives until the callback returns. */
struct sio_event {
    struct sio_span name; /* decoded; a numeric name as its digits */
    struct sio_span args; /* the arguments behind the name as a JSON array, "[]" when there is none */
    struct sio_ack ack;
    /* What is binary, in the order of the placeholders {"_placeholder":true,"num":N} in `args`. */
    const struct sio_span *attachments;
    size_t attachment_count;
};

/* [any thread] `ns` is the namespace that the event came to; `args` is a JSON array. */
void sio_ack_send(struct sio_namespace *ns, struct sio_ack ack, struct sio_span args);
/* The same with attachments, as in sio_packet_event_binary. */
void sio_ack_send_binary(struct sio_namespace *ns, struct sio_ack ack, struct sio_span args,
                         const struct sio_span *attachments, size_t count);

SIO_END
