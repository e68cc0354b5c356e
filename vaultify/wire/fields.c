/* Fills plain structs from JSON objects and query strings by their field tables. */
#include "wire/fields.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/must.h"
#include "base/timefmt.h"
#include "wire/query.h"

/* An escaped character takes at most six bytes (\u0041). */
enum { ESCAPED_MAX = 6 };

bool wire_refuse(struct wire_refusal *refusal, enum fault fault, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(refusal->text, sizeof refusal->text, format, args);
    va_end(args);
    refusal->fault = fault;
    return false;
}

/* ---- the table itself ---- */

static enum sio_err field_check(const struct wire_schema *schema, size_t i) {
    const struct wire_field *f = &schema->fields[i];
    if (!f->name || !f->name[0] || strlen(f->name) > WIRE_NAME_MAX) return SIO_ERR_INVALID;
    if (f->kind >= WIRE_KIND_COUNT_ || f->offset >= schema->size_bytes || f->min > f->max)
        return SIO_ERR_INVALID;
    bool limited = f->kind == WIRE_STRING || f->kind == WIRE_OBJECT || f->kind == WIRE_U64 ||
                   f->kind == WIRE_UUIDS || f->kind == WIRE_ARRAY;
    if (limited != (f->max > 0)) return SIO_ERR_INVALID;
    if ((f->kind == WIRE_WORD) != (f->words != NULL)) return SIO_ERR_INVALID;
    for (size_t j = 0; j < i; j++)
        if (strcmp(schema->fields[j].name, f->name) == 0) return SIO_ERR_INVALID;
    return SIO_ERR_OK;
}

enum sio_err wire_schema_check(const struct wire_schema *schema) {
    if (schema->count > WIRE_FIELDS_MAX || (schema->count > 0 && !schema->fields)) return SIO_ERR_INVALID;
    for (size_t i = 0; i < schema->count; i++) {
        enum sio_err e = field_check(schema, i);
        if (e) return e;
    }
    return SIO_ERR_OK;
}

bool wire_schema_is_documented(const struct wire_schema *schema) {
    for (size_t i = 0; i < schema->count; i++)
        if (!schema->fields[i].doc || !schema->fields[i].doc[0]) return false;
    return true;
}

/* ---- names ---- */

static bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

static bool snake_is(const char *camel, struct sio_span text) {
    size_t at = 0;
    for (const char *c = camel; *c; c++) {
        char expected = *c;
        if (is_upper(*c)) {
            if (at == text.n || text.p[at++] != '_') return false;
            expected = (char)(*c - 'A' + 'a');
        }
        if (at == text.n || text.p[at++] != expected) return false;
    }
    return at == text.n;
}

bool wire_name_is(const char *camel, struct sio_span text) {
    return sio_span_is(text, camel) || snake_is(camel, text);
}

static int field_find(const struct wire_schema *schema, struct sio_span name, bool *snake) {
    for (size_t i = 0; i < schema->count; i++) {
        if (!wire_name_is(schema->fields[i].name, name)) continue;
        *snake = !sio_span_is(name, schema->fields[i].name);
        return (int)i;
    }
    return -1;
}

/* A key of the JSON text; keys too long to be one of ours are not even decoded. */
static int field_find_key(const struct wire_schema *schema, struct sio_span key, bool *snake) {
    char text[2 * WIRE_NAME_MAX * ESCAPED_MAX + 2];
    if (key.n > sizeof text) return -1;
    struct sio_span name = sio_span_of(key.p + 1, key.n - 2);
    if (memchr(key.p, '\\', key.n)) name = sio_span_of(text, sio_json_string_decode(key, text));
    return field_find(schema, name, snake);
}

/* What is said about each field, by each of its spellings. */
enum { CAMEL, SNAKE, SPELLINGS };
struct said {
    struct sio_span value[WIRE_FIELDS_MAX][SPELLINGS]; /* p NULL: nothing */
};

