/* HTTP/1.1 requests (RFC 9112): the head of one request, and a chunked body. Bytes in place, no memory of its
 * own. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "codec/parse.h"

struct http1_head {
    struct sio_span method;
    struct sio_span target; /* as it came */
    struct sio_span path,
        query;               /* of the target, cut at the first '?'; forms other than "/path?query" are bad */
    struct sio_span headers; /* the header lines with their CRLFs, without the empty line */
    int version;             /* 10 or 11 */
    size_t size;             /* of the whole head, the empty line included */
    bool keep_alive;         /* what the client wishes, its version's default regarded */
    bool chunked;
    bool has_length;
    uint64_t content_length;
    bool upgrade_websocket; /* Connection names upgrade, and Upgrade websocket; HTTP/1.1 only */
    bool expect_continue;   /* HTTP/1.1 only */
};

/* Reads a head from the front of `in`; `limit` bytes without its end are bad with *status 431. Bad heads set
 * *status to what the client is to be told: 400 (syntax, missing or double Host, Content-Length together with
 * Transfer-Encoding, a second Content-Length even if equal, Transfer-Encoding in HTTP/1.0, control
 * characters, blanks before a colon, folded lines), 431, 501 (a transfer coding other than chunked), 505 (a
 * version other than 1.x). A lone LF ends no line. Leading empty lines are skipped (one CRLF). Of a head that is bad
 * or has no end yet `out` holds what was right of it: method, path and query, and the header lines before the fault. */
enum parse_result http1_head_parse(struct sio_span in, size_t limit, struct http1_head *out, int *status);

/* Walks header lines: start with *rest = head.headers; false at the end. Value trimmed. */
bool http1_next_header(struct sio_span *rest, struct sio_span *name, struct sio_span *value);
/* First header of that name, without case; empty if absent. */
struct sio_span http1_header(struct sio_span headers, struct sio_span name);
/* Is `token` in the comma-separated list of any header of that name? Without case. */
bool http1_has_token(struct sio_span headers, struct sio_span name, struct sio_span token);
/* May this be a header's name, or another token (RFC 9110 §5.6.2)? And this a header's value? */
bool http1_is_token(struct sio_span s);
bool http1_is_value(struct sio_span s);

/* A chunked body, decoded in place: `in` points at undecoded bytes; on each call as much as there is is
 * taken. */
struct http1_chunked {
    uint64_t left;  /* of the chunk under way */
    uint8_t state;  /* zeroed to begin */
    uint8_t digits; /* of the size so far; limited */
    uint16_t line;  /* bytes of extensions and trailers in the whole body so far; limited */
};
/* Decodes p[0..n): the data bytes are moved together to the front of p, *data_n of them; *taken is how many
 * input bytes were used (all, unless the body ended or is bad). PARSE_OK: the body is complete. Trailers are
 * dropped. */
enum parse_result http1_chunked_decode(struct http1_chunked *c, char *p, size_t n, size_t *data_n,
                                       size_t *taken);

/* The standard reason phrase, "Unknown" if there is none. */
const char *http1_reason(int status);

/* Percent-decoding (RFC 3986 §2.1) with '+' as a blank when `form`; invalid escapes stay as they are. `out`
 * has room for in.n bytes; returns how many. */
size_t url_decode(struct sio_span in, bool form, char *out);
/* The last parameter of that (decoded) name in a query string, decoded into `out` (room for query.n). false:
 * absent. */
bool url_query(struct sio_span query, struct sio_span name, char *out, size_t *n);
