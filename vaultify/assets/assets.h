/* The files that the server hands out without a token: the page, its scripts, the stock client's bundles. They are part of the
 * program, compressed when it was built; nothing here allocates, blocks or changes. Any thread. */
#pragma once
#include <stddef.h>

#include "sio_http.h"
#include "sio_span.h"

enum asset_coding { ASSET_IDENTITY, ASSET_GZIP, ASSET_BROTLI, ASSET_CODINGS };

/* What a browser may do with it. headers.c says it in headers. */
enum asset_kind {
    ASSET_PAGE, /* a document, and the worker behind it: under the Content-Security-Policy, asked for anew each time */
    ASSET_HASHED, /* its name changes with its content: kept for a year */
    ASSET_FILE,   /* asked for anew each time */
    ASSET_SHARED, /* the same, for pages of other hosts too */
    ASSET_KINDS
};

struct asset_form {
    struct sio_span bytes; /* p is NULL: there is none in this coding. Identity is always there */
    const char *etag;      /* strong, so each coding has its own */
};

struct asset {
    const char *path; /* as it stands in a request: nothing is decoded, nothing normalised */
    const char *content_type;
    enum asset_kind kind;
    struct asset_form forms[ASSET_CODINGS];
};

struct asset_table {
    const struct asset *rows; /* by path, in bytewise order */
    size_t count;
};

/* The program's own, for app/ to hand down. Made by tools/embed-assets.mjs when the program is built; without a page, no_page.c. */
extern const struct asset_table assets_built_in;

/* The one at exactly this path; NULL: none. */
const struct asset *asset_find(const struct asset_table *table, struct sio_span path);

/* The name for Content-Encoding. */
const char *asset_coding_name(enum asset_coding coding);

/* What an Accept-Encoding header prefers among what there is (RFC 9110 §12.5.3): the highest quality, then the shortest.
 * Identity when it is empty, and also when it wants nothing that there is. */
enum asset_coding asset_choose(const struct asset *asset, struct sio_span accept_encoding);

/* Does an If-None-Match header name this etag (RFC 9110 §13.1.2)? */
bool asset_is_known(struct sio_span if_none_match, const char *etag);

/* What every answer with such an asset says besides Content-Type, Content-Encoding and ETag, 304 included. The line behind the
 * last one has no name. */
enum { ASSET_HEADERS_MAX = 8 };
extern const struct sio_http_header_line asset_headers[ASSET_KINDS][ASSET_HEADERS_MAX + 1];
