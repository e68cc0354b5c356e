/* A msgpack value becomes JSON: one pass, item by item, with a stack of the containers that are open. */
#include "base/timefmt.h"
#include "codec/msgpack.h"
#include "codec/msgpack_json.h"
#include "codec/packets.h"
#include "sio_json.h"

enum { EXT_JAVASCRIPT = 0 /* undefined, Date and ArrayBuffer, by their forms */ };

struct to_json {
    struct sio_span rest;
    struct sio_json_writer w;
    struct sio_span *attachments;
    uint32_t attachment_count;
    bool imitation; /* a map of the sender's own looks like a placeholder */
    unsigned depth;
    struct level {
        uint32_t left; /* items, or pairs of an object */
        bool object;
    } levels[SIO_JSON_MAX_DEPTH];
};

static bool has_room(const struct to_json *t, unsigned levels) {
    return levels <= SIO_JSON_MAX_DEPTH - t->depth;
}

/* ---- values that are written at once ---- */

static bool write_attachment(struct to_json *t, struct sio_span bytes) {
    if (t->attachment_count == SIO_MAX_ATTACHMENTS || !has_room(t, 1)) return false;
    sio_json_object_open(&t->w);
    sio_json_key(&t->w, SIO_SPAN("_placeholder"));
    sio_json_bool(&t->w, true);
    sio_json_key(&t->w, SIO_SPAN("num"));
    sio_json_u64(&t->w, t->attachment_count);
    sio_json_object_close(&t->w);
    t->attachments[t->attachment_count++] = bytes;
    return true;
}

/* Dates repeat every 400 years, so any year can be written with what base/timefmt.h can write. */
static void write_date(struct to_json *t, int64_t unix_ms) {
    const int64_t cycle_ms = INT64_C(146097) * 86400000, furthest_ms = INT64_C(8640000000000000);
    if (unix_ms > furthest_ms || unix_ms < -furthest_ms) {
        sio_json_null(&t->w);
        return;
    }
    char near[TIME_TEXT + 1], text[TIME_TEXT + 32];
    int64_t cycles = unix_ms / cycle_ms - (unix_ms % cycle_ms < 0);
    time_format(unix_ms - cycles * cycle_ms, near);
    long year = strtol(near, NULL, 10) + (long)cycles * 400;
    bool four_digits = year >= 0 && year <= 9999;
    const char *sign = four_digits ? "" : year < 0 ? "-" : "+";
    int n = snprintf(text, sizeof text, "%s%0*ld%s", sign, four_digits ? 4 : 6, labs(year), near + 4);
    sio_json_string(&t->w, sio_span_of(text, (size_t)n));
}

static int64_t big_endian_i64(struct sio_span bytes) {
    uint64_t v = 0;
    for (size_t i = 0; i < bytes.n; i++) v = v << 8 | (unsigned char)bytes.p[i];
    return (int64_t)v;
}

static bool write_ext(struct to_json *t, const struct msgpack_item *item) {
    bool known = item->ext_type == EXT_JAVASCRIPT;
    if (known && item->fixed && item->bytes.n == 1) {
        sio_json_null(&t->w);
        return true;
    }
    if (known && item->fixed && item->bytes.n == 8) {
        write_date(t, big_endian_i64(item->bytes));
        return true;
    }
    if (known && !item->fixed) return write_attachment(t, item->bytes);
    if (!has_room(t, 2)) return false;
    sio_json_array_open(&t->w);
    sio_json_i64(&t->w, item->ext_type);
    if (!write_attachment(t, item->bytes)) return false;
    sio_json_array_close(&t->w);
    return true;
}

/* ---- containers ---- */

static bool descend(struct to_json *t, bool object, uint32_t items) {
    if (!has_room(t, 1)) return false;
    t->levels[t->depth++] = (struct level){.left = items, .object = object};
    if (object)
        sio_json_object_open(&t->w);
    else
        sio_json_array_open(&t->w);
    return true;
}

