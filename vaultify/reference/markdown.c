/* Prints the reference for people as Markdown: connecting, events, routes, types, errors. */
#include "events/server_events.h"
#include "reference/names.h"
#include "reference/reference.h"

#define INTRODUCTION                                                                                         \
    "# Reference\n\n"                                                                                        \
    "Printed from the server's tables by `./dev docs`: what stands here is what the server does. The same "  \
    "for programs is at `/openapi.json` and `/asyncapi.json` of every server, and to be read at "            \
    "`/api/docs`.\n\n"                                                                                       \
    "Ids are UUIDs, times ISO 8601 in UTC with milliseconds. Input is taken in camelCase and in "            \
    "snake_case; unknown fields are ignored; in JSON null is as good as nothing. Lengths of texts are "      \
    "bytes of UTF-8. Output has exactly the names that stand here; a later version may add some.\n\n"

static const char *const member_types[MEMBER_KIND_COUNT_] = {
    [MEMBER_UUID] = "UUID",     [MEMBER_TEXT] = "string", [MEMBER_BOOL] = "true or false",
    [MEMBER_NUMBER] = "number", [MEMBER_TIME] = "time",   [MEMBER_MINUTE] = "HH:MM",
    [MEMBER_OBJECT] = "object", [MEMBER_WORD] = "",       [MEMBER_SHAPE] = "",
    [MEMBER_ROW] = "row",       [MEMBER_TRUE] = "`true`", [MEMBER_FALSE] = "`false`"};
static const char *const field_types[WIRE_KIND_COUNT_] = {
    [WIRE_UUID] = "UUID",  [WIRE_STRING] = "string", [WIRE_BOOL] = "true or false", [WIRE_OBJECT] = "object",
    [WIRE_U64] = "number", [WIRE_WORD] = "",         [WIRE_UUIDS] = "UUIDs",        [WIRE_TIME] = "time",
    [WIRE_ARRAY] = "list", [WIRE_MINUTE] = "HH:MM"};

static void put(struct sio_strbuf *out, const char *text) { sio_strbuf_span(out, sio_span_cstr(text)); }

static void put_sentence(struct sio_strbuf *out, const char *sentence) {
    sio_strbuf_printf(out, "%s%s", sentence, sentence[strlen(sentence) - 1] == '?' ? "" : ".");
}

/* Headings' anchors, as GitHub makes them of a type's name. */
static void put_type_link(struct sio_strbuf *out, const char *name) {
    sio_strbuf_printf(out, "[`%s`](#", name);
    for (const char *c = name; *c; c++)
        sio_strbuf_char(out, *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c);
    put(out, ")");
}

static void put_codes(struct sio_strbuf *out, fault_set faults) {
    const char *codes[REFERENCE_CODES_MAX];
    size_t count = reference_codes(faults, codes);
    for (size_t i = 0; i < count; i++) sio_strbuf_printf(out, "%s`%s`", i ? ", " : "", codes[i]);
}

/* ---- what the server sends ---- */

static void put_member(struct sio_strbuf *out, const struct wire_member *m) {
    sio_strbuf_printf(out, "| `%s` | ", m->name);
    if (m->words)
        put_type_link(out, m->words->name);
    else if (m->shape)
        put_type_link(out, m->shape->name);
    else
        put(out, member_types[m->kind]);
    if (m->form & MEMBER_LIST) put(out, ", a list");
    if (m->form & MEMBER_NULLABLE) put(out, " or null");
    if (m->form & MEMBER_OPTIONAL) put(out, ", or left out");
    put(out, " | ");
    put_sentence(out, m->doc);
    put(out, " |\n");
}

static void put_members(struct sio_strbuf *out, const struct wire_shape *shape) {
    if (shape->base) put_members(out, shape->base);
    for (size_t i = 0; i < shape->count; i++) put_member(out, &shape->members[i]);
}

static void put_shape(struct sio_strbuf *out, const struct wire_shape *shape) {
    put(out, "| member | type | |\n|---|---|---|\n");
    put_members(out, shape);
    put(out, "\n");
}

