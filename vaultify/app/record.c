/* One line of an import as JSON. */
#include "app/record.h"

#include "sio_json.h"

void record_write(struct sio_strbuf *out, const char *kind, const struct record_field *fields, size_t count) {
    struct sio_json_writer w;
    sio_json_begin(&w, out);
    sio_json_object_open(&w);
    sio_json_key(&w, sio_span_cstr(kind));
    sio_json_object_open(&w);
    for (size_t i = 0; i < count; i++) {
        if (!fields[i].value) continue;
        sio_json_key(&w, sio_span_cstr(fields[i].name));
        sio_json_string(&w, sio_span_cstr(fields[i].value));
    }
    sio_json_object_close(&w);
    sio_json_object_close(&w);
    sio_strbuf_char(out, '\n');
}
