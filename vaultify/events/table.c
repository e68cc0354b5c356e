/* The table of client events, and its check. */
#include "events/table.h"

#include "wire/who.h"

/* Each byte of content may be written as an escape of six. */
enum { ESCAPED_MAX = 6 };

#define UNCOUNTED                                                                                            \
    { 0, 0 }
#define COUNTED                                                                                              \
    { WHO_BYTES_A_SECOND, WHO_BYTES_BURST }

static void unknown_handle(struct event_call *call, struct chat_user *me) {
    event_refuse(call, FAULT_UNKNOWN_EVENT);
}

const struct event_row event_row_unknown = {"unknown",      WHO_EVERYBODY, {20, 500}, UINT32_MAX,
                                            false,          UNCOUNTED,     false,     NULL,
                                            unknown_handle, NULL,          0,         NULL};

#define EVENT(name, who, per_second, burst, payload_max_bytes, with_content, bytes, confirms, ack, faults,   \
              summary)                                                                                       \
    {                                                                                                        \
#name, who,                                                                                          \
            {per_second, burst }, payload_max_bytes, with_content, bytes, confirms, &name##_payload,         \
             name##_handle, ack, faults, summary                                                             \
    }

/* What the use cases refuse, beside what event_row_faults finds in the other columns. */
#define F         FAULT_BIT
#define NO_FAULT  0
#define NO_TALK   F(CONVERSATION_NOT_FOUND)
#define NO_SPEECH F(MESSAGE_NOT_FOUND)
#define SENDING   NO_TALK | NO_SPEECH | F(TEXT_EMPTY) | F(MESSAGE_EMPTY) | F(TYPE_SYSTEM)

/* clang-format off */
/* The rates are against abuse; no honest client meets them. */
const struct event_row event_rows[] = {
    /*    name                who may        per s, burst  payload, content, its bytes, confirms, ack, faults, summary */
    EVENT(estate_broadcast,   WHO_ANNOUNCES, 50,  5000,    4096, true,  COUNTED,   false, &wire_message_stored_shape, NO_FAULT,
          "Announces something to the user's whole estate, and stores it in its group"),
    EVENT(join_estate_group,  WHO_EVERYBODY, 20,  500,     4096, false, UNCOUNTED, false, NULL, F(FORBIDDEN),
          "Enters the estate's live room, in which every socket of its users begins"),
    EVENT(leave_estate_group, WHO_EVERYBODY, 20,  500,     4096, false, UNCOUNTED, false, NULL, F(FORBIDDEN),
          "Leaves the live room: no more broadcasts and presence; membership and history stay"),
    EVENT(mark_as_read,       WHO_EVERYBODY, 200, 5000,    4096, false, UNCOUNTED, false, NULL, NO_TALK | NO_SPEECH,
          "Moves the user's read position forward to this message, never back"),
    EVENT(message_delivered,  WHO_EVERYBODY, 500, 10000,   4096, false, UNCOUNTED, true,  NULL, NO_TALK | NO_SPEECH,
          "Says that this message and all before it in its conversation have arrived on the device"),
    EVENT(send_message,       WHO_EVERYBODY, 500, 10000,   4096, true,  COUNTED,   false, &wire_message_stored_shape, SENDING,
          "Stores a message and tells all participants"),
    EVENT(typing,             WHO_EVERYBODY, 50,  500,     4096, false, UNCOUNTED, false, NULL, NO_TALK,
          "Tells the other participants that the user types, or has stopped; it ends by itself after 3 seconds"),
};
/* clang-format on */
const size_t event_row_count = sizeof event_rows / sizeof event_rows[0];

_Static_assert(sizeof event_rows / sizeof event_rows[0] < WHO_EVENT_BUCKETS,
               "a bucket each, and one for unknown");

const struct event_row *event_row_find(struct sio_span name) {
    size_t low = 0, high = event_row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = sio_span_compare(name, sio_span_cstr(event_rows[middle].name));
        if (order == 0) return &event_rows[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return &event_row_unknown;
}

unsigned event_row_bucket(const struct event_row *row) {
    return row == &event_row_unknown ? (unsigned)event_row_count : (unsigned)(row - event_rows);
}

size_t event_row_payload_max(const struct event_row *row, const struct wire_limits *limits) {
    size_t max = row->payload_max_bytes;
    if (row->with_content)
        max += ESCAPED_MAX * ((size_t)limits->content_max_bytes + limits->metadata_max_bytes);
    return max;
}

void event_rows_count(struct metrics *metrics) {
    for (size_t i = 0; i < event_row_count; i++) metrics_add(metrics, METRIC_EVENTS, event_rows[i].name, 0);
}

fault_set event_row_faults(const struct event_row *row) {
    fault_set any = F(USER_UNKNOWN) | F(USER_INACTIVE) | F(ESTATE_CHANGED) | F(RATE_LIMITED) |
                    F(INVALID_PAYLOAD) | F(CONTENT_TOO_LARGE) | F(INTERNAL) | F(BUSY);
    return row->faults | any | (row->who == WHO_EVERYBODY ? 0 : F(FORBIDDEN));
}

const fault_set event_connect_faults = F(TOKEN_MISSING) | F(TOKEN_INVALID) | F(TOKEN_EXPIRED) |
                                       F(USER_UNKNOWN) | F(USER_INACTIVE) | F(ESTATE_CHANGED) | F(INTERNAL) |
                                       F(BUSY);

/* What is wrong with a row; NULL: nothing. */
static const char *row_fault(const struct event_row *row) {
    if (!row->name || !row->name[0]) return "has no name";
    if (row->who == 0 || (row->who & ~WHO_EVERYBODY) != 0) return "says nothing of who may";
    if (row->rate.per_second == 0 || row->rate.burst == 0) return "has no rate";
    if (row->payload_max_bytes == 0) return "has no payload limit";
    if (row->with_content != (row->bytes.per_second > 0 && row->bytes.burst > 0))
        return "has no rate of bytes";
    if (!row->payload || wire_schema_check(row->payload)) return "has no valid fields";
    if (!row->handle) return "has no handler";
    if (row->ack && wire_shape_check(row->ack)) return "has no valid shape of its acknowledgement";
    if (!wire_schema_is_documented(row->payload)) return "has a field that its documents say nothing of";
    if (!row->summary || !row->summary[0]) return "has no summary";
    return NULL;
}

enum sio_err event_rows_check(const struct event_row *rows, size_t count, const struct sio_log *log) {
    for (size_t i = 0; i < count; i++) {
        const char *fault = row_fault(&rows[i]);
        if (!fault && i > 0 && strcmp(rows[i - 1].name, rows[i].name) >= 0) fault = "is not in its place";
        if (!fault) continue;
        sio_log_error(log, "event table: row %zu (%s) %s", i, rows[i].name ? rows[i].name : "?", fault);
        return SIO_ERR_INVALID;
    }
    return SIO_ERR_OK;
}
