/* /messaging/conversations: create, get, leave, add a participant. */
#include "routes/table.h"
#include "wire/rows.h"

enum { TITLE_MAX = 200, PARTICIPANTS_MAX = 10000 };

struct conversation_in {
    struct uuid estate;
    enum conversation_type type;
    struct sio_span title;
    struct wire_uuids users;
};
static const struct wire_field fields[] = {
    {"estateId", WIRE_UUID, false, 0, 0, offsetof(struct conversation_in, estate),
     .doc = "The caller's own estate, also when it is left out"},
    {"type", WIRE_WORD, true, 0, 0, offsetof(struct conversation_in, type), &wire_conversation_types,
     .doc = "Between two, or more"},
    {"title", WIRE_STRING, false, 0, TITLE_MAX, offsetof(struct conversation_in, title), .doc = "Of a group"},
    {"participantUserIds", WIRE_UUIDS, true, 1, PARTICIPANTS_MAX, offsetof(struct conversation_in, users),
     .doc = "The others; the caller is in it in any case"},
};
const struct wire_schema conversation_body = WIRE_SCHEMA(struct conversation_in, fields);

/* How many of them one wants to have named; in a large conversation all are megabytes. */
struct participants_in {
    uint64_t participants;
};
static const struct wire_field participants_fields[] = {
    {"participants", WIRE_U64, false, 1, PARTICIPANTS_MAX, offsetof(struct participants_in, participants),
     .doc = "At most so many of them, the caller always among them; all when it is left out"},
};
const struct wire_schema participants_query = WIRE_SCHEMA(struct participants_in, participants_fields);

uint32_t participants_asked(const struct route_call *call) {
    return (uint32_t)((const struct participants_in *)call->query)->participants;
}

static void answer_row(struct route_call *call, enum fault fault, const struct conversation_row *row,
                       int status) {
    if (fault != FAULT_NONE) {
        route_refuse(call, fault);
        return;
    }
    struct route_answer answer;
    route_answer_open(&answer);
    wire_put_conversation(&answer.w, row, &call->chat.user);
    route_answer_send(&answer, call, status);
}

static void created(enum fault fault, const struct conversation_row *row, bool is_new, void *data) {
    answer_row(data, fault, row, 201);
}

void conversation_create_handle(struct route_call *call, struct chat_user *me) {
    const struct conversation_in *in = call->body;
    struct chat_new_conversation new = {.estate = in->estate,
                                        .type = in->type,
                                        .title = in->title,
                                        .users = in->users.items,
                                        .user_count = in->users.count};
    chat_conversation_create(me, &new, created, call);
}

static void got(enum fault fault, const struct conversation_row *row, bool is_new, void *data) {
    answer_row(data, fault, row, 200);
}

void conversation_get_handle(struct route_call *call, struct chat_user *me) {
    chat_conversation_get(me, &call->ids[0], participants_asked(call), got, call);
}

static void left(enum fault fault, void *data) {
    route_done(data, fault, SIO_SPAN("You left the conversation"));
}

void conversation_leave_handle(struct route_call *call, struct chat_user *me) {
    chat_leave(me, &call->ids[0], left, call);
}

static void added(enum fault fault, const struct participant_row *row, void *data) {
    struct route_call *call = data;
    if (fault != FAULT_NONE) {
        route_refuse(call, fault);
        return;
    }
    struct route_answer answer;
    route_answer_open(&answer);
    wire_put_participant(&answer.w, &call->ids[0], row, &call->chat.user);
    route_answer_send(&answer, call, 201);
}

void participant_add_handle(struct route_call *call, struct chat_user *me) {
    chat_participant_add(me, &call->ids[0], &call->ids[1], added, call);
}
