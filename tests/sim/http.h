/* A simulated client's HTTP exchanges over one wire: a request, then its answer. */
#pragma once
#include "wire.h"

struct http {
    struct wire wire; /* first: its news are ours */
    struct sim *sim;
    uint16_t port;
    bool keep_alive;
    bool busy;                                                         /* an answer is awaited */
    uint64_t idle_us;                                                  /* since when it has been idle */
    void (*done)(struct http *http, int status, struct sio_span body); /* status 0: the connection broke */
};

/* `head`: request line and headers of the request's own, each line with its CRLF. Opens a connection where none stands
 * that may be used again. */
void http_ask(struct http *http, struct sio_span head, struct sio_span body);

/* Looks for a whole answer's head at the front of `in`: its size, 0 while there is none. */
size_t http_answer_head(struct sio_span in, int *status, size_t *length);
