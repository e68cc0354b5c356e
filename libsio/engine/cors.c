/* Cross-origin headers from one configuration. */
#include "engine/cors.h"

#include "codec/http1.h"

/* The entry of the configured list that equals the request's origin; empty if there is none. */
static struct sio_span cors_match(const struct sio_cors *cors, struct sio_span origin) {
    struct sio_span rest = sio_span_cstr(cors->origins);
    while (rest.p) {
        struct sio_span one = sio_span_trim(sio_span_cut(&rest, ','));
        if (one.n && sio_span_eq_nocase(one, origin)) return one;
    }
    return (struct sio_span){0};
}

static bool cors_any(const struct sio_cors *cors) {
    return sio_span_is(sio_span_trim(sio_span_cstr(cors->origins)), "*");
}

void cors_headers(const struct sio_cors *cors, struct sio_span request_headers, struct sio_strbuf *out) {
    if (!cors->origins) return;
    if (cors_any(cors)) {
        sio_strbuf_lit(out, "Access-Control-Allow-Origin: *\r\n");
        return;
    }
    sio_strbuf_lit(out, "Vary: Origin\r\n");
    struct sio_span match = cors_match(cors, http1_header(request_headers, SIO_SPAN("origin")));
    if (!match.n) return;
    sio_strbuf_lit(out, "Access-Control-Allow-Origin: ");
    sio_strbuf_span(out, match);
    sio_strbuf_lit(out, "\r\n");
    if (cors->credentials) sio_strbuf_lit(out, "Access-Control-Allow-Credentials: true\r\n");
}

bool cors_is_preflight(const struct sio_cors *cors, struct sio_span method) {
    return cors->origins && sio_span_is(method, "OPTIONS");
}

/* The requested header names, if they are nothing but names: they are echoed into the answer. */
static struct sio_span cors_requested(struct sio_span request_headers) {
    struct sio_span names = http1_header(request_headers, SIO_SPAN("access-control-request-headers"));
    for (size_t i = 0; i < names.n; i++) {
        char c = names.p[i];
        bool fine = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    (c != 0 && strchr("-_, ", c) != NULL);
        if (!fine) return (struct sio_span){0};
    }
    return names;
}

void cors_preflight(const struct sio_cors *cors, struct sio_span request_headers, struct sio_strbuf *out) {
    cors_headers(cors, request_headers, out);
    sio_strbuf_printf(out, "Access-Control-Allow-Methods: %s\r\n",
                      cors->methods ? cors->methods : "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS");
    if (cors->headers) {
        sio_strbuf_printf(out, "Access-Control-Allow-Headers: %s\r\n", cors->headers);
    } else {
        struct sio_span names = cors_requested(request_headers);
        sio_strbuf_lit(out, "Vary: Access-Control-Request-Headers\r\n");
        if (names.n) {
            sio_strbuf_lit(out, "Access-Control-Allow-Headers: ");
            sio_strbuf_span(out, names);
            sio_strbuf_lit(out, "\r\n");
        }
    }
    if (cors->max_age_s) sio_strbuf_printf(out, "Access-Control-Max-Age: %u\r\n", cors->max_age_s);
}
