/* /health: does the process live, does it serve? */
#include "routes/table.h"

static void answer_status(struct route_call *call, int status, struct sio_span text) {
    struct route_answer answer;
    route_answer_open(&answer);
    sio_json_object_open(&answer.w);
    sio_json_key(&answer.w, SIO_SPAN("status"));
    sio_json_string(&answer.w, text);
    sio_json_key(&answer.w, SIO_SPAN("version"));
    sio_json_string(&answer.w, sio_span_cstr(call->routes->config.version));
    sio_json_object_close(&answer.w);
    route_answer_send(&answer, call, status);
}

void health_live_handle(struct route_call *call, struct chat_user *me) {
    answer_status(call, 200, SIO_SPAN("ok"));
}

void health_ready_handle(struct route_call *call, struct chat_user *me) {
    const struct routes_config *config = &call->routes->config;
    bool ready = !config->ready || config->ready(config->ready_data);
    if (ready)
        answer_status(call, 200, SIO_SPAN("ready"));
    else
        answer_status(call, 503, SIO_SPAN("starting or stopping"));
}
