/* SPDX-License-Identifier: Apache-2.0 */
/* zone/zone.h: civil time in a zone ↔ instants, from the system's TZif files (RFC 8536, RFC 9636). Write
 * side.
 *
 * Always true here:
 *  1. the directory of the zone files is an argument; nothing reads TZ or the clock;
 *  2. a local time that does not exist, or exists twice, is an error that names both candidates;
 *  3. a file is checked completely before it is used; a damaged one is CORDON_E_FORMAT and nothing else;
 *  4. times after a file's last transition follow its POSIX footer, before the first one its first
 *     type (local mean time in most files). */
#ifndef CDN_ZONE_H
#define CDN_ZONE_H

#include "base/num.h"

#define CDN_ZONE_DIR "/usr/share/zoneinfo"
#define CDN_ZONE_FILE_MAX ((size_t)1 << 20)
#define CDN_ZONE_ABBREV 16 /* longest abbreviation and its NUL */
#define CDN_ZONE_ANY_OFFSET INT32_MIN

struct cdn_zone; /* immutable; safe to share between threads */

/* `name`: an IANA zone ("America/New_York", also links), a fixed zone (Z, UTC, GMT, "+03:00"), or one of the
 * fixed abbreviations of legal texts: EST EDT CST CDT MST MDT PST PDT, MSK, CET, CEST, EET, EEST, WET, WEST,
 * BST, JST (always that offset, all year: "eastern daylight time" in December is still UTC-4). CORDON_E_NAME:
 * no such zone, with the nearest in the hint; CORDON_E_FORMAT: damaged file; CORDON_E_IO. Free with
 * cdn_zone_free(). */
int cdn_zone_open(const char *dir,
                  cordon_str name,
                  const struct cordon_alloc *alloc,
                  struct cdn_zone **ret,
                  struct cordon_error *e) CORDON_MUST_CHECK;
/* The same from bytes (tests, fuzzing, a zone kept elsewhere). `name` is copied. */
int cdn_zone_from_tzif(cordon_str name,
                       cordon_str bytes,
                       const struct cordon_alloc *alloc,
                       struct cdn_zone **ret,
                       struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_zone_free(struct cdn_zone *zone); /* accepts NULL */
cordon_str cdn_zone_name(const struct cdn_zone *zone);
bool cdn_zone_is_fixed(const struct cdn_zone *zone);

struct cdn_zone_offset {
    int32_t seconds; /* east of UTC */
    bool dst;
    char abbreviation[CDN_ZONE_ABBREV];
};
/* Offset in force at an instant. Total: every instant between CDN_TIME_MIN and CDN_TIME_MAX has one. */
struct cdn_zone_offset cdn_zone_offset_at(const struct cdn_zone *zone, int64_t instant);
struct cdn_civil cdn_zone_civil(const struct cdn_zone *zone, int64_t instant, int32_t *ret_offset);

/* Civil time to instant. `offset` (seconds east) disambiguates or checks: it must be the zone's own offset
 * at that moment; CDN_ZONE_ANY_OFFSET when the text gave none. CORDON_E_RANGE: the local time does not exist
 * (a gap; the message names the instants just before and after) or the civil time is no date.
 * CORDON_E_CONFLICT: it exists twice and no offset chose (both named), or the given offset is not one the
 * zone has then. */
int cdn_zone_resolve(const struct cdn_zone *zone,
                     const struct cdn_civil *civil,
                     int32_t offset,
                     int64_t *ret_instant,
                     int32_t *ret_offset,
                     struct cordon_error *e) CORDON_MUST_CHECK;
/* The instant at which the civil day begins: its midnight, or the first instant after a gap that swallows
 * midnight, or the earlier of two midnights. Never fails for a valid date. */
int cdn_zone_day_start(const struct cdn_zone *zone,
                       int32_t year,
                       unsigned month,
                       unsigned day,
                       int64_t *ret_instant,
                       struct cordon_error *e) CORDON_MUST_CHECK;
/* First instant after `instant` at which offset or abbreviation may change; CDN_TIME_MAX: never. */
int64_t cdn_zone_next_change(const struct cdn_zone *zone, int64_t instant);

/* Version of the time-zone database in `dir` ("2026f"), from tzdata.zi or +VERSION. CORDON_E_NOTFOUND:
 * neither. */
int cdn_zone_db_version(const char *dir, char ret[16], struct cordon_error *e) CORDON_MUST_CHECK;
/* Nearest zone name for a misspelt one, written to `ret`; false when none is near. */
#define CDN_ZONE_NAME_MAX 64
bool cdn_zone_suggest(const char *dir,
                      cordon_str name,
                      const struct cordon_alloc *alloc,
                      char ret[CDN_ZONE_NAME_MAX]);

/* ---- business days ---------------------------------------------------------------------------------- */

/* Days since 1970-01-01; holidays ascending or not, duplicates allowed. */
struct cdn_calendar_rules {
    uint8_t weekend;         /* bit 0 = Monday … bit 6 = Sunday; 0x60 = Saturday and Sunday */
    const int32_t *holidays; /* civil days since 1970-01-01 in the calendar's zone */
    size_t holiday_count;
};
/* Business days of the years [first_year, last_year] in a zone, each as the instant at which it begins. */
struct cdn_calendar {
    const struct cordon_alloc *alloc;
    int64_t *starts; /* beginnings of business days, ascending, UTC instants */
    int64_t *ends;   /* beginning of the civil day after each */
    size_t count, capacity;
    int64_t from, until; /* the table speaks for [from, until) */
};
int cdn_calendar_build(const struct cdn_zone *zone,
                       const struct cdn_calendar_rules *rules,
                       int32_t first_year,
                       int32_t last_year,
                       const struct cordon_alloc *alloc,
                       struct cdn_calendar *ret,
                       struct cordon_error *e) CORDON_MUST_CHECK;
void cdn_calendar_free(struct cdn_calendar *calendar);
/* End of the n-th business day after the day of `instant`: "within 10 business days" holds while now < *ret.
 * The day of `instant` itself does not count. n >= 1. CORDON_E_RANGE: beyond the table. */
int cdn_calendar_after(const struct cdn_calendar *calendar, int64_t instant, unsigned n, int64_t *ret)
    CORDON_MUST_CHECK;
/* n-th weekday of a month as civil day since 1970-01-01: weekday 0 = Monday, n 1..5, or -1 for the last.
 * CORDON_E_RANGE when the month has no such day. */
int cdn_nth_weekday(int32_t year, unsigned month, unsigned weekday, int n, int32_t *ret_day)
    CORDON_MUST_CHECK;

#endif
