/* Takes every HTTP request through the table: match, token, decode, to the estate's loop, rate, role,
 * handler, one answer. */
#include "base/mem.h"
#include "base/must.h"
#include "routes/table.h"
#include "wire/error_body.h"
#include "wire/query.h"
#include "wire/who.h"

/* ---- answers ---- */

enum { HEADERS_MAX = 5 };
#define BUSY_RETRY_S "1" /* what keeps the server busy passes within seconds */

struct headers {
    struct sio_http_header_line lines[HEADERS_MAX];
    size_t count;
};

static void header_add(struct headers *h, struct sio_span name, struct sio_span value) {
    must(h->count < HEADERS_MAX);
    h->lines[h->count++] = (struct sio_http_header_line){name, value};
}

static void respond_as(struct sio_http_request *request, int status, struct headers *h,
                       struct sio_span content_type, struct sio_span body) {
    header_add(h, SIO_SPAN("Content-Type"), content_type);
    header_add(h, SIO_SPAN("Cache-Control"), SIO_SPAN("no-store"));
    header_add(h, SIO_SPAN("X-Content-Type-Options"), SIO_SPAN("nosniff"));
    sio_http_respond(request, status, h->lines, h->count, body);
}

static void respond(struct sio_http_request *request, int status, struct headers *h, struct sio_span body) {
    respond_as(request, status, h, SIO_SPAN("application/json; charset=utf-8"), body);
}

static void respond_error(struct sio_http_request *request, enum fault fault, struct sio_span message,
                          struct headers *h) {
    struct sio_strbuf body;
    sio_strbuf_init(&body);
    wire_error_body(&body, &(struct wire_error_body){.fault = fault,
                                                     .message = message,
                                                     .method = request->method,
                                                     .path = request->path,
                                                     .now_ms = sio_loop_wall_ms(sio_loop_here())});
    if (fault_status(fault) == 401) header_add(h, SIO_SPAN("WWW-Authenticate"), SIO_SPAN("Bearer"));
    if (fault == FAULT_BUSY) header_add(h, SIO_SPAN("Retry-After"), SIO_SPAN(BUSY_RETRY_S));
    respond(request, fault_status(fault), h, sio_strbuf_as_span(&body));
    sio_strbuf_fini(&body);
}

void route_refuse_early(struct sio_http_request *request, enum fault fault) {
    struct headers h = {.count = 0};
    respond_error(request, fault, sio_span_of("", 0), &h);
}

static void call_free(struct route_call *call) {
    arena_fini(&call->arena);
    free(call);
}

void route_refuse_text(struct route_call *call, enum fault fault, struct sio_span message) {
    struct headers h = {.count = 0};
    if (fault == FAULT_INTERNAL)
        sio_log_error(call->routes->config.log, "%s %s failed", call->row->method, call->row->pattern);
    respond_error(call->request, fault, message, &h);
    call_free(call);
}

void route_refuse(struct route_call *call, enum fault fault) {
    route_refuse_text(call, fault, sio_span_of("", 0));
}

static void refuse_rate(struct route_call *call, uint32_t retry_after_ms) {
    struct headers h = {.count = 0};
    char seconds[16];
    int n = snprintf(seconds, sizeof seconds, "%u", retry_after_ms / 1000 + 1);
    header_add(&h, SIO_SPAN("Retry-After"), sio_span_of(seconds, (size_t)n));
    respond_error(call->request, FAULT_RATE_LIMITED, sio_span_of("", 0), &h);
    call_free(call);
}

void route_answer_open(struct route_answer *answer) {
    sio_strbuf_init(&answer->text);
    sio_json_begin(&answer->w, &answer->text);
}

void route_answer_send(struct route_answer *answer, struct route_call *call, int status) {
    struct headers h = {.count = 0};
    respond(call->request, status, &h, sio_strbuf_as_span(&answer->text));
    sio_strbuf_fini(&answer->text);
    call_free(call);
}

void route_text_send(struct route_call *call, struct sio_span content_type, struct sio_span text) {
    struct headers h = {.count = 0};
    respond_as(call->request, 200, &h, content_type, text);
    call_free(call);
}

void route_done(struct route_call *call, enum fault fault, struct sio_span message) {
    if (fault != FAULT_NONE) {
        route_refuse(call, fault);
        return;
    }
    struct route_answer answer;
    route_answer_open(&answer);
    sio_json_object_open(&answer.w);
    sio_json_key(&answer.w, SIO_SPAN("message"));
    sio_json_string(&answer.w, message);
    sio_json_object_close(&answer.w);
    route_answer_send(&answer, call, 200);
}

