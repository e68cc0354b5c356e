/* JSONP: a script around an answer, a form around a body. */
#include "codec/jsonp.h"

#include "codec/http1.h"

#include "sio_json.h"

/* U+2028 and U+2029 end a line in old JavaScript, also inside a string; both begin with these two bytes. */
static const struct sio_span separators = {"\xe2\x80", 2};

static bool is_line_end(struct sio_span at) {
    return at.n >= 3 && sio_span_starts(at, separators) && ((unsigned char)at.p[2] | 1) == 0xa9;
}

/* Appends JSON with those two escaped. */
static void add_as_script(struct sio_strbuf *out, struct sio_span json) {
    size_t from = 0;
    for (size_t i = 0; i < json.n; i++) {
        if (!is_line_end(sio_span_skip(json, i))) continue;
        sio_strbuf_span(out, sio_span_head(sio_span_skip(json, from), i - from));
        sio_strbuf_printf(out, "\\u202%c", (unsigned char)json.p[i + 2] == 0xa8 ? '8' : '9');
        i += 2;
        from = i + 1;
    }
    sio_strbuf_span(out, sio_span_skip(json, from));
}

void jsonp_wrap(struct sio_strbuf *out, struct sio_span index, struct sio_span text) {
    struct sio_strbuf json;
    struct sio_json_writer w;
    sio_strbuf_init(&json);
    sio_json_begin(&w, &json);
    sio_json_string(&w, text);
    sio_strbuf_lit(out, "___eio[");
    sio_strbuf_span(out, index);
    sio_strbuf_lit(out, "](");
    add_as_script(out, sio_strbuf_as_span(&json));
    sio_strbuf_lit(out, ");");
    sio_strbuf_fini(&json);
}

bool jsonp_unwrap(struct sio_strbuf *out, struct sio_span form) {
    char *at = sio_strbuf_reserve(out, form.n + 1);
    size_t n = 0, to = 0;
    if (!url_query(form, SIO_SPAN("d"), at, &n)) return false;
    for (size_t i = 0; i < n; i++) {
        struct sio_span left = sio_span_of(at + i, n - i);
        bool escaped = sio_span_starts(left, SIO_SPAN("\\\\n")),
             line_end = sio_span_starts(left, SIO_SPAN("\\n"));
        if (escaped || line_end) i++;
        at[to++] = line_end ? '\n' : at[i];
        if (escaped) at[to++] = at[++i];
    }
    out->n += to;
    at[to] = '\0';
    return true;
}
