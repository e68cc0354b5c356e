/* The body of every refused HTTP request. Any thread. */
#pragma once
#include "fault/fault.h"
#include "sio_strbuf.h"

struct wire_error_body {
    enum fault fault;
    struct sio_span message; /* empty: the fault's own */
    struct sio_span method, path;
    int64_t now_ms; /* since 1970 */
};
void wire_error_body(struct sio_strbuf *out, const struct wire_error_body *error);

/* The standard reason phrase of a status that faults have. */
const char *wire_reason(int status);