/* ---- finding the row ---- */

struct found {
    const struct route_row *row; /* NULL: none with this method */
    struct route_params params;
    struct sio_strbuf allow; /* the methods of the path */
};

static void allow_add(struct found *found, const char *method) {
    if (found->allow.n > 0) sio_strbuf_lit(&found->allow, ", ");
    sio_strbuf_span(&found->allow, sio_span_cstr(method));
    if (strcmp(method, "GET") == 0) sio_strbuf_lit(&found->allow, ", HEAD");
}

static bool method_is(struct sio_span method, const char *row) {
    return sio_span_is(method, row) || (sio_span_is(method, "HEAD") && strcmp(row, "GET") == 0);
}

/* For whom it is not, a route does not exist. */
static bool row_exists_for(const struct route_row *row, const struct routes_config *config,
                           const struct sio_http_request *request) {
    switch (row->access) {
    case ROUTE_DEMO: return config->demo_users != NULL;
    case ROUTE_METRICS: return request->local || config->metrics_open || config->metrics_token;
    case ROUTE_CONTROL: return request->local;
    default: return true;
    }
}

static void row_find(const struct routes_config *config, const struct sio_http_request *request,
                     struct found *found) {
    struct route_params params;
    found->row = NULL;
    sio_strbuf_init(&found->allow);
    for (size_t i = 0; i < route_row_count; i++) {
        const struct route_row *row = &route_rows[i];
        if (!row_exists_for(row, config, request)) continue;
        if (!route_match(row->pattern, request->path, &params)) continue;
        allow_add(found, row->method);
        if (!method_is(request->method, row->method)) continue;
        found->row = row;
        found->params = params;
    }
}

/* What no row knows may be an asset. */
static bool asset_answered(const struct routes *routes, struct sio_http_request *request,
                           struct found *found) {
    const struct asset *asset = found->allow.n > 0 ? NULL : asset_find(routes->config.assets, request->path);
    if (!asset) return false;
    bool answers = method_is(request->method, "GET");
    if (answers)
        asset_respond(request, asset);
    else
        allow_add(found, "GET");
    return answers;
}

static void refuse_unfound(struct sio_http_request *request, const struct found *found) {
    struct headers h = {.count = 0};
    bool path_known = found->allow.n > 0;
    if (path_known) header_add(&h, SIO_SPAN("Allow"), sio_strbuf_as_span(&found->allow));
    respond_error(request, path_known ? FAULT_METHOD_NOT_ALLOWED : FAULT_ROUTE_NOT_FOUND, sio_span_of("", 0),
                  &h);
}

/* ---- decoding: the first thing that is wrong stays in call->refusal ---- */

static bool decode_params(struct route_call *call, const struct route_params *params) {
    for (size_t i = 0; i < params->count; i++) {
        struct sio_span in = params->value[i];
        char *text = arena_alloc(&call->arena, in.n);
        struct sio_span value = sio_span_of(text, wire_percent_decode(in, false, text));
        const char *wrong = NULL;
        if (!params->is_text[i] && !uuid_parse(value, &call->ids[i])) wrong = "a UUID";
        if (params->is_text[i] && !wire_text_valid(value)) wrong = "UTF-8 text";
        if (wrong)
            return wire_refuse(&call->refusal, FAULT_INVALID_PAYLOAD, "%.*s must be %s",
                               (int)params->name[i].n, params->name[i].p, wrong);
        call->texts[i] = value;
    }
    return true;
}

static bool decode_query(struct route_call *call) {
    const struct wire_schema *schema = call->row->query;
    if (!schema) return true;
    call->query = arena_zalloc(&call->arena, schema->size_bytes);
    return wire_decode_query(call->request->query, schema, &call->routes->limits, &call->arena, call->query,
                             &call->query_seen, &call->refusal);
}

