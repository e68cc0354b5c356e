/* One event of a client on its way: from the socket's loop to the estate's loop, into a handler, to exactly
 * one answer. */
#pragma once
#include "base/arena.h"
#include "events/events.h"
#include "events/server_events.h"
#include "wire/fields.h"

struct events {
    struct auth *auth;
    bool rate_limits;
    struct wire_limits limits;
    const struct sio_log *log;
    struct metrics *metrics;
    struct sio_server *server;
    struct sio_namespace *ns;
    struct chat *chat;
};

struct event_row;

enum { SOCKET_ID = 20 /* characters */ };

struct event_call {
    struct chat_call chat;
    struct events *events;
    const struct event_row *row;
    struct sio_span name; /* as the client wrote it, cut; for the answer */
    struct sio_ref socket;
    uint32_t epoch; /* the member's */
    bool confirms;  /* the first one of its socket that says a message has arrived */
    char socket_id[SOCKET_ID];
    struct sio_ack ack;
    uint64_t arrived_us;         /* metrics_now_us */
    struct arena arena;          /* the payload's strings; freed with the call */
    void *payload;               /* the struct of row->payload */
    uint32_t payload_bytes;      /* as it came */
    struct wire_refusal refusal; /* what was wrong with it; FAULT_NONE: nothing */
};

/* The socket's event arrives; a handler of sio. */
void events_on_event(struct sio_socket *socket, const struct sio_event *event, void *data);

/* Exactly one of the following ends a call: it answers and frees it. Any loop. */
void event_refuse(struct event_call *call, enum fault fault);
void event_done(struct event_call *call, enum fault fault); /* {ok:true} or a refusal */

struct event_ok {
    struct sio_strbuf text;
    struct sio_json_writer w; /* members of {ok:true, …} go here */
};
void event_ok_open(struct event_ok *ok);
void event_ok_close(struct event_ok *ok, struct event_call *call);

/* {ok:true, messageId, conversationId, …}, for a message that is stored. */
void event_ok_message(struct event_call *call, const struct message_row *message, bool duplicate);

/* message_sent to the calling socket. Does not end the call. */
void event_emit_message_sent(struct event_call *call, const struct message_row *message);

/* A use case that ends with a plain chat_done: `data` is the call. */
void event_chat_done(enum fault fault, void *data);

/* The room that holds the calling socket alone. */
struct sio_span event_socket_room(const struct event_call *call);

/* Sends an event to one socket; `args` is a JSON array. */
void event_emit(struct events *events, struct sio_ref to, enum server_event event, struct sio_span args);

/* Sends the one `error` event of a refusal; empty spans are left out. */
void event_emit_error(struct events *events, struct sio_ref to, enum fault fault, struct sio_span message,
                      struct sio_span name);
