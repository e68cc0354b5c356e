/* Expo's answers: the table of words, tickets that are missing, strange or somebody else's, receipts, refusals. */
#include "push/expo/answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { NOTES = 3 };
#define TOKEN(name) "ExponentPushToken[" name "]"

static const struct push_note notes[NOTES] = {
    {.target = {.service = PUSH_EXPO, .token = {TOKEN("aaa"), 22}}},
    {.target = {.service = PUSH_EXPO, .token = {TOKEN("bbb"), 22}}},
    {.target = {.service = PUSH_EXPO, .token = {TOKEN("ccc"), 22}}}};

static struct push_verdict verdicts[NOTES];

/* Whether the notes are to go again, each alone. */
static bool judge(size_t count, int status, const char *body) {
    const struct push_response response = {.status = status, .body = sio_span_cstr(body)};
    memset(verdicts, 0xff, sizeof verdicts);
    return expo_judge_tickets(notes, count, &response, verdicts);
}

static void assert_verdict(size_t i, enum push_result result, const char *reason, bool all) {
    assert_string_equal(push_result_text(verdicts[i].result), push_result_text(result));
    assert_string_equal(verdicts[i].reason, reason);
    assert_int_equal(verdicts[i].all, all);
    assert_int_equal(verdicts[i].dead_since, 0);
}

/* ---- tickets ---- */

#define ERROR(word)   "{\"status\":\"error\",\"message\":\"x\",\"details\":{\"error\":\"" word "\"}}"
#define OK(id)        "{\"status\":\"ok\",\"id\":\"" id "\"}"
#define DATA(tickets) "{\"data\":[" tickets "]}"
#define DEAD_OF(token)                                                                                       \
    "{\"status\":\"error\",\"details\":{\"error\":\"DeviceNotRegistered\",\"expoPushToken\":\"" token "\"}}"

static void tickets_in_order(void **state) {
    assert_false(judge(3, 200, DATA(OK("id-1") "," ERROR("DeviceNotRegistered") "," OK("id_3"))));
    assert_verdict(0, PUSH_SENT, "", false);
    assert_string_equal(verdicts[0].receipt, "id-1");
    assert_verdict(1, PUSH_TOKEN_DEAD, "DeviceNotRegistered", false);
    assert_string_equal(verdicts[1].receipt, "");
    assert_verdict(2, PUSH_SENT, "", false);
    assert_string_equal(verdicts[2].receipt, "id_3");
}

static void every_word_of_a_ticket(void **state) {
    static const struct {
        const char *ticket;
        enum push_result result;
        const char *reason;
    } rows[] = {
        {ERROR("DeviceNotRegistered"), PUSH_TOKEN_DEAD, "DeviceNotRegistered"},
        {ERROR("MessageRateExceeded"), PUSH_RETRY, "MessageRateExceeded"},
        {ERROR("ExpoError"), PUSH_RETRY, "ExpoError"},
        {ERROR("ProviderError"), PUSH_RETRY, "ProviderError"},
        {ERROR("MessageTooBig"), PUSH_REFUSED, "MessageTooBig"},
        {ERROR("MismatchSenderId"), PUSH_KEY_PROBLEM, "MismatchSenderId"},
        {ERROR("InvalidCredentials"), PUSH_KEY_PROBLEM, "InvalidCredentials"},
        {ERROR("DeveloperError"), PUSH_REFUSED, "DeveloperError"},
        {ERROR("devicenotregistered"), PUSH_REFUSED, "devicenotregistered"},
        {ERROR(TOKEN("aaa")), PUSH_REFUSED, "HTTP 200"}, /* never a token */
        {"{\"status\":\"error\"}", PUSH_REFUSED, "HTTP 200"},
        {"{\"status\":\"error\",\"message\":\"DeviceNotRegistered\",\"details\":null}", PUSH_REFUSED,
         "HTTP 200"},
        {"{\"status\":\"error\",\"details\":{\"error\":[\"DeviceNotRegistered\"]}}", PUSH_REFUSED,
         "HTTP 200"},
        {"{\"details\":{\"error\":\"DeviceNotRegistered\"}}", PUSH_RETRY, "no ticket"},
        {"{\"status\":\"maybe\",\"details\":{\"error\":\"DeviceNotRegistered\"}}", PUSH_RETRY, "no ticket"},
        {"{\"status\":[\"ok\"]}", PUSH_RETRY, "no ticket"},
        {"null", PUSH_RETRY, "no ticket"},
        {"\"ok\"", PUSH_RETRY, "no ticket"},
        {"[]", PUSH_RETRY, "no ticket"},
        {"{}", PUSH_RETRY, "no ticket"},
    };
    char body[512];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(body, sizeof body, "{\"data\":[%s]}", rows[i].ticket);
        assert_false(judge(1, 200, body));
        assert_verdict(0, rows[i].result, rows[i].reason, false);
    }
}

