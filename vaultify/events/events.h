/* The Socket.IO side of the product: namespace /messaging, its client events, and everything that chat
 * tells. */
#pragma once
#include "auth/auth.h"
#include "chat/chat.h"
#include "metrics/metrics.h"
#include "sio.h"
#include "sio_err.h"
#include "sio_log.h"

struct events;

struct events_config {
    struct auth *auth;
    bool rate_limits; /* false: load tests only */
    uint32_t content_max_bytes, metadata_max_bytes;
    const struct sio_log *log;
    struct metrics *metrics; /* NULL: nothing is counted */
};

/* Makes the namespace; before sio_server_run. SIO_ERR_INVALID: the table of events is wrong. */
enum sio_err events_new(const struct events_config *config, struct sio_server *server,
                        struct events **out) SIO_MUST_CHECK;

/* How chat reaches the sockets; `events` outlives the chat. */
void events_out(struct events *events, struct chat_out *out);

/* The chat that events are handed to; once, before sio_server_run. */
void events_bind(struct events *events, struct chat *chat);

/* After the loops have stopped. */
void events_free(struct events *events);
