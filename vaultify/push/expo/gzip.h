/* A body in gzip's form (RFC 1952), for services that take it. */
#pragma once
#include "base/span.h"
#include "sio_strbuf.h"

void gzip_add(struct sio_strbuf *out, struct sio_span bytes);
