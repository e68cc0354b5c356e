/* The reader of one locale's file of texts, which a translator edits: strict, with the line and the reason. */
#include "push/text_file.h"

#include "push/plain_text.h"

static const struct {
    const char *key;
    bool says; /* who and what */
} keys[] = {
#define KEY(name, key, says) {key, says},
    TEXT_KEY_TABLE(KEY)
#undef KEY
};

static const char *const placeholders[] = {
    [TEXT_SENDER] = "sender", [TEXT_CONVERSATION] = "conversation", [TEXT_CONTENT] = "content"};

/* ---- pieces ---- */

static size_t find(struct sio_span text, char c) {
    const char *found = text.n ? memchr(text.p, c, text.n) : NULL;
    return found ? (size_t)(found - text.p) : text.n;
}

static enum text_placeholder placeholder_named(struct sio_span name) {
    for (unsigned i = 0; i < TEXT_PLACEHOLDER_COUNT_; i++)
        if (sio_span_is(name, placeholders[i])) return (enum text_placeholder)i;
    return TEXT_PLAIN;
}

bool text_next_piece(struct sio_span *rest, enum text_placeholder *kind, struct sio_span *piece) {
    if (!rest->n) return false;
    size_t n = find(*rest, '{');
    *kind = TEXT_PLAIN;
    *piece = sio_span_head(*rest, n);
    *rest = sio_span_skip(*rest, n);
    if (n) return true;
    size_t end = find(*rest, '}');
    if (end < rest->n) *kind = placeholder_named(sio_span_of(rest->p + 1, end - 1));
    *rest = sio_span_skip(*rest, end < rest->n ? end + 1 : end);
    return true;
}

/* ---- lines ---- */

static const char *check_text(enum text_key key, struct sio_span text) {
    enum text_placeholder kind;
    struct sio_span piece;
    if (!text.n) return "there is no text behind the =";
    if (!plain_text_is_utf8(text)) return "the text is not UTF-8";
    while (text_next_piece(&text, &kind, &piece)) {
        if (kind == TEXT_PLAIN && !piece.n)
            return "{sender}, {conversation} and {content} are all that may stand in braces";
        if (kind != TEXT_PLAIN && !keys[key].says) return "this text may have no {placeholder}";
    }
    return NULL;
}

static enum text_key key_named(struct sio_span name) {
    unsigned i = 0;
    while (i < TEXT_KEY_COUNT_ && !sio_span_is(name, keys[i].key)) i++;
    return (enum text_key)i;
}

/* NULL: the line is good. */
static const char *read_line(struct sio_span line, struct sio_span texts[TEXT_KEY_COUNT_],
                             bool seen[TEXT_KEY_COUNT_]) {
    if (!line.n || line.p[0] == '#') return NULL;
    struct sio_span text = line;
    enum text_key key = key_named(sio_span_trim(sio_span_cut(&text, '=')));
    if (!text.p) return "a line is `key = text`";
    if (key == TEXT_KEY_COUNT_) return "there is no such key";
    if (seen[key]) return "the key has a line already";
    seen[key] = true;
    texts[key] = sio_span_trim(text);
    return check_text(key, texts[key]);
}

bool text_file_parse(struct sio_span file, struct sio_span texts[TEXT_KEY_COUNT_], unsigned *line_number,
                     const char **error) {
    static const struct sio_span mark = {"\xef\xbb\xbf", 3};
    bool seen[TEXT_KEY_COUNT_] = {false};
    if (sio_span_starts(file, mark)) file = sio_span_skip(file, mark.n);
    *error = NULL;
    for (*line_number = 0; file.n && !*error; ++*line_number) {
        struct sio_span line = sio_span_cut(&file, '\n');
        if (line.n && line.p[line.n - 1] == '\r') line.n--;
        *error = read_line(sio_span_trim(line), texts, seen);
    }
    return !*error;
}
