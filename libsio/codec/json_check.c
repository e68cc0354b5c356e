/* The JSON checker: one pass by a small machine whose only memory is one bit a level, object or array.
 *
 *              +--------------- [ { : one level down ------------+
 *              v                                                 |
 *   start --> VALUE -- scalar, empty container --> AFTER -- ] }: one level up --> AFTER
 *              ^                                    |  |
 *              +------ , (in an object: , "name": ) +  +-- at level 0 --> end */
#include "codec/json_scan.h"
#include "codec/utf8.h"
#include "sio_json.h"

struct checker {
    const char *p, *end;
    unsigned depth; /* open arrays and objects */
    uint64_t is_object[SIO_JSON_MAX_DEPTH / 64];
};

/* The byte at hand; 0 at the end, which nothing accepts, as it accepts no NUL byte. */
static char peek(const struct checker *c) { return c->p < c->end ? *c->p : '\0'; }

static char peek_past_blanks(struct checker *c) {
    c->p = json_skip_blanks(c->p, c->end);
    return peek(c);
}

static bool in_object(const struct checker *c) {
    unsigned level = c->depth - 1;
    return c->is_object[level / 64] >> (level % 64) & 1;
}

static bool descend(struct checker *c, bool object) {
    if (c->depth == SIO_JSON_MAX_DEPTH) return false;
    uint64_t bit = UINT64_C(1) << (c->depth % 64), *word = &c->is_object[c->depth / 64];
    if (bit == 1) *word = 0; /* the first level of this word: what stands there is of no level now open */
    *word = object ? *word | bit : *word & ~bit;
    c->depth++;
    return true;
}

static bool is_hex(char c) { return json_is_digit(c) || (unsigned char)((c | 0x20) - 'a') < 6; }

/* Behind a backslash. */
static bool take_escape(struct checker *c) {
    switch (peek(c)) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't': c->p++; return true;
    case 'u':
        if (c->end - c->p < 5) return false;
        for (int i = 1; i < 5; i++)
            if (!is_hex(c->p[i])) return false;
        c->p += 5;
        return true;
    default: return false;
    }
}

/* At the opening quote. That all is UTF-8 was checked before. */
static bool take_string(struct checker *c) {
    c->p++;
    for (;;) {
        c->p = json_skip_plain(c->p, c->end);
        char stop = peek(c);
        if (stop != '"' && stop != '\\') return false;
        c->p++;
        if (stop == '"') return true;
        if (!take_escape(c)) return false;
    }
}

static bool take_digits(struct checker *c) {
    const char *from = c->p;
    while (json_is_digit(peek(c))) c->p++;
    return c->p > from;
}

static bool take_number(struct checker *c) {
    if (peek(c) == '-') c->p++;
    if (peek(c) == '0')
        c->p++; /* and no digit may follow: whatever comes next is no digit */
    else if (!take_digits(c))
        return false;
    if (peek(c) == '.') {
        c->p++;
        if (!take_digits(c)) return false;
    }
    if (peek(c) == 'e' || peek(c) == 'E') {
        c->p++;
        if (peek(c) == '+' || peek(c) == '-') c->p++;
        if (!take_digits(c)) return false;
    }
    return true;
}

static bool take_word(struct checker *c, struct sio_span word) {
    if (!sio_span_starts(sio_span_of(c->p, (size_t)(c->end - c->p)), word)) return false;
    c->p += word.n;
    return true;
}

static bool take_scalar(struct checker *c) {
    switch (peek(c)) {
    case '"': return take_string(c);
    case 't': return take_word(c, SIO_SPAN("true"));
    case 'f': return take_word(c, SIO_SPAN("false"));
    case 'n': return take_word(c, SIO_SPAN("null"));
    default: return take_number(c);
    }
}

static bool take_name(struct checker *c) {
    if (peek_past_blanks(c) != '"' || !take_string(c)) return false;
    if (peek_past_blanks(c) != ':') return false;
    c->p++;
    return true;
}

enum next { REFUSED, VALUE, AFTER, END };

static enum next at_value(struct checker *c) {
    char open = peek_past_blanks(c);
    if (open != '{' && open != '[') return take_scalar(c) ? AFTER : REFUSED;
    if (!descend(c, open == '{')) return REFUSED;
    c->p++;
    if (peek_past_blanks(c) == open + 2) { /* `}` and `]` stand two behind `{` and `[` */
        c->p++;
        c->depth--;
        return AFTER;
    }
    return open == '[' || take_name(c) ? VALUE : REFUSED;
}

static enum next after_value(struct checker *c) {
    if (c->depth == 0) return END;
    char stop = peek_past_blanks(c);
    bool object = in_object(c);
    if (stop != ',' && stop != (object ? '}' : ']')) return REFUSED;
    c->p++;
    if (stop == ',') return !object || take_name(c) ? VALUE : REFUSED;
    c->depth--;
    return AFTER;
}

bool sio_json_check(struct sio_span text, struct sio_span *value) {
    struct checker c; /* is_object is written level by level */
    if (text.n == 0 || !utf8_valid(text)) return false;
    c.end = text.p + text.n;
    c.p = json_skip_blanks(text.p, c.end);
    c.depth = 0;
    const char *start = c.p;
    enum next next = VALUE;
    while (next == VALUE || next == AFTER) next = next == VALUE ? at_value(&c) : after_value(&c);
    if (next == REFUSED) return false;
    *value = sio_span_of(start, (size_t)(c.p - start));
    return json_skip_blanks(c.p, c.end) == c.end;
}