/* ---- what clients send ---- */

static void put_limit(struct sio_strbuf *out, const struct wire_field *f) {
    if (f->max == WIRE_MAX_CONTENT)
        put(out, ", at most `--content-max` bytes");
    else if (f->max == WIRE_MAX_METADATA)
        put(out, ", at most `--metadata-max` bytes");
    else if (f->kind == WIRE_STRING || f->kind == WIRE_OBJECT)
        sio_strbuf_printf(out, ", at most %llu bytes", (unsigned long long)f->max);
    else if (f->kind == WIRE_UUIDS || (f->kind == WIRE_U64 && f->max < INT64_MAX))
        sio_strbuf_printf(out, ", %llu to %llu", (unsigned long long)f->min, (unsigned long long)f->max);
}

static void put_field(struct sio_strbuf *out, const struct wire_field *f) {
    sio_strbuf_printf(out, "| `%s`%s | ", f->name, f->required ? "" : " (may be left out)");
    if (f->words)
        put_type_link(out, f->words->name);
    else if (f->shape)
        put_type_link(out, f->shape->name);
    else
        put(out, field_types[f->kind]);
    put_limit(out, f);
    put(out, " | ");
    put_sentence(out, f->doc);
    put(out, " |\n");
}

static void put_fields(struct sio_strbuf *out, const char *title, const struct wire_schema *schema) {
    if (!schema) return;
    sio_strbuf_printf(out, "| %s | type | |\n|---|---|---|\n", title);
    for (size_t i = 0; i < schema->count; i++) put_field(out, &schema->fields[i]);
    put(out, "\n");
}

/* ---- events ---- */

static void put_connecting(struct sio_strbuf *out) {
    put(out,
        "## Connecting\n\nNamespace `/messaging`, path `/socket.io/`, Socket.IO 5 over Engine.IO 4. The "
        "access "
        "token goes into `auth: {token}`, or into the handshake's `Authorization: Bearer` header. Who is not "
        "let in gets `connect_error` with `data.code`: ");
    put_codes(out, event_connect_faults);
    put(out, ".\n\n");
}

static void put_client_event(struct sio_strbuf *out, const struct event_row *row) {
    sio_strbuf_printf(out, "### `%s` (from the client)\n\n", row->name);
    put_sentence(out, row->summary);
    put(out, " ");
    reference_who(out, row->who, &row->rate);
    put(out, "\n\n");
    put_fields(out, "payload", row->payload);
    put(out, "Acknowledged with `{ok: true");
    put(out, row->ack ? ", …}` and the members of " : "}`");
    if (row->ack) put_type_link(out, row->ack->name);
    put(out, ", or refused with ");
    put_codes(out, event_row_faults(row));
    put(out, ".\n\n");
}

static void put_server_event(struct sio_strbuf *out, const struct server_event_row *row) {
    sio_strbuf_printf(out, "### `%s` (from the server)\n\n", row->name);
    put_sentence(out, row->summary);
    put(out, row->delivery == SIO_MUST
                 ? " A receiver too slow for it is closed, comes back, and catches up.\n\n"
                 : " Left out for a receiver that is too slow.\n\n");
    put_shape(out, row->payload);
}

static void put_events(struct sio_strbuf *out) {
    put(out, "## Events from clients\n\nEach may ask for an acknowledgement: `{ok: true, …}`, or `{ok: "
             "false, error}` "
             "with ");
    put_type_link(out, wire_ack_error_shape.name);
    put(out, " in it. A refused one is told by the event `error`, too.\n\n");
    for (size_t i = 0; i < event_row_count; i++) put_client_event(out, &event_rows[i]);
    put(out, "## Events from the server\n\n");
    for (size_t i = 0; i < SERVER_EVENT_COUNT_; i++) put_server_event(out, &server_event_rows[i]);
}

/* ---- routes ---- */

