/* HTTP routes of the program's own, on the server's port. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "sio_api.h"
#include "sio_server.h"
#include "sio_span.h"

SIO_BEGIN

/* Valid from the handler's call until it is answered. Percent-decoding is the reader's: path and query are as
 * they came. */
struct sio_http_request {
    struct sio_span method;  /* GET */
    struct sio_span path;    /* before the question mark */
    struct sio_span query;   /* behind it */
    struct sio_span body;    /* whole; at most max_http_body_bytes */
    struct sio_span address; /* the peer's IP address; "local" for a Unix socket */
    bool local;              /* came through sio_server_listen_unix */
    struct sio_loop *loop;
    void *data; /* the handler's own */
};

/* The first one of that name; empty if absent. */
struct sio_span sio_http_header(const struct sio_http_request *request, struct sio_span name);

struct sio_http_header_line {
    struct sio_span name, value;
};

/* [any thread] Answers and frees the request; exactly once for each. Content-Length, CORS and connection
 * headers are added; for HEAD the body is left out. If the client has gone, nothing is sent. */
void sio_http_respond(struct sio_http_request *request, int status,
                      const struct sio_http_header_line *headers, size_t header_count, struct sio_span body);

/* Every request that is not Engine.IO's comes here, whatever its method: those outside `path`, and those that name
 * something below it and have no EIO in their query, such as GET /socket.io/socket.io.js. Preflights are answered before
 * (with CORS on). Before sio_server_run. Without a handler: 404, and Engine.IO refuses what is below its path. */
void sio_server_on_http(struct sio_server *server,
                        void (*handler)(struct sio_http_request *request, void *data), void *data);

/* Called when such a request's head has come, with an empty `body`: how many bytes its body may have; the
 * limits of the configuration hold as well. A longer one is refused with 413. Without it the configured limits
 * hold alone. Before sio_server_run. */
void sio_server_on_http_head(struct sio_server *server,
                             size_t (*body_limit)(const struct sio_http_request *request, void *data),
                             void *data);

/* Called when the server refuses a request by itself, before it is whole: 400 (not valid HTTP), 408 (late), 413 (a body too
 * long), 431 (a head too long), 501 (a transfer coding other than chunked), 503 (the server stops), 505 (not HTTP/1). What is
 * known to be Engine.IO's does not come here. Of the others there is what could be read: method, path and query are empty
 * unless the first line was right, sio_http_header finds what came before the fault, and there is no body.
 *
 * The handler may answer with sio_http_respond, in this call and on its thread, at most once, also with another status; the
 * request ends with the call. What it does not answer is told `status` and no more, as everything is without a handler. CORS
 * headers are added but on a local listener, and the connection is closed; what the client still sends is thrown away for
 * a while, so that it can read the answer. Before sio_server_run. */
void sio_server_on_http_refused(struct sio_server *server,
                                void (*handler)(struct sio_http_request *request, int status, void *data),
                                void *data);

SIO_END