/* The one value of field `i`, NULL when there is none. False: its spellings say two different things. */
static bool said_value(const struct said *said, size_t i, const struct wire_field *f, struct sio_span *out,
                       struct wire_refusal *refusal) {
    const struct sio_span *value = said->value[i];
    *out = value[CAMEL].p ? value[CAMEL] : value[SNAKE];
    if (!value[CAMEL].p || !value[SNAKE].p || sio_span_eq(value[CAMEL], value[SNAKE])) return true;
    return wire_refuse(refusal, FAULT_INVALID_PAYLOAD, "%s is there twice, with different values", f->name);
}

/* ---- one value that is plain text, from a JSON string or from a query ---- */

struct decode {
    const struct wire_limits *limits;
    struct arena *arena;
    struct wire_refusal *refusal;
};

static bool text_uuid(const struct wire_field *f, struct sio_span text, struct uuid *out, struct decode *d) {
    if (uuid_parse(text, out)) return true;
    return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s must be a UUID", f->name);
}

static bool text_word(const struct wire_field *f, struct sio_span text, unsigned *out, struct decode *d) {
    for (unsigned i = 0; i < f->words->count; i++) {
        if (!sio_span_is(text, f->words->text[i])) continue;
        *out = i;
        return true;
    }
    char list[WIRE_REFUSAL_TEXT] = "";
    size_t n = 0;
    for (unsigned i = 0; i < f->words->count && n < sizeof list; i++)
        n += (size_t)snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", f->words->text[i]);
    return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s must be one of: %.120s", f->name, list);
}

static bool u64_in_range(const struct wire_field *f, bool is_number, uint64_t v, uint64_t *out,
                         struct decode *d) {
    if (is_number && v >= f->min && v <= f->max) {
        *out = v;
        return true;
    }
    return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s must be a whole number from %llu to %llu",
                       f->name, (unsigned long long)f->min, (unsigned long long)f->max);
}

static bool text_u64(const struct wire_field *f, struct sio_span text, uint64_t *out, struct decode *d) {
    unsigned long long v = 0;
    bool is_number = sio_span_to_u64(text, &v);
    return u64_in_range(f, is_number, v, out, d);
}

/* Is `n` bytes within the field's limits? */
static bool size_check(const struct wire_field *f, size_t n, struct decode *d) {
    uint64_t max = f->max;
    enum fault fault = FAULT_INVALID_PAYLOAD;
    if (max == WIRE_MAX_CONTENT || max == WIRE_MAX_METADATA) {
        max = max == WIRE_MAX_CONTENT ? d->limits->content_max_bytes : d->limits->metadata_max_bytes;
        fault = FAULT_CONTENT_TOO_LARGE;
    }
    if (n > max)
        return wire_refuse(d->refusal, fault, "%s is larger than %llu bytes", f->name,
                           (unsigned long long)max);
    if (n >= f->min) return true;
    if (f->min == 1) return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s may not be empty", f->name);
    return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s is shorter than %llu bytes", f->name,
                       (unsigned long long)f->min);
}

/* `text` lives in the arena. A NUL cannot be kept by every store. */
static bool text_string(const struct wire_field *f, struct sio_span text, struct sio_span *out,
                        struct decode *d) {
    if (!size_check(f, text.n, d)) return false;
    if (text.n > 0 && memchr(text.p, 0, text.n))
        return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s may not hold a NUL character", f->name);
    *out = text;
    return true;
}

