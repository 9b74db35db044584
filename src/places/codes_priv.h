/* SPDX-License-Identifier: Apache-2.0 */
/* places/codes_priv.h: what the parsers of identifiers share. */
#ifndef CDN_PLACES_CODES_PRIV_H
#define CDN_PLACES_CODES_PRIV_H

#include "places/codes.h"

static inline bool cdn_places_is_digit(char c) {
    return c >= '0' && c <= '9';
}
static inline bool cdn_places_is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
static inline char cdn_places_upper(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

/* Copies the letters and digits of `s`, upper case, to `out` (NUL-terminated), leaving out the characters of
 * `skip`. Returns how many; SIZE_MAX when another character occurs or more than `max` remain. */
size_t cdn_places_compact(cordon_str s, const char *skip, char *out, size_t max);
bool cdn_places_all_digits(const char *p, size_t n);
/* A result that says nothing yet but its value (n <= CDN_IDENT_MAX). */
struct cdn_ident cdn_places_ident(const char *value, size_t n);
/* "UA" → packed, "" → 0. Trusts its argument: a literal of one of the tables. */
static inline uint16_t cdn_places_lit(const char *two) {
    return two[0] == '\0' ? CDN_COUNTRY_NONE : CDN_COUNTRY(two[0], two[1]);
}

/* Check digits over n ASCII digits, all included. */
bool cdn_places_luhn(const char *p, size_t n);
bool cdn_places_mod11_10(const char *p, size_t n);                       /* ISO 7064 hybrid MOD 11,10 */
unsigned cdn_places_mod(const char *p, size_t n, unsigned m);            /* the number modulo m < 2^24 */
int cdn_places_weighted(const char *p, const int8_t *weights, size_t n); /* sum of digit * weight */

/* Error of a wrong check digit: CORDON_E_DIGEST. */
int cdn_places_wrong_check(struct cordon_error *e, const char *what, cordon_str s);

/* codes_vat.c: one EU number without its prefix, compacted. `prefix` is "AT" … "XI". Fills check, country,
 * note. */
int cdn_places_vat_body(uint16_t prefix,
                        const char *p,
                        size_t n,
                        struct cdn_ident *ret,
                        struct cordon_error *e) CORDON_MUST_CHECK;
/* The prefix of a country's VAT numbers (GR → EL), 0 when it is not in the EU's system. */
uint16_t cdn_places_vat_prefix(uint16_t country);

#endif
