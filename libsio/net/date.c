/* Days since 1970 turned into a date of the Gregorian calendar. */
#include "net/date.h"

static void put2(char *out, unsigned value) {
    out[0] = (char)('0' + value / 10 % 10);
    out[1] = (char)('0' + value % 10);
}

static void put_name(char *out, const char *names, unsigned index) {
    for (int i = 0; i < 3; i++) out[i] = names[index * 3 + (unsigned)i];
}

/* Years begin in March here, so that the leap day is the last one, and months follow one formula. */
void http_date(int64_t unix_ms, char out[HTTP_DATE_TEXT + 1]) {
    uint64_t seconds = unix_ms > 0 ? (uint64_t)unix_ms / 1000 : 0, days = seconds / 86400;
    unsigned left = (unsigned)(seconds % 86400);
    uint64_t since_0000 = days + 719468; /* from 1 March of the year 0 to 1970 */
    unsigned era = (unsigned)(since_0000 / 146097), day_of_era = (unsigned)(since_0000 % 146097);
    unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month = (5 * day_of_year + 2) / 153; /* 0: March */
    unsigned day = day_of_year - (153 * month + 2) / 5 + 1;
    unsigned year = era * 400 + year_of_era + (month >= 10);
    memcpy(out, "Thu, 01 Jan 1970 00:00:00 GMT", HTTP_DATE_TEXT + 1);
    put_name(out, "ThuFriSatSunMonTueWed", (unsigned)(days % 7));
    put2(out + 5, day);
    put_name(out + 8, "MarAprMayJunJulAugSepOctNovDecJanFeb", month);
    put2(out + 12, year / 100);
    put2(out + 14, year % 100);
    put2(out + 17, left / 3600);
    put2(out + 20, left / 60 % 60);
    put2(out + 23, left % 60);
}
