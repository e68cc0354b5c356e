/* The rule for the years to come at the end of a TZif file: POSIX's TZ text, with the longer hours of RFC 8536 §3.3.1. A
 * value; pure. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"

/* When the clocks change: on a day of each year, at a time of that day as the clocks showed it before. */
struct tz_change {
    enum {
        TZ_MONTH_WEEK_DAY, /* M3.5.0: the last Sunday of March */
        TZ_DAY_OF_365,     /* J60: 1 March in every year */
        TZ_DAY_FROM_0      /* 59: the 60th day, 29 February in a leap year */
    } kind;
    unsigned month, week, day;
    int32_t time_s; /* after midnight; may lie in another day */
};

struct tz_rule {
    int32_t standard_s, daylight_s; /* east of UTC */
    bool changes;                   /* false: standard time for ever */
    struct tz_change start, end;    /* of daylight saving */
};

/* False: `text` is no such rule. One that names daylight saving without saying when is none. */
bool tz_rule_parse(struct sio_span text, struct tz_rule *out);

/* Seconds east of UTC at an instant, s since 1970; |at_s| <= TZ_RULE_AT_MAX_S. */
#define TZ_RULE_AT_MAX_S (INT64_MAX / 1000 + 1)
int32_t tz_rule_offset_s(const struct tz_rule *rule, int64_t at_s);
