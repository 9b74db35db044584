/* SPDX-License-Identifier: Apache-2.0 */
/* iin.h: the country of a card's issuer, by the first digits of its number (ISO/IEC 7812 IIN, 6 or 8 digits).
 *
 * A table is a view of the bytes of a snapshot section (format: iin.c), checked completely when opened.
 * Anything from 6 digits on may be asked; more digits than a range distinguishes do no harm. */
#ifndef CDN_PLACES_IIN_H
#define CDN_PLACES_IIN_H

#include "base/base.h"

#define CDN_IIN_DIGITS 12      /* of a range's ends, at most; shorter ones are filled up */
#define CDN_IIN_DIGITS_LEAST 4 /* of a range's ends */
#define CDN_IIN_ASK_LEAST 6    /* fewer digits name no issuer */
#define CDN_IIN_ASK_MOST 19    /* digits of a card number */

/* Treat as opaque. The section must outlive it. */
struct cdn_iin_table {
    const uint64_t *runs;
    uint32_t count;
    uint32_t ranges;    /* in the input */
    int64_t date;       /* of the data, seconds since 1970 */
    uint8_t sha256[32]; /* of the input */
};

/* `section` must be 8-aligned. CORDON_E_ARG, CORDON_E_VERSION, CORDON_E_FORMAT. */
int cdn_iin_open(const void *section, size_t size, struct cdn_iin_table *ret, struct cordon_error *e)
    CORDON_MUST_CHECK;

/* The issuer's country ('U' << 8 | 'A') for the first digits of a card number, 0 when no range covers them.
 * CORDON_E_CONFLICT: numbers with different answers begin with these digits; ask with more of them.
 * CORDON_E_SYNTAX: not 6..19 digits. */
int cdn_iin_lookup(const struct cdn_iin_table *t, cordon_str digits, uint16_t *ret) CORDON_MUST_CHECK;

#endif
