/* Prints the wire's types as one TypeScript module, formatted as prettier would. */
#include "events/server_events.h"
#include "reference/names.h"
#include "reference/reference.h"

enum { LINE_MAX_CHARACTERS = 120 };

static void put(struct sio_strbuf *out, const char *text) { sio_strbuf_span(out, sio_span_cstr(text)); }

static void put_doc(struct sio_strbuf *out, const char *indent, const char *doc) {
    if (!doc) return;
    const char *stop = doc[strlen(doc) - 1] == '?' ? "" : ".";
    sio_strbuf_printf(out, "%s/** %s%s */\n", indent, doc, stop);
}

/* ---- words ---- */

/* Faults share codes: each word once. */
static bool is_repeated(const struct wire_words *words, unsigned i) {
    for (unsigned j = 0; j < i; j++)
        if (strcmp(words->text[j], words->text[i]) == 0) return true;
    return false;
}

static void put_union(struct sio_strbuf *out, const struct wire_words *words, const char *between) {
    bool first = true;
    for (unsigned i = 0; i < words->count; i++) {
        if (is_repeated(words, i)) continue;
        if (!first) put(out, between);
        sio_strbuf_printf(out, "'%s'", words->text[i]);
        first = false;
    }
}

static void put_words(struct sio_strbuf *out, const struct wire_words *words) {
    size_t begin = out->n;
    sio_strbuf_printf(out, "export type %s = ", words->name);
    put_union(out, words, " | ");
    if (out->n - begin >= LINE_MAX_CHARACTERS) {
        out->n = begin;
        sio_strbuf_printf(out, "export type %s =\n  | ", words->name);
        put_union(out, words, "\n  | ");
    }
    put(out, ";\n");
}

/* ---- what the server sends ---- */

static const char *member_type(const struct wire_member *m) {
    switch (m->kind) {
    case MEMBER_BOOL: return "boolean";
    case MEMBER_NUMBER: return "number";
    case MEMBER_OBJECT: return "Record<string, unknown>";
    case MEMBER_WORD: return m->words->name;
    case MEMBER_SHAPE: return m->shape->name;
    case MEMBER_ROW: return "T";
    case MEMBER_TRUE: return "true";
    case MEMBER_FALSE: return "false";
    default: return "string";
    }
}

static void put_member(struct sio_strbuf *out, const struct wire_member *m) {
    put_doc(out, "  ", m->doc);
    sio_strbuf_printf(out, "  %s%s: %s%s%s;\n", m->name, m->form & MEMBER_OPTIONAL ? "?" : "", member_type(m),
                      m->form & MEMBER_LIST ? "[]" : "", m->form & MEMBER_NULLABLE ? " | null" : "");
}

static bool is_generic(const struct wire_shape *shape) {
    for (size_t i = 0; i < shape->count; i++)
        if (shape->members[i].kind == MEMBER_ROW) return true;
    return false;
}

static void put_shape(struct sio_strbuf *out, const struct wire_shape *shape) {
    put_doc(out, "", shape->doc);
    sio_strbuf_printf(out, "export interface %s%s", shape->name, is_generic(shape) ? "<T>" : "");
    if (shape->base) sio_strbuf_printf(out, " extends %s", shape->base->name);
    put(out, " {\n");
    for (size_t i = 0; i < shape->count; i++) put_member(out, &shape->members[i]);
    put(out, "}\n\n");
}

static void put_answer(struct sio_strbuf *out, const struct wire_answer *answer) {
    switch (answer->form) {
    case ANSWER_LIST: sio_strbuf_printf(out, "%s[]", answer->shape->name); break;
    case ANSWER_PAGE: sio_strbuf_printf(out, "%s<%s>", wire_page_shape.name, answer->shape->name); break;
    case ANSWER_TEXT: put(out, "string"); break;
    default: put(out, answer->shape->name);
    }
}

/* ---- what clients send ---- */

static const char *field_type(const struct wire_field *f) {
    switch (f->kind) {
    case WIRE_BOOL: return "boolean";
    case WIRE_U64: return "number";
    case WIRE_OBJECT: return f->shape ? f->shape->name : "Record<string, unknown>";
    case WIRE_WORD: return f->words->name;
    case WIRE_UUIDS: return "string[]";
    case WIRE_ARRAY: return "unknown[]";
    default: return "string";
    }
}

/* `nullable`: in JSON null is as good as nothing. */
static void put_fields(struct sio_strbuf *out, const char *indent, const struct wire_schema *schema,
                       bool nullable) {
    for (size_t i = 0; i < schema->count; i++) {
        const struct wire_field *f = &schema->fields[i];
        put_doc(out, indent, f->doc);
        sio_strbuf_printf(out, "%s%s%s: %s%s;\n", indent, f->name, f->required ? "" : "?", field_type(f),
                          f->required || !nullable ? "" : " | null");
    }
}

