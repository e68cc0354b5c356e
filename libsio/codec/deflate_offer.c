/* The handshake of permessage-deflate: offers read, the answer written (RFC 7692 §5, §7.1). */
#include "codec/deflate.h"

#include "codec/http1.h"

enum value_kind { NONE, BITS, BITS_OR_NONE };

/*  name                          value                 field of struct deflate_terms */
static const struct parameter {
    const char *name;
    enum value_kind kind;
    size_t offset;
} parameters[] = {
    {"server_no_context_takeover", NONE, 0}, /* both are so in any case */
    {"client_no_context_takeover", NONE, 0},
    {"server_max_window_bits", BITS, offsetof(struct deflate_terms, server_bits)},
    {"client_max_window_bits", BITS_OR_NONE, offsetof(struct deflate_terms, client_bits)},
};
enum { PARAMETERS = sizeof(parameters) / sizeof(parameters[0]) };

/* ---- the grammar (RFC 6455 §9.1) ---- */

static void skip_blanks(struct sio_span *rest) {
    while (rest->n > 0 && (rest->p[0] == ' ' || rest->p[0] == '\t')) *rest = sio_span_skip(*rest, 1);
}

/* Is this the next character? Then it is taken. */
static bool take_char(struct sio_span *rest, char c) {
    skip_blanks(rest);
    if (rest->n == 0 || rest->p[0] != c) return false;
    *rest = sio_span_skip(*rest, 1);
    return true;
}

static struct sio_span take_token(struct sio_span *rest) {
    size_t n = 0;
    skip_blanks(rest);
    while (n < rest->n && http1_is_token(sio_span_of(rest->p + n, 1))) n++;
    struct sio_span token = sio_span_head(*rest, n);
    *rest = sio_span_skip(*rest, n);
    return token;
}

/* A token, perhaps in quotes. Empty: there is none. */
static struct sio_span take_value(struct sio_span *rest) {
    bool quoted = take_char(rest, '"');
    struct sio_span value = take_token(rest);
    return !quoted || take_char(rest, '"') ? value : (struct sio_span){0};
}

/* ---- one offer ---- */

static bool read_bits(struct sio_span value, uint8_t *out) {
    unsigned long long bits;
    if (value.n == 0 || value.p[0] == '0' || !sio_span_to_u64(value, &bits)) return false;
    if (bits < DEFLATE_BITS_MIN || bits > DEFLATE_BITS_MAX) return false;
    *out = (uint8_t)bits;
    return true;
}

static bool read_parameter(struct sio_span name, bool has_value, struct sio_span value, unsigned *seen,
                           struct deflate_terms *offer) {
    for (unsigned i = 0; i < PARAMETERS; i++) {
        const struct parameter *p = &parameters[i];
        if (!sio_span_eq(name, sio_span_cstr(p->name))) continue;
        if (*seen & 1u << i) return false;
        *seen |= 1u << i;
        if (!has_value) return p->kind != BITS;
        return p->kind != NONE && read_bits(value, (uint8_t *)offer + p->offset);
    }
    return false;
}

static bool read_offer(struct sio_span *rest, struct deflate_terms *terms) {
    struct deflate_terms offer = {.agreed = true};
    struct sio_span extension = take_token(rest);
    bool ours = sio_span_is(extension, "permessage-deflate");
    unsigned seen = 0;
    if (extension.n == 0) return false;
    while (take_char(rest, ';')) {
        struct sio_span name = take_token(rest), value = {0};
        bool has_value = take_char(rest, '=');
        if (has_value) value = take_value(rest);
        if (name.n == 0 || (has_value && value.n == 0)) return false;
        if (ours && !read_parameter(name, has_value, value, &seen, &offer)) return false;
    }
    if (ours && !terms->agreed) *terms = offer;
    return true;
}

/* ---- the header ---- */

bool deflate_read_offers(struct sio_span line, struct deflate_terms *terms) {
    do {
        if (!read_offer(&line, terms)) return false;
    } while (take_char(&line, ','));
    skip_blanks(&line);
    return line.n == 0;
}

void deflate_write_answer(const struct deflate_terms *terms, struct sio_strbuf *out) {
    sio_strbuf_lit(out, "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
                        "client_no_context_takeover");
    if (terms->server_bits) sio_strbuf_printf(out, "; server_max_window_bits=%u", terms->server_bits);
    if (terms->client_bits) sio_strbuf_printf(out, "; client_max_window_bits=%u", terms->client_bits);
    sio_strbuf_lit(out, "\r\n");
}
