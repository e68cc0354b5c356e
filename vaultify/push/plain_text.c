/* Users' texts, decoded character by character. */
#include "push/plain_text.h"

#include "base/must.h"

enum {
    REPLACEMENT = 0xfffd,
    JOINER = 0x200d,
    COMBINED_MAX = 32, /* characters; a longer heap of accents is cut anywhere */
};
#define ELLIPSIS "\xe2\x80\xa6"

struct range {
    uint32_t first, last;
};

static bool is_in(const struct range *ranges, size_t count, uint32_t c) {
    for (size_t i = 0; i < count; i++)
        if (c >= ranges[i].first && c <= ranges[i].last) return true;
    return false;
}
#define IS_IN(ranges, c) is_in(ranges, sizeof(ranges) / sizeof *(ranges), c)

/* ---- UTF-8 ---- */

/* The character at the front of `text`, which is not empty; *n: its bytes. What is none counts as one byte of U+FFFD. */
static uint32_t decode(struct sio_span text, size_t *n) {
    static const struct {
        uint8_t mask, lead;
        uint32_t least; /* smaller ones have a shorter form */
    } forms[] = {{0x80, 0, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    uint8_t lead = (uint8_t)text.p[0];
    size_t form = 0;
    while (form < 4 && (lead & forms[form].mask) != forms[form].lead) form++;
    *n = 1;
    if (form == 4 || form >= text.n) return REPLACEMENT;
    uint32_t c = lead & (uint8_t)~forms[form].mask;
    for (size_t i = 1; i <= form; i++) {
        uint8_t next = (uint8_t)text.p[i];
        if ((next & 0xc0) != 0x80) return REPLACEMENT;
        c = c << 6 | (next & 0x3f);
    }
    if (c < forms[form].least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return REPLACEMENT;
    *n = form + 1;
    return c;
}

bool plain_text_is_utf8(struct sio_span text) {
    size_t n;
    for (; text.n; text = sio_span_skip(text, n))
        if (decode(text, &n) == REPLACEMENT && n == 1) return false;
    return true;
}

/* ---- cleaning ---- */

static bool is_blank(uint32_t c) {
    static const struct range blanks[] = {{0, 0x20}, {0x7f, 0x9f}, {0x2028, 0x2029}};
    return IS_IN(blanks, c);
}

static bool turns_text(uint32_t c) {
    static const struct range turning[] = {{0x202a, 0x202e}, {0x2066, 0x2069}};
    return IS_IN(turning, c);
}

void plain_text_add(struct sio_strbuf *out, struct sio_span text, size_t enough) {
    size_t start = out->n, n;
    bool blank = false;
    for (; text.n && out->n - start <= enough; text = sio_span_skip(text, n)) {
        uint32_t c = decode(text, &n);
        if (turns_text(c)) continue;
        if (is_blank(c)) {
            blank = true;
            continue;
        }
        if (blank && out->n > start) sio_strbuf_char(out, ' ');
        blank = false;
        if (c == REPLACEMENT)
            sio_strbuf_lit(out, "\xef\xbf\xbd");
        else
            sio_strbuf_add(out, text.p, n);
    }
}

/* ---- cutting ---- */

/* Belongs to the character before it: accents of the scripts that have them apart, variation selectors, skin tones, tags. */
static bool combines(uint32_t c) {
    static const struct range combining[] = {
        {0x0300, 0x036f},  {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x05bf, 0x05c7}, {0x0610, 0x061a},
        {0x064b, 0x065f},  {0x0670, 0x0670}, {0x06d6, 0x06dc}, {0x06df, 0x06e4}, {0x06e7, 0x06e8},
        {0x06ea, 0x06ed},  {0x0900, 0x0903}, {0x093a, 0x094f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff},
        {JOINER, JOINER},  {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0x1f3fb, 0x1f3ff},
        {0xe0020, 0xe007f}};
    return IS_IN(combining, c);
}

static bool continues(char byte) { return ((uint8_t)byte & 0xc0) == 0x80; }

/* Where the character before `at` begins. */
static size_t step_back(struct sio_span text, size_t at) {
    do at--;
    while (at > 0 && continues(text.p[at]));
    return at;
}

static bool is_joined_at(struct sio_span text, size_t at) {
    size_t n;
    return combines(decode(sio_span_skip(text, at), &n)) ||
           decode(sio_span_skip(text, step_back(text, at)), &n) == JOINER;
}

/* The last place up to `at`, which lies inside the text, where it can be cut. */
static size_t end_of_character(struct sio_span text, size_t at) {
    while (at > 0 && continues(text.p[at])) at--;
    size_t cut = at;
    for (unsigned i = 0; i < COMBINED_MAX && cut > 0; i++) {
        if (!is_joined_at(text, cut)) return cut;
        cut = step_back(text, cut);
    }
    return at;
}

void plain_text_cut(struct sio_strbuf *b, size_t max) {
    must(max >= sizeof ELLIPSIS - 1);
    if (b->n <= max) return;
    b->n = end_of_character(sio_strbuf_as_span(b), max - (sizeof ELLIPSIS - 1));
    while (b->n > 0 && b->p[b->n - 1] == ' ') b->n--;
    sio_strbuf_lit(b, ELLIPSIS);
}
