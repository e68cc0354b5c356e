/* What a request's query says to Engine.IO. */
#include "base/mem.h"
#include "codec/http1.h"
#include "engine/internal.h"

bool has_parameter(const struct net_request *request, struct sio_span name, struct parameter *out) {
    char stack[512], *decoded = request->query.n <= sizeof(stack) ? stack : mem_alloc(request->query.n);
    size_t n = 0;
    bool found = url_query(request->query, name, decoded, &n);
    if (!found) n = 0;
    if (n > sizeof(out->bytes)) {
        n = 1;
        decoded[0] = '?'; /* there, but nothing that could be right */
    }
    memcpy(out->bytes, decoded, n);
    out->n = n;
    if (decoded != stack) free(decoded);
    return found;
}

struct sio_span parameter(const struct net_request *request, struct sio_span name, struct parameter *out) {
    (void)has_parameter(request, name, out);
    return sio_span_of(out->bytes, out->n);
}

uint8_t protocol_of(const struct engine *engine, const struct net_request *request) {
    struct parameter bytes;
    struct sio_span eio = parameter(request, SIO_SPAN("EIO"), &bytes);
    if (sio_span_is(eio, "4")) return 4;
    return engine->config->allow_eio3 && sio_span_is(eio, "3") ? 3 : 0;
}

bool wants_base64(const struct net_request *request) {
    struct parameter b64;
    return parameter(request, SIO_SPAN("b64"), &b64).n > 0;
}
