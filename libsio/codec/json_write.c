/* Writing JSON: values appended to a buffer, texts escaped, blanks taken out. */
#include "codec/base64.h"
#include "codec/json_scan.h"
#include "sio_json.h"

void sio_json_begin(struct sio_json_writer *w, struct strbuf *out) {
    *w = (struct sio_json_writer){.out = out};
}

/* Before each value; the next one on this level then needs a comma. */
static void separate(struct sio_json_writer *w) {
    if (w->comma) strbuf_char(w->out, ',');
    w->comma = true;
}

static void open(struct sio_json_writer *w, char bracket) {
    separate(w);
    strbuf_char(w->out, bracket);
    w->comma = false;
}

static void close(struct sio_json_writer *w, char bracket) {
    strbuf_char(w->out, bracket);
    w->comma = true;
}

void sio_json_object_open(struct sio_json_writer *w) { open(w, '{'); }
void sio_json_object_close(struct sio_json_writer *w) { close(w, '}'); }
void sio_json_array_open(struct sio_json_writer *w) { open(w, '['); }
void sio_json_array_close(struct sio_json_writer *w) { close(w, ']'); }

void sio_json_key(struct sio_json_writer *w, struct span name) {
    separate(w);
    strbuf_char(w->out, '"');
    strbuf_span(w->out, name);
    strbuf_lit(w->out, "\":");
    w->comma = false;
}

static void add_escape(struct strbuf *out, char c) {
    static const char hex[] = "0123456789abcdef";
    static const char short_forms[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
    if (c == '"' || c == '\\') {
        strbuf_add(out, (char[]){'\\', c}, 2);
    } else if (short_forms[(unsigned char)c]) {
        strbuf_add(out, (char[]){'\\', short_forms[(unsigned char)c]}, 2);
    } else {
        strbuf_lit(out, "\\u00");
        strbuf_add(out, (char[]){hex[c >> 4], hex[c & 15]}, 2);
    }
}

static void add_valid(struct strbuf *out, struct span text) {
    if (text.n == 0) return; /* its pointer may be NULL */
    const char *p = text.p, *end = text.p + text.n;
    while (p < end) {
        const char *stop = json_skip_plain(p, end);
        strbuf_add(out, p, (size_t)(stop - p));
        if (stop < end) add_escape(out, *stop++);
        p = stop;
    }
}

/* Each longest piece that could have begun a character becomes one U+FFFD, as in browsers. */
static void add_mended(struct strbuf *out, struct span text) {
    size_t from = 0, at = 0; /* text[from..at) is a character begun */
    uint32_t state = 0;
    while (at < text.n) {
        state = utf8_feed(state, span_of(text.p + at, 1));
        if (state == UTF8_BAD) {
            strbuf_lit(out, "\xef\xbf\xbd");
            if (at == from) at++; /* else this byte may begin the next character */
            from = at;
            state = 0;
            continue;
        }
        at++;
        if (state != 0) continue;
        add_valid(out, span_of(text.p + from, at - from));
        from = at;
    }
    if (from < at) strbuf_lit(out, "\xef\xbf\xbd");
}

void sio_json_string(struct sio_json_writer *w, struct span text) {
    separate(w);
    strbuf_reserve(w->out, text.n + 2);
    strbuf_char(w->out, '"');
    if (utf8_valid(text))
        add_valid(w->out, text);
    else
        add_mended(w->out, text);
    strbuf_char(w->out, '"');
}

void sio_json_key_text(struct sio_json_writer *w, struct span name) {
    sio_json_string(w, name);
    strbuf_char(w->out, ':');
    w->comma = false;
}

void sio_json_i64(struct sio_json_writer *w, int64_t v) {
    separate(w);
    strbuf_i64(w->out, v);
}

void sio_json_u64(struct sio_json_writer *w, uint64_t v) {
    separate(w);
    strbuf_u64(w->out, v);
}

void sio_json_bool(struct sio_json_writer *w, bool v) {
    separate(w);
    strbuf_span(w->out, v ? SPAN("true") : SPAN("false"));
}

void sio_json_null(struct sio_json_writer *w) {
    separate(w);
    strbuf_lit(w->out, "null");
}

void sio_json_raw(struct sio_json_writer *w, struct span value) {
    separate(w);
    strbuf_span(w->out, value.n ? value : SPAN("null"));
}

void sio_json_compact(struct strbuf *out, struct span value) {
    if (value.n == 0) return;
    const char *p = value.p, *end = value.p + value.n, *from = p;
    while (p < end) {
        if (*p == '"') {
            p = json_skip_string(p, end);
        } else if (json_is_blank(*p)) {
            strbuf_add(out, from, (size_t)(p - from));
            p = from = json_skip_blanks(p, end);
        } else {
            p++;
        }
    }
    strbuf_add(out, from, (size_t)(end - from));
}
