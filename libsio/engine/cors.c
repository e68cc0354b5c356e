/* Cross-origin headers from one configuration. */
#include "engine/cors.h"

#include "codec/http1.h"

/* The entry of the configured list that equals the request's origin; empty if there is none. */
static struct span cors_match(const struct sio_cors *cors, struct span origin) {
    struct span rest = span_cstr(cors->origins);
    while (rest.p) {
        struct span one = span_trim(span_cut(&rest, ','));
        if (one.n && span_eq_nocase(one, origin)) return one;
    }
    return (struct span){0};
}

static bool cors_any(const struct sio_cors *cors) {
    return span_is(span_trim(span_cstr(cors->origins)), "*");
}

void cors_headers(const struct sio_cors *cors, struct span request_headers, struct strbuf *out) {
    if (!cors->origins) return;
    if (cors_any(cors)) {
        strbuf_lit(out, "Access-Control-Allow-Origin: *\r\n");
        return;
    }
    strbuf_lit(out, "Vary: Origin\r\n");
    struct span match = cors_match(cors, http1_header(request_headers, SPAN("origin")));
    if (!match.n) return;
    strbuf_lit(out, "Access-Control-Allow-Origin: ");
    strbuf_span(out, match);
    strbuf_lit(out, "\r\n");
    if (cors->credentials) strbuf_lit(out, "Access-Control-Allow-Credentials: true\r\n");
}

bool cors_is_preflight(const struct sio_cors *cors, struct span method) {
    return cors->origins && span_is(method, "OPTIONS");
}

/* The requested header names, if they are nothing but names: they are echoed into the answer. */
static struct span cors_requested(struct span request_headers) {
    struct span names = http1_header(request_headers, SPAN("access-control-request-headers"));
    for (size_t i = 0; i < names.n; i++) {
        char c = names.p[i];
        bool fine = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                    (c != 0 && strchr("-_, ", c) != NULL);
        if (!fine) return (struct span){0};
    }
    return names;
}

void cors_preflight(const struct sio_cors *cors, struct span request_headers, struct strbuf *out) {
    cors_headers(cors, request_headers, out);
    strbuf_printf(out, "Access-Control-Allow-Methods: %s\r\n",
                  cors->methods ? cors->methods : "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS");
    if (cors->headers) {
        strbuf_printf(out, "Access-Control-Allow-Headers: %s\r\n", cors->headers);
    } else {
        struct span names = cors_requested(request_headers);
        strbuf_lit(out, "Vary: Access-Control-Request-Headers\r\n");
        if (names.n) {
            strbuf_lit(out, "Access-Control-Allow-Headers: ");
            strbuf_span(out, names);
            strbuf_lit(out, "\r\n");
        }
    }
    if (cors->max_age_s) strbuf_printf(out, "Access-Control-Max-Age: %u\r\n", cors->max_age_s);
}
