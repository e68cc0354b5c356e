/* What every provider promises (provider.h), whichever service it is for: one suite, a row each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/mem.h"
#include "push/provider.h"
#include "push/testing/keys.h"
#include "push/testing/logged.h"
#include "sio_json.h"

static const int64_t NOW = 1700000000000;
enum {
    PAYLOAD_MAX_BYTES = 4096,
    NOTES_MAX = 128,
    TEXT_BYTES = 100 << 10,
    GARBAGE_BYTES = 10 << 10,
    GARBAGE_ROUNDS = 3000,
};

/* ---- the providers ---- */

static char *rsa_pem, *ec_pem, key_file[64];
static char browser_keys[PUSH_KEYS_BYTES + BASE64_ROOM(1)];

/* The pair of RFC 8291's appendix A, and its browser. */
static void configure_webpush(struct push_config *config) {
    config->webpush.vapid_public =
        "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
    config->webpush.vapid_private = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
    config->webpush.vapid_subject = "mailto:ops@example.com";
}
#define BROWSER_POINT                                                                                        \
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
#define BROWSER_SECRET "BTBZMqHH6r4Tts7J_aSIgg"

static void configure_fcm(struct push_config *config) {
    config->fcm.project_id = "contract";
    config->fcm.client_email = "push@contract.example";
    config->fcm.private_key = rsa_pem;
}

static void configure_apns(struct push_config *config) {
    config->apns.key_file = key_file;
    config->apns.key_id = "ABC123DEFG";
    config->apns.team_id = "TEAM123456";
    config->apns.topic = "com.example.app";
}

static void configure_expo(struct push_config *config) { config->expo.on = true; }

