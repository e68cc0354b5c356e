/* Field tables: what a payload's fields are called, of what kind they are and how large they may be; and the
 * one decoder that fills a plain struct from JSON or from a query string by such a table.
 *
 * A field is written down in camelCase; `conversationId` and `conversation_id` are both understood, and
 * refused when both are there and say different things. Of one spelling the last one counts. null is as good
 * as absent. Unknown fields are ignored. Any thread. */
#pragma once
#include <stddef.h>

#include "base/arena.h"
#include "base/uuid.h"
#include "fault/fault.h"
#include "sio_err.h"
#include "sio_json.h"

/*               the member in the payload's struct, and its value when the field is absent */
enum wire_kind {
    WIRE_UUID,   /* struct uuid; nil */
    WIRE_STRING, /* struct sio_span, decoded; empty */
    WIRE_BOOL,   /* bool; false */
    WIRE_OBJECT, /* struct sio_span, the compact JSON of an object; empty */
    WIRE_U64,    /* uint64_t; 0 */
    WIRE_WORD,   /* an enum of the given words; its first */
    WIRE_UUIDS,  /* struct wire_uuids; none */
    WIRE_TIME,   /* int64_t, ms since 1970, from ISO 8601; 0 */
    WIRE_ARRAY,  /* struct sio_span, the JSON of an array as it came; empty */
    WIRE_MINUTE, /* int32_t, minutes after midnight, from HH:MM; 0 */
    WIRE_KIND_COUNT_
};

struct wire_words {
    const char *const *text;
    unsigned count;
    const char *name; /* of their type in the API's documents */
};
extern const struct wire_words wire_roles, wire_user_statuses, wire_conversation_types, wire_message_types,
    wire_message_statuses, wire_broadcast_types, wire_device_platforms;
extern const struct wire_words wire_error_codes; /* by fault, without FAULT_NONE: some stand there twice */

struct wire_shape; /* wire/shapes.h */

struct wire_uuids {
    const struct uuid *items;
    size_t count;
};

/* `max` of a field whose limit is an option of the server; too much of it is FAULT_CONTENT_TOO_LARGE. */
#define WIRE_MAX_CONTENT  (UINT64_MAX - 1)
#define WIRE_MAX_METADATA (UINT64_MAX - 2)
struct wire_limits {
    uint32_t content_max_bytes, metadata_max_bytes;
};

struct wire_field {
    const char *name; /* camelCase, at most WIRE_NAME_MAX characters */
    enum wire_kind kind;
    bool required;
    uint64_t min, max; /* of a string or object: bytes; of a number: its value; of an array: its items */
    size_t offset;     /* of the member */
    const struct wire_words *words; /* of WIRE_WORD */
    /* For the API's documents alone: */
    const char *doc;                /* one sentence, without a full stop */
    const struct wire_shape *shape; /* of a WIRE_OBJECT that is decoded later; NULL: any object */
};

struct wire_schema {
    const struct wire_field *fields;
    size_t count;
    size_t size_bytes; /* of the struct */
};
#define WIRE_SCHEMA(type, table)                                                                             \
    { (table), sizeof(table) / sizeof((table)[0]), sizeof(type) }

enum { WIRE_FIELDS_MAX = 32, WIRE_NAME_MAX = 32, WIRE_REFUSAL_TEXT = 160 };

struct wire_refusal {
    enum fault fault;
    char text[WIRE_REFUSAL_TEXT]; /* for people, names the field; empty: the fault's own message */
};

/* SIO_ERR_INVALID when the table itself is wrong (no name, twice the same name, no limit, no words …). */
enum sio_err wire_schema_check(const struct wire_schema *schema) SIO_MUST_CHECK;

/* Has every field its sentence for the API's documents? */
bool wire_schema_is_documented(const struct wire_schema *schema);

/* `object` is a JSON value; `out` points at size_bytes bytes, which are zeroed and filled; spans in it live
 * in `arena`. On success bit i of *seen (may be NULL) says that field i was there. False: `*refusal` says
 * why. */
bool wire_decode(struct sio_span object, const struct wire_schema *schema, const struct wire_limits *limits,
                 struct arena *arena, void *out, uint32_t *seen, struct wire_refusal *refusal) SIO_MUST_CHECK;

/* The same from a query string (`page=2&limit=20`); kinds UUID, STRING, BOOL, U64 and WORD. */
bool wire_decode_query(struct sio_span query, const struct wire_schema *schema,
                       const struct wire_limits *limits, struct arena *arena, void *out, uint32_t *seen,
                       struct wire_refusal *refusal) SIO_MUST_CHECK;

/* Does the object say null for this field, in either spelling? For the few that can be taken back so. */
bool wire_says_null(struct sio_span object, const struct wire_field *field);

/* Is `text` this field's name, in either spelling? */
bool wire_name_is(const char *camel, struct sio_span text);

__attribute__((format(printf, 3, 4))) bool wire_refuse(struct wire_refusal *refusal, enum fault fault,
                                                       const char *format, ...); /* returns false */
