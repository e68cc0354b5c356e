/* JSON Schema of what the server sends and of what it takes. */
#include "reference/schema.h"

#include "reference/document.h"

#define MINUTE_PATTERN "^([01][0-9]|2[0-3]):[0-5][0-9]$"

enum {
    NO_MAXIMUM_ABOVE = 1 << 30 /* what is larger is there for the machine's sake, not for the reader's */
};

/* ---- words ---- */

void schema_codes(struct sio_json_writer *w, fault_set faults) {
    const char *codes[REFERENCE_CODES_MAX];
    size_t count = reference_codes(faults, codes);
    sio_json_object_open(w);
    member_text(w, "type", "string");
    member_array_open(w, "enum");
    for (size_t i = 0; i < count; i++) sio_json_string(w, sio_span_cstr(codes[i]));
    sio_json_array_close(w);
    sio_json_object_close(w);
}

static void schema_words(struct sio_json_writer *w, const struct wire_words *words) {
    if (words == &wire_error_codes) { /* faults share codes: each once */
        schema_codes(w, ~0ull);
        return;
    }
    sio_json_object_open(w);
    member_text(w, "type", "string");
    member_array_open(w, "enum");
    for (unsigned i = 0; i < words->count; i++) sio_json_string(w, sio_span_cstr(words->text[i]));
    sio_json_array_close(w);
    sio_json_object_close(w);
}

/* ---- one value's type, as members of an open object ---- */

static void put_type(struct sio_json_writer *w, const char *type, bool nullable) {
    if (!nullable) {
        member_text(w, "type", type);
        return;
    }
    member_array_open(w, "type");
    sio_json_string(w, sio_span_cstr(type));
    sio_json_string(w, SIO_SPAN("null"));
    sio_json_array_close(w);
}

/* allOf and anyOf, because draft 7 overlooks what stands beside a $ref. */
static void put_ref(struct sio_json_writer *w, const char *name, bool nullable) {
    member_array_open(w, nullable ? "anyOf" : "allOf");
    value_ref(w, SCHEMA_PLACE, name);
    if (nullable) {
        sio_json_object_open(w);
        member_text(w, "type", "null");
        sio_json_object_close(w);
    }
    sio_json_array_close(w);
}

static void put_constant(struct sio_json_writer *w, bool v) {
    member_text(w, "type", "boolean");
    member_bool(w, "const", v);
}

/* ---- what the server sends ---- */

static void put_member_type(struct sio_json_writer *w, const struct wire_member *m, bool nullable,
                            const struct wire_shape *row) {
    switch (m->kind) {
    case MEMBER_UUID:
        put_type(w, "string", nullable);
        member_text(w, "format", "uuid");
        break;
    case MEMBER_TEXT: put_type(w, "string", nullable); break;
    case MEMBER_BOOL: put_type(w, "boolean", nullable); break;
    case MEMBER_NUMBER:
        put_type(w, "integer", nullable);
        member_number(w, "minimum", 0);
        break;
    case MEMBER_TIME:
        put_type(w, "string", nullable);
        member_text(w, "format", "date-time");
        break;
    case MEMBER_MINUTE:
        put_type(w, "string", nullable);
        member_text(w, "pattern", MINUTE_PATTERN);
        break;
    case MEMBER_OBJECT: put_type(w, "object", nullable); break;
    case MEMBER_WORD: put_ref(w, m->words->name, nullable); break;
    case MEMBER_SHAPE: put_ref(w, m->shape->name, nullable); break;
    case MEMBER_ROW: put_ref(w, row->name, nullable); break;
    case MEMBER_TRUE: put_constant(w, true); break;
    case MEMBER_FALSE: put_constant(w, false); break;
    case MEMBER_KIND_COUNT_: break;
    }
}

static void put_member(struct sio_json_writer *w, const struct wire_member *m, const struct wire_shape *row,
                       fault_set codes) {
    member_key(w, m->name);
    if (codes && m->words == &wire_error_codes) {
        schema_codes(w, codes);
        return;
    }
    sio_json_object_open(w);
    if (m->form & MEMBER_LIST) {
        put_type(w, "array", m->form & MEMBER_NULLABLE);
        member_object_open(w, "items");
        put_member_type(w, m, false, row);
        sio_json_object_close(w);
    } else
        put_member_type(w, m, m->form & MEMBER_NULLABLE, row);
    member_sentence(w, "description", m->doc);
    sio_json_object_close(w);
}

static void put_members(struct sio_json_writer *w, const struct wire_shape *shape,
                        const struct wire_shape *row, fault_set codes) {
    if (shape->base) put_members(w, shape->base, row, codes);
    for (size_t i = 0; i < shape->count; i++) put_member(w, &shape->members[i], row, codes);
}

static void put_required(struct sio_json_writer *w, const struct wire_shape *shape) {
    if (shape->base) put_required(w, shape->base);
    for (size_t i = 0; i < shape->count; i++)
        if (!(shape->members[i].form & MEMBER_OPTIONAL))
            sio_json_string(w, sio_span_cstr(shape->members[i].name));
}

