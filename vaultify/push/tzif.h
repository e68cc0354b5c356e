/* One zone of the IANA database as a file of the TZif format holds it (RFC 8536, versions 1 to 4). Any bytes may come in. */
#pragma once
#include <stdint.h>

#include "base/span.h"

struct tzif;

enum { TZIF_MAX_BYTES = 256 << 10 /* the largest zone's file has 4 KiB */ };

/* A zone of its own, freed with tzif_free; `bytes` are not needed any more. NULL: they are no such file, too long, or count
 * leap seconds, which the system's clock does not. */
struct tzif *tzif_parse(struct sio_span bytes);
void tzif_free(struct tzif *zone);

/* Seconds east of UTC at an instant, s since 1970 (|at_s| <= TZ_RULE_AT_MAX_S). Any thread. */
int32_t tzif_offset_s(const struct tzif *zone, int64_t at_s);
