/* GET /metrics: what was counted since the start, and how things stand now, for Prometheus. */
#include "metrics/metrics.h"

#include "routes/table.h"

/*    of struct sio_stats   kind     exposed as                        help */
#define SERVER_TABLE(X)                                                                                      \
    X(connections, gauge, "vaultify_connections", "Open TCP connections")                                    \
    X(sessions, gauge, "vaultify_sessions", "Open Engine.IO sessions")                                       \
    X(sockets, gauge, "vaultify_sockets", "Connected Socket.IO sockets")                                     \
    X(packets_out, counter, "vaultify_packets_out_total", "Packets delivered to a socket's queue")           \
    X(dropped, counter, "vaultify_packets_dropped_total",                                                    \
      "Packets not sent to slow receivers: typing, presence")                                                \
    X(slow_closed, counter, "vaultify_slow_closed_total", "Clients closed because they were slow")           \
    X(refused, counter, "vaultify_refused_total", "Requests and packets refused: malformed, over a limit")   \
    X(tls_failed, counter, "vaultify_tls_failed_total", "Connections that never finished their TLS handshake")

static void put_server(struct sio_server *server, struct sio_strbuf *out) {
    struct sio_stats stats;
    sio_server_stats(server, &stats, false);
#define SERVER_LINE(member, kind, name, help)                                                                \
    metrics_write_##kind(out, name, NULL, help, (double)stats.member);
    SERVER_TABLE(SERVER_LINE)
#undef SERVER_LINE
}

static void put_build(const char *version, struct sio_strbuf *out) {
    char label[64];
    snprintf(label, sizeof label, "version=\"%s\"", version);
    metrics_write_gauge(out, "vaultify_build_info", label, "The program that runs", 1);
}

static void put_push(struct routes *routes, int64_t now_ms, struct sio_strbuf *out) {
    struct store_push_stats stats;
    int64_t of_ms;
    if (!push_stats_get(&routes->push_stats, &stats, &of_ms)) return;
    metrics_write_gauge(out, "vaultify_push_figures_timestamp_seconds", NULL,
                        "When the store was asked for the following; at most every few seconds",
                        (double)of_ms / 1000);
    outbox_write_metrics(routes->config.outbox, &stats, now_ms, out);
}

static void page_send(struct route_call *call) {
    const struct routes_config *config = &call->routes->config;
    struct sio_strbuf page;
    sio_strbuf_init(&page);
    put_build(config->version, &page);
    metrics_write_process(&page);
    put_server(config->server, &page);
    metrics_write_gauge(&page, "vaultify_users_online", NULL,
                        "Users with a socket, or whose last one has just gone",
                        (double)chat_online_count(config->chat));
    put_push(call->routes, sio_loop_wall_ms(call->request->loop), &page);
    metrics_write(config->metrics, &page);
    route_text_send(call, SIO_SPAN("text/plain; version=0.0.4; charset=utf-8"), sio_strbuf_as_span(&page));
    sio_strbuf_fini(&page);
}

/* When the store does not say, the figures of the last time stay. */
static void stats_read(struct store_op *op) {
    struct route_call *call = op->data;
    if (op->fault == FAULT_NONE) push_stats_put(&call->routes->push_stats, (const void *)op);
    route_op_end(call, op);
    page_send(call);
}

/* On the control socket it is the administrator who asks, not a scraper. */
void metrics_handle(struct route_call *call, struct chat_user *me) {
    int64_t now_ms = sio_loop_wall_ms(call->request->loop);
    if (push_stats_ask(&call->routes->push_stats, now_ms, call->request->local))
        route_op_submit(call, route_op_new(call, STORE_PUSH_STATS, stats_read));
    else
        page_send(call);
}
