/* The reader of TZif files: a head with counts, a block of tables, and from version 2 on both again with 64-bit
 * times, which alone count then, and a line with the rule for what comes after the last transition.
 *
 *   head 44 bytes | times | type of each | types (offset, is it summer, name) | names | leap seconds | std | ut */
#include "push/tzif.h"

#include "base/mem.h"
#include "push/tz_rule.h"

enum {
    HEAD_BYTES = 44,
    COUNTS_AT = 20, /* in the head, behind magic, version and what is reserved */
    TYPE_BYTES = 6,
    OFFSET_MIN_S = -25 * 3600 + 1, /* RFC 8536 §3.2 */
    OFFSET_MAX_S = 26 * 3600 - 1,
};

struct head {
    char version;
    uint32_t ut, standard, leaps, times, types, name_bytes; /* in the file's order */
};

struct tzif {
    size_t count;
    int64_t *times;     /* transitions, ascending, s since 1970 */
    int32_t *offsets_s; /* from times[i] on */
    int32_t first_s;    /* before the first */
    bool has_rule;
    struct tz_rule rule; /* from the last one on */
};

/* ---- bytes ---- */

static bool take(struct sio_span *in, uint64_t n, struct sio_span *out) {
    if (n > in->n) return false;
    *out = sio_span_head(*in, n);
    *in = sio_span_skip(*in, n);
    return true;
}

static uint64_t big_endian(const char *p, unsigned bytes) {
    uint64_t v = 0;
    for (unsigned i = 0; i < bytes; i++) v = v << 8 | (unsigned char)p[i];
    return v;
}

static int64_t signed_big_endian(const char *p, unsigned bytes) {
    uint64_t v = big_endian(p, bytes);
    return bytes == 4 ? (int32_t)(uint32_t)v : (int64_t)v;
}

/* ---- head and block ---- */

static bool take_head(struct sio_span *in, struct head *out) {
    struct sio_span bytes;
    if (!take(in, HEAD_BYTES, &bytes) || !sio_span_starts(bytes, SIO_SPAN("TZif"))) return false;
    uint32_t *counts[] = {&out->ut, &out->standard, &out->leaps, &out->times, &out->types, &out->name_bytes};
    out->version = bytes.p[4];
    for (unsigned i = 0; i < 6; i++) *counts[i] = (uint32_t)big_endian(bytes.p + COUNTS_AT + 4 * i, 4);
    return out->version == 0 || out->version >= '2';
}

static uint64_t block_bytes(const struct head *h, unsigned time_bytes) {
    return (uint64_t)h->times * (time_bytes + 1) + (uint64_t)h->types * TYPE_BYTES + h->name_bytes +
           (uint64_t)h->leaps * (time_bytes + 4) + h->standard + h->ut;
}

static bool head_makes_sense(const struct head *h) {
    return h->types > 0 && h->types <= 256 && h->name_bytes > 0 && h->leaps == 0 &&
           (h->standard == 0 || h->standard == h->types) && (h->ut == 0 || h->ut == h->types);
}

static bool read_type(const struct head *h, struct sio_span types, unsigned type, int32_t *out_s) {
    if (type >= h->types) return false;
    const char *p = types.p + (size_t)type * TYPE_BYTES;
    *out_s = (int32_t)signed_big_endian(p, 4);
    return *out_s >= OFFSET_MIN_S && *out_s <= OFFSET_MAX_S && (unsigned char)p[5] < h->name_bytes;
}

/* Takes the tables of a block whose times have so many bytes. */
static bool take_tables(struct sio_span *in, const struct head *h, unsigned time_bytes, struct tzif *zone) {
    struct sio_span block, times, type_of, types;
    if (!head_makes_sense(h) || !take(in, block_bytes(h, time_bytes), &block)) return false;
    if (!take(&block, (uint64_t)h->times * time_bytes, &times) || !take(&block, h->times, &type_of) ||
        !take(&block, (uint64_t)h->types * TYPE_BYTES, &types))
        return false;
    zone->count = h->times;
    zone->times = mem_new_array(int64_t, zone->count);
    zone->offsets_s = mem_new_array(int32_t, zone->count);
    for (size_t i = 0; i < zone->count; i++) {
        zone->times[i] = signed_big_endian(times.p + i * time_bytes, time_bytes);
        if (i > 0 && zone->times[i] <= zone->times[i - 1]) return false;
        if (!read_type(h, types, (unsigned char)type_of.p[i], &zone->offsets_s[i])) return false;
    }
    return read_type(h, types, 0, &zone->first_s);
}

/* "\n<rule>\n"; without a rule nobody knows, and the last transition holds. */
static bool take_footer(struct sio_span *in, struct tzif *zone) {
    struct sio_span newline;
    if (!take(in, 1, &newline) || newline.p[0] != '\n') return false;
    struct sio_span text = sio_span_cut(in, '\n');
    if (!in->p) return false;
    zone->has_rule = text.n > 0;
    return !zone->has_rule || tz_rule_parse(text, &zone->rule);
}

static bool read_file(struct sio_span in, struct tzif *zone) {
    struct head head;
    struct sio_span skipped;
    if (!take_head(&in, &head)) return false;
    if (head.version == 0) return take_tables(&in, &head, 4, zone);
    return take(&in, block_bytes(&head, 4), &skipped) && take_head(&in, &head) &&
           take_tables(&in, &head, 8, zone) && take_footer(&in, zone);
}

struct tzif *tzif_parse(struct sio_span bytes) {
    struct tzif *zone = mem_new(struct tzif);
    if (bytes.n <= TZIF_MAX_BYTES && read_file(bytes, zone)) return zone;
    tzif_free(zone);
    return NULL;
}

/* ---- looking up ---- */

/* How many transitions are not after `at_s`. */
static size_t transitions_until(const struct tzif *zone, int64_t at_s) {
    size_t low = 0, high = zone->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (zone->times[middle] <= at_s)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int32_t tzif_offset_s(const struct tzif *zone, int64_t at_s) {
    size_t passed = transitions_until(zone, at_s);
    if (passed == zone->count && zone->has_rule) return tz_rule_offset_s(&zone->rule, at_s);
    return passed ? zone->offsets_s[passed - 1] : zone->first_s;
}

void tzif_free(struct tzif *zone) {
    if (!zone) return;
    free(zone->times);
    free(zone->offsets_s);
    free(zone);
}
