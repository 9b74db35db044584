/* SPDX-License-Identifier: Apache-2.0 */
/* zone.c: offsets at instants, and civil times to instants.
 *
 * A civil time c is the instant t when t = c - offset(t). Each offset that the zone has within 26 hours of c
 * is tried; the number of solutions is the answer: none is a gap, one is plain, more are an overlap. This
 * needs no case distinction and is right for shifts of a whole day (Samoa in December 2011) as well. */
#include "zone/zone_priv.h"

#define NEAR 100000    /* seconds: more than any two offsets lie apart */
#define CHANGES_MAX 64 /* transitions looked at within that time; real zones have two */
#define SOLUTIONS_MAX 8

void cdn_zone_free(struct cdn_zone *zone) {
    if (zone != NULL) {
        cdn_free(zone->alloc, zone, zone->size);
    }
}

cordon_str cdn_zone_name(const struct cdn_zone *zone) {
    return zone->name;
}

bool cdn_zone_is_fixed(const struct cdn_zone *zone) {
    return zone->fixed;
}

int cdn_zone_from_tzif(cordon_str name,
                       cordon_str bytes,
                       const struct cordon_alloc *alloc,
                       struct cdn_zone **ret,
                       struct cordon_error *e) {
    return cdn_zone_parse_tzif(name, bytes, alloc, ret, e);
}

