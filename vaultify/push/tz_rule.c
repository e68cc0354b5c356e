/* POSIX's TZ text: std offset [dst [offset] , start[/time] , end[/time]], read and applied. */
#include "push/tz_rule.h"

enum {
    DAY_S = 86400,
    OFFSET_MAX_HOURS = 24,
    TIME_MAX_HOURS = 167, /* RFC 8536: a change may lie days away from the day that is named */
    NAME_MIN = 3,
    DAYS_1970 = 719162, /* from 1 January of the year 1 to that of 1970 */
    DAYS_400_YEARS = 146097,
};

/* ---- reading: each takes its part off the front of `in`, or returns false ---- */

static bool take(struct sio_span *in, char c) {
    if (!in->n || in->p[0] != c) return false;
    *in = sio_span_skip(*in, 1);
    return true;
}

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_in_name(char c, bool quoted) {
    return is_letter(c) || (quoted && (is_digit(c) || c == '+' || c == '-'));
}

/* EST, or <-03>. */
static bool take_name(struct sio_span *in) {
    bool quoted = take(in, '<');
    size_t n = 0;
    while (n < in->n && is_in_name(in->p[n], quoted)) n++;
    *in = sio_span_skip(*in, n);
    return n >= NAME_MIN && (!quoted || take(in, '>'));
}

static bool take_number(struct sio_span *in, unsigned max, unsigned *out) {
    unsigned number = 0;
    size_t n = 0;
    for (; n < in->n && is_digit(in->p[n]) && number <= max; n++)
        number = number * 10 + (unsigned)(in->p[n] - '0');
    *in = sio_span_skip(*in, n);
    *out = number;
    return n > 0 && number <= max;
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct sio_span *in, unsigned hours_max, int32_t *out_s) {
    unsigned hours, minutes = 0, seconds = 0;
    bool negative = take(in, '-');
    if (!negative) take(in, '+');
    if (!take_number(in, hours_max, &hours)) return false;
    if (take(in, ':')) {
        if (!take_number(in, 59, &minutes)) return false;
        if (take(in, ':') && !take_number(in, 59, &seconds)) return false;
    }
    int32_t time_s = (int32_t)(hours * 3600 + minutes * 60 + seconds);
    *out_s = negative ? -time_s : time_s;
    return true;
}

static bool take_day(struct sio_span *in, struct tz_change *out) {
    if (take(in, 'M')) {
        out->kind = TZ_MONTH_WEEK_DAY;
        return take_number(in, 12, &out->month) && take(in, '.') && take_number(in, 5, &out->week) &&
               take(in, '.') && take_number(in, 6, &out->day) && out->month && out->week;
    }
    out->kind = take(in, 'J') ? TZ_DAY_OF_365 : TZ_DAY_FROM_0;
    return take_number(in, 365, &out->day) && (out->day || out->kind == TZ_DAY_FROM_0);
}

static bool take_change(struct sio_span *in, struct tz_change *out) {
    *out = (struct tz_change){.time_s = 2 * 3600};
    return take(in, ',') && take_day(in, out) &&
           (!take(in, '/') || take_time(in, TIME_MAX_HOURS, &out->time_s));
}

/* The text counts west of UTC. */
static bool take_offset(struct sio_span *in, int32_t *out_s) {
    if (!take_time(in, OFFSET_MAX_HOURS, out_s)) return false;
    *out_s = -*out_s;
    return true;
}

bool tz_rule_parse(struct sio_span text, struct tz_rule *out) {
    struct tz_rule rule = {0};
    if (!take_name(&text) || !take_offset(&text, &rule.standard_s)) return false;
    rule.changes = text.n > 0;
    if (rule.changes) {
        if (!take_name(&text)) return false;
        rule.daylight_s = rule.standard_s + 3600;
        if (text.n && text.p[0] != ',' && !take_offset(&text, &rule.daylight_s)) return false;
        if (!take_change(&text, &rule.start) || !take_change(&text, &rule.end)) return false;
    }
    *out = rule;
    return text.n == 0;
}

/* ---- the calendar: days are counted from 1 January 1970 ---- */

static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b < 0); }

static bool is_leap(int64_t year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static int64_t first_day(int64_t year) {
    int64_t y = year - 1;
    return y * 365 + floor_div(y, 4) - floor_div(y, 100) + floor_div(y, 400) - DAYS_1970;
}

static int64_t year_of(int64_t day) {
    int64_t year = 1970 + floor_div(day * 400, DAYS_400_YEARS); /* about */
    while (first_day(year) > day) year--;
    while (first_day(year + 1) <= day) year++;
    return year;
}

static unsigned month_days(int64_t year, unsigned month) {
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

static int64_t month_week_day(int64_t year, const struct tz_change *change) {
    int64_t first = first_day(year);
    for (unsigned month = 1; month < change->month; month++) first += month_days(year, month);
    int64_t weekday = (first + 4) % 7; /* 1 January 1970 was a Thursday */
    if (weekday < 0) weekday += 7;
    unsigned in_month = (unsigned)((change->day - weekday + 7) % 7) + (change->week - 1) * 7;
    if (in_month >= month_days(year, change->month)) in_month -= 7; /* week 5 is the last one */
    return first + in_month;
}

static int64_t day_of_change(int64_t year, const struct tz_change *change) {
    switch (change->kind) {
    case TZ_MONTH_WEEK_DAY: return month_week_day(year, change);
    case TZ_DAY_OF_365: return first_day(year) + change->day - 1 + (is_leap(year) && change->day >= 60);
    case TZ_DAY_FROM_0: break;
    }
    return first_day(year) + change->day;
}

/* What the latest change says, looked for in the year and its neighbours: a change's time may lie in another year than its day.
 * A summer that begins in the second in which the last one ended lasts for ever. */
int32_t tz_rule_offset_s(const struct tz_rule *rule, int64_t at_s) {
    if (!rule->changes) return rule->standard_s;
    int64_t year = year_of(floor_div(at_s + rule->standard_s, DAY_S));
    int64_t latest = INT64_MIN;
    int32_t offset_s = rule->standard_s;
    for (int64_t y = year - 1; y <= year + 1; y++) {
        int64_t end = day_of_change(y, &rule->end) * DAY_S + rule->end.time_s - rule->daylight_s;
        int64_t start = day_of_change(y, &rule->start) * DAY_S + rule->start.time_s - rule->standard_s;
        if (end <= at_s && end > latest) {
            latest = end;
            offset_s = rule->standard_s;
        }
        if (start <= at_s && start >= latest) {
            latest = start;
            offset_s = rule->daylight_s;
        }
    }
    return offset_s;
}