static const struct subject {
    enum push_service service;
    push_provider_open *open;
    void (*configure)(struct push_config *config);
    const char *token;         /* short enough for a word, so that it could get into a reason */
    const char *authorization; /* the answer that authorizes; NULL: none is asked for */
    bool status_kills;         /* 404 and 410 cost the token, whatever they say */
} subjects[] = {
    {PUSH_WEBPUSH, push_webpush_open, configure_webpush,
     "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABn", .status_kills = true},
    {PUSH_FCM, push_fcm_open, configure_fcm, "cA9vZ_token:APA91bHPRgkFLJu6AaWQ",
     .authorization = "{\"access_token\":\"ya29.contract\",\"expires_in\":3600}"},
    {PUSH_APNS, push_apns_open, configure_apns,
     "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0"},
    {PUSH_EXPO, push_expo_open, configure_expo, "ExponentPushToken[xyzABCdefGHIjkl]"},
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

/* A provider that is open and authorized, with notes for it. */
struct session {
    const struct subject *subject;
    struct push_provider *provider;
    struct push_note notes[NOTES_MAX];
    struct push_verdict verdicts[NOTES_MAX + 1]; /* one more than there are notes ever */
    size_t batch;
    struct arena arena;
    struct test_log log;
};

static void say(const struct session *s, const char *what) {
    fail_msg("%s: %s", push_service_text(s->subject->service), what);
}
#define check(s, condition)                                                                                  \
    do {                                                                                                     \
        if (!(condition)) say((s), #condition);                                                              \
    } while (0)

static struct push_response answer_of(int status, struct sio_span body) {
    return (struct push_response){.status = status, .body = body};
}

static void authorize(struct session *s) {
    const struct push_provider_ops *ops = s->provider->ops;
    struct push_request request;
    struct push_verdict verdict = {0};
    check(s, !ops->authorize == !s->subject->authorization);
    if (!ops->authorize || ops->authorize(s->provider, NOW, &s->arena, &request, &verdict) == PUSH_AUTH_READY)
        return;
    struct push_response response = answer_of(200, sio_span_cstr(s->subject->authorization));
    ops->authorized(s->provider, &response, NOW, &verdict);
    check(s, verdict.result == PUSH_SENT);
    check(s, ops->authorize(s->provider, NOW, &s->arena, &request, &verdict) == PUSH_AUTH_READY);
}

static void note_init(struct push_note *note, const struct subject *subject, enum push_kind kind) {
    *note =
        (struct push_note){.kind = kind,
                           .target = {.service = subject->service, .token = sio_span_cstr(subject->token)},
                           .seq = 7,
                           .badge = 3,
                           .title = SIO_SPAN("Ada Lovelace"),
                           .body = SIO_SPAN("Hello there"),
                           .expires_at = NOW + 3600000};
    if (subject->service == PUSH_WEBPUSH) note->target.keys = sio_span_of(browser_keys, PUSH_KEYS_BYTES);
    uuid_parse(SIO_SPAN("01900000-0000-7000-8000-000000000001"), &note->conversation);
    uuid_parse(SIO_SPAN("01900000-0000-7000-8000-000000000002"), &note->message);
    uuid_parse(SIO_SPAN("01900000-0000-7000-8000-000000000003"), &note->id);
}

static void session_open(struct session *s, const struct subject *subject) {
    struct push_config config;
    push_config_init(&config);
    subject->configure(&config);
    *s = (struct session){.subject = subject};
    arena_init(&s->arena);
    test_log_init(&s->log);
    assert_int_equal(subject->open(&config, &s->log.log, &s->provider), SIO_ERR_OK);
    check(s, s->provider != NULL);
    s->batch = s->provider->ops->batch_max < NOTES_MAX ? s->provider->ops->batch_max : NOTES_MAX;
    for (size_t i = 0; i < s->batch; i++)
        note_init(&s->notes[i], subject, (enum push_kind)(i % PUSH_KIND_COUNT_));
    authorize(s);
}

static void session_close(struct session *s) {
    s->provider->ops->close(s->provider);
    arena_fini(&s->arena);
    test_log_fini(&s->log);
}

/* Runs a check with every provider. */
static void with_each(void (*run)(struct session *s)) {
    struct session *s = mem_new(struct session);
    for (size_t i = 0; i < SUBJECTS; i++) {
        session_open(s, &subjects[i]);
        run(s);
        session_close(s);
    }
    free(s);
}

/* ---- opening ---- */

static void it_is_off_until_configured(void **state) {
    struct push_config config;
    push_config_init(&config);
    for (size_t i = 0; i < SUBJECTS; i++) {
        struct push_provider *provider = (void *)&config;
        assert_int_equal(subjects[i].open(&config, NULL, &provider), SIO_ERR_OK);
        assert_null(provider);
    }
}

static void introduces(struct session *s) {
    const struct push_provider *p = s->provider;
    check(s, p->ops->service == s->subject->service);
    check(s, p->ops->batch_max > 0);
    check(s, p->in_flight_max > 0);
    check(s, !p->ops->authorize == !p->ops->authorized);
    check(s, !p->ops->receipts_max == !p->ops->build_receipts &&
                 !p->ops->build_receipts == !p->ops->judge_receipts);
    check(s, *test_log_read(&s->log) == 0); /* the worker says that it is on */
}
static void it_says_what_it_is(void **state) { with_each(introduces); }

/* ---- requests ---- */

static bool is_encoded(const struct push_request *request) {
    for (unsigned i = 0; i < request->header_count; i++)
        if (strncasecmp(request->headers[i], "content-encoding:", 17) == 0) return true;
    return false;
}

static void check_headers(struct session *s, const struct push_request *request) {
    check(s, request->header_count <= PUSH_HEADERS_MAX);
    for (unsigned i = 0; i < request->header_count; i++) {
        check(s, strstr(request->headers[i], ": ") != NULL);
        check(s, strpbrk(request->headers[i], "\r\n") == NULL);
    }
}

static void build(struct session *s, size_t count, struct push_request *request) {
    check(s, s->provider->ops->build(s->provider, s->notes, count, NOW, &s->arena, request, s->verdicts));
    check(s, strncmp(request->url, "https://", 8) == 0);
    check(s, request->body.n > 0 && request->body.n <= count * (PAYLOAD_MAX_BYTES + 1) + 1);
    check_headers(s, request);
}

/* As a number or as text. */
static bool has_number(struct sio_span body, const char *name, const char *number) {
    char plain[64], text[64];
    snprintf(plain, sizeof plain, "\"%s\":%s", name, number);
    snprintf(text, sizeof text, "\"%s\":\"%s\"", name, number);
    return memmem(body.p, body.n, plain, strlen(plain)) || memmem(body.p, body.n, text, strlen(text));
}

static bool has(struct sio_span body, const char *text) { return memmem(body.p, body.n, text, strlen(text)); }

static void check_members(struct session *s, const struct push_note *note, struct sio_span body) {
    char type[64];
    struct sio_span value;
    snprintf(type, sizeof type, "\"type\":\"%s\"", push_kind_text(note->kind));
    check(s, sio_json_check(body, &value));
    check(s, has(body, type));
    check(s, has(body, "\"conversationId\":\"01900000-0000-7000-8000-000000000001\""));
    check(s, has(body, "\"messageId\":\"01900000-0000-7000-8000-000000000002\""));
    check(s, has_number(body, "seq", "7"));
    check(s, has_number(body, "badge", "3"));
    check(s, has(body, "Ada Lovelace") && has(body, "Hello there"));
}

static void builds_each_kind(struct session *s) {
    for (enum push_kind kind = 0; kind < PUSH_KIND_COUNT_; kind++) {
        struct push_request request;
        note_init(&s->notes[0], s->subject, kind);
        build(s, 1, &request);
        if (!is_encoded(&request)) check_members(s, &s->notes[0], request.body);
    }
}
static void every_kind_has_all_members(void **state) { with_each(builds_each_kind); }

static void builds_a_batch(struct session *s) {
    struct push_request request;
    build(s, s->batch, &request);
}
static void a_full_batch_is_one_request(void **state) { with_each(builds_a_batch); }

static char *text_of(const char *unit) {
    size_t n = strlen(unit);
    char *text = mem_zalloc(TEXT_BYTES + 1);
    for (size_t at = 0; at + n <= TEXT_BYTES; at += n) memcpy(text + at, unit, n);
    return text;
}

static void builds_huge_texts(struct session *s) {
    static const char *const units[] = {"\xf0\x9f\x98\x80", "\xd8\xb4", "a", "\"", "\\", "\x01", "\xff",
                                        "\xf0\x9f"};
    for (size_t u = 0; u < sizeof units / sizeof *units; u++) {
        struct push_request request;
        struct sio_span value;
        char *text = text_of(units[u]);
        for (size_t i = 0; i < s->batch; i++)
            s->notes[i].title = s->notes[i].body = sio_span_of(text, TEXT_BYTES);
        build(s, 1, &request);
        if (!is_encoded(&request)) check(s, sio_json_check(request.body, &value));
        build(s, s->batch, &request);
        free(text);
    }
}
static void texts_of_any_size_are_cut(void **state) { with_each(builds_huge_texts); }

static void builds_bare_notes(struct session *s) {
    struct push_request request;
    struct push_note bare = {.kind = PUSH_TEST, .target = s->notes[0].target};
    s->notes[0] = bare; /* no ids, no texts, long expired */
    build(s, 1, &request);
    s->notes[0].badge = s->notes[0].seq = UINT64_MAX;
    s->notes[0].expires_at = INT64_MAX;
    build(s, 1, &request);
}
static void a_note_needs_neither_ids_nor_texts(void **state) { with_each(builds_bare_notes); }

/* ---- verdicts ---- */

static bool is_printable(const char *text) {
    for (; *text; text++)
        if (*text < ' ' || *text > '~') return false;
    return true;
}

/* Ten characters of the token in a row are a token. */
static bool shows_token(const char *text, const char *token) {
    char part[11] = {0};
    for (size_t at = 0; at + 10 <= strlen(token); at++) {
        memcpy(part, token + at, 10);
        if (strstr(text, part)) return true;
    }
    return false;
}

/* One verdict for each note, and nothing behind them. */
static void judge(struct session *s, size_t count, const struct push_response *response) {
    memset(s->verdicts, 0x5a, sizeof s->verdicts);
    s->provider->ops->judge(s->provider, s->notes, count, response, NOW, s->verdicts);
    for (size_t i = 0; i < count; i++) {
        const struct push_verdict *v = &s->verdicts[i];
        check(s, (unsigned)v->result < PUSH_RESULT_COUNT_);
        check(s, memchr(v->reason, 0, sizeof v->reason) && memchr(v->receipt, 0, sizeof v->receipt));
        check(s, (v->reason[0] || v->result == PUSH_SENT) && is_printable(v->reason));
        check(s, !shows_token(v->reason, s->subject->token));
        check(s, v->result == PUSH_SENT || !v->receipt[0]);
        check(s, v->result == PUSH_TOKEN_DEAD || (!v->alarm && !v->dead_since));
        check(s, v->dead_since >= 0);
    }
    for (size_t i = 0; i < sizeof *s->verdicts; i++) check(s, ((const char *)&s->verdicts[count])[i] == 0x5a);
}

static void check_all(struct session *s, enum push_result result, uint32_t retry_after_ms) {
    for (size_t i = 0; i < s->batch; i++) {
        check(s, s->verdicts[i].result == result);
        check(s, s->verdicts[i].retry_after_ms == retry_after_ms);
    }
}

static void judges_no_answer(struct session *s) {
    for (enum push_transport t = PUSH_UNREACHABLE; t <= PUSH_CERTIFICATE; t++) {
        struct push_response response = {.transport = t};
        judge(s, s->batch, &response);
        check_all(s, PUSH_RETRY, 0);
    }
}
static void no_answer_is_tried_again(void **state) { with_each(judges_no_answer); }

static void judges_limits(struct session *s) {
    static const int statuses[] = {429, 500, 502, 503, 504, 599};
    for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
        struct push_response response = answer_of(statuses[i], SIO_SPAN("later"));
        response.retry_after_ms = 3600000;
        judge(s, s->batch, &response);
        check_all(s, PUSH_RETRY, 3600000);
    }
}
static void a_retry_after_is_honoured(void **state) { with_each(judges_limits); }

static const int garbage_statuses[] = {0,   100, 200, 201, 202, 204, 299, 301, 302, 304, 400, 401,
                                       403, 404, 405, 410, 413, 414, 418, 429, 451, 500, 503, 999};

static bool may_kill(const struct session *s, int status) {
    return s->subject->status_kills && (status == 404 || status == 410);
}

static void judge_garbage(struct session *s, struct sio_span body) {
    for (size_t i = 0; i < sizeof garbage_statuses / sizeof *garbage_statuses; i++) {
        struct push_response response = answer_of(garbage_statuses[i], body);
        judge(s, s->batch, &response);
        for (size_t n = 0; n < s->batch; n++)
            if (s->verdicts[n].result == PUSH_TOKEN_DEAD && !may_kill(s, response.status))
                fail_msg("%s: HTTP %d with garbage costs a token: %.*s",
                         push_service_text(s->subject->service), response.status,
                         (int)(body.n < 200 ? body.n : 200), body.p);
    }
}

/* Pieces of which answers are made, so that some come close to real ones. No word that kills is among them. */
static const char *const pieces[] = {"{",           "}",           "[",
                                     "]",           ",",           ":",
                                     "\"error\"",   "\"reason\"",  "\"data\"",
                                     "\"details\"", "\"code\"",    "\"status\"",
                                     "404",         "410",         "null",
                                     "true",        "-1",          "1e999",
                                     "\"\"",        "\"ok\"",      "\"@type\"",
                                     "\"id\"",      "\"message\"", "\xff",
                                     "\\u0000",     "\"error\":{", "\"timestamp\":"};

static uint32_t next_random(uint32_t *seed) { return *seed = *seed * 1664525 + 1013904223; }

static struct sio_span garbage(struct session *s, uint32_t *seed, char *room) {
    size_t n = 0, wanted = (next_random(seed) >> 8) % GARBAGE_BYTES;
    unsigned manner = (next_random(seed) >> 8) % 3;
    while (n + 128 < wanted) {
        unsigned pick = (next_random(seed) >> 8) % (sizeof pieces / sizeof *pieces + 1);
        const char *piece = pick < sizeof pieces / sizeof *pieces ? pieces[pick] : s->subject->token;
        if (manner == 0) {
            room[n++] = (char)(next_random(seed) >> 24);
        } else {
            memcpy(room + n, piece, strlen(piece));
            n += strlen(piece);
        }
    }
    return sio_span_of(room, n);
}

static void judges_random(struct session *s) {
    uint32_t seed = 20261126;
    char *room = mem_alloc(GARBAGE_BYTES);
    for (unsigned round = 0; round < GARBAGE_ROUNDS / s->batch + 10; round++)
        judge_garbage(s, garbage(s, &seed, room));
    free(room);
}
static void garbage_costs_no_token(void **state) { with_each(judges_random); }

/* Well-formed answers with the token wherever a word is expected. */
static void judges_tokens(struct session *s) {
    static const char *const forms[] = {
        "%s",
        "\"%s\"",
        "{\"reason\":\"%s\"}",
        "{\"error\":\"%s\"}",
        "{\"errors\":[{\"code\":\"%s\",\"message\":\"%s\"}]}",
        "{\"error\":{\"code\":404,\"message\":\"%s\",\"status\":\"%s\"}}",
        ("{\"error\":{\"status\":\"NOT_FOUND\",\"details\":[{\"@type\":"
         "\"type.googleapis.com/google.firebase.fcm.v1.FcmError\",\"errorCode\":\"%s\"}]}}"),
        "{\"data\":[{\"status\":\"error\",\"message\":\"%s\",\"details\":{\"error\":\"%s\"}}]}",
        "{\"data\":[{\"status\":\"ok\",\"id\":\"%s\"}]}",
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct sio_strbuf body;
        const char *at = forms[i];
        sio_strbuf_init(&body);
        for (const char *hole; (hole = strstr(at, "%s")); at = hole + 2) {
            sio_strbuf_add(&body, at, (size_t)(hole - at));
            sio_strbuf_span(&body, sio_span_cstr(s->subject->token));
        }
        sio_strbuf_span(&body, sio_span_cstr(at));
        judge_garbage(s, sio_strbuf_as_span(&body));
        sio_strbuf_fini(&body);
    }
}
static void no_reason_shows_a_token(void **state) { with_each(judges_tokens); }

static void judges_deep(struct session *s) {
    char *body = mem_alloc(PUSH_RESPONSE_MAX_BYTES);
    memset(body, '[', PUSH_RESPONSE_MAX_BYTES);
    judge_garbage(s, sio_span_of(body, PUSH_RESPONSE_MAX_BYTES));
    free(body);
    judge_garbage(s, (struct sio_span){0});
}
static void the_largest_answer_and_the_empty_one(void **state) { with_each(judges_deep); }

/* ---- authorization ---- */

static void fails_to_authorize(struct session *s) {
    const struct push_provider_ops *ops = s->provider->ops;
    uint32_t seed = 1126;
    char *room = mem_alloc(GARBAGE_BYTES);
    for (unsigned round = 0; ops->authorized && round < 100; round++) {
        struct push_response response = answer_of(garbage_statuses[round % 24], garbage(s, &seed, room));
        struct push_verdict verdict;
        memset(&verdict, 0x5a, sizeof verdict);
        /* At a time when nothing that was given before is good any more. */
        ops->authorized(s->provider, &response, NOW + 2 * 86400000LL, &verdict);
        check(s, verdict.result == PUSH_RETRY || verdict.result == PUSH_KEY_PROBLEM);
        check(s, verdict.all && verdict.reason[0] && is_printable(verdict.reason));
    }
    free(room);
}
static void garbage_authorizes_nothing(void **state) { with_each(fails_to_authorize); }

/* ---- receipts ---- */

static void judges_receipts(struct session *s) {
    const struct push_provider_ops *ops = s->provider->ops;
    if (!ops->receipts_max) return;
    struct sio_span ids[] = {SIO_SPAN("00000000-0000-4000-8000-000000000001"), SIO_SPAN("b")};
    struct push_request request;
    uint32_t seed = 2611;
    char *room = mem_alloc(GARBAGE_BYTES);
    ops->build_receipts(s->provider, ids, 2, &s->arena, &request);
    check(s, strncmp(request.url, "https://", 8) == 0 && request.body.n > 0);
    check_headers(s, &request);
    for (unsigned round = 0; round < GARBAGE_ROUNDS; round++) {
        struct push_response response = answer_of(garbage_statuses[round % 24], garbage(s, &seed, room));
        if (round == 0) response = (struct push_response){.transport = PUSH_TIMED_OUT};
        memset(s->verdicts, 0x5a, sizeof s->verdicts);
        ops->judge_receipts(s->provider, ids, 2, &response, s->verdicts);
        for (size_t i = 0; i < 2; i++)
            check(s, s->verdicts[i].result != PUSH_TOKEN_DEAD &&
                         (unsigned)s->verdicts[i].result < PUSH_RESULT_COUNT_);
        check(s, round > 0 || s->verdicts[1].result == PUSH_RETRY);
        check(s, *(const char *)&s->verdicts[2] == 0x5a);
    }
    free(room);
}
static void garbage_receipts_cost_no_token(void **state) { with_each(judges_receipts); }

/* ---- all of it ---- */

/* Point and secret side by side. */
static bool make_browser(void) {
    size_t n = 0, more = 0;
    return base64url_decode_strict(browser_keys, SIO_SPAN(BROWSER_POINT), &n) &&
           base64url_decode_strict(browser_keys + n, SIO_SPAN(BROWSER_SECRET), &more) &&
           n + more == PUSH_KEYS_BYTES;
}

static int make_keys(void **state) {
    if (!make_browser()) return 1;
    rsa_pem = test_key_pem(JWT_RS256);
    ec_pem = test_key_pem(JWT_ES256);
    snprintf(key_file, sizeof key_file, "/tmp/push_contract_test.%ld.p8", (long)getpid());
    FILE *file = fopen(key_file, "w");
    if (!file) return 1;
    fputs(ec_pem, file);
    return fclose(file);
}

static int drop_keys(void **state) {
    free(rsa_pem);
    free(ec_pem);
    return unlink(key_file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_off_until_configured),
        cmocka_unit_test(it_says_what_it_is),
        cmocka_unit_test(every_kind_has_all_members),
        cmocka_unit_test(a_full_batch_is_one_request),
        cmocka_unit_test(texts_of_any_size_are_cut),
        cmocka_unit_test(a_note_needs_neither_ids_nor_texts),
        cmocka_unit_test(no_answer_is_tried_again),
        cmocka_unit_test(a_retry_after_is_honoured),
        cmocka_unit_test(garbage_costs_no_token),
        cmocka_unit_test(no_reason_shows_a_token),
        cmocka_unit_test(the_largest_answer_and_the_empty_one),
        cmocka_unit_test(garbage_authorizes_nothing),
        cmocka_unit_test(garbage_receipts_cost_no_token),
    };
    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