static void put_route_answer(struct sio_strbuf *out, const struct route_row *row) {
    sio_strbuf_printf(out, "Answers %d", row->status);
    if (row->other_status) sio_strbuf_printf(out, " (or %d, not now)", row->other_status);
    put(out, " with ");
    if (row->answer.form == ANSWER_LIST) put(out, "a list of ");
    if (row->answer.form == ANSWER_PAGE) {
        put_type_link(out, wire_page_shape.name);
        put(out, " of ");
    }
    if (row->answer.form == ANSWER_TEXT)
        put(out, "plain text");
    else
        put_type_link(out, row->answer.shape->name);
    if (route_row_faults(row)) {
        put(out, ", or refuses with ");
        put_codes(out, route_row_faults(row));
    }
    put(out, ".\n\n");
}

static void put_route(struct sio_strbuf *out, const struct route_row *row) {
    struct sio_span part;
    const char *rest = row->pattern;
    char kind;
    sio_strbuf_printf(out, "### `%s ", row->method);
    while (reference_part_next(&rest, &part, &kind))
        sio_strbuf_printf(out, "/%s%.*s", kind ? ":" : "", (int)part.n, part.p);
    put(out, "`\n\n");
    put_sentence(out, row->summary);
    put(out, " ");
    if (row->access == ROUTE_USER) reference_who(out, row->who, &row->rate);
    put(out,
        row->access == ROUTE_METRICS ? "Asks for `VAULTIFY_METRICS_TOKEN` where there is one.\n\n" : "\n\n");
    put_fields(out, "query", row->query);
    put_fields(out, "body", row->body);
    put_route_answer(out, row);
}

static void put_routes(struct sio_strbuf *out) {
    put(out, "## Routes\n\n`Authorization: Bearer <token>`, but for `/health` and `/metrics`. Refusals have "
             "the body ");
    put_type_link(out, wire_error_body_shape.name);
    put(out, ", also those of a request that no route has seen: ");
    put_codes(out, route_early_faults());
    put(out, ". The connection ends with such a one.\n\n");
    for (size_t i = 0; i < route_row_count; i++)
        if (reference_route_is_public(&route_rows[i])) put_route(out, &route_rows[i]);
}

/* ---- types and errors ---- */

static bool is_payload(const struct wire_shape *shape) {
    for (size_t i = 0; i < SERVER_EVENT_COUNT_; i++)
        if (server_event_rows[i].payload == shape) return true;
    return false;
}

static void put_types(struct sio_strbuf *out) {
    put(out, "## Types\n\n");
    for (size_t i = 0; wire_word_lists[i]; i++) {
        const struct wire_words *words = wire_word_lists[i];
        if (words == &wire_error_codes) continue; /* the table of errors */
        sio_strbuf_printf(out, "### %s\n\n", words->name);
        for (unsigned j = 0; j < words->count; j++)
            sio_strbuf_printf(out, "%s`%s`", j ? ", " : "One of ", words->text[j]);
        put(out, ".\n\n");
    }
    for (size_t i = 0; wire_shapes[i]; i++) {
        if (is_payload(wire_shapes[i]) && wire_shapes[i] != &wire_message_sent_shape) continue;
        sio_strbuf_printf(out, "### %s\n\n", wire_shapes[i]->name);
        put_sentence(out, wire_shapes[i]->doc);
        put(out, "\n\n");
        put_shape(out, wire_shapes[i]);
    }
}

static void put_errors(struct sio_strbuf *out) {
    sio_strbuf_printf(out, "## %s\n\n| code | status | |\n|---|---|---|\n", wire_error_codes.name);
    for (enum fault f = FAULT_NONE + 1; f < FAULT_COUNT_; f++)
        sio_strbuf_printf(out, "| `%s` | %d | %s. |\n", fault_code(f), fault_status(f), fault_message(f));
}

void reference_markdown(struct sio_strbuf *out) {
    put(out, INTRODUCTION);
    put_connecting(out);
    put_events(out);
    put_routes(out);
    put_types(out);
    put_errors(out);
}
