/* /control: what the administrator's command line asks of a running server, over the Unix socket alone. */
#include "routes/table.h"
#include "wire/import.h"
#include "wire/rows.h"

/* ---- import ---- */

static void import_refuse(struct route_call *call, enum fault fault, struct sio_span error, uint32_t line) {
    struct route_answer answer;
    route_answer_open(&answer);
    sio_json_object_open(&answer.w);
    sio_json_key(&answer.w, SIO_SPAN("ok"));
    sio_json_bool(&answer.w, false);
    sio_json_key(&answer.w, SIO_SPAN("error"));
    sio_json_string(&answer.w, error.n ? error : sio_span_cstr(fault_message(fault)));
    sio_json_key(&answer.w, SIO_SPAN("line"));
    if (line)
        sio_json_i64(&answer.w, line);
    else
        sio_json_null(&answer.w);
    sio_json_object_close(&answer.w);
    route_answer_send(&answer, call, fault_status(fault));
}

/* Everybody who is connected has been told; then the administrator is. */
static void import_told(void *data) {
    struct store_import *op = data;
    struct route_call *call = op->op.data;
    const struct {
        struct sio_span key;
        uint64_t count;
    } counts[] = {{SIO_SPAN("estates"), op->estates_written},
                  {SIO_SPAN("users"), op->users_written},
                  {SIO_SPAN("conversations"), op->conversations_written}};
    struct route_answer answer;
    route_answer_open(&answer);
    sio_json_object_open(&answer.w);
    sio_json_key(&answer.w, SIO_SPAN("ok"));
    sio_json_bool(&answer.w, true);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        sio_json_key(&answer.w, counts[i].key);
        sio_json_i64(&answer.w, (int64_t)counts[i].count);
    }
    sio_json_object_close(&answer.w);
    route_op_end(call, &op->op); /* the records are in the call's arena, so the operation goes first */
    route_answer_send(&answer, call, 200);
}

static void import_done(struct store_op *base) {
    struct store_import *op = (struct store_import *)base;
    struct route_call *call = base->data;
    if (base->fault == FAULT_NONE) {
        chat_estates_changed(call->routes->config.chat, op->estates, op->estate_count, import_told, op);
        return;
    }
    enum fault fault = base->fault;
    struct sio_span error = arena_span(&call->arena, op->error);
    uint32_t line = op->error_line;
    route_op_end(call, base);
    import_refuse(call, fault, error, line);
}

void control_import_handle(struct route_call *call, struct chat_user *me) {
    struct store_import_record *records;
    size_t count;
    struct sio_span error;
    uint32_t line;
    if (!wire_import_parse(call->request->body, &call->arena, &records, &count, &error, &line)) {
        import_refuse(call, FAULT_INVALID_PAYLOAD, error, line);
        return;
    }
    struct store_import *op = route_op_new(call, STORE_IMPORT, import_done);
    op->records = records;
    op->record_count = count;
    route_op_submit(call, &op->op);
}

/* ---- users ---- */

static void user_done(struct store_op *base) {
    struct store_user_get *op = (struct store_user_get *)base;
    struct route_call *call = base->data;
    enum fault fault = base->fault;
    struct route_answer answer;
    route_answer_open(&answer);
    if (fault == FAULT_NONE) wire_put_user(&answer.w, &op->row);
    route_op_end(call, base);
    if (fault == FAULT_NONE) {
        route_answer_send(&answer, call, 200);
        return;
    }
    sio_strbuf_fini(&answer.text);
    if (fault == FAULT_USER_UNKNOWN)
        route_refuse_text(call, FAULT_USER_NOT_FOUND, SIO_SPAN("There is no such user"));
    else
        route_refuse(call, fault);
}

void control_user_handle(struct route_call *call, struct chat_user *me) {
    struct store_user_get *op = route_op_new(call, STORE_USER_GET, user_done);
    op->user = call->ids[0];
    route_op_submit(call, &op->op);
}

static void users_done(struct store_op *base) {
    struct store_user_list *op = (struct store_user_list *)base;
    struct route_answer answer;
    if (!route_op_answer_open(base, &answer)) return;
    sio_json_object_open(&answer.w);
    sio_json_key(&answer.w, SIO_SPAN("data"));
    sio_json_array_open(&answer.w);
    for (size_t i = 0; i < op->user_count; i++) wire_put_user(&answer.w, &op->users[i]);
    sio_json_array_close(&answer.w);
    sio_json_object_close(&answer.w);
    route_op_answer_send(base, &answer, 200);
}

void control_users_handle(struct route_call *call, struct chat_user *me) {
    struct store_user_list *op = route_op_new(call, STORE_USER_LIST, users_done);
    route_op_submit(call, &op->op);
}

/* ---- counters ---- */

void control_stats_handle(struct route_call *call, struct chat_user *me) {
    struct sio_stats stats;
    struct route_answer answer;
    sio_server_stats(call->routes->config.server, &stats, false);
    const struct {
        struct sio_span key;
        uint64_t count;
    } counts[] = {{SIO_SPAN("connections"), stats.connections}, {SIO_SPAN("sessions"), stats.sessions},
                  {SIO_SPAN("sockets"), stats.sockets},         {SIO_SPAN("events_in"), stats.events_in},
                  {SIO_SPAN("packets_out"), stats.packets_out}, {SIO_SPAN("dropped"), stats.dropped},
                  {SIO_SPAN("slow_closed"), stats.slow_closed}, {SIO_SPAN("refused"), stats.refused},
                  {SIO_SPAN("turn_max_us"), stats.turn_max_us}};
    route_answer_open(&answer);
    sio_json_object_open(&answer.w);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        sio_json_key(&answer.w, counts[i].key);
        sio_json_i64(&answer.w, (int64_t)counts[i].count);
    }
    sio_json_object_close(&answer.w);
    route_answer_send(&answer, call, 200);
}
