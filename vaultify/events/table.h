/* The table of client events: one row says everything about an event but what it does. */
#pragma once
#include "events/call.h"
#include "wire/shapes.h"

/* No column has a default. */
struct event_row {
    const char *name;       /* also in the metrics */
    unsigned who;           /* WHO_…: the roles that may */
    struct rate_limit rate; /* per user */
    uint32_t
        payload_max_bytes; /* of its JSON, and if `with_content` what content and metadata may take too */
    bool with_content;
    struct rate_limit
        bytes;     /* of the payload, per user and in one bucket for all such rows; 0: not counted */
    bool confirms; /* whoever says it says message_delivered for every message: to be counted as such */
    const struct wire_schema *payload;
    void (*handle)(struct event_call *call, struct chat_user *me);
    const struct wire_shape *ack; /* what a successful acknowledgement says beside ok; NULL: nothing */
    fault_set faults; /* that its use case has; event_row_faults adds what follows from the other columns */
    const char *summary; /* one sentence, without a full stop */
};

/* Sorted by name. */
extern const struct event_row event_rows[];
extern const size_t event_row_count;

/* The row of every name that is in no other: it refuses. */
extern const struct event_row event_row_unknown;

/* All that the event may be refused with. */
fault_set event_row_faults(const struct event_row *row);

/* All that a CONNECT may be refused with. */
extern const fault_set event_connect_faults;

const struct event_row *event_row_find(struct sio_span name);
/* A row's own rate bucket of a user. */
unsigned event_row_bucket(const struct event_row *row);
size_t event_row_payload_max(const struct event_row *row, const struct wire_limits *limits);

/* Are the rows sorted, complete, limited? A line in the log says which one is not. */
enum sio_err event_rows_check(const struct event_row *rows, size_t count,
                              const struct sio_log *log) SIO_MUST_CHECK;

/* Each event is on the page of /metrics from the start. */
void event_rows_count(struct metrics *metrics);

/* One file each. */
extern const struct wire_schema estate_broadcast_payload, join_estate_group_payload,
    leave_estate_group_payload, mark_as_read_payload, message_delivered_payload, send_message_payload,
    typing_payload;
void estate_broadcast_handle(struct event_call *call, struct chat_user *me);
void join_estate_group_handle(struct event_call *call, struct chat_user *me);
void leave_estate_group_handle(struct event_call *call, struct chat_user *me);
void mark_as_read_handle(struct event_call *call, struct chat_user *me);
void message_delivered_handle(struct event_call *call, struct chat_user *me);
void send_message_handle(struct event_call *call, struct chat_user *me);
void typing_handle(struct event_call *call, struct chat_user *me);
