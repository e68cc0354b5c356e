/* Ties the table of routes to the server. */
#include "routes/routes.h"

#include "base/mem.h"
#include "routes/table.h"

enum sio_err routes_new(const struct routes_config *config, struct routes **out) {
    enum sio_err e = route_rows_check(route_rows, route_row_count, config->log);
    if (e) return e;
    struct routes *routes = mem_new(struct routes);
    routes->config = *config;
    routes->limits = (struct wire_limits){config->content_max_bytes, config->metadata_max_bytes};
    push_stats_init(&routes->push_stats);
    sio_server_on_http(config->server, routes_on_http, routes);
    sio_server_on_http_head(config->server, routes_body_limit, routes);
    sio_server_on_http_refused(config->server, routes_on_refused, routes);
    *out = routes;
    return SIO_ERR_OK;
}

void routes_free(struct routes *routes) {
    push_stats_fini(&routes->push_stats);
    free(routes);
}
