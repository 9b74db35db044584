/* SPDX-License-Identifier: Apache-2.0 */
/* num.h: exact numbers (decimals, never floating point) and the civil calendar (no clock, no zone files). */
#ifndef CDN_NUM_H
#define CDN_NUM_H

#include "base/base.h"

/* mantissa * 10^-scale, scale 0..18. Two decimals of equal value compare equal whatever their scale. */
struct cdn_decimal {
    int64_t mantissa;
    uint8_t scale;
};
/* "6200.00", "-3", "0.5": optional sign, digits, optional fraction; no exponent, no thousands separator.
 * CORDON_E_SYNTAX, or CORDON_E_RANGE when more than 18 digits are needed. */
int cdn_decimal_parse(cordon_str s, struct cdn_decimal *ret) CORDON_MUST_CHECK;
int cdn_decimal_cmp(struct cdn_decimal a, struct cdn_decimal b); /* <0, 0, >0 */
/* CORDON_E_RANGE on overflow. Division rounds half to even at `scale` digits. */
int cdn_decimal_add(struct cdn_decimal a, struct cdn_decimal b, struct cdn_decimal *ret) CORDON_MUST_CHECK;
int cdn_decimal_sub(struct cdn_decimal a, struct cdn_decimal b, struct cdn_decimal *ret) CORDON_MUST_CHECK;
int cdn_decimal_mul(struct cdn_decimal a, struct cdn_decimal b, struct cdn_decimal *ret) CORDON_MUST_CHECK;
int cdn_decimal_div(struct cdn_decimal a, struct cdn_decimal b, uint8_t scale, struct cdn_decimal *ret)
    CORDON_MUST_CHECK;
void cdn_decimal_write(struct cdn_buf *b, struct cdn_decimal v); /* canonical: trailing zeros removed */

/* Instants: seconds since 1970-01-01T00:00:00Z, proleptic Gregorian, no leap seconds. */
#define CDN_TIME_MIN (INT64_MIN / 4) /* "since ever" */
#define CDN_TIME_MAX (INT64_MAX / 4) /* "for ever" */

struct cdn_civil {
    int32_t year;
    uint8_t month, day;           /* from 1 */
    uint8_t hour, minute, second; /* 0..23, 0..59, 0..59 */
};
int64_t cdn_days_from_civil(int32_t year, unsigned month, unsigned day); /* days since 1970-01-01 */
struct cdn_civil cdn_civil_from_time(int64_t t);                         /* in UTC */
int64_t cdn_time_from_civil(const struct cdn_civil *c);                  /* taken as UTC */
bool cdn_civil_valid(const struct cdn_civil *c);
/* "YYYY-MM-DDTHH:MM:SS(Z|±HH:MM)"; seconds optional; fractions are cut. *ret_offset: seconds east of UTC. */
int cdn_time_parse(cordon_str s, int64_t *ret, int32_t *ret_offset) CORDON_MUST_CHECK;
void cdn_time_write(struct cdn_buf *b, int64_t t); /* "2022-03-05T05:00:00Z" */

/* A moment as somebody wrote it: an instant, a day, a month or a year. As an interval of instants
 * [lo, hi) it is exact for an instant (hi = lo+1); a day without a zone can begin 14 hours before and end
 * 12 hours after the same day in UTC. Comparison is three-valued. */
enum cdn_when_kind { CDN_WHEN_INSTANT, CDN_WHEN_DAY, CDN_WHEN_MONTH, CDN_WHEN_YEAR };
struct cdn_when {
    uint8_t kind;  /* enum cdn_when_kind */
    int64_t first; /* instant; or the first day as days*86400, taken as UTC */
    int64_t after; /* first+1; or the first day after it */
};
int cdn_when_parse(cordon_str s, struct cdn_when *ret) CORDON_MUST_CHECK; /* RFC 3339, or YYYY[-MM[-DD]] */
void cdn_when_write(struct cdn_buf *b, struct cdn_when w);
struct cdn_when cdn_when_instant(int64_t t);
/* a < b, a <= b … as cordon_truth: CORDON_UNKNOWN when the intervals overlap without deciding it. Two
 * calendar values compare by the calendar, an instant against a calendar value by instants. */
int cdn_when_before(struct cdn_when a, struct cdn_when b);         /* a < b  */
int cdn_when_not_after(struct cdn_when a, struct cdn_when b);      /* a <= b */
int cdn_when_same(struct cdn_when a, struct cdn_when b);           /* a == b */
struct cdn_when cdn_when_plus(struct cdn_when a, int64_t seconds); /* saturates */

#endif
