/* The HTTP side of the product: REST routes on the Socket.IO port, health, and the control routes of the
 * administrator's command line on the Unix socket. */
#pragma once
#include "assets/assets.h"
#include "auth/auth.h"
#include "chat/chat.h"
#include "outbox/outbox.h"
#include "sio.h"
#include "sio_err.h"
#include "sio_log.h"
#include "store/store.h"

struct routes;

/* Somebody whom everybody may try the demo as. */
struct routes_demo_user {
    struct user_row row;
    struct sio_span estate_name;
};
enum { ROUTES_DEMO_TOKEN_MS = 24 * 60 * 60 * 1000 };

struct routes_config {
    struct auth *auth;
    struct chat *chat;
    struct store *store;
    struct outbox *outbox;
    struct sio_server *server;
    const struct asset_table *assets;
    const struct routes_demo_user *demo_users; /* NULL: this is no demo */
    size_t demo_user_count;
    bool rate_limits; /* false: load tests only */
    uint32_t content_max_bytes, metadata_max_bytes;
    bool (*ready)(void *ready_data); /* does the server serve? any loop; NULL: always */
    void *ready_data;
    const char *version;
    struct metrics *metrics;
    const char *metrics_token; /* what GET /metrics asks for, but on the Unix socket; NULL: there is none */
    bool metrics_open;         /* without one everybody may read them, else the Unix socket alone */
    const struct sio_log *log;
};

/* Takes the server's HTTP requests; before sio_server_run. SIO_ERR_INVALID: the table of routes is wrong. What
 * the configuration points at outlives the routes. */
enum sio_err routes_new(const struct routes_config *config, struct routes **out) SIO_MUST_CHECK;

/* After the loops have stopped. */
void routes_free(struct routes *routes);
