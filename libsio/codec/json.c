/* Walking a checked JSON text in place: kinds, items, members, numbers; strings are in json_string.c. */
#include "codec/json_scan.h"
#include "sio_json.h"

const char *json_skip_string(const char *p, const char *end) {
    if (p < end) p++;
    while (p < end) {
        p = json_skip_plain(p, end);
        if (p == end) break;
        if (*p == '"') return p + 1;
        p += *p == '\\' && end - p > 1 ? 2 : 1;
    }
    return end;
}

static const char *skip_container(const char *p, const char *end) {
    size_t depth = 0;
    while (p < end) {
        switch (*p) {
        case '"': p = json_skip_string(p, end); continue;
        case '{':
        case '[': depth++; break;
        case '}':
        case ']':
            if (--depth == 0) return p + 1;
            break;
        }
        p++;
    }
    return end;
}

const char *json_skip_value(const char *p, const char *end) {
    if (p == end) return end;
    if (*p == '"') return json_skip_string(p, end);
    if (*p == '{' || *p == '[') return skip_container(p, end);
    while (p < end && *p != ',' && *p != ']' && *p != '}' && !json_is_blank(*p)) p++;
    return p;
}

enum sio_json_kind sio_json_kind(struct sio_span value) {
    if (value.n == 0) return SIO_JSON_NONE;
    switch (value.p[0]) {
    case 'n': return SIO_JSON_NULL;
    case 'f': return SIO_JSON_FALSE;
    case 't': return SIO_JSON_TRUE;
    case '"': return SIO_JSON_STRING;
    case '[': return SIO_JSON_ARRAY;
    case '{': return SIO_JSON_OBJECT;
    default: return SIO_JSON_NUMBER;
    }
}

/* The next item or name of a container, past the bracket or comma before it; NULL at the end. */
static const char *next_start(struct sio_span container, size_t cursor) {
    const char *end = container.p + container.n;
    if (cursor > container.n) return NULL;
    const char *p = json_skip_blanks(container.p + cursor, end);
    if (p < end && (cursor == 0 || *p == ',')) p = json_skip_blanks(p + 1, end);
    return p == end || *p == ']' || *p == '}' ? NULL : p;
}

bool sio_json_next_item(struct sio_span array, size_t *cursor, struct sio_span *item) {
    if (sio_json_kind(array) != SIO_JSON_ARRAY) return false;
    const char *p = next_start(array, *cursor);
    if (!p) return false;
    const char *behind = json_skip_value(p, array.p + array.n);
    *item = sio_span_of(p, (size_t)(behind - p));
    *cursor = (size_t)(behind - array.p);
    return true;
}

bool sio_json_next_member(struct sio_span object, size_t *cursor, struct sio_span *key,
                          struct sio_span *value) {
    if (sio_json_kind(object) != SIO_JSON_OBJECT) return false;
    const char *end = object.p + object.n, *p = next_start(object, *cursor);
    if (!p) return false;
    const char *behind_key = json_skip_string(p, end);
    const char *colon = json_skip_blanks(behind_key, end);
    const char *v = json_skip_blanks(colon == end ? end : colon + 1, end);
    const char *behind = json_skip_value(v, end);
    *key = sio_span_of(p, (size_t)(behind_key - p));
    *value = sio_span_of(v, (size_t)(behind - v));
    *cursor = (size_t)(behind - object.p);
    return true;
}

struct sio_span sio_json_member(struct sio_span object, struct sio_span name) {
    struct sio_span key, value, found = {NULL, 0};
    size_t cursor = 0;
    while (sio_json_next_member(object, &cursor, &key, &value))
        if (sio_json_string_is(key, name)) found = value;
    return found;
}

bool sio_json_to_i64(struct sio_span value, int64_t *out) {
    if (sio_json_kind(value) != SIO_JSON_NUMBER) return false;
    bool negative = value.p[0] == '-';
    int64_t v = 0;
    for (size_t i = negative; i < value.n; i++) {
        if (!json_is_digit(value.p[i])) return false;
        int digit = value.p[i] - '0';
        if (__builtin_mul_overflow(v, 10, &v)) return false;
        if (__builtin_add_overflow(v, negative ? -digit : digit, &v)) return false;
    }
    *out = v;
    return true;
}

/* A number's digits as one integer, and the power of ten that it is multiplied with. */
struct decimal {
    char digits[800]; /* more than any double needs to be rounded right (767) */
    size_t n;
    int64_t exponent;
    bool more; /* digits other than 0 were left out */
};

static void add_digit(struct decimal *d, char digit, bool fraction) {
    if (fraction) d->exponent--;
    if (d->n == 0 && digit == '0') return;
    if (d->n < sizeof d->digits - 1) { /* the last place is for the 1 that stands for all left out */
        d->digits[d->n++] = digit;
        return;
    }
    d->exponent++;
    d->more |= digit != '0';
}

/* Of an exponent; held at a size that no text's length can make up for. */
static int64_t read_exponent(struct sio_span s) {
    int64_t v = 0;
    bool negative = s.n && s.p[0] == '-';
    for (size_t i = s.n && !json_is_digit(s.p[0]); i < s.n; i++)
        if (v < INT64_C(1) << 50) v = v * 10 + (s.p[i] - '0');
    return negative ? -v : v;
}

static void read_decimal(struct sio_span value, struct decimal *d) {
    bool fraction = false;
    for (size_t i = value.p[0] == '-'; i < value.n; i++) {
        char c = value.p[i];
        if (c == 'e' || c == 'E') {
            d->exponent += read_exponent(sio_span_skip(value, i + 1));
            break;
        }
        if (c == '.')
            fraction = true;
        else
            add_digit(d, c, fraction);
    }
    if (d->more) {
        d->digits[d->n++] = '1';
        d->exponent--;
    }
}

/* strtod is given no decimal point, so the process's locale does not matter. */
bool sio_json_to_double(struct sio_span value, double *out) {
    enum { EXPONENT_MOST = 100000 /* far beyond what any double holds with all digits before it */ };
    if (sio_json_kind(value) != SIO_JSON_NUMBER) return false;
    struct decimal d = {.n = 0};
    read_decimal(value, &d);
    if (d.exponent > EXPONENT_MOST) d.exponent = EXPONENT_MOST;
    if (d.exponent < -EXPONENT_MOST) d.exponent = -EXPONENT_MOST;
    char text[sizeof d.digits + 32];
    snprintf(text, sizeof text, "%s%.*se%d", value.p[0] == '-' ? "-" : "", d.n ? (int)d.n : 1,
             d.n ? d.digits : "0", (int)d.exponent);
    double v = strtod(text, NULL);
    if (!__builtin_isfinite(v)) return false;
    *out = v;
    return true;
}
