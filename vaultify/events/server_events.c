/* The rows of the server's events, and their check. */
#include "events/server_events.h"

const struct server_event_row server_event_rows[SERVER_EVENT_COUNT_] = {
#define SERVER_EVENT_ROW(event, name, delivery, shape, summary)                                              \
    {name, delivery, &wire_##shape##_shape, summary},
    SERVER_EVENT_TABLE(SERVER_EVENT_ROW)
#undef SERVER_EVENT_ROW
};

/* What is wrong with row `i`; NULL: nothing. */
static const char *row_fault(const struct server_event_row *rows, size_t i) {
    const struct server_event_row *row = &rows[i];
    if (!row->name || !row->name[0]) return "has no name";
    if (wire_shape_check(row->payload)) return "has no valid shape of its payload";
    if (!row->summary || !row->summary[0]) return "has no summary";
    for (size_t j = 0; j < i; j++)
        if (strcmp(rows[j].name, row->name) == 0) return "is there twice";
    return NULL;
}

enum sio_err server_event_rows_check(const struct server_event_row *rows, size_t count,
                                     const struct sio_log *log) {
    for (size_t i = 0; i < count; i++) {
        const char *fault = row_fault(rows, i);
        if (!fault) continue;
        sio_log_error(log, "table of server events: row %zu (%s) %s", i, rows[i].name ? rows[i].name : "?",
                      fault);
        return SIO_ERR_INVALID;
    }
    return SIO_ERR_OK;
}
