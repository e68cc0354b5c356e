/* /messaging/conversations/:id/messages and …/read/:messageId: send, page through, mark as read. */
#include "routes/table.h"
#include "wire/query.h"
#include "wire/rows.h"

/* ---- sending ---- */

enum { CLIENT_MESSAGE_ID_MAX = 128 };

struct message_in {
    struct uuid reply_to;
    enum message_type type;
    struct sio_span content, metadata, client_message_id;
};
static const struct wire_field message_fields[] = {
    {"content", WIRE_STRING, false, 0, WIRE_MAX_CONTENT, offsetof(struct message_in, content),
     .doc = "The text; type text needs it, the others need it or metadata"},
    {"type", WIRE_WORD, false, 0, 0, offsetof(struct message_in, type), &wire_message_types,
     .doc = "text when it is left out; system is the server's alone"},
    {"metadata", WIRE_OBJECT, false, 0, WIRE_MAX_METADATA, offsetof(struct message_in, metadata),
     .doc = "What the app wants to attach"},
    {"replyToMessageId", WIRE_UUID, false, 0, 0, offsetof(struct message_in, reply_to),
     .doc = "A message of the same conversation"},
    {"clientMessageId", WIRE_STRING, false, 1, CLIENT_MESSAGE_ID_MAX,
     offsetof(struct message_in, client_message_id),
     .doc = "The app's own id for it: the same one again is stored once; X-Idempotency-Key does as well"},
};
const struct wire_schema message_body = WIRE_SCHEMA(struct message_in, message_fields);

static void sent(enum fault fault, const struct message_row *message, bool duplicate, void *data) {
    struct route_call *call = data;
    if (fault != FAULT_NONE) {
        route_refuse(call, fault);
        return;
    }
    struct route_answer answer;
    route_answer_open(&answer);
    sio_json_object_open(&answer.w);
    wire_put_message_members(&answer.w, message);
    if (duplicate) {
        sio_json_key(&answer.w, SIO_SPAN("duplicate"));
        sio_json_bool(&answer.w, true);
    }
    sio_json_object_close(&answer.w);
    route_answer_send(&answer, call, 201);
}

void message_send_handle(struct route_call *call, struct chat_user *me) {
    const struct message_in *in = call->body;
    struct sio_span key = in->client_message_id;
    if (key.n == 0) key = sio_http_header(call->request, SIO_SPAN("x-idempotency-key"));
    if (key.n > CLIENT_MESSAGE_ID_MAX || !wire_text_valid(key)) {
        route_refuse_text(call, FAULT_INVALID_PAYLOAD,
                          SIO_SPAN("X-Idempotency-Key must be at most 128 bytes of UTF-8"));
        return;
    }
    struct chat_send send = {.conversation = call->ids[0],
                             .type = in->type,
                             .content = in->content,
                             .metadata = in->metadata,
                             .client_message_id = key,
                             .reply_to = in->reply_to};
    chat_send_message(me, &send, sent, call);
}

/* ---- history ---- */

struct history_in {
    uint64_t page, limit, after_seq, before_seq;
};
enum history_field { HISTORY_PAGE, HISTORY_LIMIT, HISTORY_AFTER, HISTORY_BEFORE };
static const struct wire_field history_fields[] = {
    [HISTORY_PAGE] = {"page", WIRE_U64, false, 1, PAGE_MAX, offsetof(struct history_in, page),
                      .doc = "From 1, the newest; not beside afterSeq and beforeSeq"},
    [HISTORY_LIMIT] = {"limit", WIRE_U64, false, 1, LIMIT_MAX, offsetof(struct history_in, limit),
                       .doc = "Messages a page; 50 when it is left out"},
    [HISTORY_AFTER] = {"afterSeq", WIRE_U64, false, 0, INT64_MAX, offsetof(struct history_in, after_seq),
                       .doc = "Only messages behind this one, the oldest first"},
    [HISTORY_BEFORE] = {"beforeSeq", WIRE_U64, false, 1, INT64_MAX, offsetof(struct history_in, before_seq),
                        .doc = "Only messages before this one; alone: the newest of them"},
};
const struct wire_schema history_query = WIRE_SCHEMA(struct history_in, history_fields);

/* Are there more beyond the last row, in the direction in which the list was walked? */
static bool has_more(const struct store_message_page *page) {
    if (page->count == 0) return false;
    if (page->by == STORE_BY_BEFORE_SEQ) return page->rows[0].seq > 1;
    uint64_t end = page->before_seq ? page->before_seq : page->total + 1;
    return page->rows[page->count - 1].seq + 1 < end;
}

/* Only there when rows were left out because the page is large enough. */
static void put_truncated(struct route_answer *answer, const struct store_message_page *page) {
    if (!page->truncated) return;
    sio_json_key(&answer->w, SIO_SPAN("truncated"));
    sio_json_bool(&answer->w, true);
}

static void seq_close(struct route_answer *answer, const struct store_message_page *page) {
    sio_json_array_close(&answer->w);
    sio_json_key(&answer->w, SIO_SPAN("limit"));
    sio_json_i64(&answer->w, page->limit);
    sio_json_key(&answer->w, SIO_SPAN("total"));
    sio_json_i64(&answer->w, (int64_t)page->total);
    sio_json_key(&answer->w, SIO_SPAN("hasMore"));
    sio_json_bool(&answer->w, page->truncated || has_more(page));
    put_truncated(answer, page);
    sio_json_object_close(&answer->w);
}

static void listed(enum fault fault, const struct store_message_page *page, void *data) {
    struct route_call *call = data;
    if (fault != FAULT_NONE) {
        route_refuse(call, fault);
        return;
    }
    struct route_answer answer;
    page_open(&answer);
    for (size_t i = 0; i < page->count; i++) wire_put_message_full(&answer.w, &page->rows[i]);
    if (page->by == STORE_BY_PAGE)
        page_close(&answer, page->page, page->limit, page->total, page->truncated);
    else
        seq_close(&answer, page);
    route_answer_send(&answer, call, 200);
}

void message_list_handle(struct route_call *call, struct chat_user *me) {
    const struct history_in *in = call->query;
    bool after = call->query_seen & 1u << HISTORY_AFTER, before = call->query_seen & 1u << HISTORY_BEFORE;
    if ((after || before) && call->query_seen & 1u << HISTORY_PAGE) {
        route_refuse_text(call, FAULT_INVALID_PAYLOAD,
                          SIO_SPAN("page goes without after_seq and before_seq"));
        return;
    }
    struct chat_history history = {.conversation = call->ids[0],
                                   .by = after    ? STORE_BY_AFTER_SEQ
                                         : before ? STORE_BY_BEFORE_SEQ
                                                  : STORE_BY_PAGE,
                                   .page = page_or_first(in->page),
                                   .limit = limit_or(in->limit, MESSAGE_LIMIT),
                                   .after_seq = in->after_seq,
                                   .before_seq = in->before_seq};
    chat_message_list(me, &history, listed, call);
}

/* ---- reading ---- */

static void read_done(enum fault fault, uint64_t seq, int64_t read_at, bool moved, void *data) {
    route_done(data, fault, SIO_SPAN("Message marked as read"));
}

void message_read_handle(struct route_call *call, struct chat_user *me) {
    static const struct sio_ref no_socket;
    chat_mark_read(me, &call->ids[0], &call->ids[1], no_socket, read_done, call);
}