/* ---- events ---- */

static void put_payloads(struct sio_strbuf *out) {
    for (size_t i = 0; i < event_row_count; i++) {
        put_doc(out, "", event_rows[i].summary);
        sio_strbuf_printf(out, "export interface %s {\n", reference_payload_name(&event_rows[i]).text);
        put_fields(out, "  ", event_rows[i].payload, true);
        put(out, "}\n\n");
    }
}

static void put_client_event(struct sio_strbuf *out, const struct event_row *row) {
    struct reference_name payload = reference_payload_name(row);
    char ack[REFERENCE_NAME_MAX] = "Ack";
    if (row->ack) snprintf(ack, sizeof ack, "Ack<%s>", row->ack->name);
    size_t begin = out->n;
    sio_strbuf_printf(out, "  %s: (payload: %s, ack?: (answer: %s) => void) => void;\n", row->name,
                      payload.text, ack);
    if (out->n - begin <= LINE_MAX_CHARACTERS + 1) return;
    out->n = begin;
    sio_strbuf_printf(out, "  %s: (\n    payload: %s,\n    ack?: (answer: %s) => void,\n  ) => void;\n",
                      row->name, payload.text, ack);
}

static void put_events(struct sio_strbuf *out) {
    put(out, "/** An event's acknowledgement. */\n"
             "export type Ack<T = object> = ({ ok: true } & T) | { ok: false; error: AckError };\n\n");
    put(out, "/** For socket.io-client's Socket: what may be emitted. */\nexport interface "
             "ClientToServerEvents {\n");
    for (size_t i = 0; i < event_row_count; i++) {
        put_doc(out, "  ", event_rows[i].summary);
        put_client_event(out, &event_rows[i]);
    }
    put(out, "}\n\n/** For socket.io-client's Socket: what is heard. */\nexport interface "
             "ServerToClientEvents {\n");
    for (size_t i = 0; i < SERVER_EVENT_COUNT_; i++) {
        put_doc(out, "  ", server_event_rows[i].summary);
        sio_strbuf_printf(out, "  %s: (payload: %s) => void;\n", server_event_rows[i].name,
                          server_event_rows[i].payload->name);
    }
    put(out, "}\n\n");
}

/* ---- routes ---- */

/* Its key: `*name` and `:name` are the same for who asks. */
static void put_route_key(struct sio_strbuf *out, const struct route_row *row) {
    struct sio_span part;
    const char *rest = row->pattern;
    char kind;
    sio_strbuf_printf(out, "  '%s ", row->method);
    while (reference_part_next(&rest, &part, &kind))
        sio_strbuf_printf(out, "/%s%.*s", kind ? ":" : "", (int)part.n, part.p);
    put(out, "': {\n");
}

static void put_route_params(struct sio_strbuf *out, const struct route_row *row) {
    struct sio_span part;
    const char *rest = row->pattern, *between = "{ ";
    char kind;
    put(out, "    params: ");
    while (reference_part_next(&rest, &part, &kind)) {
        if (!kind) continue;
        sio_strbuf_printf(out, "%s%.*s: string", between, (int)part.n, part.p);
        between = "; ";
    }
    put(out, between[0] == '{' ? "undefined;\n" : " };\n");
}

static void put_route_input(struct sio_strbuf *out, const char *name, const struct wire_schema *schema,
                            bool nullable) {
    sio_strbuf_printf(out, "    %s: %s", name, schema ? "{\n" : "undefined;\n");
    if (!schema) return;
    put_fields(out, "      ", schema, nullable);
    put(out, "    };\n");
}

static void put_route(struct sio_strbuf *out, const struct route_row *row) {
    put_doc(out, "  ", row->summary);
    put_route_key(out, row);
    put_route_params(out, row);
    put_route_input(out, "query", row->query, false);
    put_route_input(out, "body", row->body, true);
    put(out, "    answer: ");
    put_answer(out, &row->answer);
    put(out, ";\n  };\n");
}

static void put_routes(struct sio_strbuf *out) {
    put(out, "/** Every route, by method and path: what it takes and what it answers when all is well. */\n"
             "export interface Routes {\n");
    for (size_t i = 0; i < route_row_count; i++)
        if (reference_route_is_public(&route_rows[i])) put_route(out, &route_rows[i]);
    put(out, "}\n");
}

void reference_typescript(struct sio_strbuf *out) {
    put(out, "/** The server's events, routes, payloads and errors. Printed from its tables by `./dev docs`; "
             "do not edit. "
             "*/\n");
    for (size_t i = 0; wire_word_lists[i]; i++) put_words(out, wire_word_lists[i]);
    put(out, "\n");
    for (size_t i = 0; wire_shapes[i]; i++) put_shape(out, wire_shapes[i]);
    put_payloads(out);
    put_events(out);
    put_routes(out);
}
