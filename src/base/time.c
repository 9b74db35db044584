/* SPDX-License-Identifier: Apache-2.0 */
/* time.c: the proleptic Gregorian calendar, RFC 3339 text, and moments that are not known to the second.
 *
 * Days are counted from 1970-01-01. A year has 365 days plus the leap days, which floor divisions by 4,
 * 100 and 400 count, for years before 0 too; the way back takes off whole 400-, 100-, 4- and 1-year spans.
 *
 *  1. every instant between CDN_TIME_MIN and CDN_TIME_MAX is accepted everywhere, and no arithmetic
 *     overflows on any other; those whose year does not fit 32 bits show the last year that does;
 *  2. parsing accepts the years 0000 to 9999, and no day that the calendar does not have;
 *  3. for 0000 to 9999, parsing what was written gives the same instant.
 *
 * Moments. A struct cdn_when is a set of candidates, of which the true moment is one. An instant has one
 * candidate. A day, a month or a year has the days in it; against each other these are compared by whole
 * days, so that a day equals itself, but a month is not known to be the same day as itself. Against an
 * instant, the candidates of a day are all the seconds at which it is that day anywhere on Earth: from 14
 * hours before it begins in UTC to 12 hours after it ends. A comparison is true when it holds for every
 * pair of candidates, false when for none, and otherwise unknown. */
#include "base/num.h"

#define DAY INT64_C(86400)
#define DAYS_IN_400_YEARS INT64_C(146097)
#define DAYS_TO_1970 INT64_C(719162) /* from 0001-01-01 */

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static bool is_leap(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned days_in_month(int64_t year, unsigned month) {
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year) ? 1U : 0U);
}

