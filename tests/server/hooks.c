/* With --hooks: who may open a session is asked in the query, "door=refuse", "door=no+entry" (refused in these words),
 * "door=thread" (accepted, and "door=thread-refuse" refused, by another thread); answers carry lines of our own. */
#include <stdlib.h>

#include "features.h"

static void accept(struct app *app, void *handshake) { sio_handshake_accept(handshake); }
static void refuse(struct app *app, void *handshake) { sio_handshake_refuse(handshake, SPAN("not \"you\"")); }

static bool says(const struct sio_handshake *handshake, const char *text) {
    struct span query = sio_handshake_query(handshake);
    while (query.p)
        if (span_is(span_cut(&query, '&'), text)) return true;
    return false;
}

static void decide(struct sio_handshake *handshake, void *app) {
    if (sio_handshake_header(handshake, SPAN("Host")).n == 0 || sio_handshake_address(handshake).n == 0 ||
        sio_handshake_path(handshake).n == 0 || sio_handshake_loop(handshake) != sio_loop_here())
        abort();
    if (says(handshake, "door=thread"))
        app_thread(app, accept, handshake);
    else if (says(handshake, "door=thread-refuse"))
        app_thread(app, refuse, handshake);
    else if (says(handshake, "door=no+entry"))
        sio_handshake_refuse(handshake, SPAN("no entry"));
    else if (says(handshake, "door=refuse"))
        sio_handshake_refuse(handshake, (struct span){0});
    else
        sio_handshake_accept(handshake);
}

static void add(struct sio_headers *headers, void *app) {
    if (sio_headers_add(headers, SPAN("X-Answer"), SPAN("yes")) != ERR_OK) abort();
    if (sio_headers_add(headers, SPAN("X-Bad"), SPAN("a\r\nb")) != ERR_INVALID) abort();
    if (sio_headers_add(headers, SPAN("X Bad"), SPAN("a")) != ERR_INVALID) abort();
    if (!sio_headers_initial(headers)) return;
    struct span name = sio_headers_request(headers, SPAN("X-Name"));
    if (sio_headers_add(headers, SPAN("X-First"), name.n ? name : SPAN("nobody")) != ERR_OK) abort();
}

void hooks_serve(struct app *app) {
    sio_server_on_handshake(app->server, decide, app);
    sio_server_on_headers(app->server, add, app);
}
