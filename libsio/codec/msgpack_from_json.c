/* A JSON value becomes msgpack: one pass over its text. A container's head, which tells how many items follow, is
 * written when they are all there; what stands behind it moves if it turns out longer than a byte. */
#include "base/mem.h"
#include "base/must.h"
#include "codec/json_scan.h"
#include "codec/msgpack.h"
#include "codec/msgpack_json.h"
#include "sio_json.h"

enum {
    SHALLOW = 32 /* levels; deeper ones get the widest head at once, because moving would cost depth * size */
};

struct level {
    size_t at;      /* of the head */
    uint32_t count; /* values so far, names included */
    bool object;
};

struct from_json {
    struct sio_strbuf *out;
    const char *p, *end;
    const struct sio_span *attachments;
    size_t attachment_count;
    struct level *levels; /* `shallow` while that is enough */
    size_t depth, capacity;
    struct level shallow[SHALLOW];
};

/* ---- containers ---- */

static void push(struct from_json *f, bool object) {
    if (f->depth == f->capacity) {
        struct level *old = f->levels == f->shallow ? NULL : f->levels;
        f->capacity *= 2;
        f->levels = mem_realloc(old, f->capacity * sizeof(struct level));
        if (!old) memcpy(f->levels, f->shallow, sizeof f->shallow);
    }
    f->levels[f->depth++] = (struct level){.at = f->out->n, .object = object};
}

static void open(struct from_json *f, bool object) {
    push(f, object);
    size_t room = f->depth <= SHALLOW ? 1 : MSGPACK_HEAD_MAX_BYTES;
    sio_strbuf_reserve(f->out, room);
    f->out->n += room;
}

static void close(struct from_json *f) {
    must(f->depth > 0);
    const struct level *level = &f->levels[f->depth - 1];
    char head[MSGPACK_HEAD_MAX_BYTES];
    bool widest = f->depth > SHALLOW;
    size_t n = msgpack_head(head, level->object ? MSGPACK_MAP : MSGPACK_ARRAY,
                            level->object ? level->count / 2 : level->count, widest);
    size_t more = widest ? 0 : n - 1, behind = level->at + n - more;
    sio_strbuf_reserve(f->out, more);
    if (more) memmove(f->out->p + behind + more, f->out->p + behind, f->out->n - behind);
    memcpy(f->out->p + level->at, head, n);
    f->out->n += more;
    f->depth--;
}

static void count_value(struct from_json *f) {
    if (f->depth) f->levels[f->depth - 1].count++;
}

/* ---- scalars ---- */

static struct sio_span take(struct from_json *f, const char *behind) {
    struct sio_span value = sio_span_of(f->p, (size_t)(behind - f->p));
    f->p = behind;
    return value;
}

/* Decoded behind the widest head, then drawn up to the one that its length needs. */
static void write_string(struct from_json *f) {
    struct sio_span value = take(f, json_skip_string(f->p, f->end));
    must(value.n <= UINT32_MAX);
    char *p = sio_strbuf_reserve(f->out, MSGPACK_HEAD_MAX_BYTES + value.n);
    size_t n = sio_json_string_decode(value, p + MSGPACK_HEAD_MAX_BYTES);
    size_t head = msgpack_head(p, MSGPACK_STR, (uint32_t)n, false);
    memmove(p + head, p + MSGPACK_HEAD_MAX_BYTES, n);
    f->out->n += head + n;
}

static void write_double(struct sio_strbuf *out, double v) {
    const double whole_most = 9007199254740992.0; /* 2^53 */
    if (v >= -whole_most && v <= whole_most && v == (double)(int64_t)v)
        msgpack_write_i64(out, (int64_t)v);
    else
        msgpack_write_double(out, v);
}

/* A number too large for a double is infinite, as it is for JSON.parse. */
static void write_number(struct sio_strbuf *out, struct sio_span value) {
    int64_t i;
    unsigned long long u;
    double v;
    if (sio_json_to_i64(value, &i))
        msgpack_write_i64(out, i);
    else if (sio_span_to_u64(value, &u))
        msgpack_write_u64(out, u);
    else if (sio_json_to_double(value, &v))
        write_double(out, v);
    else
        msgpack_write_double(out, value.p[0] == '-' ? -__builtin_inf() : __builtin_inf());
}

