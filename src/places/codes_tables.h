/* SPDX-License-Identifier: Apache-2.0 */
/* places/codes_tables.h: the shape of the generated ISO tables (tools/gen-codes.c writes codes_tables.c). */
#ifndef CDN_PLACES_CODES_TABLES_H
#define CDN_PLACES_CODES_TABLES_H

#include "places/codes.h"

/* A folded name. One country: b = 0. Ambiguous: both. A former country: a = b = 0, `former` its index. */
struct cdn_places_name {
    const char *folded;
    uint16_t a, b;
    uint16_t former;
};

extern const struct cdn_country cdn_places_countries[]; /* by code */
extern const size_t cdn_places_country_count;
extern const struct cdn_places_name cdn_places_names[]; /* by folded name, byte order, unique */
extern const size_t cdn_places_name_count;
extern const struct cdn_former_country cdn_places_formers[]; /* by alpha-4 */
extern const size_t cdn_places_former_count;
extern const struct cdn_region cdn_places_regions[]; /* by code */
extern const size_t cdn_places_region_count;
extern const struct cdn_currency cdn_places_currencies[]; /* by code */
extern const size_t cdn_places_currency_count;

/* Packs the part of a region code after the dash ("43", "MOW"): up to three letters or digits, base 37, left
 * aligned, so that numeric order is byte order. 0: not such a part. Case is ignored. */
static inline uint32_t cdn_places_pack_part(cordon_str part) {
    uint32_t v = 0;
    if (part.n == 0 || part.n > 3) {
        return 0;
    }
    for (size_t i = 0; i < 3; i++) {
        uint32_t digit = 0;
        if (i < part.n) {
            const char c = part.p[i];
            if (c >= '0' && c <= '9') {
                digit = 1U + (uint32_t)(c - '0');
            } else if (c >= 'A' && c <= 'Z') {
                digit = 11U + (uint32_t)(c - 'A');
            } else if (c >= 'a' && c <= 'z') {
                digit = 11U + (uint32_t)(c - 'a');
            } else {
                return 0;
            }
        }
        v = v * 37U + digit;
    }
    return v;
}

/* "UA-43" → packed; 0: not of the form. Whether it is assigned is another question. */
static inline uint32_t cdn_places_pack_region(cordon_str s) {
    if (s.n < 4 || s.n > 6 || s.p[2] != '-') {
        return 0;
    }
    unsigned c[2];
    for (size_t i = 0; i < 2; i++) {
        c[i] = (uint8_t)s.p[i] & 0xDFU;
        if (c[i] < 'A' || c[i] > 'Z') {
            return 0;
        }
    }
    const uint32_t part = cdn_places_pack_part(cdn_str(s.p + 3, s.n - 3));
    return part == 0 ? 0 : (uint32_t)CDN_COUNTRY(c[0], c[1]) << 16 | part;
}

#endif
