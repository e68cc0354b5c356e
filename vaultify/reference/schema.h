/* JSON Schema (2020-12, and as good as draft 7) of shapes, words and field tables. Each writes one value. They are open: what the
 * server adds to a shape some day breaks nobody. */
#pragma once
#include "reference/names.h"
#include "sio_json.h"

#define SCHEMA_PLACE "#/components/schemas/"

/* The members of components.schemas: words and shapes. */
void schema_components(struct sio_json_writer *w);

/* `codes`: what its member `code` can be; 0: any. `ok`: begins with {ok: true}. */
void schema_shape(struct sio_json_writer *w, const struct wire_shape *shape, fault_set codes, bool ok);
void schema_answer(struct sio_json_writer *w, const struct wire_answer *answer);
void schema_codes(struct sio_json_writer *w, fault_set faults);

/* What clients send: `nullable`, where null is as good as nothing. */
void schema_fields(struct sio_json_writer *w, const struct wire_schema *schema);
void schema_field(struct sio_json_writer *w, const struct wire_field *field, bool nullable);
