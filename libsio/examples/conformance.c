/* The server that the official protocol test suites ask for: namespaces "/" and "/custom", each telling its
 * clients the auth payload they came with; "/" sends "message" back as "message-back" and acknowledges
 * "message-with-ack". /engine.io/ is Engine.IO alone, and sends every message back; for WebSocket suites there is a
 * bare echo on /echo. */
#include <getopt.h>
#include <sio.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- options ---- */

struct options {
    uint16_t port;
    struct sio_tls tls; /* no files: plain HTTP */
    struct sio_config config;
};

static const struct option names[] = {
    {"port", required_argument, NULL, 'p'},
    {"ping-interval", required_argument, NULL, 'i'},
    {"ping-timeout", required_argument, NULL, 't'},
    {"max-payload", required_argument, NULL, 'm'},
    {"cors", required_argument, NULL, 'c'},
    {"threads", required_argument, NULL, 'n'},
    {"tls", required_argument, NULL, 's'},
    {"deflate", no_argument, NULL, 'd'},
    {"eio3", no_argument, NULL, '3'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static const char usage[] =
    "conformance [--port 3000] [--ping-interval 300] [--ping-timeout 200] [--max-payload 1000000]\n"
    "            [--cors ORIGIN] [--threads N] [--tls CERTIFICATE KEY]\n"
    "            [--deflate] [--eio3]\n";

static bool number(const char *text, unsigned long max, unsigned long *out) {
    unsigned long long n;
    if (!sio_span_to_u64(sio_span_cstr(text), &n) || n > max) return false;
    *out = (unsigned long)n;
    return true;
}

/* Is optarg what this option takes? `left`: how many words follow. */
static bool argument_fits(int name, int left, unsigned long *n) {
    switch (name) {
    case 'h':
    case '?': return false;
    case 'c':
    case 'd':
    case '3': return true;
    case 's': return left > 0;
    default: return number(optarg, name == 'p' ? UINT16_MAX : UINT32_MAX / 2, n);
    }
}

/* false: one of them makes no sense. */
static bool options_read(struct options *o, int argc, char **argv) {
    unsigned long n = 0;
    *o = (struct options){.port = 3000};
    sio_config_init(&o->config);
    o->config.threads =
        1; /* requests sent at once over two connections are seen in the order of their arrival */
    o->config.ping_interval_ms = 300;
    o->config.ping_timeout_ms = 200;
    o->config.stop_on_signals = true;
    o->config.reload_on_sighup = true;
    for (int name; (name = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (!argument_fits(name, argc - optind, &n)) return false;
        switch (name) {
        case 'p': o->port = (uint16_t)n; break;
        case 'i': o->config.ping_interval_ms = (uint32_t)n; break;
        case 't': o->config.ping_timeout_ms = (uint32_t)n; break;
        case 'm': o->config.max_payload_bytes = n; break;
        case 'n': o->config.threads = (unsigned)n; break;
        case 'c': o->config.cors.origins = optarg; break;
        case 'd': o->config.deflate.enabled = true; break;
        case 's': o->tls = (struct sio_tls){optarg, argv[optind++]}; break;
        case '3': o->config.allow_eio3 = true; break;
        }
    }
    return optind == argc;
}

/* ---- both namespaces: "auth" ---- */

static void forget(void *data) {
    struct sio_strbuf *args = data;
    sio_strbuf_fini(args);
    free(args);
}

/* The payload is kept from CONNECT until the socket is there to be told. */
static void on_connecting(struct sio_connect *connect, void *data) {
    struct sio_span auth = sio_connect_auth(connect);
    struct sio_strbuf *args = malloc(sizeof(*args));
    if (!args) abort();
    sio_strbuf_init(args);
    sio_strbuf_char(args, '[');
    sio_strbuf_span(args, auth.n ? auth : SIO_SPAN("{}"));
    sio_strbuf_char(args, ']');
    sio_connect_accept(connect, NULL, 0, args, forget);
}

static void emit(struct sio_socket *socket, struct sio_span name, const struct sio_event *event,
                 struct sio_span args) {
    struct sio_namespace *ns = sio_socket_namespace(socket);
    struct sio_packet *packet = sio_packet_event_binary(ns, name, args, event ? event->attachments : NULL,
                                                        event ? event->attachment_count : 0);
    sio_emit(ns, sio_socket_ref(socket), packet, SIO_MUST);
    sio_packet_unref(packet);
}

static void on_connect(struct sio_socket *socket, void *data) {
    struct sio_strbuf *args = sio_socket_data(socket);
    emit(socket, SIO_SPAN("auth"), NULL, sio_strbuf_as_span(args));
    forget(args);
}

/* ---- "/" alone ---- */

static void on_event(struct sio_socket *socket, const struct sio_event *event, void *data) {
    if (sio_span_is(event->name, "message"))
        emit(socket, SIO_SPAN("message-back"), event, event->args);
    else if (sio_span_is(event->name, "message-with-ack"))
        sio_ack_send_binary(sio_socket_namespace(socket), event->ack, event->args, event->attachments,
                            event->attachment_count);
}

/* ---- /echo: WebSocket alone ---- */

static const struct sio_websocket_limits echo_limits = {
    .max_message_bytes = 16 * 1024 * 1024, .silence_ms = 60 * 1000, /* a suite expects no pings */
};

static void on_echo(struct sio_websocket *websocket, bool binary, struct sio_span message, void *data) {
    if (sio_websocket_send(websocket, binary, message) != SIO_ERR_OK) sio_websocket_close(websocket, 1011);
}

/* ---- Engine.IO alone ---- */

static void on_message(struct sio_engine_socket *socket, bool binary, struct sio_span message, void *data) {
    if (sio_engine_send(socket, binary, message) != SIO_ERR_OK)
        sio_engine_close(socket); /* it does not read */
}

/* ---- */

static enum sio_err listen_on(struct sio_server *server, const struct options *o) {
    return o->tls.chain_file ? sio_server_listen_tls(server, "127.0.0.1", o->port, &o->tls)
                             : sio_server_listen(server, "127.0.0.1", o->port);
}

static enum sio_err serve(struct sio_server *server, const struct options *options) {
    struct sio_handlers handlers = {.on_connecting = on_connecting, .on_connect = on_connect};
    sio_server_namespace(server, "/custom", &handlers);
    handlers.on_event = on_event;
    sio_server_namespace(server, "/", &handlers);
    sio_server_engine(server, "/engine.io/", &(struct sio_engine_handlers){.on_message = on_message});
    sio_server_websocket(server, "/echo", &(struct sio_websocket_handlers){.on_message = on_echo},
                         &echo_limits, NULL);
    enum sio_err e = listen_on(server, options);
    if (e != SIO_ERR_OK) return e;
    printf("conformance is listening on http%s://127.0.0.1:%u\n", options->tls.chain_file ? "s" : "",
           sio_server_port(server));
    fflush(stdout);
    return sio_server_run(server);
}

int main(int argc, char **argv) {
    struct options options;
    struct sio_server *server;
    struct sio_log log;
    if (!options_read(&options, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    sio_log_init(&log, 2, SIO_LOG_INFO);
    options.config.log = &log;
    if (sio_server_new(&options.config, &server) != SIO_ERR_OK) return 2;
    enum sio_err e = serve(server, &options);
    if (e != SIO_ERR_OK) fprintf(stderr, "conformance: port %u: %s\n", options.port, sio_err_text(e));
    sio_server_free(server);
    return e == SIO_ERR_OK ? 0 : 1;
}
