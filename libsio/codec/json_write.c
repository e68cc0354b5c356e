/* Writing JSON: values appended to a buffer, texts escaped, blanks taken out. */
#include "codec/json_scan.h"
#include "codec/utf8.h"
#include "sio_json.h"

void sio_json_begin(struct sio_json_writer *w, struct sio_strbuf *out) {
    *w = (struct sio_json_writer){.out = out};
}

/* Before each value; the next one on this level then needs a comma. */
static void separate(struct sio_json_writer *w) {
    if (w->comma) sio_strbuf_char(w->out, ',');
    w->comma = true;
}

static void open(struct sio_json_writer *w, char bracket) {
    separate(w);
    sio_strbuf_char(w->out, bracket);
    w->comma = false;
}

static void close(struct sio_json_writer *w, char bracket) {
    sio_strbuf_char(w->out, bracket);
    w->comma = true;
}

void sio_json_object_open(struct sio_json_writer *w) { open(w, '{'); }
void sio_json_object_close(struct sio_json_writer *w) { close(w, '}'); }
void sio_json_array_open(struct sio_json_writer *w) { open(w, '['); }
void sio_json_array_close(struct sio_json_writer *w) { close(w, ']'); }

void sio_json_key(struct sio_json_writer *w, struct sio_span name) {
    separate(w);
    sio_strbuf_char(w->out, '"');
    sio_strbuf_span(w->out, name);
    sio_strbuf_lit(w->out, "\":");
    w->comma = false;
}

static void add_escape(struct sio_strbuf *out, char c) {
    static const char hex[] = "0123456789abcdef";
    static const char short_forms[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (c == '"' || c == '\\') {
        sio_strbuf_add(out, (char[]){'\\', c}, 2);
    } else if (short_forms[(unsigned char)c]) {
        sio_strbuf_add(out, (char[]){'\\', short_forms[(unsigned char)c]}, 2);
    } else {
        sio_strbuf_lit(out, "\\u00");
        sio_strbuf_add(out, (char[]){hex[c >> 4], hex[c & 15]}, 2);
    }
}

static void add_valid(struct sio_strbuf *out, struct sio_span text) {
    if (text.n == 0) return; /* its pointer may be NULL */
    const char *p = text.p, *end = text.p + text.n;
    while (p < end) {
        const char *stop = json_skip_plain(p, end);
        sio_strbuf_add(out, p, (size_t)(stop - p));
        if (stop < end) add_escape(out, *stop++);
        p = stop;
    }
}

/* Each longest piece that could have begun a character becomes one U+FFFD, as in browsers. */
static void add_mended(struct sio_strbuf *out, struct sio_span text) {
    size_t from = 0, at = 0; /* text[from..at) is a character begun */
    uint32_t state = 0;
    while (at < text.n) {
        state = utf8_feed(state, sio_span_of(text.p + at, 1));
        if (state == UTF8_BAD) {
            sio_strbuf_lit(out, "\xef\xbf\xbd");
            if (at == from) at++; /* else this byte may begin the next character */
            from = at;
            state = 0;
            continue;
        }
        at++;
        if (state != 0) continue;
        add_valid(out, sio_span_of(text.p + from, at - from));
        from = at;
    }
    if (from < at) sio_strbuf_lit(out, "\xef\xbf\xbd");
}

void sio_json_string(struct sio_json_writer *w, struct sio_span text) {
    separate(w);
    sio_strbuf_reserve(w->out, text.n + 2);
    sio_strbuf_char(w->out, '"');
    if (utf8_valid(text))
        add_valid(w->out, text);
    else
        add_mended(w->out, text);
    sio_strbuf_char(w->out, '"');
}

void sio_json_key_text(struct sio_json_writer *w, struct sio_span name) {
    sio_json_string(w, name);
    sio_strbuf_char(w->out, ':');
    w->comma = false;
}

void sio_json_i64(struct sio_json_writer *w, int64_t v) {
    separate(w);
    sio_strbuf_i64(w->out, v);
}

void sio_json_u64(struct sio_json_writer *w, uint64_t v) {
    separate(w);
    sio_strbuf_u64(w->out, v);
}

void sio_json_bool(struct sio_json_writer *w, bool v) {
    separate(w);
    sio_strbuf_span(w->out, v ? SIO_SPAN("true") : SIO_SPAN("false"));
}

void sio_json_null(struct sio_json_writer *w) {
    separate(w);
    sio_strbuf_lit(w->out, "null");
}

void sio_json_raw(struct sio_json_writer *w, struct sio_span value) {
    separate(w);
    sio_strbuf_span(w->out, value.n ? value : SIO_SPAN("null"));
}

void sio_json_compact(struct sio_strbuf *out, struct sio_span value) {
    if (value.n == 0) return;
    const char *p = value.p, *end = value.p + value.n, *from = p;
    while (p < end) {
        if (*p == '"') {
            p = json_skip_string(p, end);
        } else if (json_is_blank(*p)) {
            sio_strbuf_add(out, from, (size_t)(p - from));
            p = from = json_skip_blanks(p, end);
        } else {
            p++;
        }
    }
    sio_strbuf_add(out, from, (size_t)(end - from));
}
