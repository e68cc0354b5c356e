/* Every payload and row, byte for byte as the contract writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/error_body.h"
#include "wire/payloads.h"

#define M "00000000-0000-7000-8000-00000000000a"
#define C "00000000-0000-7000-8000-00000000000c"
#define U "00000000-0000-7000-8000-0000000000aa"
#define E "00000000-0000-7000-8000-0000000000ee"
#define T "2026-01-01T12:00:00.000Z"
static const int64_t t = 1767268800000;

static struct uuid id(const char *text) {
    struct uuid u;
    assert_true(uuid_parse(sio_span_cstr(text), &u));
    return u;
}

static struct sio_strbuf out;
static struct sio_json_writer w;

static void begin(void) {
    sio_strbuf_clear(&out);
    sio_json_begin(&w, &out);
}

static void is(const char *expected) {
    struct sio_span value;
    assert_true(sio_json_check(sio_strbuf_as_span(&out), &value));
    assert_string_equal(out.p, expected);
}

static struct message_row message(void) {
    return (struct message_row){.id = id(M),
                                .conversation = id(C),
                                .sender = id(U),
                                .seq = 7,
                                .type = MESSAGE_TEXT,
                                .status = STATUS_SENT,
                                .content = SIO_SPAN("Hi \"you\""),
                                .created_at = t,
                                .updated_at = t,
                                .sender_first_name = SIO_SPAN("Ada"),
                                .sender_last_name = SIO_SPAN("Obi")};
}

#define MESSAGE_MEMBERS                                                                                      \
    "\"message_id\":\"" M "\",\"conversation_id\":\"" C "\",\"sender_user_id\":\"" U "\",\"type\":\"text\"," \
    "\"content\":\"Hi \\\"you\\\"\",\"metadata\":null,\"reply_to_message_id\":null,\"status\":\"sent\","     \
    "\"edited_at\":null,\"deleted_at\":null,\"created_at\":\"" T "\",\"updated_at\":\"" T "\",\"seq\":7,"    \
    "\"client_message_id\":null,\"sender\":{\"user_id\":\"" U "\",\"first_name\":\"Ada\",\"last_name\":"     \
    "\"Obi\",\"profile_picture_url\":null}"

static void a_new_message(void **state) {
    struct message_row row = message();
    begin();
    wire_new_message(&w, &row);
    is("{\"conversationId\":\"" C "\",\"message\":{" MESSAGE_MEMBERS "}}");
}

static void a_message_with_everything(void **state) {
    struct message_row first = message(), row = message();
    struct reaction_row reaction = {.id = id(E),
                                    .message = id(M),
                                    .user = id(U),
                                    .emoji = SIO_SPAN("\xf0\x9f\x91\x8d"),
                                    .created_at = t,
                                    .first_name = SIO_SPAN("Ada"),
                                    .last_name = SIO_SPAN("Obi")};
    row.metadata = SIO_SPAN("{\"w\":1}");
    row.content = sio_span_of("", 0);
    row.client_message_id = SIO_SPAN("k1");
    row.reply_to = id(M);
    row.reply = &first;
    row.reactions = &reaction;
    row.reaction_count = 1;
    row.sender_picture_url = SIO_SPAN("http://x/p.png");
    begin();
    wire_put_message_full(&w, &row);
    is("{\"message_id\":\"" M "\",\"conversation_id\":\"" C "\",\"sender_user_id\":\"" U
       "\",\"type\":\"text\","
       "\"content\":null,\"metadata\":{\"w\":1},\"reply_to_message_id\":\"" M "\",\"status\":\"sent\","
       "\"edited_at\":null,\"deleted_at\":null,\"created_at\":\"" T "\",\"updated_at\":\"" T "\",\"seq\":7,"
       "\"client_message_id\":\"k1\",\"sender\":{\"user_id\":\"" U
       "\",\"first_name\":\"Ada\",\"last_name\":\"Obi\","
       "\"profile_picture_url\":\"http://x/p.png\"},\"reply_to_message\":{" MESSAGE_MEMBERS "},"
       "\"reactions\":[{\"reaction_id\":\"" E "\",\"message_id\":\"" M "\",\"user_id\":\"" U "\","
       "\"emoji\":\"\xf0\x9f\x91\x8d\",\"created_at\":\"" T "\",\"user\":{\"user_id\":\"" U
       "\",\"first_name\":\"Ada\","
       "\"last_name\":\"Obi\"}}]}");
}

static void message_sent(void **state) {
    struct message_row row = message();
    begin();
    wire_message_sent(&w, &row);
    is("{\"messageId\":\"" M "\",\"conversationId\":\"" C "\",\"seq\":7,\"createdAt\":\"" T "\"}");
    row.client_message_id = SIO_SPAN("k1");
    begin();
    wire_message_sent(&w, &row);
    is("{\"messageId\":\"" M "\",\"conversationId\":\"" C "\",\"clientMessageId\":\"k1\",\"seq\":7,"
       "\"createdAt\":\"" T "\"}");
}

static void message_read(void **state) {
    struct uuid c = id(C), m = id(M), u = id(U);
    begin();
    wire_message_read(&w, &c, &m, 7, &u, t);
    is("{\"conversationId\":\"" C "\",\"messageId\":\"" M "\",\"readBy\":\"" U "\",\"readAt\":\"" T
       "\",\"seq\":7}");
}

static void message_delivered(void **state) {
    struct uuid c = id(C), m = id(M), u = id(U);
    begin();
    wire_message_delivered(&w, &c, &m, 7, &u, t);
    is("{\"conversationId\":\"" C "\",\"messageId\":\"" M "\",\"deliveredTo\":\"" U "\",\"deliveredAt\":\"" T
       "\",\"seq\":7}");
}

static struct chat_person person(void) {
    return (struct chat_person){.id = id(U),
                                .estate = id(E),
                                .role = ROLE_SECURITY,
                                .first_name = SIO_SPAN("Ada"),
                                .last_name = SIO_SPAN("Obi")};
}

static void typing_and_presence(void **state) {
    struct uuid c = id(C), u = id(U), e = id(E);
    struct chat_person p = person();
    begin();
    wire_user_typing(&w, &c, &p, false);
    is("{\"conversationId\":\"" C "\",\"userId\":\"" U "\",\"firstName\":\"Ada\",\"lastName\":\"Obi\","
       "\"isTyping\":false}");
    begin();
    wire_user_online(&w, &p, t);
    is("{\"userId\":\"" U "\",\"firstName\":\"Ada\",\"lastName\":\"Obi\",\"timestamp\":\"" T "\"}");
    begin();
    wire_user_offline(&w, &u, t);
    is("{\"userId\":\"" U "\",\"timestamp\":\"" T "\"}");
    begin();
    wire_presence_digest(&w, &e, &u, 1, NULL, 0, 300);
    is("{\"estateId\":\"" E "\",\"online\":[\"" U "\"],\"offline\":[],\"count\":300}");
}

static void membership(void **state) {
    struct uuid c = id(C);
    begin();
    wire_membership(&w, &c);
    is("{\"conversationId\":\"" C "\"}");
}

static void an_estate_broadcast(void **state) {
    struct uuid e = id(E);
    struct message_row row = message();
    struct chat_person p = person();
    begin();
    wire_estate_broadcast(&w, &e, &row, BROADCAST_MAINTENANCE, &p);
    is("{\"message\":\"Hi \\\"you\\\"\",\"type\":\"maintenance\",\"from\":{\"userId\":\"" U
       "\",\"firstName\":\"Ada\","
       "\"lastName\":\"Obi\",\"role\":\"Security Personnel\"},\"timestamp\":\"" T "\",\"estateId\":\"" E "\","
       "\"messageId\":\"" M "\",\"conversationId\":\"" C "\",\"seq\":7}");
}

static void broadcast_metadata(void **state) {
    sio_strbuf_clear(&out);
    wire_broadcast_metadata(&out, sio_span_of("", 0), BROADCAST_ANNOUNCEMENT);
    is("{\"broadcast_type\":\"announcement\"}");
    sio_strbuf_clear(&out);
    wire_broadcast_metadata(&out, SIO_SPAN("{\"a\\\"b\":[1],\"broadcast_type\":\"x\",\"z\":null}"),
                            BROADCAST_UTILITY);
    is("{\"a\\\"b\":[1],\"z\":null,\"broadcast_type\":\"utility\"}");
}

static void refusals(void **state) {
    begin();
    wire_error(&w, FAULT_FORBIDDEN, sio_span_of("", 0), SIO_SPAN("typing"));
    is("{\"message\":\"You may not do this\",\"code\":\"forbidden\",\"event\":\"typing\"}");
    begin();
    wire_error(&w, FAULT_TOKEN_EXPIRED, sio_span_of("", 0), sio_span_of("", 0));
    is("{\"message\":\"The access token has expired\",\"code\":\"token_expired\"}");
    begin();
    wire_ack_refused(&w, FAULT_RATE_LIMITED, SIO_SPAN("Slower"), 250);
    is("{\"ok\":false,\"error\":{\"code\":\"rate_limited\",\"message\":\"Slower\",\"retryAfterMs\":250}}");
    sio_strbuf_clear(&out);
    wire_error_body(&out, &(struct wire_error_body){.fault = FAULT_FORBIDDEN,
                                                    .method = SIO_SPAN("GET"),
                                                    .path = SIO_SPAN("/a\"b"),
                                                    .now_ms = t});
    is("{\"success\":false,\"statusCode\":403,\"timestamp\":\"" T
       "\",\"path\":\"/a\\\"b\",\"method\":\"GET\","
       "\"error\":\"Forbidden\",\"message\":\"You may not do this\",\"code\":\"forbidden\"}");
}

static void every_fault_has_a_reason(void **state) {
    for (unsigned f = FAULT_NONE + 1; f < FAULT_COUNT_; f++)
        assert_string_not_equal(wire_reason(fault_status((enum fault)f)), "Unknown");
}

static void a_conversation(void **state) {
    struct participant_row people[] = {{.user = id(U),
                                        .is_admin = true,
                                        .notifications_enabled = true,
                                        .joined_at = t,
                                        .last_read_seq = 3,
                                        .last_delivered_seq = 4,
                                        .role = ROLE_ADMIN,
                                        .first_name = SIO_SPAN("Ada"),
                                        .last_name = SIO_SPAN("Obi")},
                                       {.user = id(M), .left_at = t}};
    struct conversation_row row = {.id = id(C),
                                   .estate = id(E),
                                   .created_by = id(U),
                                   .type = CONVERSATION_GROUP,
                                   .estate_group = true,
                                   .title = SIO_SPAN("Palm Estate Group"),
                                   .created_at = t,
                                   .updated_at = t,
                                   .last_activity_at = t,
                                   .last_seq = 7,
                                   .participants = people,
                                   .participant_count = 2,
                                   .participant_total = 1,
                                   .unread_count = 4};
    begin();
    wire_put_conversation(&w, &row, &people[0].user);
    is("{\"conversation_id\":\"" C "\",\"estate_id\":\"" E "\",\"created_by_user_id\":\"" U
       "\",\"type\":\"group\","
       "\"title\":\"Palm Estate Group\",\"photo_url\":null,\"metadata\":null,\"created_at\":\"" T "\","
       "\"updated_at\":\"" T "\",\"is_estate_group\":true,\"last_activity_at\":\"" T "\",\"last_seq\":7,"
       "\"participant_count\":1,\"unread_count\":4,\"last_message\":null,\"participants\":[{\"conversation_"
       "id\":\"" C "\",\"user_id\":\"" U
       "\",\"is_admin\":true,\"is_muted\":false,\"is_pinned\":false,\"is_archived\":false,"
       "\"notifications_enabled\":true,\"last_read_message_id\":null,\"last_read_seq\":3,\"last_delivered_"
       "seq\":4,\"joined_at\":\"" T "\","
       "\"left_at\":null,\"user\":{\"user_id\":\"" U "\",\"first_name\":\"Ada\",\"last_name\":\"Obi\","
       "\"role\":\"Admin\",\"profile_picture_url\":null}}]}");
}

static void settings_are_the_readers_own(void **state) {
    const struct participant_row row = {
        .user = id(U), .is_muted = true, .is_pinned = true, .is_archived = true};
    const struct uuid conversation = id(C), stranger = id(M);
    begin();
    wire_put_participant(&w, &conversation, &row, &row.user);
    assert_non_null(strstr(out.p, "\"is_muted\":true,\"is_pinned\":true,\"is_archived\":true,"
                                  "\"notifications_enabled\":false"));
    begin();
    wire_put_participant(&w, &conversation, &row, &stranger);
    assert_non_null(strstr(out.p, "\"is_muted\":false,\"is_pinned\":false,\"is_archived\":false,"
                                  "\"notifications_enabled\":true"));
}

static void people(void **state) {
    struct user_row user = {.id = id(U),
                            .role = ROLE_SUPER_ADMIN,
                            .status = USER_ACTIVE,
                            .email = SIO_SPAN("a@b.c"),
                            .first_name = SIO_SPAN("Ada"),
                            .last_name = SIO_SPAN("Obi"),
                            .created_at = t,
                            .updated_at = t};
    struct chat_online online = {.person = person(), .online_since = t};
    begin();
    wire_put_user(&w, &user);
    is("{\"user_id\":\"" U
       "\",\"first_name\":\"Ada\",\"last_name\":\"Obi\",\"email\":\"a@b.c\",\"status\":\"active\","
       "\"role\":\"Super Admin\",\"estate_id\":null,\"profile_picture_url\":null,\"created_at\":\"" T "\","
       "\"updated_at\":\"" T "\"}");
    begin();
    wire_put_resident(&w, &user);
    is("{\"user_id\":\"" U "\",\"first_name\":\"Ada\",\"last_name\":\"Obi\",\"role\":\"Super Admin\","
       "\"profile_picture_url\":null}");
    begin();
    wire_put_online(&w, &online);
    is("{\"user_id\":\"" U "\",\"first_name\":\"Ada\",\"last_name\":\"Obi\",\"role\":\"Security Personnel\","
       "\"profile_picture_url\":null,\"online_since\":\"" T "\"}");
}

static int all_begin(void **state) {
    sio_strbuf_init(&out);
    return 0;
}
static int all_end(void **state) {
    sio_strbuf_fini(&out);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_message),
        cmocka_unit_test(a_message_with_everything),
        cmocka_unit_test(message_sent),
        cmocka_unit_test(message_read),
        cmocka_unit_test(message_delivered),
        cmocka_unit_test(typing_and_presence),
        cmocka_unit_test(membership),
        cmocka_unit_test(an_estate_broadcast),
        cmocka_unit_test(broadcast_metadata),
        cmocka_unit_test(refusals),
        cmocka_unit_test(every_fault_has_a_reason),
        cmocka_unit_test(a_conversation),
        cmocka_unit_test(settings_are_the_readers_own),
        cmocka_unit_test(people),
    };
    return cmocka_run_group_tests(tests, all_begin, all_end);
}
