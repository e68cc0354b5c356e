/* The table of HTTP routes, and its check. */
#include "routes/table.h"

#include "wire/who.h"

enum {
    ESCAPED_MAX = 6, /* each byte of content may be written as an escape of six */
    SMALL = 4096,
    DEVICE = 64 << 10, /* what is too long for a token is to be told so, not cut off */
    LARGE = 1 << 20,
    IMPORT = 256 << 20,
};

#define UNCOUNTED                                                                                            \
    { 0, 0 }
#define COUNTED                                                                                              \
    { WHO_BYTES_A_SECOND, WHO_BYTES_BURST }
#define USER(method, pattern, who, per_second, burst, body_max, with_content, bytes, body, query, handle)    \
    {                                                                                                        \
        method, pattern, ROUTE_USER, who, {per_second, burst}, body_max, with_content, bytes, body, query,   \
            handle                                                                                           \
    }
#define OPEN(method, pattern, access, body_max, body, query, handle)                                         \
    { method, pattern, access, 0, {0, 0}, body_max, false, UNCOUNTED, body, query, handle }

#define ALL       WHO_EVERYBODY
#define ANNOUNCES WHO_ANNOUNCES
#define ESTATE    "/messaging/estate/:estateId"
#define TALKS     "/messaging/conversations"
#define MESSAGES  "/messaging/messages"
#define NOTES     "/notifications"

/* clang-format off */
const struct route_row route_rows[] = {
    /*   method    path                              who        per s, burst  body, content, bytes     its fields          query           handler */
    USER("POST",   ESTATE "/group",                  ALL,       20,  500,     SMALL, false, UNCOUNTED, &group_body,        NULL,           group_create_handle),
    USER("GET",    ESTATE "/group",                  ALL,       50,  1000,    SMALL, false, UNCOUNTED, NULL,               NULL,           group_get_handle),
    USER("GET",    ESTATE "/conversations",          ALL,       50,  500,     SMALL, false, UNCOUNTED, NULL,               &page_query,    estate_conversations_handle),
    USER("POST",   ESTATE "/broadcast",              ANNOUNCES, 50,  5000,    SMALL, true,  COUNTED,   &broadcast_body,    NULL,           broadcast_handle),
    USER("GET",    ESTATE "/online-users",           ALL,       50,  1000,    SMALL, false, UNCOUNTED, NULL,               NULL,           online_users_handle),
    USER("POST",   TALKS,                            ALL,       20,  500,     LARGE, false, UNCOUNTED, &conversation_body, NULL,           conversation_create_handle),
    USER("GET",    TALKS,                            ALL,       50,  500,     SMALL, false, UNCOUNTED, NULL,               &page_query,    conversation_list_handle),
    USER("GET",    TALKS "/:id",                     ALL,       100, 2000,    SMALL, false, UNCOUNTED, NULL,               NULL,           conversation_get_handle),
    USER("POST",   TALKS "/:id/messages",            ALL,       500, 10000,   SMALL, true,  COUNTED,   &message_body,      NULL,           message_send_handle),
    USER("GET",    TALKS "/:id/messages",            ALL,       50,  500,     SMALL, false, UNCOUNTED, NULL,               &history_query, message_list_handle),
    USER("PUT",    TALKS "/:id/read/:messageId",     ALL,       200, 5000,    SMALL, false, UNCOUNTED, NULL,               NULL,           message_read_handle),
    USER("PUT",    TALKS "/:id/leave",               ALL,       20,  500,     SMALL, false, UNCOUNTED, NULL,               NULL,           conversation_leave_handle),
    USER("POST",   TALKS "/:id/participants/:userId", ALL,      50,  5000,    SMALL, false, UNCOUNTED, NULL,               NULL,           participant_add_handle),
    USER("POST",   MESSAGES "/:id/reactions",        ALL,       100, 2000,    SMALL, false, UNCOUNTED, &reaction_body,     NULL,           reaction_add_handle),
    USER("DELETE", MESSAGES "/:id/reactions/*emoji", ALL,       100, 2000,    SMALL, false, UNCOUNTED, NULL,               NULL,           reaction_remove_handle),
    USER("PUT",    TALKS "/:id/notifications",       ALL,       20,  500,     SMALL, false, UNCOUNTED, &mute_body,         NULL,           mute_set_handle),
    USER("GET",    NOTES "/devices",                 ALL,       20,  200,     SMALL, false, UNCOUNTED, NULL,               NULL,           device_list_handle),
    USER("POST",   NOTES "/devices",                 ALL,       5,   50,      DEVICE, false, UNCOUNTED, &device_body,      NULL,           device_put_handle),
    USER("DELETE", NOTES "/devices/*token",          ALL,       5,   50,      SMALL, false, UNCOUNTED, NULL,               NULL,           device_remove_handle),
    USER("GET",    NOTES "/vapid-public-key",        ALL,       20,  200,     SMALL, false, UNCOUNTED, NULL,               NULL,           vapid_key_handle),
    USER("GET",    NOTES "/preferences",             ALL,       20,  200,     SMALL, false, UNCOUNTED, NULL,               NULL,           preferences_get_handle),
    USER("PUT",    NOTES "/preferences",             ALL,       5,   50,      SMALL, false, UNCOUNTED, &preferences_body,  NULL,           preferences_set_handle),
    OPEN("GET",    "/health/live",        ROUTE_PUBLIC,  SMALL,  NULL,             NULL,             health_live_handle),
    OPEN("GET",    "/health/ready",       ROUTE_PUBLIC,  SMALL,  NULL,             NULL,             health_ready_handle),
    OPEN("GET",    "/metrics",            ROUTE_METRICS, SMALL,  NULL,             NULL,             metrics_handle),
    OPEN("POST",   "/control/import",     ROUTE_CONTROL, IMPORT, NULL,             NULL,             control_import_handle),
    OPEN("GET",    "/control/stats",      ROUTE_CONTROL, SMALL,  NULL,             NULL,             control_stats_handle),
    OPEN("GET",    "/control/users",      ROUTE_CONTROL, SMALL,  NULL,             NULL,             control_users_handle),
    OPEN("GET",    "/control/users/:id",  ROUTE_CONTROL, SMALL,  NULL,             NULL,             control_user_handle),
    OPEN("GET",    "/control/push/dead",  ROUTE_CONTROL, SMALL,  NULL,             &push_dead_query, control_push_dead_handle),
    OPEN("POST",   "/control/push/retry", ROUTE_CONTROL, SMALL,  &push_retry_body, NULL,             control_push_retry_handle),
    OPEN("POST",   "/control/push/test",  ROUTE_CONTROL, SMALL,  &push_test_body,  NULL,             control_push_test_handle),
};
/* clang-format on */
const size_t route_row_count = sizeof route_rows / sizeof route_rows[0];