/* Number of transitions at or before an instant. */
static size_t passed(const struct cdn_zone *z, int64_t instant) {
    size_t low = 0, high = z->time_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (z->times[middle] <= instant) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static const struct cdn_zone_type *type_at(const struct cdn_zone *z, int64_t instant) {
    const size_t n = passed(z, instant);
    if (n == z->time_count && z->footer.present) {
        return cdn_zone_footer_at(&z->footer, instant);
    }
    return &z->types[n == 0 ? 0 : z->kinds[n - 1]];
}

struct cdn_zone_offset cdn_zone_offset_at(const struct cdn_zone *zone, int64_t instant) {
    const struct cdn_zone_type *type = type_at(zone, instant);
    struct cdn_zone_offset o = {.seconds = type->seconds, .dst = type->dst};
    memcpy(o.abbreviation, type->abbreviation, sizeof o.abbreviation);
    return o;
}

struct cdn_civil cdn_zone_civil(const struct cdn_zone *zone, int64_t instant, int32_t *ret_offset) {
    const int32_t seconds = type_at(zone, instant)->seconds;
    if (ret_offset != NULL) {
        *ret_offset = seconds;
    }
    return cdn_civil_from_time(instant + seconds);
}

int64_t cdn_zone_next_change(const struct cdn_zone *zone, int64_t instant) {
    const size_t n = passed(zone, instant);
    if (n < zone->time_count) {
        return zone->times[n];
    }
    return zone->footer.present ? cdn_zone_footer_next(&zone->footer, instant) : CDN_TIME_MAX;
}

/* ---- civil to instant --------------------------------------------------------------------------------- */

struct solutions {
    int64_t instants[SOLUTIONS_MAX]; /* ascending */
    size_t count;
    int64_t gap_at; /* the transition whose gap holds the civil time, when there is no solution */
    int32_t before, after;
};

static void add_solution(struct solutions *s, int64_t t) {
    size_t at = s->count;
    for (size_t i = 0; i < s->count; i++) {
        if (s->instants[i] == t) {
            return;
        }
    }
    if (s->count == SOLUTIONS_MAX) {
        return;
    }
    for (; at > 0 && s->instants[at - 1] > t; at--) {
        s->instants[at] = s->instants[at - 1];
    }
    s->instants[at] = t;
    s->count++;
}

/* All instants at which the clock shows `local` (seconds, as if UTC). */
static struct solutions solve(const struct cdn_zone *z, int64_t local) {
    struct solutions s;
    int64_t from = local - NEAR;
    memset(&s, 0, sizeof s);
    for (int i = 0; i < CHANGES_MAX && from <= local + NEAR; i++) {
        const int32_t offset = type_at(z, from)->seconds;
        const int64_t t = local - offset, until = cdn_zone_next_change(z, from);
        if (type_at(z, t)->seconds == offset) {
            add_solution(&s, t);
        }
        const int32_t next = type_at(z, until)->seconds;
        if (local >= until + offset && local < until + next) {
            s.gap_at = until;
            s.before = offset;
            s.after = next;
        }
        from = until;
    }
    return s;
}

static void write_offset(struct cdn_buf *b, int32_t seconds) {
    const unsigned v = (unsigned)(seconds < 0 ? -seconds : seconds);
    cdn_buf_printf(b, "%c%02u:%02u", seconds < 0 ? '-' : '+', v / 3600, v / 60 % 60);
    if (v % 60 != 0) {
        cdn_buf_printf(b, ":%02u", v % 60);
    }
}

/* "2022-03-13T02:30:00" and its offset, into `storage`. */
static const char *local_text(int64_t local, int32_t offset, bool with_offset, char storage[64]) {
    struct cdn_buf b;
    const struct cdn_civil c = cdn_civil_from_time(local);
    cdn_buf_fixed(&b, storage, 63);
    cdn_buf_printf(&b,
                   "%04ld-%02u-%02uT%02u:%02u:%02u",
                   (long)c.year,
                   (unsigned)c.month,
                   (unsigned)c.day,
                   (unsigned)c.hour,
                   (unsigned)c.minute,
                   (unsigned)c.second);
    if (with_offset) {
        write_offset(&b, offset);
    }
    storage[b.n] = '\0';
    return storage;
}

static int fail_gap(const struct cdn_zone *z,
                    int64_t local,
                    const struct solutions *s,
                    struct cordon_error *e) {
    char a[64], b[64], c[64];
    (void)cdn_fail(e,
                   CORDON_E_RANGE,
                   "%s does not exist in %.*s: clocks go from %s to %s",
                   local_text(local, 0, false, a),
                   CDN_FMT(z->name),
                   local_text(s->gap_at + s->before, s->before, true, b),
                   local_text(s->gap_at + s->after, s->after, true, c));
    cdn_error_hint(e,
                   "write %s or %s",
                   local_text(local - s->before + s->after, s->after, true, a),
                   local_text(local - s->after + s->before, s->before, true, b));
    return CORDON_E_RANGE;
}

static int fail_twice(const struct cdn_zone *z,
                      int64_t local,
                      const struct solutions *s,
                      struct cordon_error *e) {
    char a[64], b[64];
    const struct cdn_zone_type *first = type_at(z, s->instants[0]),
                               *last = type_at(z, s->instants[s->count - 1]);
    (void)cdn_fail(
        e, CORDON_E_CONFLICT, "%s occurs twice in %.*s", local_text(local, 0, false, a), CDN_FMT(z->name));
    cdn_error_hint(e,
                   "write %s (%s) or %s (%s)",
                   local_text(local, first->seconds, true, a),
                   first->abbreviation,
                   local_text(local, last->seconds, true, b),
                   last->abbreviation);
    return CORDON_E_CONFLICT;
}

static int fail_offset(const struct cdn_zone *z,
                       int64_t local,
                       int32_t offset,
                       const struct solutions *s,
                       struct cordon_error *e) {
    char a[64], b[64];
    (void)cdn_fail(e,
                   CORDON_E_CONFLICT,
                   "%.*s has another offset at %s",
                   CDN_FMT(z->name),
                   local_text(local, offset, true, a));
    cdn_error_hint(e, "it has %s", local_text(local, type_at(z, s->instants[0])->seconds, true, b));
    return CORDON_E_CONFLICT;
}

int cdn_zone_resolve(const struct cdn_zone *zone,
                     const struct cdn_civil *civil,
                     int32_t offset,
                     int64_t *ret_instant,
                     int32_t *ret_offset,
                     struct cordon_error *e) {
    if (!cdn_civil_valid(civil)) {
        return cdn_fail(e, CORDON_E_RANGE, "not a date and time of the calendar");
    }
    const int64_t local = cdn_time_from_civil(civil);
    const struct solutions s = solve(zone, local);
    if (s.count == 0) {
        return fail_gap(zone, local, &s, e);
    }
    size_t chosen = 0;
    if (offset == CDN_ZONE_ANY_OFFSET) {
        if (s.count > 1) {
            return fail_twice(zone, local, &s, e);
        }
    } else {
        while (chosen < s.count && local - s.instants[chosen] != offset) {
            chosen++;
        }
        if (chosen == s.count) {
            return fail_offset(zone, local, offset, &s, e);
        }
    }
    *ret_instant = s.instants[chosen];
    if (ret_offset != NULL) {
        *ret_offset = (int32_t)(local - s.instants[chosen]);
    }
    return 0;
}

int cdn_zone_day_start(const struct cdn_zone *zone,
                       int32_t year,
                       unsigned month,
                       unsigned day,
                       int64_t *ret_instant,
                       struct cordon_error *e) {
    const struct cdn_civil midnight = {.year = year, .month = (uint8_t)month, .day = (uint8_t)day};
    if (month > 12 || day > 31 || !cdn_civil_valid(&midnight)) {
        return cdn_fail(e, CORDON_E_RANGE, "not a date of the calendar");
    }
    const struct solutions s = solve(zone, cdn_time_from_civil(&midnight));
    *ret_instant = s.count > 0 ? s.instants[0] : s.gap_at;
    return 0;
}
