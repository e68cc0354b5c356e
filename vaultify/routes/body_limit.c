/* How long a body a request may have, decided by its head: nobody without a token can make the server keep a
 * large one. */
#include "routes/table.h"

enum { STRANGER_BODY_MAX = 4096 };

/* The most that any method of the path takes; the method itself is looked at when all is there. */
static size_t path_limit(const struct routes *routes, const struct sio_http_request *request, bool *of_user) {
    size_t most = 0;
    struct route_params params;
    for (size_t i = 0; i < route_row_count; i++) {
        const struct route_row *row = &route_rows[i];
        if (row->access == ROUTE_CONTROL && !request->local) continue;
        if (!route_match(row->pattern, request->path, &params)) continue;
        size_t max = route_row_body_max(row, &routes->limits);
        if (max <= most) continue;
        most = max;
        *of_user = row->access == ROUTE_USER;
    }
    return most;
}

/* A token that has expired counts too: its owner is to be told that, not that the body is too large. */
static bool has_token(const struct routes *routes, const struct sio_http_request *request) {
    struct auth_identity identity;
    struct sio_span header = sio_http_header(request, SIO_SPAN("authorization"));
    enum fault fault =
        auth_verify(routes->config.auth, auth_bearer(header), sio_loop_wall_ms(request->loop), &identity);
    return fault == FAULT_NONE || fault == FAULT_TOKEN_EXPIRED;
}

size_t routes_body_limit(const struct sio_http_request *request, void *data) {
    const struct routes *routes = data;
    bool of_user = false;
    size_t limit = path_limit(routes, request, &of_user);
    if (limit <= STRANGER_BODY_MAX || (of_user && !has_token(routes, request))) return STRANGER_BODY_MAX;
    return limit;
}