_Static_assert(WHO_EVENT_BUCKETS + sizeof route_rows / sizeof route_rows[0] <= WHO_BYTES_BUCKET,
               "a bucket each");

unsigned route_row_bucket(const struct route_row *row) {
    return WHO_EVENT_BUCKETS + (unsigned)(row - route_rows);
}

size_t route_row_body_max(const struct route_row *row, const struct wire_limits *limits) {
    size_t max = row->body_max_bytes;
    if (row->with_content)
        max += ESCAPED_MAX * ((size_t)limits->content_max_bytes + limits->metadata_max_bytes);
    return max;
}

/* What is wrong with a row; NULL: nothing. */
static const char *row_fault(const struct route_row *row) {
    bool user = row->access == ROUTE_USER;
    if (!row->method || !row->method[0]) return "has no method";
    if (!row->pattern || !route_pattern_valid(row->pattern)) return "has no valid pattern";
    if (row->access > ROUTE_CONTROL) return "says nothing of access";
    if (user != (row->who != 0) || (row->who & ~WHO_EVERYBODY) != 0) return "says nothing of who may";
    if (user && (row->rate.per_second == 0 || row->rate.burst == 0)) return "has no rate";
    if (row->body_max_bytes == 0) return "has no body limit";
    if (row->with_content != (row->bytes.per_second > 0 && row->bytes.burst > 0))
        return "has no rate of bytes";
    if (row->body && wire_schema_check(row->body)) return "has no valid body fields";
    if (row->query && wire_schema_check(row->query)) return "has no valid query fields";
    if (!row->handle) return "has no handler";
    return NULL;
}

static bool row_clashes(const struct route_row *rows, size_t i) {
    for (size_t j = 0; j < i; j++)
        if (strcmp(rows[i].method, rows[j].method) == 0 &&
            route_patterns_clash(rows[i].pattern, rows[j].pattern))
            return true;
    return false;
}

enum sio_err route_rows_check(const struct route_row *rows, size_t count, const struct sio_log *log) {
    for (size_t i = 0; i < count; i++) {
        const char *fault = row_fault(&rows[i]);
        if (!fault && row_clashes(rows, i)) fault = "means what an earlier one means";
        if (!fault) continue;
        sio_log_error(log, "route table: row %zu (%s %s) %s", i, rows[i].method ? rows[i].method : "?",
                      rows[i].pattern ? rows[i].pattern : "?", fault);
        return SIO_ERR_INVALID;
    }
    return SIO_ERR_OK;
}
