/* SPDX-License-Identifier: Apache-2.0 */
/* posix_tz.c: the POSIX TZ string at the end of a TZif file, which speaks for the time after the last
 * transition.
 *
 *   std offset [dst [offset] , date [/time] , date [/time]]
 *
 * with the extensions of RFC 9636: names in <>, times of -167 to 167 hours. A summer time without dates is
 * refused: POSIX leaves its dates to the implementation, and an implementation must not invent them.
 *
 * 1. The rule repeats every 400 years, so any instant is first brought into one such cycle; no year
 * overflows.
 * 2. Begin and end of three years round an instant are looked at, because a time of 167 hours crosses New
 * Year. Where an end and a begin coincide ("all year summer time"), summer time goes on. */
#include "zone/zone_priv.h"

#define CYCLE (146097LL * 86400LL) /* 400 Gregorian years */
#define CYCLE_FIRST 946684800LL    /* 2000-01-01 */

/* ---- the grammar ------------------------------------------------------------------------------------- */

struct reader {
    cordon_str s;
    size_t at;
    bool failed;
};

static char peek(const struct reader *r) {
    return r->at < r->s.n ? r->s.p[r->at] : '\0';
}

static bool take(struct reader *r, char c) {
    if (r->at < r->s.n && r->s.p[r->at] == c) {
        r->at++;
        return true;
    }
    return false;
}

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static int read_number(struct reader *r, int low, int high) {
    int v = 0, count = 0;
    for (; is_digit(peek(r)) && count < 4; count++) {
        v = v * 10 + (r->s.p[r->at++] - '0');
    }
    if (count == 0 || is_digit(peek(r)) || v < low || v > high) {
        r->failed = true;
        return low;
    }
    return v;
}

static void read_name(struct reader *r, char ret[CDN_ZONE_ABBREV]) {
    const bool quoted = take(r, '<');
    size_t n = 0;
    for (;;) {
        const char c = peek(r);
        const bool part = is_letter(c) || (quoted && (is_digit(c) || c == '+' || c == '-'));
        if (!part) {
            break;
        }
        if (n == CDN_ZONE_ABBREV - 1) {
            r->failed = true;
            return;
        }
        ret[n++] = c;
        r->at++;
    }
    ret[n] = '\0';
    r->failed = r->failed || n < 3 || (quoted && !take(r, '>'));
}

/* [+-]hh[:mm[:ss]] in seconds. */
static int32_t read_time(struct reader *r, int max_hours) {
    const int sign = take(r, '-') ? -1 : 1;
    if (sign == 1) {
        (void)take(r, '+');
    }
    int32_t v = read_number(r, 0, max_hours) * 3600;
    if (take(r, ':')) {
        v += read_number(r, 0, 59) * 60;
        if (take(r, ':')) {
            v += read_number(r, 0, 59);
        }
    }
    return sign * v;
}

static struct cdn_zone_date read_date(struct reader *r) {
    struct cdn_zone_date d = {.rule = CDN_ZONE_JULIAN_0, .time = 7200};
    if (take(r, 'M')) {
        d.rule = CDN_ZONE_NTH_WEEKDAY;
        d.month = read_number(r, 1, 12);
        r->failed = !take(r, '.') || r->failed;
        d.week = read_number(r, 1, 5);
        r->failed = !take(r, '.') || r->failed;
        d.weekday = read_number(r, 0, 6);
    } else if (take(r, 'J')) {
        d.rule = CDN_ZONE_JULIAN_1;
        d.day = read_number(r, 1, 365);
    } else {
        d.day = read_number(r, 0, 365);
    }
    if (take(r, '/')) {
        d.time = read_time(r, 167);
    }
    return d;
}

