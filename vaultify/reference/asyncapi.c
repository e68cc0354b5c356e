/* Prints the events as AsyncAPI 3.0, from the server's point of view: it receives what clients send. */
#include "events/server_events.h"
#include "reference/document.h"
#include "reference/reference.h"
#include "reference/schema.h"

#define DESCRIPTION                                                                                          \
    "Events of the messaging server over Socket.IO 5 (Engine.IO 4), in the namespace `/messaging`, by "      \
    "long-polling and WebSocket. Each event has one argument, the payload. Every event of a client may ask " \
    "for an acknowledgement, which is described as its reply; a refused event is told by the event "         \
    "`error`, "                                                                                              \
    "too.\n\nInput is written in camelCase here and is taken in snake_case as well (`conversationId`, "      \
    "`conversation_id`); unknown fields are ignored; null is as good as nothing. Lengths of texts are "      \
    "limits in bytes of UTF-8. Output has exactly the names that stand here; a later version may add some. " \
    "/openapi.json tells of REST."

#define CHANNEL  "#/channels/messaging"
#define MESSAGES CHANNEL "/messages/"

/* Messages by whom they come from: the same name may be an event of either side. */
#define CLIENT "client."
#define SERVER "server."
#define REPLY  "ack."

static const char *prefixed(char text[REFERENCE_NAME_MAX], const char *prefix, const char *name) {
    snprintf(text, REFERENCE_NAME_MAX, "%s%s", prefix, name);
    return text;
}

/* ---- messages ---- */

static void message_open(struct sio_json_writer *w, const char *prefix, const char *name, const char *title,
                         const char *summary) {
    char key[REFERENCE_NAME_MAX];
    member_object_open(w, prefixed(key, prefix, name));
    member_text(w, "name", name);
    member_text(w, "title", title);
    member_sentence(w, "summary", summary);
    member_key(w, "payload");
}

/* What an event is acknowledged with: {ok:true, …} or {ok:false, error}. */
static void put_refused(struct sio_json_writer *w, fault_set faults) {
    sio_json_object_open(w);
    member_text(w, "type", "object");
    member_object_open(w, "properties");
    member_object_open(w, "ok");
    member_text(w, "type", "boolean");
    member_bool(w, "const", false);
    sio_json_object_close(w);
    member_key(w, "error");
    schema_shape(w, &wire_ack_error_shape, faults, false);
    sio_json_object_close(w);
    member_array_open(w, "required");
    sio_json_string(w, SIO_SPAN("ok"));
    sio_json_string(w, SIO_SPAN("error"));
    sio_json_array_close(w);
    sio_json_object_close(w);
}

static void put_reply_message(struct sio_json_writer *w, const struct event_row *row) {
    message_open(w, REPLY, row->name, "Acknowledgement", "How the event went");
    sio_json_object_open(w);
    member_array_open(w, "oneOf");
    schema_shape(w, row->ack, 0, true);
    put_refused(w, event_row_faults(row));
    sio_json_array_close(w);
    sio_json_object_close(w);
    sio_json_object_close(w);
}

static void put_connect_message(struct sio_json_writer *w) {
    message_open(w, CLIENT, "CONNECT", "auth of the client's CONNECT",
                 "The access token; one in the Authorization header of the handshake does as well");
    sio_json_object_open(w);
    member_text(w, "type", "object");
    member_object_open(w, "properties");
    member_object_open(w, "token");
    member_text(w, "type", "string");
    member_text(w, "description", "An access token (JWT, HS256) whose sub is the user's id.");
    sio_json_object_close(w);
    sio_json_object_close(w);
    sio_json_object_close(w);
    sio_json_object_close(w);
}

static void put_connect_error_message(struct sio_json_writer *w) {
    message_open(w, SERVER, "CONNECT_ERROR", "connect_error", "The client is not let in, and why");
    sio_json_object_open(w);
    member_text(w, "type", "object");
    member_object_open(w, "properties");
    member_object_open(w, "message");
    member_text(w, "type", "string");
    member_text(w, "description", "Why, for people, in English.");
    sio_json_object_close(w);
    member_object_open(w, "data");
    member_text(w, "type", "object");
    member_object_open(w, "properties");
    member_key(w, "code");
    schema_codes(w, event_connect_faults);
    sio_json_object_close(w);
    member_array_open(w, "required");
    sio_json_string(w, SIO_SPAN("code"));
    sio_json_array_close(w);
    sio_json_object_close(w);
    sio_json_object_close(w);
    member_array_open(w, "required");
    sio_json_string(w, SIO_SPAN("message"));
    sio_json_string(w, SIO_SPAN("data"));
    sio_json_array_close(w);
    sio_json_object_close(w);
    sio_json_object_close(w);
}

static void put_messages(struct sio_json_writer *w) {
    member_object_open(w, "messages");
    put_connect_message(w);
    put_connect_error_message(w);
    for (size_t i = 0; i < event_row_count; i++) {
        const struct event_row *row = &event_rows[i];
        message_open(w, CLIENT, row->name, row->name, row->summary);
        schema_fields(w, row->payload);
        sio_json_object_close(w);
        put_reply_message(w, row);
    }
    for (size_t i = 0; i < SERVER_EVENT_COUNT_; i++) {
        const struct server_event_row *row = &server_event_rows[i];
        message_open(w, SERVER, row->name, row->name, row->payload->doc);
        value_ref(w, SCHEMA_PLACE, row->payload->name);
        sio_json_object_close(w);
    }
    sio_json_object_close(w);
}

