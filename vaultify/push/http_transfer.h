/* One request at a time on a curl easy handle that goes from request to request: what curl asks meanwhile, the guard
 * among it. Whoever holds it, one thread at a time. */
#pragma once
#include <curl/curl.h>

#include "base/list.h"
#include "push/http.h"
#include "sio_strbuf.h"

struct http_transfer {
    struct list node; /* the holder's */
    const struct push_http_config *config;
    CURL *easy;
    struct curl_slist *headers;
    struct sio_strbuf body;
    size_t received_bytes; /* head and body */
    bool guarded, refused;
    enum push_transport transport; /* once it has ended */
    void (*done)(const struct push_response *response, void *data);
    void *data;
    char error[CURL_ERROR_SIZE]; /* curl's words for it */
};

struct http_transfer *http_transfer_new(const struct push_http_config *config);
void http_transfer_free(struct http_transfer *t);

/* Ready to be handed to curl. No connection older than that is used. */
void http_transfer_begin(struct http_transfer *t, const struct push_request *request, long lifetime_s);
/* What curl says of it: sets `transport`. */
void http_transfer_end(struct http_transfer *t, CURLcode code);
/* Calls `done`, and is then ready for the next request. */
void http_transfer_tell(struct http_transfer *t);
