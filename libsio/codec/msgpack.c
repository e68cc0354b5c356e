/* msgpack items: a lead byte says kind and width, numbers are big-endian. */
#include "codec/msgpack.h"

#include "base/must.h"
#include "codec/utf8.h"

/* ---- reading ---- */

enum form { RESERVED, NIL, FALSE, TRUE, UINT, INT, FLOAT, STR, BIN, ARRAY, MAP, EXT, FIXEXT };

/* Lead bytes 0xc0 to 0xdf. The width is that of the number or length behind the lead byte; of FIXEXT that of
 * the data. */
static const struct {
    unsigned char form, width;
} leads[0x20] = {
    {NIL, 0},     {RESERVED, 0}, {FALSE, 0}, {TRUE, 0},  {BIN, 1},    {BIN, 2},    {BIN, 4},    {EXT, 1},
    {EXT, 2},     {EXT, 4},      {FLOAT, 4}, {FLOAT, 8}, {UINT, 1},   {UINT, 2},   {UINT, 4},   {UINT, 8},
    {INT, 1},     {INT, 2},      {INT, 4},   {INT, 8},   {FIXEXT, 1}, {FIXEXT, 2}, {FIXEXT, 4}, {FIXEXT, 8},
    {FIXEXT, 16}, {STR, 1},      {STR, 2},   {STR, 4},   {ARRAY, 2},  {ARRAY, 4},  {MAP, 2},    {MAP, 4},
};

static bool take(struct sio_span *rest, uint64_t n, struct sio_span *out) {
    if (n > rest->n) return false;
    *out = sio_span_head(*rest, (size_t)n);
    *rest = sio_span_skip(*rest, (size_t)n);
    return true;
}

static bool take_uint(struct sio_span *rest, unsigned width, uint64_t *out) {
    struct sio_span bytes;
    uint64_t v = 0;
    if (!take(rest, width, &bytes)) return false;
    for (unsigned i = 0; i < width; i++) v = v << 8 | (unsigned char)bytes.p[i];
    *out = v;
    return true;
}

static bool take_int(struct sio_span *rest, unsigned width, int64_t *out) {
    uint64_t v;
    if (!take_uint(rest, width, &v)) return false;
    unsigned above = 64 - 8 * width;
    *out = (int64_t)(v << above) >> above; /* the sign fills up */
    return true;
}

static bool take_float(struct sio_span *rest, unsigned width, double *out) {
    uint64_t bits;
    if (!take_uint(rest, width, &bits)) return false;
    if (width == 8) {
        memcpy(out, &bits, sizeof *out);
    } else {
        uint32_t half = (uint32_t)bits;
        float f;
        memcpy(&f, &half, sizeof f);
        *out = (double)f;
    }
    return true;
}

static bool take_str(struct sio_span *rest, uint64_t n, struct msgpack_item *item) {
    item->kind = MSGPACK_STR;
    return take(rest, n, &item->bytes) && utf8_valid(item->bytes);
}

/* An item is a byte at least, so a count that lies is seen before anything is done with it. */
static bool take_array(struct sio_span *rest, uint64_t n, struct msgpack_item *item) {
    item->kind = MSGPACK_ARRAY;
    item->count = (uint32_t)n;
    return n <= rest->n;
}

static bool take_map(struct sio_span *rest, uint64_t n, struct msgpack_item *item) {
    item->kind = MSGPACK_MAP;
    item->count = (uint32_t)n;
    return n <= rest->n / 2;
}

static bool take_ext(struct sio_span *rest, uint64_t n, bool fixed, struct msgpack_item *item) {
    uint64_t type;
    item->kind = MSGPACK_EXT;
    item->fixed = fixed;
    if (!take_uint(rest, 1, &type)) return false;
    item->ext_type = (int8_t)type;
    return take(rest, n, &item->bytes);
}

static bool take_sized(struct sio_span *rest, enum form form, unsigned width, struct msgpack_item *item) {
    uint64_t n;
    if (!take_uint(rest, width, &n)) return false;
    switch (form) {
    case STR: return take_str(rest, n, item);
    case BIN: item->kind = MSGPACK_BIN; return take(rest, n, &item->bytes);
    case ARRAY: return take_array(rest, n, item);
    case MAP: return take_map(rest, n, item);
    default: return take_ext(rest, n, false, item);
    }
}

static bool take_form(struct sio_span *rest, enum form form, unsigned width, struct msgpack_item *item) {
    switch (form) {
    case RESERVED: return false;
    case NIL: item->kind = MSGPACK_NIL; return true;
    case FALSE: item->kind = MSGPACK_FALSE; return true;
    case TRUE: item->kind = MSGPACK_TRUE; return true;
    case UINT: item->kind = MSGPACK_UINT; return take_uint(rest, width, &item->u);
    case INT: item->kind = MSGPACK_INT; return take_int(rest, width, &item->i);
    case FLOAT: item->kind = MSGPACK_FLOAT; return take_float(rest, width, &item->f);
    case FIXEXT: return take_ext(rest, width, true, item);
    default: return take_sized(rest, form, width, item);
    }
}

