/* SPDX-License-Identifier: Apache-2.0 */
/* zone/zone_priv.h: a zone in memory, and the two grammars that make one. */
#ifndef CDN_ZONE_PRIV_H
#define CDN_ZONE_PRIV_H

#include "zone/zone.h"

struct cdn_zone_type {
    int32_t seconds; /* east of UTC */
    bool dst;
    char abbreviation[CDN_ZONE_ABBREV];
};

/* "Mm.w.d/time", "Jn/time", "n/time" of a POSIX TZ string. */
enum cdn_zone_day_rule { CDN_ZONE_NTH_WEEKDAY, CDN_ZONE_JULIAN_1, CDN_ZONE_JULIAN_0 };
struct cdn_zone_date {
    enum cdn_zone_day_rule rule;
    int month, week, weekday; /* weekday 0 = Sunday; week 5 = last */
    int day;
    int32_t time; /* seconds after local midnight; may be negative or beyond a day */
};

struct cdn_zone_footer {
    bool present, has_dst;
    struct cdn_zone_type standard, summer;
    struct cdn_zone_date begin, end; /* of summer time: begin in standard, end in summer time */
};

struct cdn_zone {
    const struct cordon_alloc *alloc;
    size_t size; /* of this block, arrays and name included */
    cordon_str name;
    bool fixed;
    const int64_t *times; /* transitions, ascending */
    const uint8_t *kinds; /* type after each */
    size_t time_count;
    const struct cdn_zone_type *types; /* types[0] holds before the first transition */
    size_t type_count;
    struct cdn_zone_footer footer;
};

/* tzif.c. The block is released with cdn_zone_free(). */
int cdn_zone_parse_tzif(cordon_str name,
                        cordon_str bytes,
                        const struct cordon_alloc *alloc,
                        struct cdn_zone **ret,
                        struct cordon_error *e) CORDON_MUST_CHECK;
/* A zone of one offset. */
int cdn_zone_make_fixed(cordon_str name,
                        const struct cdn_zone_type *type,
                        const struct cordon_alloc *alloc,
                        struct cdn_zone **ret,
                        struct cordon_error *e) CORDON_MUST_CHECK;
/* posix_tz.c. `s` is the footer without its line feeds; empty: nothing is known after the last transition. */
int cdn_zone_parse_footer(cordon_str s,
                          struct cdn_zone_footer *ret,
                          struct cordon_error *e) CORDON_MUST_CHECK;
/* The type that a footer gives at an instant, and the first change after it (CDN_TIME_MAX: none). */
const struct cdn_zone_type *cdn_zone_footer_at(const struct cdn_zone_footer *f, int64_t instant);
int64_t cdn_zone_footer_next(const struct cdn_zone_footer *f, int64_t instant);

#endif
