/* Judging by Expo's words. A token is given up for DeviceNotRegistered alone, and in a ticket only when it is sure whose
 * ticket that is. */
#include "push/expo/answer.h"

#include <stdio.h>

#include "base/map.h"
#include "sio_json.h"

/* What details.error means in a ticket, where the push can still be sent again, and in a receipt, where it cannot. */
static const struct word {
    const char *error;
    enum push_result ticket, receipt;
} words[] = {
    {"DeviceNotRegistered", PUSH_TOKEN_DEAD, PUSH_TOKEN_DEAD},
    {"MessageRateExceeded", PUSH_RETRY, PUSH_REFUSED}, /* of the one device */
    {"ExpoError", PUSH_RETRY, PUSH_REFUSED},
    {"ProviderError", PUSH_RETRY, PUSH_REFUSED},
    {"MessageTooBig", PUSH_REFUSED, PUSH_REFUSED},
    {"MismatchSenderId", PUSH_KEY_PROBLEM,
     PUSH_KEY_PROBLEM}, /* of one platform, or one app: the others go on */
    {"InvalidCredentials", PUSH_KEY_PROBLEM, PUSH_KEY_PROBLEM},
};
static const struct word other_word = {NULL, PUSH_REFUSED, PUSH_REFUSED};

static const struct word *word_of(struct sio_span error) {
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (sio_json_string_is(error, sio_span_cstr(words[i].error))) return &words[i];
    return &other_word;
}

/* {status, id?, message?, details?: {error, expoPushToken?}}; the message is not read: it names the token. */
struct ticket {
    bool ok, failed;                  /* neither: it is no ticket */
    struct sio_span id, error, token; /* JSON values */
};

static bool is_string(struct sio_span value, const char *text) {
    return sio_json_kind(value) == SIO_JSON_STRING && sio_json_string_is(value, sio_span_cstr(text));
}

static struct ticket read_ticket(struct sio_span value) {
    struct ticket t = {0};
    if (sio_json_kind(value) != SIO_JSON_OBJECT) return t;
    struct sio_span status = sio_json_member(value, SIO_SPAN("status"));
    struct sio_span details = sio_json_member(value, SIO_SPAN("details"));
    t.ok = is_string(status, "ok");
    t.failed = is_string(status, "error");
    t.id = sio_json_member(value, SIO_SPAN("id"));
    if (sio_json_kind(details) != SIO_JSON_OBJECT) return t;
    t.error = sio_json_member(details, SIO_SPAN("error"));
    t.token = sio_json_member(details, SIO_SPAN("expoPushToken"));
    if (sio_json_kind(t.error) != SIO_JSON_STRING) t.error = (struct sio_span){0};
    return t;
}

/* The value of that name in the answer; empty: there is none, or the answer is no object. */
static struct sio_span answer_member(const struct push_response *response, struct sio_span name) {
    struct sio_span json;
    if (!sio_json_check(response->body, &json) || sio_json_kind(json) != SIO_JSON_OBJECT)
        return (struct sio_span){0};
    return sio_json_member(json, name);
}

/* {errors: [{code, message}]} */
static struct sio_span refusal_code(const struct push_response *response) {
    struct sio_span errors = answer_member(response, SIO_SPAN("errors")), first = {0};
    size_t cursor = 0;
    if (sio_json_kind(errors) == SIO_JSON_ARRAY) sio_json_next_item(errors, &cursor, &first);
    if (sio_json_kind(first) != SIO_JSON_OBJECT) return (struct sio_span){0};
    return sio_json_member(first, SIO_SPAN("code"));
}

static void say(struct push_verdict *verdict, enum push_result result, const char *reason) {
    *verdict = (struct push_verdict){.result = result};
    snprintf(verdict->reason, sizeof verdict->reason, "%s", reason);
}

/* ---- tickets ---- */

