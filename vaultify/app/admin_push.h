/* What the push commands do to the data: straight in the store when no server runs, else through the server's
 * control socket. Blocks. Each tells standard error what went wrong. */
#pragma once
#include "app/config.h"
#include "base/arena.h"
#include "base/uuid.h"

struct admin_push_dead {
    uint64_t key, attempts;
    struct sio_span user, provider, error, died_at;
};
struct admin_push_list {
    uint64_t after_key; /* in: only those behind it; 0: from the first. At most STORE_PUSH_BATCH_MAX */
    const struct admin_push_dead *rows; /* out, in the arena */
    size_t count;
};
bool admin_push_list(const struct config *config, struct admin_push_list *list, struct arena *arena);

struct admin_push_retry {
    uint64_t key;     /* in: 0: all, STORE_PUSH_BATCH_MAX at a time */
    uint64_t count;   /* out: wait again */
    bool server_runs; /* out */
};
bool admin_push_retry(const struct config *config, struct admin_push_retry *retry);

struct admin_push_tested {
    struct sio_span device, platform, provider, outcome, reason;
};
struct admin_push_test {
    struct uuid user;                        /* in */
    const struct admin_push_tested *devices; /* out, in the arena */
    size_t count;
};
/* Without a server the pushes go out from here, with the providers of `config`. */
bool admin_push_test(const struct config *config, struct admin_push_test *test, struct arena *arena);
