/* Requests to the server that runs on a data directory, through its control socket. Blocks; for the commands.
 */
#pragma once
#include <stdint.h>

#include "base/err.h"
#include "base/span.h"
#include "base/strbuf.h"

struct control_reply {
    int status; /* HTTP's */
    struct strbuf body;
};

/* `body` NULL bytes: GET, else POST. ERR_CLOSED: nobody listens there, nothing was sent; ERR_TIMEOUT, ERR_IO,
 * ERR_LIMIT (an answer larger than 64 MiB): what was asked for may have happened. The caller frees
 * reply->body (strbuf_fini) in every case. */
enum err control_request(const char *directory, const char *path, struct span body, uint32_t timeout_ms,
                         struct control_reply *reply) MUST_CHECK;
enum { CONTROL_TIMEOUT_MS = 600000 /* a large import takes a while */ };
