/* /control/push: pushes that could not be sent, and a test push, for the administrator's command line. */
#include "base/mem.h"
#include "routes/table.h"
#include "wire/rows.h"

/* ---- dead letters ---- */

struct dead_in {
    uint64_t after, limit;
};
static const struct wire_field dead_fields[] = {
    {"after", WIRE_U64, false, 0, INT64_MAX, offsetof(struct dead_in, after)},
    {"limit", WIRE_U64, false, 1, STORE_PUSH_BATCH_MAX, offsetof(struct dead_in, limit)},
};
const struct wire_schema push_dead_query = WIRE_SCHEMA(struct dead_in, dead_fields);

static void dead_listed(struct store_op *base) {
    struct store_push_dead_list *op = (struct store_push_dead_list *)base;
    struct route_answer answer;
    if (!route_op_answer_open(base, &answer)) return;
    sio_json_object_open(&answer.w);
    sio_json_key(&answer.w, SIO_SPAN("data"));
    sio_json_array_open(&answer.w);
    for (size_t i = 0; i < op->count; i++) wire_put_push_dead(&answer.w, &op->rows[i]);
    sio_json_array_close(&answer.w);
    sio_json_key(&answer.w, SIO_SPAN("total"));
    sio_json_i64(&answer.w, (int64_t)op->total);
    sio_json_object_close(&answer.w);
    route_op_answer_send(base, &answer, 200);
}

void control_push_dead_handle(struct route_call *call, struct chat_user *me) {
    const struct dead_in *in = call->query;
    struct store_push_dead_list *op = route_op_new(call, STORE_PUSH_DEAD_LIST, dead_listed);
    op->after_key = (int64_t)in->after;
    op->limit = limit_or(in->limit, STORE_PUSH_BATCH_MAX);
    route_op_submit(call, &op->op);
}

/* ---- retry ---- */

struct retry_in {
    uint64_t key;
};
static const struct wire_field retry_fields[] = {
    {"key", WIRE_U64, false, 1, INT64_MAX, offsetof(struct retry_in, key)},
};
const struct wire_schema push_retry_body = WIRE_SCHEMA(struct retry_in, retry_fields);

static void retried(struct store_op *base) {
    struct store_push_dead_retry *op = (struct store_push_dead_retry *)base;
    struct route_call *call = base->data;
    struct route_answer answer;
    if (!route_op_answer_open(base, &answer)) return;
    outbox_wake(call->routes->config.outbox);
    sio_json_object_open(&answer.w);
    sio_json_key(&answer.w, SIO_SPAN("count"));
    sio_json_i64(&answer.w, op->count);
    sio_json_object_close(&answer.w);
    route_op_answer_send(base, &answer, 200);
}

void control_push_retry_handle(struct route_call *call, struct chat_user *me) {
    const struct retry_in *in = call->body;
    struct store_push_dead_retry *op = route_op_new(call, STORE_PUSH_DEAD_RETRY, retried);
    op->key = (int64_t)in->key;
    route_op_submit(call, &op->op);
}

/* ---- a test push ---- */

struct test_in {
    struct uuid user;
};
static const struct wire_field test_fields[] = {
    {"user", WIRE_UUID, true, 0, 0, offsetof(struct test_in, user)},
};
const struct wire_schema push_test_body = WIRE_SCHEMA(struct test_in, test_fields);

/* From the request's loop to the outbox's thread and back. */
struct testing {
    struct outbox_test test;
    struct route_call *call;
    struct sio_task back;
    enum fault fault;
    struct route_answer answer;
};

static void test_back(struct sio_task *task) {
    struct testing *testing = container_of(task, struct testing, back);
    struct route_call *call = testing->call;
    sio_server_release(call->routes->config.server);
    if (testing->fault == FAULT_NONE) {
        route_answer_send(&testing->answer, call, 200);
    } else {
        sio_strbuf_fini(&testing->answer.text);
        route_refuse(call, testing->fault);
    }
    free(testing);
}

static void put_member(struct sio_json_writer *w, struct sio_span key, struct sio_span text) {
    sio_json_key(w, key);
    wire_put_text(w, text);
}

static void put_tested(struct sio_json_writer *w, const struct outbox_tested *tested) {
    const struct device_row *device = &tested->device;
    sio_json_object_open(w);
    sio_json_key(w, SIO_SPAN("device_token_id"));
    wire_put_uuid(w, &device->id);
    put_member(w, SIO_SPAN("platform"), device_platform_text(device->platform));
    put_member(w, SIO_SPAN("provider"), sio_span_cstr(push_service_text(device->service)));
    put_member(w, SIO_SPAN("outcome"), sio_span_cstr(tested->outcome));
    put_member(w, SIO_SPAN("reason"), sio_span_cstr(tested->reason));
    sio_json_object_close(w);
}

/* On the outbox's thread. */
static void tested(struct outbox_test *test, enum fault fault, const struct outbox_tested *devices,
                   size_t count) {
    struct testing *testing = container_of(test, struct testing, test);
    struct sio_json_writer *w = &testing->answer.w;
    testing->fault = fault;
    route_answer_open(&testing->answer);
    sio_json_object_open(w);
    sio_json_key(w, SIO_SPAN("data"));
    sio_json_array_open(w);
    for (size_t i = 0; i < count; i++) put_tested(w, &devices[i]);
    sio_json_array_close(w);
    sio_json_object_close(w);
    testing->back.run = test_back;
    sio_loop_post(testing->call->request->loop, &testing->back);
}

void control_push_test_handle(struct route_call *call, struct chat_user *me) {
    const struct test_in *in = call->body;
    struct testing *testing = mem_new(struct testing);
    sio_server_hold(call->routes->config.server);
    testing->call = call;
    testing->test.user = in->user;
    testing->test.done = tested;
    outbox_test(call->routes->config.outbox, &testing->test);
}