static bool is_receipt_id(struct sio_span id) {
    for (size_t i = 0; i < id.n; i++) {
        char c = id.p[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                    c == '_';
        if (!good) return false;
    }
    return id.n > 0;
}

/* An id of another form is not asked about. */
static void keep_receipt(struct push_verdict *verdict, struct sio_span id) {
    char text[PUSH_RECEIPT_TEXT + 1]; /* with the quotes, and what is kept has a NUL */
    if (sio_json_kind(id) != SIO_JSON_STRING || id.n > sizeof text) return;
    size_t n = sio_json_string_decode(id, text);
    if (is_receipt_id(sio_span_of(text, n))) memcpy(verdict->receipt, text, n);
}

/* `in_order`: there are as many tickets as notes. */
static bool is_about(const struct ticket *t, const struct push_note *note, bool in_order) {
    if (sio_json_kind(t->token) == SIO_JSON_STRING) return sio_json_string_is(t->token, note->target.token);
    return in_order;
}

static void judge_ticket(struct sio_span value, const struct push_note *note, bool in_order,
                         const struct push_response *response, struct push_verdict *verdict) {
    struct ticket t = read_ticket(value);
    if (t.ok) {
        *verdict = (struct push_verdict){.result = PUSH_SENT};
        keep_receipt(verdict, t.id);
    } else if (t.failed) {
        enum push_result result = word_of(t.error)->ticket;
        if (result == PUSH_TOKEN_DEAD && !is_about(&t, note, in_order)) result = PUSH_RETRY;
        push_verdict_word(verdict, result, response, t.error);
    } else {
        say(verdict, PUSH_RETRY, "no ticket");
    }
}

static size_t items(struct sio_span array) {
    struct sio_span item;
    size_t cursor = 0, count = 0;
    while (sio_json_next_item(array, &cursor, &item)) count++;
    return count;
}

/* No tickets at all is the matter of the service; a missing one that of its note. */
static void judge_answer(const struct push_note *notes, size_t count, const struct push_response *response,
                         struct push_verdict *verdicts) {
    struct sio_span data = answer_member(response, SIO_SPAN("data")), item;
    bool readable = sio_json_kind(data) == SIO_JSON_ARRAY;
    size_t cursor = 0, i = 0;
    bool in_order = readable && items(data) == count;
    while (readable && i < count && sio_json_next_item(data, &cursor, &item)) {
        judge_ticket(item, &notes[i], in_order, response, &verdicts[i]);
        i++;
    }
    bool none = i == 0;
    for (; i < count; i++) {
        say(&verdicts[i], PUSH_RETRY, "no ticket");
        verdicts[i].all = none;
    }
}

/* ---- a request that was refused ---- */

/* Of the request's content; everything else that is no success is about who asks, or where. */
static bool is_about_content(int status) { return status == 400 || status == 413 || status == 422; }

static bool judge_refusal(size_t count, const struct push_response *response, struct push_verdict *verdicts) {
    bool content = is_about_content(response->status);
    enum push_result result = !content ? PUSH_KEY_PROBLEM : count > 1 ? PUSH_RETRY : PUSH_REFUSED;
    for (size_t i = 0; i < count; i++) {
        push_verdict_word(&verdicts[i], result, response, refusal_code(response));
        verdicts[i].all = !content;
    }
    return content && count > 1;
}

/* Too many requests are the project's; the common judgement takes them for the note's. */
static bool judge_common(size_t count, const struct push_response *response, struct push_verdict *verdicts) {
    for (size_t i = 0; i < count; i++) {
        if (!push_verdict_common(&verdicts[i], response)) return false;
        if (response->transport != PUSH_ANSWERED || response->status != 429) continue;
        push_verdict_word(&verdicts[i], PUSH_RETRY, response, refusal_code(response));
        verdicts[i].all = true;
    }
    return true;
}

bool expo_judge_tickets(const struct push_note *notes, size_t count, const struct push_response *response,
                        struct push_verdict *verdicts) {
    if (judge_common(count, response, verdicts)) return false;
    if (response->status != 200) return judge_refusal(count, response, verdicts);
    judge_answer(notes, count, response, verdicts);
    return false;
}

/* ---- receipts ---- */

static void judge_receipt(struct sio_span value, const struct push_response *response,
                          struct push_verdict *verdict) {
    struct ticket t = read_ticket(value);
    if (t.ok)
        *verdict = (struct push_verdict){.result = PUSH_SENT};
    else if (t.failed)
        push_verdict_word(verdict, word_of(t.error)->receipt, response, t.error);
}

/* {data: {id: receipt, …}}; a name with an escape in it is none of ours. */
static void judge_told(struct sio_span data, const struct map *by_id, const struct push_response *response) {
    struct sio_span name, value;
    size_t cursor = 0;
    if (sio_json_kind(data) != SIO_JSON_OBJECT) return;
    while (sio_json_next_member(data, &cursor, &name, &value)) {
        struct push_verdict *verdict = map_get(by_id, sio_span_of(name.p + 1, name.n - 2));
        if (verdict) judge_receipt(value, response, verdict);
    }
}

void expo_judge_receipts(const struct sio_span *ids, size_t count, const struct push_response *response,
                         struct push_verdict *verdicts) {
    struct map by_id;
    if (judge_common(count, response, verdicts)) return;
    map_init(&by_id, NULL);
    for (size_t i = 0; i < count; i++) {
        push_verdict_word(&verdicts[i], PUSH_RETRY, response, refusal_code(response));
        if (response->status == 200) say(&verdicts[i], PUSH_RETRY, "no receipt yet");
        map_put(&by_id, ids[i], &verdicts[i]);
    }
    if (response->status == 200) judge_told(answer_member(response, SIO_SPAN("data")), &by_id, response);
    map_fini(&by_id);
}
