/* Takes every client event through the table: look up, decode, to the estate's loop, rate, role, handler,
 * one answer. */
#include "base/mem.h"
#include "events/member.h"
#include "events/table.h"
#include "wire/payloads.h"
#include "wire/who.h"

enum { NAME_SHOWN_MAX = 64 /* bytes of a client's event name that an answer repeats */ };

/* ---- on the socket's loop ---- */

static bool payload_find(struct event_call *call, const struct sio_event *event, struct sio_span *payload) {
    size_t cursor = 0, max = event_row_payload_max(call->row, &call->events->limits);
    if (event->args.n > max)
        return wire_refuse(&call->refusal, FAULT_CONTENT_TOO_LARGE, "The payload is larger than %zu bytes",
                           max);
    if (event->attachment_count > 0)
        return wire_refuse(&call->refusal, FAULT_INVALID_PAYLOAD, "Binary data is not taken");
    if (sio_json_next_item(event->args, &cursor, payload) && sio_json_kind(*payload) == SIO_JSON_OBJECT)
        return true;
    return wire_refuse(&call->refusal, FAULT_INVALID_PAYLOAD, "The payload must be an object");
}

static void payload_decode(struct event_call *call, const struct sio_event *event) {
    const struct wire_schema *schema = call->row->payload;
    struct sio_span payload;
    if (!schema || !payload_find(call, event, &payload)) return;
    call->payload = arena_zalloc(&call->arena, schema->size_bytes);
    if (!wire_decode(payload, schema, &call->events->limits, &call->arena, call->payload, NULL,
                     &call->refusal))
        sio_log_debug(call->events->log, "event refused: %s: %s", call->row->name, call->refusal.text);
}

static void call_run(struct chat_call *chat, struct chat_user *me, enum fault fault);

void events_on_event(struct sio_socket *socket, const struct sio_event *event, void *data) {
    struct events *events = data;
    struct member *member = sio_socket_data(socket);
    struct sio_span id = sio_socket_id(socket);
    struct event_call *call = mem_new(struct event_call);
    call->chat = (struct chat_call){.user = member->user, .estate = member->estate, .run = call_run};
    call->events = events;
    call->row = event_row_find(event->name);
    call->socket = sio_socket_ref(socket);
    call->epoch = member->epoch;
    call->confirms = call->row->confirms && !member->confirms;
    member->confirms |= call->confirms;
    call->ack = event->ack;
    call->arrived_us = metrics_now_us();
    call->payload_bytes = event->args.n < UINT32_MAX ? (uint32_t)event->args.n : UINT32_MAX;
    memcpy(call->socket_id, id.p, id.n < SOCKET_ID ? id.n : SOCKET_ID);
    arena_init(&call->arena);
    if (call->row == &event_row_unknown)
        call->name = arena_span(
            &call->arena,
            sio_span_head(event->name, event->name.n < NAME_SHOWN_MAX ? event->name.n : NAME_SHOWN_MAX));
    else
        call->name = sio_span_cstr(call->row->name);
    payload_decode(call, event);
    chat_enter_known(events->chat, &call->chat);
}

/* ---- on the estate's loop ---- */

static void refuse(struct event_call *call, enum fault fault, struct sio_span message,
                   uint32_t retry_after_ms);

/* JSON as it came is never shorter than what goes out for it, so it is what a message costs. */
static bool rate_allows(const struct event_call *call, struct chat_user *me, uint32_t *retry_after_ms) {
    const struct event_row *row = call->row;
    if (!call->events->rate_limits) return true;
    return chat_user_may(me, event_row_bucket(row), &row->rate, 1, retry_after_ms) &&
           (!row->bytes.per_second ||
            chat_user_may(me, WHO_BYTES_BUCKET, &row->bytes, call->payload_bytes, retry_after_ms));
}

static void call_run(struct chat_call *chat, struct chat_user *me, enum fault fault) {
    struct event_call *call = container_of(chat, struct event_call, chat);
    const struct event_row *row = call->row;
    uint32_t retry_after_ms = 0;
    if (me && call->confirms) chat_confirms(me, call->epoch);
    if (fault != FAULT_NONE)
        event_refuse(call, fault);
    else if (!rate_allows(call, me, &retry_after_ms))
        refuse(call, FAULT_RATE_LIMITED, sio_span_of("", 0), retry_after_ms);
    else if (!(row->who & WHO_ROLE(chat_me(me).role)))
        event_refuse(call, FAULT_FORBIDDEN);
    else if (call->refusal.fault != FAULT_NONE)
        refuse(call, call->refusal.fault, sio_span_cstr(call->refusal.text), 0);
    else
        row->handle(call, me);
}

