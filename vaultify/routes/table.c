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
#define USER(method, pattern, who, per_second, burst, body_max, with_content, bytes, body, query, handle,    \
             ...)                                                                                            \
    {                                                                                                        \
        method, pattern, ROUTE_USER, who, {per_second, burst}, body_max, with_content, bytes, body, query,   \
            handle, __VA_ARGS__                                                                              \
    }
#define OPEN(method, pattern, access, body_max, body, query, handle, ...)                                    \
    { method, pattern, access, 0, {0, 0}, body_max, false, UNCOUNTED, body, query, handle, __VA_ARGS__ }
#define CONTROL(method, pattern, body_max, body, query, handle)                                              \
    OPEN(method, pattern, ROUTE_CONTROL, body_max, body, query, handle, NULL, 0, 0, {ANSWER_UNSAID, NULL}, 0)

#define ALL       WHO_EVERYBODY
#define ANNOUNCES WHO_ANNOUNCES
#define ESTATE    "/messaging/estate/:estateId"
#define TALKS     "/messaging/conversations"
#define MESSAGES  "/messaging/messages"
#define NOTES     "/notifications"

#define ONE(name)                                                                                            \
    { ANSWER_ONE, &wire_##name##_shape }
#define LIST(name)                                                                                           \
    { ANSWER_LIST, &wire_##name##_shape }
#define PAGE(name)                                                                                           \
    { ANSWER_PAGE, &wire_##name##_shape }
#define TEXT                                                                                                 \
    { ANSWER_TEXT, NULL }

/* What the use cases refuse, beside what route_row_faults finds in the other columns. */
#define F         FAULT_BIT
#define NO_FAULT  0
#define NO_TALK   F(CONVERSATION_NOT_FOUND)
#define NO_SPEECH F(MESSAGE_NOT_FOUND)
#define SENDING   NO_TALK | NO_SPEECH | F(TEXT_EMPTY) | F(MESSAGE_EMPTY) | F(TYPE_SYSTEM)
#define ADDING    NO_TALK | F(USER_NOT_FOUND) | F(FORBIDDEN)
#define BEGINNING F(USER_NOT_FOUND) | F(DIRECT_NEEDS_ONE) | F(FORBIDDEN)
#define REACTING  NO_SPEECH | F(EMOJI_INVALID) | F(TOO_MANY_REACTIONS)

/* clang-format off */
const struct route_row route_rows[] = {
    /*   method    path                              who        per s, burst  body, content, bytes     its fields          query           handler
         summary, status, another, answer, faults */
    USER("POST",   ESTATE "/group",                  ALL,       20,  500,     SMALL, false, UNCOUNTED, &group_body,        NULL,           group_create_handle,
         "Makes the estate's group, or gives the one that is there", 201, 0, ONE(conversation), F(FORBIDDEN)),
    USER("GET",    ESTATE "/group",                  ALL,       50,  1000,    SMALL, false, UNCOUNTED, NULL,               &participants_query, group_get_handle,
         "The estate's group, made when it is missing; with everybody in it or with the first of them", 200, 0, ONE(conversation), F(FORBIDDEN)),
    USER("GET",    ESTATE "/conversations",          ALL,       50,  500,     SMALL, false, UNCOUNTED, NULL,               &conversations_query, estate_conversations_handle,
         "The caller's conversations in the estate, latest activity first", 200, 0, PAGE(conversation), F(FORBIDDEN)),
    USER("POST",   ESTATE "/broadcast",              ANNOUNCES, 50,  5000,    SMALL, true,  COUNTED,   &broadcast_body,    NULL,           broadcast_handle,
         "Announces something to the whole estate, and stores it in its group", 201, 0, ONE(message), NO_FAULT),
    USER("GET",    ESTATE "/online-users",           ALL,       50,  1000,    SMALL, false, UNCOUNTED, NULL,               NULL,           online_users_handle,
         "Who of the estate is online now", 200, 0, LIST(online), F(FORBIDDEN)),
    USER("GET",    ESTATE "/residents",              ALL,       20,  200,     SMALL, false, UNCOUNTED, NULL,               &residents_query, residents_handle,
         "The estate's active people by name; search is part of the first, the last or the full name, in any case", 200, 0, PAGE(resident), F(FORBIDDEN)),
    USER("GET",    "/messaging/me",                  ALL,       50,  500,     SMALL, false, UNCOUNTED, NULL,               NULL,           me_handle,
         "The token's own user", 200, 0, ONE(me), NO_FAULT),
    USER("POST",   TALKS,                            ALL,       20,  500,     LARGE, false, UNCOUNTED, &conversation_body, NULL,           conversation_create_handle,
         "Begins a conversation; between the same two there is one direct one, which is given again", 201, 0, ONE(conversation), BEGINNING),
    USER("GET",    TALKS,                            ALL,       50,  500,     SMALL, false, UNCOUNTED, NULL,               &conversations_query, conversation_list_handle,
         "The caller's conversations, latest activity first", 200, 0, PAGE(conversation), NO_FAULT),
    USER("GET",    TALKS "/:id",                     ALL,       100, 2000,    SMALL, false, UNCOUNTED, NULL,               &participants_query, conversation_get_handle,
         "One conversation, with everybody in it or with the first of them", 200, 0, ONE(conversation), NO_TALK),
    USER("POST",   TALKS "/:id/messages",            ALL,       500, 10000,   SMALL, true,  COUNTED,   &message_body,      NULL,           message_send_handle,
         "Stores a message and tells all participants", 201, 0, ONE(sent_message), SENDING),
    USER("GET",    TALKS "/:id/messages",            ALL,       50,  500,     SMALL, false, UNCOUNTED, NULL,               &history_query, message_list_handle,
         "Messages in order: by page, the newest being page 1, or after or before a seq", 200, 0, ONE(history_page), NO_TALK),
    USER("PUT",    TALKS "/:id/read/:messageId",     ALL,       200, 5000,    SMALL, false, UNCOUNTED, NULL,               NULL,           message_read_handle,
         "Moves the caller's read position forward to this message", 200, 0, ONE(done), NO_TALK | NO_SPEECH),
    USER("PUT",    TALKS "/:id/leave",               ALL,       20,  500,     SMALL, false, UNCOUNTED, NULL,               NULL,           conversation_leave_handle,
         "Leaves a conversation; the estate's group nobody leaves", 200, 0, ONE(done), NO_TALK | F(FORBIDDEN)),
    USER("POST",   TALKS "/:id/participants/:userId", ALL,      50,  5000,    SMALL, false, UNCOUNTED, NULL,               NULL,           participant_add_handle,
         "Adds somebody of the estate to a group; its admins may", 201, 0, ONE(participant), ADDING),
    USER("POST",   MESSAGES "/:id/reactions",        ALL,       100, 2000,    SMALL, false, UNCOUNTED, &reaction_body,     NULL,           reaction_add_handle,
         "Reacts to a message", 201, 0, ONE(reaction), REACTING),
    USER("DELETE", MESSAGES "/:id/reactions/*emoji", ALL,       100, 2000,    SMALL, false, UNCOUNTED, NULL,               NULL,           reaction_remove_handle,
         "Takes the caller's reaction back", 200, 0, ONE(done), NO_SPEECH | F(REACTION_NOT_FOUND)),
    USER("PUT",    TALKS "/:id/notifications",       ALL,       20,  500,     SMALL, false, UNCOUNTED, &mute_body,         NULL,           mute_set_handle,
         "Mutes a conversation, or switches its pushes off, for the caller", 200, 0, ONE(mute), NO_TALK),
    USER("GET",    NOTES "/devices",                 ALL,       20,  200,     SMALL, false, UNCOUNTED, NULL,               NULL,           device_list_handle,
         "Where the caller's pushes go", 200, 0, LIST(device), NO_FAULT),
    USER("POST",   NOTES "/devices",                 ALL,       5,   50,      DEVICE, false, UNCOUNTED, &device_body,      NULL,           device_put_handle,
         "Registers a device for pushes; again at every start of the app", 201, 0, ONE(device), NO_FAULT),
    USER("DELETE", NOTES "/devices/*token",          ALL,       5,   50,      SMALL, false, UNCOUNTED, NULL,               NULL,           device_remove_handle,
         "Forgets a device, by its token, endpoint, subscription or device_token_id", 200, 0, ONE(done), F(DEVICE_NOT_FOUND)),
    USER("GET",    NOTES "/vapid-public-key",        ALL,       20,  200,     SMALL, false, UNCOUNTED, NULL,               NULL,           vapid_key_handle,
         "What a page needs to subscribe to Web Push", 200, 0, ONE(vapid_key), F(WEBPUSH_OFF)),
    USER("GET",    NOTES "/preferences",             ALL,       20,  200,     SMALL, false, UNCOUNTED, NULL,               NULL,           preferences_get_handle,
         "The caller's language, time zone and quiet hours", 200, 0, ONE(preferences), NO_FAULT),
    USER("PUT",    NOTES "/preferences",             ALL,       5,   50,      SMALL, false, UNCOUNTED, &preferences_body,  NULL,           preferences_set_handle,
         "Sets what is there of them, and takes back what is null", 200, 0, ONE(preferences), NO_FAULT),
    OPEN("GET",    "/health/live",        ROUTE_PUBLIC,  SMALL,  NULL,             NULL,             health_live_handle,
         "Does the process live?", 200, 0, ONE(health), NO_FAULT),
    OPEN("GET",    "/health/ready",       ROUTE_PUBLIC,  SMALL,  NULL,             NULL,             health_ready_handle,
         "Does it serve? Not while it starts or stops", 200, 503, ONE(health), NO_FAULT),
    OPEN("GET",    "/demo/users",         ROUTE_DEMO,    SMALL,  NULL,             NULL,             demo_users_handle,
         "Whom one can try the demo as, each with an access token; only while the server runs with --demo", 200, 0, ONE(demo_users), F(ROUTE_NOT_FOUND)),
    OPEN("GET",    "/metrics",            ROUTE_METRICS, SMALL,  NULL,             NULL,             metrics_handle,
         "What was counted since the start, for Prometheus", 200, 0, TEXT, NO_FAULT),
    CONTROL("POST",   "/control/import",     IMPORT, NULL,             NULL,             control_import_handle),
    CONTROL("GET",    "/control/stats",      SMALL,  NULL,             NULL,             control_stats_handle),
    CONTROL("GET",    "/control/users",      SMALL,  NULL,             NULL,             control_users_handle),
    CONTROL("GET",    "/control/users/:id",  SMALL,  NULL,             NULL,             control_user_handle),
    CONTROL("GET",    "/control/push/dead",  SMALL,  NULL,             &push_dead_query, control_push_dead_handle),
    CONTROL("POST",   "/control/push/retry", SMALL,  &push_retry_body, NULL,             control_push_retry_handle),
    CONTROL("POST",   "/control/push/test",  SMALL,  &push_test_body,  NULL,             control_push_test_handle),
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

/* ---- what a row may be refused with ---- */

static fault_set access_faults(const struct route_row *row) {
    fault_set user = F(TOKEN_MISSING) | F(TOKEN_INVALID) | F(TOKEN_EXPIRED) | F(USER_UNKNOWN) |
                     F(USER_INACTIVE) | F(ESTATE_CHANGED) | F(RATE_LIMITED) | F(INTERNAL) | F(BUSY);
    switch (row->access) {
    case ROUTE_USER: return user | (row->who == WHO_EVERYBODY ? 0 : F(FORBIDDEN));
    case ROUTE_METRICS: return F(TOKEN_MISSING) | F(TOKEN_INVALID) | F(ROUTE_NOT_FOUND);
    default: return 0;
    }
}

/* A body that is too large as a whole is refused by its head, before anything here sees it. */
static fault_set input_faults(const struct route_row *row) {
    bool has_params = strpbrk(row->pattern, ":*") != NULL;
    fault_set faults = has_params || row->query || row->body ? F(INVALID_PAYLOAD) : 0;
    if (row->body) faults |= F(INVALID_JSON);
    return faults | (row->with_content ? F(CONTENT_TOO_LARGE) : 0);
}

fault_set route_row_faults(const struct route_row *row) {
    return row->faults | access_faults(row) | input_faults(row);
}

/* ---- the check ---- */

/* What is wrong with what a row's documents say; NULL: nothing. */
static const char *words_fault(const struct route_row *row) {
    if (row->access == ROUTE_CONTROL)
        return row->answer.form == ANSWER_UNSAID ? NULL : "says what an administrator alone may see";
    if ((row->body && !wire_schema_is_documented(row->body)) ||
        (row->query && !wire_schema_is_documented(row->query)))
        return "has a field that its documents say nothing of";
    if (!row->summary || !row->summary[0]) return "has no summary";
    if (row->status < 200 || row->status > 299) return "has no status of success";
    if (wire_answer_check(&row->answer)) return "has no valid shape of its answer";
    return NULL;
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
    return words_fault(row);
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