static bool text_time(const struct wire_field *f, struct sio_span text, int64_t *out, struct decode *d) {
    if (time_parse(text, out)) return true;
    return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s must be an ISO 8601 time", f->name);
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

static bool text_minute(const struct wire_field *f, struct sio_span text, int32_t *out, struct decode *d) {
    if (text.n == 5 && is_digit(text.p[0]) && is_digit(text.p[1]) && text.p[2] == ':' &&
        is_digit(text.p[3]) && is_digit(text.p[4])) {
        int hour = (text.p[0] - '0') * 10 + text.p[1] - '0',
            minute = (text.p[3] - '0') * 10 + text.p[4] - '0';
        *out = hour * 60 + minute;
        if (hour < 24 && minute < 60) return true;
    }
    return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s must be a time of day, HH:MM", f->name);
}

/* ---- one JSON value ---- */

/* The decoded text of a string value that must be short (an id, a word, a time) into `buffer`. */
enum { SHORT_MAX = 64 };
static struct sio_span short_text(struct sio_span value, char buffer[static SHORT_MAX * ESCAPED_MAX + 2]) {
    if (sio_json_kind(value) != SIO_JSON_STRING || value.n > SHORT_MAX * ESCAPED_MAX + 2)
        return sio_span_of("", 0);
    return sio_span_of(buffer, sio_json_string_decode(value, buffer));
}

static bool json_string(const struct wire_field *f, struct sio_span value, struct sio_span *out,
                        struct decode *d) {
    if (sio_json_kind(value) != SIO_JSON_STRING)
        return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s must be a string", f->name);
    char *text = arena_alloc(d->arena, value.n);
    return text_string(f, sio_span_of(text, sio_json_string_decode(value, text)), out, d);
}

static bool json_bool(const struct wire_field *f, struct sio_span value, bool *out, struct decode *d) {
    enum sio_json_kind kind = sio_json_kind(value);
    if (kind != SIO_JSON_TRUE && kind != SIO_JSON_FALSE)
        return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s must be true or false", f->name);
    *out = kind == SIO_JSON_TRUE;
    return true;
}

static bool json_u64(const struct wire_field *f, struct sio_span value, uint64_t *out, struct decode *d) {
    int64_t v = 0;
    bool is_number = sio_json_kind(value) == SIO_JSON_NUMBER && sio_json_to_i64(value, &v) && v >= 0;
    return u64_in_range(f, is_number, (uint64_t)v, out, d);
}

static bool json_object(const struct wire_field *f, struct sio_span value, struct sio_span *out,
                        struct decode *d) {
    if (sio_json_kind(value) != SIO_JSON_OBJECT)
        return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s must be an object", f->name);
    struct sio_strbuf compact;
    sio_strbuf_init(&compact);
    sio_json_compact(&compact, value);
    bool ok = size_check(f, compact.n, d);
    if (ok) *out = arena_span(d->arena, sio_strbuf_as_span(&compact));
    sio_strbuf_fini(&compact);
    return ok;
}

/* How many items an array has; one more than `max` when there are more. */
static uint64_t array_count(struct sio_span array, uint64_t max) {
    uint64_t n = 0;
    size_t cursor = 0;
    struct sio_span item;
    while (n <= max && sio_json_next_item(array, &cursor, &item)) n++;
    return n;
}

static bool array_check(const struct wire_field *f, struct sio_span value, uint64_t *n, struct decode *d) {
    if (sio_json_kind(value) != SIO_JSON_ARRAY)
        return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s must be an array", f->name);
    *n = array_count(value, f->max);
    if (*n >= f->min && *n <= f->max) return true;
    return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s must have %llu to %llu items", f->name,
                       (unsigned long long)f->min, (unsigned long long)f->max);
}

static bool json_uuids(const struct wire_field *f, struct sio_span value, struct wire_uuids *out,
                       struct decode *d) {
    uint64_t n;
    if (!array_check(f, value, &n, d)) return false;
    struct uuid *items = arena_array(d->arena, struct uuid, (size_t)n);
    size_t cursor = 0, i = 0;
    struct sio_span item;
    char buffer[SHORT_MAX * ESCAPED_MAX + 2];
    while (sio_json_next_item(value, &cursor, &item))
        if (!uuid_parse(short_text(item, buffer), &items[i++]))
            return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s must hold UUIDs only", f->name);
    *out = (struct wire_uuids){items, i};
    return true;
}

static bool json_field(const struct wire_field *f, struct sio_span value, void *member, struct decode *d) {
    char buffer[SHORT_MAX * ESCAPED_MAX + 2];
    uint64_t n;
    switch (f->kind) {
    case WIRE_UUID: return text_uuid(f, short_text(value, buffer), member, d);
    case WIRE_WORD: return text_word(f, short_text(value, buffer), member, d);
    case WIRE_TIME: return text_time(f, short_text(value, buffer), member, d);
    case WIRE_MINUTE: return text_minute(f, short_text(value, buffer), member, d);
    case WIRE_STRING: return json_string(f, value, member, d);
    case WIRE_BOOL: return json_bool(f, value, member, d);
    case WIRE_OBJECT: return json_object(f, value, member, d);
    case WIRE_U64: return json_u64(f, value, member, d);
    case WIRE_UUIDS: return json_uuids(f, value, member, d);
    case WIRE_ARRAY: *(struct sio_span *)member = value; return array_check(f, value, &n, d);
    case WIRE_KIND_COUNT_: break;
    }
    must(!"a field's kind");
    return false;
}