/* ---- answers ---- */

static void call_end(struct event_call *call, enum fault fault) {
    struct metrics *metrics = call->events->metrics;
    metrics_add(metrics, METRIC_EVENTS, call->row->name, 1);
    metrics_observe_us(metrics, METRIC_EVENT_SECONDS, call->row->name, metrics_now_us() - call->arrived_us);
    if (fault != FAULT_NONE) metrics_add(metrics, METRIC_EVENTS_REFUSED, fault_code(fault), 1);
    arena_fini(&call->arena);
    free(call);
}

void event_emit(struct events *events, struct sio_ref to, enum server_event event, struct sio_span args) {
    const struct server_event_row *row = &server_event_rows[event];
    struct sio_packet *packet = sio_packet_event(events->ns, sio_span_cstr(row->name), args);
    sio_emit(events->ns, to, packet, row->delivery);
    sio_packet_unref(packet);
}

void event_emit_error(struct events *events, struct sio_ref to, enum fault fault, struct sio_span message,
                      struct sio_span name) {
    struct sio_strbuf args;
    struct sio_json_writer w;
    sio_strbuf_init(&args);
    sio_json_begin(&w, &args);
    sio_json_array_open(&w);
    wire_error(&w, fault, message, name);
    sio_json_array_close(&w);
    event_emit(events, to, SERVER_ERROR, sio_strbuf_as_span(&args));
    sio_strbuf_fini(&args);
}

static void refuse(struct event_call *call, enum fault fault, struct sio_span message,
                   uint32_t retry_after_ms) {
    if (call->ack.wanted) {
        struct sio_strbuf args;
        struct sio_json_writer w;
        sio_strbuf_init(&args);
        sio_json_begin(&w, &args);
        sio_json_array_open(&w);
        wire_ack_refused(&w, fault, message, retry_after_ms);
        sio_json_array_close(&w);
        sio_ack_send(call->events->ns, call->ack, sio_strbuf_as_span(&args));
        sio_strbuf_fini(&args);
    }
    event_emit_error(call->events, call->socket, fault, message, call->name);
    call_end(call, fault);
}

void event_refuse(struct event_call *call, enum fault fault) { refuse(call, fault, sio_span_of("", 0), 0); }

void event_ok_open(struct event_ok *ok) {
    sio_strbuf_init(&ok->text);
    sio_json_begin(&ok->w, &ok->text);
    sio_json_array_open(&ok->w);
    sio_json_object_open(&ok->w);
    sio_json_key(&ok->w, SIO_SPAN("ok"));
    sio_json_bool(&ok->w, true);
}

void event_ok_close(struct event_ok *ok, struct event_call *call) {
    sio_json_object_close(&ok->w);
    sio_json_array_close(&ok->w);
    sio_ack_send(call->events->ns, call->ack, sio_strbuf_as_span(&ok->text));
    sio_strbuf_fini(&ok->text);
    call_end(call, FAULT_NONE);
}

void event_done(struct event_call *call, enum fault fault) {
    if (fault != FAULT_NONE) {
        event_refuse(call, fault);
        return;
    }
    struct event_ok ok;
    event_ok_open(&ok);
    event_ok_close(&ok, call);
}

void event_ok_message(struct event_call *call, const struct message_row *message, bool duplicate) {
    struct event_ok ok;
    event_ok_open(&ok);
    wire_message_sent_members(&ok.w, message);
    if (duplicate) {
        sio_json_key(&ok.w, SIO_SPAN("duplicate"));
        sio_json_bool(&ok.w, true);
    }
    event_ok_close(&ok, call);
}

void event_emit_message_sent(struct event_call *call, const struct message_row *message) {
    struct sio_strbuf args;
    struct sio_json_writer w;
    sio_strbuf_init(&args);
    sio_json_begin(&w, &args);
    sio_json_array_open(&w);
    wire_message_sent(&w, message);
    sio_json_array_close(&w);
    event_emit(call->events, call->socket, SERVER_MESSAGE_SENT, sio_strbuf_as_span(&args));
    sio_strbuf_fini(&args);
}

void event_chat_done(enum fault fault, void *data) { event_done(data, fault); }

struct sio_span event_socket_room(const struct event_call *call) {
    return sio_span_of(call->socket_id, SOCKET_ID);
}
