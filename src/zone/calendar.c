/* SPDX-License-Identifier: Apache-2.0 */
/* calendar.c: business days as instants, so that "within 10 business days" is one comparison when deciding.
 *
 * 1. A business day is a civil day of the zone that is neither on the weekend nor a holiday; it lasts from
 * its own beginning to the beginning of the next civil day, whatever the clocks do in between.
 * 2. The table speaks for whole years only; a question beyond them is an error, never an extrapolation. */
#include "zone/zone.h"

#define YEARS_MAX 200

static bool is_holiday(const struct cdn_calendar_rules *rules, int64_t day) {
    for (size_t i = 0; i < rules->holiday_count; i++) {
        if (rules->holidays[i] == day) {
            return true;
        }
    }
    return false;
}

/* 0 = Monday; 1970-01-01 was a Thursday. */
static unsigned weekday_of(int64_t day) {
    return (unsigned)(((day + 3) % 7 + 7) % 7);
}

static int day_begins(const struct cdn_zone *zone, int64_t day, int64_t *ret, struct cordon_error *e) {
    const struct cdn_civil c = cdn_civil_from_time(day * 86400);
    return cdn_zone_day_start(zone, c.year, c.month, c.day, ret, e);
}

static int fill(const struct cdn_zone *zone,
                const struct cdn_calendar_rules *rules,
                int64_t first,
                int64_t after,
                struct cdn_calendar *c,
                struct cordon_error *e) {
    int64_t begin = 0, end = 0;
    int err = day_begins(zone, first, &begin, e);
    c->from = begin;
    for (int64_t day = first; err == 0 && day < after; day++) {
        err = day_begins(zone, day + 1, &end, e);
        const bool weekend = (rules->weekend >> weekday_of(day) & 1U) != 0;
        if (err == 0 && !weekend && begin < end && !is_holiday(rules, day)) {
            c->starts[c->count] = begin;
            c->ends[c->count++] = end;
        }
        begin = end;
    }
    c->until = begin;
    return err;
}

int cdn_calendar_build(const struct cdn_zone *zone,
                       const struct cdn_calendar_rules *rules,
                       int32_t first_year,
                       int32_t last_year,
                       const struct cordon_alloc *alloc,
                       struct cdn_calendar *ret,
                       struct cordon_error *e) {
    if (first_year < 1 || last_year > 9998 || last_year < first_year || last_year - first_year >= YEARS_MAX) {
        return cdn_fail(e, CORDON_E_RANGE, "a calendar covers 1 to %d years between 1 and 9998", YEARS_MAX);
    }
    const int64_t first = cdn_days_from_civil(first_year, 1, 1),
                  after = cdn_days_from_civil(last_year + 1, 1, 1);
    const size_t days = (size_t)(after - first);
    struct cdn_calendar c;
    memset(&c, 0, sizeof c);
    c.alloc = alloc;
    c.starts = cdn_alloc(alloc, 2 * days * sizeof *c.starts);
    if (c.starts == NULL) {
        return cdn_fail(e, CORDON_E_NOMEM, "no memory for a calendar");
    }
    c.capacity = days;
    c.ends = c.starts + days;
    const int err = fill(zone, rules, first, after, &c, e);
    if (err != 0) {
        cdn_calendar_free(&c);
        return err;
    }
    *ret = c;
    return 0;
}

void cdn_calendar_free(struct cdn_calendar *calendar) {
    if (calendar->starts != NULL) {
        cdn_free(calendar->alloc, calendar->starts, 2 * calendar->capacity * sizeof *calendar->starts);
    }
    memset(calendar, 0, sizeof *calendar);
}

int cdn_calendar_after(const struct cdn_calendar *calendar, int64_t instant, unsigned n, int64_t *ret) {
    if (n == 0 || instant < calendar->from || instant >= calendar->until) {
        return CORDON_E_RANGE;
    }
    size_t low = 0, high = calendar->count; /* first business day that begins after the instant */
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (calendar->starts[middle] <= instant) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (n > calendar->count - low) {
        return CORDON_E_RANGE;
    }
    *ret = calendar->ends[low + n - 1];
    return 0;
}

int cdn_nth_weekday(int32_t year, unsigned month, unsigned weekday, int n, int32_t *ret_day) {
    if (month < 1 || month > 12 || weekday > 6 || n == 0 || n < -1 || n > 5 || year < 1 || year > 9998) {
        return CORDON_E_RANGE;
    }
    const int64_t first = cdn_days_from_civil(year, month, 1);
    const int64_t after =
        month == 12 ? cdn_days_from_civil(year + 1, 1, 1) : cdn_days_from_civil(year, month + 1, 1);
    int64_t day = first + (7 + weekday - weekday_of(first)) % 7;
    if (n == -1) {
        while (day + 7 < after) {
            day += 7;
        }
    } else {
        day += 7 * (n - 1);
    }
    if (day >= after) {
        return CORDON_E_RANGE;
    }
    *ret_day = (int32_t)day;
    return 0;
}
