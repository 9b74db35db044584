/* SPDX-License-Identifier: Apache-2.0 */
/* duty.c: when a duty falls due, and whether the duties of an earlier lift were kept.
 *
 * A duty of days, months or years falls due at the end of its last day, counted after the day of the
 * decision: in its calendar where it has one, else in UTC. So the due instant is the same for all decisions
 * of one day, and a decision can be kept until the day is over. */
#include "decide/decide_priv.h"

enum { DAY = 86400 };

static uint32_t business_of(const struct cdn_calday_rec *c) {
    return c->business & ~CDN_CALDAY_BUSINESS;
}
/* Business days up to the end of that day. */
static uint32_t business_through(const struct cdn_calday_rec *c) {
    return business_of(c) + ((c->business & CDN_CALDAY_BUSINESS) != 0);
}

/* The row of the calendar in which the instant lies; -1: none. */
static int64_t row_of(const struct cdn_calday_rec *days, uint32_t count, int64_t at) {
    uint32_t lo = 0, hi = count;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (days[mid].starts <= at)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo == 0 || lo == count ? -1 : (int64_t)lo - 1; /* the end of the last day is not known */
}

/* The first row after `row` by whose end `n` more business days have passed; -1: beyond the calendar. */
static int64_t row_business(const struct cdn_calday_rec *days, uint32_t count, uint32_t row, int32_t n) {
    const uint64_t wanted = (uint64_t)business_through(&days[row]) + (uint64_t)CDN_MAX(n, 0);
    uint32_t lo = row, hi = count;
    while (lo < hi) {
        const uint32_t mid = lo + (hi - lo) / 2;
        if (business_through(&days[mid]) < wanted)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo == count ? -1 : (int64_t)lo;
}

/* The day `months` later, the last of its month where there is no such day. */
static int64_t add_months(int64_t day, int64_t months) {
    const struct cdn_civil c = cdn_civil_from_time(day * DAY);
    const int64_t m = (int64_t)c.year * 12 + (c.month - 1) + months;
    const int32_t year = (int32_t)(m / 12);
    const unsigned month = (unsigned)(m % 12) + 1;
    const int64_t first = cdn_days_from_civil(year, month, 1);
    const int64_t next =
        month == 12 ? cdn_days_from_civil(year + 1, 1, 1) : cdn_days_from_civil(year, month + 1, 1);
    return CDN_MIN(first + c.day - 1, next - 1);
}

static int64_t add_days(const struct cdn_duty_rec *duty, int64_t day) {
    if (duty->unit == CDN_UNIT_MONTHS)
        return add_months(day, duty->amount);
    return duty->unit == CDN_UNIT_YEARS ? add_months(day, (int64_t)duty->amount * 12) : day + duty->amount;
}

static bool due_by_calendar(struct cdn_decider *d, const struct cdn_duty_rec *duty, int64_t *ret_due) {
    const struct cdn_calendar_rec *cal = &d->snap->calendars[duty->calendar];
    const struct cdn_calday_rec *days = &d->snap->caldays[cal->days.first];
    const int64_t row = row_of(days, cal->days.count, d->at);
    if (row < 0) {
        if (cal->days.count)
            cdn_decide_edge(d, days[0].starts);
        return false;
    }
    cdn_decide_edge(d, days[row + 1].starts);
    const int64_t last = duty->unit == CDN_UNIT_BUSINESS_DAYS
                             ? row_business(days, cal->days.count, (uint32_t)row, duty->amount)
                             : add_days(duty, cal->first_day + row) - cal->first_day;
    if (last < 0 || last + 1 >= (int64_t)cal->days.count)
        return false;
    *ret_due = days[last + 1].starts;
    return true;
}

/* IMPLEMENTS: CS-DUTY */
bool cdn_decide_due(struct cdn_decider *d, const struct cdn_duty_rec *duty, int64_t *ret_due) {
    static const int64_t seconds[CDN_UNIT_COUNT] = {
        [CDN_UNIT_SECONDS] = 1, [CDN_UNIT_MINUTES] = 60, [CDN_UNIT_HOURS] = 3600};
    if (duty->unit == CDN_UNIT_NONE)
        return false;
    if (seconds[duty->unit]) {
        cdn_decide_edge(d, d->at + 1);
        *ret_due = d->at + seconds[duty->unit] * duty->amount;
        return true;
    }
    if (duty->calendar != CDN_NO_INDEX)
        return due_by_calendar(d, duty, ret_due);
    if (duty->unit == CDN_UNIT_BUSINESS_DAYS)
        return false;
    const int64_t day = (d->at - (d->at % DAY + DAY) % DAY) / DAY;
    cdn_decide_edge(d, (day + 1) * DAY);
    *ret_due = (add_days(duty, day) + 1) * DAY;
    return true;
}

/* The duty as an earlier decision under the same reference left it. NULL: nothing is known. */
const struct cdn_state *cdn_decide_duty_state(const struct cdn_decider *d,
                                              const struct cdn_measure_rec *licence,
                                              uint32_t *from) {
    const cordon_str id = cdn_snap_str(d->snap, licence->id);
    const cordon_str reference = d->request->reference;
    for (uint32_t i = *from; i < d->request->state_count; i++) {
        const struct cdn_state *s = &d->request->state[i];
        if (s->kind == CDN_STATE_DUTY && cdn_str_eq(s->measure, id) &&
            (!s->reference.n || !reference.n || cdn_str_eq(s->reference, reference))) {
            *from = i + 1;
            return s;
        }
    }
    return NULL;
}

/* Kept while it is not yet due, and for good if it was done in time. What is done too late was not kept: the
 * permission never covered it.
 *
 * IMPLEMENTS: CS-PROVISIONAL */
unsigned cdn_decide_duties_kept(struct cdn_decider *d, const struct cdn_measure_rec *licence) {
    unsigned kept = CORDON_TRUE;
    uint32_t from = 0;
    const struct cdn_state *s = NULL;
    while (d->request->state_count && (s = cdn_decide_duty_state(d, licence, &from))) {
        if (s->due_have != CDN_HAVE_VALUE)
            continue;
        cdn_decide_edge_when(d, s->due);
        unsigned in_time = (unsigned)cdn_when_not_after(cdn_when_instant(d->at), s->due);
        if (s->done_have == CDN_HAVE_VALUE)
            in_time = cdn_truth_or(in_time, (unsigned)cdn_when_not_after(s->done, s->due));
        kept = cdn_truth_and(kept, in_time);
    }
    return kept;
}

void cdn_decide_hit_edges(struct cdn_decider *d, const struct cdn_measure_rec *m) {
    int64_t due = 0;
    for (uint32_t i = m->duties.first; i < m->duties.first + m->duties.count; i++)
        (void)cdn_decide_due(d, &d->snap->duties[i], &due);
    for (uint32_t i = m->keeps.first; i < m->keeps.first + m->keeps.count; i++)
        cdn_decide_edge(d, d->snap->keeps[i].until.at);
}
