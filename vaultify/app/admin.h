/* What the commands do to the data: straight in the store when no server runs, else through the server's
 * control socket; the result is the same. Blocks. Each tells standard error what went wrong. */
#pragma once
#include <stdbool.h>

#include "app/config.h"
#include "base/arena.h"
#include "base/uuid.h"

struct admin_written {
    uint64_t estates, users, conversations; /* new or changed */
};

/* Imports the records of `json_lines` (wire/import.h): all or nothing. `source` names them in complaints. */
bool admin_import(const struct config *config, struct sio_span json_lines, const char *source,
                  struct admin_written *out);

struct admin_user {
    struct sio_span email, role, status; /* in the arena */
    bool server_runs;                    /* it was the server that answered */
};

/* Finds a user by id. The data directory must exist: looking something up makes none. */
bool admin_find_user(const struct config *config, const struct uuid *id, struct arena *arena,
                     struct admin_user *out);
