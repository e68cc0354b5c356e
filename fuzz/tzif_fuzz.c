/* Fuzz target: files of time zones. Any bytes are no zone, or one whose offsets lie within two days. */
#include "fuzz.h"

#include "base/must.h"
#include "push/tz_rule.h"
#include "push/tzif.h"

enum { OFFSET_MAX_S = 2 * 86400 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const int64_t instants[] = {-TZ_RULE_AT_MAX_S, -1, 0, 1700000000, 4000000000, TZ_RULE_AT_MAX_S};
    struct tzif *zone = tzif_parse(sio_span_of(data, size));
    for (size_t i = 0; zone && i < sizeof instants / sizeof *instants; i++) {
        int32_t offset_s = tzif_offset_s(zone, instants[i]);
        must(offset_s >= -OFFSET_MAX_S && offset_s <= OFFSET_MAX_S);
    }
    tzif_free(zone);
    return 0;
}
