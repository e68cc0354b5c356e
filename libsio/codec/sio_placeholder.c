/* Placeholders of binary packets, checked in one pass over the JSON's tokens: a walk value by value would
 * read the inner ones again at each level, and deep nesting costs a sender nothing. */
#include "codec/sio_placeholder.h"

#include "codec/json_scan.h"
#include "sio_json.h"

/* What is known of each container that is open. */
enum { IS_PLACEHOLDER = 1, NUM_IS_GOOD = 2 };

enum member { OTHER_MEMBER, PLACEHOLDER_MEMBER, NUM_MEMBER };

struct scan {
    struct sio_span json;
    size_t at;
    uint32_t attachments;
    size_t depth;
    enum member member; /* whose value comes next */
    uint8_t open[SIO_JSON_MAX_DEPTH];
};

/* The string at the cursor, quotes included; the cursor stands behind it then. */
static struct sio_span take_string(struct scan *s) {
    size_t start = s->at++;
    while (s->at < s->json.n && s->json.p[s->at] != '"') s->at += s->json.p[s->at] == '\\' ? 2 : 1;
    s->at = s->at < s->json.n ? s->at + 1 : s->json.n;
    return sio_span_of(s->json.p + start, s->at - start);
}

/* A number, true, false or null: all up to what may stand behind a value. */
static struct sio_span take_scalar(struct scan *s) {
    size_t start = s->at++;
    while (s->at < s->json.n && !json_is_blank(s->json.p[s->at]) && !strchr(",]}", s->json.p[s->at])) s->at++;
    return sio_span_of(s->json.p + start, s->at - start);
}

static bool colon_follows(const struct scan *s) {
    size_t at = s->at;
    while (at < s->json.n && json_is_blank(s->json.p[at])) at++;
    return at < s->json.n && s->json.p[at] == ':';
}

/* The last member of a name counts, so each one forgets what an earlier one said. */
static void see_string(struct scan *s) {
    struct sio_span string = take_string(s);
    s->member = OTHER_MEMBER;
    if (s->depth == 0 || !colon_follows(s)) return;
    uint8_t *open = &s->open[s->depth - 1];
    if (sio_json_string_is(string, SIO_SPAN("_placeholder"))) {
        s->member = PLACEHOLDER_MEMBER;
        *open &= (uint8_t)~IS_PLACEHOLDER;
    } else if (sio_json_string_is(string, SIO_SPAN("num"))) {
        s->member = NUM_MEMBER;
        *open &= (uint8_t)~NUM_IS_GOOD;
    }
}

static void see_scalar(struct scan *s) {
    struct sio_span scalar = take_scalar(s);
    enum member member = s->member;
    double num;
    s->member = OTHER_MEMBER;
    if (s->depth == 0) return;
    if (member == PLACEHOLDER_MEMBER && sio_json_kind(scalar) == SIO_JSON_TRUE)
        s->open[s->depth - 1] |= IS_PLACEHOLDER;
    if (member == NUM_MEMBER && sio_json_kind(scalar) == SIO_JSON_NUMBER &&
        sio_json_to_double(scalar, &num) && num >= 0 && num < s->attachments)
        s->open[s->depth - 1] |= NUM_IS_GOOD;
}

static bool see_open(struct scan *s) {
    if (s->depth == SIO_JSON_MAX_DEPTH) return false;
    s->open[s->depth++] = 0;
    s->member = OTHER_MEMBER;
    s->at++;
    return true;
}

static bool see_close(struct scan *s) {
    if (s->depth == 0) return false;
    uint8_t closed = s->open[--s->depth];
    s->at++;
    return !(closed & IS_PLACEHOLDER) || (closed & NUM_IS_GOOD);
}

bool sio_placeholders_valid(struct sio_span json, uint32_t attachments) {
    struct scan s; /* not zeroed: `open` is written before it is read */
    s.json = json;
    s.at = 0;
    s.attachments = attachments;
    s.depth = 0;
    s.member = OTHER_MEMBER;
    while (s.at < json.n) {
        switch (json.p[s.at]) {
        case '{':
        case '[':
            if (!see_open(&s)) return false;
            break;
        case '}':
        case ']':
            if (!see_close(&s)) return false;
            break;
        case '"': see_string(&s); break;
        case ',':
        case ':':
        case ' ':
        case '\t':
        case '\n':
        case '\r': s.at++; break;
        default: see_scalar(&s);
        }
    }
    return true;
}