static void write_scalar(struct from_json *f) {
    const char *behind = json_skip_value(f->p, f->end);
    must(behind > f->p);
    struct sio_span value = take(f, behind);
    switch (sio_json_kind(value)) {
    case SIO_JSON_NULL: msgpack_write_nil(f->out); break;
    case SIO_JSON_FALSE: msgpack_write_bool(f->out, false); break;
    case SIO_JSON_TRUE: msgpack_write_bool(f->out, true); break;
    default: write_number(f->out, value);
    }
}

/* ---- placeholders ---- */

static bool take_char(const char **p, const char *end, char c) {
    *p = json_skip_blanks(*p, end);
    if (*p == end || **p != c) return false;
    ++*p;
    return true;
}

/* One member whose value is true or a number; anything else is not looked into, so that each byte of the text is
 * seen twice at most, however deep it is nested. */
static bool take_simple_member(const char **p, const char *end, struct sio_span *name,
                               struct sio_span *value) {
    *p = json_skip_blanks(*p, end);
    if (*p == end || **p != '"') return false;
    const char *behind = json_skip_string(*p, end);
    *name = sio_span_of(*p, (size_t)(behind - *p));
    *p = behind;
    if (!take_char(p, end, ':')) return false;
    *p = json_skip_blanks(*p, end);
    if (*p == end || (**p != 't' && !json_is_digit(**p))) return false;
    behind = json_skip_value(*p, end);
    *value = sio_span_of(*p, (size_t)(behind - *p));
    *p = behind;
    return true;
}

static bool is_placeholder(const struct from_json *f, const char **behind, int64_t *num) {
    const char *p = f->p;
    struct sio_span name[2], value[2];
    if (f->attachment_count == 0) return false;
    if (!take_char(&p, f->end, '{') || !take_simple_member(&p, f->end, &name[0], &value[0]) ||
        !take_char(&p, f->end, ',') || !take_simple_member(&p, f->end, &name[1], &value[1]) ||
        !take_char(&p, f->end, '}'))
        return false;
    *behind = p;
    int mark = sio_json_kind(value[0]) == SIO_JSON_TRUE ? 0 : 1;
    return sio_json_string_is(name[mark], SIO_SPAN("_placeholder")) &&
           sio_json_kind(value[mark]) == SIO_JSON_TRUE && sio_json_string_is(name[!mark], SIO_SPAN("num")) &&
           sio_json_to_i64(value[!mark], num) && *num >= 0 && (uint64_t)*num < f->attachment_count;
}

/* ---- the walk ---- */

static void write_next(struct from_json *f, const struct sio_span *first) {
    const char *behind;
    int64_t num;
    switch (*f->p) {
    case ',':
    case ':':
    case ' ':
    case '\t':
    case '\n':
    case '\r': f->p++; return;
    case ']':
    case '}':
        close(f);
        f->p++;
        return;
    default: break;
    }
    count_value(f);
    if (*f->p == '{' && is_placeholder(f, &behind, &num)) {
        msgpack_write_bin(f->out, f->attachments[num]);
        f->p = behind;
    } else if (*f->p == '{' || *f->p == '[') {
        open(f, *f->p++ == '{');
        if (first && f->depth == 1) {
            count_value(f);
            msgpack_write_str(f->out, *first);
        }
    } else if (*f->p == '"') {
        write_string(f);
    } else {
        write_scalar(f);
    }
}

void msgpack_from_json(struct sio_strbuf *out, const struct sio_span *first, struct sio_span json,
                       const struct sio_span *attachments, size_t count) {
    struct from_json f; /* not zeroed: a level is written before it is read */
    f.out = out;
    f.p = json.p;
    f.end = json.p + json.n;
    f.attachments = attachments;
    f.attachment_count = count;
    f.levels = f.shallow;
    f.depth = 0;
    f.capacity = SHALLOW;
    while (f.p < f.end) write_next(&f, first);
    must(f.depth == 0);
    if (f.levels != f.shallow) free(f.levels);
}