bool msgpack_next(struct sio_span *rest, struct msgpack_item *item) {
    uint64_t lead;
    *item = (struct msgpack_item){0};
    if (!take_uint(rest, 1, &lead)) return false;
    if (lead < 0x80) {
        item->kind = MSGPACK_UINT;
        item->u = lead;
        return true;
    }
    if (lead < 0x90) return take_map(rest, lead & 0x0f, item);
    if (lead < 0xa0) return take_array(rest, lead & 0x0f, item);
    if (lead < 0xc0) return take_str(rest, lead & 0x1f, item);
    if (lead < 0xe0) return take_form(rest, leads[lead - 0xc0].form, leads[lead - 0xc0].width, item);
    item->kind = MSGPACK_INT;
    item->i = (int64_t)lead - 0x100;
    return true;
}

/* ---- writing ---- */

static void put(char *out, unsigned width, uint64_t v) {
    for (unsigned i = width; i-- > 0; v >>= 8) out[i] = (char)v;
}

static void write_lead(struct sio_strbuf *out, unsigned char lead, unsigned width, uint64_t v) {
    char *p = sio_strbuf_reserve(out, 1 + width);
    p[0] = (char)lead;
    put(p + 1, width, v);
    out->n += 1 + width;
}

void msgpack_write_nil(struct sio_strbuf *out) { sio_strbuf_char(out, (char)0xc0); }
void msgpack_write_bool(struct sio_strbuf *out, bool v) { sio_strbuf_char(out, (char)(v ? 0xc3 : 0xc2)); }

void msgpack_write_u64(struct sio_strbuf *out, uint64_t v) {
    if (v < 0x80)
        sio_strbuf_char(out, (char)v);
    else if (v <= UINT8_MAX)
        write_lead(out, 0xcc, 1, v);
    else if (v <= UINT16_MAX)
        write_lead(out, 0xcd, 2, v);
    else if (v <= UINT32_MAX)
        write_lead(out, 0xce, 4, v);
    else
        write_lead(out, 0xcf, 8, v);
}

void msgpack_write_i64(struct sio_strbuf *out, int64_t v) {
    if (v >= 0)
        msgpack_write_u64(out, (uint64_t)v);
    else if (v >= -0x20)
        sio_strbuf_char(out, (char)v);
    else if (v >= INT8_MIN)
        write_lead(out, 0xd0, 1, (uint64_t)v);
    else if (v >= INT16_MIN)
        write_lead(out, 0xd1, 2, (uint64_t)v);
    else if (v >= INT32_MIN)
        write_lead(out, 0xd2, 4, (uint64_t)v);
    else
        write_lead(out, 0xd3, 8, (uint64_t)v);
}

void msgpack_write_double(struct sio_strbuf *out, double v) {
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    write_lead(out, 0xcb, 8, bits);
}

static const struct head_forms {
    unsigned char fix, fix_below; /* the number is in the lead byte itself */
    unsigned char lead8, lead16, lead32;
} heads[] = {
    [MSGPACK_STR] = {0xa0, 0x20, 0xd9, 0xda, 0xdb},
    [MSGPACK_ARRAY] = {0x90, 0x10, 0, 0xdc, 0xdd},
    [MSGPACK_MAP] = {0x80, 0x10, 0, 0xde, 0xdf},
};

static size_t head(char *out, unsigned char lead, unsigned width, uint32_t n) {
    out[0] = (char)lead;
    put(out + 1, width, n);
    return 1 + width;
}

size_t msgpack_head(char out[MSGPACK_HEAD_MAX_BYTES], enum msgpack_kind kind, uint32_t n, bool widest) {
    must(kind == MSGPACK_STR || kind == MSGPACK_ARRAY || kind == MSGPACK_MAP);
    const struct head_forms *h = &heads[kind];
    if (widest) return head(out, h->lead32, 4, n);
    if (n < h->fix_below) return head(out, (unsigned char)(h->fix | n), 0, 0);
    if (n <= UINT8_MAX && h->lead8) return head(out, h->lead8, 1, n);
    if (n <= UINT16_MAX) return head(out, h->lead16, 2, n);
    return head(out, h->lead32, 4, n);
}

void msgpack_write_str(struct sio_strbuf *out, struct sio_span text) {
    must(text.n <= UINT32_MAX);
    char *p = sio_strbuf_reserve(out, MSGPACK_HEAD_MAX_BYTES + text.n);
    out->n += msgpack_head(p, MSGPACK_STR, (uint32_t)text.n, false);
    sio_strbuf_span(out, text);
}

void msgpack_write_bin(struct sio_strbuf *out, struct sio_span bytes) {
    must(bytes.n <= UINT32_MAX);
    sio_strbuf_reserve(out, MSGPACK_HEAD_MAX_BYTES + bytes.n);
    if (bytes.n <= UINT8_MAX)
        write_lead(out, 0xc4, 1, bytes.n);
    else if (bytes.n <= UINT16_MAX)
        write_lead(out, 0xc5, 2, bytes.n);
    else
        write_lead(out, 0xc6, 4, bytes.n);
    sio_strbuf_span(out, bytes);
}