static void put_ok(struct sio_json_writer *w) {
    member_object_open(w, "ok");
    put_constant(w, true);
    sio_json_object_close(w);
}

/* `row`: of a page, what it is a page of. */
static void put_shape(struct sio_json_writer *w, const struct wire_shape *shape, const struct wire_shape *row,
                      fault_set codes, bool ok) {
    sio_json_object_open(w);
    member_text(w, "type", "object");
    if (shape) member_sentence(w, "description", shape->doc);
    member_object_open(w, "properties");
    if (ok) put_ok(w);
    if (shape) put_members(w, shape, row, codes);
    sio_json_object_close(w);
    member_array_open(w, "required");
    if (ok) sio_json_string(w, SIO_SPAN("ok"));
    if (shape) put_required(w, shape);
    sio_json_array_close(w);
    sio_json_object_close(w);
}

void schema_shape(struct sio_json_writer *w, const struct wire_shape *shape, fault_set codes, bool ok) {
    put_shape(w, shape, NULL, codes, ok);
}

void schema_answer(struct sio_json_writer *w, const struct wire_answer *answer) {
    switch (answer->form) {
    case ANSWER_PAGE: put_shape(w, &wire_page_shape, answer->shape, 0, false); break;
    case ANSWER_LIST:
        sio_json_object_open(w);
        member_text(w, "type", "array");
        member_ref(w, "items", SCHEMA_PLACE, answer->shape->name);
        sio_json_object_close(w);
        break;
    case ANSWER_ONE: value_ref(w, SCHEMA_PLACE, answer->shape->name); break;
    default:
        sio_json_object_open(w);
        member_text(w, "type", "string");
        sio_json_object_close(w);
    }
}

void schema_components(struct sio_json_writer *w) {
    for (size_t i = 0; wire_word_lists[i]; i++) {
        member_key(w, wire_word_lists[i]->name);
        schema_words(w, wire_word_lists[i]);
    }
    for (size_t i = 0; wire_shapes[i]; i++) {
        if (wire_shapes[i] == &wire_page_shape) continue; /* stands where it is a page of something */
        member_key(w, wire_shapes[i]->name);
        schema_shape(w, wire_shapes[i], 0, false);
    }
}

/* ---- what clients send ---- */

static void put_range(struct sio_json_writer *w, const struct wire_field *f, const char *minimum,
                      const char *maximum) {
    if (f->min > 0) member_number(w, minimum, f->min);
    if (f->max <= NO_MAXIMUM_ABOVE) member_number(w, maximum, f->max);
}

static void put_field_type(struct sio_json_writer *w, const struct wire_field *f, bool nullable) {
    switch (f->kind) {
    case WIRE_UUID:
        put_type(w, "string", nullable);
        member_text(w, "format", "uuid");
        break;
    case WIRE_STRING:
        put_type(w, "string", nullable);
        put_range(w, f, "minLength", "maxLength");
        break;
    case WIRE_BOOL: put_type(w, "boolean", nullable); break;
    case WIRE_OBJECT:
        if (f->shape)
            put_ref(w, f->shape->name, nullable);
        else
            put_type(w, "object", nullable);
        break;
    case WIRE_U64:
        put_type(w, "integer", nullable);
        member_number(w, "minimum", f->min);
        if (f->max <= NO_MAXIMUM_ABOVE) member_number(w, "maximum", f->max);
        break;
    case WIRE_WORD: put_ref(w, f->words->name, nullable); break;
    case WIRE_UUIDS:
        put_type(w, "array", nullable);
        member_object_open(w, "items");
        member_text(w, "type", "string");
        member_text(w, "format", "uuid");
        sio_json_object_close(w);
        put_range(w, f, "minItems", "maxItems");
        break;
    case WIRE_TIME:
        put_type(w, "string", nullable);
        member_text(w, "format", "date-time");
        break;
    case WIRE_ARRAY:
        put_type(w, "array", nullable);
        put_range(w, f, "minItems", "maxItems");
        break;
    case WIRE_MINUTE:
        put_type(w, "string", nullable);
        member_text(w, "pattern", MINUTE_PATTERN);
        break;
    case WIRE_KIND_COUNT_: break;
    }
}

void schema_field(struct sio_json_writer *w, const struct wire_field *field, bool nullable) {
    sio_json_object_open(w);
    put_field_type(w, field, nullable && !field->required);
    member_sentence(w, "description", field->doc);
    sio_json_object_close(w);
}

void schema_fields(struct sio_json_writer *w, const struct wire_schema *schema) {
    sio_json_object_open(w);
    member_text(w, "type", "object");
    member_object_open(w, "properties");
    for (size_t i = 0; i < schema->count; i++) {
        member_key(w, schema->fields[i].name);
        schema_field(w, &schema->fields[i], true);
    }
    sio_json_object_close(w);
    member_array_open(w, "required");
    for (size_t i = 0; i < schema->count; i++)
        if (schema->fields[i].required) sio_json_string(w, sio_span_cstr(schema->fields[i].name));
    sio_json_array_close(w);
    sio_json_object_close(w);
}