static void ascend(struct to_json *t) {
    if (t->levels[--t->depth].object)
        sio_json_object_close(&t->w);
    else
        sio_json_array_close(&t->w);
}

/* ---- the walk ---- */

static bool write_value(struct to_json *t) {
    struct msgpack_item item;
    if (!msgpack_next(&t->rest, &item)) return false;
    switch (item.kind) {
    case MSGPACK_NIL: sio_json_null(&t->w); return true;
    case MSGPACK_FALSE: sio_json_bool(&t->w, false); return true;
    case MSGPACK_TRUE: sio_json_bool(&t->w, true); return true;
    case MSGPACK_UINT: sio_json_u64(&t->w, item.u); return true;
    case MSGPACK_INT: sio_json_i64(&t->w, item.i); return true;
    case MSGPACK_FLOAT: sio_json_double(&t->w, item.f); return true;
    case MSGPACK_STR: sio_json_string(&t->w, item.bytes); return true;
    case MSGPACK_BIN: return write_attachment(t, item.bytes);
    case MSGPACK_EXT: return write_ext(t, &item);
    case MSGPACK_ARRAY: return descend(t, false, item.count);
    case MSGPACK_MAP: return descend(t, true, item.count);
    }
    return false;
}

static void write_number_key(struct to_json *t, const struct msgpack_item *key) {
    char digits[24];
    int n = key->kind == MSGPACK_UINT ? snprintf(digits, sizeof digits, "%llu", (unsigned long long)key->u)
                                      : snprintf(digits, sizeof digits, "%lld", (long long)key->i);
    sio_json_key(&t->w, sio_span_of(digits, (size_t)n));
}

static bool write_key(struct to_json *t, const struct msgpack_item *key) {
    if (key->kind == MSGPACK_STR)
        sio_json_key_text(&t->w, key->bytes);
    else if (key->kind == MSGPACK_UINT || key->kind == MSGPACK_INT)
        write_number_key(t, key);
    else
        return false;
    return true;
}

static bool next_is_true(struct sio_span rest) {
    struct msgpack_item item;
    return msgpack_next(&rest, &item) && item.kind == MSGPACK_TRUE;
}

static bool write_member(struct to_json *t) {
    struct msgpack_item key;
    if (!msgpack_next(&t->rest, &key)) return false;
    if (msgpack_take_undefined(&t->rest)) return true;
    if (key.kind == MSGPACK_STR && sio_span_is(key.bytes, "_placeholder") && next_is_true(t->rest))
        t->imitation = true;
    return write_key(t, &key) && write_value(t);
}

static bool write_inner(struct to_json *t) {
    while (t->depth > 0) {
        struct level *level = &t->levels[t->depth - 1];
        if (level->left == 0) {
            ascend(t);
            continue;
        }
        level->left--;
        if (!(level->object ? write_member(t) : write_value(t))) return false;
    }
    return true;
}

bool msgpack_take_undefined(struct sio_span *rest) {
    struct sio_span look = *rest;
    struct msgpack_item item;
    if (look.n == 0 || look.p[0] != (char)0xd4 || !msgpack_next(&look, &item)) return false;
    if (item.ext_type != EXT_JAVASCRIPT) return false;
    *rest = look;
    return true;
}

bool msgpack_to_json(struct sio_span *rest, struct sio_strbuf *json, struct sio_span *attachments,
                     uint32_t *count) {
    struct to_json t; /* not zeroed: a level is written before it is read */
    t.rest = *rest;
    t.attachments = attachments;
    t.attachment_count = 0;
    t.imitation = false;
    t.depth = 0;
    sio_json_begin(&t.w, json);
    if (!write_value(&t) || !write_inner(&t)) return false;
    *rest = t.rest;
    *count = t.attachment_count;
    return !(t.imitation && t.attachment_count > 0);
}
