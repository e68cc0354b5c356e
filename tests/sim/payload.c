/* Payloads made from a number, and compared with it. */
#include "payload.h"

#include <stdlib.h>

static uint64_t next(uint64_t *state) {
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    return z ^ (z >> 27);
}

static uint64_t state_of(const struct payload *p) { return (uint64_t)p->sender << 32 | p->number; }

/* Mostly short; now and then longer than a frame's short length, rarely than a buffer. */
static size_t size_of(const struct payload *p, uint64_t *state) {
    uint64_t kind = next(state) % 100;
    if (kind >= 98 && p->large_allowed) return next(state) % PAYLOAD_LARGE_BYTES;
    return next(state) % (kind >= 85 ? 400 : 40);
}

void payload_args(const struct payload *p, struct sio_strbuf *out) {
    static const char *const pieces[] = {"a", "b ", "é", "😀", "\\n", "\\\"", "],[", "x", "漢"};
    uint64_t state = state_of(p);
    size_t size = size_of(p, &state);
    sio_strbuf_lit(out, "[\"");
    for (size_t n = out->n; out->n - n < size;)
        sio_strbuf_span(out, sio_span_cstr(pieces[next(&state) % (sizeof(pieces) / sizeof(*pieces))]));
    sio_strbuf_char(out, '"');
    for (unsigned i = 0; i < p->attachments; i++)
        sio_strbuf_printf(out, ",{\"_placeholder\":true,\"num\":%u}", i);
    sio_strbuf_printf(out, ",%u,%u]", p->sender, p->number);
}

void payload_attachment(const struct payload *p, unsigned index, struct sio_strbuf *out) {
    uint64_t state = state_of(p) ^ (uint64_t)(index + 1) << 56;
    size_t size = size_of(p, &state);
    char *at = sio_strbuf_reserve(out, size);
    for (size_t i = 0; i < size; i++) at[i] = (char)next(&state);
    out->n += size;
}

/* The number before `*end`, which moves to the comma in front of it. */
static unsigned take_number(struct sio_span args, size_t *end) {
    size_t at = *end;
    while (at > 0 && args.p[at - 1] >= '0' && args.p[at - 1] <= '9') at--;
    unsigned number = (unsigned)strtoul(args.p + at, NULL, 10);
    *end = at > 0 ? at - 1 : 0;
    return number;
}

static bool same_attachments(const struct payload *p, const struct sio_span *attachments) {
    bool same = true;
    for (unsigned i = 0; i < p->attachments; i++) {
        struct sio_strbuf expected = {0};
        payload_attachment(p, i, &expected);
        same &= sio_span_eq(sio_strbuf_as_span(&expected), attachments[i]);
        sio_strbuf_fini(&expected);
    }
    return same;
}

bool payload_read(struct sio_span args, const struct sio_span *attachments, unsigned count,
                  bool large_allowed, struct payload *out) {
    if (args.n < 2 || args.p[args.n - 1] != ']') return false;
    size_t end = args.n - 1;
    *out = (struct payload){.attachments = count, .large_allowed = large_allowed};
    out->number = take_number(args, &end);
    out->sender = take_number(args, &end);
    struct sio_strbuf expected = {0};
    payload_args(out, &expected);
    bool same = sio_span_eq(sio_strbuf_as_span(&expected), args) && same_attachments(out, attachments);
    sio_strbuf_fini(&expected);
    return same;
}