static bool field_missing(const struct wire_field *f, struct wire_refusal *refusal) {
    return wire_refuse(refusal, FAULT_INVALID_PAYLOAD, "%s is required", f->name);
}

bool wire_decode(struct sio_span object, const struct wire_schema *schema, const struct wire_limits *limits,
                 struct arena *arena, void *out, uint32_t *seen, struct wire_refusal *refusal) {
    struct decode d = {limits, arena, refusal};
    struct said said = {0};
    struct sio_span key, value;
    size_t cursor = 0;
    uint32_t found = 0;
    bool snake;
    memset(out, 0, schema->size_bytes);
    while (sio_json_next_member(object, &cursor, &key, &value)) {
        int i = field_find_key(schema, key, &snake);
        if (i >= 0)
            said.value[i][snake] = sio_json_kind(value) == SIO_JSON_NULL ? (struct sio_span){NULL, 0} : value;
    }
    for (size_t i = 0; i < schema->count; i++) {
        const struct wire_field *f = &schema->fields[i];
        if (!said_value(&said, i, f, &value, refusal)) return false;
        if (!value.p) {
            if (f->required) return field_missing(f, refusal);
            continue;
        }
        if (!json_field(f, value, (char *)out + f->offset, &d)) return false;
        found |= 1u << i;
    }
    if (seen) *seen = found;
    return true;
}

bool wire_says_null(struct sio_span object, const struct wire_field *field) {
    const struct wire_schema alone = {.fields = field, .count = 1};
    struct sio_span key, value;
    size_t cursor = 0;
    bool null = false, snake;
    while (sio_json_next_member(object, &cursor, &key, &value))
        if (field_find_key(&alone, key, &snake) == 0) null = sio_json_kind(value) == SIO_JSON_NULL;
    return null;
}

/* ---- query strings ---- */

static bool query_field(const struct wire_field *f, struct sio_span text, void *member, struct decode *d) {
    switch (f->kind) {
    case WIRE_UUID: return text_uuid(f, text, member, d);
    case WIRE_WORD: return text_word(f, text, member, d);
    case WIRE_STRING:
        if (wire_text_valid(text)) return text_string(f, text, member, d);
        return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s must be UTF-8 text", f->name);
    case WIRE_U64: return text_u64(f, text, member, d);
    case WIRE_BOOL:
        *(bool *)member = sio_span_is(text, "true");
        if (*(bool *)member || sio_span_is(text, "false")) return true;
        return wire_refuse(d->refusal, FAULT_INVALID_PAYLOAD, "%s must be true or false", f->name);
    default: must(!"a kind that a query cannot have"); return false;
    }
}

static struct sio_span percent_decoded(struct sio_span in, struct arena *arena) {
    char *text = arena_alloc(arena, in.n ? in.n : 1);
    return sio_span_of(text, wire_percent_decode(in, true, text));
}

bool wire_decode_query(struct sio_span query, const struct wire_schema *schema,
                       const struct wire_limits *limits, struct arena *arena, void *out, uint32_t *seen,
                       struct wire_refusal *refusal) {
    struct decode d = {limits, arena, refusal};
    struct said said = {0};
    struct sio_span name, value;
    uint32_t found = 0;
    bool snake;
    memset(out, 0, schema->size_bytes);
    while (wire_query_next(&query, &name, &value)) {
        int i = field_find(schema, percent_decoded(name, arena), &snake);
        if (i >= 0) said.value[i][snake] = percent_decoded(value, arena);
    }
    for (size_t i = 0; i < schema->count; i++) {
        const struct wire_field *f = &schema->fields[i];
        if (!said_value(&said, i, f, &value, refusal)) return false;
        if (!value.p) {
            if (f->required) return field_missing(f, refusal);
            continue;
        }
        if (!query_field(f, value, (char *)out + f->offset, &d)) return false;
        found |= 1u << i;
    }
    if (seen) *seen = found;
    return true;
}
