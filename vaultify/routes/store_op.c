/* Operations of the store on behalf of a request. */
#include "routes/call.h"

void *route_op_new(struct route_call *call, enum store_op_kind kind, void (*done)(struct store_op *op)) {
    sio_server_hold(call->routes->config.server);
    return store_op_new(kind, call->request->loop, done, call);
}

void route_op_submit(struct route_call *call, struct store_op *op) {
    store_submit(call->routes->config.store, op);
}

void route_op_end(struct route_call *call, struct store_op *op) {
    sio_server_release(call->routes->config.server);
    store_op_free(op);
}

bool route_op_answer_open(struct store_op *op, struct route_answer *answer) {
    struct route_call *call = op->data;
    enum fault fault = op->fault;
    if (fault == FAULT_NONE) {
        route_answer_open(answer);
        return true;
    }
    route_op_end(call, op);
    route_refuse(call, fault);
    return false;
}

void route_op_answer_send(struct store_op *op, struct route_answer *answer, int status) {
    struct route_call *call = op->data;
    route_op_end(call, op);
    route_answer_send(answer, call, status);
}