/* ---- the channel ---- */

static void put_channel_message(struct sio_json_writer *w, const char *prefix, const char *name) {
    char key[REFERENCE_NAME_MAX];
    prefixed(key, prefix, name);
    member_ref(w, key, "#/components/messages/", key);
}

static void put_channels(struct sio_json_writer *w) {
    member_object_open(w, "channels");
    member_object_open(w, "messaging");
    member_text(w, "address", "/messaging");
    member_text(w, "title", "The namespace /messaging");
    member_object_open(w, "messages");
    put_channel_message(w, CLIENT, "CONNECT");
    put_channel_message(w, SERVER, "CONNECT_ERROR");
    for (size_t i = 0; i < event_row_count; i++) {
        put_channel_message(w, CLIENT, event_rows[i].name);
        put_channel_message(w, REPLY, event_rows[i].name);
    }
    for (size_t i = 0; i < SERVER_EVENT_COUNT_; i++)
        put_channel_message(w, SERVER, server_event_rows[i].name);
    sio_json_object_close(w);
    sio_json_object_close(w);
    sio_json_object_close(w);
}

/* ---- operations ---- */

static void put_message_use(struct sio_json_writer *w, const char *prefix, const char *name) {
    char key[REFERENCE_NAME_MAX];
    member_array_open(w, "messages");
    value_ref(w, MESSAGES, prefixed(key, prefix, name));
    sio_json_array_close(w);
}

static void operation_open(struct sio_json_writer *w, const char *prefix, const char *name,
                           const char *action, const char *summary) {
    char key[REFERENCE_NAME_MAX];
    member_object_open(w, prefixed(key, prefix, name));
    member_text(w, "action", action);
    member_ref(w, "channel", CHANNEL, "");
    member_sentence(w, "summary", summary);
    put_message_use(w, prefix, name);
}

static void put_reply(struct sio_json_writer *w, const char *prefix, const char *name) {
    member_object_open(w, "reply");
    member_ref(w, "channel", CHANNEL, "");
    put_message_use(w, prefix, name);
    sio_json_object_close(w);
}

static void put_who(struct sio_json_writer *w, const struct event_row *row) {
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    reference_who(&text, row->who, &row->rate);
    member_text(w, "description", text.p);
    sio_strbuf_fini(&text);
}

static void put_delivery(struct sio_json_writer *w, const struct server_event_row *row) {
    member_text(w, "description",
                row->delivery == SIO_MUST
                    ? "A receiver too slow for it is closed, comes back, and catches up."
                    : "Left out for a receiver that is too slow.");
}

static void put_operations(struct sio_json_writer *w) {
    member_object_open(w, "operations");
    operation_open(w, CLIENT, "CONNECT", "receive", "Joins the namespace");
    put_reply(w, SERVER, "CONNECT_ERROR");
    sio_json_object_close(w);
    for (size_t i = 0; i < event_row_count; i++) {
        operation_open(w, CLIENT, event_rows[i].name, "receive", event_rows[i].summary);
        put_who(w, &event_rows[i]);
        put_reply(w, REPLY, event_rows[i].name);
        sio_json_object_close(w);
    }
    for (size_t i = 0; i < SERVER_EVENT_COUNT_; i++) {
        operation_open(w, SERVER, server_event_rows[i].name, "send", server_event_rows[i].summary);
        put_delivery(w, &server_event_rows[i]);
        sio_json_object_close(w);
    }
    sio_json_object_close(w);
}

/* ---- the document ---- */

static void put_servers(struct sio_json_writer *w) {
    member_object_open(w, "servers");
    member_object_open(w, "here");
    member_text(w, "host", "localhost:3000");
    member_text(w, "pathname", "/socket.io/");
    member_text(w, "protocol", "socket.io");
    member_text(w, "protocolVersion", "5");
    member_array_open(w, "security");
    value_ref(w, "#/components/securitySchemes/", "accessToken");
    sio_json_array_close(w);
    sio_json_object_close(w);
    sio_json_object_close(w);
}

static void put_components(struct sio_json_writer *w) {
    member_object_open(w, "components");
    put_messages(w);
    member_object_open(w, "schemas");
    schema_components(w);
    sio_json_object_close(w);
    member_object_open(w, "securitySchemes");
    member_object_open(w, "accessToken");
    member_text(w, "type", "http");
    member_text(w, "scheme", "bearer");
    member_text(w, "bearerFormat", "JWT");
    member_text(w, "description", "In auth of the CONNECT, as {token}, or in the Authorization header.");
    sio_json_object_close(w);
    sio_json_object_close(w);
    sio_json_object_close(w);
}

void reference_asyncapi(struct sio_strbuf *out) {
    struct sio_json_writer w;
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    member_text(&w, "asyncapi", "3.0.0");
    member_info(&w, DESCRIPTION, "url", "https://www.apache.org/licenses/LICENSE-2.0");
    member_text(&w, "defaultContentType", "application/json");
    put_servers(&w);
    put_channels(&w);
    put_operations(&w);
    put_components(&w);
    sio_json_object_close(&w);
}