static void missing_tickets_are_asked_for_again(void **state) {
    judge(3, 200, DATA(OK("a")));
    assert_verdict(0, PUSH_SENT, "", false);
    assert_verdict(1, PUSH_RETRY, "no ticket", false);
    assert_verdict(2, PUSH_RETRY, "no ticket", false);
    judge(2, 200, DATA(OK("a") "," OK("b") "," OK("c"))); /* one too many */
    assert_verdict(0, PUSH_SENT, "", false);
    assert_verdict(1, PUSH_SENT, "", false);
}

static void a_token_is_given_up_only_when_the_ticket_is_surely_its_own(void **state) {
    judge(3, 200, DATA(OK("a") "," ERROR("DeviceNotRegistered"))); /* whose, of two? */
    assert_verdict(1, PUSH_RETRY, "DeviceNotRegistered", false);
    judge(3, 200, DATA(OK("a") "," DEAD_OF(TOKEN("bbb"))));
    assert_verdict(1, PUSH_TOKEN_DEAD, "DeviceNotRegistered", false);
    judge(3, 200, DATA(OK("a") "," DEAD_OF(TOKEN("ccc"))));
    assert_verdict(1, PUSH_RETRY, "DeviceNotRegistered", false);
    judge(2, 200, DATA(OK("a") "," DEAD_OF(TOKEN("aaa"))));
    assert_verdict(1, PUSH_RETRY, "DeviceNotRegistered", false);
}

static void garbage_is_the_matter_of_the_service(void **state) {
    static const char *const bodies[] = {"",
                                         "<html>",
                                         "null",
                                         "[]",
                                         "{}",
                                         "{\"data\":null}",
                                         "{\"data\":{}}",
                                         "{\"data\":[]}",
                                         "{\"data\":{\"status\":\"ok\"}}",
                                         "{\"data\":[",
                                         "{\"errors\":[{\"code\":\"X\"}]}",
                                         DATA(OK("a")) "x"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        assert_false(judge(2, 200, bodies[i]));
        assert_verdict(0, PUSH_RETRY, "no ticket", true);
        assert_verdict(1, PUSH_RETRY, "no ticket", true);
    }
}

static void ids_of_another_form_are_not_kept(void **state) {
    char id[PUSH_RECEIPT_TEXT + 1], body[256];
    judge(3, 200, DATA(OK("") "," OK("a b") "," OK("a\\u0000b")));
    for (size_t i = 0; i < 3; i++) assert_string_equal(verdicts[i].receipt, "");
    judge(3, 200,
          DATA("{\"status\":\"ok\"}"
               ","
               "{\"status\":\"ok\",\"id\":7}"
               "," OK("a\\\"b")));
    for (size_t i = 0; i < 3; i++) assert_string_equal(verdicts[i].receipt, "");
    for (size_t n = PUSH_RECEIPT_TEXT - 1; n <= PUSH_RECEIPT_TEXT; n++) {
        memset(id, 'x', n);
        id[n] = 0;
        snprintf(body, sizeof body, DATA(OK("%s")), id);
        judge(1, 200, body);
        assert_verdict(0, PUSH_SENT, "", false);
        assert_string_equal(verdicts[0].receipt, n < PUSH_RECEIPT_TEXT ? id : "");
    }
}

/* ---- whole requests ---- */

#define REFUSAL(code) "{\"errors\":[{\"code\":\"" code "\",\"message\":\"x\"}]}"

