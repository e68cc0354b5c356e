/* Engine.IO alone, on "/engine/": every message comes back; the text "close" ends the socket, "who" asks for its id, its
 * address and a header, "burst" for a text and bytes in turn. Who is there is counted in /stats. */
#include <sio.h>
#include <stdlib.h>

#include "features.h"

static void on_open(struct sio_engine_socket *socket, void *app) {
    atomic_fetch_add(&((struct app *)app)->engine_sockets, 1);
    sio_engine_set_data(socket, app);
}

static void send_or_close(struct sio_engine_socket *socket, bool binary, struct sio_span message) {
    if (sio_engine_send(socket, binary, message) != SIO_ERR_OK) sio_engine_close(socket);
}

static void who(struct sio_engine_socket *socket) {
    struct sio_strbuf text = {0};
    sio_strbuf_span(&text, sio_engine_id(socket));
    sio_strbuf_char(&text, ' ');
    sio_strbuf_span(&text, sio_engine_address(socket));
    sio_strbuf_char(&text, ' ');
    sio_strbuf_span(&text, sio_engine_header(socket, SIO_SPAN("X-Name")));
    send_or_close(socket, false, sio_strbuf_as_span(&text));
    sio_strbuf_fini(&text);
}

static void burst(struct sio_engine_socket *socket) {
    for (int i = 0; i < 5; i++) {
        char digit = (char)('0' + i);
        send_or_close(socket, i % 2 == 1, sio_span_of(&digit, 1));
    }
}

static void on_message(struct sio_engine_socket *socket, bool binary, struct sio_span message, void *app) {
    if (!binary && sio_span_is(message, "close"))
        sio_engine_close(socket);
    else if (!binary && sio_span_is(message, "who"))
        who(socket);
    else if (!binary && sio_span_is(message, "burst"))
        burst(socket);
    else
        send_or_close(socket, binary, message);
}

static void on_close(struct sio_engine_socket *socket, enum sio_reason reason, void *data) {
    struct app *app = sio_engine_data(socket);
    if (sio_engine_send(socket, false, SIO_SPAN("late")) != SIO_ERR_CLOSED) abort();
    atomic_fetch_sub(&app->engine_sockets, 1);
}

void engine_serve_echo(struct app *app) {
    sio_server_engine(app->server, "/engine/",
                      &(struct sio_engine_handlers){
                          .on_open = on_open, .on_message = on_message, .on_close = on_close, .data = app});
}
