/* One thing to do to the data: straight in the store when no server runs, else through the server's control
 * socket. Blocks. Standard error is told what went wrong. */
#pragma once
#include "app/config.h"
#include "app/control_client.h"
#include "base/arena.h"

struct errand {
    const char *path;     /* of the control request */
    struct sio_span body; /* NULL bytes: GET */
    bool looks_only;      /* makes no data directory */
    bool (*in_store)(struct store *store, void *data);
    bool (*in_reply)(const struct control_reply *reply, void *data);
    void *data;
};

/* What the one of the two that was called returned; false when there was no way to the data. */
bool errand_run(const struct config *config, const struct errand *errand);

/* ---- replies ---- */

/* Says on standard error what is wrong with `source`; `line` 0: none in particular. Returns false. */
bool errand_complain(const char *source, uint32_t line, struct sio_span error);

/* The reply's object when it is a success; else a complaint with the server's own sentence. */
bool errand_reply_object(const struct control_reply *reply, const char *about, struct arena *arena,
                         struct sio_span *object);
/* A member's text, decoded into the arena; empty when it is no string. */
struct sio_span errand_reply_text(struct sio_span object, struct sio_span name, struct arena *arena);
uint64_t errand_reply_count(struct sio_span object, struct sio_span name);
