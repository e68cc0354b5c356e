/* Weighted lists of HTTP headers, taken apart. */
#include "base/weighted.h"

/* `0.5` in thousandths. */
static unsigned read_weight(struct sio_span text) {
    unsigned weight = 0, unit = WEIGHTED_ONE;
    for (size_t i = 0; i < text.n; i++) {
        if (i == 1 && text.p[i] == '.') continue;
        if (text.p[i] < '0' || text.p[i] > '9') return 0;
        weight += (unsigned)(text.p[i] - '0') * unit;
        unit /= 10;
    }
    return weight > WEIGHTED_ONE ? WEIGHTED_ONE : weight;
}

struct sio_span weighted_cut(struct sio_span *list, unsigned *thousandths) {
    struct sio_span entry = sio_span_cut(list, ',');
    struct sio_span name = sio_span_trim(sio_span_cut(&entry, ';'));
    *thousandths = WEIGHTED_ONE;
    while (entry.p) {
        struct sio_span parameter = sio_span_trim(sio_span_cut(&entry, ';'));
        struct sio_span key = sio_span_trim(sio_span_cut(&parameter, '='));
        if (sio_span_eq_nocase(key, SIO_SPAN("q"))) *thousandths = read_weight(sio_span_trim(parameter));
    }
    return name;
}
