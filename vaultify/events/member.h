/* What a connected socket carries: whose it is, and until when its token is good. */
#pragma once
#include "events/call.h"

/* Made when a socket joins, freed when it goes; the socket's loop only, once it is in. */
struct member {
    struct events *events;
    struct uuid user, estate; /* estate nil: none */
    uint32_t epoch;           /* chat_connection_epoch */
    bool confirms;            /* has said that a message has arrived */
    int64_t expires_at;       /* of the token, ms since 1970 */
    struct sio_ref socket;
    struct sio_timer expiry;
};

/* Handlers of sio. */
void member_on_connecting(struct sio_connect *connect, void *data);
void member_on_connect(struct sio_socket *socket, void *data);
void member_on_disconnect(struct sio_socket *socket, enum sio_reason reason, void *data);
