/* A Socket.IO server in one page: sends every event back to its sender, and acknowledges it with its own
 * arguments. */
#include <sio.h>
#include <stdio.h>
#include <stdlib.h>

static struct sio_namespace *everyone;

static void on_connect(struct sio_socket *socket, void *data) {
    struct sio_span id = sio_socket_id(socket);
    printf("%.*s came\n", (int)id.n, id.p);
}

static void on_event(struct sio_socket *socket, const struct sio_event *event, void *data) {
    struct sio_packet *packet = sio_packet_event_binary(everyone, event->name, event->args,
                                                        event->attachments, event->attachment_count);
    sio_emit(everyone, sio_socket_ref(socket), packet, SIO_MUST);
    sio_packet_unref(packet);
    sio_ack_send(everyone, event->ack, event->args);
}

static void on_disconnect(struct sio_socket *socket, enum sio_reason reason, void *data) {
    struct sio_span id = sio_socket_id(socket);
    printf("%.*s went: %s\n", (int)id.n, id.p, sio_reason_text(reason));
}

int main(int argc, char **argv) {
    struct sio_log log;
    struct sio_config config;
    struct sio_server *server;
    uint16_t port = (uint16_t)(argc > 1 ? strtoul(argv[1], NULL, 10) : 3000);

    sio_log_init(&log, 2, SIO_LOG_INFO);
    sio_config_init(&config);
    config.cors.origins = "*";
    config.stop_on_signals = true;
    config.log = &log;
    if (sio_server_new(&config, &server) != SIO_ERR_OK) return 1;
    everyone = sio_server_namespace(server, "/",
                                    &(struct sio_handlers){.on_connect = on_connect,
                                                           .on_event = on_event,
                                                           .on_disconnect = on_disconnect});
    enum sio_err e = sio_server_listen(server, "127.0.0.1", port);
    if (e == SIO_ERR_OK) {
        printf("echo is listening on http://127.0.0.1:%u\n", sio_server_port(server));
        fflush(stdout);
        e = sio_server_run(server);
    }
    if (e != SIO_ERR_OK) fprintf(stderr, "echo: port %u: %s\n", port, sio_err_text(e));
    sio_server_free(server);
    return e == SIO_ERR_OK ? 0 : 1;
}
