/* A simulated Socket.IO client: joins, sends numbered events, answers, is cut off, comes back. */
#pragma once
#include "early.h"
#include "eio.h"
#include "payload.h"
#include "run.h"

struct client {
    struct run *run;
    unsigned index, connection;
    struct eio eio;
    bool mute;           /* joins nothing: the server is to lose patience */
    uint64_t opened_us;  /* when the session was opened */
    bool heard_upgraded; /* something has come over the WebSocket since the upgrade */
    bool wanted[NAMESPACES];
    bool left[NAMESPACES];                /* on this connection: what comes late is for the one who left */
    struct session *sessions[NAMESPACES]; /* NULL: not in, and not asked */
    struct early *early[NAMESPACES];      /* came before the answer to CONNECT */
    struct sim_event act, again, join;    /* the next action, connection, attempt to join */
    struct sio_strbuf partial;            /* a binary packet whose attachments are on the way */
    unsigned attachments_wanted, attachment_count;
    struct sio_strbuf attachments[PAYLOAD_ATTACHMENTS];
};

void client_start(struct client *client, struct run *run, unsigned index);
/* Says goodbye, and does not come back. */
void client_go(struct client *client);
void client_fini(struct client *client);