/* No body at all is as good as {}. */
static bool decode_body(struct route_call *call) {
    const struct wire_schema *schema = call->row->body;
    struct sio_span body = call->request->body, object = SIO_SPAN("{}");
    size_t max = route_row_body_max(call->row, &call->routes->limits);
    if (body.n > max)
        return wire_refuse(&call->refusal, FAULT_CONTENT_TOO_LARGE, "The body is larger than %zu bytes", max);
    if (!schema) return true;
    if (body.n > 0 && !sio_json_check(body, &object))
        return wire_refuse(&call->refusal, FAULT_INVALID_JSON, "%s", fault_message(FAULT_INVALID_JSON));
    if (sio_json_kind(object) != SIO_JSON_OBJECT)
        return wire_refuse(&call->refusal, FAULT_INVALID_PAYLOAD, "The body must be an object");
    call->body = arena_zalloc(&call->arena, schema->size_bytes);
    call->body_json = object;
    return wire_decode(object, schema, &call->routes->limits, &call->arena, call->body, &call->body_seen,
                       &call->refusal);
}

/* ---- the way through ---- */

static void refuse_decoded(struct route_call *call) {
    route_refuse_text(call, call->refusal.fault, sio_span_cstr(call->refusal.text));
}

/* JSON as it came is never shorter than what goes out for it, so it is what a message costs. */
static bool rate_allows(const struct route_call *call, struct chat_user *me, uint32_t *retry_after_ms) {
    const struct route_row *row = call->row;
    size_t n = call->request->body.n;
    uint32_t bytes = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
    if (!call->routes->config.rate_limits) return true;
    return chat_user_may(me, route_row_bucket(row), &row->rate, 1, retry_after_ms) &&
           (!row->bytes.per_second ||
            chat_user_may(me, WHO_BYTES_BUCKET, &row->bytes, bytes, retry_after_ms));
}

static void call_run(struct chat_call *chat, struct chat_user *me, enum fault fault) {
    struct route_call *call = container_of(chat, struct route_call, chat);
    const struct route_row *row = call->row;
    uint32_t retry_after_ms = 0;
    if (fault != FAULT_NONE)
        route_refuse(call, fault);
    else if (!rate_allows(call, me, &retry_after_ms))
        refuse_rate(call, retry_after_ms);
    else if (!(row->who & WHO_ROLE(chat_me(me).role)))
        route_refuse(call, FAULT_FORBIDDEN);
    else if (call->refusal.fault != FAULT_NONE)
        refuse_decoded(call);
    else
        row->handle(call, me);
}

static enum fault token_verify(const struct route_call *call, struct auth_identity *identity) {
    struct sio_span header = sio_http_header(call->request, SIO_SPAN("authorization"));
    return auth_verify(call->routes->config.auth, auth_bearer(header), sio_loop_wall_ms(call->request->loop),
                       identity);
}

static enum fault metrics_token_verify(const struct route_call *call) {
    struct sio_span secret = sio_span_cstr(call->routes->config.metrics_token);
    struct sio_span given = auth_bearer(sio_http_header(call->request, SIO_SPAN("authorization")));
    if (call->request->local || secret.n == 0 || auth_secret_is(given, secret)) return FAULT_NONE;
    return given.n == 0 ? FAULT_TOKEN_MISSING : FAULT_TOKEN_INVALID;
}

static enum fault access_verify(const struct route_call *call, struct auth_identity *identity) {
    switch (call->row->access) {
    case ROUTE_USER: return token_verify(call, identity);
    case ROUTE_METRICS: return metrics_token_verify(call);
    default: return FAULT_NONE;
    }
}

static void call_begin(struct route_call *call, const struct route_params *params) {
    struct auth_identity identity;
    bool user = call->row->access == ROUTE_USER;
    enum fault fault = access_verify(call, &identity);
    if (fault != FAULT_NONE) {
        route_refuse(call, fault);
        return;
    }
    bool decoded = decode_params(call, params) && decode_query(call) && decode_body(call);
    if (user) {
        call->chat = (struct chat_call){.user = identity.user, .run = call_run};
        chat_enter(call->routes->config.chat, &call->chat);
    } else if (!decoded)
        refuse_decoded(call);
    else
        call->row->handle(call, NULL);
}

void routes_on_http(struct sio_http_request *request, void *data) {
    struct routes *routes = data;
    struct found found;
    row_find(&routes->config, request, &found);
    if (found.row) {
        struct route_call *call = mem_new(struct route_call);
        call->routes = routes;
        call->row = found.row;
        call->request = request;
        arena_init(&call->arena);
        call_begin(call, &found.params);
    } else if (!asset_answered(routes, request, &found))
        refuse_unfound(request, &found);
    sio_strbuf_fini(&found.allow);
}
