/* One line of an import, written from plain texts. */
#pragma once
#include "sio_strbuf.h"

struct record_field {
    const char *name;
    const char *value; /* NULL: left out */
};

/* Appends {"kind":{"name":"value",…}} and a line's end. Kind and names need no escaping. */
void record_write(struct sio_strbuf *out, const char *kind, const struct record_field *fields, size_t count);
