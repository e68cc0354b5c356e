/* Unicode's simple case folding of the letters that names are written in. */
#include "store/casefold.h"

#include <stdint.h>

/* Every `step`-th letter from first to last has its small form `distance` further on. In order. */
struct capitals {
    uint16_t first, last;
    uint8_t step;
    int16_t distance;
};

/* Latin with its extensions, Greek, Cyrillic, Armenian, Vietnamese and Yoruba letters, full width. What is no letter of
 * these is what it is. */
static const struct capitals capitals[] = {
    {0x0041, 0x005a, 1, 32},    {0x00c0, 0x00d6, 1, 32},   {0x00d8, 0x00de, 1, 32},
    {0x0100, 0x012e, 2, 1},     {0x0132, 0x0136, 2, 1},    {0x0139, 0x0147, 2, 1},
    {0x014a, 0x0176, 2, 1},     {0x0178, 0x0178, 1, -121}, {0x0179, 0x017d, 2, 1},
    {0x0181, 0x0181, 1, 210},   {0x0182, 0x0184, 2, 1},    {0x0186, 0x0186, 1, 206},
    {0x0187, 0x0187, 1, 1},     {0x0189, 0x018a, 1, 205},  {0x018b, 0x018b, 1, 1},
    {0x018e, 0x018e, 1, 79},    {0x018f, 0x018f, 1, 202},  {0x0190, 0x0190, 1, 203},
    {0x0191, 0x0191, 1, 1},     {0x0193, 0x0193, 1, 205},  {0x0194, 0x0194, 1, 207},
    {0x0196, 0x0196, 1, 211},   {0x0197, 0x0197, 1, 209},  {0x0198, 0x0198, 1, 1},
    {0x019c, 0x019c, 1, 211},   {0x019d, 0x019d, 1, 213},  {0x019f, 0x019f, 1, 214},
    {0x01a0, 0x01a4, 2, 1},     {0x01a6, 0x01a6, 1, 218},  {0x01a7, 0x01a7, 1, 1},
    {0x01a9, 0x01a9, 1, 218},   {0x01ac, 0x01ac, 1, 1},    {0x01ae, 0x01ae, 1, 218},
    {0x01af, 0x01af, 1, 1},     {0x01b1, 0x01b2, 1, 217},  {0x01b3, 0x01b5, 2, 1},
    {0x01b7, 0x01b7, 1, 219},   {0x01b8, 0x01b8, 1, 1},    {0x01bc, 0x01bc, 1, 1},
    {0x01c4, 0x01c4, 1, 2},     {0x01c5, 0x01c5, 1, 1},    {0x01c7, 0x01c7, 1, 2},
    {0x01c8, 0x01c8, 1, 1},     {0x01ca, 0x01ca, 1, 2},    {0x01cb, 0x01db, 2, 1},
    {0x01de, 0x01ee, 2, 1},     {0x01f1, 0x01f1, 1, 2},    {0x01f2, 0x01f4, 2, 1},
    {0x01f6, 0x01f6, 1, -97},   {0x01f7, 0x01f7, 1, -56},  {0x01f8, 0x021e, 2, 1},
    {0x0220, 0x0220, 1, -130},  {0x0222, 0x0232, 2, 1},    {0x023a, 0x023a, 1, 10795},
    {0x023b, 0x023b, 1, 1},     {0x023d, 0x023d, 1, -163}, {0x023e, 0x023e, 1, 10792},
    {0x0241, 0x0241, 1, 1},     {0x0243, 0x0243, 1, -195}, {0x0244, 0x0244, 1, 69},
    {0x0245, 0x0245, 1, 71},    {0x0246, 0x024e, 2, 1},    {0x0386, 0x0386, 1, 38},
    {0x0388, 0x038a, 1, 37},    {0x038c, 0x038c, 1, 64},   {0x038e, 0x038f, 1, 63},
    {0x0391, 0x03a1, 1, 32},    {0x03a3, 0x03ab, 1, 32},   {0x03c2, 0x03c2, 1, 1},
    {0x0400, 0x040f, 1, 80},    {0x0410, 0x042f, 1, 32},   {0x0460, 0x0480, 2, 1},
    {0x048a, 0x04be, 2, 1},     {0x04c0, 0x04c0, 1, 15},   {0x04c1, 0x04cd, 2, 1},
    {0x04d0, 0x052e, 2, 1},     {0x0531, 0x0556, 1, 48},   {0x1e00, 0x1e94, 2, 1},
    {0x1e9e, 0x1e9e, 1, -7615}, {0x1ea0, 0x1efe, 2, 1},    {0xff21, 0xff3a, 1, 32},
};

static uint32_t small(uint32_t c) {
    size_t low = 0, high = sizeof capitals / sizeof *capitals;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct capitals *row = &capitals[middle];
        if (c > row->last)
            low = middle + 1;
        else if (c < row->first)
            high = middle;
        else
            return (c - row->first) % row->step == 0 ? c + (uint32_t)row->distance : c;
    }
    return c;
}

static bool continues(char byte) { return ((uint8_t)byte & 0xc0) == 0x80; }

/* The letter at the front, of one to three bytes; 0: there is none, and the one byte stands for itself. */
static uint32_t letter(struct sio_span text, size_t *n) {
    const char *p = text.p;
    uint8_t lead = (uint8_t)p[0];
    *n = 1;
    if (lead < 0x80) return lead;
    if ((lead & 0xe0) == 0xc0 && text.n >= 2 && continues(p[1])) {
        *n = 2;
        return (uint32_t)(lead & 0x1f) << 6 | (p[1] & 0x3f);
    }
    if ((lead & 0xf0) == 0xe0 && text.n >= 3 && continues(p[1]) && continues(p[2])) {
        *n = 3;
        return (uint32_t)(lead & 0x0f) << 12 | (uint32_t)(p[1] & 0x3f) << 6 | (p[2] & 0x3f);
    }
    return 0;
}

static size_t put(char *out, uint32_t c) {
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 0x3f));
    out[2] = (char)(0x80 | (c & 0x3f));
    return 3;
}

size_t casefold(struct sio_span text, char *out) {
    size_t length = 0, n;
    for (; text.n; text = sio_span_skip(text, n)) {
        uint32_t c = letter(text, &n);
        if (c)
            length += put(out + length, small(c));
        else
            out[length++] = text.p[0];
    }
    return length;
}
