/* The table of HTTP routes: one row says everything about a route but what it does. */
#pragma once
#include "routes/call.h"
#include "wire/shapes.h"

enum route_access {
    ROUTE_USER,    /* an access token, and the roles of `who` */
    ROUTE_PUBLIC,  /* everybody */
    ROUTE_DEMO,    /* everybody, where there is a demo; elsewhere the route does not exist */
    ROUTE_METRICS, /* as routes_config says of metrics_token and metrics_open */
    ROUTE_CONTROL, /* the Unix socket only; for all others the route does not exist */
};

/* No column has a default. */
struct route_row {
    const char *method, *pattern;
    enum route_access access;
    unsigned who;            /* WHO_… of ROUTE_USER */
    struct rate_limit rate;  /* per user; of ROUTE_USER */
    uint32_t body_max_bytes; /* and if `with_content` what content and metadata may take too */
    bool with_content;
    struct rate_limit bytes; /* of the body, per user and in one bucket for all such rows; 0: not counted */
    const struct wire_schema *body, *query;                        /* NULL: is not looked at */
    void (*handle)(struct route_call *call, struct chat_user *me); /* `me` is NULL but for ROUTE_USER */
    /* What its documents say; of ROUTE_CONTROL nothing. */
    const char *summary;      /* one sentence, without a full stop */
    int status, other_status; /* of success; and perhaps another one with the same answer */
    struct wire_answer answer;
    fault_set faults; /* that its use case has; route_row_faults adds what follows from the other columns */
};

extern const struct route_row route_rows[];
extern const size_t route_row_count;

/* All that the route may be refused with. */
fault_set route_row_faults(const struct route_row *row);

/* What any request may be refused with before a route is looked for. */
fault_set route_early_faults(void);

unsigned route_row_bucket(const struct route_row *row);
size_t route_row_body_max(const struct route_row *row, const struct wire_limits *limits);

/* Are the rows complete, limited, and without two that one request could mean? A line in the log says which
 * one is not. */
enum sio_err route_rows_check(const struct route_row *rows, size_t count,
                              const struct sio_log *log) SIO_MUST_CHECK;

enum {
    PAGE_MAX = 1000000,
    LIMIT_MAX = 100,
    CONVERSATION_LIMIT = 20,
    MESSAGE_LIMIT = 50,
    RESIDENT_LIMIT = 50
};

/* Of a list; 0: not said. */
uint32_t page_or_first(uint64_t page);
uint32_t limit_or(uint64_t limit, uint32_t otherwise);

/* {data:[…], page, limit, total, totalPages}: open, the rows, close. `truncated`: rows of this page were left
 * out, and the answer says hasMore and truncated. */
void page_open(struct route_answer *answer);
void page_close(struct route_answer *answer, uint32_t page, uint32_t limit, uint64_t total, bool truncated);

/* estate.c */
extern const struct wire_schema group_body, broadcast_body, residents_query, conversations_query;
void group_create_handle(struct route_call *call, struct chat_user *me);
void group_get_handle(struct route_call *call, struct chat_user *me);
void estate_conversations_handle(struct route_call *call, struct chat_user *me);
void conversation_list_handle(struct route_call *call, struct chat_user *me);
void broadcast_handle(struct route_call *call, struct chat_user *me);
void online_users_handle(struct route_call *call, struct chat_user *me);
void residents_handle(struct route_call *call, struct chat_user *me);

/* me.c */
void me_handle(struct route_call *call, struct chat_user *me);

/* demo.c */
void demo_users_handle(struct route_call *call, struct chat_user *me);

/* conversations.c */
extern const struct wire_schema conversation_body, participants_query;
uint32_t participants_asked(const struct route_call *call); /* of participants_query; 0: all */
void conversation_create_handle(struct route_call *call, struct chat_user *me);
void conversation_get_handle(struct route_call *call, struct chat_user *me);
void conversation_leave_handle(struct route_call *call, struct chat_user *me);
void participant_add_handle(struct route_call *call, struct chat_user *me);

/* messages.c */
extern const struct wire_schema message_body, history_query;
void message_send_handle(struct route_call *call, struct chat_user *me);
void message_list_handle(struct route_call *call, struct chat_user *me);
void message_read_handle(struct route_call *call, struct chat_user *me);

/* reactions.c */
extern const struct wire_schema reaction_body;
void reaction_add_handle(struct route_call *call, struct chat_user *me);
void reaction_remove_handle(struct route_call *call, struct chat_user *me);

/* devices.c */
extern const struct wire_schema device_body;
void device_list_handle(struct route_call *call, struct chat_user *me);
void device_put_handle(struct route_call *call, struct chat_user *me);
void device_remove_handle(struct route_call *call, struct chat_user *me);
void vapid_key_handle(struct route_call *call, struct chat_user *me);

/* preferences.c */
extern const struct wire_schema preferences_body, mute_body;
void preferences_get_handle(struct route_call *call, struct chat_user *me);
void preferences_set_handle(struct route_call *call, struct chat_user *me);
void mute_set_handle(struct route_call *call, struct chat_user *me);

/* health.c */
void health_live_handle(struct route_call *call, struct chat_user *me);
void health_ready_handle(struct route_call *call, struct chat_user *me);

/* metrics.c */
void metrics_handle(struct route_call *call, struct chat_user *me);

/* control.c */
void control_import_handle(struct route_call *call, struct chat_user *me);
void control_user_handle(struct route_call *call, struct chat_user *me);
void control_users_handle(struct route_call *call, struct chat_user *me);
void control_stats_handle(struct route_call *call, struct chat_user *me);

/* control_push.c */
extern const struct wire_schema push_dead_query, push_retry_body, push_test_body;
void control_push_dead_handle(struct route_call *call, struct chat_user *me);
void control_push_retry_handle(struct route_call *call, struct chat_user *me);
void control_push_test_handle(struct route_call *call, struct chat_user *me);