int cdn_zone_parse_footer(cordon_str s, struct cdn_zone_footer *ret, struct cordon_error *e) {
    struct cdn_zone_footer f;
    struct reader r = {s, 0, false};
    memset(&f, 0, sizeof f);
    if (s.n > 0) {
        f.present = true;
        read_name(&r, f.standard.abbreviation);
        f.standard.seconds = -read_time(&r, 24);
    }
    if (!r.failed && r.at < s.n) {
        f.has_dst = true;
        f.summer.dst = true;
        read_name(&r, f.summer.abbreviation);
        f.summer.seconds = peek(&r) == ',' ? f.standard.seconds + 3600 : -read_time(&r, 24);
        r.failed = !take(&r, ',') || r.failed;
        f.begin = read_date(&r);
        r.failed = !take(&r, ',') || r.failed;
        f.end = read_date(&r);
    }
    if (r.failed || r.at != s.n) {
        return cdn_fail(e, CORDON_E_FORMAT, "time zone: `%.*s` is not a POSIX TZ rule", CDN_FMT(s));
    }
    *ret = f;
    return 0;
}

/* ---- the calendar ------------------------------------------------------------------------------------ */

static bool is_leap(int32_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Local midnight of the rule's day plus its time, as if local time were UTC. */
static int64_t date_in(const struct cdn_zone_date *d, int32_t year) {
    int64_t day = cdn_days_from_civil(year, 1, 1);
    if (d->rule == CDN_ZONE_JULIAN_1) { /* 29 February is never counted */
        day += d->day - 1 + (is_leap(year) && d->day >= 60);
    } else if (d->rule == CDN_ZONE_JULIAN_0) {
        day += d->day;
    } else {
        const int64_t first = cdn_days_from_civil(year, (unsigned)d->month, 1);
        const int64_t after = d->month == 12 ? cdn_days_from_civil(year + 1, 1, 1)
                                             : cdn_days_from_civil(year, (unsigned)d->month + 1, 1);
        const int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
        day = first + (d->weekday - weekday + 7) % 7 + 7 * (d->week - 1);
        while (day >= after) {
            day -= 7;
        }
    }
    return day * 86400 + d->time;
}

struct event {
    int64_t at;
    bool summer; /* begins */
};

static bool later(struct event a, struct event b) {
    return a.at > b.at || (a.at == b.at && a.summer && !b.summer);
}

/* The changes of the three years round an instant of the cycle, in order. */
static void events_round(const struct cdn_zone_footer *f, int64_t instant, struct event ret[6]) {
    const int32_t year = cdn_civil_from_time(instant + f->standard.seconds).year;
    for (int i = 0; i < 3; i++) {
        const int32_t y = year - 1 + i;
        ret[2 * i] = (struct event){date_in(&f->begin, y) - f->standard.seconds, true};
        ret[2 * i + 1] = (struct event){date_in(&f->end, y) - f->summer.seconds, false};
    }
    for (int i = 1; i < 6; i++) {
        for (int k = i; k > 0 && later(ret[k - 1], ret[k]); k--) {
            const struct event swap = ret[k];
            ret[k] = ret[k - 1];
            ret[k - 1] = swap;
        }
    }
}

static int64_t into_cycle(int64_t instant) {
    const int64_t rest = (instant - CYCLE_FIRST) % CYCLE;
    return CYCLE_FIRST + (rest < 0 ? rest + CYCLE : rest);
}

const struct cdn_zone_type *cdn_zone_footer_at(const struct cdn_zone_footer *f, int64_t instant) {
    struct event events[6];
    if (!f->has_dst) {
        return &f->standard;
    }
    const int64_t t = into_cycle(instant);
    events_round(f, t, events);
    bool summer = !events[0].summer; /* what held before it */
    for (int i = 0; i < 6 && events[i].at <= t; i++) {
        summer = events[i].summer;
    }
    return summer ? &f->summer : &f->standard;
}

int64_t cdn_zone_footer_next(const struct cdn_zone_footer *f, int64_t instant) {
    struct event events[6];
    if (!f->has_dst) {
        return CDN_TIME_MAX;
    }
    const int64_t t = into_cycle(instant);
    events_round(f, t, events);
    for (int i = 0; i < 6; i++) {
        if (events[i].at > t) {
            return instant > CDN_TIME_MAX - (events[i].at - t) ? CDN_TIME_MAX : instant + (events[i].at - t);
        }
    }
    return CDN_TIME_MAX; /* not reached: the next year's events lie after t */
}
