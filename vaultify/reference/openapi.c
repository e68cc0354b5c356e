/* Prints the routes as OpenAPI 3.1. */
#include "reference/document.h"
#include "reference/reference.h"
#include "reference/schema.h"
#include "wire/error_body.h"

#define DESCRIPTION                                                                                          \
    "REST of the messaging server. What is sent here reaches sockets exactly as if it had been sent by a "   \
    "socket; /asyncapi.json tells of those.\n\nInput is written in camelCase here and is taken in "          \
    "snake_case as well (`conversationId`, `conversation_id`); unknown fields are ignored; in a body null "  \
    "is as good as nothing. Lengths of texts are limits in bytes of UTF-8. Output has exactly the names "    \
    "that stand here; a later version may add some. GET routes answer HEAD, too. Every refusal is an "       \
    "ErrorBody with its code, also of a request that no route has seen; then the connection ends."

static const struct {
    const char *method, *member;
} methods[] = {{"GET", "get"}, {"PUT", "put"}, {"POST", "post"}, {"DELETE", "delete"}};

/* ---- parameters ---- */

static void put_parameter_head(struct sio_json_writer *w, struct sio_span name, const char *in,
                               bool required) {
    sio_json_object_open(w);
    member_key(w, "name");
    sio_json_string(w, name);
    member_text(w, "in", in);
    member_bool(w, "required", required);
}

static void put_path_parameter(struct sio_json_writer *w, struct sio_span name, bool is_text) {
    put_parameter_head(w, name, "path", true);
    if (is_text) member_text(w, "description", "Percent-encoded.");
    member_object_open(w, "schema");
    member_text(w, "type", "string");
    if (!is_text) member_text(w, "format", "uuid");
    sio_json_object_close(w);
    sio_json_object_close(w);
}

static void put_path_parameters(struct sio_json_writer *w, const struct route_row *row) {
    struct sio_span part;
    const char *rest = row->pattern;
    char kind;
    while (reference_part_next(&rest, &part, &kind))
        if (kind) put_path_parameter(w, part, kind == '*');
}

static void put_query_parameter(struct sio_json_writer *w, const struct wire_field *f) {
    put_parameter_head(w, sio_span_cstr(f->name), "query", f->required);
    member_sentence(w, "description", f->doc);
    member_key(w, "schema");
    schema_field(w, f, false);
    sio_json_object_close(w);
}

/* What has a clientMessageId takes it as a header, too. */
static void put_idempotency_key(struct sio_json_writer *w, const struct route_row *row) {
    for (size_t i = 0; row->body && i < row->body->count; i++) {
        if (strcmp(row->body->fields[i].name, "clientMessageId") != 0) continue;
        put_parameter_head(w, SIO_SPAN("X-Idempotency-Key"), "header", false);
        member_text(w, "description", "Counts as clientMessageId when the body has none.");
        member_object_open(w, "schema");
        member_text(w, "type", "string");
        member_number(w, "maxLength", row->body->fields[i].max);
        sio_json_object_close(w);
        sio_json_object_close(w);
    }
}

static void put_parameters(struct sio_json_writer *w, const struct route_row *row) {
    member_array_open(w, "parameters");
    put_path_parameters(w, row);
    for (size_t i = 0; row->query && i < row->query->count; i++)
        put_query_parameter(w, &row->query->fields[i]);
    put_idempotency_key(w, row);
    sio_json_array_close(w);
}

/* ---- bodies ---- */

static void put_content(struct sio_json_writer *w, const char *type) {
    member_object_open(w, "content");
    member_object_open(w, type);
    member_key(w, "schema");
}

static void content_close(struct sio_json_writer *w) {
    sio_json_object_close(w);
    sio_json_object_close(w);
}

static bool has_required(const struct wire_schema *schema) {
    for (size_t i = 0; i < schema->count; i++)
        if (schema->fields[i].required) return true;
    return false;
}

static void put_body(struct sio_json_writer *w, const struct route_row *row) {
    if (!row->body) return;
    member_object_open(w, "requestBody");
    member_bool(w, "required", has_required(row->body));
    put_content(w, "application/json");
    schema_fields(w, row->body);
    content_close(w);
    sio_json_object_close(w);
}

/* ---- answers ---- */

static void status_open(struct sio_json_writer *w, int status, const char *description) {
    char key[16];
    snprintf(key, sizeof key, "%d", status);
    member_object_open(w, key);
    member_text(w, "description", description);
}

static void put_success(struct sio_json_writer *w, const struct route_row *row, int status) {
    status_open(w, status, status < 300 ? "Success" : "Not now");
    put_content(w, row->answer.form == ANSWER_TEXT ? "text/plain" : "application/json");
    schema_answer(w, &row->answer);
    content_close(w);
    sio_json_object_close(w);
}

static void put_header(struct sio_json_writer *w, const char *name, const char *description,
                       const char *type) {
    member_object_open(w, "headers");
    member_object_open(w, name);
    member_text(w, "description", description);
    member_object_open(w, "schema");
    member_text(w, "type", type);
    sio_json_object_close(w);
    sio_json_object_close(w);
    sio_json_object_close(w);
}

static void put_error(struct sio_json_writer *w, fault_set faults) {
    put_content(w, "application/json");
    sio_json_object_open(w);
    member_text(w, "$ref", SCHEMA_PLACE "ErrorBody");
    member_object_open(w, "properties");
    member_key(w, "code");
    schema_codes(w, faults);
    sio_json_object_close(w);
    sio_json_object_close(w);
    content_close(w);
}

