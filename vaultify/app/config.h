/* The program's configuration: one table of options (config.c) over the structures of the parts it is for. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "app/option.h"
#include "chat/chat.h"
#include "outbox/outbox.h"
#include "sio.h"
#include "store/store.h"

enum config_scope { /* which commands know an option */
                    CONFIG_SERVE = 1,
                    CONFIG_DATA = 2,  /* works on the data directory */
                    CONFIG_TOKEN = 4, /* makes tokens */
                    CONFIG_PUSH = 8,  /* sends pushes */
};

enum config_environment { CONFIG_DEVELOPMENT, CONFIG_PRODUCTION };

struct config {
    const char *host; /* NULL: every address of the machine */
    uint32_t port;
    struct sio_tls tls; /* both files, or neither */
    bool demo;
    unsigned environment; /* enum config_environment */
    unsigned log_level;   /* enum sio_log_level */
    const char *secret;   /* JWT_SECRET; NULL: the one kept in the data directory */
    int64_t token_lifetime_ms;
    const char *metrics_token; /* NULL: none */
    bool rate_limits;
    const char *more_cors_headers;
    struct sio_config sio;
    struct chat_config chat;
    struct store_config store; /* store.directory is the data directory */
    struct outbox_config outbox;
    int64_t device_max_age_ms;
    char *cors_headers; /* what sio.cors.headers points to */
};

/* Zero, then every part's own defaults. */
void config_init(struct config *config);
void config_fini(struct config *config);

/* The table's rows of this scope over `config`. */
struct option_set config_options(struct config *config, unsigned scope);

/* After all sources: derives what follows from the options and checks them against each other. `scope` is the
 * command's. False with a sentence in `error`. */
bool config_finish(struct config *config, unsigned scope, char error[OPTION_ERROR_TEXT]);
