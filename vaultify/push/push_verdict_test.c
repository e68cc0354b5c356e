/* Verdicts: what all services have in common, and that a reason is a word or says nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "push/provider.h"

static void results_have_words(void **state) {
    static const char *const words[PUSH_RESULT_COUNT_] = {"sent", "retry", "token_dead", "key_problem",
                                                          "refused"};
    for (enum push_result r = 0; r < PUSH_RESULT_COUNT_; r++)
        assert_string_equal(push_result_text(r), words[r]);
}

static void what_all_services_share(void **state) {
    static const struct {
        enum push_transport transport;
        int status;
        bool common, all;
        const char *reason;
    } rows[] = {
        {PUSH_UNREACHABLE, 0, true, true, "unreachable"},
        {PUSH_TIMED_OUT, 0, true, true, "timed out"},
        {PUSH_BROKEN, 0, true, true, "connection broken"},
        {PUSH_CERTIFICATE, 0, true, true, "certificate"},
        {PUSH_FORBIDDEN, 0, true, false, "forbidden address"},
        {PUSH_ANSWERED, 429, true, false, "HTTP 429"},
        {PUSH_ANSWERED, 500, true, false, "HTTP 500"},
        {PUSH_ANSWERED, 501, true, false, "HTTP 501"},
        {PUSH_ANSWERED, 502, true, true, "HTTP 502"},
        {PUSH_ANSWERED, 503, true, true, "HTTP 503"},
        {PUSH_ANSWERED, 504, true, true, "HTTP 504"},
        {PUSH_ANSWERED, 599, true, false, "HTTP 599"},
        {PUSH_ANSWERED, 0, false},
        {PUSH_ANSWERED, 200, false},
        {PUSH_ANSWERED, 302, false},
        {PUSH_ANSWERED, 404, false},
        {PUSH_ANSWERED, 428, false},
        {PUSH_ANSWERED, 430, false},
        {PUSH_ANSWERED, 499, false},
        {PUSH_ANSWERED, 600, false},
        {PUSH_ANSWERED, -500, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct push_response response = {
            .transport = rows[i].transport, .status = rows[i].status, .retry_after_ms = 5000};
        struct push_verdict verdict;
        assert_int_equal(push_verdict_common(&verdict, &response), rows[i].common);
        if (!rows[i].common) continue;
        assert_int_equal(verdict.result, PUSH_RETRY);
        assert_int_equal(verdict.all, rows[i].all);
        assert_int_equal(verdict.retry_after_ms, 5000);
        assert_string_equal(verdict.reason, rows[i].reason);
    }
}

static void a_reason_is_a_word(void **state) {
    static const struct {
        const char *json, *reason;
    } rows[] = {
        {"\"BadTopic\"", "BadTopic"},
        {"\"INVALID_ARGUMENT\"", "INVALID_ARGUMENT"},
        {"\"Bad\\u0054opic\"", "BadTopic"},
        {"\"a123456789a123456789a123456789a123456789\"", "a123456789a123456789a123456789a123456789"},
        {"\"a123456789a123456789a123456789a1234567890\"", "HTTP 400"}, /* as long as a token */
        {"\"cA9:APA91b\"", "HTTP 400"},
        {"\"ExponentPushToken[x]\"", "HTTP 400"},
        {"\"two words\"", "HTTP 400"},
        {"\"line\\nbreak\"", "HTTP 400"},
        {"\"\\u0000\"", "HTTP 400"},
        {"\"\"", "HTTP 400"},
        {"7", "HTTP 400"},
        {"[\"BadTopic\"]", "HTTP 400"},
        {"", "HTTP 400"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct push_response response = {.status = 400};
        struct push_verdict verdict;
        push_verdict_word(&verdict, PUSH_REFUSED, &response, sio_span_cstr(rows[i].json));
        assert_int_equal(verdict.result, PUSH_REFUSED);
        assert_string_equal(verdict.reason, rows[i].reason);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_have_words),
        cmocka_unit_test(what_all_services_share),
        cmocka_unit_test(a_reason_is_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
