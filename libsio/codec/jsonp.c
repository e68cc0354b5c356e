/* JSONP: a script around an answer, a form around a body. */
#include "codec/jsonp.h"

#include "codec/http1.h"

#include "sio_json.h"

/* U+2028 and U+2029 end a line in old JavaScript, also inside a string; both begin with these two bytes. */
static const struct span separators = {"\xe2\x80", 2};

static bool is_line_end(struct span at) {
    return at.n >= 3 && span_starts(at, separators) && ((unsigned char)at.p[2] | 1) == 0xa9;
}

/* Appends JSON with those two escaped. */
static void add_as_script(struct strbuf *out, struct span json) {
    size_t from = 0;
    for (size_t i = 0; i < json.n; i++) {
        if (!is_line_end(span_skip(json, i))) continue;
        strbuf_span(out, span_head(span_skip(json, from), i - from));
        strbuf_printf(out, "\\u202%c", (unsigned char)json.p[i + 2] == 0xa8 ? '8' : '9');
        i += 2;
        from = i + 1;
    }
    strbuf_span(out, span_skip(json, from));
}

void jsonp_wrap(struct strbuf *out, struct span index, struct span text) {
    struct strbuf json;
    struct sio_json_writer w;
    strbuf_init(&json);
    sio_json_begin(&w, &json);
    sio_json_string(&w, text);
    strbuf_lit(out, "___eio[");
    strbuf_span(out, index);
    strbuf_lit(out, "](");
    add_as_script(out, strbuf_as_span(&json));
    strbuf_lit(out, ");");
    strbuf_fini(&json);
}

bool jsonp_unwrap(struct strbuf *out, struct span form) {
    char *at = strbuf_reserve(out, form.n + 1);
    size_t n = 0, to = 0;
    if (!url_query(form, SPAN("d"), at, &n)) return false;
    for (size_t i = 0; i < n; i++) {
        struct span left = span_of(at + i, n - i);
        bool escaped = span_starts(left, SPAN("\\\\n")), line_end = span_starts(left, SPAN("\\n"));
        if (escaped || line_end) i++;
        at[to++] = line_end ? '\n' : at[i];
        if (escaped) at[to++] = at[++i];
    }
    out->n += to;
    at[to] = '\0';
    return true;
}