/* Days in the months before `month` of that year. */
static unsigned days_before_month(int64_t year, unsigned month) {
    static const uint16_t days[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    return days[month - 1] + (month > 2 && is_leap(year) ? 1U : 0U);
}

/* A month or day outside its range carries over: month 13 is January of the next year, day 0 the last of
 * the month before. */
int64_t cdn_days_from_civil(int32_t year, unsigned month, unsigned day) {
    const int64_t months = (int64_t)month - 1;
    const int64_t y = (int64_t)year + floor_div(months, 12);
    const unsigned m = (unsigned)(months - 12 * floor_div(months, 12)) + 1;
    const int64_t past = y - 1; /* whole years since the year 1 began */
    const int64_t leaps = floor_div(past, 4) - floor_div(past, 100) + floor_div(past, 400);
    return past * 365 + leaps + days_before_month(y, m) + (int64_t)day - 1 - DAYS_TO_1970;
}

/* Year, month and day of a count of days since 1970-01-01. */
static struct cdn_civil civil_from_days(int64_t days) {
    const int64_t since = days + DAYS_TO_1970;
    const int64_t cycles = floor_div(since, DAYS_IN_400_YEARS);
    unsigned left = (unsigned)(since - cycles * DAYS_IN_400_YEARS);
    /* The last century of four and the last year of four have one day more than the others. */
    const unsigned centuries = CDN_MIN(left / 36524, 3U);
    left -= centuries * 36524;
    const unsigned fours = left / 1461;
    left -= fours * 1461;
    const unsigned ones = CDN_MIN(left / 365, 3U);
    left -= ones * 365;
    const int64_t year = cycles * 400 + centuries * 100 + fours * 4 + ones + 1;
    unsigned month = left / 32 + 1; /* right, or one too early */
    if (month < 12 && left >= days_before_month(year, month + 1))
        month++;
    const unsigned day = left - days_before_month(year, month) + 1;
    if (year > INT32_MAX)
        return (struct cdn_civil){.year = INT32_MAX, .month = 12, .day = 31};
    if (year < INT32_MIN)
        return (struct cdn_civil){.year = INT32_MIN, .month = 1, .day = 1};
    return (struct cdn_civil){.year = (int32_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
}

struct cdn_civil cdn_civil_from_time(int64_t t) {
    struct cdn_civil c = civil_from_days(floor_div(t, DAY));
    const unsigned seconds = (unsigned)((t % DAY + DAY) % DAY);
    c.hour = (uint8_t)(seconds / 3600);
    c.minute = (uint8_t)(seconds / 60 % 60);
    c.second = (uint8_t)(seconds % 60);
    return c;
}

int64_t cdn_time_from_civil(const struct cdn_civil *c) {
    return cdn_days_from_civil(c->year, c->month, c->day) * DAY + c->hour * 3600 + c->minute * 60 + c->second;
}

bool cdn_civil_valid(const struct cdn_civil *c) {
    return c->month >= 1 && c->month <= 12 && c->day >= 1 && c->day <= days_in_month(c->year, c->month) &&
           c->hour <= 23 && c->minute <= 59 && c->second <= 59;
}

/* ---- text ----------------------------------------------------------------------------------------- */

/* Takes exactly `count` digits off the front of *s. */
static bool take_number(cordon_str *s, size_t count, unsigned *ret) {
    if (s->n < count)
        return false;
    unsigned v = 0;
    for (size_t i = 0; i < count; i++) {
        const char c = s->p[i];
        if (c < '0' || c > '9')
            return false;
        v = v * 10 + (unsigned)(c - '0');
    }
    *s = cdn_str(s->p + count, s->n - count);
    *ret = v;
    return true;
}

static bool take_char(cordon_str *s, char c) {
    if (s->n == 0 || s->p[0] != c)
        return false;
    *s = cdn_str(s->p + 1, s->n - 1);
    return true;
}

/* "YYYY-MM-DD" off the front of *s, as written, not checked against the calendar. */
static bool take_date(cordon_str *s, struct cdn_civil *c) {
    unsigned year = 0;
    unsigned month = 0;
    unsigned day = 0;
    if (!take_number(s, 4, &year) || !take_char(s, '-') || !take_number(s, 2, &month) || !take_char(s, '-') ||
        !take_number(s, 2, &day))
        return false;
    *c = (struct cdn_civil){.year = (int32_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
    return true;
}

/* "HH:MM", "HH:MM:SS" or "HH:MM:SS.fraction"; the fraction is dropped. */
static bool take_clock(cordon_str *s, struct cdn_civil *c) {
    unsigned hour = 0;
    unsigned minute = 0;
    unsigned second = 0;
    if (!take_number(s, 2, &hour) || !take_char(s, ':') || !take_number(s, 2, &minute))
        return false;
    if (take_char(s, ':')) {
        if (!take_number(s, 2, &second))
            return false;
        if (take_char(s, '.')) {
            unsigned digit = 0;
            if (!take_number(s, 1, &digit))
                return false;
            while (take_number(s, 1, &digit))
                continue;
        }
    }
    c->hour = (uint8_t)hour;
    c->minute = (uint8_t)minute;
    c->second = (uint8_t)second;
    return true;
}

/* "Z" or "±HH:MM". A result out of range is reported through *ret_in_range, since the text is well formed. */
static bool take_zone(cordon_str *s, int32_t *ret_offset, bool *ret_in_range) {
    *ret_offset = 0;
    *ret_in_range = true;
    if (take_char(s, 'Z'))
        return true;
    const bool west = take_char(s, '-');
    unsigned hours = 0;
    unsigned minutes = 0;
    if ((!west && !take_char(s, '+')) || !take_number(s, 2, &hours) || !take_char(s, ':') ||
        !take_number(s, 2, &minutes))
        return false;
    const int32_t seconds = (int32_t)(hours * 3600 + minutes * 60);
    *ret_offset = west ? -seconds : seconds;
    *ret_in_range = hours <= 23 && minutes <= 59;
    return true;
}

int cdn_time_parse(cordon_str s, int64_t *ret, int32_t *ret_offset) {
    struct cdn_civil c;
    int32_t offset = 0;
    bool in_range = false;
    if (!take_date(&s, &c) || !take_char(&s, 'T') || !take_clock(&s, &c) ||
        !take_zone(&s, &offset, &in_range) || s.n != 0)
        return CORDON_E_SYNTAX;
    if (!in_range || !cdn_civil_valid(&c))
        return CORDON_E_RANGE;
    *ret = cdn_time_from_civil(&c) - offset;
    if (ret_offset)
        *ret_offset = offset;
    return 0;
}

/* A number below 10^10 with leading zeros up to `width` digits; vsnprintf is many times slower. */
static void write_padded(struct cdn_buf *b, uint32_t v, size_t width) {
    char digits[10];
    size_t at = sizeof(digits);
    for (; v || at > sizeof(digits) - width; v /= 10)
        digits[--at] = (char)('0' + v % 10);
    cdn_buf_put(b, digits + at, sizeof(digits) - at);
}

/* Years outside 0000..9999 carry a sign, as ISO 8601 asks. */
static void write_year(struct cdn_buf *b, int32_t year) {
    if (year >= 0 && year <= 9999) {
        const unsigned y = (unsigned)year;
        const char digits[4] = {(char)('0' + y / 1000),
                                (char)('0' + y / 100 % 10),
                                (char)('0' + y / 10 % 10),
                                (char)('0' + y % 10)};
        cdn_buf_put(b, digits, sizeof(digits));
        return;
    }
    cdn_buf_char(b, year < 0 ? '-' : '+');
    write_padded(b, year < 0 ? UINT32_C(0) - (uint32_t)year : (uint32_t)year, 4);
}

static char *put_two(char *to, unsigned v, char behind) {
    to[0] = (char)('0' + v / 10);
    to[1] = (char)('0' + v % 10);
    to[2] = behind;
    return to + 3;
}

static void write_date(struct cdn_buf *b, const struct cdn_civil *c) {
    char rest[7] = "-";
    (void)put_two(put_two(rest + 1, c->month, '-'), c->day, 0);
    write_year(b, c->year);
    cdn_buf_put(b, rest, sizeof(rest) - 1);
}

/* The two ends of time have no date: they are "-infinity" and "infinity". */
void cdn_time_write(struct cdn_buf *b, int64_t t) {
    if (t <= CDN_TIME_MIN || t >= CDN_TIME_MAX) {
        cdn_buf_z(b, t < 0 ? "-infinity" : "infinity");
        return;
    }
    const struct cdn_civil c = cdn_civil_from_time(t);
    char rest[16] = "-";
    char *to = put_two(put_two(rest + 1, c.month, '-'), c.day, 'T');
    (void)put_two(put_two(put_two(to, c.hour, ':'), c.minute, ':'), c.second, 'Z');
    write_year(b, c.year);
    cdn_buf_put(b, rest, sizeof(rest));
}

/* ---- moments -------------------------------------------------------------------------------------- */

struct cdn_when cdn_when_instant(int64_t t) {
    t = CDN_MAX(CDN_MIN(t, CDN_TIME_MAX), CDN_TIME_MIN);
    return (struct cdn_when){CDN_WHEN_INSTANT, t, t + 1};
}

int cdn_when_parse(cordon_str s, struct cdn_when *ret) {
    if (s.n > 10) {
        int64_t t = 0;
        const int err = cdn_time_parse(s, &t, NULL);
        if (!err)
            *ret = cdn_when_instant(t);
        return err;
    }
    unsigned year = 0;
    unsigned month = 1;
    unsigned day = 1;
    enum cdn_when_kind kind = CDN_WHEN_YEAR;
    if (!take_number(&s, 4, &year))
        return CORDON_E_SYNTAX;
    if (s.n) {
        kind = CDN_WHEN_MONTH;
        if (!take_char(&s, '-') || !take_number(&s, 2, &month))
            return CORDON_E_SYNTAX;
    }
    if (s.n) {
        kind = CDN_WHEN_DAY;
        if (!take_char(&s, '-') || !take_number(&s, 2, &day) || s.n)
            return CORDON_E_SYNTAX;
    }
    const struct cdn_civil c = {.year = (int32_t)year, .month = (uint8_t)month, .day = (uint8_t)day};
    if (!cdn_civil_valid(&c))
        return CORDON_E_RANGE;
    const int64_t after = kind == CDN_WHEN_YEAR    ? cdn_days_from_civil(c.year + 1, 1, 1)
                          : kind == CDN_WHEN_MONTH ? cdn_days_from_civil(c.year, month + 1, 1)
                                                   : cdn_days_from_civil(c.year, month, day + 1);
    *ret = (struct cdn_when){(uint8_t)kind, cdn_days_from_civil(c.year, month, day) * DAY, after * DAY};
    return 0;
}

/* A month or year that cdn_when_plus moved off the calendar is written as first day "/" last day. */
void cdn_when_write(struct cdn_buf *b, struct cdn_when w) {
    if (w.kind == CDN_WHEN_INSTANT) {
        cdn_time_write(b, w.first);
        return;
    }
    const struct cdn_civil first = cdn_civil_from_time(w.first);
    if (w.kind == CDN_WHEN_DAY && floor_div(w.first, DAY) == floor_div(w.after - 1, DAY)) {
        write_date(b, &first);
        return;
    }
    const struct cdn_civil last = cdn_civil_from_time(w.after - 1);
    const struct cdn_civil after = cdn_civil_from_time(w.after);
    const bool whole_months = first.day == 1 && after.day == 1 && first.year == last.year;
    if (w.kind == CDN_WHEN_YEAR && whole_months && first.month == 1 && last.month == 12) {
        write_year(b, first.year);
    } else if (w.kind == CDN_WHEN_MONTH && whole_months && first.month == last.month) {
        write_year(b, first.year);
        char rest[4] = "-";
        (void)put_two(rest + 1, first.month, 0);
        cdn_buf_put(b, rest, sizeof(rest) - 1);
    } else {
        write_date(b, &first);
        if (floor_div(w.first, DAY) != floor_div(w.after - 1, DAY)) {
            cdn_buf_char(b, '/');
            write_date(b, &last);
        }
    }
}

/* The earliest and the latest candidate. */
struct span {
    int64_t first, last;
};

/* As candidates to be compared with `other`: beginnings of days between two calendar values, else seconds. */
static struct span span_of(struct cdn_when w, struct cdn_when other) {
    if (w.kind == CDN_WHEN_INSTANT)
        return (struct span){w.first, w.first};
    if (other.kind == CDN_WHEN_INSTANT)
        return (struct span){w.first - 14 * 3600, w.after + 12 * 3600 - 1};
    return (struct span){w.first, w.after - DAY};
}

int cdn_when_before(struct cdn_when a, struct cdn_when b) {
    const struct span x = span_of(a, b);
    const struct span y = span_of(b, a);
    if (x.last < y.first)
        return CORDON_TRUE;
    return x.first >= y.last ? CORDON_FALSE : CORDON_UNKNOWN;
}

int cdn_when_not_after(struct cdn_when a, struct cdn_when b) {
    const struct span x = span_of(a, b);
    const struct span y = span_of(b, a);
    if (x.last <= y.first)
        return CORDON_TRUE;
    return x.first > y.last ? CORDON_FALSE : CORDON_UNKNOWN;
}

int cdn_when_same(struct cdn_when a, struct cdn_when b) {
    const struct span x = span_of(a, b);
    const struct span y = span_of(b, a);
    if (x.last < y.first || y.last < x.first)
        return CORDON_FALSE;
    return x.first == x.last && y.first == y.last ? CORDON_TRUE : CORDON_UNKNOWN;
}

/* "Since ever" and "for ever" stay what they are; nothing else moves past them. A calendar value keeps its
 * width and is moved as it stands: whole days give calendar values again. */
struct cdn_when cdn_when_plus(struct cdn_when a, int64_t seconds) {
    if (a.first <= CDN_TIME_MIN || a.first >= CDN_TIME_MAX)
        return a;
    int64_t first = 0;
    if (__builtin_add_overflow(a.first, seconds, &first))
        first = seconds < 0 ? CDN_TIME_MIN : CDN_TIME_MAX;
    first = CDN_MAX(CDN_MIN(first, CDN_TIME_MAX), CDN_TIME_MIN);
    return (struct cdn_when){a.kind, first, first + (a.after - a.first)};
}