static void put_refusal(struct sio_json_writer *w, int status, fault_set faults) {
    status_open(w, status, wire_reason(status));
    if (status == 401) put_header(w, "WWW-Authenticate", "Bearer", "string");
    if (status == 429 || status == 503) put_header(w, "Retry-After", "Seconds", "integer");
    put_error(w, faults);
    sio_json_object_close(w);
}

/* Of requests that end before a route is looked for. */
static void put_early_refusal(struct sio_json_writer *w) {
    member_object_open(w, "default");
    member_text(w, "description", "Refused before the route was looked for; the connection ends");
    put_error(w, route_early_faults());
    sio_json_object_close(w);
}

static void put_answers(struct sio_json_writer *w, const struct route_row *row) {
    member_object_open(w, "responses");
    put_success(w, row, row->status);
    if (row->other_status) put_success(w, row, row->other_status);
    for (int status = 400; status < 600; status++) {
        fault_set faults = reference_faults_of_status(route_row_faults(row), status);
        fault_set early = reference_faults_of_status(route_early_faults(), status);
        if (faults) put_refusal(w, status, faults | early);
    }
    put_early_refusal(w);
    sio_json_object_close(w);
}

/* ---- who may ---- */

static void put_scheme_use(struct sio_json_writer *w, const char *name) {
    sio_json_object_open(w);
    if (name) {
        member_array_open(w, name);
        sio_json_array_close(w);
    }
    sio_json_object_close(w);
}

static void put_security(struct sio_json_writer *w, const struct route_row *row) {
    member_array_open(w, "security");
    if (row->access == ROUTE_USER) put_scheme_use(w, "accessToken");
    if (row->access == ROUTE_METRICS) put_scheme_use(w, "metricsToken");
    if (row->access == ROUTE_METRICS) put_scheme_use(w, NULL);
    sio_json_array_close(w);
}

/* How often, and who, for people: OpenAPI has no words for them. */
static void put_description(struct sio_json_writer *w, const struct route_row *row) {
    if (row->access != ROUTE_USER) return;
    struct sio_strbuf text;
    sio_strbuf_init(&text);
    reference_who(&text, row->who, &row->rate);
    member_text(w, "description", text.p);
    sio_strbuf_fini(&text);
}

static void put_operation(struct sio_json_writer *w, const struct route_row *row) {
    sio_json_object_open(w);
    member_text(w, "operationId", reference_operation_name(row).text);
    member_array_open(w, "tags");
    sio_json_string(w, sio_span_cstr(reference_route_tag(row).text));
    sio_json_array_close(w);
    member_text(w, "summary", row->summary);
    put_description(w, row);
    put_parameters(w, row);
    put_body(w, row);
    put_answers(w, row);
    put_security(w, row);
    sio_json_object_close(w);
}

/* ---- paths ---- */

static void path_key(struct sio_json_writer *w, const char *pattern) {
    struct sio_strbuf path;
    struct sio_span part;
    char kind;
    sio_strbuf_init(&path);
    while (reference_part_next(&pattern, &part, &kind))
        sio_strbuf_printf(&path, kind ? "/{%.*s}" : "/%.*s", (int)part.n, part.p);
    member_key(w, path.p);
    sio_strbuf_fini(&path);
}

static bool is_first_of_path(size_t i) {
    for (size_t j = 0; j < i; j++)
        if (strcmp(route_rows[j].pattern, route_rows[i].pattern) == 0) return false;
    return reference_route_is_public(&route_rows[i]);
}

static void put_path(struct sio_json_writer *w, const char *pattern) {
    path_key(w, pattern);
    sio_json_object_open(w);
    for (size_t m = 0; m < sizeof methods / sizeof methods[0]; m++)
        for (size_t i = 0; i < route_row_count; i++) {
            const struct route_row *row = &route_rows[i];
            if (strcmp(row->pattern, pattern) != 0 || strcmp(row->method, methods[m].method) != 0) continue;
            member_key(w, methods[m].member);
            put_operation(w, row);
        }
    sio_json_object_close(w);
}

/* ---- the document ---- */

static void put_scheme(struct sio_json_writer *w, const char *name, const char *description) {
    member_object_open(w, name);
    member_text(w, "type", "http");
    member_text(w, "scheme", "bearer");
    member_text(w, "description", description);
    sio_json_object_close(w);
}

static void put_components(struct sio_json_writer *w) {
    member_object_open(w, "components");
    member_object_open(w, "schemas");
    schema_components(w);
    sio_json_object_close(w);
    member_object_open(w, "securitySchemes");
    put_scheme(w, "accessToken", "An access token (JWT, HS256) whose sub is the user's id.");
    put_scheme(w, "metricsToken", "VAULTIFY_METRICS_TOKEN, where the operator has set one.");
    sio_json_object_close(w);
    sio_json_object_close(w);
}

void reference_openapi(struct sio_strbuf *out) {
    struct sio_json_writer w;
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    member_text(&w, "openapi", "3.1.0");
    member_info(&w, DESCRIPTION, "identifier", "Apache-2.0");
    member_array_open(&w, "servers");
    sio_json_object_open(&w);
    member_text(&w, "url", "/");
    sio_json_object_close(&w);
    sio_json_array_close(&w);
    member_object_open(&w, "paths");
    for (size_t i = 0; i < route_row_count; i++)
        if (is_first_of_path(i)) put_path(&w, route_rows[i].pattern);
    sio_json_object_close(&w);
    put_components(&w);
    sio_json_object_close(&w);
}
