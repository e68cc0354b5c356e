/* Judging by the errorCode of an FcmError, which is FCM's own word; the HTTP status alone may be anybody's. A token is given up
 * for that word only. */
#include "push/fcm/answer.h"

#include "sio_json.h"

#define TYPE "type.googleapis.com/"

enum { QUOTA_REST_MS = 60000 /* when FCM does not say how long */ };

/* `code` "": Google's front refuses, with an error in its form but no FcmError. */
static const struct row {
    int status;
    const char *code;
    enum push_result result;
    bool all, alarm;
} rows[] = {
    {404, "UNREGISTERED", PUSH_TOKEN_DEAD},
    {400, "INVALID_ARGUMENT", PUSH_TOKEN_DEAD}, /* unless a field of ours is named */
    {403, "SENDER_ID_MISMATCH", PUSH_TOKEN_DEAD, .alarm = true},
    {401, "THIRD_PARTY_AUTH_ERROR", PUSH_KEY_PROBLEM}, /* of iOS or web alone: the others go on */
    {429, "QUOTA_EXCEEDED", PUSH_RETRY, .all = true},  /* unless the device's */
    {503, "UNAVAILABLE", PUSH_RETRY, .all = true},
    {500, "INTERNAL", PUSH_RETRY},
    {403, "", PUSH_KEY_PROBLEM, .all = true}, /* the account may not send */
    {404, "", PUSH_KEY_PROBLEM, .all = true}, /* there is no such project */
    {429, "", PUSH_RETRY, .all = true},
};

struct error {
    bool readable;        /* an error in Google's form */
    struct sio_span word; /* its status, a JSON string */
    struct sio_span code; /* an FcmError's errorCode, a JSON string; empty: there is none */
    bool our_field;       /* a field of the message is named, and it is not the token */
    bool device_quota;    /* the quota that is exceeded is the device's */
};

/* ---- reading ---- */

/* BadRequest: {fieldViolations: [{field, description}]}. */
static bool names_our_field(struct sio_span detail) {
    struct sio_span violations = sio_json_member(detail, SIO_SPAN("fieldViolations")), item;
    size_t cursor = 0;
    while (sio_json_next_item(violations, &cursor, &item))
        if (!sio_json_string_is(sio_json_member(item, SIO_SPAN("field")), SIO_SPAN("message.token")))
            return true;
    return false;
}

/* QuotaFailure: {violations: [{subject, description}]}, where only the words tell a device's quota from the project's. */
static bool names_a_device(struct sio_span detail) {
    struct sio_span violations = sio_json_member(detail, SIO_SPAN("violations"));
    return violations.n && memmem(violations.p, violations.n, "evice", 5);
}

static void read_detail(struct sio_span detail, struct error *out) {
    struct sio_span type = sio_json_member(detail, SIO_SPAN("@type"));
    if (sio_json_string_is(type, SIO_SPAN(TYPE "google.firebase.fcm.v1.FcmError")))
        out->code = sio_json_member(detail, SIO_SPAN("errorCode"));
    else if (sio_json_string_is(type, SIO_SPAN(TYPE "google.rpc.BadRequest")))
        out->our_field |= names_our_field(detail);
    else if (sio_json_string_is(type, SIO_SPAN(TYPE "google.rpc.QuotaFailure")))
        out->device_quota |= names_a_device(detail);
}

/* {error: {code, message, status, details: […]}} */
static struct error read_error(struct sio_span body) {
    struct error out = {0};
    struct sio_span json, error, detail;
    size_t cursor = 0;
    if (!sio_json_check(body, &json)) return out;
    error = sio_json_member(json, SIO_SPAN("error"));
    out.word = sio_json_member(error, SIO_SPAN("status"));
    out.readable = sio_json_kind(out.word) == SIO_JSON_STRING;
    struct sio_span details = sio_json_member(error, SIO_SPAN("details"));
    while (sio_json_next_item(details, &cursor, &detail)) read_detail(detail, &out);
    if (sio_json_kind(out.code) != SIO_JSON_STRING) out.code = (struct sio_span){0};
    return out;
}

/* ---- judging ---- */

static const struct row *row_of(int status, struct sio_span code) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sio_span wanted = sio_span_cstr(rows[i].code);
        if (rows[i].status == status && (code.n ? wanted.n && sio_json_string_is(code, wanted) : !wanted.n))
            return &rows[i];
    }
    return NULL;
}

static void judge_row(const struct row *row, const struct error *error, const struct push_response *response,
                      struct push_verdict *verdict) {
    bool ours = row->status == 400 && error->our_field;
    push_verdict_word(verdict, ours ? PUSH_REFUSED : row->result, response,
                      error->code.n ? error->code : error->word);
    verdict->all = row->all && !error->device_quota;
    verdict->alarm = row->alarm;
}

static void judge_error(const struct error *error, const struct push_response *response,
                        struct push_verdict *verdict) {
    const struct row *row = row_of(response->status, error->code);
    if (row) {
        judge_row(row, error, response, verdict);
    } else if (push_verdict_common(verdict, response)) {
        return;
    } else {
        push_verdict_word(verdict, PUSH_REFUSED, response, error->code.n ? error->code : error->word);
    }
}

/* 200 is FCM's only with the message's name; anything else comes from something in between, and the note was not sent. */
static void judge_success(const struct push_response *response, struct push_verdict *verdict) {
    struct sio_span json, name = {0};
    if (sio_json_check(response->body, &json)) name = sio_json_member(json, SIO_SPAN("name"));
    push_verdict_status(verdict, sio_json_kind(name) == SIO_JSON_STRING ? PUSH_SENT : PUSH_RETRY, response);
}

static void judge_answer(struct fcm_access_token *token, const struct push_response *response, int64_t now_ms,
                         struct push_verdict *verdict) {
    struct error error = read_error(response->body);
    if (response->status == 401 && !error.code.n) {
        fcm_access_token_refused(token, response, now_ms, verdict);
    } else if (error.readable) {
        judge_error(&error, response, verdict);
        if (error.code.n) fcm_access_token_taken(token);
    } else if (!push_verdict_common(verdict, response)) {
        push_verdict_status(verdict, PUSH_RETRY,
                            response); /* not FCM's: a proxy's page, or a wrong address */
    }
}

void fcm_judge(struct fcm_access_token *token, const struct push_response *response, int64_t now_ms,
               struct push_verdict *verdict) {
    if (response->transport != PUSH_ANSWERED) {
        push_verdict_common(verdict, response);
    } else if (response->status == 200) {
        judge_success(response, verdict);
        if (verdict->result == PUSH_SENT) fcm_access_token_taken(token);
    } else {
        judge_answer(token, response, now_ms, verdict);
    }
    if (response->status == 429 && !verdict->retry_after_ms) verdict->retry_after_ms = QUOTA_REST_MS;
}
