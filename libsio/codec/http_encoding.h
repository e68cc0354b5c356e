/* Content codings of HTTP answers: which one a client wants (RFC 9110 §12.5.3), and applying it. */
#pragma once
#include "base/span.h"
#include "sio_strbuf.h"

enum http_encoding { HTTP_IDENTITY, HTTP_GZIP, HTTP_DEFLATE };

/* The name for Content-Encoding. */
const char *http_encoding_name(enum http_encoding encoding);

/* What an Accept-Encoding header prefers: the highest quality, then what it names rather than "*", then its order.
 * HTTP_IDENTITY when it is empty or wants neither of the others. */
enum http_encoding http_encoding_choose(struct sio_span accept_encoding);

/* Appends `in`, coded; quickly rather than tightly. Not HTTP_IDENTITY. */
void http_encode(enum http_encoding encoding, struct sio_span in, struct sio_strbuf *out);