static void refusals(void **state) {
    static const struct {
        size_t notes;
        int status;
        const char *body;
        enum push_result result;
        const char *reason;
        bool all, singly;
    } rows[] = {
        {1, 400, REFUSAL("VALIDATION_ERROR"), PUSH_REFUSED, "VALIDATION_ERROR", false, false},
        {3, 400, REFUSAL("PUSH_TOO_MANY_EXPERIENCE_IDS"), PUSH_RETRY, "PUSH_TOO_MANY_EXPERIENCE_IDS", false,
         true},
        {3, 413, "", PUSH_RETRY, "HTTP 413", false, true},
        {1, 413, "too large", PUSH_REFUSED, "HTTP 413", false, false},
        {1, 422, "{\"errors\":[]}", PUSH_REFUSED, "HTTP 422", false, false},
        {3, 401, REFUSAL("UNAUTHORIZED"), PUSH_KEY_PROBLEM, "UNAUTHORIZED", true, false},
        {1, 403, "{\"errors\":{}}", PUSH_KEY_PROBLEM, "HTTP 403", true, false},
        {1, 404, "<html>", PUSH_KEY_PROBLEM, "HTTP 404", true, false},
        {3, 302, "", PUSH_KEY_PROBLEM, "HTTP 302", true, false},
        {3, 429, REFUSAL("TOO_MANY_REQUESTS"), PUSH_RETRY, "TOO_MANY_REQUESTS", true, false},
        {1, 429, "", PUSH_RETRY, "HTTP 429", true, false},
        {3, 500, REFUSAL("INTERNAL_SERVER_ERROR"), PUSH_RETRY, "HTTP 500", false, false},
        {3, 503, "", PUSH_RETRY, "HTTP 503", true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(judge(rows[i].notes, rows[i].status, rows[i].body), rows[i].singly);
        for (size_t n = 0; n < rows[i].notes; n++)
            assert_verdict(n, rows[i].result, rows[i].reason, rows[i].all);
    }
}

static void waiting_as_told(void **state) {
    const struct push_response busy = {.status = 429, .retry_after_ms = 7000};
    expo_judge_tickets(notes, 2, &busy, verdicts);
    assert_int_equal(verdicts[0].retry_after_ms, 7000);
    assert_int_equal(verdicts[1].retry_after_ms, 7000);
}

static void no_answer(void **state) {
    static const enum push_transport transports[] = {PUSH_UNREACHABLE, PUSH_TIMED_OUT, PUSH_BROKEN,
                                                     PUSH_CERTIFICATE};
    for (size_t i = 0; i < sizeof transports / sizeof *transports; i++) {
        const struct push_response response = {.transport = transports[i], .status = 429};
        assert_false(expo_judge_tickets(notes, 2, &response, verdicts));
        assert_verdict(1, PUSH_RETRY, push_transport_text(transports[i]), true);
    }
}

/* ---- receipts ---- */

static const struct sio_span ids[NOTES] = {{"id-1", 4}, {"id-2", 4}, {"id-3", 4}};

static void judge_receipts(int status, const char *body) {
    const struct push_response response = {.status = status, .body = sio_span_cstr(body)};
    memset(verdicts, 0xff, sizeof verdicts);
    expo_judge_receipts(ids, NOTES, &response, verdicts);
}

static void receipts_by_id(void **state) {
    judge_receipts(200, "{\"data\":{\"id-3\":" ERROR("DeviceNotRegistered") ",\"id-9\":" ERROR(
                            "DeviceNotRegistered") ",\"id-1\":{\"status\":\"ok\"}}}");
    assert_verdict(0, PUSH_SENT, "", false);
    assert_verdict(1, PUSH_RETRY, "no receipt yet", false);
    assert_verdict(2, PUSH_TOKEN_DEAD, "DeviceNotRegistered", false);
}

static void every_word_of_a_receipt(void **state) {
    static const struct {
        const char *receipt;
        enum push_result result;
        const char *reason;
    } rows[] = {
        {ERROR("DeviceNotRegistered"), PUSH_TOKEN_DEAD, "DeviceNotRegistered"},
        {ERROR("MessageRateExceeded"), PUSH_REFUSED, "MessageRateExceeded"},
        {ERROR("ProviderError"), PUSH_REFUSED, "ProviderError"},
        {ERROR("ExpoError"), PUSH_REFUSED, "ExpoError"},
        {ERROR("MessageTooBig"), PUSH_REFUSED, "MessageTooBig"},
        {ERROR("MismatchSenderId"), PUSH_KEY_PROBLEM, "MismatchSenderId"},
        {ERROR("InvalidCredentials"), PUSH_KEY_PROBLEM, "InvalidCredentials"},
        {ERROR("Whatever"), PUSH_REFUSED, "Whatever"},
        {"{}", PUSH_RETRY, "no receipt yet"},
        {"null", PUSH_RETRY, "no receipt yet"},
        {"{\"status\":\"pending\"}", PUSH_RETRY, "no receipt yet"},
    };
    char body[512];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(body, sizeof body, "{\"data\":{\"id-2\":%s}}", rows[i].receipt);
        judge_receipts(200, body);
        assert_verdict(0, PUSH_RETRY, "no receipt yet", false);
        assert_verdict(1, rows[i].result, rows[i].reason, false);
    }
}

/* A refused request says nothing of what became of the pushes. */
static void receipts_are_asked_for_again(void **state) {
    static const char *const bodies[] = {
        "",
        "[]",
        "{}",
        "{\"data\":[]}",
        "{\"data\":{\"id-1\"",
        "{\"data\":{\"\":1}}",
        "{\"data\":[{\"status\":\"error\",\"details\":{\"error\":\"DeviceNotRegistered\"}}]}"};
    static const int statuses[] = {400, 401, 403, 404, 413, 429, 500, 503};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        judge_receipts(200, bodies[i]);
        for (size_t n = 0; n < NOTES; n++) assert_int_equal(verdicts[n].result, PUSH_RETRY);
    }
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        judge_receipts(statuses[i], "{\"data\":{\"id-1\":" ERROR("DeviceNotRegistered") "}}");
        for (size_t n = 0; n < NOTES; n++) assert_int_equal(verdicts[n].result, PUSH_RETRY);
    }
    judge_receipts(401, REFUSAL("UNAUTHORIZED"));
    assert_verdict(2, PUSH_RETRY, "UNAUTHORIZED", false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tickets_in_order),
        cmocka_unit_test(every_word_of_a_ticket),
        cmocka_unit_test(missing_tickets_are_asked_for_again),
        cmocka_unit_test(a_token_is_given_up_only_when_the_ticket_is_surely_its_own),
        cmocka_unit_test(garbage_is_the_matter_of_the_service),
        cmocka_unit_test(ids_of_another_form_are_not_kept),
        cmocka_unit_test(refusals),
        cmocka_unit_test(waiting_as_told),
        cmocka_unit_test(no_answer),
        cmocka_unit_test(receipts_by_id),
        cmocka_unit_test(every_word_of_a_receipt),
        cmocka_unit_test(receipts_are_asked_for_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
