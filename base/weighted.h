/* Weighted lists of HTTP, such as `br;q=1.0, gzip;q=0.5, *;q=0` (RFC 9110, section 12.4.2). Any thread. */
#pragma once
#include "base/span.h"

enum { WEIGHTED_ONE = 1000 }; /* the weight of what says none, in thousandths */

/* Cuts the list's first entry off: its name, trimmed, and its weight. Digits behind the third say nothing, a weight
 * that is no number is 0. The list is over when its `p` is NULL. */
struct sio_span weighted_cut(struct sio_span *list, unsigned *thousandths);
