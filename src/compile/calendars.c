/* SPDX-License-Identifier: Apache-2.0 */
/* calendars.c: business calendars → one row for each civil day: when it begins, and how many business days
 * came before it. So that "ten business days after" is a look-up, and no zone is needed to decide.
 *
 * The rows span the years that the rulebook speaks of and ten more: what no rule mentions no calendar needs.
 */
#include "base/num.h"
#include "compile/build_priv.h"
#include "zone/zone.h"

#define YEARS_AFTER 10
#define FIRST_YEAR 1970
#define LAST_YEAR 2200

struct years {
    int32_t first, last;
};

static void stretch(struct years *y, int64_t at) {
    if (at <= CDN_TIME_MIN || at >= CDN_TIME_MAX)
        return;
    const int32_t year = CDN_MAX(FIRST_YEAR, CDN_MIN(LAST_YEAR, cdn_civil_from_time(at).year));
    y->first = CDN_MIN(y->first, year);
    y->last = CDN_MAX(y->last, year);
}

static struct years years_of(const struct cdn_rulebook *rb, const struct cdn_calendar_decl *c) {
    struct years y = {LAST_YEAR, FIRST_YEAR};
    for (uint32_t i = 0; i < rb->measure_count; i++) {
        if (rb->measures[i].effective.written.n)
            stretch(&y, rb->measures[i].effective.at);
        if (rb->measures[i].until.written.n)
            stretch(&y, rb->measures[i].until.at);
    }
    for (uint32_t i = 0; i < c->holiday_count; i++)
        stretch(&y, (int64_t)c->holidays[i] * 86400);
    if (y.first > y.last)
        y = (struct years){2020, 2020};
    y.last = CDN_MIN(LAST_YEAR, y.last + YEARS_AFTER);
    return y;
}

static bool is_holiday(const struct cdn_calendar_decl *c, int32_t day) {
    for (uint32_t i = 0; i < c->holiday_count; i++)
        if (c->holidays[i] == day)
            return true;
    return false;
}

static int64_t day_start(struct cdn_build *b, const struct cdn_zone *zone, int32_t day) {
    const struct cdn_civil c = cdn_civil_from_time((int64_t)day * 86400);
    int64_t at = 0;
    const int err = cdn_zone_day_start(zone, c.year, c.month, c.day, &at, b->e);
    if (err && !b->err)
        b->err = err;
    return at;
}

static void add_calendar(struct cdn_build *b, const struct cdn_calendar_decl *c) {
    const struct years y = years_of(b->rb, c);
    const int32_t first = (int32_t)cdn_days_from_civil(y.first, 1, 1);
    const int32_t last = (int32_t)cdn_days_from_civil(y.last, 12, 31);
    struct cdn_calendar_rec r;
    memset(&r, 0, sizeof(r));
    r.id = cdn_build_str(b, c->id);
    r.title = cdn_build_str(b, c->title);
    r.zone = cdn_build_str(b, c->zone);
    r.first_day = first;
    r.days = (struct cdn_run){(uint32_t)b->tables[CDN_T_CALDAY].count, (uint32_t)(last - first + 1)};
    uint32_t business = 0;
    struct cdn_zone *zone = NULL;
    const cordon_str name = c->zone.n ? c->zone : CDN_STR("UTC");
    const int err = b->err ? 0
                           : cdn_zone_open(b->options->zoneinfo ? b->options->zoneinfo : CDN_ZONE_DIR,
                                           name,
                                           &b->arena->as_alloc, /* which frees the zone as well */
                                           &zone,
                                           b->e);
    if (err && !b->err)
        b->err = err;
    for (int32_t day = first; day <= last && !b->err; day++) {
        const unsigned weekday = (unsigned)((day % 7 + 10) % 7); /* day 0 was a Thursday: 3 */
        const bool works = ((c->weekend >> weekday) & 1) == 0 && !is_holiday(c, day);
        const struct cdn_calday_rec row = {
            day_start(b, zone, day), business | (works ? CDN_CALDAY_BUSINESS : 0), 0};
        (void)cdn_build_add(b, CDN_T_CALDAY, &row, 1);
        business += works;
    }
    (void)cdn_build_add(b, CDN_T_CALENDAR, &r, 1);
}

void cdn_build_calendars(struct cdn_build *b) {
    for (uint32_t i = 0; i < b->rb->calendar_count && !b->err; i++)
        add_calendar(b, &b->rb->calendars[i]);
}
