/* /messaging/estate/:estateId/…: the estate's group, its conversations, broadcasts, who is online, who lives there. */
#include "routes/table.h"
#include "wire/payloads.h"

enum { TITLE_MAX = 200 };

/* ---- the group ---- */

struct group_in {
    struct sio_span title;
};
static const struct wire_field group_fields[] = {
    {"title", WIRE_STRING, false, 0, TITLE_MAX, offsetof(struct group_in, title),
     .doc = "Of the group, when it is made"},
};
const struct wire_schema group_body = WIRE_SCHEMA(struct group_in, group_fields);

static void group_answer(struct route_call *call, enum fault fault, const struct conversation_row *row,
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

static void group_created(enum fault fault, const struct conversation_row *row, bool created, void *data) {
    group_answer(data, fault, row, 201);
}

void group_create_handle(struct route_call *call, struct chat_user *me) {
    const struct group_in *in = call->body;
    chat_estate_group(me, &call->ids[0], in->title, 0, group_created, call);
}

static void group_got(enum fault fault, const struct conversation_row *row, bool created, void *data) {
    group_answer(data, fault, row, 200);
}

void group_get_handle(struct route_call *call, struct chat_user *me) {
    chat_estate_group(me, &call->ids[0], sio_span_of("", 0), participants_asked(call), group_got, call);
}

/* ---- its conversations ---- */

struct conversations_in {
    uint64_t page, limit;
    bool unread;
};
static const struct wire_field conversations_fields[] = {
    {"page", WIRE_U64, false, 1, PAGE_MAX, offsetof(struct conversations_in, page), .doc = "From 1"},
    {"limit", WIRE_U64, false, 1, LIMIT_MAX, offsetof(struct conversations_in, limit),
     .doc = "Rows a page; 20 when it is left out"},
    {"unread", WIRE_BOOL, false, 0, 0, offsetof(struct conversations_in, unread),
     .doc = "True: only those that the caller has not read to the end, be it his own message"},
};
const struct wire_schema conversations_query = WIRE_SCHEMA(struct conversations_in, conversations_fields);

static void conversations_done(enum fault fault, const struct store_conversation_page *page, void *data) {
    struct route_call *call = data;
    if (fault != FAULT_NONE) {
        route_refuse(call, fault);
        return;
    }
    struct route_answer answer;
    page_open(&answer);
    for (size_t i = 0; i < page->count; i++)
        wire_put_conversation(&answer.w, &page->rows[i], &call->chat.user);
    page_close(&answer, page->page, page->limit, page->total, false);
    route_answer_send(&answer, call, 200);
}

static void list(struct route_call *call, struct chat_user *me, const struct uuid *estate) {
    const struct conversations_in *in = call->query;
    const struct chat_listing listing = {.estate = *estate,
                                         .unread_only = in->unread,
                                         .page = page_or_first(in->page),
                                         .limit = limit_or(in->limit, CONVERSATION_LIMIT)};
    chat_conversation_list(me, &listing, conversations_done, call);
}

/* Inside, the nil UUID is an estate that was not said; in an address it is one that nobody is in. */
static bool refused_as_nil(struct route_call *call) {
    bool is_nil = uuid_is_nil(&call->ids[0]);
    if (is_nil) route_refuse(call, FAULT_FORBIDDEN);
    return is_nil;
}

void estate_conversations_handle(struct route_call *call, struct chat_user *me) {
    if (!refused_as_nil(call)) list(call, me, &call->ids[0]);
}

/* GET /messaging/conversations: the same, wherever they are. */
void conversation_list_handle(struct route_call *call, struct chat_user *me) {
    static const struct uuid every;
    list(call, me, &every);
}

/* ---- broadcasts ---- */

struct broadcast_in {
    struct sio_span content, metadata;
    enum broadcast_type type;
};
static const struct wire_field broadcast_fields[] = {
    {"content", WIRE_STRING, true, 1, WIRE_MAX_CONTENT, offsetof(struct broadcast_in, content),
     .doc = "The text"},
    {"type", WIRE_WORD, false, 0, 0, offsetof(struct broadcast_in, type), &wire_broadcast_types,
     .doc = "What it is about; announcement when it is left out"},
    {"metadata", WIRE_OBJECT, false, 0, WIRE_MAX_METADATA, offsetof(struct broadcast_in, metadata),
     .doc = "What the app wants to attach"},
};
const struct wire_schema broadcast_body = WIRE_SCHEMA(struct broadcast_in, broadcast_fields);

static void broadcast_done(enum fault fault, const struct message_row *message, bool duplicate, void *data) {
    struct route_call *call = data;
    if (fault != FAULT_NONE) {
        route_refuse(call, fault);
        return;
    }
    struct route_answer answer;
    route_answer_open(&answer);
    wire_put_message(&answer.w, message);
    route_answer_send(&answer, call, 201);
}

void broadcast_handle(struct route_call *call, struct chat_user *me) {
    const struct broadcast_in *in = call->body;
    if (refused_as_nil(call)) return;
    struct sio_strbuf metadata;
    sio_strbuf_init(&metadata);
    wire_broadcast_metadata(&metadata, in->metadata, in->type);
    struct chat_announce announce = {.estate = call->ids[0],
                                     .type = in->type,
                                     .content = in->content,
                                     .metadata = arena_span(&call->arena, sio_strbuf_as_span(&metadata))};
    sio_strbuf_fini(&metadata);
    chat_broadcast(me, &announce, broadcast_done, call);
}

/* ---- who is online ---- */

static void online_done(enum fault fault, const struct chat_online *users, size_t count, void *data) {
    struct route_call *call = data;
    if (fault != FAULT_NONE) {
        route_refuse(call, fault);
        return;
    }
    struct route_answer answer;
    route_answer_open(&answer);
    sio_json_array_open(&answer.w);
    for (size_t i = 0; i < count; i++) wire_put_online(&answer.w, &users[i]);
    sio_json_array_close(&answer.w);
    route_answer_send(&answer, call, 200);
}

void online_users_handle(struct route_call *call, struct chat_user *me) {
    chat_online_users(me, &call->ids[0], online_done, call);
}

/* ---- its people ---- */

struct residents_in {
    struct sio_span search;
    uint64_t page, limit;
};
static const struct wire_field residents_fields[] = {
    {"search", WIRE_STRING, false, 0, STORE_SEARCH_BYTES, offsetof(struct residents_in, search),
     .doc = "Part of a name"},
    {"page", WIRE_U64, false, 1, PAGE_MAX, offsetof(struct residents_in, page), .doc = "From 1"},
    {"limit", WIRE_U64, false, 1, LIMIT_MAX, offsetof(struct residents_in, limit),
     .doc = "People a page; 50 when it is left out"},
};
const struct wire_schema residents_query = WIRE_SCHEMA(struct residents_in, residents_fields);

static void residents_done(enum fault fault, const struct store_resident_page *page, void *data) {
    struct route_call *call = data;
    if (fault != FAULT_NONE) {
        route_refuse(call, fault);
        return;
    }
    struct route_answer answer;
    page_open(&answer);
    for (size_t i = 0; i < page->count; i++) wire_put_resident(&answer.w, &page->rows[i]);
    page_close(&answer, page->page, page->limit, page->total, false);
    route_answer_send(&answer, call, 200);
}

void residents_handle(struct route_call *call, struct chat_user *me) {
    const struct residents_in *in = call->query;
    const struct chat_resident_search search = {.estate = call->ids[0],
                                                .name = in->search,
                                                .page = page_or_first(in->page),
                                                .limit = limit_or(in->limit, RESIDENT_LIMIT)};
    chat_residents(me, &search, residents_done, call);
}
