/* Requests to the server that runs on a data directory, through its control socket. Blocks; for the commands.
 */
#pragma once
#include <stdint.h>

#include "base/span.h"
#include "sio_err.h"
#include "sio_strbuf.h"

struct control_reply {
    int status; /* HTTP's */
    struct sio_strbuf body;
};

/* `body` NULL bytes: GET, else POST. SIO_ERR_CLOSED: nobody listens there, nothing was sent; SIO_ERR_TIMEOUT, SIO_ERR_IO,
 * SIO_ERR_LIMIT (an answer larger than 64 MiB): what was asked for may have happened. The caller frees
 * reply->body (sio_strbuf_fini) in every case. */
enum sio_err control_request(const char *directory, const char *path, struct sio_span body,
                             uint32_t timeout_ms, struct control_reply *reply) SIO_MUST_CHECK;
enum { CONTROL_TIMEOUT_MS = 600000 /* a large import takes a while */ };
