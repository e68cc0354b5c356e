/* Times and durations to text and back, by the proleptic Gregorian calendar. */
#include "base/timefmt.h"

#define MS_A_SECOND INT64_C(1000)
#define MS_A_DAY    (86400 * MS_A_SECOND)
#define DAY_FIRST   INT64_C(-719528) /* 0000-01-01, in days since 1970 */
#define DAY_END     INT64_C(2932897) /* 10000-01-01 */

static bool is_leap(int year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

static int days_of_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days since 1970 of a date. The year is counted from March, so that the leap day comes last. */
static int64_t day_of_date(int year, int month, int day) {
    int y = month > 2 ? year : year - 1;
    int era = (y >= 0 ? y : y - 399) / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return (int64_t)era * 146097 + day_of_era - 719468;
}

static void date_of_day(int64_t days, int *year, int *month, int *day) {
    int64_t shifted = days + 719468; /* days since 0000-03-01 */
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int day_of_era = (int)(shifted - era * 146097);
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int from_march = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * from_march + 2) / 5 + 1;
    *month = from_march < 10 ? from_march + 3 : from_march - 9;
    *year = (int)(era * 400) + year_of_era + (*month <= 2);
}

static char *digits(char *p, int width, int v) {
    for (int i = width; i-- > 0; v /= 10) p[i] = (char)('0' + v % 10);
    return p + width;
}

void time_format(int64_t unix_ms, char out[TIME_TEXT + 1]) {
    if (unix_ms < DAY_FIRST * MS_A_DAY) unix_ms = DAY_FIRST * MS_A_DAY;
    if (unix_ms >= DAY_END * MS_A_DAY) unix_ms = DAY_END * MS_A_DAY - 1;
    int64_t days = unix_ms / MS_A_DAY, rest = unix_ms % MS_A_DAY;
    if (rest < 0) days--, rest += MS_A_DAY;
    int year, month, day, ms = (int)rest;
    date_of_day(days, &year, &month, &day);
    char *p = digits(out, 4, year);
    *p++ = '-', p = digits(p, 2, month);
    *p++ = '-', p = digits(p, 2, day);
    *p++ = 'T', p = digits(p, 2, ms / 3600000);
    *p++ = ':', p = digits(p, 2, ms / 60000 % 60);
    *p++ = ':', p = digits(p, 2, ms / 1000 % 60);
    *p++ = '.', p = digits(p, 3, ms % 1000);
    *p++ = 'Z', *p = '\0';
}

/* Takes exactly `width` digits from the front. */
static bool take_number(struct sio_span *s, int width, int *out) {
    int v = 0;
    if (s->n < (size_t)width) return false;
    for (int i = 0; i < width; i++) {
        if (s->p[i] < '0' || s->p[i] > '9') return false;
        v = v * 10 + (s->p[i] - '0');
    }
    *s = sio_span_skip(*s, (size_t)width);
    *out = v;
    return true;
}

static bool take_char(struct sio_span *s, char c) {
    if (s->n == 0 || s->p[0] != c) return false;
    *s = sio_span_skip(*s, 1);
    return true;
}

/* One to nine digits of a second, cut to milliseconds. */
static bool take_fraction(struct sio_span *s, int *out_ms) {
    int ms = 0, taken = 0, digit;
    while (taken < 9 && take_number(s, 1, &digit)) {
        if (taken < 3) ms = ms * 10 + digit;
        taken++;
    }
    for (int i = taken; i < 3; i++) ms *= 10;
    *out_ms = ms;
    return taken > 0;
}

static bool take_date(struct sio_span *s, int *year, int *month, int *day) {
    return take_number(s, 4, year) && take_char(s, '-') && take_number(s, 2, month) && take_char(s, '-') &&
           take_number(s, 2, day) && *month >= 1 && *month <= 12 && *day >= 1 &&
           *day <= days_of_month(*year, *month);
}

bool time_parse(struct sio_span text, int64_t *out_unix_ms) {
    int year, month, day, hour, minute, second, ms = 0;
    struct sio_span s = text;
    if (!take_date(&s, &year, &month, &day)) return false;
    if (!take_char(&s, 'T') && !take_char(&s, ' ')) return false;
    if (!take_number(&s, 2, &hour) || !take_char(&s, ':') || !take_number(&s, 2, &minute)) return false;
    if (!take_char(&s, ':') || !take_number(&s, 2, &second)) return false;
    if (hour > 23 || minute > 59 || second > 59) return false;
    if (take_char(&s, '.') && !take_fraction(&s, &ms)) return false;
    (void)take_char(&s, 'Z');
    if (s.n) return false;
    *out_unix_ms = day_of_date(year, month, day) * MS_A_DAY +
                   (INT64_C(3600) * hour + 60 * minute + second) * MS_A_SECOND + ms;
    return true;
}

static const struct {
    const char *name;
    int64_t ms;
} units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};

bool duration_parse(struct sio_span text, int64_t *out_ms) {
    size_t n = 0;
    unsigned long long count;
    while (n < text.n && text.p[n] >= '0' && text.p[n] <= '9') n++;
    if (!sio_span_to_u64(sio_span_head(text, n), &count)) return false;
    struct sio_span unit = sio_span_skip(text, n);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        int64_t ms;
        if (!sio_span_is(unit, units[i].name)) continue;
        if (__builtin_mul_overflow(count, units[i].ms, &ms)) return false;
        *out_ms = ms;
        return true;
    }
    return false;
}
