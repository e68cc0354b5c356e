/* Who may open a session is asked in a header: "x-refuse: TEXT" is refused in these words ("default": without any); "x-door:
 * thread" has another thread decide so, or accept. Answers carry lines of our own: "x-every", "x-initial", and "x-first" with
 * the request's "x-name". */
#include <stdlib.h>

#include "features.h"

static void answer(struct app *app, void *data) {
    struct sio_handshake *handshake = data;
    struct sio_span refuse = sio_handshake_header(handshake, SIO_SPAN("x-refuse"));
    if (!refuse.n)
        sio_handshake_accept(handshake);
    else
        sio_handshake_refuse(handshake, sio_span_is(refuse, "default") ? (struct sio_span){0} : refuse);
}

static void accept_elsewhere(struct app *app, void *handshake) { sio_handshake_accept(handshake); }
static void refuse_elsewhere(struct app *app, void *handshake) {
    sio_handshake_refuse(handshake, SIO_SPAN("not \"you\""));
}

static void decide(struct sio_handshake *handshake, void *data) {
    struct app *app = data;
    bool elsewhere = sio_span_is(sio_handshake_header(handshake, SIO_SPAN("x-door")), "thread");
    bool refused = sio_handshake_header(handshake, SIO_SPAN("x-refuse")).n > 0;
    if (sio_handshake_query(handshake).n == 0 || sio_handshake_address(handshake).n == 0 ||
        sio_handshake_path(handshake).n == 0 || sio_handshake_loop(handshake) != sio_loop_here())
        abort();
    if (elsewhere)
        app_thread(app, refused ? refuse_elsewhere : accept_elsewhere, handshake);
    else
        answer(app, handshake);
}

static void add(struct sio_headers *headers, void *app) {
    struct sio_span name = sio_headers_request(headers, SIO_SPAN("x-name"));
    if (sio_headers_add(headers, SIO_SPAN("x-every"), SIO_SPAN("yes")) != SIO_ERR_OK ||
        sio_headers_add(headers, SIO_SPAN("x-bad"), SIO_SPAN("a\r\nb")) != SIO_ERR_INVALID ||
        sio_headers_add(headers, SIO_SPAN("x bad"), SIO_SPAN("a")) != SIO_ERR_INVALID)
        abort();
    if (!sio_headers_initial(headers)) return;
    if (sio_headers_add(headers, SIO_SPAN("x-initial"), SIO_SPAN("yes")) != SIO_ERR_OK ||
        (name.n && sio_headers_add(headers, SIO_SPAN("x-first"), name) != SIO_ERR_OK))
        abort();
}

void hooks_serve(struct app *app) {
    sio_server_on_handshake(app->server, decide, app);
    sio_server_on_headers(app->server, add, app);
}
